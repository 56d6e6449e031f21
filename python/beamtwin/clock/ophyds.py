"""ophyd: threads that look ten times a second whether they are to end are told so instead."""

from .. import hooks


def _nothing():
    pass


def _patch(module):
    module.EventDispatcher.__init__.__kwdefaults__["timeout"] = None

    def stopping(original):
        def stop(self):
            self._stop_event.set()
            for thread in list(self._threads.values()):
                thread.queue.put((_nothing, (), {}))
            return original(self)

        return stop

    hooks.replace(module.EventDispatcher, "stop", stopping)


def patch():
    hooks.after_import("ophyd._dispatch", _patch)
