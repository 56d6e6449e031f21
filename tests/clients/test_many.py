"""Many clients, many channels, many names at once."""

import asyncio
import contextlib
import resource
import socket
import struct
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import pytest
from twin import PATIENCE, ROOT, Twin, script

sys.path.insert(0, str(ROOT / "tests" / "peer"))

import wire  # noqa: E402

NAMES = 10_000
CIRCUITS = 2_000
CHANNELS = 100_000
# What takes a second or two may take much longer on a machine that is busy.
LONG = 4 * PATIENCE
# How long nothing is heard before names are searched again: less than libca waits.
AGAIN = 0.02

# Each circuit takes a descriptor here and one there.
_SOFT, _HARD = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_HARD, _HARD))


@pytest.fixture(scope="module")
def twin():
    """A twin with so many PVs; each holds its number."""
    with tempfile.TemporaryDirectory(prefix="beamtwin-many-") as folder:
        file = Path(folder) / "many.toml"
        pvs = "\n".join(f'"MANY:{number}" = {number}.0' for number in range(CHANNELS))
        file.write_text(f'[beamline]\ntitle = "Many"\n\n[mailbox.many.pvs]\n{pvs}\n')
        with Twin(file, record="none") as it:
            yield it


class Circuit(asyncio.Protocol):
    """A client that counts what it is waiting for."""

    def __init__(self):
        self.buffer = bytearray()
        self.heard: dict[int, list] = {}
        self.news = asyncio.Event()

    @classmethod
    async def to(cls, twin, *requests: bytes):
        loop = asyncio.get_running_loop()
        _, circuit = await loop.create_connection(cls, "127.0.0.1", twin.port)
        circuit.say(HELLO, *requests)
        return circuit

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        self.news.set()

    def say(self, *requests: bytes):
        self.transport.write(b"".join(requests))

    def data_received(self, data):
        self.buffer += data
        buffer, at, size = self.buffer, 0, len(self.buffer)
        while size - at >= 16:
            command, length, _, _, p1, p2 = struct.unpack_from(">HHHHII", buffer, at)
            if size - at < 16 + length:
                break
            payload = bytes(buffer[at + 16 : at + 16 + length])
            self.heard.setdefault(command, []).append((p1, p2, payload))
            at += 16 + length
        del buffer[:at]
        self.news.set()

    async def hear(self, command: int, count: int) -> list:
        """The first so many messages of a kind: two numbers and a payload of each."""
        while len(self.heard.get(command, [])) < count:
            assert not self.transport.is_closing(), f"closed, after {self.heard}"
            self.news.clear()
            await self.news.wait()
        return self.heard[command][:count]


DOUBLE = 6
HELLO = (
    wire.message(wire.VERSION, count=13)
    + wire.named(wire.CLIENT_NAME, "many")
    + wire.named(wire.HOST_NAME, "here")
)


def create(number: int) -> bytes:
    return wire.named(wire.CREATE_CHAN, f"MANY:{number}", p1=number, p2=13)


def search(number: int) -> bytes:
    return wire.named(wire.SEARCH, f"MANY:{number}", data_type=5, count=13, p1=number, p2=number)


def subscribe(sid: int) -> bytes:
    mask = struct.pack(">12xHxx", 1)
    return wire.message(wire.EVENT_ADD, DOUBLE, 1, sid, 1, mask)


def run(work):
    return asyncio.run(asyncio.wait_for(work, LONG))


def doubles(messages: list) -> list[float]:
    return [struct.unpack(">d", payload)[0] for _, _, payload in messages]


def test_two_thousand_clients_at_once(twin):
    assert _HARD > CIRCUITS + 100, f"the system allows {_HARD} descriptors"

    async def work():
        numbers = range(CIRCUITS)
        circuits = []
        # No more at once than wait to be accepted.
        for chosen in batches(numbers, 100):
            circuits += await asyncio.gather(*(Circuit.to(twin, create(it)) for it in chosen))
        sids = [(await it.hear(wire.CREATE_CHAN, 1))[0][1] for it in circuits]
        for circuit, sid in zip(circuits, sids, strict=True):
            circuit.say(wire.message(wire.READ_NOTIFY, DOUBLE, 1, sid, 1), subscribe(sid))
        for number, circuit in enumerate(circuits):
            assert doubles(await circuit.hear(wire.READ_NOTIFY, 1)) == [number]
            assert doubles(await circuit.hear(wire.EVENT_ADD, 1)) == [number]
        # The value of each is changed by its neighbour.
        writer = circuits[1:] + circuits[:1]
        for number, circuit in zip(numbers, writer, strict=True):
            circuit.say(wire.named(wire.CREATE_CHAN, f"MANY:{number}", p1=1, p2=13))
        for number, circuit in zip(numbers, writer, strict=True):
            sid = (await circuit.hear(wire.CREATE_CHAN, 2))[1][1]
            value = struct.pack(">d", -1.0 - number)
            circuit.say(wire.message(wire.WRITE_NOTIFY, DOUBLE, 1, sid, 7, value))
        for number, circuit in enumerate(circuits):
            assert doubles(await circuit.hear(wire.EVENT_ADD, 2)) == [number, -1.0 - number]
            ((status, ioid, _),) = await circuit.hear(wire.WRITE_NOTIFY, 1)
            assert (status, ioid) == (1, 7)
        # Back as it was.
        for number, circuit in zip(numbers, writer, strict=True):
            sid = circuit.heard[wire.CREATE_CHAN][1][1]
            value = struct.pack(">d", number)
            circuit.say(wire.message(wire.WRITE_NOTIFY, DOUBLE, 1, sid, 8, value))
        for circuit in circuits:
            await circuit.hear(wire.WRITE_NOTIFY, 2)
            circuit.transport.abort()

    run(work())


