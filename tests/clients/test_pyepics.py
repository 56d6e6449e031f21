"""pyepics, and with it the C client library libca."""

import threading
import time

from samples import ARRAYS, LABELS, LONG_TEXT, NEW_ARRAYS, NEW_SCALARS, SCALARS
from twin import (
    BENCH,
    EPOCH_SECONDS,
    PATIENCE,
    addresses,
    script,
    serve,
    squeezed,
    travel_time,
)

(TWIN,) = serve(__name__, BENCH)

import epics  # noqa: E402  (after `serve`: libca keeps the addresses it starts with)
import pytest  # noqa: E402


def connected(name, **options) -> epics.PV:
    pv = epics.PV(name, **options)
    assert pv.wait_for_connection(timeout=PATIENCE), f"{name} does not connect"
    return pv


class Updates:
    """The updates of one PV, and a way to wait for one of them."""

    def __init__(self, name, **options):
        self.all = []
        self.news = threading.Condition()
        self.pv = epics.PV(name, callback=self._update, auto_monitor=True, **options)

    def _update(self, value=None, **_):
        with self.news:
            self.all.append(value)
            self.news.notify_all()

    def wait(self, condition):
        with self.news:
            assert self.news.wait_for(lambda: any(condition(it) for it in self.all), PATIENCE), (
                f"no such update of {self.pv.pvname}: {self.all}"
            )
            return list(self.all)


NATIVE = {"SHORT": "int"}


@pytest.mark.parametrize("suffix", SCALARS)
def test_each_native_type_is_read_as_itself(suffix):
    native, value = SCALARS[suffix]
    pv = connected(f"BT:r:{suffix}", form="native")
    assert pv.type == NATIVE.get(native, native.lower())
    assert pv.count == 1
    assert pv.get(timeout=PATIENCE) == (value if suffix == "string" else pytest.approx(value))


@pytest.mark.parametrize("suffix", ARRAYS)
def test_each_native_type_is_read_as_an_array(suffix):
    native, values = ARRAYS[suffix]
    pv = connected(f"BT:r:{suffix}", form="native", auto_monitor=False)
    assert pv.type == NATIVE.get(native, native.lower())
    assert list(pv.get(timeout=PATIENCE)) == values


@pytest.mark.parametrize("suffix", NEW_SCALARS)
def test_each_native_type_is_put_and_read_back(suffix, recorded):
    pv = connected(f"BT:w:{suffix}")
    assert pv.put(NEW_SCALARS[suffix], wait=True, timeout=PATIENCE) == 1
    assert pv.get(use_monitor=False) == NEW_SCALARS[suffix]
    (put,) = recorded().puts(f"BT:w:{suffix}")
    assert put.value in (NEW_SCALARS[suffix], LABELS[2])


@pytest.mark.parametrize("suffix", NEW_ARRAYS)
def test_an_array_of_each_native_type_is_put_and_read_back(suffix):
    pv = connected(f"BT:w:{suffix}", auto_monitor=False)
    assert pv.put(NEW_ARRAYS[suffix], wait=True, timeout=PATIENCE) == 1
    assert list(pv.get()) == NEW_ARRAYS[suffix]


def test_a_large_array_is_put_and_read_back():
    pv = connected("BT:w:doubles", auto_monitor=False)
    values = [float(it) for it in range(100_000)]
    assert pv.put(values, wait=True, timeout=PATIENCE) == 1
    assert list(pv.get(timeout=PATIENCE)) == values


def test_an_enum_has_its_labels(motor):
    assert connected("BT:r:enum").enum_strs == LABELS
    pv = connected(f"{motor}.SPMG")
    assert pv.get(as_string=True) == "Go"
    assert pv.get_ctrlvars()["enum_strs"] == ("Stop", "Pause", "Move", "Go")


def test_a_long_text_is_a_character_array(recorded):
    assert connected("BT:r:text").get(as_string=True) == LONG_TEXT
    pv = connected("BT:w:text")
    assert pv.put(LONG_TEXT * 3, wait=True, timeout=PATIENCE) == 1
    assert pv.get(as_string=True, use_monitor=False) == LONG_TEXT * 3


def test_control_metadata_is_what_the_file_says():
    ctrl = connected("BT:r:double").get_ctrlvars(timeout=PATIENCE)
    assert (ctrl["units"], ctrl["precision"]) == ("keV", 6)
    assert (ctrl["lower_ctrl_limit"], ctrl["upper_ctrl_limit"]) == (-5, 5)


