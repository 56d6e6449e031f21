"""Things that take real time, during which device time stands still."""

from contextlib import contextmanager

from . import place, real

# The most that time is held for something that may never come, such as a channel nobody serves.
PATIENCE = 2.0

_lock = real.RLock()
_held = {}
_shown = 0
_real = set()


def in_device_time():
    """Whether this thread lives in device time just now."""
    return place.active and real.get_ident() not in _real


def begin(key, seconds=PATIENCE):
    """Holds device time until `end(key)`, for so many seconds of real time at most."""
    with _lock:
        _held[key] = real.monotonic_ns() + int(seconds * 1e9)
        _show()


def end(key):
    """Holds it no more."""
    with _lock:
        if _held.pop(key, None) is not None:
            _show()


@contextmanager
def hold(seconds=PATIENCE):
    """Holds device time while something is done that takes real time, for so many seconds of it at most."""
    key = object()
    begin(key, seconds)
    try:
        yield
    finally:
        end(key)


@contextmanager
def in_real_time():
    """What is called in this thread takes real time."""
    ident = real.get_ident()
    nested = ident in _real
    _real.add(ident)
    try:
        yield
    finally:
        if not nested:
            _real.discard(ident)


def forget():
    """Whatever was held for is in another process."""
    global _lock, _shown
    _lock, _shown = real.RLock(), 0
    _held.clear()
    _real.clear()


def _show():
    global _shown
    until = max(_held.values(), default=0)
    if until != _shown:
        _shown = until
        place.write(place.HELD, until)
