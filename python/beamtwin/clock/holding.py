"""Things that take real time, during which device time stands still."""

from contextlib import contextmanager

from . import place, real

# The most that time is held if nothing else is said.
PATIENCE = 2.0

_lock = real.RLock()
_held = {}
_sought = {}
_real = set()


def in_device_time():
    """Whether this thread lives in device time just now."""
    return place.active and real.get_ident() not in _real


def begin(key, seconds=PATIENCE):
    """Holds device time until `end(key)`, for so many seconds of real time at most."""
    with _lock:
        _held[key] = real.monotonic_ns() + int(seconds * 1e9)
        _show(place.HELD, _held)


def end(key):
    """Holds it no more."""
    with _lock:
        if _held.pop(key, None) is not None:
            _show(place.HELD, _held)


def seek(channel):
    """Holds device time until a channel is found, or the twin takes it for one that nobody serves."""
    with _lock:
        _sought[channel] = real.monotonic_ns()
        _show(place.SEEKS, _sought)


def found(channel):
    """Holds it no more."""
    with _lock:
        if _sought.pop(channel, None) is not None:
            _show(place.SEEKS, _sought)


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
    global _lock
    _lock = real.RLock()
    _held.clear()
    _sought.clear()
    _real.clear()


def _show(word, times):
    place.write(word, max(times.values(), default=0))
