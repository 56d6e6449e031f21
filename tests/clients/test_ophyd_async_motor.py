"""ophyd-async's `Motor`: connection with its type checks, moves, stops, limits, and flights.

A flight is prepared (full speed to where the run-up begins), kicked off (the run-up), and completed. The bench runs at
real pace, since kickoff waits for the run-up by the client's own clock.
"""

from twin import BENCH, EPOCH_SECONDS, PATIENCE, serve, travel_time

(TWIN,) = serve(__name__, BENCH)

import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plan_stubs as bps  # noqa: E402
from bluesky import preprocessors as bpp  # noqa: E402
from bluesky.run_engine import call_in_bluesky_event_loop  # noqa: E402
from ophyd_async.core import FlyMotorInfo, NotConnectedError, init_devices, wait_for_value  # noqa: E402
from ophyd_async.epics.core import epics_signal_r, epics_signal_rw  # noqa: E402
from ophyd_async.epics.motor import Motor, MotorLimitsError, OffsetMode, UseSetMode  # noqa: E402

ACCL, VBAS, FASTEST = 0.2, 0.1, 2.0


@pytest.fixture(scope="module")
def RE():
    return RunEngine({})


@pytest.fixture
def wait_for(RE):
    """Runs a coroutine in the event loop of the RunEngine."""
    return lambda coroutine: call_in_bluesky_event_loop(coroutine, timeout=PATIENCE)


@pytest.fixture
def axis(RE, motor, wait_for) -> Motor:
    """A motor that may fly: a record without `VMAX` has 0 there, and ophyd-async then flies at no speed."""
    with init_devices(timeout=PATIENCE):
        axis = Motor(f"ca://{motor}")
        vmax = epics_signal_rw(float, f"ca://{motor}.VMAX", name="vmax")

    async def allow():
        await vmax.set(FASTEST)

    wait_for(allow())
    return axis


# --- the record as ophyd-async sees it ------------------------------------------------------------


def test_every_signal_of_a_motor_connects_with_its_type_and_reads(axis, wait_for):
    async def values():
        return {
            name: await child.get_value() for name, child in axis.children() if name != "motor_stop"
        }

    got = wait_for(values())
    assert len(got) == 23
    assert {name: got[name] for name in ("motor_egu", "precision", "velocity", "max_velocity")} == {
        "motor_egu": "mm",
        "precision": 4,
        "velocity": 1.0,
        "max_velocity": FASTEST,
    }
    assert got["offset_freeze_switch"] is OffsetMode.VARIABLE
    assert got["set_use_switch"] is UseSetMode.USE
    assert (got["low_limit_travel"], got["high_limit_travel"]) == (-10, 10)
    assert (got["motor_resolution"], got["steps_per_revolution"]) == (0.001, 200)


@pytest.mark.parametrize(
    ("field", "wrong"), [("EGU", float), ("VELO", str), ("SREV", bool), ("FOFF", UseSetMode)]
)
def test_the_type_check_of_a_connection_finds_a_field_of_another_type(RE, motor, field, wrong):
    with pytest.raises(NotConnectedError), init_devices(timeout=PATIENCE):
        signal = epics_signal_r(wrong, f"ca://{motor}.{field}", name="signal")  # noqa: F841


def test_an_offset_is_set_by_redefining_the_position(axis, wait_for):
    async def redefine():
        await axis.set_use_switch.set(UseSetMode.SET)
        await axis.user_setpoint.set(3.0)
        await axis.set_use_switch.set(UseSetMode.USE)
        return await axis.user_readback.get_value(), await axis.offset.get_value()

    assert wait_for(redefine()) == (3.0, 3.0)


def test_a_motor_of_a_plan_that_fails_is_stopped(RE, axis, motor, wait_for, recorded):
    class Mishap(Exception):
        pass

    def plan():
        yield from bps.abs_set(axis, 9.0, group="far")
        yield from bps.sleep(0.5)
        raise Mishap

    with pytest.raises(Mishap):
        RE(plan())
    wait_for(at_rest(axis))
    (stop,) = recorded().puts(f"{motor}.STOP")
    assert stop.value == 1
    assert wait_for(axis.user_readback.get_value()) < 5


async def at_rest(axis):
    await wait_for_value(axis.motor_done_move, 1, timeout=PATIENCE)


# --- flights --------------------------------------------------------------------------------------


def flight(info: FlyMotorInfo, axis):
    """What `bp.fly` does, but for the collecting: a motor has nothing to collect."""

    @bpp.run_decorator()
    def plan():
        yield from bps.prepare(axis, info, wait=True)
        yield from bps.kickoff(axis, wait=True)
        yield from bps.complete(axis, wait=True)

    return plan()


def readings(trace, motor, after: int) -> list[tuple[float, float]]:
    """Time in s since `after`, and position, at each look."""
    return [
        ((it.t - after) * 1e-9, it.value) for it in trace.posts(f"{motor}.RBV") if it.t >= after
    ]


FLIGHTS = [
    FlyMotorInfo(start_position=1.0, end_position=3.0, time_for_move=4.0),
    FlyMotorInfo(start_position=2.0, end_position=0.5, time_for_move=1.0),
    FlyMotorInfo(start_position=-1.0, end_position=1.0, time_for_move=1.0),
]


