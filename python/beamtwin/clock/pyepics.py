"""pyepics: it waits by calling `poll` again and again."""

import sys

from .. import hooks
from . import holding, place, real
from .waits import Waiter

# How long a loop waits that does nothing but poll, at first and at last, unless something is called back.
FIRST, LAST = 0.01, 1.0

_calls = 0
_waiters = set()
_polls = {}


def _called():
    """Something was called back: those that wait for it look again."""
    global _calls
    _calls += 1
    for waiter in tuple(_waiters):
        waiter.release()


def _calling(original):
    def call(arguments, **options):
        try:
            return original(arguments, **options)
        finally:
            _called()

    return call


def _remains(frame):
    """How long a loop goes on that is limited by variables of the names that pyepics gives them."""
    variables = frame.f_locals
    began = variables.get("start_time", variables.get("t0"))
    limit = variables.get("timeout")
    if isinstance(began, float) and isinstance(limit, (int, float)):
        remains = max(began + limit - (place.epoch + place.now()) / 1e9, 0)
        # A hair more, for loops that go on until more than that has passed; without what dates are rounded by.
        return round(remains + 1e-6, 6)
    return LAST


def _polling(original):
    def poll(*arguments, **options):
        if not holding.in_device_time():
            return original(*arguments, **options)
        frame, ident = sys._getframe(1), real.get_ident()
        at = (frame, frame.f_lasti, _calls)
        last, pause = _polls.get(ident, (None, FIRST))
        if last is None or last[0] is not frame or last[1:] != at[1:]:
            _polls[ident] = (at, FIRST)
            with holding.hold():
                return original(*arguments, **options)
        _polls[ident] = (at, min(2 * pause, LAST))
        waiter = Waiter()
        _waiters.add(waiter)
        try:
            if _calls == at[2]:
                waiter.wait(min(pause, _remains(frame)))
        finally:
            _waiters.discard(waiter)
        return 1  # ECA_NORMAL

    return poll


def _creating(module):
    def of(original):
        def create_channel(pvname, *arguments, **options):
            if not holding.in_device_time():
                return original(pvname, *arguments, **options)
            holding.seek(("pyepics", pvname))
            channel = original(pvname, *arguments, **options)
            if channel is None or module.isConnected(channel):
                holding.found(("pyepics", pvname))
            return channel

        return create_channel

    return of


def _connected(module):
    """A channel is connected, after all have heard of it."""

    def of(arguments):
        try:
            module._onConnectionEvent(arguments)
        finally:
            entry = module._chid_cache.get(module._chid_to_int(arguments.chid))
            if entry is not None:
                holding.found(("pyepics", entry.pvname))

    return of


def _patch(module):
    dbr = module.dbr
    for name, function, kind in (
        ("_CB_CONNECT", _connected(module), dbr.connection_args),
        ("_CB_PUTWAIT", module._onPutEvent, dbr.event_handler_args),
        ("_CB_GET", module._onGetEvent, dbr.event_handler_args),
        ("_CB_EVENT", module._onMonitorEvent, dbr.event_handler_args),
        ("_CB_ACCESS", module._onAccessRightsEvent, dbr.access_rights_handler_args),
    ):
        setattr(module, name, dbr.make_callback(_calling(function), kind))
    hooks.replace(module, "poll", _polling)
    hooks.replace(module, "create_channel", _creating(module))


def patch():
    hooks.after_import("epics.ca", _patch)
