"""Runs the scripts of this folder at real pace and in jump time, and says in what the sessions differ."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "clients"))

from twin import Trace, beamtwin

BEAMLINE = HERE / "beamline.toml"
SCRIPTS = ("live_plots", "time_outs", "half_way", "suspended", "asynchronous")
PACES = {"real": ("--speed", "1"), "jump": ("--jump",)}
# How much longer or shorter a session may be, apart from the processor time of its client.
SHARE = 0.02
# The fastest that anything in beamline.toml moves when a script stops it by its own clock, in mm/s.
FASTEST = 2.0
SECOND = 1_000_000_000
STAMP = re.compile(r"value=[^,]*, timestamp=[0-9.]+, ")
# How far a readback may be from that at real pace, and how late things may happen there.
SETTINGS = """
settings = 1
[tolerance]
"TRU:*.RBV" = {{ absolute = {tolerance} }}
[time]
noise = {noise}
"""


@dataclass
class Session:
    """A script that has run."""

    path: Path
    trace: Trace
    report: dict
    documents: list
    # Seconds of processor time of its process, and for which it waited for a processor.
    cpu: float

    def moments(self) -> list[tuple]:
        """All puts and what became of them, with their times; what is of one moment is sorted.

        At the end of a run Bluesky stops all devices at once, in an order that is that of a set.
        """
        named = {it.n: (it.name, it.value) for it in self.trace.facts if it.kind == "put"}
        facts = (it for it in self.trace.facts if it.kind in ("put", "done", "refused"))
        return sorted((it.t, it.kind, *map(str, named[it.of or it.n])) for it in facts)

    def lasted(self) -> float:
        """From the first to the last thing that its client asked for or was told is done, in seconds."""
        asked = [it for it in self.trace.facts if it.kind == "put" and it.by is not None]
        numbers = {it.n for it in asked}
        times = [it.t for it in self.trace.facts if it.n in numbers or it.of in numbers]
        return (max(times) - min(times)) / SECOND

    def told(self) -> list:
        """The documents without what is never the same: uids are numbered, times left out."""
        uids: dict[str, str] = {}
        for _, document in self.documents:
            uids.setdefault(document["uid"], f"uid {len(uids)}")
        return _told(self.documents, uids)


def _told(it, uids):
    if isinstance(it, dict):
        left_out = ("time", "timestamp", "timestamps")
        return {name: _told(value, uids) for name, value in it.items() if name not in left_out}
    if isinstance(it, list):
        return [_told(value, uids) for value in it]
    # The arguments of a plan are there as texts, with what the signals showed when.
    return STAMP.sub("", uids.get(it, it)) if isinstance(it, str) else it


def session(folder: Path, script: str, pace: str, number: int = 0, python=sys.executable) -> Session:
    """Runs a script to its end."""
    stem = folder / f"{script}-{pace}-{number}"
    path, report, kept = (Path(f"{stem}.{end}") for end in ("jsonl", "report.json", "json"))
    ran = beamtwin(
        *("preflight", BEAMLINE, *PACES[pace], "--with-network", "--seed", "7", "--record", path, "--json", report),
        *("--", python, HERE / "scripts" / f"{script}.py", kept),
        timeout=300,
    )
    if ran.returncode != 0:
        raise AssertionError(f"{script} at {pace} pace: {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
    documents = json.loads(kept.read_text())
    return Session(
        path, Trace.read(path), json.loads(report.read_text()), documents["documents"], documents["cpu"]
    )


def differences(real: Session, jump: Session) -> list[str]:
    """In what a session in jump time differs from the one at real pace; nothing, if it tells the truth."""
    found = []
    allowed = SHARE * jump.lasted() + real.cpu
    settings = real.path.with_suffix(".toml")
    settings.write_text(SETTINGS.format(tolerance=FASTEST * allowed, noise=0.05 + real.cpu / 20))
    compared = beamtwin("compare", "--settings", settings, real.path, jump.path)
    if compared.returncode != 0:
        found.append(f"the traces are not alike:\n{compared.stdout}{compared.stderr}")
    if not -SHARE * jump.lasted() <= real.lasted() - jump.lasted() <= allowed:
        found.append(
            f"it took {jump.lasted():.3f} s, at real pace {real.lasted():.3f} s, of which {real.cpu:.3f} s"
            " are the client's"
        )
    found += unlike(real.told(), jump.told(), FASTEST * allowed)
    found += replayed(jump)
    if jump.report["run"]["pace"] != "jump":
        found.append(f"not all of it was in jump time: {jump.report['run']['pace']}")
    return found


def replayed(session: Session) -> list[str]:
    """In what the trace differs from what comes of its inputs; nothing, if it is the same byte for byte."""
    ran = beamtwin("replay", session.path)
    same = ran.returncode == 0 and ran.stdout.startswith("same: ")
    return [] if same else [f"the trace does not replay: {ran.stdout}{ran.stderr}"]


def unlike(one, other, tolerance: float, where: str = "documents") -> list[str]:
    """The places at which two values differ, numbers that are not whole by more than a tolerance."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(name, one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(number, *both) for number, both in enumerate(zip(one, other, strict=True))]
    elif isinstance(one, float) and isinstance(other, float):
        return [] if abs(one - other) <= tolerance else [f"{where}: {one} and {other}"]
    else:
        return [] if one == other else [f"{where}: {one!r} and {other!r}"]
    return [
        it for name, *both in pairs for it in unlike(*both, tolerance, f"{where}[{name!r}]")
    ]
