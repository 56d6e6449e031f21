"""Tells the twin, before a client library is asked for something, which line asks."""

import json
import os
import socket
import threading

from .. import complain
from .where import where

# How long the twin may take to listen, in seconds.
PATIENCE = 10


class Teller:
    """The near end of the socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(path)
        self._number = 0
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self):
        self._lock = threading.RLock()

    def find(self, name):
        """A name is going to be asked for."""
        self._say("find", name, where())

    def reach(self, to):
        """An address is going to be reached for, or a name looked up."""
        self._say("reach", to, where())

    def fail(self, text, at):
        """Nobody caught an exception, which came from this line."""
        self._say("fail", text, at)

    def _say(self, what, name, at):
        with self._lock:
            self._tell(what, name, at)

    def put(self, name, send, sent=lambda answer: True):
        """Puts to a name by `send()` and answers as that does. What it answers, `sent` judges: whether it was sent."""
        at = where()
        # What is told and what is sent are in the same order.
        with self._lock:
            number = self._tell("put", name, at)
            good = False
            try:
                answer = send()
                good = sent(answer)
                return answer
            finally:
                if not good:
                    self._tell("unput", name, None, number)

    def _tell(self, what, name, at, number=None):
        if number is None:
            self._number = number = self._number + 1
        if self._socket is not None:
            message = {"process": os.getpid(), "number": number, "what": what, "name": name, "at": at}
            try:
                self._socket.send(json.dumps(message).encode())
            except Exception as error:
                # From here on lines and puts would not agree.
                self._socket = None
                complain(f"no more lines are told: {error!r}")
        return number