@pytest.mark.parametrize(
    "info", FLIGHTS, ids=["forwards", "backwards", "through zero at full speed"]
)
def test_a_flight_runs_up_keeps_its_speed_and_runs_down(RE, axis, motor, recorded, info):
    RE(flight(info, axis))
    trace = recorded()

    # Prepared at the fastest speed, flown at that of the flight.
    assert [it.value for it in trace.puts(f"{motor}.VELO")] == pytest.approx([FASTEST, info.speed])
    there, flown = trace.puts(motor)
    begin, end = info.ramp_up_start_pos(ACCL), info.ramp_down_end_pos(ACCL)
    assert [there.value, flown.value] == pytest.approx([begin, end])
    assert trace.lasted(there) == travel_time(begin, velo=FASTEST)
    assert trace.lasted(flown) == travel_time(end - begin, velo=info.speed)

    # Between the ramps each look finds the motor on one straight line with the slope that was asked for. The ramp
    # begins at VBAS, not at rest, so the motor is ahead of the plan by VBAS * ACCL / 2.
    line = readings(trace, motor, flown.t)
    sign = 1 if end > begin else -1
    cruise = [(t, x) for t, x in line if ACCL <= t <= ACCL + info.time_for_move - 0.1]
    assert len(cruise) >= 8
    for t, x in cruise:
        planned = info.start_position + sign * (info.speed * (t - ACCL) + VBAS * ACCL / 2)
        assert x == pytest.approx(planned, abs=1.1e-3)
    assert line[-1][1] == pytest.approx(end, abs=1e-3)
    assert all(sign * (b - a) >= 0 for (_, a), (_, b) in zip(line, line[1:], strict=False))


def test_kickoff_returns_when_the_motor_is_at_speed_and_complete_when_it_has_arrived(
    axis, wait_for, motor
):
    info = FlyMotorInfo(start_position=0.5, end_position=2.5, time_for_move=2.0)

    async def fly():
        await axis.prepare(info)
        before = await axis.user_readback.get_value()
        await axis.kickoff()
        under_way = await axis.motor_done_move.get_value()
        await axis.complete()
        return before, under_way, await axis.user_readback.get_value()

    before, under_way, after = wait_for(fly())
    assert before == pytest.approx(info.ramp_up_start_pos(ACCL), abs=1e-3)
    assert under_way == 0
    assert after == pytest.approx(info.ramp_down_end_pos(ACCL), abs=1e-3)


@pytest.mark.parametrize(
    ("info", "what"),
    [
        (FlyMotorInfo(start_position=0, end_position=9.95, time_for_move=5.0), "motor limits"),
        (FlyMotorInfo(start_position=-9.95, end_position=0, time_for_move=5.0), "motor limits"),
        (
            FlyMotorInfo(start_position=0, end_position=5.0, time_for_move=1.0),
            "max speed of 2.0 mm/s",
        ),
    ],
    ids=["run-down beyond the limit", "run-up beyond the limit", "too fast"],
)
def test_a_flight_that_cannot_be_is_refused_before_anything_moves(
    axis, motor, wait_for, recorded, info, what
):
    async def prepare():
        await axis.prepare(info)

    with pytest.raises(MotorLimitsError, match=what):
        wait_for(prepare())
    assert recorded().puts(motor) == []


def test_a_motor_whose_maximum_speed_nobody_wrote_is_not_flown(RE, motor, wait_for, recorded):
    with init_devices(timeout=PATIENCE):
        axis = Motor(f"ca://{motor}")

    async def prepare():
        await axis.prepare(FLIGHTS[0])

    with pytest.raises(MotorLimitsError, match="max speed of 0.0 mm/s"):
        wait_for(prepare())
    assert recorded().puts() == []


def test_a_flight_that_is_stopped_ends_on_its_way(axis, motor, wait_for, recorded):
    info = FlyMotorInfo(start_position=0.0, end_position=8.0, time_for_move=8.0)

    async def fly():
        await axis.prepare(info)
        await axis.kickoff()
        await axis.stop(success=True)
        await axis.complete()
        return await axis.user_readback.get_value()

    assert wait_for(fly()) < 4
    trace = recorded()
    (stop,) = trace.puts(f"{motor}.STOP")
    _, flown = trace.puts(motor)
    assert trace.done(flown).t > stop.t


def test_a_fly_plan_of_bluesky_reads_the_motor_while_the_flight_lasts(
    RE, axis, motor, wait_for, recorded
):
    info = FlyMotorInfo(start_position=0.5, end_position=2.5, time_for_move=2.0)
    documents = []

    @bpp.stage_decorator([axis])
    @bpp.run_decorator()
    def plan():
        yield from bps.prepare(axis, info, wait=True)
        yield from bps.kickoff(axis, wait=True)
        done = yield from bps.complete(axis, group="flight")
        while not done.done:
            yield from bps.trigger_and_read([axis])
            yield from bps.sleep(0.1)
        yield from bps.wait("flight")

    RE(plan(), lambda kind, document: documents.append((kind, document)))
    events = [document for kind, document in documents if kind == "event"]
    seen = [(it["timestamps"]["axis"], it["data"]["axis"]) for it in events]
    assert len(seen) >= 5
    # Each event shows a reading that the twin took, with the time at which it took it.
    looks = [(it.t * 1e-9 + EPOCH_SECONDS, it.value) for it in recorded().posts(f"{motor}.RBV")]
    for when, position in seen:
        assert any(abs(when - t) < 1e-6 and position == x for t, x in looks), (when, position)
    assert documents[-1][0] == "stop" and documents[-1][1]["exit_status"] == "success"
