"""Two scans with plots that are drawn as the points come in, and a table."""

import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.callbacks.best_effort import BestEffortCallback
from bluesky.callbacks.mpl_plotting import LivePlot
from bluesky.plans import grid_scan, scan
from kept import Kept
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO

plt.ion()
x, y = EpicsMotor("TRU:x", name="x"), EpicsMotor("TRU:y", name="y")
i0 = EpicsSignalRO("TRU:i0", name="i0", auto_monitor=True)
shutter = EpicsSignal("TRU:shutter", name="shutter", put_complete=True)
for it in (x, y, i0, shutter):
    it.wait_for_connection(timeout=20)

RE = RunEngine()
RE.subscribe(Kept(sys.argv[1]))
RE.subscribe(BestEffortCallback())


def plan():
    yield from bps.mv(shutter, 1)
    yield from scan([i0], x, 0, 3, 7)
    yield from grid_scan([i0], y, 0, 1, 2, x, 1, 2, 3)
    yield from bps.mv(shutter, 0)


RE(plan(), LivePlot("i0", "x"))
assert len(plt.get_fignums()) >= 2, "something was drawn"
