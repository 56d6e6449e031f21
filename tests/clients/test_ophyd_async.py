"""ophyd-async under bluesky's RunEngine; below it are aioca and libca."""

import asyncio
import threading
from collections import defaultdict
from typing import Annotated as A

from samples import LABELS, LONG_TEXT
from twin import BENCH, PATIENCE, TUTORIAL, fresh_motor, serve, squeezed, travel_time

# The tutorial runs ten times as fast as real, the bench at real pace.
(TWIN,) = serve(__name__, BENCH)
(TUTORIAL_TWIN,) = serve(__name__, TUTORIAL, speed=10)

import numpy  # noqa: E402
import pytest  # noqa: E402
from bluesky import RunEngine  # noqa: E402
from bluesky import plan_stubs as bps  # noqa: E402
from bluesky import plans as bp  # noqa: E402
from bluesky.callbacks.fitting import PeakStats  # noqa: E402
from bluesky.run_engine import call_in_bluesky_event_loop  # noqa: E402
from ophyd_async.core import (  # noqa: E402
    Array1D,
    NotConnectedError,
    SignalR,
    SignalRW,
    StandardReadable,
    StandardReadableFormat,
    StrictEnum,
    init_devices,
    observe_value,
)
from ophyd_async.epics.core import (  # noqa: E402
    EpicsDevice,
    PvSuffix,
    epics_signal_r,
    epics_signal_rw,
)
from ophyd_async.epics.motor import Motor, MotorLimitsError  # noqa: E402


class Level(StrictEnum):
    LOW, MEDIUM, HIGH = LABELS


@pytest.fixture(scope="module")
def RE():
    """Its event loop is where all devices of this file live."""
    return RunEngine({})


@pytest.fixture
def wait_for(RE):
    """Runs a coroutine in the event loop of the RunEngine."""
    return lambda coroutine: call_in_bluesky_event_loop(coroutine, timeout=PATIENCE)


@pytest.fixture
def axis(RE, motor) -> Motor:
    with init_devices(timeout=PATIENCE):
        axis = Motor(f"ca://{motor}")
    return axis


class Documents:
    """The documents of a run, sorted."""

    def __init__(self):
        self.by_kind = defaultdict(list)

    def __call__(self, kind, document):
        self.by_kind[kind].append(document)

    def column(self, key) -> list:
        return [event["data"][key] for event in self.by_kind["event"]]


# --- signals --------------------------------------------------------------------------------------

TYPES = [
    ("string", str, "a text"),
    ("short", int, -7),
    ("float", float, 0.1),
    ("enum", Level, Level.MEDIUM),
    ("long", int, -123456789),
    ("double", float, 2.718281828459045),
    ("text", str, LONG_TEXT),
]
ARRAY_TYPES = [
    ("shorts", numpy.int16, [1, -2, 3]),
    ("floats", numpy.float32, [0.5, 0.25]),
    ("chars", numpy.uint8, [1, 2, 255]),
    ("longs", numpy.int32, [100000, -200000]),
    ("doubles", numpy.float64, [1.5, -2.5, 1e100]),
]


@pytest.mark.parametrize(("suffix", "kind", "value"), TYPES)
def test_each_native_type_is_read(RE, wait_for, suffix, kind, value):
    with init_devices(timeout=PATIENCE):
        signal = epics_signal_r(kind, f"ca://BT:r:{suffix}", name="signal")
    expected = pytest.approx(value, rel=1e-7) if kind is float else value
    assert wait_for(signal.get_value()) == expected


@pytest.mark.parametrize(("suffix", "kind", "value"), ARRAY_TYPES)
def test_each_native_type_is_read_as_an_array(RE, wait_for, suffix, kind, value):
    with init_devices(timeout=PATIENCE):
        signal = epics_signal_r(Array1D[kind], f"ca://BT:r:{suffix}", name="signal")
    got = wait_for(signal.get_value())
    assert got.dtype == kind
    assert list(got) == value


@pytest.mark.parametrize(
    ("suffix", "kind", "value"),
    [
        ("string", str, "written by ophyd-async"),
        ("short", int, 77),
        ("float", float, 0.75),
        ("enum", Level, Level.HIGH),
        ("long", int, 2147483647),
        ("double", float, 6.02214076e23),
        ("text", str, LONG_TEXT * 2),
    ],
)
def test_each_native_type_is_set_and_read_back(RE, wait_for, suffix, kind, value):
    with init_devices(timeout=PATIENCE):
        signal = epics_signal_rw(kind, f"ca://BT:w:{suffix}", name="signal")

    async def set_and_get():
        await signal.set(value)
        return await signal.get_value()

    assert wait_for(set_and_get()) == value


