"""What a script does beside Channel Access that a preflight finds: it fails, or reaches for the network."""

import os
import sys
import traceback

from .where import place

# A text of an exception may be a whole document.
LONGEST = 300
REACHES = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


def follow(teller):
    """Begins to tell of it."""
    _follow_exceptions(teller)
    _follow_network(teller)


def _follow_exceptions(teller):
    shown = sys.excepthook

    def hook(kind, error, trace):
        try:
            if not issubclass(kind, KeyboardInterrupt):
                text = traceback.format_exception_only(kind, error)[-1].strip()
                teller.fail(text[:LONGEST], _raised(error, trace))
        finally:
            shown(kind, error, trace)

    sys.excepthook = hook


def _raised(error, trace):
    """The innermost line of the user's code that an exception came by."""
    at = None
    for frame, line in traceback.walk_tb(trace):
        at = place(frame, line) or at
    if at is None and isinstance(error, SyntaxError) and error.filename:
        at = [os.path.abspath(error.filename), error.lineno]
    return at


def _follow_network(teller):
    told = set()

    def hook(event, args):
        if event not in REACHES:
            return
        for to in _targets(event, args):
            if to not in told:
                told.add(to)
                teller.reach(to)

    sys.addaudithook(hook)


def _targets(event, args):
    """What is reached for, as a preflight sees it: an address with its port, or a name that is looked up."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
        return [host] if isinstance(host, str) else []
    address = args[1]
    if not isinstance(address, tuple) or len(address) < 2:
        return []
    host, port = address[:2]
    return [host, f"{host}:{port}"]
