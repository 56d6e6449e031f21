"""What the twin does otherwise than the IOC, on purpose or not yet: each with its reason.

A rule is a function of an operation, the name that it is about, and what both made of it. Whatever no
rule explains is a failure. docs/src/channel-access.md lists the same; at most ten, each on less than
0.5 % of the operations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import wire
from records import MULTI


@dataclass(frozen=True)
class Step:
    """One operation, the field of each channel it may concern, and one part of the outcome that differs."""

    operation: tuple
    record: str
    field: str
    written: str
    long: bool
    part: str
    ours: object
    theirs: object
    # Whether the C server queues events without a value.
    waits: bool = False

    @property
    def kind(self) -> str:
        return self.operation[0]

    @property
    def dbr(self) -> int | None:
        at = {"read": 3, "write": 3, "burst": 3, "subscribe": 4}.get(self.kind)
        return None if at is None else self.operation[at]


@dataclass(frozen=True)
class Rule:
    name: str
    reason: str
    holds: Callable[[Step], bool]


# The fields that say something about the value (prop(YES) in EPICS base).
PROPERTIES = set("PREC EGU HOPR LOPR DRVH DRVL HIHI HIGH LOW LOLO HHSV HSV LSV LLSV ZNAM ONAM".split())
PROPERTIES |= {f"{state}ST" for state in MULTI}


# The fields that are otherwise after processing.
PROCESSED = set("STAT SEVR AMSG NSTA NSEV ACKS UDF LALM ALST MLST OVAL PVAL RVAL ORAW INIT".split())


def _is_left_out(step: Step) -> bool:
    """Whether the IOC sent only some of our events."""
    rest = iter(step.ours or [])
    return all(event in rest for event in step.theirs or []) and bool(step.ours)


def _is_told_after(step: Step) -> bool:
    """Whether only alarms and time stamps differ; drive limits change the value, and processing some other fields."""
    ours, theirs = _values(step.ours), _values(step.theirs)
    if step.written in ("DRVH", "DRVL") or step.field in PROCESSED:
        return len(ours) == len(theirs) and (len(ours) == 1 or ours[-1] == theirs[-1])
    return ours == theirs


def _values(events) -> list:
    return [(*event[:-1], event[-1][-1]) for event in events or [] if event[-1]]


RULES: list[Rule] = [
    Rule(
        "properties as they were",
        "Who writes a property (`EGU`, `HIGH`, …) as it is makes a property event, as in EPICS base 7.0.8; since "
        "7.0.9 only a change does.",
        lambda it: it.part == "events"
        and it.kind in ("write", "burst", "events")
        and (it.written in PROPERTIES or it.kind == "events")
        and _is_left_out(it),
    ),
    Rule(
        "property events after processing",
        "A property that is written and makes the record process is told with the value and the alarm after that; an "
        "IOC tells it with those before.",
        lambda it: it.part == "events"
        and (it.written in PROPERTIES or it.kind == "events")
        and _is_told_after(it),
    ),
    Rule(
        "arrays that wait",
        "What waits while events are off is told as it was; of a text, an array and an `mbbo` an IOC tells what they "
        "are when events are on again.",
        lambda it: it.part == "events" and it.kind == "events" and it.waits,
    ),
    Rule(
        "long text as another type",
        "A text as characters (`.DESC$`) that is read as another type than char has as many elements as the "
        "text; an IOC gives the whole field, characters with a sign.",
        lambda it: it.long and it.part in ("replies", "events"),
    ),
    Rule(
        "raw values are not told",
        "`RVAL`, `ORAW` and `PVAL` follow the value when they are read; nobody is told that they changed.",
        lambda it: it.part == "events" and it.field in ("RVAL", "ORAW", "PVAL"),
    ),
    Rule(
        "device support",
        "`DTYP` has one choice, `Soft Channel`; an IOC lists the support it was built with.",
        lambda it: it.field == "DTYP" and it.part in ("replies", "events"),
    ),
    Rule(
        "characters without a sign",
        "Arrays of characters have no sign, and `FTVL` says `CHAR`; in an IOC that would be `UCHAR`.",
        lambda it: it.record.endswith("_char") and it.field == "FTVL" and it.part in ("replies", "events"),
    ),
]

LIMIT = 0.005
assert len(RULES) <= 10


def explain(step: Step) -> str | None:
    """The name of the rule that explains a difference."""
    return next((rule.name for rule in RULES if rule.holds(step)), None)


def described(dbr: int) -> str:
    return wire.DBR[dbr] if dbr < len(wire.DBR) else str(dbr)
