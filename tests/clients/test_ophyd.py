"""ophyd under bluesky's RunEngine: what most beamlines run today."""

import threading
from collections import defaultdict

from samples import LABELS, LONG_TEXT
from twin import BENCH, PATIENCE, TUTORIAL, fresh_motor, serve, travel_time

# The tutorial runs ten times as fast as real, the bench at real pace.
(TWIN,) = serve(__name__, BENCH)
(TUTORIAL_TWIN,) = serve(__name__, TUTORIAL, speed=10)

import numpy  # noqa: E402
import ophyd  # noqa: E402
import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plan_stubs as bps  # noqa: E402
from bluesky import plans as bp  # noqa: E402
from bluesky.callbacks.fitting import PeakStats  # noqa: E402
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO  # noqa: E402
from ophyd.utils import LimitError  # noqa: E402

ophyd.set_cl("pyepics")


# ophyd tells of the end of a move before it forgets who asked for it; a next move that begins in
# between is forgotten too, and never ends. It takes a busy machine and a quick plan. A settling time
# keeps them apart.
SETTLE = 0.1


@pytest.fixture(scope="module")
def RE():
    return RunEngine({})


def connect(device):
    device.wait_for_connection(timeout=PATIENCE)
    return device


@pytest.fixture
def axis(motor) -> EpicsMotor:
    return connect(EpicsMotor(motor, name="axis", settle_time=SETTLE))


class Documents:
    """The documents of a run, sorted."""

    def __init__(self):
        self.by_kind = defaultdict(list)

    def __call__(self, kind, document):
        self.by_kind[kind].append(document)

    def column(self, key) -> list:
        return [event["data"][key] for event in self.by_kind["event"]]

    @property
    def exit_status(self):
        (stop,) = self.by_kind["stop"]
        return stop["exit_status"]


# --- signals --------------------------------------------------------------------------------------


def test_a_signal_is_read_written_and_described():
    signal = connect(EpicsSignal("BT:w:double", name="signal"))
    signal.set(1.25).wait(timeout=PATIENCE)
    assert signal.get(use_monitor=False) == 1.25
    description = signal.describe()["signal"]
    assert description["dtype"] == "number"
    assert description["source"] == "PV:BT:w:double"


def test_metadata_of_a_signal_is_what_the_file_says():
    signal = connect(EpicsSignal("BT:r:double", name="signal", limits=True))
    assert signal.limits == (-5, 5)
    assert signal.precision == 6
    assert signal.describe()["signal"]["units"] == "keV"
    with pytest.raises(LimitError):
        signal.put(5.5)


def test_an_enum_signal_has_its_labels_and_takes_them():
    assert connect(EpicsSignalRO("BT:r:enum", name="level", string=True)).get() == "Medium"
    signal = connect(EpicsSignal("BT:w:enum", name="level", string=True))
    assert tuple(signal.enum_strs) == LABELS
    signal.set("High").wait(timeout=PATIENCE)
    assert signal.get(use_monitor=False) == "High"


def test_a_long_text_signal_holds_more_than_forty_characters():
    assert connect(EpicsSignalRO("BT:r:text", name="text", string=True)).get() == LONG_TEXT
    signal = connect(EpicsSignal("BT:w:text", name="text", string=True))
    signal.set(LONG_TEXT[::-1]).wait(timeout=PATIENCE)
    assert signal.get(use_monitor=False) == LONG_TEXT[::-1]


def test_an_array_signal_holds_its_numbers():
    signal = connect(EpicsSignal("BT:w:longs", name="array"))
    signal.put(numpy.array([3, 1, 4]), wait=True, timeout=PATIENCE)
    assert list(signal.get(use_monitor=False)) == [3, 1, 4]
    assert signal.describe()["array"]["shape"] == [3]


def test_a_signal_of_an_unknown_name_does_not_connect_and_is_a_miss(recorded):
    with pytest.raises(TimeoutError):
        EpicsSignal("BT:ophyd:nobody", name="nobody").wait_for_connection(timeout=0.5)
    assert "BT:ophyd:nobody" in recorded().misses()


def test_a_subscription_gets_every_update_of_a_move(axis, motor, recorded):
    got, final = [], threading.Event()

    def update(value=None, **_):
        got.append(value)
        if value == pytest.approx(0.9, abs=1e-3):
            final.set()

    axis.user_readback.subscribe(update)
    axis.set(0.9).wait(timeout=PATIENCE)
    assert final.wait(PATIENCE)
    posted = [it.value for it in recorded().posts(f"{motor}.RBV")]
    assert len(posted) >= 5
    assert [it for it in dict.fromkeys(got) if it != 0] == list(dict.fromkeys(posted))


# --- motors ---------------------------------------------------------------------------------------


def test_an_epics_motor_says_what_the_record_says(axis):
    assert axis.limits == (-10, 10)
    assert axis.egu == "mm"
    assert axis.position == 0
    assert not axis.moving
    configuration = axis.read_configuration()
    assert configuration["axis_velocity"]["value"] == 1
    assert configuration["axis_acceleration"]["value"] == pytest.approx(0.2)


