"""Channel Access as bytes: requests, messages, and a payload without what may differ between servers."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

(VERSION, EVENT_ADD, EVENT_CANCEL, READ, WRITE, SEARCH) = (0, 1, 2, 3, 4, 6)
(EVENTS_OFF, EVENTS_ON, READ_SYNC, ERROR, CLEAR_CHANNEL) = (8, 9, 10, 11, 12)
(NOT_FOUND, READ_NOTIFY, CREATE_CHAN, WRITE_NOTIFY) = (14, 15, 18, 19)
(CLIENT_NAME, HOST_NAME, ACCESS_RIGHTS, ECHO) = (20, 21, 22, 23)
(CREATE_FAILED, SERVER_DISCONNECT) = (26, 27)
COMMANDS = {
    value: name for name, value in list(globals().items()) if isinstance(value, int) and name.isupper()
}

TYPES = ["STRING", "SHORT", "FLOAT", "ENUM", "CHAR", "LONG", "DOUBLE"]
FORMS = ["", "STS_", "TIME_", "GR_", "CTRL_"]
DBR = [f"DBR_{form}{kind}" for form in FORMS for kind in TYPES]
DBR += ["DBR_PUT_ACKT", "DBR_PUT_ACKS", "DBR_STSACK_STRING", "DBR_CLASS_NAME"]
PUT_ACKT, PUT_ACKS, STSACK_STRING, CLASS_NAME = range(35, 39)
SIZES = [40, 2, 4, 2, 1, 4, 8]
LETTERS = " hfHBid"
# Where the value begins, by form and type (db_access.h).
OFFSETS = [
    [0, 0, 0, 0, 0, 0, 0],
    [4, 4, 4, 4, 5, 4, 8],
    [12, 14, 12, 14, 15, 12, 16],
    [4, 24, 40, 422, 19, 36, 64],
    [4, 28, 48, 422, 21, 44, 80],
]


def message(command: int, data_type=0, count=0, p1=0, p2=0, payload=b"") -> bytes:
    """One message, its payload filled up to eight bytes."""
    payload += bytes(-len(payload) % 8)
    if len(payload) < 0xFFFF and count < 0xFFFF:
        return struct.pack(">HHHHII", command, len(payload), data_type, count, p1, p2) + payload
    head = struct.pack(">HHHHII", command, 0xFFFF, data_type, 0, p1, p2)
    return head + struct.pack(">II", len(payload), count) + payload


def named(command: int, name: str, **fields) -> bytes:
    return message(command, payload=name.encode() + b"\0", **fields)


def elements(kind: int, values: list) -> bytes:
    """Values as a payload of a plain type."""
    if kind == 0:
        return b"".join(it.encode("latin-1")[:39].ljust(40, b"\0") for it in values)
    return struct.pack(f">{len(values)}{LETTERS[kind]}", *values)


@dataclass(frozen=True)
class Message:
    command: int
    data_type: int
    count: int
    p1: int
    p2: int
    payload: bytes


class Stream:
    """One TCP circuit of one server."""

    def __init__(self, port: int, patience: float):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.closed = False

    def send(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what came before the end is still there to be received

    def receive(self) -> list[Message]:
        """At least one message, unless the server has hung up."""
        while not self.closed:
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            if not data:
                self.closed = True
            self.buffer += data
            found = self._split()
            if found:
                return found
        return []

    def _split(self) -> list[Message]:
        found, at, data = [], 0, self.buffer
        while len(data) - at >= 16:
            command, size, data_type, count, p1, p2 = struct.unpack_from(">HHHHII", data, at)
            head = 16
            if size == 0xFFFF and count == 0:
                if len(data) - at < 24:
                    break
                size, count = struct.unpack_from(">II", data, at + 16)
                head = 24
            if len(data) - at < head + size:
                break
            payload = data[at + head : at + head + size]
            found.append(Message(command, data_type, count, p1, p2, payload))
            at += head + size
        self.buffer = data[at:]
        return found

    def close(self):
        self.closed = True
        self.socket.close()


def text(data: bytes) -> str:
    """Text up to its terminator; what follows is whatever the buffer held."""
    return data.split(b"\0", 1)[0].decode("latin-1")


@dataclass(frozen=True)
class Payload:
    """What a reply or an event says. `stamp` is apart, since clocks differ."""

    alarm: tuple[int, int] | None
    stamp: tuple[int, int] | None
    about: tuple
    values: tuple

    def __str__(self) -> str:
        alarm = f" status {self.alarm[0]} severity {self.alarm[1]}" if self.alarm else ""
        about = f" {self.about}" if self.about else ""
        return f"{list(self.values)}{alarm}{about}"


def payload(dbr: int, count: int, data: bytes) -> Payload | bytes:
    """The meaning of a payload; the bytes themselves if they are not what the header says."""
    if dbr == CLASS_NAME:
        return Payload(None, None, (), (text(data[:40]),))
    if dbr == STSACK_STRING and len(data) >= 48:
        status, severity, ackt, acks = struct.unpack_from(">HHHH", data)
        return Payload((status, severity), None, (ackt, acks), (text(data[8:48]),))
    if dbr >= 35:
        return data
    form, kind = divmod(dbr, 7)
    offset = OFFSETS[form][kind]
    if len(data) < offset + SIZES[kind] * count and not (kind == 0 and count == 1):
        return data
    alarm = struct.unpack_from(">HH", data) if form else None
    stamp = struct.unpack_from(">II", data, 4) if form == 2 else None
    about = _about(kind, data[4:offset], 8 if form == 4 else 6) if form >= 3 else ()
    return Payload(alarm, stamp, about, _values(kind, count, data[offset:]))


def _values(kind: int, count: int, data: bytes) -> tuple:
    if kind == 0:
        return tuple(text(data[at * 40 : at * 40 + 40]) for at in range(count))
    if kind in (2, 6):  # the bits, of which NaN and -0 are made
        size = SIZES[kind]
        return tuple(_float(kind, data[at * size : at * size + size]) for at in range(count))
    return struct.unpack_from(f">{count}{LETTERS[kind]}", data)


def _float(kind: int, data: bytes) -> str:
    (value,) = struct.unpack(">" + LETTERS[kind], data)
    # The sign and the bits of a NaN depend on the compiler.
    return repr(value)


def _about(kind: int, data: bytes, limits: int) -> tuple:
    if kind == 0:
        return ()
    if kind == 3:
        (states,) = struct.unpack_from(">H", data)
        return tuple(text(data[2 + at * 26 : 28 + at * 26]) for at in range(min(states, 16)))
    if kind in (2, 6):
        (precision,) = struct.unpack_from(">h", data)
        head = ("precision", precision)
        data = data[4:]
    else:
        head = ()
    return (*head, text(data[:8]), *_values(kind, limits, data[8:]))