def test_control_metadata_agrees_with_the_fields_of_the_record(motor):
    ctrl = connected(f"{motor}.VAL").get_ctrlvars(timeout=PATIENCE)
    assert ctrl["units"] == epics.caget(f"{motor}.EGU") == "mm"
    assert ctrl["precision"] == epics.caget(f"{motor}.PREC")
    assert ctrl["upper_ctrl_limit"] == epics.caget(f"{motor}.HLM") == 10
    assert ctrl["lower_ctrl_limit"] == epics.caget(f"{motor}.LLM") == -10


def test_a_time_stamp_is_device_time_since_the_epoch_given(motor, recorded):
    pv = connected(f"{motor}.RBV", form="time", auto_monitor=False)
    epics.caput(f"{motor}.VAL", 0.5, wait=True, timeout=PATIENCE)
    pv.get(timeout=PATIENCE)
    last = recorded().posts(f"{motor}.RBV")[-1]
    since = pv.timestamp - EPOCH_SECONDS
    assert 0 <= last.t / 1e9 - since <= 0.1 + 1e-6


def test_an_enum_is_put_by_its_label_and_by_its_number(motor):
    pv = connected(f"{motor}.SPMG")
    assert pv.put("Pause", wait=True, timeout=PATIENCE) == 1
    assert pv.get(as_string=True, use_monitor=False) == "Pause"
    assert pv.put(3, wait=True, timeout=PATIENCE) == 1
    assert pv.get(as_string=True, use_monitor=False) == "Go"


def test_a_text_longer_than_forty_characters_needs_the_long_form(motor):
    text = "forty characters and one more, at the end"
    assert len(text) == 41
    long = connected(f"{motor}.DESC$")
    assert long.type.endswith("char")
    # DESC holds 41 bytes, one of them the final zero, as in the C record.
    assert long.put(text[:40], wait=True, timeout=PATIENCE) == 1
    assert long.get(as_string=True, use_monitor=False) == text[:40]
    # The short form has room for 40 bytes and ends in zero: 39 characters.
    assert epics.caget(f"{motor}.DESC") == text[:39]


def test_a_put_with_completion_returns_when_the_motion_has_ended(motor, recorded):
    expected = travel_time(1.0)
    began = time.monotonic()
    assert epics.caput(f"{motor}.VAL", 1.0, wait=True, timeout=PATIENCE) == 1
    wall = time.monotonic() - began
    assert epics.caget(f"{motor}.DMOV") == 1
    assert epics.caget(f"{motor}.RBV") == pytest.approx(1.0, abs=1e-3)
    trace = recorded()
    (put,) = trace.puts(motor)
    assert trace.lasted(put) == expected
    assert wall >= expected / 1e9 - 0.005


def test_completion_can_be_a_callback(motor, recorded):
    pv = connected(f"{motor}.VAL")
    done = threading.Event()
    pv.put(-0.7, wait=False, callback=lambda **_: done.set())
    assert not done.is_set()
    assert done.wait(PATIENCE)
    trace = recorded()
    assert trace.lasted(trace.puts(motor)[0]) == travel_time(0.7)


def test_a_monitor_gets_every_update_in_order_and_ends_with_the_final_value(motor, recorded):
    updates = Updates(f"{motor}.RBV")
    updates.wait(lambda value: value == 0)
    assert epics.caput(f"{motor}.VAL", 1.5, wait=True, timeout=PATIENCE) == 1
    final = epics.caget(f"{motor}.RBV")
    got = updates.wait(lambda value: value == final)
    posted = [it.value for it in recorded().posts(f"{motor}.RBV")]
    assert squeezed(got) == squeezed([0.0, *posted])
    assert squeezed(got) == sorted(squeezed(got))
    assert len(posted) >= 10, "a readback at 10 Hz while the motor moves"
    assert got[-1] == final == pytest.approx(1.5, abs=1e-3)


def test_a_cancelled_monitor_is_silent_and_another_one_on_the_same_name_is_not(motor):
    first, second = Updates(f"{motor}.VELO"), Updates(f"{motor}.VELO")
    first.wait(lambda _: True)
    second.wait(lambda _: True)
    first.pv.clear_auto_monitor()
    epics.caput(f"{motor}.VELO", 0.5, wait=True, timeout=PATIENCE)
    second.wait(lambda value: value == 0.5)
    assert 0.5 not in first.all


