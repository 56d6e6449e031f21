"""Faults on purpose, and what ophyd makes of them; below it are pyepics and libca."""

import threading

from faulty import FAULTS, TARGET, UNDER_WAY, Faulty, rows
from twin import PATIENCE, Twin, beamtwin, serve, until

(TWIN,) = serve(__name__, FAULTS)

import ophyd  # noqa: E402
import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plans as bp  # noqa: E402
from bluesky.utils import FailedStatus  # noqa: E402
from caproto.threading.client import Context  # noqa: E402
from ophyd import EpicsMotor, EpicsSignal  # noqa: E402
from ophyd.utils import DisconnectedError, ReadOnlyError  # noqa: E402

ophyd.set_cl("pyepics")


def connect(device):
    device.wait_for_connection(timeout=PATIENCE)
    return device


@pytest.fixture
def motor() -> Faulty:
    return Faulty(TWIN)


@pytest.fixture
def axis(motor) -> EpicsMotor:
    # It settles for a while, since ophyd forgets a move that follows too soon on another.
    return connect(EpicsMotor(motor.pv, name="axis", settle_time=0.1))


def under_way(axis):
    """The status of a move that has begun."""
    begun = threading.Event()

    def update(value=None, **_):
        if value > UNDER_WAY:
            begun.set()

    axis.user_readback.subscribe(update)
    status = axis.move(TARGET, wait=False)
    assert begun.wait(PATIENCE)
    return status


@pytest.mark.parametrize(("words", "when", "outcome"), rows(0))
def test_what_becomes_of_a_move(motor, axis, words, when, outcome):
    if when == "before":
        motor.fault(words)
        if words == "disconnected":
            until(lambda: not axis.connected, "ophyd to lose the motor")
        if words == "read-only":
            until(lambda: not axis.user_setpoint.write_access, "ophyd to lose its rights")
    if outcome == "raises":
        with pytest.raises((DisconnectedError, ReadOnlyError)):
            axis.move(TARGET, wait=False)
        assert motor.where() == 0
        return
    if when == "during":
        status = under_way(axis)
        motor.fault(words)
    else:
        status = axis.move(TARGET, wait=False)
    if outcome == "waits":
        motor.ended_or_over(lambda: status.done)
        assert not status.done
        motor.fault("none")
        status.wait(timeout=PATIENCE)
        assert motor.where() == pytest.approx(TARGET)
        return
    error = status.exception(timeout=PATIENCE)
    if outcome == "fails":
        assert error is not None
        return
    assert error is None
    assert motor.verdict(axis.user_readback.get()) == outcome


def test_a_scan_with_a_motor_that_stalls_fails(motor, axis):
    RE, stops = RunEngine({}), []
    motor.fault("stall")
    with pytest.raises(FailedStatus):
        RE(bp.scan([], axis, 0.5, 1.0, 3), {"stop": lambda _, it: stops.append(it)})
    assert [it["exit_status"] for it in stops] == ["fail"]


def test_a_scan_against_a_limit_switch_that_closed_before_succeeds_where_it_stands(motor, axis):
    RE, events = RunEngine({}), []
    motor.fault("high limit")
    RE(bp.scan([], axis, 0.5, 1.0, 3), {"event": lambda _, it: events.append(it["data"])})
    assert [it["axis_user_setpoint"] for it in events] != []
    assert {it["axis"] for it in events} == {0.0}


def test_a_scan_outlasts_a_short_disconnection(motor, axis):
    RE, events = RunEngine({}), []

    def drop(_, event):
        events.append(event["data"]["axis"])
        if len(events) == 1:
            # Back long before anybody looks for it: ophyd waits for what it has lost.
            threading.Timer(0.2, motor.fault, ["disconnected for 1 s"]).start()

    RE(bp.scan([], axis, 1.0, 3.0, 3), {"event": drop})
    assert events == pytest.approx([1, 2, 3])


