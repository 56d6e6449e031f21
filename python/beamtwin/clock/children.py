"""Other processes: time stands still while one is waited for that has no clock of its own."""

from contextlib import contextmanager

from .. import hooks
from . import holding, place, real

# Longer than anybody waits.
LONG = 1e6
# How long another Python may take to begin, in real seconds, and how often it is looked for.
BEGINS = 20
LOOKS = 0.001


def is_helper():
    """Whether this process only tidies up after others, and so has no use for a clock."""
    with open("/proc/self/cmdline", "rb") as words:
        return b"multiprocessing.resource_tracker" in words.read()


@contextmanager
def _waited_for(process):
    if not holding.in_device_time():
        yield
        return
    place.write(place.CHILD, process)
    try:
        with place.Waiting(), holding.hold(LONG), holding.in_real_time():
            yield
    finally:
        place.write(place.CHILD, 0)


def _waiting(original):
    def wait(self, *arguments, **options):
        with _waited_for(self.pid):
            return original(self, *arguments, **options)

    return wait


def _starting(original):
    """It waits until the other process has become the program that it will be."""

    def _execute_child(self, *arguments, **options):
        with holding.hold():
            return original(self, *arguments, **options)

    return _execute_child


def _subprocess(module):
    module._time = real.monotonic
    hooks.replace(module.Popen, "_execute_child", _starting)
    for name in ("wait", "communicate"):
        hooks.replace(module.Popen, name, _waiting)


def _launching(original):
    """It waits until the other process has the clock as well, or has ended."""

    def _launch(self, process):
        if not holding.in_device_time():
            return original(self, process)
        with holding.hold(BEGINS), holding.in_real_time():
            original(self, process)
            end = real.monotonic() + BEGINS
            while not place.is_taken(self.pid) and self.poll() is None and real.monotonic() < end:
                real.sleep(LOOKS)

    return _launch


def _launched(module):
    hooks.replace(module.Popen, "_launch", _launching)


def _multiprocessing(module):
    """Its processes have a clock of their own."""

    def joining(original):
        def wait(self, timeout=None):
            with place.Waiting():
                return original(self, timeout)

        return wait

    hooks.replace(module.Popen, "wait", joining)
    _launched(module)


def patch():
    hooks.after_import("subprocess", _subprocess)
    hooks.after_import("multiprocessing.popen_fork", _multiprocessing)
    for way in ("spawn_posix", "forkserver"):
        hooks.after_import(f"multiprocessing.popen_{way}", _launched)
