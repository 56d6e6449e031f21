"""What clients did to the C motor record, done again to ours through Channel Access, and what they were told.

Device time stands still and is given to the twin in steps, so nothing depends on how fast this machine is. The
captured times are taken to a step: that, 10 ms, is how much earlier or later than the captured client ours may
be.
"""

import json
import socket
import threading
from pathlib import Path

from captured import PHASE, Capture, Post, Sent, differences
from twin import EPOCH_SECONDS, PATIENCE, serve

HERE = Path(__file__).resolve().parent
(TWIN,) = serve(__name__, HERE / "captures.toml")

import pytest  # noqa: E402
from caproto import ChannelType  # noqa: E402
from caproto.threading.client import Context  # noqa: E402

STEP = 0.01
MASK = 1 | 2 | 4  # VALUE, LOG, ALARM
SEVERITIES = ["NO_ALARM", "MINOR", "MAJOR", "INVALID"]
TIDE = "CAP:tide"

# By name, how far apart the stopping places may lie, and by how many seconds the legs may differ. The simulated
# controller stops from where it was at its last look, ours from where it is.
SCENARIOS = {
    "backlash_neg": (0, PHASE),
    "backlash_pos": (0, PHASE),
    "callback_after_plain": (0.02, PHASE),
    "dly": (0.03, PHASE),
    "home": (0.25, 0.35),
    "hw_limit_jog": (0.25, PHASE),
    "hw_limit_move": (0.25, PHASE),
    "jog_interactions": (0.05, PHASE),
    "move_abs_callback": (0, PHASE),
    "move_abs_plain": (0, PHASE),
    "off_change": (0, PHASE),
    "queue_then_stop": (0, PHASE),
    "relative_rlv": (0, PHASE),
    "retarget_burst": (0, PHASE),
    "retarget_nearer": (0, PHASE),
    "retarget_plain_reverse": (0, PHASE),
    "retarget_reverse": (0, PHASE),
    "retry_geometric": (0, PHASE),
    "set_variable": (0, PHASE),
    "soft_limit_high": (0, PHASE),
    "soft_limit_while_moving": (0, PHASE),
    "spmg_pause_go": (0.02, PHASE),
    "spmg_pause_put": (0, PHASE),
    "stop_from_other_client": (0.03, PHASE),
    "stop_moving": (0.03, PHASE),
    "superseded_by_other_client": (0, PHASE),
    "superseded_by_plain_put": (0, PHASE),
    "tweak": (0, PHASE),
    "velo_during_move": (0, PHASE),
}


class Clock:
    """The device time of the twin, through its control channel."""

    def __init__(self, path: str):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(path)
        self._lines = self._socket.makefile("r")
        self.steps = 0
        self.tide = 0
        self._ask(do="pace", pace="stepped")
        # The twin had run by itself; from here on its time is a whole number of steps after this.
        self.zero = self._ask(do="advance", by="1 ns")["t"]

    def _ask(self, **request) -> dict:
        self._socket.sendall((json.dumps(request) + "\n").encode())
        answer = json.loads(self._lines.readline())
        assert answer.pop("ok"), answer
        return answer

    def step(self):
        self._ask(do="advance", by=f"{round(STEP * 1000)} ms")
        self.steps += 1

    def skip(self, seconds: int):
        self._ask(do="advance", by=f"{seconds} s")
        self.steps += round(seconds / STEP)

    @property
    def now(self) -> float:
        return self.steps * STEP

    def raise_tide(self) -> int:
        """Writes the mailbox whose updates follow all that happened before."""
        self.tide += 1
        self._ask(do="put", pv=TIDE, value=self.tide, wait=True)
        return self.tide


class Client:
    """One circuit of its own to the motor: puts, answers, and monitors of all fields."""

    def __init__(self, motor: str, fields: list[str]):
        self.context = Context(timeout=PATIENCE)
        self.news = threading.Condition()
        self.heard, self.tide, self.answered, self._keep = [], 0, [], []
        names = [f"{motor}.{field}" for field in fields]
        *pvs, tide = self.context.get_pvs(*names, TIDE)
        for pv in (*pvs, tide):
            pv.wait_for_connection(timeout=PATIENCE)
        self.pvs = dict(zip(fields, pvs, strict=True))
        self.labels = {
            field: [label.decode() for label in pv.read(data_type="control").metadata.enum_strings]
            for field, pv in self.pvs.items()
            if pv.channel.native_data_type is ChannelType.ENUM
        }
        self._listen(tide, lambda _, update: self._risen(int(update.data[0])), "native")

    def _listen(self, pv, callback, kind):
        subscription = pv.subscribe(data_type=kind, mask=MASK)
        subscription.add_callback(callback)
        self._keep.append((subscription, callback))

    def monitor(self):
        """Hears of all that changes from here on: the first update of each field is left out."""
        for field, pv in self.pvs.items():
            self._listen(pv, lambda _, update, field=field: self._hear(field, update), "time")
        with self.news:
            heard = self.news.wait_for(lambda: len(self.heard) >= len(self.pvs), PATIENCE)
            assert heard and {field for field, _ in self.heard} == set(self.pvs), "first updates"
            self.heard.clear()

    def _hear(self, field, update):
        with self.news:
            self.heard.append((field, update))
            self.news.notify_all()

    def _risen(self, tide):
        with self.news:
            self.tide = tide
            self.news.notify_all()

    def catch_up(self, tide: int):
        """Waits until all updates have arrived that the twin had sent when the tide rose."""
        with self.news:
            assert self.news.wait_for(lambda: self.tide >= tide, PATIENCE), "an update of the tide"

    def barrier(self):
        """Waits until the twin has read what was sent on this circuit."""
        self.read("DMOV")

    def shown(self, field, value):
        """As the captures show it."""
        if field in self.labels:
            return self.labels[field][int(value)]
        return value.decode() if isinstance(value, bytes) else value.item()

    def read(self, field):
        return self.shown(field, self.pvs[field].read().data[0])

    def _write(self, field, value, **options):
        if isinstance(value, str):
            value, kind = value.encode(), ChannelType.STRING
        else:
            kind = ChannelType.DOUBLE
        self.pvs[field].write([value], wait=False, data_type=kind, **options)

    def put(self, field, value):
        self._write(field, value, notify=False)

    def put_callback(self, field, value, sent: Sent):
        def answer(response, sent=sent):
            with self.news:
                self.answered.append((sent, response.status.name))
                self.news.notify_all()

        self._keep.append(answer)
        self._write(field, value, notify=True, callback=answer, timeout=None)

    def posts(self, start: float) -> list[Post]:
        return [
            Post(
                update.metadata.timestamp - EPOCH_SECONDS - start,
                field,
                self.shown(field, update.data[0]),
                SEVERITIES[update.metadata.severity],
            )
            for field, update in self.heard
        ]


