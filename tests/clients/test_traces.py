"""What the twin writes down: complete, exact, replayable, and never in the way of serving.

The client here is caproto's synchronous one, which looks at the environment at each call, so that one
process can speak to one twin after the other.
"""

import os
import signal
import threading
import time

import pytest
from caproto.sync.client import read, subscribe, write
from twin import (
    BENCH,
    CMS,
    EPOCH,
    EPOCH_SECONDS,
    PATIENCE,
    ROOT,
    TUTORIAL,
    Trace,
    Twin,
    beamtwin,
    folded,
    script,
    travel_time,
    until,
)

MEASURE = ROOT / "demo" / "measure.py"

OPHYD_SCAN = """
from bluesky import RunEngine, plans as bp, plan_stubs as bps
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO
x = EpicsMotor("TUT:x", name="x", settle_time=0.1)
shutter = EpicsSignal("TUT:shutter", name="shutter", put_complete=True)
i0 = EpicsSignalRO("TUT:i0", name="i0")
for it in (x, shutter, i0):
    it.wait_for_connection(timeout=20)
RE = RunEngine({})
RE(bps.mv(shutter, 1))
RE(bp.scan([i0], x, 0.3, 2.1, 7))
x.move(-0.4)
RE(bps.mv(shutter, 0))
"""

OPHYD_ASYNC_SCAN = """
from bluesky import RunEngine, plans as bp, plan_stubs as bps
from ophyd_async.core import init_devices
from ophyd_async.epics.core import epics_signal_rw
from ophyd_async.epics.motor import Motor
RE = RunEngine({})
with init_devices(timeout=20):
    x = Motor("ca://TUT:x")
    shutter = epics_signal_rw(int, "ca://TUT:shutter", name="shutter")
RE(bps.mv(shutter, 1))
RE(bp.scan([], x, 0.3, 2.1, 7))
RE(bps.mv(shutter, 0))
"""


@pytest.fixture
def see(monkeypatch):
    """Points the client of this process at a twin."""

    def at(twin: Twin) -> Twin:
        for name, value in twin.environment().items():
            monkeypatch.setenv(name, value)
        return twin

    return at


def put(name, value, **options):
    return write(name, value, notify=True, timeout=PATIENCE, repeater=False, **options)


def get(name):
    return read(name, timeout=PATIENCE, repeater=False).data[0]


# --- the file -------------------------------------------------------------------------------------


def test_a_trace_begins_with_what_made_it_and_ends_with_a_footer(see):
    with Twin(TUTORIAL, seed=42) as twin:
        see(twin)
        put("TUT:shutter", [1])
        trace = twin.stop()
    assert trace.header["trace"].startswith("1.")
    assert trace.header["seed"] == 42
    assert trace.header["epoch"].removesuffix("Z").removesuffix(".000") + "Z" == EPOCH
    assert trace.header["beamline"] == "Tutorial"
    assert trace.header["file"].startswith("sha256:")
    assert trace.end["complete"] is True
    assert trace.end["records"] == len(trace.facts)
    assert [it.n for it in trace.facts] == list(range(1, len(trace.facts) + 1))
    assert [it.t for it in trace.facts] == sorted(it.t for it in trace.facts)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_twin_with_a_closed_trace(see, how):
    twin = see(Twin(TUTORIAL))
    put("TUT:shutter", [1])
    assert twin.stop(how).end["complete"] is True


def test_a_shutdown_by_the_control_channel_closes_the_trace_too(see):
    twin = Twin(TUTORIAL)
    twin.ctl("shutdown")
    assert twin.process.wait(PATIENCE) == 0
    assert Trace.read(twin.record).end["complete"] is True


def test_the_info_of_a_trace_says_what_is_in_it(see):
    with Twin(TUTORIAL) as twin:
        see(twin)
        put("TUT:x", [0.3])
        twin.stop()
    info = beamtwin("trace", "info", twin.record)
    assert info.returncode == 0
    assert "Tutorial" in info.stdout and "motor.x" in info.stdout