def test_faults_are_asked_for_and_shown_in_a_pv(motor, axis):
    faults = connect(EpicsSignal(f"{motor.pv}:fault", name="faults", string=True))
    faults.set("stall").wait(timeout=PATIENCE)
    assert f"{motor.device}: stall" in TWIN.ctl("faults").splitlines()
    with pytest.raises(ophyd.utils.UnknownStatusFailure):
        axis.move(TARGET, wait=True, timeout=PATIENCE)
    # It can be written whatever else cannot.
    for words in ("read-only", "disconnected for 60 s", "none"):
        faults.set(words).wait(timeout=PATIENCE)
        assert faults.get(use_monitor=False) == words


def test_rights_are_taken_and_given_back_while_a_signal_is_connected(motor):
    signal = connect(EpicsSignal(f"{motor.pv}.VELO", name="signal"))
    motor.fault("read-only")
    until(lambda: not signal.write_access, "the right to write to go")
    with pytest.raises(ReadOnlyError):
        signal.put(2.0)
    motor.fault("none")
    until(lambda: signal.write_access, "the right to write to come")
    signal.set(2.0).wait(timeout=PATIENCE)


def test_an_alarm_is_told_to_those_who_watch(motor, axis):
    for words, severity in (("alarm minor", 1), ("alarm invalid", 3), ("none", 0)):
        motor.fault(words)
        shown = lambda: axis.user_readback.alarm_severity  # noqa: E731
        until(lambda: shown() == severity, f"severity {severity}")  # noqa: B023


def test_the_end_of_a_move_is_forgotten_if_a_limit_switch_cannot_be_read_in_time(
    motor, axis, caplog
):
    status = under_way(axis)
    motor.fault("slow replies 3 s")
    until(lambda: "ReadTimeoutError" in caplog.text, "ophyd to give up the limit switch")
    assert motor.where() == pytest.approx(TARGET)
    until(lambda: axis.motor_done_move.get(use_monitor=False) == 1, "fast replies")
    assert not status.done


def test_caproto_finds_again_what_was_gone_with_its_circuit_only(motor):
    context, other = Context(timeout=PATIENCE), Context(timeout=PATIENCE)
    name = f"{motor.pv}.VELO"
    try:
        (pv,) = context.get_pvs(name)
        pv.wait_for_connection(timeout=PATIENCE)
        motor.fault("disconnected")
        until(lambda: not pv.connected, "caproto to lose it")
        motor.fault("none")
        (fresh,) = other.get_pvs(name)
        fresh.wait_for_connection(timeout=PATIENCE)
        assert not pv.connected
        TWIN.ctl("fault", "all", "disconnected")
        until(lambda: not fresh.connected, "caproto to lose the circuit")
        TWIN.ctl("fault", "all", "none")
        until(lambda: pv.connected and fresh.connected, "caproto to find both", 2 * PATIENCE)
        assert pv.read().data[0] == 1.0
    finally:
        context.disconnect()
        other.disconnect()


def test_a_twin_that_was_gone_is_found_again_and_has_gone_on(motor, axis):
    status = axis.move(TARGET, wait=False)
    TWIN.ctl("fault", "all", "disconnected")
    until(lambda: not axis.connected, "ophyd to lose it")
    until(lambda: motor.number("DMOV") == 1, "the move to end unseen")
    TWIN.ctl("fault", "all", "none")
    status.wait(timeout=2 * PATIENCE)
    assert axis.user_readback.get(use_monitor=False, timeout=PATIENCE) == pytest.approx(TARGET)


def test_a_session_with_faults_is_the_same_when_it_is_done_again():
    with Twin(FAULTS, speed=10) as twin:
        motor = Faulty(twin)
        motor.fault("never done for 3 s")
        twin.ctl("put", motor.pv, 1.0, "--wait")
        twin.ctl("fault", "all", "disconnected for 1 s")
        for words in ("drift 0.1", "alarm major for 500 ms", "slow replies 2 s", "read-only"):
            motor.fault(words)
        assert twin.ctl("put", motor.pv, 2.0, check=False) == ""
        motor.fault("none")
        trace = twin.stop()
    said = [(it.value, it.raw.get("device"), it.by is not None) for it in trace.of("fault")]
    assert ("on purpose: never done for 3 s", motor.device, True) in said
    assert ("on purpose: none", motor.device, False) in said
    replayed = beamtwin("replay", twin.record)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
