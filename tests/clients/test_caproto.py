"""caproto's threading client: Channel Access without a line of C."""

import threading
import time

from samples import ARRAYS, NEW_ARRAYS, NEW_SCALARS, SCALARS
from twin import BENCH, PATIENCE, serve, squeezed, travel_time

(TWIN,) = serve(__name__, BENCH)

import caproto  # noqa: E402
import pytest  # noqa: E402
from caproto import AccessRights, ChannelType  # noqa: E402
from caproto.threading.client import Context  # noqa: E402


@pytest.fixture(scope="module")
def context():
    context = Context(timeout=PATIENCE)
    yield context
    context.disconnect()


@pytest.fixture
def pv(context):
    def connect(name):
        (it,) = context.get_pvs(name)
        it.wait_for_connection(timeout=PATIENCE)
        return it

    return connect


FORMS = ("native", "status", "time", "graphic", "control")
NATIVE = {"SHORT": "INT"}


@pytest.mark.parametrize("suffix", [*SCALARS, *ARRAYS])
def test_each_native_type_is_read_in_each_form(pv, suffix):
    name, value = {**SCALARS, **ARRAYS}[suffix]
    native = ChannelType[NATIVE.get(name, name)]
    values = value if isinstance(value, list) else [value]
    channel = pv(f"BT:r:{suffix}")
    assert channel.channel.native_data_type == native
    for form in FORMS:
        wanted = caproto.field_types[form][native]
        reply = channel.read(data_type=wanted)
        assert reply.status.name == "ECA_NORMAL"
        assert reply.data_type == wanted
        assert reply.data_count == len(values)
        got = [it.decode() if isinstance(it, bytes) else it for it in reply.data]
        assert got == pytest.approx(values, rel=1e-7) if name != "STRING" else got == values


@pytest.mark.parametrize("suffix", [*NEW_SCALARS, *NEW_ARRAYS])
def test_each_native_type_is_put_and_read_back(pv, suffix):
    value = {**NEW_SCALARS, **NEW_ARRAYS}[suffix]
    values = value if isinstance(value, list) else [value]
    channel = pv(f"BT:w:{suffix}")
    channel.write([it.encode() if isinstance(it, str) else it for it in values], wait=True)
    got = [it.decode() if isinstance(it, bytes) else it for it in channel.read().data]
    assert got == values


@pytest.mark.parametrize("wanted", [kind for kind in ChannelType if 0 <= kind <= 6])
def test_a_double_is_read_as_any_type(pv, wanted):
    reply = pv("BT:m1.VELO").read(data_type=wanted)
    assert reply.data_type == wanted
    value = reply.data[0]
    if wanted == ChannelType.STRING:
        value = float(value)
    elif wanted == ChannelType.CHAR:
        value = value[0] if isinstance(value, bytes) else value
    assert float(value) == 1


def test_control_metadata_has_units_precision_and_limits(pv):
    metadata = pv("BT:m1.VAL").read(data_type="control").metadata
    assert metadata.units == b"mm"
    assert metadata.precision == pv("BT:m1.PREC").read().data[0]
    assert (metadata.lower_ctrl_limit, metadata.upper_ctrl_limit) == (-10, 10)


def test_an_enum_has_its_labels(pv):
    metadata = pv("BT:m1.SPMG").read(data_type="control").metadata
    assert metadata.enum_strings == (b"Stop", b"Pause", b"Move", b"Go")


def test_access_rights_say_what_can_be_written(pv):
    assert pv("BT:m1.VAL").access_rights & AccessRights.WRITE
    assert not pv("BT:m1.RBV").access_rights & AccessRights.WRITE
    assert pv("BT:m1.RBV").access_rights & AccessRights.READ


def test_writing_a_readback_is_refused_and_the_circuit_lives_on(pv):
    readback = pv("BT:m1.RBV")
    assert readback.write(3.0, wait=True).status.name == "ECA_NOWTACCESS"
    assert readback.read().status.name == "ECA_NORMAL"


