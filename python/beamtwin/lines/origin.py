"""Which line started the task or the thread that is at work, where its own frames do not tell."""

import contextvars
import sys
import threading

from ..hooks import after_import, replace

_task = contextvars.ContextVar("beamtwin_origin", default=None)
# Where ophyd starts a thread for what it was just asked, and for nothing else.
BY_ORDER = ("ophyd/signal.py", "ophyd/status.py")


def is_loop(frame):
    """Whether this is where the loop of asyncio takes up a task."""
    code = frame.f_code
    return code.co_name == "_run" and code.co_filename.endswith("asyncio/events.py")


def known():
    """The file and the line, or none."""
    return _task.get() or getattr(threading.current_thread(), "_beamtwin_origin", None)


def follow():
    """Begins to take note of where tasks and threads are started."""
    replace(threading.Thread, "start", _start)
    after_import("asyncio.base_events", _follow_tasks)
    after_import("concurrent.futures.thread", _follow_pools)


def _start(start):
    def wrapper(self):
        from .where import place, where

        caller = sys._getframe(1)
        # Other threads of libraries live on, and serve whoever comes.
        if place(caller) or caller.f_code.co_filename.endswith(BY_ORDER):
            self._beamtwin_origin = where()
        return start(self)

    return wrapper


def _follow_tasks(base_events):
    # What is scheduled here runs in a copy of the present context.
    for name in ("create_task", "call_soon_threadsafe"):
        replace(base_events.BaseEventLoop, name, _carried)


def _carried(schedule):
    def wrapper(*args, **kwargs):
        from .where import where

        at = where()
        if schedule.__name__ == "create_task" and kwargs.get("context") is not None:
            # A context of its own, as `asyncio.run` has.
            kwargs["context"].run(_task.set, at)
        before = _task.set(at)
        try:
            return schedule(*args, **kwargs)
        finally:
            _task.reset(before)

    return wrapper


def _follow_pools(module):
    def make(submit):
        def wrapper(self, call, /, *args, **kwargs):
            from .where import where

            at = where()

            def carried(*args, **kwargs):
                before = _task.set(at)
                try:
                    return call(*args, **kwargs)
                finally:
                    _task.reset(before)

            return submit(self, carried, *args, **kwargs)

        return wrapper

    replace(module.ThreadPoolExecutor, "submit", make)
