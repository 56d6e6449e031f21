"""The two servers: the twin, and an IOC of EPICS base from the package epicscorelibs. Both on 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import records

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = float(os.environ.get("BEAMTWIN_PATIENCE", "30"))


def binary() -> str:
    """The program under test: $BEAMTWIN, or the release build."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    path = Path(os.environ.get("BEAMTWIN") or target / "release" / "beamtwin")
    if not path.is_file():
        sys.exit(f"no binary at {path}: build it with `make build`, or set BEAMTWIN")
    return str(path.resolve())


def dbd() -> Path:
    """Where EPICS base declares its records."""
    import epicscorelibs.path

    return Path(epicscorelibs.path.base_path) / "dbd"


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EPICS_")}
    return {**kept, **more}


def _await(process: subprocess.Popen, stream, word: str, log: Path) -> list[str]:
    """Waits for a line with this word; gives the lines until then."""
    lines: queue.Queue = queue.Queue()

    def listen():
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    seen = []
    while not seen or word not in seen[-1]:
        try:
            line = lines.get(timeout=PATIENCE)
        except queue.Empty:
            line = None
        if line is None:
            process.kill()
            said = log.read_text(errors="replace")[-4000:] if log.exists() else ""
            raise RuntimeError(f"a server did not come up: {''.join(seen)}{said}")
        seen.append(line)
    return seen


@contextlib.contextmanager
def twin(named: dict[str, records.Record], folder: Path):
    """The twin; gives its port."""
    file, log = folder / "peer.toml", folder / "twin.txt"
    file.write_text(records.beamline(named))
    with open(log, "w") as errors:
        process = subprocess.Popen(
            [binary(), "run", str(file), "--port", "0", "--seed", "1"],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        lines = _await(process, process.stdout, "iocRun: All initialization complete", log)
        port = next(it for it in lines if it.startswith("EPICS_CA_SERVER_PORT="))
        yield int(port.partition("=")[2])
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE)
        said = log.read_text(errors="replace")
        if code != 0 or "panicked" in said:
            raise RuntimeError(f"the twin ended with {code}: {said[-4000:]}")
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    """A port that is free for TCP and for UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


# The IOC without PV Access, which would want ports of its own.
IOC = """
import sys, epicscorelibs.ioc as ioc
ioc.start_ioc(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def ioc(named: dict[str, records.Record], folder: Path):
    """The IOC; gives its port."""
    file, log = folder / "peer.db", folder / "ioc.txt"
    file.write_text(records.database(named))
    port = _free_port()
    with open(log, "w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", IOC, str(file)],
            env=_environment(
                EPICS_CA_SERVER_PORT=str(port),
                EPICS_CAS_SERVER_PORT=str(port),
                EPICS_CAS_INTF_ADDR_LIST="127.0.0.1",
                EPICS_CAS_BEACON_ADDR_LIST="127.0.0.1",
                EPICS_CAS_AUTO_BEACON_ADDR_LIST="NO",
                EPICS_CA_REPEATER_PORT=str(_free_port()),
                EPICS_TZ="UTC",
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        _await(process, process.stdout, "ready", log)
        _listening(port)
        yield port
        process.stdin.close()
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


def _listening(port: int):
    """The IOC says that it is ready before its server is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