class Replay:
    """The clients of a capture, at our motor."""

    def __init__(self, capture: Capture, clock: Clock):
        self.capture, self.clock = capture, clock
        motor, fields = f"CAP:{capture.name}", list(capture.initial)
        names = {"A"} | {step.client for step in capture.steps}
        self.clients = {name: Client(motor, fields) for name in sorted(names)}
        self.a = self.clients["A"]
        self.puts: list[Sent] = []
        self.read: list[tuple] = []

    def run(self):
        self.a.put("BVEL", 1.0)
        for field, value in self.capture.setup.items():
            self.a.put(field, value)
            self.a.barrier()
            self.clock.skip(20)
        self.a.monitor()
        self.start = self.clock.zero + self.clock.now
        for field, value in self.capture.initial.items():
            self.get(field, value)
        captured = 0.0
        for at, step in enumerate(self.capture.steps):
            self.pass_time(step.t - captured)
            self.wait_for_earlier(step)
            captured = step.end
            if step.op in ("put", "put_callback"):
                sent = self.send(step)
                if step.timed_out:
                    later = self.capture.steps[at + 1 :]
                    captured = later[0].t if later else step.t
                    self.pass_time(captured - step.t)
                elif step.op == "put_callback" and step.waited:
                    self.wait(lambda sent=sent: sent.code)
            elif step.op == "wait" and isinstance(step.value, str):
                self.wait(lambda: self.a.read("DMOV") == 1)
            elif step.op == "get":
                self.get(step.field, step.result)
        self.pass_time(self.capture.rest)

    def wait_for_earlier(self, step):
        """What had been answered before this step has been answered here too."""
        for sent in self.puts:
            before = sent.step
            waits = before.op == "put_callback" and not before.timed_out and before.took is not None
            if waits and before.t + before.took < step.t:
                self.wait(lambda sent=sent: sent.code)

    def get(self, field, captured):
        moving = self.a.read("MOVN") != 0
        self.read.append((field, self.a.read(field), captured, moving))

    def send(self, step) -> Sent:
        client, sent = self.clients[step.client], Sent(step)
        self.puts.append(sent)
        if step.op == "put":
            client.put(step.field, step.value)
        else:
            client.put_callback(step.field, step.value, sent)
        if not self.held_up(step.client):
            client.barrier()
        self.settle()
        return sent

    def held_up(self, client: str) -> bool:
        """Whether a put with completion waits behind another on the same channel.

        The twin, like an IOC, then reads no further on that circuit until the first one has finished.
        """
        waiting = [
            it.step.field
            for it in self.puts
            if it.step.op == "put_callback" and it.step.client == client and not it.code
        ]
        return len(set(waiting)) < len(waiting)

    def settle(self):
        """Until every client knows what happened so far."""
        tide = self.clock.raise_tide()
        for client in self.clients.values():
            client.catch_up(tide)
            with client.news:
                for sent, code in client.answered:
                    sent.code = code
                    sent.place = sum(1 for it in self.puts if it.place is not None)
                client.answered.clear()

    def pass_time(self, seconds: float):
        for _ in range(round(max(0.0, seconds) / STEP)):
            self.clock.step()
            self.settle()

    def wait(self, over):
        deadline = self.clock.now + 120
        while not over() and self.clock.now < deadline:
            self.pass_time(STEP)


@pytest.fixture(scope="module")
def clock():
    return Clock(TWIN.control)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_client_is_told_what_was_captured(clock, name):
    slack, phase = SCENARIOS[name]
    capture = Capture(name)
    replay = Replay(capture, clock)
    replay.run()
    ours = replay.a.posts(replay.start)
    found = differences(capture, ours, replay.puts, replay.read, slack, phase)
    assert not found, "\n".join(found)
