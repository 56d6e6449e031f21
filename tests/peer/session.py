"""One sequence of operations on one server, and what it answered, without what must differ.

After each operation stands a barrier: the circuit writes a number to a record of its own, to which
every circuit subscribes, and asks for an echo. Both servers answer requests of a circuit in order, and
keep the order of the events of a circuit; so once the echo and the number have come, all that the
operation caused has come too. What is not compared, since it is not defined: the order between replies,
events and completions. In a burst the C server may squash events, so of these only the last counts.
"""

from __future__ import annotations

import re
import select
import struct
from dataclasses import dataclass, field

import wire
from operations import CIRCUITS
from records import BY_LABEL, TICK, place

MINOR = 13
NOBODY = 0x7FFF0000
TICK_CHANNEL = 1_000_000
LONG = 5


class Silent(Exception):
    """The server did not say what it must."""


@dataclass
class Outcome:
    """What came of one operation."""

    replies: list = field(default_factory=list)
    completions: list = field(default_factory=list)
    events: dict = field(default_factory=dict)
    # Subscriptions of which the C server queues no second event while one waits.
    by_reference: set = field(default_factory=set)
    closed: bool = False

    def differences(self, other: Outcome) -> list[tuple[str, object, object]]:
        found = []
        for part in ("closed", "replies", "completions"):
            ours, theirs = getattr(self, part), getattr(other, part)
            if ours != theirs:
                found.append((part, ours, theirs))
        for key in {**self.events, **other.events}:
            ours, theirs = self.events.get(key), other.events.get(key)
            if key in self.by_reference:
                ours, theirs = _collapsed(ours), _collapsed(theirs)
            if ours != theirs:
                found.append(("events", {key: ours}, {key: theirs}))
        return found


