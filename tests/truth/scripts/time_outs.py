"""Moves that take longer than the script is willing to wait: each of these time-outs must fire."""

import sys
import time

from bluesky import FailedStatus, RunEngine
from bluesky import plan_stubs as bps
from bluesky.preprocessors import run_decorator
from epics import PV
from kept import Kept
from ophyd import EpicsMotor, EpicsSignal
from ophyd.utils.errors import WaitTimeoutError

x = EpicsMotor("TRU:x", name="x")
current = EpicsSignal("TRU:current", name="current")
for it in (x, current):
    it.wait_for_connection(timeout=20)
RE = RunEngine()
RE.subscribe(Kept(sys.argv[1]))


@run_decorator(md={"plan_name": "time_outs"})
def in_a_plan():
    """The move would take eight seconds."""
    yield from bps.create()
    yield from bps.read(x)
    yield from bps.save()
    began = time.time()
    try:
        yield from bps.abs_set(x, 8, wait=True, timeout=1.5)
    except (FailedStatus, TimeoutError):
        took = time.time() - began
        assert 1.49 < took < 2.5, took
    else:
        raise AssertionError("it arrived")
    yield from bps.stop(x)
    yield from bps.sleep(1)
    yield from bps.create()
    yield from bps.read(x)
    yield from bps.save()


def of_a_status():
    status = x.move(-5, wait=False)
    began = time.monotonic()
    try:
        status.wait(timeout=2.25)
    except WaitTimeoutError:
        took = time.monotonic() - began
        assert 2.24 < took < 3, took
    else:
        raise AssertionError("it arrived")
    x.stop()
    time.sleep(0.5)


def of_pyepics():
    y = PV("TRU:y")
    assert y.wait_for_connection(20)
    began = time.time()
    y.put(9, wait=True, timeout=1.25)
    assert not y.put_complete or y.put_complete is None
    took = time.time() - began
    assert 1.24 < took < 2, took
    PV("TRU:y.STOP").put(1, wait=True)


of_a_status()
of_pyepics()
RE(in_a_plan())
