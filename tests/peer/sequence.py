"""One sequence on both servers: where they differ, and the shortest sequence that shows it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import known
import operations
import servers
import session
from records import BY_LABEL, Record, place

LENGTH = 100
RECORDS = 3


@dataclass
class Found:
    """What one sequence showed."""

    operations: list[tuple] = field(default_factory=list)
    kinds: Counter = field(default_factory=Counter)
    explained: Counter = field(default_factory=Counter)
    # The first step that no rule explains; a text if a server fell silent.
    failure: known.Step | str | None = None
    failures: list[known.Step] = field(default_factory=list)

    def signature(self) -> tuple | None:
        if isinstance(self.failure, str):
            return ("silent", self.operations[-1][0])
        return self.failure and (self.failure.kind, self.failure.part, self.failure.field)


def chosen(seed: int, number: int) -> dict[str, Record]:
    """The records that a sequence is about."""
    rng = random.Random(f"{seed}/{number}/records")
    return {label: BY_LABEL[label] for label in rng.sample(list(BY_LABEL), RECORDS)}


def generated(seed: int, number: int, fields: dict) -> operations.Generator:
    rng = random.Random(f"{seed}/{number}/operations")
    return operations.Generator(rng, chosen(seed, number), fields)


class Chooser:
    """Chooses as it goes: what a server refused is not used later."""

    def __init__(self, generator: operations.Generator):
        self.generator, self.left = generator, LENGTH

    def next(self) -> tuple | None:
        self.left -= 1
        return self.generator.choose() if self.left >= 0 else None

    def learn(self, operation: tuple, theirs: session.Outcome):
        if theirs.closed:
            self.generator.ended(operation[1])
        created = any(reply[0] == "CREATE_CHAN" for reply in theirs.replies)
        if operation[0] == "create" and not created:
            self.generator.refused(operation[1], operation[2])


class Given:
    """Goes through a list."""

    def __init__(self, each: list[tuple]):
        self.each = iter(each)

    def next(self) -> tuple | None:
        return next(self.each, None)

    def learn(self, operation: tuple, theirs: session.Outcome):
        pass


def run(
    ports: list[int], prefix: str, labels: list[str], source: Chooser | Given, keep_on: bool = False
) -> Found:
    """Runs a sequence to its end, or to the first step that no rule explains."""
    found = Found()
    both = [session.Session(port, prefix, servers.PATIENCE) for port in ports]
    try:
        for it in both:
            it.begin(labels)
        while operation := source.next():
            found.operations.append(operation)
            found.kinds[operation[0]] += 1
            try:
                ours, theirs = (it.run(operation) for it in both)
            except session.Silent as silent:
                found.failure = str(silent)
                break
            source.learn(operation, theirs)
            steps = [_step(operation, both[1], *it) for it in ours.differences(theirs)]
            names = {known.explain(step) for step in steps}
            found.explained.update(names - {None})
            if None in names:
                found.failure = next(it for it in steps if known.explain(it) is None)
                found.failures.append(found.failure)
                if not keep_on:
                    break
            if ours.closed != theirs.closed:
                break
    finally:
        for it in both:
            it.close()
    return found


def _step(operation: tuple, theirs: session.Session, part: str, ours, other) -> known.Step:
    kind, circuit, *rest = operation
    channel = rest[1] if kind == "subscribe" and len(rest) > 1 else rest[0] if rest else None
    written = theirs.names.get((circuit, channel), "") if isinstance(channel, int) else ""
    if part == "events":
        (key,) = ours
        circuit, subscription = (int(it) for it in key.split("/"))
        channel = theirs.subscribed.get((circuit, subscription), channel)
        ours, other = ours.get(key), other.get(key)
    elif part == "replies" and len(ours) == len(other):
        ours, other = next((a, b) for a, b in zip(ours, other) if a != b)
    name = theirs.names.get((circuit, channel), "") if isinstance(channel, int) else ""
    record, field_, long = place(name.partition(":")[2])
    return known.Step(
        operation,
        record,
        field_,
        place(written.partition(":")[2])[1],
        long,
        part,
        ours,
        other,
        waits=isinstance(channel, int) and theirs.is_by_reference(circuit, channel),
    )


def shrink(each: list[tuple], fails: Callable[[list[tuple]], bool], tries: int) -> list[tuple]:
    """Leaves out what is not needed for the failure: halves first, then single operations."""
    size = max(1, len(each) // 2)
    while True:
        at = 0
        while at < len(each):
            shorter = each[:at] + each[at + size :]
            if tries <= 0:
                return each
            tries -= 1
            if shorter and fails(shorter):
                each = shorter
            else:
                at += size
        if size == 1:
            return each
        size //= 2
