"""`beamtwin preflight --jump`: unmodified scripts in device time.

Each script tells what its clocks showed; what the twin saw is in the trace. Here nothing is "about": where the rule is
kept, times are exact.
"""

import json
import re
import sys

import pytest
from twin import TUTORIAL, Trace, beamtwin, folded

SECOND = 1_000_000_000
TELL = """
import json, sys, time
def tell(**facts): print(json.dumps(facts), flush=True)
"""
OPHYD = TELL + """
from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.plans import scan
from ophyd import EpicsMotor, EpicsSignalRO
x = EpicsMotor("TUT:x", name="x")
i0 = EpicsSignalRO("TUT:i0", name="i0")
for it in (x, i0):
    it.wait_for_connection(timeout=10)
RE = RunEngine()
"""
SCAN = OPHYD + """
began = time.time()
RE(scan([i0], x, 0, 2, 21))
tell(took=time.time() - began)
"""


class Ran:
    """A script that ran in a preflight."""

    def __init__(self, folder, script, *options, pace=("--jump",), file=TUTORIAL, python=(), number=0):
        path = folder / f"script{number}.py"
        path.write_text(script)
        self.path, report = folder / f"trace{number}.jsonl", folder / f"report{number}.json"
        command = ["preflight", file, *pace, "--wall-timeout", "100 s", "--record", self.path]
        self.ran = beamtwin(*command, "--json", report, *options, "--", sys.executable, *python, path)
        self.code = self.ran.returncode
        self.output = self.ran.stdout + self.ran.stderr
        self.report = json.loads(report.read_text()) if report.is_file() else None
        self.trace = Trace.read(self.path) if self.path.is_file() else None
        told = [line for line in self.ran.stdout.splitlines() if line.startswith("{")]
        self.told = {name: value for line in told for name, value in json.loads(line).items()}

    def happened(self):
        """All that is in the trace but who the client was."""
        return [(it.t, it.kind, it.name, it.value, it.of) for it in self.trace.facts]


@pytest.fixture
def jump(tmp_path):
    numbers = iter(range(100))

    def run(script, *options, **kwargs):
        return Ran(tmp_path, script, *options, number=next(numbers), **kwargs)

    return run