def test_an_epics_motor_moves_and_its_status_ends_with_the_motion(axis, motor, recorded):
    status = axis.move(1.1, wait=False)
    status.wait(timeout=PATIENCE)
    assert status.success
    assert axis.position == pytest.approx(1.1, abs=1e-3)
    trace = recorded()
    (put,) = trace.puts(motor)
    assert trace.lasted(put) == travel_time(1.1)


def test_an_epics_motor_refuses_a_position_beyond_its_limits_itself(axis, motor, recorded):
    with pytest.raises(LimitError):
        axis.move(10.5)
    assert recorded().puts(motor) == []


def test_an_epics_motor_learns_of_limits_that_another_client_changes(axis, motor):
    limit = connect(EpicsSignal(f"{motor}.HLM", name="limit"))
    news = threading.Event()

    def update(value=None, **_):
        if value == 2:
            news.set()

    axis.high_limit_travel.subscribe(update)
    limit.set(2.0).wait(timeout=PATIENCE)
    assert news.wait(PATIENCE)
    with pytest.raises(LimitError):
        axis.move(2.5)


def test_a_raw_put_beyond_a_limit_is_put_back_and_says_so(axis, motor):
    raw = connect(EpicsSignal(f"{motor}.VAL", name="raw", put_complete=True))
    raw.set(12.0).wait(timeout=PATIENCE)
    assert raw.get(use_monitor=False) == 0
    assert connect(EpicsSignalRO(f"{motor}.LVIO", name="lvio")).get() == 1
    assert not axis.moving


def test_an_epics_motor_stopped_on_its_way_ends_its_move_and_stays(axis, motor):
    under_way = threading.Event()

    def update(value=None, **_):
        if value > 0.4:
            under_way.set()

    axis.user_readback.subscribe(update)
    status = axis.move(10, wait=False)
    assert under_way.wait(PATIENCE)
    axis.stop()
    status.exception(timeout=PATIENCE)
    # It fails, or succeeds if the motor came to rest before ophyd had put the stop down to the move.
    assert status.done
    at_rest = connect(EpicsSignalRO(f"{motor}.DMOV", name="dmov"))
    ophyd.status.SubscriptionStatus(at_rest, lambda value=None, **_: value == 1).wait(PATIENCE)
    where = axis.user_readback.get(use_monitor=False)
    assert 0.4 < where < 9
    assert axis.user_setpoint.get(use_monitor=False) == pytest.approx(where, abs=1e-3)


# --- plans ----------------------------------------------------------------------------------------


def moves_in(trace, motor) -> list:
    """Positions asked of a motor, and how long each took, in the order of the trace."""
    return [(put.value, trace.lasted(put)) for put in trace.puts(motor)]


def expected_moves(positions, start=0.0) -> list:
    moves = []
    for position in positions:
        moves.append((pytest.approx(position, abs=1e-9), travel_time(position - start)))
        start = position
    return moves


def test_in_the_trace_of_a_scan_each_move_takes_exactly_the_time_of_its_trapezoid(
    RE, axis, motor, recorded
):
    documents = Documents()
    RE(bp.scan([axis.user_setpoint], axis, 0.15, 1.95, 5), documents)
    positions = [0.15, 0.6, 1.05, 1.5, 1.95]
    assert documents.exit_status == "success"
    assert documents.column("axis") == pytest.approx(positions, abs=1e-3)
    assert moves_in(recorded(), motor) == expected_moves(positions)


def test_moves_too_short_to_reach_full_speed_take_exactly_the_time_of_their_triangle(
    RE, axis, motor, recorded
):
    RE(bp.list_scan([], axis, [0.05, 0.15, 0.13, 0.33]))
    assert moves_in(recorded(), motor) == expected_moves([0.05, 0.15, 0.13, 0.33])


@pytest.mark.parametrize(
    ("velo", "vbas", "accl"), [(2.0, 0.1, 0.2), (5.0, 0.5, 0.35), (0.5, 0.1, 1.0)]
)
def test_velocity_base_velocity_and_acceleration_decide_how_long_a_move_takes(
    RE, axis, motor, recorded, velo, vbas, accl
):
    base = connect(EpicsSignal(f"{motor}.VBAS", name="base"))
    plan_of_settings = bps.mv(axis.velocity, velo, base, vbas, axis.acceleration, accl)
    RE(plan_of_settings)
    RE(bp.list_scan([], axis, [1.03, 0.0, 0.21]))
    trace = recorded()
    distances = [1.03, 1.03, 0.21]
    assert [trace.lasted(put) for put in trace.puts(motor)] == [
        travel_time(it, velo, vbas, accl) for it in distances
    ]


def test_a_list_scan_visits_each_point_in_the_order_given(RE, axis, motor, recorded):
    documents = Documents()
    positions = [0.5, -0.5, 0.25, 0.75]
    RE(bp.list_scan([axis], axis, positions), documents)
    assert documents.column("axis") == pytest.approx(positions, abs=1e-3)
    assert moves_in(recorded(), motor) == expected_moves(positions)


