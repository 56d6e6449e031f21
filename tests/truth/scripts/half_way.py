"""Stops motors half-way, after so many seconds of its own clock."""

import sys
import threading
import time

from bluesky import FailedStatus, RunEngine
from bluesky import plan_stubs as bps
from bluesky.preprocessors import run_decorator
from kept import Kept
from ophyd import EpicsMotor

x, y = EpicsMotor("TRU:x", name="x"), EpicsMotor("TRU:y", name="y")
for it in (x, y):
    it.wait_for_connection(timeout=20)
RE = RunEngine()
RE.subscribe(Kept(sys.argv[1]))

# From the main thread.
x.move(8, wait=False)
time.sleep(2.35)
x.stop()
time.sleep(1)
assert 1.8 < x.position < 3, x.position

# From another one, while the main thread waits.
threading.Timer(1.6, y.stop).start()
y.move(10, wait=False)
while y.moving:
    time.sleep(0.01)
assert 2 < y.position < 5, y.position


@run_decorator(md={"plan_name": "half_way"})
def plan():
    yield from bps.abs_set(x, -8, group="away")
    yield from bps.sleep(1.75)
    yield from bps.stop(x)
    try:
        yield from bps.wait("away")
    except FailedStatus:
        pass
    yield from bps.create()
    yield from bps.read(y)
    yield from bps.save()
    yield from bps.sleep(2)


RE(plan())
