"""The place of this process in the memory that it shares with the twin, and its connection to it.

The header holds, as eight bytes each: a word that says what file it is, the clock of the machine when time began to pass
by it (0 where it stands still), device time then, and the date of device time zero; all in nanoseconds. Each place holds
the next deadline, until when time is held, for which child, how deep the main thread waits, how far time is to go on
without a wait, whether the process leaves, since when it looks for a channel, and the number of the process.
"""

import mmap
import os
import socket
import struct

from . import real

MAGIC = b"BTCLOCK1"
HEADER, PLACE = 64, 64
DEADLINE, HELD, CHILD, WAITS, CREEP, LEAVES, SEEKS, PROCESS = range(0, 64, 8)
NEVER = 2**63 - 1
# So many reads of a clock that stands still are a program that waits by reading it. Time goes on by a millisecond.
SPIN = 2000

_header = struct.Struct("=QQ").unpack_from
_word = struct.Struct("=q").pack_into

active = False
memory = None
connection = None
epoch = 0
main = 0
_folder = None
_at = 0
_depth = 0
_creep = 0
_reads = 0
_last = -1
_skew = 0
_left = 0


def take(folder=None):
    """Takes a place for this process."""
    global active, memory, connection, epoch, main, _folder, _at, _depth, _creep, _reads
    _folder = folder or _folder
    if memory is None:
        with open(os.path.join(_folder, "memory"), "r+b") as file:
            memory = mmap.mmap(file.fileno(), 0)
        if memory[:8] != MAGIC:
            raise OSError("the twin has another version")
        (epoch,) = struct.unpack_from("=Q", memory, 24)
    if connection is not None:
        connection.close()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(os.path.join(_folder, "socket"))
    given = connection.recv(1)
    if not given:
        raise OSError("the twin has no place left")
    _at = HEADER + PLACE * given[0]
    write(PROCESS, os.getpid())
    main = real.get_ident()
    _depth = _creep = _reads = 0
    active = True


def leave():
    """Gives the place back: real time from now on, without a leap."""
    global active, _left
    if active:
        _left = now() - real.monotonic_ns()
        active = False
        write(LEAVES, 1)


def write(word, value):
    """Writes a word of our place."""
    _word(memory, _at + word, value)


def is_taken(process):
    """Whether a process has a place."""
    words = range(HEADER + PROCESS, len(memory), PLACE)
    return any(struct.unpack_from("=q", memory, at)[0] == process for at in words)


def now():
    """Device time in nanoseconds."""
    if not active:
        return real.monotonic_ns() + _left
    since, t = _header(memory, 8)
    return t + real.monotonic_ns() - since if since else t


def read():
    """The same for those who ask for nothing but the time."""
    global _reads, _last, _skew, _creep
    if not active:
        return real.monotonic_ns() + _left
    since, t = _header(memory, 8)
    if since:
        return t + real.monotonic_ns() - since
    if t != _last:
        _last, _reads, _skew = t, 0, 0
    _reads += 1
    if _reads >= SPIN:
        _reads = 0
        _creep += 1
        write(CREEP, _creep)
    return t + _skew


def elapsed():
    """Somebody waits for less than a nanosecond, as floating-point numbers have it: what he reads is past that."""
    global _skew
    _skew = 1


class Waiting:
    """While the main thread waits for device time, or for something that happens in it."""

    def __enter__(self):
        global _depth
        self._main = active and real.get_ident() == main
        if self._main:
            _depth += 1
            write(WAITS, _depth)

    def __exit__(self, *_):
        global _depth
        if self._main:
            _depth -= 1
            write(WAITS, _depth)
