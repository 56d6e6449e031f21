"""ophyd: threads that look ten times a second whether they are to end are told so; moves begin when others have ended."""

from .. import hooks
from . import real

# How long a move waits at most for the end of the one before, in seconds of real time.
PATIENCE = 1.0


def _nothing():
    pass


def _stopping(original):
    def stop(self):
        self._stop_event.set()
        for thread in list(self._threads.values()):
            thread.queue.put((_nothing, (), {}))
        return original(self)

    return stop


def _one_by_one(original):
    """The end of a move and the beginning of the next one, each as a whole.

    ophyd tells that a move is over and then forgets who waited. A thread may be interrupted in between, on a busy machine,
    and who begins the next move meanwhile is forgotten too and waits for ever. In jump time moves follow each other so
    fast that this happens.
    """

    def method(self, *arguments, **options):
        lock = self.__dict__.setdefault("_beamtwin_lock", real.RLock())
        alone = lock.acquire(timeout=PATIENCE)
        try:
            return original(self, *arguments, **options)
        finally:
            if alone:
                lock.release()

    return method


def _dispatch(module):
    module.EventDispatcher.__init__.__kwdefaults__["timeout"] = None
    hooks.replace(module.EventDispatcher, "stop", _stopping)


def _positioner(module):
    for name in ("move", "_done_moving"):
        hooks.replace(module.PositionerBase, name, _one_by_one)


def patch():
    hooks.after_import("ophyd._dispatch", _dispatch)
    hooks.after_import("ophyd.positioner", _positioner)
