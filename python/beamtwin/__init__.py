"""The Python side of a preflight, active only in a process that its environment asks it to be active in.

Each part is a module with a function `start`, and an environment variable whose value it is given.
"""

import os
import sys
from importlib import import_module

PARTS = {
    "BEAMTWIN_CLOCK": "beamtwin.clock",
    "BEAMTWIN_LINES": "beamtwin.lines",
}


def activate():
    """Starts the parts that the environment asks for. One that fails is left out, which a line tells.

    What a preflight leaves behind, such as the repeater of caproto, may begin when that has ended: nobody misses it there.
    """
    for variable, module in PARTS.items():
        value = os.environ.get(variable)
        if value:
            try:
                import_module(module).start(value)
            except Exception as error:
                if os.path.exists(value):
                    complain(f"{module} is left out: {error!r}")


def complain(words):
    """Says in a line what does not work. The script of the user goes on."""
    print(f"beamtwin: {words}", file=sys.stderr, flush=True)
