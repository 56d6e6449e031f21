"""Faults on purpose, and what ophyd-async makes of them; below it are aioca and libca."""

import asyncio

from faulty import FAULTS, TARGET, UNDER_WAY, Faulty, rows
from twin import PATIENCE, serve, until

(TWIN,) = serve(__name__, FAULTS)

import aioca  # noqa: E402
import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plans as bp  # noqa: E402
from bluesky.run_engine import call_in_bluesky_event_loop  # noqa: E402
from ophyd_async.core import init_devices, observe_value  # noqa: E402
from ophyd_async.epics.core import epics_signal_rw  # noqa: E402
from ophyd_async.epics.motor import Motor  # noqa: E402


@pytest.fixture(scope="module")
def RE():
    """Its event loop is where all devices of this file live."""
    return RunEngine({})


@pytest.fixture
def wait_for(RE):
    """Runs a coroutine in the event loop of the RunEngine."""
    return lambda coroutine: call_in_bluesky_event_loop(coroutine, timeout=4 * PATIENCE)


@pytest.fixture
def motor() -> Faulty:
    return Faulty(TWIN)


@pytest.fixture
def axis(RE, motor) -> Motor:
    with init_devices(timeout=PATIENCE):
        axis = Motor(f"ca://{motor.pv}")
    return axis


@pytest.mark.parametrize(("words", "when", "outcome"), rows(1))
def test_what_becomes_of_a_move(motor, axis, wait_for, words, when, outcome):
    async def begin():
        # Without a timeout: that of ophyd-async would end what waits.
        status = axis.set(TARGET, timeout=None)
        if when == "during":
            async for value in observe_value(axis.user_readback):
                if value > UNDER_WAY:
                    break
        return status

    async def end(status):
        await asyncio.wait([status.task], timeout=PATIENCE)
        return status.done, status.exception() if status.done else None

    if when == "before":
        motor.fault(words)
    status = wait_for(begin())
    if when == "during":
        motor.fault(words)
    if outcome == "waits":
        motor.ended_or_over(lambda: status.done)
        assert not status.done
        motor.fault("none")
        done, error = wait_for(end(status))
        assert done and error is None
        assert motor.where() == pytest.approx(TARGET)
        return
    done, error = wait_for(end(status))
    assert done
    if outcome == "fails":
        assert error is not None
        return
    assert error is None
    if outcome == "success, elsewhere" and words == "disconnected":
        # It moves on, and was nowhere near.
        assert motor.number("DMOV") == 0
        return
    shown = wait_for(axis.user_readback.get_value())
    assert motor.verdict(shown) == outcome


def test_a_move_that_never_ends_is_given_up_after_its_timeout(motor, axis, wait_for):
    motor.fault("never done")

    async def move():
        await axis.set(TARGET, timeout=2.0)

    with pytest.raises(TimeoutError):
        wait_for(move())


def test_a_scan_with_a_motor_that_stalls_succeeds_where_it_stands(RE, motor, axis):
    events = []
    motor.fault("stall")
    RE(bp.scan([], axis, 0.5, 1.0, 2), {"event": lambda _, it: events.append(it["data"])})
    assert [it["axis"] for it in events] == [0.0, 0.0]


def test_aioca_is_told_at_once_that_a_put_will_not_be_answered(motor, axis, wait_for):
    async def put():
        await aioca.caput(motor.pv, TARGET, wait=True, timeout=None)

    async def play():
        task = asyncio.create_task(put())
        await asyncio.to_thread(until, lambda: motor.number("DMOV") == 0, "the motor to move")
        await asyncio.to_thread(motor.fault, "disconnected")
        with pytest.raises(aioca.CANothing):
            await task

    wait_for(play())


def test_a_put_that_is_refused_fails_for_aioca_and_succeeds_for_ophyd_async(motor, axis, wait_for):
    name = f"{motor.pv}:fault"
    with init_devices(timeout=PATIENCE):
        faults = epics_signal_rw(str, f"ca://{name}", name="faults")

    async def play():
        with pytest.raises(aioca.CANothing):
            await aioca.caput(name, "gremlins", wait=True, timeout=PATIENCE)
        await faults.set("gremlins", timeout=PATIENCE)
        return await faults.get_value()

    assert wait_for(play()) == "none"


def test_a_device_that_was_gone_is_found_again(motor, axis, wait_for):
    for device in (motor.device, "all"):
        TWIN.ctl("fault", device, "disconnected")
        TWIN.ctl("fault", device, "none")
        # Asked for just when the circuit closes, aioca 2.1 has once answered None.
        # Nothing that a server sends becomes that.
        until(
            lambda: wait_for(aioca.caget(f"{motor.pv}.VELO", timeout=PATIENCE)) == 1.0,
            f"{device} to be found again",
        )