@pytest.mark.parametrize("beyond", [10.5, -10.5])
def test_a_position_beyond_a_soft_limit_is_put_back_without_motion(motor, beyond, recorded):
    assert epics.caput(f"{motor}.VAL", 0.2, wait=True, timeout=PATIENCE) == 1
    assert epics.caput(f"{motor}.VAL", beyond, wait=True, timeout=PATIENCE) == 1
    assert epics.caget(f"{motor}.VAL") == pytest.approx(0.2)
    assert epics.caget(f"{motor}.LVIO") == 1
    assert epics.caget(f"{motor}.DMOV") == 1
    trace = recorded()
    refused = trace.puts(motor)[-1]
    assert refused.value == beyond
    assert [it for it in trace.after(refused.n).posts(f"{motor}.MOVN") if it.value] == []
    # A position within the limits takes LVIO back.
    assert epics.caput(f"{motor}.VAL", 0.4, wait=True, timeout=PATIENCE) == 1
    assert epics.caget(f"{motor}.LVIO") == 0


def test_a_motor_stopped_on_its_way_stays_where_it_is(motor, recorded):
    updates = Updates(f"{motor}.RBV")
    pv = connected(f"{motor}.VAL")
    done = threading.Event()
    pv.put(10, wait=False, callback=lambda **_: done.set())
    updates.wait(lambda value: value > 0.5)
    epics.caput(f"{motor}.STOP", 1)
    assert done.wait(PATIENCE)
    where = epics.caget(f"{motor}.RBV")
    assert 0.5 < where < 9
    assert epics.caget(f"{motor}.VAL") == pytest.approx(where, abs=1e-3)
    assert epics.caget(f"{motor}.DMOV") == 1
    assert epics.caget(f"{motor}.STOP") == 0
    trace = recorded()
    (move,) = trace.puts(motor)
    (stop,) = trace.puts(f"{motor}.STOP")
    # It brakes in ACCL (0.2 s) and is seen at rest at a poll.
    assert 0 < trace.done(move).t - stop.t <= 500_000_000


def test_a_name_that_nobody_serves_does_not_connect_and_is_recorded_as_a_miss(recorded):
    pv = epics.PV("BT:nobody")
    assert not pv.wait_for_connection(timeout=0.5)
    assert "BT:nobody" in recorded().misses()
    assert connected("BT:m1").get() is not None


def test_a_field_that_the_record_lacks_does_not_connect():
    assert not epics.PV("BT:m1.NOPE").wait_for_connection(timeout=0.5)


def test_many_names_connect_at_once():
    names = [f"BT:m{n}.{field}" for n in range(1, 41) for field in ("VAL", "RBV", "DMOV", "EGU")]
    assert len(epics.caget_many(names, timeout=PATIENCE)) == len(names)
    assert None not in epics.caget_many(names, timeout=PATIENCE)


def test_a_shutter_opens_after_its_travel_time(recorded):
    assert epics.caput("BT:gate", 1, wait=True, timeout=PATIENCE) == 1
    assert epics.caget("BT:gate:open") == 1
    trace = recorded()
    (put,) = trace.puts("BT:gate")
    assert trace.lasted(put) == 100_000_000
    assert epics.caput("BT:gate", 0, wait=True, timeout=PATIENCE) == 1
    assert epics.caget("BT:gate:open") == 0


def test_libca_finds_the_twin_over_tcp_alone():
    ran = script(
        TWIN,
        "import epics; print(epics.caget('BT:m1.EGU', timeout=20))",
        env={
            **addresses(),
            "EPICS_CA_ADDR_LIST": "",
            "EPICS_CA_NAME_SERVERS": TWIN.address,
        },
    )
    assert ran.stdout.strip() == "mm"


def test_libca_without_any_address_finds_nothing():
    ran = script(
        TWIN,
        "import epics; print(epics.PV('BT:m1.EGU').wait_for_connection(timeout=0.5))",
        env=addresses(),
    )
    assert ran.stdout.strip() == "False"


def test_the_trace_knows_the_user_and_the_host_of_a_client(recorded):
    epics.caput("BT:w:double", 2.5, wait=True, timeout=PATIENCE)
    trace = recorded()
    (put,) = trace.puts("BT:w:double")
    client = trace.clients[put.by]
    assert put.value == 2.5
    assert client["user"] and client["host"] and client["addr"].startswith("127.0.0.1")