def test_a_write_with_notify_returns_when_the_motion_has_ended(pv, motor, recorded):
    channel = pv(f"{motor}.VAL")
    expected = travel_time(0.9)
    began = time.monotonic()
    reply = channel.write([0.9], wait=True, timeout=PATIENCE)
    wall = time.monotonic() - began
    assert reply.status.name == "ECA_NORMAL"
    trace = recorded()
    assert trace.lasted(trace.puts(motor)[0]) == expected
    assert wall >= expected / 1e9 - 0.005
    assert pv(f"{motor}.RBV").read().data[0] == pytest.approx(0.9, abs=1e-3)


def test_a_plain_write_returns_at_once_and_starts_the_motion(pv, motor, recorded):
    moving = threading.Event()
    subscription = pv(f"{motor}.DMOV").subscribe()

    def update(_, reply):
        if reply.data[0] == 0:
            moving.set()

    subscription.add_callback(update)
    pv(f"{motor}.VAL").write([5.0], wait=False, notify=False)
    assert moving.wait(PATIENCE)
    pv(f"{motor}.STOP").write([1], wait=True, timeout=PATIENCE)
    (put,) = recorded().puts(motor)
    assert not put.raw.get("complete")


def test_a_subscription_gets_every_update_in_order(pv, motor, recorded):
    got, news = [], threading.Condition()

    def update(_, reply):
        with news:
            got.append(float(reply.data[0]))
            news.notify_all()

    subscription = pv(f"{motor}.RBV").subscribe(data_type="time")
    subscription.add_callback(update)
    with news:
        assert news.wait_for(lambda: got, PATIENCE)
    pv(f"{motor}.VAL").write([1.2], wait=True, timeout=PATIENCE)
    final = pv(f"{motor}.RBV").read().data[0]
    with news:
        assert news.wait_for(lambda: got[-1] == final, PATIENCE), got
    posted = [it.value for it in recorded().posts(f"{motor}.RBV")]
    assert squeezed(got) == squeezed([0.0, *posted])


def test_a_position_beyond_a_soft_limit_is_put_back_without_motion(pv, motor):
    reply = pv(f"{motor}.VAL").write([11.0], wait=True, timeout=PATIENCE)
    assert reply.status.name == "ECA_NORMAL", "as the C record: completed at once, without an error"
    assert pv(f"{motor}.VAL").read().data[0] == 0
    assert pv(f"{motor}.LVIO").read().data[0] == 1
    assert pv(f"{motor}.DMOV").read().data[0] == 1


def test_a_motor_stopped_on_its_way_stays_where_it_is(pv, motor):
    under_way = threading.Event()
    subscription = pv(f"{motor}.RBV").subscribe()

    def update(_, reply):
        if reply.data[0] > 0.4:
            under_way.set()

    subscription.add_callback(update)
    pv(f"{motor}.VAL").write([10.0], wait=False, notify=False)
    assert under_way.wait(PATIENCE)
    at_rest = threading.Event()
    done = pv(f"{motor}.DMOV").subscribe()

    def rest(_, reply):
        if reply.data[0] == 1:
            at_rest.set()

    done.add_callback(rest)
    pv(f"{motor}.STOP").write([1], wait=False, notify=False)
    assert at_rest.wait(PATIENCE)
    where = pv(f"{motor}.RBV").read().data[0]
    assert 0.4 < where < 9
    assert pv(f"{motor}.VAL").read().data[0] == pytest.approx(where, abs=1e-3)


def test_a_long_text_goes_through_a_character_array(pv, motor):
    text = b"thirty-nine characters and one more end"
    channel = pv(f"{motor}.DESC$")
    channel.write(text, data_type=ChannelType.CHAR, wait=True, timeout=PATIENCE)
    reply = channel.read(data_type=ChannelType.CHAR)
    assert bytes(reply.data).rstrip(b"\0") == text
    assert pv(f"{motor}.DESC").read().data[0] == text


def test_a_name_that_nobody_serves_does_not_connect_and_is_recorded_as_a_miss(context, recorded):
    (nobody,) = context.get_pvs("BT:caproto:nobody")
    with pytest.raises(TimeoutError):
        nobody.wait_for_connection(timeout=0.5)
    assert "BT:caproto:nobody" in recorded().misses()


def test_a_channel_closed_and_asked_for_again_works(context, pv):
    channel = pv("BT:m2.VELO")
    channel.read()
    channel.go_idle()
    assert channel.read(timeout=PATIENCE).status.name == "ECA_NORMAL"
