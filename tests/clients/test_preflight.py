"""`beamtwin preflight`: real scripts against a twin of their own, and what is found of them.

No script here knows of a twin. Nothing is ever sent to another machine: who reaches for the outside reaches for
decoys on the loopback interface.
"""

import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest
from twin import PATIENCE, TUTORIAL, beamtwin, binary, folded, until

OPHYD = """
from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.plans import scan
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO
x = EpicsMotor("TUT:x", name="x")
i0 = EpicsSignalRO("TUT:i0", name="i0")
shutter = EpicsSignal("TUT:shutter", name="shutter", put_complete=True)
for it in (x, i0, shutter):
    it.wait_for_connection(timeout=10)
RE = RunEngine()
"""
MEASURE = OPHYD + """
RE(bps.mv(shutter, 1))
RE(scan([i0], x, 0, 2, 3))
RE(bps.mv(shutter, 0))
"""


@pytest.fixture
def preflight(tmp_path):
    """Runs a preflight of a Python script; answers with how it ended and its report."""

    def run(script, *options, file=TUTORIAL, speed="5", **kwargs):
        path = tmp_path / "script.py"
        path.write_text(script)
        report = tmp_path / "report.json"
        ran = beamtwin(
            *("preflight", file, "--speed", speed, "--json", report, *options),
            *("--", sys.executable, path),
            **kwargs,
        )
        return ran, json.loads(report.read_text()) if report.is_file() else None

    return run


def found(report) -> list[str]:
    return [it["kind"] for it in report["findings"]]


def texts(report, kind) -> list[str]:
    return [it["text"] for it in report["findings"] if it["kind"] == kind]


def is_alone(report) -> bool:
    """Whether the command had a network of its own."""
    return report["run"]["network"] == "own"


