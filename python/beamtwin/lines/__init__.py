"""Tells the twin which line of the user's code asks for what, and at which line it fails."""

from . import clients, origin, script
from .teller import Teller


def start(path):
    """Begins to tell it, to the socket at this path."""
    teller = Teller(path)
    origin.follow()
    clients.follow(teller)
    script.follow(teller)