def test_a_scan_takes_what_its_moves_take(jump):
    ran = jump(SCAN)
    assert ran.code == 0, ran.output
    # It is at the first place already. 20 steps of 0.1 mm follow, which a motor takes 0.3 s for.
    _, *puts = ran.trace.puts("TUT:x")
    assert [ran.trace.lasted(put) for put in puts] == [3 * SECOND // 10] * 20
    assert ran.told["took"] == pytest.approx(20 * 0.3, abs=1e-6)
    # What the script computes between two moves takes no time at all.
    assert [later.t - ran.trace.done(put).t for put, later in zip(puts, puts[1:])] == [0] * (len(puts) - 1)
    assert "by the clock" not in ran.report["run"]["pace"]
    assert "in jump time" in folded(ran.ran.stdout)


def test_moves_take_what_they_take_at_real_pace(jump):
    script = SCAN.replace("0, 2, 21", "0, 0.4, 5")
    jumped, real = jump(script), jump(script, pace=("--speed", "1"))
    for ran in (jumped, real):
        assert ran.code == 0, ran.output
    lasted = [[ran.trace.lasted(put) for put in ran.trace.puts("TUT:x")[1:]] for ran in (jumped, real)]
    assert len(lasted[0]) == 4 and lasted[0] == lasted[1]
    compared = beamtwin("compare", jumped.path, real.path)
    assert compared.returncode == 0, compared.stdout


def test_it_is_the_same_every_time(jump):
    first, *others = [jump(SCAN.replace("21", "6")) for _ in range(4)]
    for ran in (first, *others):
        assert ran.code == 0, ran.output
    for other in others:
        assert other.happened() == first.happened()
        assert other.told == first.told


def test_a_trace_in_jump_time_is_replayed(jump):
    ran = jump(SCAN.replace("21", "4"))
    replayed = beamtwin("replay", ran.path)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


WAITS = TELL + """
import asyncio, queue, select, socket, subprocess, threading
from datetime import datetime
from concurrent.futures import Future, wait

def timed(name, wait):
    wall, began = time.time(), time.monotonic()
    said = wait()
    tell(**{name: [said, round(time.monotonic() - began, 9), round(time.time() - wall, 5)]})

timed("sleep", lambda: time.sleep(600))
event = threading.Event()
timed("nobody", lambda: event.wait(0.3))
threading.Timer(5, event.set).start()
timed("somebody", lambda: event.wait(30))
items = queue.Queue()
def empty(items):
    try:
        return items.get(timeout=2.5)
    except queue.Empty:
        return "empty"
timed("queue", lambda: empty(items))
timed("simple", lambda: empty(queue.SimpleQueue()))
async def too_long():
    try:
        await asyncio.wait_for(asyncio.sleep(100), 3)
    except asyncio.TimeoutError:
        return "too long"
timed("asyncio", lambda: asyncio.run(too_long()))
a, b = socket.socketpair()
timed("select", lambda: select.select([a], [], [], 7)[0])
threading.Timer(1, lambda: b.send(b"!")).start()
timed("selected", lambda: len(select.select([a], [], [], 7)[0]))
thread = threading.Thread(target=time.sleep, args=(4,))
thread.start()
timed("join", lambda: (thread.join(1), thread.is_alive())[1])
timed("joined", lambda: (thread.join(), thread.is_alive())[1])
timed("future", lambda: len(wait([Future()], timeout=20).not_done))
condition = threading.Condition()
def never():
    with condition:
        return condition.wait_for(lambda: False, timeout=0.3)
timed("never", never)
def dated():
    before = datetime.now()
    time.sleep(86400)
    return round((datetime.now() - before).total_seconds(), 5)
timed("dated", dated)
timed("child", lambda: subprocess.run(["sleep", "0.2"]).returncode)
began, reads = time.time(), 0
while time.time() - began < 0.02:
    reads += 1
tell(spun=round(time.time() - began, 3))
"""


def test_whatever_waits_waits_in_device_time(jump):
    ran = jump(WAITS)
    assert ran.code == 0, ran.output
    for name, said, took in (
        ("sleep", None, 600),
        ("nobody", False, 0.3),
        ("somebody", True, 5),
        ("queue", "empty", 2.5),
        ("simple", "empty", 2.5),
        ("asyncio", "too long", 3),
        ("select", [], 7),
        ("selected", 1, 1),
        ("join", True, 1),
        ("joined", False, 3),
        ("future", 1, 20),
        ("never", False, 0.3),
        ("dated", 86400.0, 86400),
        # It has no clock, so that what it does takes no time.
        ("child", 0, 0),
    ):
        assert ran.told[name] == [said, took, took], name
    # A program that waits by reading the clock goes on as well.
    assert 0.02 <= ran.told["spun"] < 0.1
    assert ran.report["run"]["wall"] < 30


def test_one_that_stops_half_way_is_half_way(jump):
    script = OPHYD + """
began = time.time()
status = x.set(5)
time.sleep(1.48)
x.stop()
tell(done=status.done, at=x.position, after=time.time() - began)
"""
    ran = jump(script)
    assert ran.code == 0, ran.output
    put, stop = ran.trace.puts("TUT:x")[-1], ran.trace.puts("TUT:x.STOP")[0]
    assert stop.t - put.t == 148 * SECOND // 100
    assert 1.0 < ran.told["at"] < 1.5


def test_a_time_out_fires_when_it_should(jump):
    script = OPHYD + """
began = time.time()
x.velocity.put(0.2)
try:
    x.set(9).wait(timeout=10)
except Exception as error:
    tell(error=type(error).__name__, after=round(time.time() - began, 6))
x.stop()
"""
    ran = jump(script)
    assert ran.code == 0, ran.output
    assert ran.told == {"error": "WaitTimeoutError", "after": 10.0}


PYEPICS = TELL + """
import epics
"""


def test_pyepics_by_itself(jump):
    script = PYEPICS + """
began = time.time()
epics.caput("TUT:x", 2.5, wait=True)
tell(moved=round(time.time() - began, 6), at=epics.caget("TUT:x.RBV"))
began = time.time()
epics.caput("TUT:x", 9.5, wait=True, timeout=3)
tell(given_up=round(time.time() - began, 3))
epics.caput("TUT:x.STOP", 1)
"""
    ran = jump(script)
    assert "moved" in ran.told, ran.output
    first = ran.trace.lasted(ran.trace.puts("TUT:x")[0])
    assert ran.told == {"moved": first / SECOND, "at": 2.5, "given_up": 3.0}


def test_who_looks_again_and_again_and_never_waits_has_real_time_after_a_while(jump):
    script = PYEPICS + """
done = epics.PV("TUT:x.DMOV")
done.wait_for_connection()
epics.caput("TUT:x", 0.5)
while done.get(): pass
while not done.get(): pass
tell(at=epics.caget("TUT:x.RBV"))
"""
    ran = jump(script)
    assert ran.code == 0, ran.output
    assert ran.told == {"at": 0.5}
    assert "the script computed for 10 s without a pause" in ran.report["run"]["pace"]


def test_a_client_without_the_clock_has_real_time_and_is_told_of(jump):
    script = PYEPICS + """
began = time.time()
epics.caput("TUT:x", 0.5, wait=True)
tell(moved=time.time() - began)
"""
    # Isolated, Python looks at no variables.
    ran = jump(script, python=["-I"])
    assert ran.code == 0, ran.output
    (put,) = ran.trace.puts("TUT:x")
    assert ran.told["moved"] == pytest.approx(ran.trace.lasted(put) / SECOND, abs=0.2)
    assert re.search(r"^jump; .*by the clock for .* s, since .* has no client clock", ran.report["run"]["pace"])


def test_time_jumps_unless_something_else_is_said(jump):
    paces = [jump("import time; time.sleep(0.5)", pace=pace).report["run"]["pace"] for pace in
             ((), ("--real",), ("--speed", "10"), ("--no-client-clock",))]
    assert paces[0].startswith("jump")
    assert paces[1:] == ["real", "times 10", "real"]


def test_without_the_client_clock_time_does_not_jump():
    ran = beamtwin("preflight", TUTORIAL, "--jump", "--no-client-clock", "--", "true")
    assert ran.returncode == 2
    assert "would be wrong" in ran.stderr


def test_one_that_never_ends_is_ended_when_its_time_is_over(jump):
    ran = jump("import time\nwhile True: time.sleep(0.7)", "--timeout", "1000 s")
    assert ran.code == 1
    assert [it["kind"] for it in ran.report["findings"]] == ["timed-out"]
    assert float(ran.report["run"]["ended"]) == 1000


def test_how_it_ended_is_told_as_ever(jump):
    ran = jump("import sys, threading, time; threading.Thread(target=time.sleep, args=(3,)).start(); sys.exit(3)")
    assert ran.code == 4
    assert ran.report["run"]["end"] == {"exit": 3}
    # Other threads are waited for, in device time.
    assert float(ran.report["run"]["ended"]) == 3