def test_a_signal_is_described_by_what_the_file_says(RE, wait_for):
    with init_devices(timeout=PATIENCE):
        signal = epics_signal_r(float, "ca://BT:r:double", name="signal")
    description = wait_for(signal.describe())["signal"]
    assert description["units"] == "keV"
    assert description["precision"] == 6
    assert description["limits"]["control"] == {"low": -5, "high": 5}


def test_an_enum_signal_with_the_wrong_labels_does_not_connect(RE):
    class Wrong(StrictEnum):
        LOW, MEDIUM, HIGHEST = "Low", "Medium", "Highest"

    with pytest.raises(NotConnectedError, match="Highest"), init_devices(timeout=PATIENCE):
        signal = epics_signal_r(Wrong, "ca://BT:r:enum", name="signal")  # noqa: F841


def test_an_unknown_name_does_not_connect_and_is_a_miss(RE, recorded):
    with pytest.raises(NotConnectedError), init_devices(timeout=0.5):
        nobody = epics_signal_r(float, "ca://BT:async:nobody", name="nobody")  # noqa: F841
    assert "BT:async:nobody" in recorded().misses()


def test_a_device_declared_with_annotations_connects(RE, wait_for):
    class Written(EpicsDevice):
        number: A[SignalRW[float], PvSuffix("double")]
        level: A[SignalR[Level], PvSuffix("enum")]

    with init_devices(timeout=PATIENCE):
        written = Written("ca://BT:w:", name="written")
    assert wait_for(written.level.get_value()) in list(Level)


# --- motors ---------------------------------------------------------------------------------------


def test_a_motor_moves_and_its_status_ends_with_the_motion(RE, axis, motor, recorded):
    RE(bps.mv(axis, 1.1))
    trace = recorded()
    (put,) = trace.puts(motor)
    assert put.raw["complete"] is True
    assert trace.lasted(put) == travel_time(1.1)


def test_a_motor_says_what_the_record_says(RE, axis, wait_for):
    configuration = wait_for(axis.read_configuration())
    assert configuration["axis-velocity"]["value"] == 1
    assert configuration["axis-motor_egu"]["value"] == "mm"
    reading = wait_for(axis.read())
    assert reading["axis"]["value"] == 0


def test_every_update_of_a_move_arrives_in_order(RE, axis, motor, wait_for, recorded):
    async def move():
        got = []
        moving = axis.set(0.9)
        async for value in observe_value(axis.user_readback, done_status=moving):
            got.append(value)
        return got

    got = wait_for(move())
    posted = [it.value for it in recorded().posts(f"{motor}.RBV")]
    assert len(posted) >= 5
    # `observe_value` ends with the motion; whether it still hands out the last update is its affair.
    assert squeezed(got) in (squeezed([0.0, *posted]), squeezed([0.0, *posted[:-1]]))


def test_a_motor_refuses_a_position_beyond_its_limits_itself(RE, axis, motor, recorded):
    with pytest.raises(Exception) as caught:
        RE(bps.mv(axis, 10.5))
    assert isinstance(caught.value, MotorLimitsError) or isinstance(
        caught.value.__cause__, MotorLimitsError
    )
    assert recorded().puts(motor) == []


def test_a_raw_set_beyond_a_limit_is_put_back_and_says_so(RE, motor, wait_for):
    with init_devices(timeout=PATIENCE):
        raw = epics_signal_rw(float, f"ca://{motor}.VAL", name="raw")
        lvio = epics_signal_r(int, f"ca://{motor}.LVIO", name="lvio")

    async def beyond():
        await raw.set(12.0)
        return await raw.get_value(), await lvio.get_value()

    assert wait_for(beyond()) == (0, 1)


def test_a_motor_stopped_on_its_way_stays_where_it_is(RE, axis, wait_for):
    async def move_and_stop():
        moving = axis.set(10)
        async for value in observe_value(axis.user_readback):
            if value > 0.4:
                break
        await axis.stop(success=True)
        await moving  # over as soon as the stop is asked for; the motor still has to brake
        async for done in observe_value(axis.motor_done_move):
            if done:
                break
        return await asyncio.gather(
            axis.user_readback.get_value(),
            axis.user_setpoint.get_value(),
            axis.motor_done_move.get_value(),
        )

    where, target, done = wait_for(move_and_stop())
    assert 0.4 < where < 9
    assert target == pytest.approx(where, abs=1e-3)
    assert done == 1


