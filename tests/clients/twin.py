"""Starts a twin for the tests, speaks to it, and reads what it recorded.

Every wait here is for a thing that must happen (a line, an exit, a marker in the trace); the limits
only decide when to give up and say what was being waited for.
"""

from __future__ import annotations

import atexit
import itertools
import json
import math
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BENCH = HERE / "bench.toml"
TUTORIAL = ROOT / "beamlines" / "tutorial.toml"
CMS = ROOT / "beamlines" / "cms.toml"

READY = "iocRun: All initialization complete"
PATIENCE = float(os.environ.get("BEAMTWIN_PATIENCE", "30"))
EPOCH = "2026-01-01T00:00:00Z"
EPOCH_SECONDS = 1767225600
POLL_NS = 100_000_000

_marks = itertools.count(1)
_started: list[Twin] = []


def binary() -> str:
    """The program under test: $BEAMTWIN, or the release build."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    path = Path(os.environ.get("BEAMTWIN") or target / "release" / "beamtwin")
    if not path.is_file():
        raise FileNotFoundError(f"no binary at {path}: build it with `make build`, or set BEAMTWIN")
    return str(path.resolve())


def until(condition, what: str, timeout: float = PATIENCE):
    """Waits until `condition()` is true and returns what it gave. For things that send no signal."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:g} s for {what}")
        pause.wait(0.005)


def beamtwin(*args, timeout: float = 120, **kwargs) -> subprocess.CompletedProcess:
    """Runs one command of the binary to its end."""
    return subprocess.run(
        [binary(), *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        **kwargs,
    )


# --- traces ---------------------------------------------------------------------------------------


@dataclass
class Fact:
    """One thing that happened. `t` is in nanoseconds of device time."""

    n: int
    t: int
    kind: str
    name: str | None = None
    value: object = None
    by: int | None = None
    of: int | None = None
    raw: dict = field(default_factory=dict, repr=False)


def _plain(value):
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(it) for it in value]
    return value


def nanoseconds(t) -> int:
    """A time of a trace as whole nanoseconds, exactly."""
    ns = Decimal(t) * 1_000_000_000
    assert ns == int(ns), f"{t} has more than nine digits"
    return int(ns)


KINDS = ("put", "post", "done", "refused", "marker", "miss", "fault", "pace", "loss")


class Trace:
    """A recorded session."""

    def __init__(self, lines: list[str]):
        self.header: dict = {}
        self.channels: dict[int, dict] = {}
        self.clients: dict[int, dict] = {}
        self.facts: list[Fact] = []
        self.end: dict | None = None
        for line in lines:
            self._add(json.loads(line, parse_float=Decimal))

    @classmethod
    def read(cls, path) -> Trace:
        """Reads a file; a last line without its end is left out, as after a kill."""
        text = Path(path).read_text()
        return cls(text[: text.rfind("\n") + 1].splitlines())

    def _add(self, it: dict):
        if "trace" in it:
            self.header = it
        elif "end" in it:
            self.end = it["end"]
        elif "n" in it:
            kind = next((kind for kind in KINDS if kind in it), "unknown")
            fact = Fact(it["n"], nanoseconds(it["t"]), kind, by=it.get("by"), raw=it)
            if kind in ("put", "post"):
                fact.name = self.channels[it[kind]]["name"]
                fact.value = _plain(it["value"])
            elif kind in ("done", "refused"):
                fact.of = it[kind]
            elif kind != "unknown":
                fact.value = it[kind]
            self.facts.append(fact)
        elif "pv" in it:
            self.channels[it["pv"]] = it
        elif "client" in it:
            self.clients.setdefault(it["client"], {}).update(it)

    def of(self, kind: str, name: str | None = None) -> list[Fact]:
        """The facts of one kind, of one channel if a name is given. `m` means `m.VAL` too."""
        names = (name, f"{name}.VAL") if name else ()
        return [it for it in self.facts if it.kind == kind and (not name or it.name in names)]

    def puts(self, name: str | None = None) -> list[Fact]:
        return self.of("put", name)

    def posts(self, name: str | None = None) -> list[Fact]:
        return self.of("post", name)

    def misses(self) -> list[str]:
        return [it.value for it in self.of("miss")]

    def done(self, put: Fact) -> Fact:
        """The fact that closed this put."""
        found = [it for it in self.of("done") if it.of == put.n]
        assert len(found) == 1, f"put {put} has {len(found)} done lines"
        return found[0]

    def lasted(self, put: Fact) -> int:
        """Nanoseconds of device time from a put to its completion."""
        return self.done(put).t - put.t

    def after(self, n: int) -> Trace:
        """The part after fact `n`."""
        part = Trace([])
        part.header, part.channels, part.clients = self.header, self.channels, self.clients
        part.facts = [it for it in self.facts if it.n > n]
        part.end = self.end
        return part