def test_a_grid_scan_visits_each_point_and_moves_the_slow_axis_only_between_rows(RE, recorded):
    slow_name, fast_name = fresh_motor(), fresh_motor()
    slow = connect(EpicsMotor(slow_name, name="slow", settle_time=SETTLE))
    fast = connect(EpicsMotor(fast_name, name="fast", settle_time=SETTLE))
    documents = Documents()
    RE(bp.grid_scan([], slow, 0.3, 0.6, 2, fast, 0.2, 0.6, 3, snake_axes=True), documents)
    points = list(zip(documents.column("slow"), documents.column("fast"), strict=True))
    expected = [(0.3, 0.2), (0.3, 0.4), (0.3, 0.6), (0.6, 0.6), (0.6, 0.4), (0.6, 0.2)]
    assert points == [pytest.approx(it, abs=1e-3) for it in expected]
    trace = recorded()
    assert moves_in(trace, slow_name) == expected_moves([0.3, 0.6])
    assert moves_in(trace, fast_name) == expected_moves([0.2, 0.4, 0.6, 0.4, 0.2])


def test_two_motors_move_at_the_same_time(RE, recorded):
    names = fresh_motor(), fresh_motor()
    first, second = (connect(EpicsMotor(name, name=f"axis{n}")) for n, name in enumerate(names))
    RE(bps.mv(first, 1.5, second, 0.5))
    trace = recorded()
    (long,), (short,) = (trace.puts(name) for name in names)
    assert short.t < trace.done(long).t, "the second starts while the first moves"
    assert trace.lasted(long) == travel_time(1.5)
    assert trace.lasted(short) == travel_time(0.5)


def test_a_plan_that_fails_stops_the_motors_it_moved(RE, axis, motor, recorded):
    def failing():
        yield from bps.abs_set(axis, 10)
        raise KeyError("a mistake in a plan")

    with pytest.raises(KeyError):
        RE(failing())
    assert len(recorded().puts(f"{motor}.STOP")) >= 1


# --- the tutorial's beam --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tutorial():
    """Shutter, motor, diode."""
    return (
        connect(EpicsSignal("TUT:shutter", name="shutter", put_complete=True)),
        connect(EpicsMotor("TUT:x", name="x", settle_time=SETTLE)),
        connect(EpicsSignalRO("TUT:i0", name="i0")),
    )


def test_a_scan_of_the_diode_with_the_shutter_open_finds_the_peak(RE, tutorial):
    shutter, x, i0 = tutorial
    before = TUTORIAL_TWIN.trace().facts[-1].n
    documents, peak = Documents(), PeakStats("x", "i0")

    def plan():
        yield from bps.mv(shutter, 1)
        yield from bp.scan([i0], x, 0.5, 4.5, 33)

    RE(plan(), [documents, peak])
    xs, ys = map(numpy.array, (documents.column("x"), documents.column("i0")))
    assert len(xs) == 33
    assert ys.max() > 10 * max(ys[0], ys[-1]), "a peak, not a slope"
    # Counting noise: how far the centre may be off follows from how much one point may be off.
    spread = numpy.sqrt(numpy.maximum(ys, 1)).max() / ys.max()
    assert peak["cen"] == pytest.approx(2.5, abs=0.02 + 2 * spread)
    assert peak["com"] == pytest.approx(2.5, abs=0.05 + 2 * spread)
    trace = TUTORIAL_TWIN.trace().after(before)
    positions = list(numpy.linspace(0.5, 4.5, 33))
    moves = moves_in(trace, "TUT:x")
    assert [position for position, _ in moves] == pytest.approx(positions, abs=1e-9)
    assert [lasted for _, lasted in moves[1:]] == [travel_time(0.125)] * 32


def test_a_scan_of_the_diode_with_the_shutter_closed_is_flat(RE, tutorial):
    shutter, x, i0 = tutorial
    documents = Documents()

    def plan():
        yield from bps.mv(shutter, 0)
        yield from bp.scan([i0], x, 1.5, 3.5, 9)

    RE(plan(), documents)
    closed = documents.column("i0")
    RE(bps.mv(shutter, 1, x, 2.5))
    in_the_peak = i0.get()
    assert max(closed) < in_the_peak / 100
    assert max(closed) - min(closed) < in_the_peak / 100


def test_documents_carry_device_time(RE, tutorial):
    """Ten times as fast: the time stamps of PVs tell device time, those of bluesky wall time."""
    _, x, _ = tutorial
    RE(bps.mv(x, 0))
    before = TUTORIAL_TWIN.trace().facts[-1].n
    documents = Documents()
    RE(bp.list_scan([], x, [1.0, 3.0]), documents)
    stamps = [event["timestamps"]["x"] for event in documents.by_kind["event"]]
    trace = TUTORIAL_TWIN.trace().after(before)
    put = trace.puts("TUT:x")[1]
    assert trace.lasted(put) == travel_time(2.0)
    assert stamps[1] - stamps[0] >= travel_time(2.0) / 1e9 - 0.1
