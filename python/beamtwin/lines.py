"""Tells the twin which line of the user's code asks for what."""


def start(path):
    """Begins to tell it, to the socket at this path."""
