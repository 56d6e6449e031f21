"""Where client libraries put, and where they ask for names."""

from ..hooks import after_import, replace

# What libca answers when all is well.
ECA_NORMAL = 1


def follow(teller):
    """Begins to tell of each put, and of each name that is asked for."""
    changes = {
        "epics.ca": _pyepics,
        "epicscorelibs.ca.cadef": _aioca,
        "caproto._circuit": _caproto_puts,
        "caproto.threading.client": _caproto_names,
        "caproto.asyncio.client": _caproto_names,
        "caproto.sync.client": _caproto_sync_names,
    }
    for module, change in changes.items():
        after_import(module, lambda module, change=change: change(module, teller))


def _libca(owner, teller, name_of):
    """The functions of libca, of whoever calls them by `owner`."""

    def put(function):
        def wrapper(kind, count, channel, *args):
            def send():
                return function(kind, count, channel, *args)

            try:
                name = name_of(channel)
            except Exception:  # libca says what is wrong with it
                return send()
            return teller.put(name, send, lambda answer: answer in (ECA_NORMAL, None))

        return wrapper

    def create(function):
        def wrapper(name, *args):
            teller.find(_text(getattr(name, "value", name)))
            return function(name, *args)

        return wrapper

    for name, make in (("ca_array_put", put), ("ca_array_put_callback", put), ("ca_create_channel", create)):
        setattr(owner, name, make(getattr(owner, name)))


def _text(name):
    return name.decode("latin-1") if isinstance(name, bytes) else str(name)


def _pyepics(ca, teller):
    def initialize(function):
        def wrapper(*args, **kwargs):
            answer = function(*args, **kwargs)
            _libca(ca.libca, teller, lambda channel: ca.name(channel))
            return answer

        return wrapper

    if ca.libca is not None:
        _libca(ca.libca, teller, lambda channel: ca.name(channel))
    replace(ca, "initialize_libca", initialize)


def _aioca(cadef, teller):
    _libca(cadef, teller, lambda channel: channel.name)


def _caproto_puts(circuit, teller):
    def make(write):
        def wrapper(self, *args, **kwargs):
            return teller.put(self.name, lambda: write(self, *args, **kwargs))

        return wrapper

    replace(circuit.ClientChannel, "write", make)


def _caproto_names(client, teller):
    def make(get_pvs):
        def wrapper(self, *names, **kwargs):
            for name in names:
                teller.find(name)
            return get_pvs(self, *names, **kwargs)

        return wrapper

    replace(client.Context, "get_pvs", make)


def _caproto_sync_names(client, teller):
    def make(search):
        def wrapper(name, *args, **kwargs):
            teller.find(name)
            return search(name, *args, **kwargs)

        return wrapper

    replace(client, "search", make)
