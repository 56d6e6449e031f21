"""What waits in `time`, `threading` and `queue`."""

import queue
import threading
import time

from . import alarms, holding, place, real

# How long something is waited for in real time that tells nobody of its end.
SLICE = 0.002


class Waiter:
    """What somebody waits at: released by whom he waits for, or by the clock."""

    __slots__ = ("_lock", "told")

    def __init__(self):
        self.told = False
        self._lock = real.allocate_lock()
        self._lock.acquire()

    def release(self):
        """What was waited for has come."""
        self.told = True
        self.ring()

    def ring(self):
        """The time has come."""
        try:
            self._lock.release()
        except RuntimeError:
            pass

    def wait(self, seconds=None):
        """Waits for so long at most; whether it was told."""
        if seconds is None:
            with place.Waiting():
                self._lock.acquire()
            return self.told
        span = round(min(seconds, 1e9) * 1e9)
        if span <= 0:
            place.elapsed()
            return self.told
        alarm = alarms.ring_at(place.now() + span, self.ring)
        try:
            with place.Waiting():
                self._lock.acquire()
        finally:
            alarms.cancel(alarm)
        return self.told


def sleep(seconds):
    if not holding.in_device_time() or seconds <= 0:
        real.sleep(seconds)
    else:
        Waiter().wait(seconds)


def condition_wait(self, timeout=None):
    if not holding.in_device_time():
        return real.condition_wait(self, timeout)
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    waiter = Waiter()
    self._waiters.append(waiter)
    saved = self._release_save()
    told = False
    try:
        told = waiter.wait(timeout) if timeout is None or timeout > 0 else False
    finally:
        self._acquire_restore(saved)
        # It may have been told at the last moment.
        told = told or waiter.told
        if not told:
            try:
                self._waiters.remove(waiter)
            except ValueError:
                pass
    return told


def join(self, timeout=None):
    if not holding.in_device_time() or not self._started.is_set() or self is threading.current_thread():
        return real.join(self, timeout)
    if timeout is None:
        with place.Waiting():
            return real.join(self)
    sliced(lambda: real.join(self, SLICE) or not self.is_alive(), timeout)


def sliced(is_there, timeout):
    """Waits in slices of real time until something is there, for so long of device time at most."""
    rung = []

    def ring():
        # Time does not go on before this is seen.
        holding.begin(id(rung))
        rung.append(True)

    span = round(min(max(timeout, 0), 1e9) * 1e9)
    alarm = alarms.ring_at(place.now() + span, ring)
    try:
        with place.Waiting():
            while not is_there():
                if rung:
                    return False
        return True
    finally:
        alarms.cancel(alarm)
        holding.end(id(rung))


class SimpleQueue(real.SimpleQueue):
    def get(self, block=True, timeout=None):
        if not block or not holding.in_device_time():
            return super().get(block, timeout)
        if timeout is None:
            with place.Waiting():
                return super().get()
        if timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        got = []

        def is_there():
            try:
                got.append(real.SimpleQueue.get(self, True, SLICE))
            except queue.Empty:
                return False
            return True

        if not sliced(is_there, timeout):
            raise queue.Empty
        return got[0]


def shutdown(*arguments):
    """What the main thread does at the end: it waits for the others."""
    with place.Waiting():
        return real.shutdown(*arguments)


def patch():
    time.sleep = sleep
    threading.Condition.wait = condition_wait
    threading.Thread.join = join
    threading._shutdown = shutdown
    queue.SimpleQueue = SimpleQueue
