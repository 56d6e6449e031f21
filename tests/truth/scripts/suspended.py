"""A scan that is suspended while the ring is empty, and later paused by hand and resumed."""

import sys
import threading
import time

from bluesky import RunEngine
from bluesky.plans import scan
from bluesky.suspenders import SuspendFloor
from bluesky.utils import RunEngineInterrupted
from kept import Kept
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO

x = EpicsMotor("TRU:x", name="x")
i0 = EpicsSignalRO("TRU:i0", name="i0", auto_monitor=True)
current = EpicsSignal("TRU:current", name="current", auto_monitor=True)
for it in (x, i0, current):
    it.wait_for_connection(timeout=20)
RE = RunEngine()
RE.subscribe(Kept(sys.argv[1]))
RE.install_suspender(SuspendFloor(current, 300, resume_thresh=350, sleep=0.75))

# In the middle of a move of two seconds each, so that nothing depends on who is a little faster.
at_times = [
    threading.Timer(1.1, current.put, (10,)),
    threading.Timer(3.0, current.put, (400,)),
    threading.Timer(6.1, RE.request_pause),
]
for timer in at_times:
    timer.start()

try:
    RE(scan([i0], x, 0, 4, 3))
except RunEngineInterrupted:
    time.sleep(1.5)
    RE.resume()
else:
    raise AssertionError("it was not paused")
