#!/usr/bin/env python3
"""Measures a small grid of sample positions, then follows the sample through a temperature ramp.

An ordinary bluesky script: it knows nothing of a twin. It finds the beamline through EPICS_CA_ADDR_LIST
like any other client.

    opens the shutter
    takes an image at each of six sample positions
    heats the sample by ten degrees, and takes an image every two and a half
    closes the shutter

`--change` makes one mistake on purpose, to see whether a comparison finds it:

    exposure    the exposure time of the grid is 0.4 s instead of 0.2 s
    position    the sample is scanned to 1.0 mm above the beam instead of 0.5 mm
    drop        the shutter is not opened
    swap        heating starts before its set-point is given
"""

import argparse
import sys

import ophyd
from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky import plans as bp
from bluesky import preprocessors as bpp
from ophyd import Component as Cpt
from ophyd import Device, EpicsMotor, EpicsSignal, EpicsSignalRO, Kind

ophyd.set_cl("pyepics")

CHANGES = ("nothing", "exposure", "position", "drop", "swap")


class Sample(Device):
    """The sample stage. The vertical axis of 11-BM is called Z."""

    x = Cpt(EpicsMotor, "X}Mtr", settle_time=0.1)
    y = Cpt(EpicsMotor, "Z}Mtr", settle_time=0.1)


class Camera(Device):
    """As much of the Pilatus as an exposure needs."""

    exposure = Cpt(EpicsSignal, "AcquireTime", kind=Kind.config, put_complete=True)
    period = Cpt(EpicsSignal, "AcquirePeriod", kind=Kind.config, put_complete=True)
    images = Cpt(EpicsSignal, "NumImages", kind=Kind.config, put_complete=True)
    mode = Cpt(EpicsSignal, "ImageMode", kind=Kind.config, put_complete=True)
    acquire = Cpt(EpicsSignal, "Acquire", kind=Kind.omitted, put_complete=True)
    counter = Cpt(EpicsSignalRO, "ArrayCounter_RBV", kind=Kind.hinted)

    def trigger(self):
        """Exposes; done when the camera says so."""
        return self.acquire.set(1)


class Linkam(Device):
    """The heated stage."""

    setpoint = Cpt(EpicsSignal, "SETPOINT:SET", put_complete=True)
    rate = Cpt(EpicsSignal, "RAMPRATE:SET", put_complete=True)
    heat = Cpt(EpicsSignal, "STARTHEAT", put_complete=True)
    temperature = Cpt(EpicsSignalRO, "TEMP", auto_monitor=True)


def measure(shutter, sample, camera, linkam, change="nothing"):
    """The plan."""
    exposure = 0.4 if change == "exposure" else 0.2
    top = 1.0 if change == "position" else 0.5

    def body():
        yield from bps.mv(camera.mode, 0)
        yield from bps.mv(camera.images, 1)
        yield from bps.mv(camera.exposure, exposure)
        yield from bps.mv(camera.period, 0.5)
        if change != "drop":
            yield from bps.mv(shutter, 1)
        yield from bp.grid_scan([camera], sample.y, 0, top, 2, sample.x, -0.5, 0.5, 3)
        yield from ramp(camera, linkam, change)

    def always():
        yield from bps.mv(linkam.heat, 0)
        yield from bps.mv(shutter, 0)

    yield from bpp.finalize_wrapper(body(), always())


@bpp.run_decorator(md={"plan_name": "ramp"})
def ramp(camera, linkam, change):
    """Heats by ten degrees at thirty a minute, and takes an image every two and a half."""
    start = round((yield from bps.rd(linkam.temperature)))
    yield from bps.mv(linkam.rate, 30.0)
    if change == "swap":
        yield from bps.mv(linkam.heat, 1)
        yield from bps.mv(linkam.setpoint, start + 10.0)
    else:
        yield from bps.mv(linkam.setpoint, start + 10.0)
        yield from bps.mv(linkam.heat, 1)
    for step in (2.5, 5.0, 7.5, 10.0):
        while (yield from bps.rd(linkam.temperature)) < start + step - 0.1:
            yield from bps.sleep(0.05)
        yield from bps.trigger_and_read([camera, linkam.temperature])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--change", choices=CHANGES, default="nothing", help="the mistake to make")
    parser.add_argument("--quiet", action="store_true", help="do not say what is being done")
    arguments = parser.parse_args()

    def say(text):
        if not arguments.quiet:
            print(f"    {text}", flush=True)

    shutter = EpicsSignal("XF:11BM-ES{Shutter}", name="shutter", put_complete=True)
    sample = Sample("XF:11BMB-ES{Chm:Smpl-Ax:", name="sample")
    camera = Camera("XF:11BMB-ES{Det:PIL2M}:cam1:", name="pilatus")
    linkam = Linkam("XF:11BM-ES:{LINKAM}:", name="linkam")
    for device in (shutter, sample, camera, linkam):
        device.wait_for_connection(timeout=20)
    say("connected to the shutter, the sample stage, the camera and the Linkam")

    def progress(kind, document):
        if kind == "start":
            say(f"{document['plan_name']} begins")
        elif kind == "event":
            data = document["data"]
            where = ", ".join(
                f"{key} {data[key]:.2f}"
                for key in ("sample_y", "sample_x", "linkam_temperature")
                if key in data
            )
            say(f"  image {document['seq_num']}: {where}")
        elif kind == "stop":
            say(f"{document['exit_status']}")

    RE = RunEngine({})
    RE(measure(shutter, sample, camera, linkam, arguments.change), progress)


if __name__ == "__main__":
    sys.exit(main())
