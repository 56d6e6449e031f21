"""Going back to a snapshot, as pyepics and caproto see it; device time passes only when told."""

import queue
import threading

import pytest
from twin import BENCH, PATIENCE, beamtwin, serve

(TWIN,) = serve(__name__, BENCH)

import epics  # noqa: E402  (after `serve`: libca keeps the addresses it starts with)
from caproto.threading.client import Context  # noqa: E402

TWIN.ctl("pace", "stepped")


class Updates:
    """What a monitor of pyepics is told: values and time stamps, in their order."""

    def __init__(self, name):
        self.news = queue.Queue()
        self.pv = epics.PV(name, callback=self._update, form="time", auto_monitor=True)
        assert self.pv.wait_for_connection(timeout=PATIENCE), f"{name} does not connect"

    def _update(self, value=None, timestamp=None, **_):
        self.news.put((value, timestamp))

    def until(self, value) -> list:
        """All updates up to the one with this value."""
        told = []
        while not told or told[-1][0] != pytest.approx(value):
            told.append(self.news.get(timeout=PATIENCE))
        return told


class Ended:
    """A put with completion, and what became of it."""

    def __init__(self, name, value):
        self.over = threading.Event()
        self.count = 0
        self.pv = epics.PV(name)
        assert self.pv.wait_for_connection(timeout=PATIENCE), f"{name} does not connect"
        self.pv.put(value, callback=self._end)
        epics.ca.poll()

    def _end(self, **_):
        self.count += 1
        self.over.set()


def test_a_monitor_sees_values_go_back_and_time_stamps_not(motor):
    readback = Updates(f"{motor}.RBV")
    assert readback.until(0.0)
    TWIN.ctl("put", motor, "1")
    TWIN.ctl("advance", "0.55 s")
    halfway = epics.caget(f"{motor}.RBV", timeout=PATIENCE)
    assert 0 < halfway < 1
    TWIN.ctl("snapshot", "halfway")
    TWIN.ctl("advance", "5 s")
    first = readback.until(1.0)
    on = [value for value, _ in first if value > halfway]
    for _ in range(2):
        TWIN.ctl("restore", "halfway")
        back = readback.until(halfway)
        assert len(back) == 1, back
        TWIN.ctl("advance", "5 s")
        again = readback.until(1.0)
        assert [value for value, _ in again] == on, "it goes on from half-way"
        stamps = [stamp for _, stamp in first + back + again]
        assert stamps == sorted(stamps)
        first = again


def test_a_put_from_after_the_snapshot_fails_and_one_from_before_ends_once(motor):
    before = Ended(f"{motor}.VAL", 1.0)
    moving = epics.PV(f"{motor}.DMOV")
    assert moving.wait_for_connection(timeout=PATIENCE)
    while moving.get(timeout=PATIENCE) != 0:
        pass
    TWIN.ctl("advance", "0.5 s")
    TWIN.ctl("snapshot", "before")
    TWIN.ctl("advance", "5 s")
    assert before.over.wait(PATIENCE)

    client = Context()
    try:
        (pv,) = client.get_pvs(f"{motor}.VAL")
        answers = queue.Queue()
        pv.write([7.0], wait=False, callback=answers.put)
        while moving.get(timeout=PATIENCE) != 0:
            pass
        TWIN.ctl("restore", "before")
        assert answers.get(timeout=PATIENCE).status.name == "ECA_PUTFAIL"
        # The circuit is as it was.
        assert pv.read(timeout=PATIENCE).data[0] == 1.0
        TWIN.ctl("advance", "5 s")
        assert epics.caget(f"{motor}.RBV", timeout=PATIENCE) == 1.0
    finally:
        client.disconnect()
    # An answer to what was asked later comes after one to what was asked before.
    epics.caget(f"{motor}.VAL", timeout=PATIENCE, use_monitor=False)
    assert before.count == 1


def test_the_session_is_replayed_and_gone_on_with():
    TWIN.trace()
    ran = beamtwin("replay", TWIN.record)
    assert ran.returncode == 0 and "same as far as" in ran.stdout, ran.stdout + ran.stderr
