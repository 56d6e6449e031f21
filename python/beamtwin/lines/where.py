"""The line of the user's code that is at work."""

import os
import re
import site
import sys
import sysconfig

from . import origin, plans

# Code that is in no file, and is the user's.
TYPED = ("<stdin>", "<console>")
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_known = {}


def where():
    """The file and the line, `["/home/me/scan.py", 42]`, or none if there is no telling."""
    try:
        return _where(sys._getframe(1))
    except Exception:  # no line is worth a script that stops
        return None


def _where(frame):
    while frame is not None:
        at = place(frame)
        if at is None and plans.is_engine(frame):
            at = plans.line(frame)
        if at is not None:
            return at
        # What lies beyond runs the loop, and asked for nothing.
        frame = None if origin.is_loop(frame) else frame.f_back
    return origin.known()


def place(frame, line=None):
    """The file and the line of a frame of the user's code, or another line of it; none of another frame."""
    line = line or frame.f_lineno
    file = frame.f_code.co_filename
    if file == "<string>":
        # `python -c`; code that libraries make up is told by the same name.
        return ["-c", line] if frame.f_globals.get("__name__") == "__main__" else None
    if file not in _known:
        _known[file] = _name(file)
    name = _known[file]
    return name and [name, line]


def _name(file):
    cell = _cell(file)
    if cell is not None:
        return f"In [{cell}]"
    if file.startswith("<"):
        return file if file in TYPED else None
    file = os.path.abspath(file)
    return None if _is_library(file) else file


def _is_library(file):
    folders = file.split(os.sep)
    if "site-packages" in folders or "dist-packages" in folders:
        return True
    return file.startswith(_LIBRARY)


def _libraries():
    """The folders of the standard library, of programs that were installed, and our own."""
    yield os.path.dirname(os.__file__)
    yield sysconfig.get_path("stdlib")
    yield sysconfig.get_path("scripts")
    yield os.path.join(site.getuserbase(), "bin")
    yield _OURS


_LIBRARY = tuple(os.path.join(folder, "") for folder in _libraries() if folder)


def _cell(file):
    """The number of an IPython cell."""
    old = re.match(r"<ipython-input-(\d+)-", file)
    if old:
        return old[1]
    shell = sys.modules.get("IPython.core.interactiveshell")
    shell = shell and shell.InteractiveShell._instance
    numbers = getattr(getattr(shell, "compile", None), "_filename_map", {})
    return numbers.get(file)
