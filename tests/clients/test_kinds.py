"""Devices that are no motors, through ophyd classes as profile collections write them."""

from twin import HERE, PATIENCE, serve, until

(TWIN,) = serve(__name__, HERE / "kinds.toml", speed=10)

import ophyd  # noqa: E402
import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plan_stubs as bps  # noqa: E402
from bluesky import plans as bp  # noqa: E402
from ophyd import EpicsSignal, EpicsSignalRO  # noqa: E402
from positioners import Axis, Energy  # noqa: E402

ophyd.set_cl("pyepics")


@pytest.fixture(scope="module")
def RE():
    return RunEngine({})


@pytest.fixture(scope="module")
def energy():
    it = Energy("KT:E", name="energy")
    it.wait_for_connection(timeout=PATIENCE)
    return it


@pytest.fixture(scope="module")
def axis():
    it = Axis("KT:O", name="axis")
    it.wait_for_connection(timeout=PATIENCE)
    return it


def test_a_positioner_with_a_go_command_sets_out_when_told_and_says_when_it_moves(energy, RE, recorded):
    RE(bps.mv(energy, 30))
    trace = recorded()
    assert energy.position == 30
    # The last is of the RunEngine, which stops what it moved when a plan is over.
    names = ["KT:E-SP", "KT:ECmd:Go-Cmd.PROC", "KT:ECmd:Stop-Cmd.PROC"]
    assert [fact.name for fact in trace.of("put")] == names
    moving = [fact.value for fact in trace.posts("KT:ESts:Moving-Sts")]
    assert moving == [1, 0]
    assert trace.posts("KT:E-I")[-1].n < trace.posts("KT:ESts:Moving-Sts")[-1].n, "it arrives, then it is done"


def test_a_move_to_where_it_is_blinks_and_ends(energy, RE):
    RE(bps.mv(energy, 12))
    RE(bps.mv(energy, 12))
    assert energy.position == 12


def test_a_scan_of_a_positioner_visits_each_point(energy, RE):
    seen = []
    RE(bp.scan([], energy, 5, 25, 5), lambda kind, it: kind == "event" and seen.append(it["data"]["energy_readback"]))
    assert seen == [5, 10, 15, 20, 25]


def test_a_positioner_knows_its_limits_and_units(energy):
    assert energy.limits == (0, 100)
    assert energy.setpoint.metadata["units"] == energy.readback.metadata["units"] == "eV"
    with pytest.raises(ValueError):
        energy.set(101)


def test_a_stopped_move_ends_where_it_was_stopped_as_a_success(energy, RE):
    RE(bps.mv(energy, 0))
    moving = energy.set(100)
    energy.stop(success=True)
    moving.wait(PATIENCE)
    assert 0 <= energy.position < 100


def test_a_positioner_without_a_go_command_moves_when_its_set_point_is_written(axis, RE):
    for there in (20, -5):
        RE(bps.mv(axis, there))
        # Completions and monitors come in threads of their own.
        until(lambda there=there: axis.position == there, "the readback")


# What the profile of 11-BM reads and writes of its Linkam stage: type, and units where there are any.
LINKAM = {
    "STARTHEAT": (int, ""),
    "SETPOINT:SET": (float, "degC"),
    "RAMPRATE:SET": (float, "degC/min"),
    "STATUS": (int, ""),
    "TEMP": (float, "degC"),
    "RAMPRATE": (float, "degC/min"),
    "INIT": (int, None),
    "CTRLLR:ERR": (str, None),
    "CONFIG": (int, ""),
    "STAGE:CONFIG": (int, ""),
    "DISABLE": (int, None),
    "DSC": (float, "mW"),
    "RAMPTIME": (float, "s"),
    "HOLDTIME:SET": (float, "s"),
    "HOLDTIME": (float, "s"),
    "POWER": (float, "%"),
    "LNP_SPEED": (float, "%"),
    "LNP_MODE:SET": (int, None),
    "LNP_SPEED:SET": (float, "%"),
    "TST_STATUS": (int, ""),
    "TST_MOTOR_POS": (float, "um"),
    "TST_RAW_MOTOR_POS": (float, ""),
    "TST_FORCE": (float, "N"),
    "TST_STRAIN": (float, "%"),
    "TST_STRESS": (float, "N/mm2"),
    "TST_MAX_FORCE": (float, "N"),
    "TST_CYCLES_REMAINING": (int, ""),
    "TST_TABLE_DIR": (int, ""),
    "TST_FORCE_SETPOINT": (float, "N"),
    "TST_MTR_DIST_SP": (float, "um"),
    "TST_TABLE_MODE": (int, ""),
    "TST_MTR_VEL": (float, "um/s"),
    "TST_START_MOTOR": (int, ""),
    "TST_TABLE_DIR:SET": (int, ""),
    "TST_FORCE_SETPOINT:SET": (float, "N"),
    "TST_MTR_DIST_SP:SET": (float, "um"),
    "TST_TABLE_MODE:SET": (int, ""),
    "TST_MTR_VEL:SET": (float, "um/s"),
    "TST_JAW_TO_JAW_SIZE": (float, "um"),
    "TST_JAW_TO_JAW_SIZE:SET": (float, "um"),
}
# Characters, each a number, which the profile turns into a word.
WORDS = ["MODEL", "SERIAL", "STAGE:MODEL", "STAGE:SERIAL", "FIRM:VER", "HARD:VER"]


def test_a_linkam_stage_has_each_signal_of_the_profile_with_its_type_and_units():
    for suffix, (kind, units) in LINKAM.items():
        signal = EpicsSignal(f"KT:L:{suffix}", name="it")
        signal.wait_for_connection(timeout=PATIENCE)
        assert isinstance(signal.get(), kind), suffix
        if units is not None:
            # Channel Access has seven bytes for them.
            assert signal.metadata["units"] == units[:7], suffix
    for suffix in WORDS:
        signal = EpicsSignalRO(f"KT:L:{suffix}", name="it")
        signal.wait_for_connection(timeout=PATIENCE)
        # ophyd reads one element for its metadata, maybe at this moment, and a get may then be given that answer.
        codes = until(lambda: len(it := list(signal.get())) > 1 and it, f"all characters of {suffix}")
        assert codes[-1] == 0 and bytes(codes[:-1]).decode().isprintable(), suffix


def test_the_choices_of_a_linkam_stage_have_names():
    for suffix, choices in {"INIT": ("No", "Yes"), "DISABLE": ("No", "Yes"), "LNP_MODE:SET": ("Manual", "Auto")}.items():
        signal = EpicsSignal(f"KT:L:{suffix}", name="it")
        signal.wait_for_connection(timeout=PATIENCE)
        assert signal.enum_strs == choices
