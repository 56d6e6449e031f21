"""aioca: time stands still while a channel is looked for. All else of it is asyncio."""

from .. import hooks
from . import holding


def _patch(module):
    def making(original):
        def __init__(self, name, *arguments):
            holding.seek(("aioca", name))
            original(self, name, *arguments)

        return __init__

    def connected(original):
        def on_ca_connect_(self, op):
            try:
                original(self, op)
            finally:
                holding.found(("aioca", self.name))

        return on_ca_connect_

    hooks.replace(module.Channel, "__init__", making)
    hooks.replace(module.Channel, "on_ca_connect_", connected)


def patch():
    hooks.after_import("aioca._catools", _patch)
