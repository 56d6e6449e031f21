"""ophyd classes as profile collections write them, for the devices of `kinds.toml`.

To be imported after the twins are served: it imports ophyd.
"""

from ophyd import Component as Cpt
from ophyd import EpicsSignal, EpicsSignalRO, PVPositioner, PVPositionerPC


class Energy(PVPositioner):
    setpoint = Cpt(EpicsSignal, "-SP")
    readback = Cpt(EpicsSignalRO, "-I")
    done = Cpt(EpicsSignalRO, "Sts:Moving-Sts")
    done_value = 0
    actuate = Cpt(EpicsSignal, "Cmd:Go-Cmd.PROC")
    stop_signal = Cpt(EpicsSignal, "Cmd:Stop-Cmd.PROC")


class Axis(PVPositionerPC):
    setpoint = Cpt(EpicsSignal, "-SP")
    readback = Cpt(EpicsSignalRO, "-I")


class Oven(PVPositioner):
    setpoint = Cpt(EpicsSignal, "-Out:1}T-SP")
    readback = Cpt(EpicsSignalRO, "-Chan:A}T-I")
    done = Cpt(EpicsSignalRO, "-Out:1}Sts:Settled-Sts")
    done_value = 1


class Soaked(PVPositionerPC):
    setpoint = Cpt(EpicsSignal, "-Out:1}T-SP")
    readback = Cpt(EpicsSignalRO, "-Chan:A}T-I")
