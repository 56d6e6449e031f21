"""aioca: libca under asyncio, which ophyd-async stands on."""

import asyncio
import time

from samples import ARRAYS, NEW_ARRAYS, NEW_SCALARS, SCALARS
from twin import BENCH, PATIENCE, serve, squeezed, travel_time

(TWIN,) = serve(__name__, BENCH)

import aioca  # noqa: E402
import pytest  # noqa: E402
from aioca import caget, camonitor, caput, connect  # noqa: E402
from epicscorelibs.ca import dbr  # noqa: E402


@pytest.fixture(scope="module")
def run():
    """One event loop for the file: aioca's channels belong to a loop."""
    loop = asyncio.new_event_loop()
    yield lambda coroutine: loop.run_until_complete(asyncio.wait_for(coroutine, PATIENCE))
    aioca.purge_channel_caches()
    loop.close()


class Updates:
    """The updates of one PV, and a way to wait for one of them."""

    def __init__(self, name, **options):
        self.all = []
        self.news = asyncio.Condition()
        self.subscription = camonitor(name, self._update, all_updates=True, **options)

    async def _update(self, value):
        async with self.news:
            self.all.append(value)
            self.news.notify_all()

    async def wait(self, condition):
        async with self.news:
            await self.news.wait_for(lambda: any(condition(it) for it in self.all))
            return list(self.all)


@pytest.mark.parametrize("suffix", SCALARS)
def test_each_native_type_is_read_as_itself(run, suffix):
    native, expected = SCALARS[suffix]
    value = run(caget(f"BT:r:{suffix}"))
    assert value.ok
    assert value.datatype == getattr(dbr, f"DBR_{native}")
    assert value == (expected if suffix == "string" else pytest.approx(expected))


@pytest.mark.parametrize("suffix", ARRAYS)
def test_each_native_type_is_read_as_an_array(run, suffix):
    native, expected = ARRAYS[suffix]
    value = run(caget(f"BT:r:{suffix}"))
    assert value.datatype == getattr(dbr, f"DBR_{native}")
    assert list(value) == expected


@pytest.mark.parametrize("suffix", [*NEW_SCALARS, *NEW_ARRAYS])
def test_each_native_type_is_put_and_read_back(run, suffix):
    new = {**NEW_SCALARS, **NEW_ARRAYS}[suffix]
    run(caput(f"BT:w:{suffix}", new, wait=True))
    value = run(caget(f"BT:w:{suffix}"))
    assert (list(value) if isinstance(new, list) else value) == new


def test_an_enum_is_put_and_read_by_its_label(run):
    run(caput("BT:w:enum", "Medium", wait=True))
    assert run(caget("BT:w:enum", datatype=str)) == "Medium"
    assert run(caget("BT:w:enum")) == 1


def test_control_metadata_has_units_precision_and_limits(run):
    value = run(caget("BT:m1.VAL", format=aioca.FORMAT_CTRL))
    assert value.units == "mm"
    assert value.precision == run(caget("BT:m1.PREC"))
    assert (value.lower_ctrl_limit, value.upper_ctrl_limit) == (-10, 10)
    enum = run(caget("BT:m1.SPMG", format=aioca.FORMAT_CTRL))
    assert enum.enums == ["Stop", "Pause", "Move", "Go"]


def test_a_channel_says_what_it_is(run):
    info = run(aioca.cainfo("BT:m1.VAL"))
    assert info.state == info.state_strings.index("connected")
    assert info.read and info.write
    assert info.host.endswith(f":{TWIN.port}")


def test_a_text_is_read_as_long_text_with_a_dollar(run, motor):
    text = "a description of forty characters, about"
    assert len(text) == 40
    run(caput(f"{motor}.DESC$", text, datatype=aioca.DBR_CHAR_STR, wait=True))
    assert run(caget(f"{motor}.DESC$", datatype=aioca.DBR_CHAR_STR)) == text


def test_a_put_with_wait_returns_when_the_motion_has_ended(run, motor, recorded):
    expected = travel_time(0.8)
    began = time.monotonic()
    run(caput(f"{motor}.VAL", 0.8, wait=True, timeout=PATIENCE))
    wall = time.monotonic() - began
    assert wall >= expected / 1e9 - 0.005
    trace = recorded()
    assert trace.lasted(trace.puts(motor)[0]) == expected
    assert run(caget(f"{motor}.DMOV")) == 1
    assert run(caget(f"{motor}.RBV")) == pytest.approx(0.8, abs=1e-3)


def test_a_monitor_gets_every_update_in_order(run, motor, recorded):
    async def move():
        updates = Updates(f"{motor}.RBV", format=aioca.FORMAT_TIME)
        await updates.wait(lambda value: value == 0)
        await caput(f"{motor}.VAL", 1.3, wait=True, timeout=PATIENCE)
        final = await caget(f"{motor}.RBV")
        got = await updates.wait(lambda value: value == final)
        updates.subscription.close()
        return got

    got = run(move())
    posted = [it.value for it in recorded().posts(f"{motor}.RBV")]
    assert squeezed(map(float, got)) == squeezed([0.0, *posted])
    stamps = [value.timestamp for value in got]
    assert stamps == sorted(stamps)


def test_a_position_beyond_a_soft_limit_is_put_back_without_motion(run, motor):
    run(caput(f"{motor}.VAL", -11, wait=True, timeout=PATIENCE))
    assert run(caget([f"{motor}.VAL", f"{motor}.LVIO", f"{motor}.DMOV"])) == [0, 1, 1]


def test_a_motor_stopped_on_its_way_stays_where_it_is(run, motor):
    async def move_and_stop():
        updates = Updates(f"{motor}.RBV")
        move = asyncio.create_task(caput(f"{motor}.VAL", 10, wait=True, timeout=PATIENCE))
        await updates.wait(lambda value: value > 0.4)
        await caput(f"{motor}.STOP", 1)
        await move
        updates.subscription.close()
        return await caget([f"{motor}.RBV", f"{motor}.VAL", f"{motor}.DMOV"])

    where, target, done = run(move_and_stop())
    assert 0.4 < where < 9
    assert target == pytest.approx(where, abs=1e-3)
    assert done == 1


def test_a_name_that_nobody_serves_does_not_connect_and_is_recorded_as_a_miss(run, recorded):
    missing = run(connect("BT:aioca:nobody", timeout=0.5, throw=False))
    assert not missing.ok
    assert "BT:aioca:nobody" in recorded().misses()


def test_many_names_connect_at_once(run):
    names = [f"BT:m{n}.{field}" for n in range(1, 41) for field in ("VAL", "RBV", "DMOV", "EGU")]
    assert all(value.ok for value in run(caget(names, timeout=PATIENCE)))
