"""Which line of a script asked for what: real scripts in a preflight, and what the trace and the report say of their lines.

A line that is meant ends in a comment with its name; a test asks for that.
"""

import json
import os
import re
import subprocess
import sys
import textwrap

import pytest
from twin import PATIENCE, TUTORIAL, Trace, beamtwin, binary, folded

PLANS = """
from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.plans import scan


def opened(shutter, plan):
    def close():
        yield from bps.mv(shutter, 0)  # close

    def go():
        yield from bps.mv(shutter, 1)  # open
        yield from plan

    yield from bpp.finalize_wrapper(go(), close())


@bpp.run_decorator()
def there(x, i0, position):
    yield from bps.mv(x, position)  # there
    yield from bps.trigger_and_read([x, i0])


def far(setpoint):
    yield from bps.abs_set(setpoint, 20)  # far
    yield from bps.sleep(1)


def back(x, i0):
    yield from scan([i0], x, 1, 0, 2)  # back
"""
OPHYD = """
from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.plans import scan
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO
import plans

x = EpicsMotor("TUT:x", name="x")
i0 = EpicsSignalRO("TUT:i0", name="i0")
shutter = EpicsSignal("TUT:shutter", name="shutter", put_complete=True)
watched = EpicsSignal("TUT:shutter", name="watched")
for it in (x, i0, shutter, watched):
    it.wait_for_connection(timeout=10)
RE = RunEngine()
"""


class Session:
    """A script that was run in a preflight."""

    def __init__(self, folder, ran, names):
        self.folder, self.ran = folder, ran
        self.report = json.loads((folder / "report.json").read_text())
        self.trace = Trace.read(folder / "trace.jsonl")
        self.names = names

    def named(self, at):
        """The name of a line; a line without one as it is told."""
        return self.names.get(at, at)

    def puts(self, name=None):
        """What clients put, each with the name of its line."""
        puts = [it for it in self.trace.puts(name) if it.by is not None]
        return [(it.name.removesuffix(".VAL"), it.value, self.named(it.raw.get("at"))) for it in puts]

    def lines(self, name):
        return [line for _, _, line in self.puts(name)]

    def findings(self):
        return [(it["kind"], self.named(it["at"])) for it in self.report["findings"]]


@pytest.fixture
def run(tmp_path):
    """Runs a script in a preflight, at its working directory; other files stand beside it."""

    def run(script, *options, speed="10", python=sys.executable, **files):
        files = {"scan": textwrap.dedent(script), **files}
        names = {}
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
            for number, line in enumerate(text.splitlines(), 1):
                mark = re.search(r"# (\w[\w ]*)$", line)
                if mark:
                    names[f"{name}.py:{number}"] = mark[1]
        command = [binary(), "preflight", TUTORIAL, "--speed", speed, "--json", "report.json"]
        command += ["--record", "trace.jsonl", *options, "--", python, "scan.py"]
        # No pipes: the repeater that caproto starts stays, and would hold them.
        printed = tmp_path / "stdout", tmp_path / "stderr"
        with open(printed[0], "w") as out, open(printed[1], "w") as err:
            ran = subprocess.run(
                command, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=100
            )
        ran.stdout, ran.stderr = (it.read_text() for it in printed)
        assert "beamtwin:" not in ran.stderr, ran.stderr
        return Session(tmp_path, ran, names)

    return run


def test_pyepics(run):
    session = run("""
        import epics
        import threading
        from concurrent.futures import ThreadPoolExecutor

        epics.caput("TUT:x", 1)  # short
        epics.caput("TUT:x.VAL", 0.5, wait=True)  # whole
        shutter = epics.PV("TUT:shutter")
        shutter.wait_for_connection(10)
        def put(value):
            shutter.put(value)  # inner
        put(1)
        epics.caput_many(["TUT:x.VELO", "TUT:shutter"],  # many
                         [2, 0])
        thread = threading.Thread(target=shutter.put, args=(1,))
        thread.start()  # thread
        thread.join()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(shutter.put, 0).result()  # first job
            pool.submit(shutter.put, 1).result()  # second job
        for value in range(20):
            shutter.put(value % 2)  # burst
        try:
            epics.caput("TUT:x", "nonsense")
        except ValueError:
            pass
        epics.caput("TUT:x", 0.25, wait=True)  # after
    """)
    assert session.lines("TUT:x") == ["short", "whole", "after"]
    expected = ["inner", "many", "thread", "first job", "second job"]
    assert session.lines("TUT:shutter") == expected + 20 * ["burst"]
    assert session.lines("TUT:x.VELO") == ["many"]