# --- plans ----------------------------------------------------------------------------------------


def moves_in(trace, motor) -> list:
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
    RE(bp.scan([], axis, 0.15, 1.95, 5), documents)
    positions = [0.15, 0.6, 1.05, 1.5, 1.95]
    assert documents.column("axis") == pytest.approx(positions, abs=1e-3)
    assert moves_in(recorded(), motor) == expected_moves(positions)


def test_a_list_scan_visits_each_point_in_the_order_given(RE, axis, motor, recorded):
    positions = [0.5, -0.5, 0.25]
    RE(bp.list_scan([], axis, positions))
    assert moves_in(recorded(), motor) == expected_moves(positions)


def test_a_grid_scan_visits_each_point(RE, recorded):
    slow_name, fast_name = fresh_motor(), fresh_motor()
    with init_devices(timeout=PATIENCE):
        slow = Motor(f"ca://{slow_name}")
        fast = Motor(f"ca://{fast_name}")
    documents = Documents()
    RE(bp.grid_scan([], slow, 0.3, 0.6, 2, fast, 0.2, 0.6, 3, snake_axes=True), documents)
    points = list(zip(documents.column("slow"), documents.column("fast"), strict=True))
    expected = [(0.3, 0.2), (0.3, 0.4), (0.3, 0.6), (0.6, 0.6), (0.6, 0.4), (0.6, 0.2)]
    assert points == [pytest.approx(it, abs=1e-3) for it in expected]
    trace = recorded()
    assert moves_in(trace, slow_name) == expected_moves([0.3, 0.6])
    assert moves_in(trace, fast_name) == expected_moves([0.2, 0.4, 0.6, 0.4, 0.2])


# --- the tutorial's beam --------------------------------------------------------------------------


class Diode(StandardReadable):
    def __init__(self, pv: str, name: str = ""):
        with self.add_children_as_readables(StandardReadableFormat.HINTED_UNCACHED_SIGNAL):
            self.counts = epics_signal_r(float, pv)
        super().__init__(name)


@pytest.fixture(scope="module")
def tutorial(RE):
    """Shutter, motor, diode."""
    with init_devices(timeout=PATIENCE):
        shutter = epics_signal_rw(int, "ca://TUT:shutter", name="shutter")
        x = Motor("ca://TUT:x")
        i0 = Diode("ca://TUT:i0")
    return shutter, x, i0


def test_a_scan_of_the_diode_with_the_shutter_open_finds_the_peak(RE, tutorial):
    shutter, x, i0 = tutorial
    documents, peak = Documents(), PeakStats("x", "i0-counts")

    def plan():
        yield from bps.mv(shutter, 1)
        yield from bp.scan([i0], x, 0.5, 4.5, 33)

    RE(plan(), [documents, peak])
    ys = numpy.array(documents.column("i0-counts"))
    assert len(ys) == 33
    assert ys.max() > 10 * max(ys[0], ys[-1]), "a peak, not a slope"
    spread = numpy.sqrt(numpy.maximum(ys, 1)).max() / ys.max()
    assert peak["cen"] == pytest.approx(2.5, abs=0.02 + 2 * spread)
    assert peak["com"] == pytest.approx(2.5, abs=0.05 + 2 * spread)


def test_a_scan_of_the_diode_with_the_shutter_closed_is_flat(RE, tutorial, wait_for):
    shutter, x, i0 = tutorial
    documents = Documents()

    def plan():
        yield from bps.mv(shutter, 0)
        yield from bp.scan([i0], x, 1.5, 3.5, 9)

    RE(plan(), documents)
    closed = documents.column("i0-counts")
    RE(bps.mv(shutter, 1, x, 2.5))
    in_the_peak = wait_for(i0.counts.get_value(cached=False))
    assert max(closed) < in_the_peak / 100
    assert max(closed) - min(closed) < in_the_peak / 100


def test_the_event_loop_is_the_run_engine_s(RE):
    """A mistake here shows as devices that hang: they must live in the loop that awaits them."""
    assert call_in_bluesky_event_loop(_current_loop(), timeout=PATIENCE) is RE.loop
    assert threading.current_thread() is threading.main_thread()


async def _current_loop():
    return asyncio.get_running_loop()
