"""Several clients at once: they see one beamline, and nobody's completion is anybody else's."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

from twin import BENCH, PATIENCE, fresh_motor, script, serve, squeezed, travel_time

(TWIN,) = serve(__name__, BENCH)

import pytest  # noqa: E402
from caproto.threading.client import Context  # noqa: E402

PYEPICS = """
import sys, json, threading, epics
motor, target = sys.argv[1], float(sys.argv[2])
seen, first, last = [], threading.Event(), threading.Event()
def update(value=None, **_):
    seen.append(value)
    first.set()
    if abs(value - target) < 1e-3:
        last.set()
rbv = epics.PV(motor + ".RBV", callback=update, auto_monitor=True)
assert first.wait(20)
assert epics.caput(motor + ".VAL", target, wait=True, timeout=30) == 1
assert last.wait(20)
print(json.dumps(seen))
"""

AIOCA = """
import sys, json, asyncio
from aioca import caput, caget, camonitor
motor, target = sys.argv[1], float(sys.argv[2])
async def main():
    seen, first, last = [], asyncio.Event(), asyncio.Event()
    def update(value):
        seen.append(float(value))
        first.set()
        if abs(value - target) < 1e-3:
            last.set()
    camonitor(motor + ".RBV", update, all_updates=True)
    await asyncio.wait_for(first.wait(), 20)
    await caput(motor + ".VAL", target, wait=True, timeout=30)
    await asyncio.wait_for(last.wait(), 20)
    print(json.dumps(seen))
asyncio.run(main())
"""

CAPROTO = """
import sys, json, threading
from caproto.threading.client import Context
motor, target = sys.argv[1], float(sys.argv[2])
seen, first, last = [], threading.Event(), threading.Event()
def update(_, reply):
    seen.append(float(reply.data[0]))
    first.set()
    if abs(seen[-1] - target) < 1e-3:
        last.set()
context = Context(timeout=20)
rbv, val = context.get_pvs(motor + ".RBV", motor + ".VAL")
subscription = rbv.subscribe()
subscription.add_callback(update)
assert first.wait(20)
val.wait_for_connection(timeout=20)
val.write([target], wait=True, timeout=30)
assert last.wait(20)
print(json.dumps(seen))
"""

OPHYD = """
import sys, json, threading
from bluesky import RunEngine, plans as bp
from ophyd import EpicsMotor
motor, target = sys.argv[1], float(sys.argv[2])
axis = EpicsMotor(motor, name="axis")
axis.wait_for_connection(timeout=20)
seen, first, last = [], threading.Event(), threading.Event()
def update(value=None, **_):
    seen.append(value)
    first.set()
    if abs(value - target) < 1e-3:
        last.set()
axis.user_readback.subscribe(update)
assert first.wait(20)
RunEngine({})(bp.list_scan([], axis, [target]))
assert last.wait(20)
print(json.dumps(seen))
"""

OPHYD_ASYNC = """
import sys, json, asyncio
from bluesky import RunEngine, plans as bp
from ophyd_async.core import init_devices
from ophyd_async.epics.motor import Motor
motor, target = sys.argv[1], float(sys.argv[2])
RE = RunEngine({})
with init_devices(timeout=20):
    axis = Motor("ca://" + motor, name="axis")
