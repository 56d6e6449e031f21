"""Faults on purpose of devices that are no motors: whether a plan fails, hangs, or succeeds wrongly.

That something hangs is shown by letting another device do its work meanwhile: what should have happened
had the time to.
"""

from contextlib import contextmanager

from twin import HERE, PATIENCE, serve, until

(TWIN,) = serve(__name__, HERE / "kinds.toml", speed=10)

import ophyd  # noqa: E402
import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plan_stubs as bps  # noqa: E402
from ophyd import EpicsSignal, EpicsSignalRO  # noqa: E402
from positioners import Axis, Energy, Oven, Soaked  # noqa: E402

ophyd.set_cl("pyepics")

INVALID = 3


@pytest.fixture(scope="module")
def RE():
    return RunEngine({})


def connected(it):
    it.wait_for_connection(timeout=PATIENCE)
    return it


@contextmanager
def fault(device, words):
    TWIN.ctl("fault", device, words)
    try:
        yield
    finally:
        TWIN.ctl("fault", device, "none")


@pytest.fixture
def energy(RE):
    it = connected(Energy("KT:E", name="energy"))
    RE(bps.mv(it, 10))
    return it


@pytest.fixture
def axis(RE):
    it = connected(Axis("KT:O", name="axis"))
    RE(bps.mv(it, 10))
    shows(it.readback, 10)
    return it


@pytest.fixture
def oven(RE):
    it = connected(Oven("KT:T", name="oven"))
    RE(bps.mv(it, 40))
    shows(it.readback, 40, off=0.5)
    return it


@pytest.fixture
def soaked(RE):
    it = connected(Soaked("KT:S", name="soaked"))
    RE(bps.mv(it, 40))
    # Completions and monitors come in threads of their own.
    shows(it.readback, 40, off=0.5)
    return it


def shows(signal, wanted, off=1e-6):
    until(lambda: abs(signal.get() - wanted) <= off, f"{signal.pvname} at {wanted}")


def time_passes(RE, by=("KT:O", Axis)):
    """Longer than any move of these tests takes."""
    name, kind = by
    other = connected(kind(name, name="other"))
    there = other.setpoint.get()
    RE(bps.mv(other, there + 30))
    RE(bps.mv(other, there))


# --- positioner -----------------------------------------------------------------------------------


def test_a_stalled_positioner_is_taken_for_a_success(RE, energy):
    with fault("positioner.energy", "stall"):
        RE(bps.mv(energy, 60))
        assert energy.position == 10, "nothing but the position tells"
    RE(bps.mv(energy, 60))
    assert energy.position == 60


@pytest.mark.parametrize(("words", "shown"), [("frozen", 10), ("off by 2", 62)])
def test_a_lying_readback_is_taken_for_a_success(RE, energy, words, shown):
    with fault("positioner.energy", words):
        RE(bps.mv(energy, 60))
        assert energy.position == shown
    shows(energy.readback, 60)


def test_a_plan_hangs_on_a_positioner_that_is_never_done_and_goes_on_when_it_is(RE, energy):
    with fault("positioner.energy", "never done"):
        moving = energy.set(30)
        shows(energy.readback, 30)
        time_passes(RE)
        assert not moving.done
    moving.wait(PATIENCE)
    assert moving.success


def test_a_timeout_makes_the_plan_fail_instead(RE, energy):
    with fault("positioner.energy", "never done"):
        moving = energy.set(30, timeout=0.5)
        with pytest.raises(Exception, match="(?i)timeout|failed"):
            moving.wait(PATIENCE)
        assert not moving.success


def test_a_lost_completion_hangs_who_waits_for_the_put_and_not_who_watches_the_status(RE, energy, axis):
    with fault("positioner.energy", "lost completion"):
        RE(bps.mv(energy, 30))
        assert energy.position == 30
    with fault("positioner.other", "lost completion"):
        moving = axis.set(30)
        shows(axis.readback, 30)
        time_passes(RE, ("KT:E", Energy))
        assert not moving.done
    moving.wait(PATIENCE)
    assert moving.success


def test_a_move_sent_while_offline_hangs_for_good_or_succeeds_wrongly(RE, energy, axis):
    with fault("positioner.energy", "offline"):
        moving = energy.set(30)
        until(lambda: energy.readback.alarm_severity == INVALID, "the alarm")
        time_passes(RE)
        assert not moving.done, "the moving status never changes"
    time_passes(RE)
    assert not moving.done, "nor does mending it help: the command was never heard"
    assert energy.readback.get() == 10
    with fault("positioner.other", "offline"):
        RE(bps.mv(axis, 30))
        assert axis.position == 10
        severity = connected(EpicsSignalRO("KT:O-SP.SEVR", name="severity"))
        assert severity.get() == INVALID, "who looks can tell"