def test_caproto(run):
    session = run("""
        from caproto.sync.client import write
        from caproto.threading.client import Context
        from caproto.threading.pyepics_compat import caput

        x, shutter = Context().get_pvs("TUT:x.VAL", "TUT:shutter")
        for it in (x, shutter):
            it.wait_for_connection(timeout=10)
        x.write([1], timeout=10)  # x
        shutter.write([1],  # shutter
                      wait=False)
        caput("TUT:x", 0.5, wait=True)  # as pyepics
        write("TUT:shutter", 0, notify=True)  # sync
    """)
    assert session.lines("TUT:x") == ["x", "as pyepics"]
    assert session.lines("TUT:shutter") == ["shutter", "sync"]


def test_aioca(run):
    session = run("""
        import asyncio
        from aioca import caput

        async def move(position):
            await caput("TUT:x", position, wait=True, timeout=10)  # move

        async def main():
            await move(0.5)
            await asyncio.create_task(move(0.25))
            task = asyncio.create_task(caput("TUT:x", 0.1))  # task
            await task
            await caput(["TUT:x.VELO", "TUT:shutter"],  # list
                        [2, 1])
            await asyncio.gather(  # together
                caput("TUT:shutter", 0), caput("TUT:x.ACCL", 0.1))

        asyncio.run(main())
    """)
    assert session.lines("TUT:x") == ["move", "move", "task"]
    assert session.lines("TUT:x.VELO") == ["list"]
    assert session.lines("TUT:shutter") == ["list", "together"]
    assert session.lines("TUT:x.ACCL") == ["together"]


def test_ophyd_plans(run):
    session = run(
        OPHYD
        + """
RE(scan([i0], x, 0, 1, 2))  # scan
RE(plans.opened(shutter, plans.there(x, i0, 0.5)))
RE(plans.back(x, i0))
RE(bps.mv(watched, 1))  # mv
watched.set(0).wait(10)  # set
x.move(0.25, wait=True)  # by hand
""",
        plans=PLANS,
    )
    assert session.ran.returncode == 0, session.ran.stdout + session.ran.stderr
    assert session.lines("TUT:x") == ["scan", "scan", "there", "back", "back", "by hand"]
    assert session.lines("TUT:shutter") == ["open", "close", "mv", "set"]


def test_ophyd_async_plans(run):
    session = run(
        """
        from bluesky import RunEngine
        from bluesky.plans import scan
        from ophyd_async.core import init_devices
        from ophyd_async.epics.core import epics_signal_r
        from ophyd_async.epics.motor import Motor
        import plans

        RE = RunEngine()
        with init_devices():
            x = Motor("TUT:x")
            i0 = epics_signal_r(float, "TUT:i0")
        RE(scan([i0], x, 0, 1, 2))  # scan
        RE(plans.there(x, i0, 0.5))
        RE(plans.back(x, i0))
        """,
        plans=PLANS,
    )
    assert session.ran.returncode == 0, session.ran.stdout + session.ran.stderr
    assert session.lines("TUT:x") == ["scan", "scan", "there", "back", "back"]


def test_processes_that_put_to_the_same_channel_are_told_apart(run):
    session = run(
        """
        import subprocess, sys
        both = [subprocess.Popen([sys.executable, f"{it}.py"]) for it in ("one", "two")]
        assert [it.wait() for it in both] == [0, 0]
        """,
        one='import epics\nfor _ in range(20):\n    epics.caput("TUT:shutter", 1)  # one\n',
        two='import epics\nfor _ in range(20):\n    epics.caput("TUT:shutter", 0)  # two\n',
    )
    puts = session.puts("TUT:shutter")
    assert len(puts) == 40
    assert {(value, line) for _, value, line in puts} == {(1, "one"), (0, "two")}


def test_who_does_not_tell_takes_no_line_of_others(run):
    """A Python without its environment puts to the channel of which lines are told."""
    session = run(
        """
        import epics, subprocess, sys
        epics.caput("TUT:shutter", 1)  # told
        subprocess.run([sys.executable, "-E", "quiet.py"], check=True)
        epics.caput("TUT:shutter", 1)  # told again
        """,
        quiet='import epics\nepics.caput("TUT:shutter", 0, wait=True)\n',
    )
    assert session.lines("TUT:shutter") == ["told", None, "told again"]


def test_a_move_beyond_a_limit(run):
    # What ophyd knows the limits of it does not ask for.
    setpoint = 'setpoint = EpicsSignal("TUT:x", name="setpoint", put_complete=True)\n'
    setpoint += "setpoint.wait_for_connection(timeout=10)\n"
    session = run(OPHYD + setpoint + "RE(plans.far(setpoint))\n", plans=PLANS)
    assert ("beyond-limits", "far") in session.findings(), session.ran.stdout
    line = next(at for at, name in session.names.items() if name == "far")
    assert f"{line}: TUT:x was asked for 20 mm, which was refused" in folded(session.ran.stdout)