RE(bp.list_scan([], axis, [target]))
print(json.dumps([]))
"""

CLIENTS = {
    "pyepics": PYEPICS,
    "aioca": AIOCA,
    "caproto": CAPROTO,
    "ophyd": OPHYD,
    "ophyd-async": OPHYD_ASYNC,
}


def run(client, *args) -> list:
    """Runs one of the clients in a process of its own; it prints what it saw."""
    return json.loads(script(TWIN, CLIENTS[client], *args, timeout=90).stdout.splitlines()[-1])


def test_five_kinds_of_client_move_a_motor_each_at_the_same_time(recorded):
    motors = {client: fresh_motor() for client in CLIENTS}
    targets = {client: 1.0 + 0.3 * n for n, client in enumerate(CLIENTS)}
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        seen = dict(
            zip(
                CLIENTS,
                pool.map(lambda it: run(it, motors[it], targets[it]), CLIENTS),
                strict=True,
            )
        )
    trace = recorded()
    for client, motor in motors.items():
        (put,) = trace.puts(motor)
        assert put.value == pytest.approx(targets[client])
        assert trace.lasted(put) == travel_time(targets[client]), client
        posted = [it.value for it in trace.posts(f"{motor}.RBV")]
        if seen[client]:
            assert squeezed(it for it in seen[client] if it) == squeezed(posted), client
    assert len({put.by for motor in motors.values() for put in trace.puts(motor)}) == len(CLIENTS)


def test_five_kinds_of_client_watch_one_motor_and_see_the_same(recorded):
    """Each of four moves the motor in its turn; the fifth, in this process, watches."""
    motor = fresh_motor()
    context = Context(timeout=PATIENCE)
    (readback,) = context.get_pvs(f"{motor}.RBV")
    seen, news = [], threading.Condition()

    def update(_, reply):
        with news:
            seen.append(float(reply.data[0]))
            news.notify_all()

    subscription = readback.subscribe()
    subscription.add_callback(update)
    readback.wait_for_connection(timeout=PATIENCE)
    with news:
        assert news.wait_for(lambda: seen, PATIENCE)
    for number, client in enumerate(CLIENTS):
        run(client, motor, 0.5 + 0.25 * number)
    posted = [it.value for it in recorded().posts(f"{motor}.RBV")]
    with news:
        assert news.wait_for(lambda: seen[-1] == posted[-1], PATIENCE)
    assert squeezed(seen) == squeezed([0.0, *posted])
    context.disconnect()


def test_a_second_put_with_completion_on_a_busy_motor_waits_its_turn(motor, recorded):
    first, second = Context(timeout=PATIENCE), Context(timeout=PATIENCE)
    try:
        (of_first, moving) = first.get_pvs(f"{motor}.VAL", f"{motor}.DMOV")
        (of_second,) = second.get_pvs(f"{motor}.VAL")
        under_way = threading.Event()

        def update(_, reply):
            if reply.data[0] == 0:
                under_way.set()

        subscription = moving.subscribe()
        subscription.add_callback(update)
        order, done = [], threading.Condition()

        def closed(name):
            def note(_):
                with done:
                    order.append(name)
                    done.notify_all()

            return note

        of_first.wait_for_connection(timeout=PATIENCE)
        of_second.wait_for_connection(timeout=PATIENCE)
        of_first.write([1.5], wait=False, notify=True, callback=closed("first"))
        assert under_way.wait(PATIENCE)
        of_second.write([0.5], wait=False, notify=True, callback=closed("second"))
        with done:
            assert done.wait_for(lambda: len(order) == 2, PATIENCE)
    finally:
        first.disconnect()
        second.disconnect()
    assert order == ["first", "second"]
    trace = recorded()
    one, two = trace.puts(motor)
    assert (one.value, two.value) == (1.5, 0.5)
    assert one.by != two.by
    assert trace.lasted(one) == travel_time(1.5), "the second did not shorten the first"
    assert trace.done(two).t - trace.done(one).t == travel_time(1.0), (
        "it began when the first ended"
    )


def test_a_client_that_dies_in_mid_move_disturbs_nobody(recorded):
    motor = fresh_motor()
    text = """
import sys, os, threading, epics
going = threading.Event()
pv = epics.PV(sys.argv[1] + ".VAL"); pv.wait_for_connection(timeout=20)
rbv = epics.PV(sys.argv[1] + ".RBV", auto_monitor=True,
               callback=lambda value=None, **_: value > 0.2 and going.set())
pv.put(2.0, wait=False, use_complete=True)
assert going.wait(20)
os._exit(0)
"""
    script(TWIN, text, motor, timeout=60)
    context = Context(timeout=PATIENCE)
    (done,) = context.get_pvs(f"{motor}.DMOV")
    at_rest = threading.Event()

    def update(_, reply):
        if reply.data[0] == 1:
            at_rest.set()

    subscription = done.subscribe()
    subscription.add_callback(update)
    assert at_rest.wait(PATIENCE)
    context.disconnect()
    trace = recorded()
    assert trace.posts(f"{motor}.RBV")[-1].value == pytest.approx(2.0, abs=1e-3)
    assert trace.lasted(trace.puts(motor)[0]) == travel_time(2.0)