def travel_time(distance: float, velo: float = 1.0, vbas: float = 0.1, accl: float = 0.2) -> int:
    """Nanoseconds a motor takes for a distance: a trapezoid, seen at the next poll of 0.1 s.

    It begins at VBAS, unless the ramp up to that takes longer than 60 ms; then it begins at rest.
    """
    distance = abs(distance)
    rate = (velo - vbas) / accl
    base = vbas if vbas <= 0.06 * rate else 0.0
    ramp = (velo - base) / rate
    in_ramps = (base + velo) * ramp
    if distance >= in_ramps:
        seconds = (distance - in_ramps) / velo + 2 * ramp
    else:
        seconds = 2 * (math.sqrt(base**2 + rate * distance) - base) / rate
    # A hair is taken off so that 0.7000000000000001 is seven polls, not eight.
    return math.ceil(seconds / 0.1 - 1e-9) * POLL_NS


# --- a running twin -------------------------------------------------------------------------------


class Twin:
    """One `beamtwin run`, from its start to its end."""

    def __init__(
        self, file, *options, speed=None, seed=7, record=None, control=True, prefix=(), env=None
    ):
        self.file = Path(file)
        # Short, since it holds a socket, whose path may have 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="beamtwin-"))
        if "BEAMTWIN_KEEP" not in os.environ:
            atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        _started.append(self)
        self.record = record or self.folder / "trace.jsonl"
        self.log_path = self.folder / "stderr.txt"
        command = [*prefix, binary(), "run", str(file), "--port", "0", "--seed", str(seed)]
        command += ["--epoch", EPOCH]
        if self.record != "none":
            command += ["--record", str(self.record)]
        if speed is not None:
            command += ["--speed", str(speed)]
        if control:
            command += ["--control", str(self.folder / "control")]
        command += map(str, options)
        self._log = open(self.log_path, "w")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**without_epics(os.environ), **(env or {})},
        )
        atexit.register(self.kill)
        self._lines: queue.Queue = queue.Queue()
        self.printed: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.port: int | None = None
        self.control: str | None = None
        self._wait_ready()

    def _listen(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _wait_ready(self):
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                self.kill()
                raise RuntimeError(f"the twin did not come up; it said: {self.log()[-4000:]}")
            self.printed.append(line)
            if line.startswith("EPICS_CA_SERVER_PORT="):
                self.port = int(line.partition("=")[2])
            elif line.startswith("BEAMTWIN_CONTROL="):
                self.control = line.partition("=")[2]
            elif line == READY:
                return

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a client needs to find this twin and nothing else."""
        return addresses(self)

    # What a person may do besides Channel Access.

    def ctl(self, *args, check=True) -> str:
        ran = beamtwin("ctl", "--control", self.control, *args, timeout=PATIENCE)
        if check and ran.returncode != 0:
            raise AssertionError(f"beamtwin ctl {args}: exit {ran.returncode}: {ran.stderr}")
        return ran.stdout

    def trace(self) -> Trace:
        """All that was recorded until now: puts a marker and waits until it is in the file."""
        mark = f"mark-{next(_marks)}-{os.getpid()}"
        self.ctl("marker", mark)

        def written():
            trace = Trace.read(self.record)
            return trace if any(it.value == mark for it in trace.of("marker")) else None

        return until(written, f"the marker {mark} in the trace")

    def stop(self, how=signal.SIGINT) -> Trace | None:
        """Ends the twin as a user does, and returns the whole trace."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        self._log.close()
        atexit.unregister(self.kill)
        assert code == 0, f"the twin ended with {code}: {self.log()[-4000:]}"
        assert "panicked" not in self.log(), self.log()[-4000:]
        if isinstance(self.record, Path) and self.record.is_file():
            return Trace.read(self.record)
        return None

    def kill(self):
        """Ends the twin without a chance to tidy up."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._log.close()
        atexit.unregister(self.kill)

    def __enter__(self) -> Twin:
        return self

    def __exit__(self, kind, value, traceback):
        if self.process.poll() is None:
            if kind is None:
                self.stop()
            else:
                self.kill()


def addresses(*twins: Twin) -> dict[str, str]:
    """The variables by which clients find these twins and nothing else."""
    return {
        "EPICS_CA_ADDR_LIST": " ".join(twin.address for twin in twins),
        "EPICS_CA_AUTO_ADDR_LIST": "NO",
        "EPICS_CA_MAX_ARRAY_BYTES": "40000000",
    }


def without_epics(environment) -> dict[str, str]:
    """An environment without what the user's shell says about EPICS."""
    return {name: value for name, value in environment.items() if not name.startswith("EPICS_")}


# --- the twins of a test file ---------------------------------------------------------------------

_served: dict[str, list[Twin]] = {}


def serve(caller: str, *files, **options) -> list[Twin]:
    """Starts the twins of a test file and points this process at them.

    Called again, it adds twins. To be called before the client library is imported: libca keeps the
    addresses it started with. For the same reason one process can run one such test file;
    `tests/clients/run` sees to that.
    """
    if _served and caller not in _served:
        raise RuntimeError(
            f"{caller} and {', '.join(_served)} need a process each: run tests/clients/run, or one file"
        )
    twins = [Twin(file, **options) for file in files]
    for name in [name for name in os.environ if name.startswith("EPICS_")]:
        del os.environ[name]
    _served.setdefault(caller, []).extend(twins)
    os.environ.update(addresses(*_served[caller]))
    return twins


def logs() -> str:
    """What the twins of this process said last, for the report of a failure."""
    return "\n".join(
        f"{it.file.name}: {line}" for it in _started for line in it.log().splitlines()[-20:]
    )


def served() -> list[Twin]:
    return [twin for twins in _served.values() for twin in twins]


_motors = itertools.count(1)


def fresh_motor() -> str:
    """The name of a motor of bench.toml that no test has used: at 0, limits ±10, 1 mm/s."""
    number = next(_motors)
    assert number <= 40, "bench.toml has forty motors"
    return f"BT:m{number}"


def script(twin: Twin, text: str, *args, env=None, timeout=PATIENCE, check=True):
    """Runs Python in a process of its own whose clients see this twin only."""
    environment = {**without_epics(os.environ), **(twin.environment() if env is None else env)}
    environment["PYTHONPATH"] = str(HERE)
    ran = subprocess.run(
        [sys.executable, "-c", text, *map(str, args)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if check and ran.returncode != 0:
        raise AssertionError(f"the client script ended with {ran.returncode}: {ran.stderr[-4000:]}")
    return ran


def squeezed(values) -> list:
    """The values without repetitions of the one before."""
    return [value for value, _ in itertools.groupby(values)]


def folded(text: str) -> str:
    """A report as one line of single spaces, so that wrapping does not matter."""
    return re.sub(r"\s+", " ", text)