def test_one_client_with_a_hundred_thousand_channels(twin):
    async def work():
        circuit = await Circuit.to(twin, *map(create, range(CHANNELS)))
        opened = await circuit.hear(wire.CREATE_CHAN, CHANNELS)
        sids = {cid: sid for cid, sid, _ in opened}
        assert len(sids) == len(set(sids.values())) == CHANNELS
        for number, sid in sids.items():
            circuit.say(wire.message(wire.READ_NOTIFY, DOUBLE, 1, sid, number))
        read = await circuit.hear(wire.READ_NOTIFY, CHANNELS)
        assert all(status == 1 for status, _, _ in read)
        assert [ioid for _, ioid, _ in read] == list(sids)
        assert doubles(read) == [float(number) for number in sids]
        circuit.transport.abort()

    run(work())


def test_ten_thousand_names_are_found_over_udp(twin):
    """All datagrams are sent before the first answer is looked at; what the kernel dropped is asked for again."""
    missing = set(range(NAMES))
    deadline = time.monotonic() + LONG
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(AGAIN)
        udp.connect(("127.0.0.1", twin.port))
        while missing:
            assert time.monotonic() < deadline, f"{len(missing)} names are not found"
            for chosen in batches(sorted(missing), 40):
                udp.send(wire.message(wire.VERSION, count=13) + b"".join(map(search, chosen)))
            with contextlib.suppress(TimeoutError):
                while missing:
                    missing -= answered(udp.recv(1 << 16), twin.port)


def test_ten_thousand_names_are_found_over_tcp(twin):
    async def work():
        circuit = await Circuit.to(twin, *map(search, range(NAMES)))
        found = await circuit.hear(wire.SEARCH, NAMES)
        assert [(address, cid) for address, cid, _ in found] == [
            (0xFFFFFFFF, number) for number in range(NAMES)
        ]
        circuit.transport.abort()

    run(work())


CONNECT = f"""
import sys, threading
import epics
names = [f"MANY:{{number}}" for number in range({NAMES})]
connected, all_are = set(), threading.Event()

def told(pvname, conn, **_):
    if conn:
        connected.add(pvname)
    if len(connected) == len(names):
        all_are.set()

pvs = [epics.get_pv(name, connection_callback=told, auto_monitor=False) for name in names]
assert all_are.wait({LONG}), f"{{len(names) - len(connected)}} did not connect"
"""


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_libca_connects_ten_thousand_channels(twin, over):
    environment = twin.environment()
    if over == "tcp":
        environment |= {"EPICS_CA_ADDR_LIST": "", "EPICS_CA_NAME_SERVERS": twin.address}
    script(twin, CONNECT, env=environment, timeout=LONG)


AIOCA = f"""
import asyncio
from aioca import caget, connect

async def main():
    names = [f"MANY:{{number}}" for number in range({NAMES})]
    await connect(names, timeout={LONG})
    values = await caget(names, timeout={LONG})
    assert values == list(range({NAMES})), "not the values that are there"

asyncio.run(main())
"""


def test_aioca_connects_and_reads_ten_thousand_channels(twin):
    script(twin, AIOCA, timeout=LONG)


def batches(items, size):
    items = iter(items)
    return iter(lambda: list(islice(items, size)), [])


def answered(data: bytes, port: int) -> set[int]:
    """The names that a datagram says are served."""
    found, at = set(), 0
    while at < len(data):
        command, length, at_port, _, _, cid = struct.unpack_from(">HHHHII", data, at)
        if command == wire.SEARCH:
            assert at_port == port
            found.add(cid)
        at += 16 + length
    return found
