"""An hour at a beamline: a grid of 400 exposures of a second, a ramp of half an hour that is polled, and sleeps."""

import time

from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.plans import grid_scan
from ophyd import Component, Device, EpicsMotor, EpicsSignal, EpicsSignalRO


class Camera(Device):
    exposure = Component(EpicsSignal, "AcquireTime", kind="config", put_complete=True)
    mode = Component(EpicsSignal, "ImageMode", kind="config", put_complete=True)
    acquire = Component(EpicsSignal, "Acquire", kind="omitted", put_complete=True)
    counter = Component(EpicsSignalRO, "ArrayCounter_RBV", kind="hinted")

    def trigger(self):
        return self.acquire.set(1)


x, y = EpicsMotor("TRU:x", name="x"), EpicsMotor("TRU:y", name="y")
camera = Camera("TRU:cam:cam1:", name="camera")
setpoint = EpicsSignal("TRU:oven-Out:1}T-SP", name="setpoint")
ramp = EpicsSignal("TRU:oven-Out:1}Enbl:Ramp-Sel", name="ramp")
temperature = EpicsSignalRO("TRU:oven-Chan:A}T-I", name="temperature", auto_monitor=True)
for it in (x, y, camera, setpoint, ramp, temperature):
    it.wait_for_connection(timeout=20)
RE = RunEngine()
began = time.monotonic()


def passed(what):
    print(f"{what}: {time.monotonic() - began:.3f} s", flush=True)


def plan():
    yield from bps.mv(camera.mode, 0, camera.exposure, 1.0)
    yield from grid_scan([camera], y, 0, 1, 20, x, 0, 1, 20, snake_axes=True)


RE(plan())
passed("the grid")
RE(bps.sleep(300))
time.sleep(600)
passed("the sleeps")

ramp.put(1, wait=True)
setpoint.put(temperature.get() + 30, wait=True)
until = time.monotonic() + 1800
polls = 0
while time.monotonic() < until:
    temperature.get()
    time.sleep(0.1)
    polls += 1
print(f"at {temperature.get():.2f} K after {polls} polls")
passed("the ramp")
time.sleep(max(0, 3600 - (time.monotonic() - began)))
passed("all")
