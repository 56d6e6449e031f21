"""`beamtwin preflight --jump` where Python is more than a script: shells, other clients, other processes, other loops.

Each case either is exact, or time passes by the clock and the report says why.
"""

import importlib.util
import json
import sys

import pytest
from twin import TUTORIAL, Trace, beamtwin

CLOCK = "by the clock"
OPHYD = """
import time
from ophyd import EpicsMotor
x = EpicsMotor("TUT:x", name="x")
x.wait_for_connection(timeout=10)
x.move(3, wait=False)
time.sleep(1.5)
x.stop()
"""
THREADS = """
import time
from caproto.threading.client import Context
context = Context()
x, stop = context.get_pvs("TUT:x", "TUT:x.STOP")
for it in (x, stop):
    it.wait_for_connection(timeout=10)
x.write([3], wait=False)
time.sleep(1.5)
stop.write([1], wait=True)
context.disconnect()
"""
ASYNCIO = """
import asyncio
from caproto.asyncio.client import Context
async def main():
    context = Context()
    x, stop = await context.get_pvs("TUT:x", "TUT:x.STOP")
    for it in (x, stop):
        await it.wait_for_connection(timeout=10)
    await x.write([3], wait=False)
    await asyncio.sleep(1.5)
    await stop.write([1], wait=True)
    await context.disconnect()
asyncio.run(main())
"""
SYNCHRONOUS = """
import time
from caproto.sync.client import write
# The repeater that it starts else would outlive the test.
write("TUT:x", [1], notify=True, timeout=20, repeater=False)
"""
POOL = """
import multiprocessing, sys
def move(to):
    from epics import caput
    return caput("TUT:x", to, wait=True, timeout=20)
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        print(pool.map(move, [1]))
"""
CHILD = """
import subprocess, sys, time
from epics import caput
caput("TUT:x", 0.5, wait=True)
began = time.time()
subprocess.run([sys.executable, "-c", "from epics import caput; caput('TUT:x', 1, wait=True)"], check=True)
print("child", time.time() - began)
began = time.time()
subprocess.run(["sleep", "0.5"], check=True)
print("sleep", time.time() - began)
"""
QT = """
import sys, time
from PyQt5.QtCore import QCoreApplication, QTimer
from epics import caput
app = QCoreApplication(sys.argv)
caput("TUT:x", 1, wait=True)
QTimer.singleShot(500, app.quit)
app.exec_()
"""
PVA = """
import time
from p4p.client.thread import Context
from epics import caput
context = Context("pva")
caput("TUT:x", 1, wait=True)
try:
    context.get("TUT:x", timeout=2)
except TimeoutError:
    print("nobody")
caput("TUT:x.DESC", "later")
context.close()
"""


class Ran:
    def __init__(self, folder, script, *python):
        path, trace, report = (folder / name for name in ("script.py", "trace.jsonl", "report.json"))
        path.write_text(script)
        command = ["preflight", TUTORIAL, "--jump", "--wall-timeout", "100 s"]
        command += ["--record", trace, "--json", report, "--", sys.executable, *python]
        self.ran = beamtwin(*command, *([] if python and "%run" in python[-1] else [path]), cwd=folder)
        self.output = self.ran.stdout + self.ran.stderr
        self.report = json.loads(report.read_text())
        self.pace = self.report["run"]["pace"]
        self.trace = Trace.read(trace)
        assert beamtwin("replay", trace).returncode == 0

    def between(self, one, other) -> float:
        """Seconds from the first put on a channel to the first on another."""
        return (self.trace.puts(other)[0].t - self.trace.puts(one)[0].t) / 1e9


@pytest.mark.parametrize("python", [("-m", "IPython"), ("-m", "IPython", "-c", "%run script.py")])
def test_ipython_lives_in_device_time(tmp_path, monkeypatch, python):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    ran = Ran(tmp_path, OPHYD, *python)
    assert ran.between("TUT:x", "TUT:x.STOP") == 1.5, ran.output
    assert ran.pace == "jump"


@pytest.mark.parametrize("script", [THREADS, ASYNCIO], ids=["threading", "asyncio"])
def test_clients_of_caproto_live_in_device_time(tmp_path, script):
    ran = Ran(tmp_path, script)
    assert ran.between("TUT:x", "TUT:x.STOP") == 1.5, ran.output
    assert ran.pace == "jump"


def test_a_client_that_waits_for_a_socket_of_its_own_has_time_by_the_clock(tmp_path):
    ran = Ran(tmp_path, SYNCHRONOUS)
    (put,) = ran.trace.puts("TUT:x")
    assert ran.trace.lasted(put) == 1_200_000_000, ran.output
    assert CLOCK in ran.pace


@pytest.mark.parametrize("way", ["fork", "spawn", "forkserver"])
def test_a_pool_moves_as_long_as_at_real_pace(tmp_path, way):
    ran = Ran(tmp_path, POOL.replace("sys.argv[1]", repr(way)))
    (put,) = ran.trace.puts("TUT:x")
    assert ran.trace.lasted(put) == 1_200_000_000, ran.output
    assert ran.ran.returncode == 0 and sum(ran.report["time"].values()) < 60, ran.output


def test_a_child_that_is_a_client_lives_in_device_time_and_another_one_takes_none(tmp_path):
    ran = Ran(tmp_path, CHILD)
    took = dict(line.split() for line in ran.ran.stdout.splitlines() if line.startswith(("child ", "sleep ")))
    _, put = ran.trace.puts("TUT:x")
    assert float(took["child"]) >= ran.trace.lasted(put) / 1e9, ran.output
    assert float(took["sleep"]) == 0
    assert ran.pace == "jump"


@pytest.mark.skipif(not importlib.util.find_spec("PyQt5"), reason="PyQt5 is not installed")
def test_while_qt_runs_its_loop_time_passes_by_the_clock(tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    ran = Ran(tmp_path, QT)
    assert ran.ran.returncode == 0, ran.output
    assert CLOCK in ran.pace


@pytest.mark.skipif(not importlib.util.find_spec("p4p"), reason="p4p is not installed")
def test_time_outs_of_pv_access_are_in_device_time(tmp_path):
    ran = Ran(tmp_path, PVA)
    (put,) = ran.trace.puts("TUT:x")
    assert ran.between("TUT:x", "TUT:x.DESC") == pytest.approx(ran.trace.lasted(put) / 1e9 + 2, abs=0.01)
    assert "nobody" in ran.output
    assert ran.pace == "jump"