class Session:
    """The circuits of one sequence to one server."""

    def __init__(self, port: int, prefix: str, patience: float):
        self.port, self.prefix, self.patience = port, prefix, patience
        self.streams: list[wire.Stream | None] = [None] * CIRCUITS
        self.on = [True] * CIRCUITS
        self.sids: list[dict[int, int]] = [{} for _ in range(CIRCUITS)]
        self.native: dict[tuple[int, int], tuple[int, int]] = {}
        self.names: dict[tuple[int, int], str] = {}
        self.subscribed: dict[tuple[int, int], int] = {}
        self.stamps: dict[str, tuple[int, int]] = {}
        self.ticks = 0
        for circuit in range(CIRCUITS):
            self.connect(circuit)

    def close(self):
        for stream in self.streams:
            if stream:
                stream.close()

    # --- circuits and barriers

    def connect(self, circuit: int, minor: int = MINOR) -> list[tuple[int, wire.Message]]:
        """A new circuit; gives what the others heard meanwhile."""
        if old := self.streams[circuit]:
            old.close()
        try:
            stream = self.streams[circuit] = wire.Stream(self.port, self.patience)
        except OSError as error:
            raise Silent(f"no server on port {self.port}: {error}") from error
        self.sids[circuit] = {}
        self.on[circuit] = True
        for known in [key for key in self.subscribed if key[0] == circuit]:
            del self.subscribed[known]
        stream.send(
            wire.message(wire.VERSION, count=minor)
            + wire.named(wire.HOST_NAME, "workstation")
            + wire.named(wire.CLIENT_NAME, "somebody")
            + wire.named(wire.CREATE_CHAN, TICK, p1=TICK_CHANNEL, p2=minor)
        )
        seen = []
        self._collect(seen, lambda: any(it.command == wire.CREATE_CHAN for _, it in seen), circuit)
        self.sids[circuit][TICK_CHANNEL] = next(
            it.p2 for at, it in seen if at == circuit and it.command == wire.CREATE_CHAN
        )
        mask = struct.pack(">12xHxx", 1)
        sid = self.sids[circuit][TICK_CHANNEL]
        stream.send(
            wire.message(wire.EVENT_ADD, LONG, 1, p1=sid, p2=TICK_CHANNEL, payload=mask)
        )
        seen += self._barrier(circuit, b"", None)
        return [(at, it) for at, it in seen if at != circuit]

    def _barrier(self, circuit: int, data: bytes, ioid: int | None) -> list[tuple[int, wire.Message]]:
        """Sends, and waits until all has come that this caused."""
        self.ticks += 1
        tick, sid = self.ticks, self.sids[circuit][TICK_CHANNEL]
        number = struct.pack(">i4x", tick)
        data += wire.message(wire.WRITE, LONG, 1, p1=sid, payload=number)
        data += wire.message(wire.ECHO, p1=tick)
        self.streams[circuit].send(data)
        waiting = {("echo", circuit)}
        waiting |= {("tick", at) for at in range(CIRCUITS) if self.on[at] and self.streams[at]}
        if ioid is not None:
            waiting.add(("done", ioid))
        seen = []

        def complete() -> bool:
            while complete.at < len(seen):
                at, it = seen[complete.at]
                complete.at += 1
                if it.command == wire.ECHO and it.p1 == tick:
                    waiting.discard(("echo", at))
                elif _is_tick(it):
                    (value,) = struct.unpack_from(">i", it.payload)
                    if value == tick:
                        waiting.discard(("tick", at))
                elif it.command == wire.WRITE_NOTIFY or it.command == wire.ERROR:
                    waiting.discard(("done", ioid))
            return not waiting or self.streams[circuit].closed

        complete.at = 0
        try:
            self._collect(seen, complete, None)
        except Silent as error:
            raise Silent(f"waited for {sorted(waiting)}") from error
        return [
            (at, it)
            for at, it in seen
            if not _is_tick(it) and not (it.command == wire.ECHO and it.p1 == tick)
        ]

    def _collect(self, seen: list, complete, only: int | None):
        while not complete():
            streams = {
                it.socket: at
                for at, it in enumerate(self.streams)
                if it and not it.closed and only in (None, at)
            }
            ready, _, _ = select.select(list(streams), [], [], self.patience)
            if not ready:
                raise Silent("nothing came")
            for it in ready:
                at = streams[it]
                seen += [(at, message) for message in self.streams[at].receive()]

    # --- operations

    def begin(self, names: list[str]):
        """Processes the records once, as an IOC does with PINI, so that none is undefined."""
        data = b""
        for at, name in enumerate(names):
            cid = TICK_CHANNEL + 1 + at
            data += wire.named(wire.CREATE_CHAN, f"{self.prefix}{name}.PROC", p1=cid, p2=MINOR)
        seen = self._barrier(0, data, None)
        sids = [it.p2 for _, it in seen if it.command == wire.CREATE_CHAN]
        data = b"".join(
            wire.message(wire.WRITE, LONG, 1, p1=sid, payload=struct.pack(">i4x", 1)) for sid in sids
        )
        data += b"".join(
            wire.message(wire.CLEAR_CHANNEL, p1=sid, p2=TICK_CHANNEL + 1 + at)
            for at, sid in enumerate(sids)
        )
        self._barrier(0, data, None)

    def run(self, operation: tuple) -> Outcome:
        """Does one operation, and waits for all that comes of it."""
        kind, circuit, *rest = operation
        if kind == "reconnect":
            (minor,) = rest
            return self._outcome(circuit, operation, self.connect(circuit, minor))
        data, ioid = self._bytes(kind, circuit, rest)
        seen = self._barrier(circuit, data, ioid)
        closed = self.streams[circuit].closed
        if closed:
            seen += self.connect(circuit)
        outcome = self._outcome(circuit, operation, seen)
        outcome.closed = closed
        return outcome

    def _sid(self, circuit: int, channel: int) -> int:
        return self.sids[circuit].get(channel, NOBODY + channel)

    def _bytes(self, kind: str, circuit: int, rest: list) -> tuple[bytes, int | None]:
        if kind == "create":
            channel, name = rest
            name = self.prefix + name
            self.names[circuit, channel] = name
            return wire.named(wire.CREATE_CHAN, name, p1=channel, p2=MINOR), None
        if kind == "clear":
            (channel,) = rest
            sid = self._sid(circuit, channel)
            for known in [it for it, name in self.subscribed.items() if it[0] == circuit]:
                if self.subscribed[known] == channel:
                    del self.subscribed[known]
            self.sids[circuit].pop(channel, None)
            return wire.message(wire.CLEAR_CHANNEL, p1=sid, p2=channel), None
        if kind == "read":
            channel, dbr, count, notify = rest
            command = wire.READ_NOTIFY if notify else wire.READ
            return wire.message(command, dbr, count, self._sid(circuit, channel), channel), None
        if kind == "write":
            channel, dbr, values, notify = rest
            command = wire.WRITE_NOTIFY if notify else wire.WRITE
            data = self._put(command, circuit, channel, dbr, values)
            return data, (channel if notify else None)
        if kind == "burst":
            channel, dbr, each = rest
            return b"".join(self._put(wire.WRITE, circuit, channel, dbr, it) for it in each), None
        if kind == "subscribe":
            subscription, channel, dbr, count, mask = rest
            self.subscribed[circuit, subscription] = channel
            payload = struct.pack(">12xHxx", mask)
            sid = self._sid(circuit, channel)
            return wire.message(wire.EVENT_ADD, dbr, count, sid, subscription, payload), None
        if kind == "cancel":
            subscription, channel = rest
            sid = self._sid(circuit, channel)
            return wire.message(wire.EVENT_CANCEL, 6, 1, sid, subscription), None
        if kind == "events":
            (on,) = rest
            self.on[circuit] = on
            return wire.message(wire.EVENTS_ON if on else wire.EVENTS_OFF), None
        if kind == "echo":
            (size,) = rest
            return wire.message(wire.ECHO, p1=0, payload=bytes(size)), None
        if kind == "sync":
            return wire.message(wire.READ_SYNC), None
        if kind == "search":
            name, wants_refusal = rest
            flag = 10 if wants_refusal else 5
            return wire.named(wire.SEARCH, self.prefix + name, data_type=flag, count=MINOR, p1=9, p2=9), None
        if kind == "identify":
            command, name = rest
            return wire.named(command, name), None
        command, data_type, count, channel, p2, payload = rest
        return wire.message(command, data_type, count, self._sid(circuit, channel), p2, payload), None

    def _put(self, command: int, circuit: int, channel: int, dbr: int, values: list) -> bytes:
        if dbr < 7 or dbr in (wire.PUT_ACKT, wire.PUT_ACKS):
            payload = wire.elements(dbr if dbr < 7 else 3, values)
        else:
            payload = bytes(512)  # as much as any of the types that cannot be written needs
        return wire.message(command, dbr, len(values), self._sid(circuit, channel), channel, payload)

    # --- what came of it

    def _outcome(self, circuit: int, operation: tuple, seen: list) -> Outcome:
        outcome = Outcome()
        for at, it in seen:
            if it.command == wire.EVENT_ADD and (it.payload or operation[0] != "cancel"):
                key = f"{at}/{it.p2}"
                channel = self.subscribed.get((at, it.p2))
                what = (wire.DBR[it.data_type], it.count, it.p1, self._said(it, at, channel))
                outcome.events.setdefault(key, []).append(what)
                if self.is_by_reference(at, channel):
                    outcome.by_reference.add(key)
            elif it.command == wire.WRITE_NOTIFY:
                outcome.completions.append((it.p2, it.data_type, it.count, it.p1))
            else:
                outcome.replies.append(self._reply(at, it))
        if operation[0] == "burst":
            # What the C server reads when it sends depends on when that is.
            outcome.events = {
                key: ["told"] if key in outcome.by_reference else [_value(it[-1])]
                for key, it in outcome.events.items()
            }
            outcome.by_reference.clear()
        return outcome

    def is_by_reference(self, circuit: int, channel: int | None) -> bool:
        """Whether the C server queues no value but reads it when it sends: texts, arrays, an `mbbo`."""
        kind, most = self.native.get((circuit, channel), (LONG, 1))
        if kind == 0 or most > 1:
            return True
        label, field_, _ = place(self.names[circuit, channel].removeprefix(self.prefix))
        record = BY_LABEL[label]
        return field_ == "VAL" and (record.kind == "mbbo" or "count" in record.entry)

    def _said(self, it: wire.Message, circuit: int, channel: int | None):
        said = wire.payload(it.data_type, it.count, it.payload)
        if not isinstance(said, wire.Payload) or said.stamp is None:
            return said if not isinstance(said, wire.Payload) else (said.alarm, said.about, said.values)
        name = self.names.get((circuit, channel), "")
        record = name.split(".")[0]
        last = self.stamps.get(record)
        if said.stamp == (0, 0):
            stamp = "never"
        elif last is None or said.stamp > last:
            stamp = "newer"
        else:
            stamp = "same" if said.stamp == last else "older"
        # Of events the C server may leave some out, and what is known of texts as characters may be none of its own.
        if it.command != wire.EVENT_ADD and not place(name)[2]:
            self.stamps[record] = max(last or (0, 0), said.stamp)
        return (said.alarm, stamp, said.values)

    def _reply(self, circuit: int, it: wire.Message) -> tuple:
        name = wire.COMMANDS.get(it.command, it.command)
        if it.command == wire.CREATE_CHAN:
            self.sids[circuit][it.p1] = it.p2
            self.native[circuit, it.p1] = (it.data_type, it.count)
            return (name, it.data_type, it.count, it.p1)
        if it.command == wire.CLEAR_CHANNEL:
            return (name, it.data_type, it.count, it.p2)
        if it.command == wire.EVENT_ADD:
            return (name, it.data_type, it.count, it.p2)
        if it.command == wire.SEARCH:
            return (name, it.data_type == self.port, it.count, it.p1, it.p2, it.payload)
        if it.command in (wire.READ, wire.READ_NOTIFY):
            head = (name, wire.DBR[it.data_type], it.count, it.p2)
            status = it.p1 if it.command == wire.READ_NOTIFY else None
            return (*head, status, self._said(it, circuit, it.p2))
        if it.command == wire.ERROR:
            command, size, data_type, count, _, p2 = struct.unpack_from(">HHHHII", it.payload)
            # The C server adds where in its source that was.
            said = re.sub(r" at \S+\.c\.\d+$", "", wire.text(it.payload[16:]))
            return (name, it.p1, it.p2, (command, size, data_type, count, p2), said)
        return (name, it.data_type, it.count, it.p1, it.p2, it.payload)


def _collapsed(events: list | None) -> list | None:
    """Without repetitions of a value; of several events only the values."""
    if events is None or len(events) == 1:
        return events and [_value(it) for it in events]
    values = [_value(it) for it in events]
    return [it for at, it in enumerate(values) if at == 0 or it != values[at - 1]]


def _value(event: tuple):
    *head, said = event
    return (*head, said[-1] if isinstance(said, tuple) else said)


def _is_tick(it: wire.Message) -> bool:
    return it.command == wire.EVENT_ADD and it.p2 == TICK_CHANNEL
