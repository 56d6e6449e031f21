"""Captures of the C motor record (tests/motor), and what a client of ours must have in common with them.

The rules are those of crates/devices/tests/motor_captures, with one more: each readback lies on the captured
trajectory.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from twin import ROOT

# Fields that follow the position: how often they are posted depends on the controller's clock.
POSITION = {"RBV", "DRBV", "RRBV", "RMP", "REP", "DIFF", "RDIF"}
# Fields that are targets in motion, and where it stops when stopped.
TARGET = {"VAL", "DVAL", "RVAL", "OFF", "HLM", "LLM"}
# Targets of before, and positions that passed a dead-band.
LAST = {"LVAL", "LDVL", "LRVL", "MLST", "ALST"}
IN_STEPS = {"RVAL", "LRVL", "RRBV", "RDIF", "RMP", "REP"}
# Fields that say where a record stands in its IOC.
ELSEWHERE = {"NAME", "DESC", "OUT", "DTYP", "AMSG", "ACKS"}
STEPS = 1000
# The controller is looked at ten times a second.
POLL = 0.1
# The phase of its clock, and a little for the client.
PHASE = 0.12
# How far a motor gets at 2 mm/s in a step of 10 ms, by which our clients may be off the captured schedule.
LATE = 0.02
# How far two positions under way may lie apart: a poll at full speed.
UNDER_WAY = 0.25


@dataclass(frozen=True)
class Post:
    t: float
    field: str
    value: object
    severity: str = "NO_ALARM"


@dataclass(frozen=True)
class Step:
    """One thing that the captured client did."""

    t: float
    op: str
    field: str
    value: object
    result: object
    took: float | None
    waited: bool
    client: str

    @property
    def timed_out(self) -> bool:
        return self.result == "timeout"

    @property
    def end(self) -> float:
        """When the client went on to the next step."""
        waits = self.waited if self.op == "put_callback" else isinstance(self.value, str)
        return self.t + ((self.took or 0.0) if waits and self.op != "get" else 0.0)


class Capture:
    def __init__(self, name: str):
        text = (ROOT / "tests" / "motor" / f"{name}.json").read_text()
        it = json.loads(text)
        self.name, self.setup, self.initial = name, it["setup"], it["initial_values"]
        self.steps = [
            Step(
                step["t"],
                step["op"],
                step.get("pv", "").removeprefix("."),
                step.get("value"),
                step.get("result"),
                step.get("completed_after_s"),
                step.get("waited", True),
                step.get("client", "A"),
            )
            for step in it["steps"]
        ]
        self.posts = [
            Post(e["t_recv"], e["field"], e["value"], e.get("severity", "NO_ALARM"))
            for e in it["events"]
        ]

    @property
    def rest(self) -> float:
        """How long to go on after the last step: to the last event, and a little if it stands then."""
        last = max([post.t for post in self.posts], default=0.0)
        done = [post.value for post in self.posts if post.field == "DMOV"]
        return max(0.0, last - self.steps[-1].end) + (0.15 if done[-1:] == [0] else 1.0)


def alike(a, b, band: float) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= max(band, 1e-9 * max(abs(a), abs(b)), 1e-12)
    return a == b


def of(posts: list[Post], field: str) -> list[Post]:
    return [post for post in posts if post.field == field]


def once(posts: list[Post]) -> list[Post]:
    """Without those of `MIP` that say again what the one before said: one a look, beyond a switch."""
    found, last = [], None
    for post in posts:
        if post.field != "MIP" or post.value != last:
            found.append(post)
        last = post.value if post.field == "MIP" else last
    return found


def sequences(ours: list[Post], theirs: list[Post], slack: float) -> list[str]:
    """Every field but the position: the same values with the same severities, one after the other."""
    found = []
    for field in sorted({post.field for post in ours + theirs} - POSITION):
        band = slack * (STEPS if field in IN_STEPS else 1) if field in TARGET else 0.0
        a, b = of(ours, field), of(theirs, field)
        same = len(a) == len(b) and all(
            alike(x.value, y.value, band) and x.severity == y.severity
            for x, y in zip(a, b, strict=True)
        )
        if not same:
            said = [[(it.value, it.severity) for it in posts] for posts in (a, b)]
            found.append(f"{field}: {said[0]} captured {said[1]}")
    return found


def legs(posts: list[Post]) -> list[tuple[float, float]]:
    """When each stretch of motion began and ended."""
    found, began = [], None
    for post in of(posts, "MOVN"):
        if post.value and began is None:
            began = post.t
        elif not post.value and began is not None:
            found.append((began, post.t))
            began = None
    return found


def durations(ours: list[Post], theirs: list[Post], phase: float) -> list[str]:
    spans = [[end - start for start, end in legs(posts)] for posts in (ours, theirs)]
    return [
        f"leg {at}: {a:.4f} s, captured {b:.4f} s"
        for at, (a, b) in enumerate(zip(*spans, strict=False))
        if abs(a - b) > phase
    ]


def passed(posts: list[Post], start: float, end: float, t: float) -> tuple[float, float]:
    """Between which positions the captured leg was at a time since its start, or a phase before or after."""
    points = [(it.t - start, it.value) for it in of(posts, "RBV") if it.t <= end + POLL]

    def at(t: float) -> float:
        after = bisect_right(points, (t,))
        if after in (0, len(points)):
            return points[min(after, len(points) - 1)][1]
        (t0, x0), (t1, x1) = points[after - 1], points[after]
        return x0 + (x1 - x0) * (t - t0) / (t1 - t0)

    around = [at(t - PHASE), at(t + PHASE)]
    around += [x for time, x in points if t - PHASE <= time <= t + PHASE]
    return min(around), max(around)


def readbacks(ours: list[Post], theirs: list[Post], slack: float) -> list[str]:
    """As many as looks, within two a leg; each on the trajectory, within the phase; the same end."""
    found = []
    spans = list(zip(legs(ours), legs(theirs), strict=False))
    a, b = of(ours, "RBV"), of(theirs, "RBV")
    if abs(len(a) - len(b)) > 2 * len(spans):
        found.append(f"RBV: {len(a)} posts, captured {len(b)}, in {len(spans)} legs")
    if not a or not b:
        return found
    if not alike(a[-1].value, b[-1].value, max(slack, 1 / STEPS) + 1e-9):
        found.append(f"RBV: ends at {a[-1].value}, captured {b[-1].value}")
    band = slack + LATE
    for (start, end), (began, ended) in spans:
        for post in a:
            if start < post.t <= end:
                low, high = passed(theirs, began, ended, post.t - start)
                if not low - band <= post.value <= high + band:
                    where = f"captured {low:.4f} to {high:.4f}"
                    found.append(f"RBV: {post.value} at {post.t:.3f} s, {where}")
    return found


def reads(got: list[tuple], slack: float, beyond: bool) -> list[str]:
    """What was read: `(field, ours, theirs, whether it moved)`."""
    found = []
    for field, ours, theirs, moving in got:
        if field in ELSEWHERE or (beyond and field == "TDIR"):
            continue
        place = field in POSITION | TARGET | LAST
        band = max(slack, UNDER_WAY if moving else 0.0) if place else 0.0
        band *= STEPS if field in IN_STEPS else 1
        if beyond and field == "MSTA":
            band = 1.0  # the lowest bit is the direction
        if not alike(ours, theirs, band):
            found.append(f"{field} reads {ours}, captured {theirs}")
    return found


@dataclass
class Sent:
    """A put of ours, and how it was answered: the code, and its place among all answers."""

    step: Step
    code: str | None = None
    place: int | None = None


def answers(puts: list[Sent]) -> list[str]:
    """Each put with completion is answered as captured, and in the captured order."""
    found, order = [], []
    for at, put in enumerate(puts):
        step = put.step
        if step.op != "put_callback" or step.timed_out:
            continue
        if put.code != step.result:
            found.append(f"put {at}, {step.field} {step.value}: {put.code}, captured {step.result}")
        elif step.took is not None:
            order.append((step.t + step.took, put.place, at))
    for before, after in pairwise(sorted(order)):
        if before[1] > after[1] and after[0] - before[0] > 1e-3:
            found.append(f"put {before[2]} is answered after put {after[2]}")
    return found


def differences(capture: Capture, ours: list[Post], puts, got, slack, phase) -> list[str]:
    """All that differs, in words.

    Back from beyond a limit switch, the number of looks, and the way it goes when `MSTA` is read, depend on the
    controller's clock.
    """
    theirs, beyond = capture.posts, capture.name.startswith("hw_")
    told = (once(ours), once(theirs)) if beyond else (ours, theirs)
    found = sequences(*told, slack) + durations(ours, theirs, phase)
    return found + readbacks(ours, theirs, slack) + answers(puts) + reads(got, slack, beyond)