def test_the_control_channel_reads_and_writes_what_clients_see(see):
    with Twin(TUTORIAL) as twin:
        see(twin)
        twin.ctl("put", "TUT:shutter", "1")
        until(lambda: get("TUT:shutter") == 1, "the shutter to be told to open")
        put("TUT:x", [0.25])
        assert "0.25" in twin.ctl("get", "TUT:x.RBV")
        assert "Tutorial" in twin.ctl("status")


# --- replay ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [OPHYD_SCAN, OPHYD_ASYNC_SCAN], ids=["ophyd", "ophyd-async"])
@pytest.mark.parametrize("speed", [1, 10])
def test_the_trace_of_a_live_session_replays_to_the_same_bytes(text, speed):
    with Twin(TUTORIAL, speed=speed) as twin:
        script(twin, text, timeout=90)
        trace = twin.stop()
    positions = [0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1]
    assert [it.value for it in trace.puts("TUT:x")][:7] == pytest.approx(positions)
    assert [trace.lasted(it) for it in trace.puts("TUT:x")][:7] == [travel_time(0.3)] * 7
    replayed = beamtwin("replay", twin.record)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


def test_the_trace_of_the_demo_replays_to_the_same_bytes():
    with Twin(CMS, speed=10) as twin:
        script(twin, MEASURE.read_text(), "--quiet", timeout=90)
        twin.stop()
    replayed = beamtwin("replay", twin.record)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


def test_a_replay_finds_a_line_that_was_changed(see, tmp_path):
    with Twin(TUTORIAL) as twin:
        see(twin)
        put("TUT:x", [0.5])
        trace = twin.stop()
    lines = twin.record.read_text().splitlines(keepends=True)
    victim = trace.posts("TUT:x.RBV")[-1]
    place = next(i for i, line in enumerate(lines) if f'"n":{victim.n},' in line)
    lines[place] = lines[place].replace('"value":0.5', '"value":0.6')
    changed = tmp_path / "changed.jsonl"
    changed.write_text("".join(lines))
    assert changed.read_text() != twin.record.read_text()
    replayed = beamtwin("replay", changed)
    assert replayed.returncode == 1
    assert f"line {place + 1}" in replayed.stdout


# --- accidents ------------------------------------------------------------------------------------


def test_a_killed_twin_leaves_a_trace_that_lacks_no_more_than_its_last_tenth_of_a_second(see):
    twin = see(Twin(TUTORIAL))
    write("TUT:x", [10.0], notify=False, repeater=False, timeout=PATIENCE)
    readbacks, seen = [], threading.Event()
    subscription_end = 1.0

    def update(_, response):
        readbacks.append((time.monotonic(), float(response.data[0])))
        if response.data[0] > subscription_end:
            seen.set()
            raise KeyboardInterrupt

    subscription = subscribe("TUT:x.RBV")
    subscription.add_callback(update)
    try:
        subscription.block(timeout=PATIENCE, repeater=False)
    except KeyboardInterrupt:
        pass
    assert seen.is_set(), readbacks
    killed_at = time.monotonic()
    twin.kill()
    trace = Trace.read(twin.record)
    assert trace.end is None
    kept = [it.value for it in trace.posts("TUT:x.RBV")]
    for when, value in readbacks:
        if value != 0 and killed_at - when > 0.1:
            assert value in kept, f"{value} was seen {killed_at - when:.3f} s before the kill"
    info = beamtwin("trace", "info", twin.record)
    assert info.returncode == 0
    assert "cut short" in folded(info.stdout + info.stderr)


