"""What the tests of faults share: the page that says what comes of each, and what came of a move."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from twin import PATIENCE, ROOT, Twin, until

FAULTS = Path(__file__).resolve().parent / "faults.toml"
PAGE = ROOT / "docs" / "src" / "faults.md"

TARGET = 0.8
# Where a move is under way.
UNDER_WAY = 0.2
# Device time after which a move has ended that ends at all, tries included.
OVER = 5.0

_motors = itertools.count(1)


def rows(client: int) -> list[tuple[str, str, str]]:
    """The table of the page, as (fault, when, outcome) for the client of this column."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if re.match(r"\| `[^|]*` \| (before|during) \|", line)
    ]
    assert len(cells) >= 25, "the page has lost its table"
    return [(row[0].strip("`"), row[1], row[2 + client]) for row in cells]


class Faulty:
    """A motor that no other test uses, and its faults."""

    def __init__(self, twin: Twin):
        number = next(_motors)
        self.twin, self.pv, self.device = twin, f"FT:m{number}", f"motor.m.{number}"

    def fault(self, words: str):
        self.twin.ctl("fault", self.device, *words.split())

    def number(self, field: str) -> float:
        return float(self.twin.ctl("get", f"{self.pv}.{field}").split()[0])

    def time(self) -> float:
        return float(re.search(r"^t: (.*)$", self.twin.ctl("status"), re.MULTILINE)[1])

    def ended_or_over(self, done) -> None:
        """Until `done`, or until a move that began now must have ended."""
        end = self.time() + OVER
        until(lambda: done() or self.time() > end, "the move", 4 * PATIENCE)

    def where(self) -> float:
        """Where it really is, once nothing goes wrong any more."""
        self.fault("none")
        until(lambda: self.number("DMOV") == 1, "the motor at rest")
        return self.number("RBV")

    def verdict(self, shown: float) -> str:
        """What a success was worth, if the client reads this."""
        if abs(self.where() - TARGET) > 0.01:
            return "success, elsewhere"
        return "success" if abs(shown - TARGET) < 0.01 else "success, misread"
