"""Keeps the documents of a script, and what processor time its process had between the first and the last of them.

Processor time is that of all threads, and the time for which they could have run but had to wait for a processor:
both make a script slower at real pace, and neither is part of what the beamline does.
"""

import atexit
import json
from pathlib import Path

import numpy


def processor() -> float:
    """Seconds for which the threads of this process have run, or were ready to."""
    spent = 0
    for thread in Path("/proc/self/task").iterdir():
        try:
            ran, waited, _ = (thread / "schedstat").read_text().split()
        except FileNotFoundError:
            continue
        spent += int(ran) + int(waited)
    return spent / 1e9


class Kept:
    """A callback that writes all documents to a file when the script ends."""

    def __init__(self, path):
        self.documents, self.cpu = [], []
        atexit.register(self._write, path)

    def __call__(self, name, document):
        self.documents.append([name, document])
        self.cpu.append(processor())

    def _write(self, path):
        cpu = self.cpu[-1] - self.cpu[0]
        Path(path).write_text(json.dumps({"documents": self.documents, "cpu": cpu}, default=_plain))


def _plain(value):
    if isinstance(value, numpy.generic | numpy.ndarray):
        return value.tolist()
    return repr(value)
