"""What reads a clock."""

import datetime
import queue
import threading
import time

from . import place

# A monotonic clock of zero would be taken for none by some.
START = 1000 * 10**9


def time_ns():
    return place.epoch + place.read()


def monotonic_ns():
    return START + place.read()


def now():
    return (place.epoch + place.read()) / 1e9


def monotonic():
    return (START + place.read()) / 1e9


def clock_gettime_ns(clk_id):
    if clk_id == time.CLOCK_REALTIME:
        return time_ns()
    if clk_id in (time.CLOCK_MONOTONIC, getattr(time, "CLOCK_BOOTTIME", None)):
        return monotonic_ns()
    return _clock_gettime_ns(clk_id)


def clock_gettime(clk_id):
    return clock_gettime_ns(clk_id) / 1e9


_clock_gettime_ns = time.clock_gettime_ns


def _of_now(function, before=()):
    """A function of `time` whose last argument, a moment, is now if it is not given."""

    def of(*arguments):
        if len(arguments) == len(before) or (not before and arguments == (None,)):
            moment = time.localtime() if before else now()
            arguments = (*arguments[: len(before)], moment)
        return function(*arguments)

    of.__name__ = of.__qualname__ = function.__name__
    of.__doc__ = function.__doc__
    return of


class _Like(type):
    """Those that were made as the original are as good."""

    def __instancecheck__(cls, it):
        return isinstance(it, _datetime)

    def __subclasscheck__(cls, it):
        return issubclass(it, _datetime)


_datetime = datetime.datetime


class DateTime(_datetime, metaclass=_Like):
    __slots__ = ()

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(now(), tz)

    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(now(), datetime.timezone.utc).replace(tzinfo=None)


DateTime.__module__, DateTime.__name__, DateTime.__qualname__ = "datetime", "datetime", "datetime"
DateTime.__doc__ = _datetime.__doc__


def patch():
    time.time, time.time_ns = now, time_ns
    time.monotonic = time.perf_counter = monotonic
    time.monotonic_ns = time.perf_counter_ns = monotonic_ns
    time.clock_gettime, time.clock_gettime_ns = clock_gettime, clock_gettime_ns
    time.localtime, time.gmtime = _of_now(time.localtime), _of_now(time.gmtime)
    time.ctime = _of_now(time.ctime)
    time.asctime = _of_now(time.asctime)
    time.strftime = _of_now(time.strftime, ("format",))
    datetime.datetime = DateTime
    threading._time = queue.time = monotonic