def test_a_scan_that_is_in_order_is_clear(preflight):
    ran, report = preflight(MEASURE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "CLEAR" in ran.stdout
    assert found(report) == []
    (travel,) = report["travels"]
    assert (travel["device"], travel["from"], travel["to"]) == ("motor.x", 0.0, 2.0)
    assert travel["moves"] == 2
    (shutter,) = report["shutters"]
    assert shutter["openings"] == 1 and not shutter["left_open"]
    assert report["unused"] == []
    time = {name: float(value) for name, value in report["time"].items()}
    assert time["moving"] == pytest.approx(2 * 1.3, abs=0.3)
    parts = sum(time[it] for it in ("exposing", "moving", "waiting", "idle"))
    assert parts == pytest.approx(time["to"] - time["from"], abs=1e-6)


def test_what_the_command_prints_and_reads_is_passed_through(tmp_path):
    script = "import sys; print('said', input()); print('aside', file=sys.stderr)"
    ran = subprocess.run(
        [binary(), "preflight", TUTORIAL, "--", sys.executable, "-c", script],
        input="heard\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0
    assert ran.stdout.startswith("said heard\n")
    assert "aside\n" in ran.stderr
    # A report as JSON has standard output for itself.
    ran = beamtwin("preflight", TUTORIAL, "--json", "-", "--", "echo", "something")
    assert json.loads(ran.stdout)["verdict"] == "clear"
    assert "something\n" in ran.stderr


def test_a_name_that_is_misspelt(preflight):
    ran, report = preflight(OPHYD.replace("TUT:i0", "TUT:iO").replace("timeout=10", "timeout=1"))
    assert ran.returncode == 4  # the script gives up by itself
    assert "TimeoutError" in ran.stderr
    assert found(report) == ["failed", "not-served"]
    assert texts(report, "not-served") == [
        "TUT:iO was asked for, and this beamline has nothing of that name; did you mean TUT:i0?"
    ]
    assert "did you mean TUT:i0?" in folded(ran.stdout)


def test_a_move_beyond_a_limit(preflight):
    ran, report = preflight("import epics; epics.caput('TUT:x', 20, wait=True)")
    assert ran.returncode == 1
    assert found(report) == ["beyond-limits"]
    assert "20 is beyond the soft limits -10 to 10" in folded(ran.stdout)
    assert report["travels"] == []


def test_a_shutter_that_is_not_closed(preflight):
    ran, report = preflight(MEASURE.replace("RE(bps.mv(shutter, 0))", ""))
    assert ran.returncode == 1
    assert found(report) == ["left-open"]
    assert "shutter.main was opened and not closed again" in folded(ran.stdout)
    assert report["shutters"][0]["left_open"]


def test_what_was_written_last_is_heard(preflight):
    """A script that ends right after a put without waiting has still made it."""
    # A write of caproto is with the system when it returns; libca sends later, from a thread of its own.
    script = "import os\nfrom caproto.threading.client import Context\n(pv,) = Context().get_pvs('TUT:shutter')\n"
    script += "pv.wait_for_connection(timeout=10)\n"
    script += "for it in (1, 0): pv.write([it], wait=False, notify=False)\nos._exit(0)"
    for _ in range(5):
        ran, report = preflight(script)
        assert found(report) == [], ran.stdout
        assert report["shutters"][0]["openings"] == 1


def test_a_script_that_crashes_half_way(preflight):
    crash = "import epics; epics.caput('TUT:x', 9); epics.caget('TUT:x.RBV'); raise RuntimeError('no film')"
    ran, report = preflight(crash, speed="1")
    assert ran.returncode == 4
    assert "RuntimeError: no film" in ran.stderr
    assert found(report) == ["failed", "left-moving"]
    assert "the command ended with code 1" in folded(ran.stdout)


def test_a_script_that_never_ends(preflight):
    never = "import epics, time\nepics.caput('TUT:shutter', 1, wait=True)\nwhile True: time.sleep(1)"
    ran, report = preflight(never, "--timeout", "100 s", speed="50")
    assert ran.returncode == 1
    assert found(report) == ["timed-out", "left-open"]
    assert "did not end within 100 s of device time" in folded(ran.stdout)
    assert report["run"]["wall"] < 60


def test_one_that_does_not_want_to_end_is_ended(preflight):
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    ran, report = preflight(stubborn, "--wall-timeout", "2 s")
    assert ran.returncode == 1
    assert found(report) == ["timed-out"]


def test_what_it_started_ends_with_it(tmp_path):
    ids = tmp_path / "ids"
    loop = f"import os; open({str(ids)!r}, 'a').write(f'{{os.getpid()}}\\n'); import time; time.sleep(1000)"
    shell = f"{sys.executable} -c \"{loop}\"; true"
    ran = beamtwin("preflight", TUTORIAL, "--real", "--wall-timeout", "6 s", "--", "sh", "-c", shell)
    assert ran.returncode == 1, ran.stderr
    (started,) = map(int, ids.read_text().split())
    # Whoever adopts it may leave its number there, with nothing behind it.
    try:
        state = Path(f"/proc/{started}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        state = "gone"
    assert state in ("gone", "Z", "X")


def test_what_it_leaves_behind_ends_with_it(preflight):
    """Such as the repeater of caproto, which would keep a pipe open that the command wrote to."""
    leaves = "from caproto.sync.client import write; write('TUT:shutter', [0], notify=True); import subprocess; "
    leaves += "print(subprocess.run('setsid sleep 1000 & echo $!', shell=True))"
    ran, report = preflight(leaves)
    assert ran.returncode == 0, ran.stderr
    assert found(report) == []


def test_one_that_waits_for_what_never_comes(preflight):
    """The put that was waited for is named."""
    waits = "from epics import caput; caput('TUT:x.VELO', 0.05); caput('TUT:x.VAL', 9, wait=True, timeout=1e6)"
    ran, report = preflight(waits, "--timeout", "60 s", speed="10")
    assert ran.returncode == 1
    assert found(report) == ["timed-out", "left-moving"]


class Decoys:
    """What stands for the real thing: who connects or sends is noted."""

    def __init__(self):
        self.hits = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.2", 0))
        for wait in (self.tcp.accept, lambda: self.udp.recvfrom(100)):
            threading.Thread(target=self.note, args=(wait,), daemon=True).start()

    def note(self, wait):
        while True:
            try:
                self.hits.append(wait())
            except OSError:
                return

    def address(self, which) -> str:
        return "%s:%d" % which.getsockname()


def test_one_that_reaches_for_the_outside(preflight):
    decoys = Decoys()
    script = f"""
import multiprocessing.pool, os, socket
for _ in range(2):
    try:
        socket.create_connection({decoys.tcp.getsockname()!r})
    except OSError as error:
        print("refused", error)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.sendto(b"anybody?", {decoys.udp.getsockname()!r})
own = socket.create_server(("127.0.0.1", 0))
socket.create_connection(own.getsockname()).close()
# Its own address list does not lead out either.
os.environ["EPICS_CA_ADDR_LIST"] = "127.0.0.2:{decoys.udp.getsockname()[1]}"
import epics
print("value", epics.caget("TUT:x", timeout=1, connection_timeout=1))
"""
    ran, report = preflight(script)
    if not is_alone(report):
        # Where there is no other network, that is said, and nothing else can be promised.
        assert "it could reach more than the twin" in folded(ran.stdout)
        assert decoys.hits
        return
    assert decoys.hits == []
    assert ran.returncode == 1
    assert ran.stdout.count("refused [") == 2
    assert "value None" in ran.stdout
    assert set(found(report)) == {"outside"}
    tcp, udp = (decoys.address(it) for it in (decoys.tcp, decoys.udp))
    told = {it["text"]: it["times"] for it in report["findings"]}
    assert told.pop(f"it tried to reach {tcp} by TCP") == 2
    assert told.pop(f"it tried to reach {udp} by UDP") >= 2
    assert told == {}


def test_there_is_nothing_but_a_loopback_interface(preflight):
    ran, report = preflight("print('interfaces', open('/proc/net/dev').read().count(':'))")
    if is_alone(report):
        assert "interfaces 1\n" in ran.stdout
    ran, report = preflight("", "--with-network")
    assert report["run"]["network"] == {"shared": "--with-network was given"}
    assert ran.returncode == 0


def test_where_there_is_no_network_of_its_own_that_is_said():
    """In a system that allows no more networks; one that allows nothing at all needs no help."""
    preflight = [binary(), "preflight", str(TUTORIAL), "--", "true"]
    forbid = "echo 0 > /proc/sys/user/max_net_namespaces && exec \"$@\""
    try:
        ran = subprocess.run(["unshare", "-Ur", "true"], capture_output=True)
        allowed = ran.returncode == 0
    except FileNotFoundError:
        allowed = False
    within = ["unshare", "-Ur", "sh", "-c", forbid, "sh"] if allowed else []
    ran = subprocess.run([*within, *preflight], capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stderr
    if within:
        assert "the system gives it none of its own" in folded(ran.stdout)


def test_the_environment_leads_to_the_twin_alone(preflight):
    show = "import os; print(*(f'{k}={v}' for k, v in os.environ.items() if 'EPICS' in k), sep='\\n')"
    environment = {**os.environ, "EPICS_CA_NAME_SERVERS": "127.0.0.3", "EPICS_CAS_INTF_ADDR_LIST": "127.0.0.4"}
    ran, _ = preflight(show, env=environment)
    told = dict(re.findall(r"^(EPICS_\w+)=(.*)$", ran.stdout, re.MULTILINE))
    assert told["EPICS_CA_ADDR_LIST"] == told["EPICS_PVA_ADDR_LIST"] == "127.0.0.1"
    assert told["EPICS_CA_AUTO_ADDR_LIST"] == told["EPICS_PVA_AUTO_ADDR_LIST"] == "NO"
    assert not any("NAME_SERVERS" in it or it.startswith("EPICS_CAS") for it in told)


def test_a_session_that_is_not_as_the_last_one(preflight, tmp_path):
    first = tmp_path / "first.jsonl"
    ran, report = preflight(MEASURE, "--record", first)
    assert ran.returncode == 0 and first.is_file()
    ran, report = preflight(MEASURE, "--against", first)
    assert found(report) == [], ran.stdout
    ran, report = preflight(MEASURE.replace("0, 2, 3", "0, 3, 3"), "--against", first)
    assert ran.returncode == 1
    assert set(found(report)) == {"different"}


RULED = """
[rules.middle]
never = "motor.x.position > 1.5 && shutter.main.open"
message = "the sample leaves the beam"

[rules.far]
always = "motor.x.position < 3"
"""


def test_rules_are_judged_and_told_with_their_margins(preflight, tmp_path):
    file = tmp_path / "ruled.toml"
    file.write_text(TUTORIAL.read_text() + RULED)
    page = tmp_path / "page.html"
    ran, report = preflight(MEASURE, "--html", page, file=file)
    assert ran.returncode == 1
    assert found(report) == ["rule"]
    assert texts(report, "rule") == ["middle: the sample leaves the beam"]
    # It went to 2.
    assert re.search(r"held far .* came within 1 mm", folded(ran.stdout)), ran.stdout
    text = page.read_text()
    assert "FINDINGS" in text and "the sample leaves the beam" in text and "<svg" in text


def test_a_recorded_session_is_reported_on(preflight, tmp_path):
    trace = tmp_path / "session.jsonl"
    ran, live = preflight("import epics; epics.caput('TUT:x', 20, wait=True)", "--record", trace)
    later = beamtwin("preflight", "--of", trace, "--json", "-")
    assert later.returncode == 1
    later = json.loads(later.stdout)
    assert later["findings"] == live["findings"]
    assert later["run"] is None


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["preflight", TUTORIAL, "--", "/no/such/command"], "failed to run /no/such/command"),
        (["preflight", "no.toml", "--", "true"], "failed to read no.toml"),
        (["preflight", TUTORIAL], "<COMMAND>"),
        (["preflight", TUTORIAL, "--timeout", "soon", "--", "true"], "soon"),
        (["preflight", "--of", "no.jsonl"], "no.jsonl"),
    ],
)
def test_what_cannot_begin_says_why(arguments, says):
    ran = beamtwin(*arguments)
    assert ran.returncode == 2
    assert says in ran.stderr


COUNTS = """
import signal, sys, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(time.time()))
print("ready", flush=True)
while not heard:
    time.sleep(0.01)
time.sleep(0.5)
print("heard", len(heard), flush=True)
sys.exit(len(heard) - 1)
"""


def test_a_signal_to_us_reaches_the_command():
    command = [binary(), "preflight", TUTORIAL, "--", sys.executable, "-c", COUNTS]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert out.startswith("heard 1\n")
    assert process.returncode == 0


def test_ctrl_c_in_a_terminal_reaches_the_command_once():
    command = [binary(), "preflight", str(TUTORIAL), "--", sys.executable, "-c", COUNTS]
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.execv(command[0], command)
    said = b""

    def says(what):
        nonlocal said
        try:
            said += os.read(terminal, 4096)
        except OSError:  # the terminal is closed
            pass
        return what in said

    until(lambda: says(b"ready"), "the script")
    os.write(terminal, b"\x03")
    until(lambda: says(b"CLEAR"), "the report")
    assert b"heard 1\r\n" in said
    # The line that tells how it goes is there, and the terminal scrolls as before in the end.
    assert re.search(rb"preflight +[0-9.]+ s of device time", said)
    assert said.rfind(b"\x1b[r") > said.find(b"\x1b[1;23r") >= 0
    assert os.waitpid(child, 0)[1] == 0


def test_one_that_gives_up_on_ctrl_c_was_interrupted():
    script = "import time; print('ready', flush=True); time.sleep(1000)"
    command = [binary(), "preflight", TUTORIAL, "--real", "--", sys.executable, "-c", script]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < PATIENCE
    assert process.returncode == 1
    assert "the command was interrupted" in folded(out)