@pytest.mark.parametrize(
    "ask",
    [
        'import epics\nepics.PV("TUT:y").wait_for_connection(1)  # typo',
        'from ophyd import EpicsMotor\nx = EpicsMotor("TUT:y", name="x")  # typo\n'
        "try:\n    x.wait_for_connection(timeout=1)\nexcept TimeoutError:\n    pass",
        'import asyncio, aioca\nasyncio.run(aioca.connect("TUT:y", timeout=1, throw=False))  # typo',
        "from caproto.threading.client import Context\n"
        'y, = Context().get_pvs("TUT:y")  # typo\n'
        "try:\n    y.wait_for_connection(timeout=1)\nexcept TimeoutError:\n    pass",
    ],
)
def test_a_name_that_is_misspelt(run, ask):
    session = run(ask)
    told = set(session.findings())
    assert told == {("not-served", "typo")}, session.ran.stdout + session.ran.stderr


def test_a_shutter_that_is_not_closed(run):
    session = run(OPHYD + "RE(bps.mv(shutter, 1))  # open\nRE(scan([i0], x, 0, 1, 2))\n", plans=PLANS)
    assert session.findings() == [("left-open", "open")], session.ran.stdout


def test_a_script_that_crashes_half_way(run):
    session = run(
        """
        import epics

        def process(counts):
            return 1 / counts  # divide

        epics.caput("TUT:shutter", 1, wait=True)  # open
        epics.caput("TUT:x", 9)  # move
        epics.caget("TUT:x.RBV")
        process(0)
        """,
        speed="1",
    )
    assert session.ran.returncode == 4
    assert "ZeroDivisionError" in session.ran.stderr
    assert session.findings() == [("failed", "divide"), ("left-open", "open"), ("left-moving", "move")]
    assert "ended with code 1: ZeroDivisionError: division by zero" in folded(session.ran.stdout)


def test_a_plan_that_crashes_says_its_own_line(run):
    plans = PLANS + "\n\ndef bad():\n    yield from bps.null()\n    raise RuntimeError('no film')  # film\n"
    session = run(OPHYD + "RE(plans.bad())\n", plans=plans)
    assert session.findings() == [("failed", "film")]


def test_one_that_reaches_for_the_outside(run):
    """Nobody is at these ports of the loopback interface."""
    session = run("""
        import socket
        try:
            socket.create_connection(("127.0.0.2", 45678), timeout=1)  # tcp
        except OSError:
            pass
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("127.0.0.2", 45679))  # udp
    """)
    if session.report["run"]["network"] == "own":
        assert session.findings() == [("outside", "tcp"), ("outside", "udp")]


def test_without_lines_nothing_is_told(run):
    session = run('import epics; epics.caput("TUT:shutter", 1, wait=True)', "--no-source-lines")
    assert session.lines("TUT:shutter") == [None]
    assert session.findings() == [("left-open", None)]


def test_a_replay_of_lines_is_the_same(run):
    session = run('import epics; epics.caput("TUT:x", 0.1, wait=True); epics.caput("TUT:y", 1, timeout=0.5)')
    ran = beamtwin("replay", session.folder / "trace.jsonl")
    assert ran.returncode == 0 and "byte for byte" in ran.stdout, ran.stdout


def test_a_comparison_names_the_lines_of_both(run, tmp_path):
    script = 'import epics\nepics.caput("TUT:x", {}, wait=True)\nepics.caput("TUT:shutter", 0, wait=True)\n'
    first = run(script.format(1)).folder / "trace.jsonl"
    first = first.rename(tmp_path / "first.jsonl")
    second = run("\n" + script.format(2)).folder / "trace.jsonl"
    out = tmp_path / "compared.json"
    ran = beamtwin("compare", first, second, "--json", out)
    assert ran.returncode == 1
    reason = "motor.x was asked for 2 mm instead of 1 mm at"
    assert reason in folded(ran.stdout)
    assert "in scan.py:3 (in the reference scan.py:2)" in folded(ran.stdout)
    rows = json.loads(out.read_text())["rows"]
    assert [(it["reference"]["at"], it["session"]["at"]) for it in rows] == [
        ("scan.py:2", "scan.py:3"),
        ("scan.py:3", "scan.py:4"),
    ]


def test_a_sitecustomize_of_the_user_runs_too(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.theirs = 'theirs'\n")
    ran = beamtwin(
        *("preflight", TUTORIAL, "--", sys.executable, "-c", "print(theirs)"),
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert ran.stdout.startswith("theirs\n"), ran.stdout + ran.stderr


def test_outside_of_a_preflight_nothing_happens(tmp_path):
    """The Python side without its variable, with one that leads nowhere, and with one that leads to no socket."""
    source = TUTORIAL.parent.parent / "python"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    (tmp_path / "file").touch()
    cases = ((None, ""), ("gone", ""), ("file", "beamtwin: beamtwin.lines is left out: "))
    for name, says in cases:
        more = {"BEAMTWIN_LINES": str(tmp_path / name)} if name else {}
        ran = subprocess.run(
            [sys.executable, "-c", "print(1)"],
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert (ran.returncode, ran.stdout) == (0, "1\n")
        assert ran.stderr.startswith(says) and len(ran.stderr.splitlines()) == bool(says)
