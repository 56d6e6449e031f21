"""Sessions of any length, made up: a scan of two motors with an image at each place, then a ramp."""

import json

PVS = [
    (1, "S{Smpl:X}Mtr.VAL", "motor.x", "request", {"units": "mm", "tolerance": 0.001}),
    (2, "S{Smpl:X}Mtr.RBV", "motor.x", "curve", {"units": "mm", "tolerance": 0.001, "interp": "linear"}),
    (3, "S{Smpl:Z}Mtr.VAL", "motor.z", "request", {"units": "mm", "tolerance": 0.001}),
    (4, "S{Smpl:Z}Mtr.RBV", "motor.z", "curve", {"units": "mm", "tolerance": 0.001, "interp": "linear"}),
    (5, "S{Det}:cam1:Acquire", "camera", "request", {"type": "enum", "labels": ["Done", "Acquire"]}),
    (6, "S{Det}:cam1:AcquireTime", "camera", "request", {"units": "s"}),
    (7, "S{Shutter}", "shutter", "request", {"type": "enum", "labels": ["Shut", "Open"]}),
    (8, "S:{LINKAM}:SETPOINT", "linkam", "request", {"units": "degC"}),
    (9, "S:{LINKAM}:TEMP", "linkam", "curve", {"units": "degC", "tolerance": 0.1, "interp": "linear"}),
]
X, X_RBV, Z, Z_RBV, ACQUIRE, TIME, SHUTTER, SETPOINT, TEMP = range(1, 10)


class Session:
    """What a beamline answers to puts, as the lines of a trace."""

    def __init__(self, user="xf11bm", start=1.0, script=None):
        head = {
            "trace": "1.0",
            "beamline": "Sample beamline",
            "epoch": "2026-03-01T10:00:00Z",
            "seed": 7,
            "program": "samples",
        }
        self.lines = [json.dumps(head)]
        for number, name, device, role, more in PVS:
            self.lines.append(
                json.dumps(
                    {"pv": number, "name": name, "device": device, "role": role, "type": "double", **more}
                )
            )
        self.lines.append(
            json.dumps({"client": 3, "open": 0.0, "user": user, "host": "ws1", "addr": "10.0.0.7:51234"})
        )
        self.t = start
        self.script = script
        self.n = 0
        self.held = {X: 0.0, Z: 0.0, SETPOINT: 25.0}

    def fact(self, t, **fact):
        self.n += 1
        self.lines.append(json.dumps({"n": self.n, "t": round(t, 6), **fact}))
        return self.n

    def put(self, pv, value, lasts=0.01, reason=None):
        line = {"at": f"{self.script}:{self.n + 1}"} if self.script else {}
        number = self.fact(self.t, put=pv, value=value, by=3, complete=True, **line)
        if reason:
            self.fact(self.t, refused=number, reason=reason)
            return
        self.fact(self.t, post=pv, value=value, by=number)
        if pv in (X, Z, SETPOINT):
            before, self.held[pv] = self.held[pv], value
            lasts = max(abs(value - before) * (1 if pv != SETPOINT else 0.5), 0.05)
            for part in (1, 2, 3, 4):
                at = self.t + lasts * part / 4
                self.fact(at, post=pv + 1, value=before + (value - before) * part / 4, by=number)
        self.t += lasts
        self.fact(self.t, done=number)
        self.t += 0.02

    def text(self, end="complete"):
        lines = list(self.lines)
        if end == "complete":
            lines.append(json.dumps({"end": {"t": self.t + 1, "records": self.n, "complete": True}}))
        elif end == "damaged":
            lines.append(json.dumps({"end": {"t": self.t + 1, "records": self.n + 5, "complete": True}}))
        return "\n".join(lines) + "\n"


def steps(count):
    """About so many puts: an exposure time, a shutter, a scan, a ramp."""
    plan = [(TIME, 0.2), (SHUTTER, 1)]
    place = 0
    while len(plan) < count - 2:
        if place % 10 == 0:
            plan.append((Z, round(0.1 * (place // 10 % 20), 3)))
        plan.append((X, round(0.25 * (place % 10) - 1, 3)))
        plan.append((ACQUIRE, 1))
        place += 1
    return [*plan[: count - 2], (SETPOINT, 35.0), (SHUTTER, 0)]


def record(plan, **more):
    session = Session(**more)
    for pv, value in plan:
        session.put(pv, value, lasts=0.2 if pv == ACQUIRE else 0.01)
    return session


def changed(plan):
    """The plan with one mistake of each kind: another value, one left out, one more, one moved."""
    plan = list(plan)
    places = [at for at, (pv, _) in enumerate(plan) if pv == X]
    quarter = len(places) // 4
    first, second, third = places[quarter], places[2 * quarter], places[3 * quarter]
    plan[first] = (X, plan[first][1] + 0.37)
    shutter = plan.index((SHUTTER, 1))
    plan.insert(third, (SETPOINT, 33.0))
    del plan[second]
    del plan[shutter]
    return plan
