"""What waits for files: `select` and `selectors`, and so all of asyncio."""

import os
import select
import selectors
from contextlib import nullcontext

from . import alarms, holding, place, real


class Bell:
    """A file that can be read when a time has come."""

    def __init__(self):
        self.file, self._ringing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self):
        try:
            os.write(self._ringing, b"!")
        except OSError:  # it rings already, or was closed
            pass

    def hush(self):
        try:
            os.read(self.file, 4096)
        except OSError:
            pass

    def close(self):
        os.close(self.file)
        os.close(self._ringing)

    def wait(self, wait, timeout, waiting):
        """Calls `wait()`, which returns when the file can be read, and makes that so after some device time."""
        span = max(1, round(min(timeout, 1e9) * 1e9))
        alarm = alarms.ring_at(place.now() + span, self.ring)
        try:
            with waiting:
                return wait()
        finally:
            alarms.cancel(alarm)
            self.hush()


def _waiting(files):
    """Who waits for a person at the keyboard as well does not wait for device time alone."""
    return nullcontext() if 0 in files else place.Waiting()


def _selecting(original):
    def select_keys(self, timeout=None):
        if not holding.in_device_time() or (timeout is not None and timeout <= 0):
            return original(self, timeout)
        waiting = _waiting(self._fd_to_key)
        if timeout is None:
            with waiting:
                return original(self, None)
        ready = original(self, 0)
        if ready:
            return ready
        bell = self.__dict__.get("_bell")
        if bell is None:
            bell = self._bell = Bell()
            # Below all keys, so that it is never among the results.
            self._selector.register(bell.file, select.POLLIN)
        return bell.wait(lambda: original(self, None), timeout, waiting)

    return select_keys


def _closing(original):
    def close(self):
        original(self)
        bell = self.__dict__.pop("_bell", None)
        if bell is not None:
            bell.close()

    return close


def select_files(rlist, wlist, xlist, timeout=None):
    if not holding.in_device_time() or (timeout is not None and timeout <= 0):
        return real.select_select(rlist, wlist, xlist, timeout)
    waiting = _waiting([it if isinstance(it, int) else it.fileno() for it in rlist])
    if timeout is None:
        with waiting:
            return real.select_select(rlist, wlist, xlist)
    bell = Bell()
    try:
        files = [*rlist, bell.file]
        ready = bell.wait(lambda: real.select_select(files, wlist, xlist), timeout, waiting)
    finally:
        bell.close()
    return ([it for it in ready[0] if it is not bell.file], *ready[1:])


def patch():
    for kind in (selectors.EpollSelector, selectors.PollSelector):
        kind.select = _selecting(kind.select)
        kind.close = _closing(kind.close)
    selectors.SelectSelector._select = lambda self, r, w, _, timeout=None: select_files(r, w, [], timeout)
    select.select = select_files
