"""A hundred short plans, one after the other."""

import time

from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.plans import scan
from ophyd import EpicsMotor, EpicsSignalRO

x, i0 = EpicsMotor("TRU:x", name="x"), EpicsSignalRO("TRU:i0", name="i0")
for it in (x, i0):
    it.wait_for_connection(timeout=20)
RE = RunEngine()
began = time.monotonic()


def plan(number):
    yield from bps.mv(x, -number / 100)
    yield from scan([i0], x, 0, 1, 5)
    yield from bps.sleep(2)


for number in range(100):
    RE(plan(number))
print(f"a hundred plans: {time.monotonic() - began:.3f} s")
