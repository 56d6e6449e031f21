"""Device time in place of real time, for a twin that lets it jump.

All that a process reads of a clock, and all that it waits for, is device time: the twin shows what time it is in a file
that is mapped into memory, reads there what the process waits for, and wakes it. `docs/src/jump-time.md` has the rule.

| module | holds |
| --- | --- |
| `real` | what is replaced, as it was |
| `place` | the file, and the connection to the twin |
| `alarms` | who is to be woken when |
| `reads` | what reads a clock |
| `waits` | what waits in `time`, `threading` and `queue` |
| `selecting` | what waits for files, and so all of asyncio |
| `children` | other processes |
| `holding` | things that take real time |
| `pyepics`, `aio`, `ophyds` | pyepics, aioca, ophyd |
"""

from . import aio, alarms, children, holding, ophyds, place, pyepics, reads, selecting, waits
from .holding import hold

__all__ = ["hold", "start"]


def start(folder):
    """Begins to live in device time, as the twin shows it in this folder."""
    import atexit
    import os

    if children.is_helper():
        return
    place.take(folder)
    alarms.begin()
    for part in (reads, waits, selecting, children, pyepics, aio, ophyds):
        part.patch()
    os.register_at_fork(after_in_child=_again)
    # What is registered first is done last: all others still live in device time when they end.
    atexit.register(leave)


def leave():
    """Goes back to real time. At the very end of a process nobody would be woken any more."""
    place.leave()
    alarms.ring_all()


def _again():
    """A process that was forked off is another client."""
    try:
        alarms.forget()
        holding.forget()
        place.take()
        alarms.begin()
    except OSError:
        leave()
