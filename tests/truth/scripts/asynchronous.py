"""ophyd-async: a scan, moves at the same time, and a time-out of asyncio."""

import asyncio
import sys
import time

from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.plans import scan
from bluesky.run_engine import call_in_bluesky_event_loop
from kept import Kept
from ophyd_async.core import init_devices
from ophyd_async.epics.core import epics_signal_r
from ophyd_async.epics.motor import Motor

RE = RunEngine()
RE.subscribe(Kept(sys.argv[1]))
with init_devices(timeout=20):
    x, y = Motor("ca://TRU:x"), Motor("ca://TRU:y")
    i0 = epics_signal_r(float, "ca://TRU:i0")


async def too_long():
    began = time.monotonic()
    try:
        await asyncio.wait_for(y.set(9), 1.4)
    except TimeoutError:
        took = time.monotonic() - began
        assert 1.39 < took < 2, took
    else:
        raise AssertionError("it arrived")
    await y.stop()
    await asyncio.sleep(1.1)


def plan():
    yield from bps.mv(x, 1, y, 1)
    yield from scan([i0], x, 0, 3, 7)
    yield from bps.sleep(0.8)


call_in_bluesky_event_loop(too_long(), timeout=60)
RE(plan())