def served_on(twin, name="TUT:x"):
    """The twin serves: a move with completion, and what it answers."""
    put(name, [0.3])
    assert get(f"{name}.RBV") == pytest.approx(0.3, abs=1e-3)
    put(name, [0.0])
    assert get(f"{name}.RBV") == pytest.approx(0.0, abs=1e-3)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_stops_the_recording_loudly_and_not_the_serving(see):
    twin = see(Twin(TUTORIAL, record="/dev/full"))
    served_on(twin)
    until(lambda: "No space left" in twin.log() or "os error 28" in twin.log(), "a loud log line")
    served_on(twin)
    assert any(word in twin.log() for word in ("ERROR", "error"))
    twin.process.send_signal(signal.SIGINT)
    twin.process.wait(PATIENCE)
    assert "panicked" not in twin.log()


def test_a_limit_on_file_size_stops_the_recording_loudly_and_not_the_serving(see):
    twin = see(Twin(TUTORIAL, prefix=("bash", "-c", 'ulimit -f 8; exec "$@"', "limited")))
    limit = 8 * 1024

    def until_full():
        served_on(twin)
        return "File too large" in twin.log() or "os error 27" in twin.log()

    until(until_full, "a loud log line")
    assert twin.record.stat().st_size <= limit
    served_on(twin)
    assert twin.process.poll() is None, "alive: SIGXFSZ is not for a beamline"
    twin.process.send_signal(signal.SIGINT)
    twin.process.wait(PATIENCE)
    info = beamtwin("trace", "info", twin.record)
    assert info.returncode == 0
    assert "File too large" in info.stdout, "the footer says why it ends early"


def test_a_trace_that_cannot_be_made_is_refused_at_the_start(tmp_path):
    ran = beamtwin(
        "run",
        TUTORIAL,
        "--port",
        0,
        "--record",
        tmp_path / "no" / "such" / "trace.jsonl",
        timeout=30,
    )
    assert ran.returncode not in (0, 70)
    assert "trace.jsonl" in ran.stderr


# --- the clock ------------------------------------------------------------------------------------


def test_at_ten_times_the_speed_a_move_takes_a_tenth_of_the_wall_time(see):
    with Twin(BENCH, speed=10) as twin:
        see(twin)
        get("BT:m1.RBV")
        began = time.monotonic()
        put("BT:m1", [9.9])
        wall = time.monotonic() - began
        stamp = read("BT:m1.RBV", data_type="time", timeout=PATIENCE, repeater=False)
        trace = twin.stop()
    (move,) = trace.puts("BT:m1")
    took = trace.lasted(move)
    assert took == travel_time(9.9)
    assert took / 1e9 / 10 - 0.005 <= wall < took / 1e9 / 2
    last = trace.posts("BT:m1.RBV")[-1]
    since = stamp.metadata.timestamp - EPOCH_SECONDS
    assert since <= last.t / 1e9 + 1e-6, "a time stamp tells device time"
    assert last.t / 1e9 - since <= 0.1 + 1e-6


@pytest.mark.parametrize("speed", [1, 10])
def test_the_same_move_takes_the_same_device_time_at_any_speed(see, speed):
    with Twin(BENCH, speed=speed) as twin:
        see(twin)
        for position in (0.5, 1.7, 1.6):
            put("BT:m1", [position])
        trace = twin.stop()
    lasted = [trace.lasted(it) for it in trace.puts("BT:m1")]
    assert lasted == [travel_time(0.5), travel_time(1.2), travel_time(0.1)]


def test_a_paused_twin_moves_only_when_time_is_given_to_it(see):
    with Twin(BENCH, "--paused") as twin:
        see(twin)
        write("BT:m1", [1.0], notify=False, repeater=False, timeout=PATIENCE)
        until(lambda: get("BT:m1.DMOV") == 0, "the motor to be told")
        twin.ctl("advance", "0.5s")
        half = get("BT:m1.RBV")
        assert 0 < half < 1
        assert get("BT:m1.RBV") == half
        twin.ctl("advance", "5s")
        assert get("BT:m1.RBV") == pytest.approx(1.0, abs=1e-3)
        assert get("BT:m1.DMOV") == 1