# --- shutter --------------------------------------------------------------------------------------


@pytest.fixture
def shutter(RE):
    it = connected(EpicsSignal("KT:gate", name="gate", put_complete=True))
    RE(bps.mv(it, 0))
    return it


@pytest.fixture
def blades():
    return [connected(EpicsSignalRO(f"KT:blade{n}", name=f"blade{n}")) for n in (1, 2)]


@pytest.fixture
def light():
    return connected(EpicsSignalRO("KT:i0", name="i0"))


def test_a_stuck_shutter_is_taken_for_open_by_who_trusts_completion(RE, shutter, blades, light):
    with fault("shutter.gate", "stuck closed"):
        RE(bps.mv(shutter, 1))
        assert shutter.get() == 1
        assert [blade.get() for blade in blades] == [0, 0]
        assert light.get() == 0, "the exposure is dark"
    RE(bps.mv(shutter, 0))
    RE(bps.mv(shutter, 1))
    shows(light, 1e4)


def test_a_script_that_asks_again_until_the_blades_agree_never_ends_with_a_stuck_shutter(RE, shutter, blades):
    asked = []

    def insist():
        while not all(blade.get() == 1 for blade in blades):
            if len(asked) == 20:
                return
            asked.append(1)
            yield from bps.mv(shutter, 1)
            yield from bps.mv(shutter, 0)

    with fault("shutter.gate", "stuck closed"):
        RE(insist())
    assert len(asked) == 20


def test_a_shutter_stuck_open_leaves_the_light_on(RE, shutter, light):
    RE(bps.mv(shutter, 1))
    with fault("shutter.gate", "stuck open"):
        RE(bps.mv(shutter, 0))
        assert shutter.get() == 0
        assert light.get() == 1e4
    shows(light, 0)


def test_one_that_never_confirms_hangs_a_plan_until_it_does(RE, shutter, blades, light):
    with fault("shutter.gate", "never confirms"):
        opening = shutter.set(1)
        shows(light, 1e4)
        time_passes(RE)
        assert not opening.done
        assert [blade.get() for blade in blades] == [0, 0]
    opening.wait(PATIENCE)
    assert opening.success


# --- temperature ----------------------------------------------------------------------------------


def test_a_plan_hangs_on_a_dead_heater_until_it_heats(RE, oven):
    status = connected(EpicsSignalRO("KT:T-Out:1}Err:Htr-Sts", name="status"))
    with fault("temperature.oven", "heater dead"):
        heating = oven.set(50)
        shows(oven.readback, 25, off=0.1)
        assert status.get() == 1
        assert not heating.done
    heating.wait(PATIENCE)
    assert oven.position == pytest.approx(50, abs=0.5)


def test_a_plan_hangs_on_an_oven_that_never_settles(RE, oven):
    with fault("temperature.oven", "never settles"):
        heating = oven.set(50)
        shows(oven.readback, 50, off=0.1)
        time_passes(RE)
        assert not heating.done
    heating.wait(PATIENCE)
    assert heating.success


def test_a_sensor_that_lies_is_taken_for_a_success(RE, oven):
    with fault("temperature.oven", "off by 5"):
        RE(bps.mv(oven, 50))
        assert oven.position == pytest.approx(50, abs=0.5)
        before = TWIN.trace().facts[-1].n

    def truth():
        posts = TWIN.trace().after(before).posts("KT:T-Chan:A}T-I")
        return any(fact.value < 46 for fact in posts)

    until(truth, "the temperature that the sample had, five degrees less")


def test_an_open_sensor_hangs_a_plan_with_an_alarm(RE, oven):
    with fault("temperature.oven", "sensor open"):
        heating = oven.set(50)
        until(lambda: oven.readback.alarm_severity == INVALID, "the alarm")
        time_passes(RE)
        assert not heating.done
    heating.wait(PATIENCE)
    assert oven.position == pytest.approx(50, abs=0.5)


def test_a_set_point_sent_while_offline_hangs_for_good_or_succeeds_wrongly(RE, oven, soaked):
    with fault("temperature.oven", "offline"):
        heating = oven.set(60)
        until(lambda: oven.readback.alarm_severity == INVALID, "the alarm")
        time_passes(RE)
        assert not heating.done
    time_passes(RE)
    assert not heating.done, "nor does mending it help: the set-point was never heard"
    with fault("temperature.soak", "offline"):
        RE(bps.mv(soaked, 60))
        assert soaked.position == pytest.approx(40, abs=0.5)


def test_who_waits_for_the_put_hangs_on_an_oven_that_never_settles(RE, soaked):
    with fault("temperature.soak", "never settles"):
        heating = soaked.set(50)
        shows(soaked.readback, 50, off=0.1)
        time_passes(RE)
        assert not heating.done
    heating.wait(PATIENCE)
    assert heating.success
