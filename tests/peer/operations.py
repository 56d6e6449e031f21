"""Random operations: what the clients of a sequence do, in a stated mix.

An operation is a tuple of plain values, so that a sequence can be printed, cut down and run again:

    ("create", circuit, channel, name)
    ("clear", circuit, channel)
    ("read", circuit, channel, type, count, notify)
    ("write", circuit, channel, type, values, notify)
    ("burst", circuit, channel, type, [values, …])
    ("subscribe", circuit, subscription, channel, type, count, mask)
    ("cancel", circuit, subscription, channel)
    ("events", circuit, on)
    ("echo", circuit, size)
    ("sync", circuit)
    ("search", circuit, name, wants_refusal)
    ("identify", circuit, command, name)
    ("raw", circuit, command, type, count, p1, p2, payload)
    ("reconnect", circuit, minor)

A channel that is not open has a number that no server gave: that is how bad numbers are tried.
"""

from __future__ import annotations

import random

import wire
from records import MULTI, Field, Record

CIRCUITS = 2
# Below the 36 that share one of the C server's queues, so that events of a circuit keep one order.
SUBSCRIPTIONS = 30
CHANNELS = 12

# How often each is chosen, in hundredths of a percent.
MIX = {
    "read": 3300,
    "write": 3700,
    "create": 1100,
    "subscribe": 700,
    "clear": 250,
    "cancel": 250,
    "burst": 150,
    "events": 150,
    "echo": 80,
    "sync": 50,
    "search": 100,
    "identify": 40,
    "bad": 60,
    "raw": 20,
    "reconnect": 50,
}

# Fields that a mailbox keeps without the effect that they have in an IOC (its page says which), and
# those whose effect depends on the clock. They are read, never written.
KEPT = set(
    "SCAN PHAS EVNT TSE TSEL DTYP SDIS FLNK INP OUT DOL SIOL SIML SIMM SIMS SSCN SDLY SVAL OROC OIF "
    "SMOO AFTC LINR OMSL PINI ASG TPRO PRIO EGUF EGUL EOFF ESLO ROFF AOFF ASLO RVAL SHFT OOCH OOPT HASH IVOA IVOV".split()
) | {f"{state}VL" for state in MULTI}

# Fields that decide who is told of what: chosen more often than others.
TELLING = set(
    "MDEL ADEL MPST APST HYST HIHI HIGH LOW LOLO HHSV HSV LSV LLSV ZSV OSV COSV UNSV ZRSV ONSV TWSV THSV "
    "DISP DISA DISV DISS UDF UDFS MLST ALST LALM PROC SEVR STAT ACKS".split()
)
# Fields that let a record do nothing, or nobody write it: seldom for long.
SWITCHES = {"DISP", "DISA", "DISV"}

# Of an array of texts the IOC takes what is left behind each text for a part of it.
HASHES = {"HASH", "MPST", "APST"}

# What a name may say behind its field. Of `ts` only what leaves the value.
FILTERS = [
    '{"dbnd":{"abs":%(real)s}}',
    '{"dbnd":{"rel":%(real)s}}',
    '{"dbnd":{"d":%(real)s}}',
    '{"dec":{"n":%(small)d}}',
    '{"ts":{}}',
    '{"utag":{"M":%(small)d,"V":0}}',
    '{"dec":{"n":2},"dbnd":{"abs":%(real)s}}',
    "{dec:{n:%(small)d}}",
]
PARTS = [
    '{"arr":{"s":%(from)d,"i":%(step)d,"e":%(to)d}}',
    '{"arr":{"s":%(from)d}}',
    '{"arr":{}}',
    '{"arr":{"s":%(from)d},"dec":{"n":2}}',
    '{"ts":{},"arr":{"s":%(from)d}}',
    "[%(from)d:%(to)d]",
    "[%(from)d:%(step)d:%(to)d]",
    "[%(from)d]",
    "[:%(to)d]",
]
WRONG = ['{"nope":{}}', '{"arr":{}', '{"dbnd":{"abs":"x"}}', "[1:", "[]", "{}", '{"dec":{"n":0}}', '{"dec":{}}', "x"]

NUMBERS = [0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 40, 99, 100, 101, 127, 128, 255, 256, 1000, 32767, 32768]
NUMBERS += [65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 1e10, 1e300]
REALS = [0.5, 1.5, 2.4999, 2.5, 3.7, 1e-3, 1e-7, 123456.789, 1e15, 3.4e38, 3.5e38]
REALS += [float("nan"), float("inf")]
TEXTS = ["", " ", "hello", "zero", "one", "a longer state", "On", "Off", "MAJOR", "NO", "x" * 39]
TEXTS += ["0", "1", "2", " 3 ", "-1", "+4", "3.7", "-2.5", "1e3", "1e400", "1e-400"]
TEXTS += ["nan", "-inf", "Infinity", "12abc", "1 2", "255", "256", "-129", "32768", "65535", "65536"]
TEXTS += ["2147483647", "2147483648", "4294967295", "4294967296", "-", ".", "1.", ".5", "YES", "yes"]
# Since 7.0.9 an integer is read as C writes one; the captures, which decide, are of an earlier one.
REAL_TEXTS = ["0x10", "0x1.8p1", "010"]


class Generator:
    """Chooses operations one after another; is told what came of those that ended a circuit."""

    def __init__(self, rng: random.Random, named: dict[str, Record], fields: dict[str, list[Field]]):
        self.rng = rng
        self.named = named
        self.fields = fields
        self.open: list[dict[int, tuple[str, Record, Field | None, bool]]] = [{}, {}]
        self.subscriptions: list[dict[int, int]] = [{}, {}]
        self.next = 1

    def ended(self, circuit: int):
        """The circuit is a new one."""
        self.open[circuit] = {}
        self.subscriptions[circuit] = {}

    def choose(self) -> tuple:
        while True:
            kind = self.rng.choices(list(MIX), list(MIX.values()))[0]
            circuit = self.rng.randrange(CIRCUITS)
            operation = getattr(self, f"_{kind}")(circuit)
            if operation:
                return operation

    def _number(self) -> int:
        self.next += 1
        return self.next

    def _channel(self, circuit: int) -> int | None:
        channels = self.open[circuit]
        return self.rng.choice(list(channels)) if channels else None

    def _name(self) -> tuple[str, Record, Field | None, bool]:
        """The name of a channel, and what it stands for."""
        rng = self.rng
        name = rng.choice(list(self.named))
        record = self.named[name]
        fields = self.fields[record.kind]
        if rng.random() < 0.45:
            field = next(it for it in fields if it.name == "VAL")
            if rng.random() < 0.2:
                return f"{name}.VAL{self._filter(record)}", record, field, False
            return name + rng.choice(["", "", "", ".VAL", "."]), record, field, False
        if rng.random() < 0.04:
            return name + rng.choice([".TIME", ".NONE", ".val", ".VALX", "$", ".VAL.X"]), record, None, False
        telling = [it for it in fields if it.name in TELLING]
        field = rng.choice(telling if rng.random() < 0.25 else fields)
        if record.entry.get("type") == "string" and field.name in HASHES:
            return self._name()
        long = rng.random() < (0.2 if field.kind in ("STRING", "INLINK") else 0.01)
        name = f"{name}.{field.name}{'$' if long else ''}"
        return name + (self._filter(record) if rng.random() < 0.03 else ""), record, field, long

    def _filter(self, record: Record) -> str:
        rng = self.rng
        many = "count" in record.entry
        pattern = rng.choices(
            [rng.choice(FILTERS), rng.choice(PARTS), rng.choice(WRONG)], [6, 6 if many else 1, 1]
        )[0]
        # A part that can have no element ends the IOC when it is read.
        most = record.entry.get("count", 10)
        begin = rng.randrange(min(most, 6))
        end = rng.randrange(begin, min(most, 9))
        first = rng.choice([begin, begin - most])
        last = rng.choice([end, end - most])
        return pattern % {
            "real": rng.choice(["0", "0.5", "1.5", "10", "100", "-1"]),
            "small": rng.randrange(1, 5),
            "from": first,
            # From the end to a place counted from the beginning there may be more than the IOC has room for.
            "to": min(last, end - most) if first < 0 else last,
            "step": rng.randrange(1, 4),
        }

    def _create(self, circuit):
        if len(self.open[circuit]) >= CHANNELS:
            return None
        channel, what = self._number(), self._name()
        self.open[circuit][channel] = what
        return ("create", circuit, channel, what[0])

    def refused(self, circuit: int, channel: int):
        """The channel did not open."""
        self.open[circuit].pop(channel, None)

    def _clear(self, circuit):
        channel = self._channel(circuit)
        if channel is None:
            return None
        del self.open[circuit][channel]
        of = self.subscriptions[circuit]
        self.subscriptions[circuit] = {it: at for it, at in of.items() if at != channel}
        return ("clear", circuit, channel)

    def _type(self, circuit: int, channel: int) -> int:
        rng = self.rng
        if self.open[circuit][channel][3] and rng.random() < 0.9:
            return 7 * rng.randrange(5) + 4  # a text as characters
        if rng.random() < 0.06:
            return rng.choice([wire.STSACK_STRING, wire.CLASS_NAME, wire.PUT_ACKT, wire.PUT_ACKS])
        return rng.randrange(5) * 7 + rng.randrange(7)

    def _count(self) -> int:
        return self.rng.choices([0, 1, 2, 3, 10, 11, 60, 200], [30, 45, 5, 5, 6, 3, 3, 3])[0]

    def _count_of(self, dbr: int) -> int:
        # Of a type without a form an IOC gives as many as the field can have, where none are asked for.
        return self._count() if dbr < 35 else max(1, self._count())

    def _read(self, circuit):
        channel = self._channel(circuit)
        if channel is None:
            return None
        notify = self.rng.random() < 0.85
        dbr = self._type(circuit, channel)
        if self._is_state_text(circuit, channel, dbr):
            return None
        return ("read", circuit, channel, dbr, self._count_of(dbr), notify)

    def _is_state_text(self, circuit: int, channel: int, dbr: int) -> bool:
        """Whether a text of a record of states is read as a state: that sets the IOC's VAL (`cvt_st_e`)."""
        _, record, field, long = self.open[circuit][channel]
        text = field is not None and field.kind == "STRING" and not long
        return text and dbr < 35 and dbr % 7 == 3 and record.kind in ("bi", "bo", "mbbi", "mbbo")

    def _subscribe(self, circuit):
        channel = self._channel(circuit)
        if channel is None or len(self.subscriptions[circuit]) >= SUBSCRIPTIONS:
            return None
        subscription = self._number()
        self.subscriptions[circuit][subscription] = channel
        dbr = self._type(circuit, channel)
        if dbr in (wire.PUT_ACKT, wire.PUT_ACKS) or self._is_state_text(circuit, channel, dbr):
            del self.subscriptions[circuit][subscription]
            return None
        mask = self.rng.choices([1, 5, 2, 4, 8, 7, 15, 3], [4, 4, 2, 2, 2, 2, 2, 1])[0]
        return ("subscribe", circuit, subscription, channel, dbr, self._count_of(dbr), mask)

    def _cancel(self, circuit):
        subscriptions = self.subscriptions[circuit]
        if not subscriptions:
            return None
        subscription = self.rng.choice(list(subscriptions))
        return ("cancel", circuit, subscription, subscriptions.pop(subscription))

    def _events(self, circuit):
        return ("events", circuit, self.rng.random() < 0.6)

    def _echo(self, circuit):
        return ("echo", circuit, self.rng.choice([0, 8, 64]))

    def _sync(self, circuit):
        return ("sync", circuit)

    def _search(self, circuit):
        name, _, field, _ = self._name()
        if field is None:
            return None  # the IOC finds fields that it then does not open, as .TIME
        return ("search", circuit, self.rng.choice([name, name, "NOBODY:HAS"]), self.rng.random() < 0.5)

    def _identify(self, circuit):
        command = self.rng.choice([wire.CLIENT_NAME, wire.HOST_NAME])
        return ("identify", circuit, command, self.rng.choice(["somebody", "elsewhere", "x" * 40]))

    def _reconnect(self, circuit):
        self.ended(circuit)
        return ("reconnect", circuit, self.rng.choice([13, 13, 13, 12, 11, 10, 9, 8]))

    def _bad(self, circuit):
        """A number that no server gave."""
        number, rng = self._number(), self.rng
        return rng.choice(
            [
                ("read", circuit, number, 6, 1, True),
                ("read", circuit, number, 6, 1, False),
                ("write", circuit, number, 6, [1.0], rng.random() < 0.5),
                ("subscribe", circuit, number, number, 6, 1, 1),
                ("cancel", circuit, number, self._channel(circuit) or number),
                ("clear", circuit, number),
            ]
        )

    def _raw(self, circuit):
        rng, channel = self.rng, self._channel(circuit)
        command = rng.choice([5, 7, 13, 16, 17, 24, 25, 28, 29, 100, 65535])
        return ("raw", circuit, command, rng.randrange(40), 1, channel or 0, 7, bytes(rng.choice([0, 8])))

    # --- writes

    def _write(self, circuit):
        found = self._written(circuit)
        if not found:
            return None
        channel, dbr, values = found
        # A put of an acknowledgement with completion processes the IOC's record, one without does not.
        # So does one of a type that cannot be written.
        notify = self.rng.random() < 0.5 and dbr < 7
        return ("write", circuit, channel, dbr, values, notify)

    def _burst(self, circuit):
        found = self._written(circuit)
        if not found or found[1] > 6:
            return None
        channel, dbr, values = found
        rest = [self._values(channel, circuit, dbr) for _ in range(self.rng.randrange(2, 12))]
        return ("burst", circuit, channel, dbr, [values, *rest])

    def _written(self, circuit):
        rng = self.rng
        writable = [
            channel
            for channel, (_, record, field, _) in self.open[circuit].items()
            if field and field.name not in KEPT and not (record.label == "bo" and field.name == "HIGH")
        ]
        if not writable:
            return None
        channel = rng.choice(writable)
        _, record, field, _ = self.open[circuit][channel]
        if rng.random() < 0.04 and field.name != "PROC":  # which makes the IOC's record process
            if rng.random() < 0.5:
                return channel, wire.PUT_ACKT, [rng.randrange(2)]
            return channel, wire.PUT_ACKS, [rng.randrange(4)]
        if rng.random() < 0.01:
            return channel, rng.choice([7, 13, 20, 34, 37, 38, 39]), [0]
        dbr = 4 if self.open[circuit][channel][3] else rng.randrange(7)
        values = self._values(channel, circuit, dbr)
        texts = field.kind == "STRING" or (record.entry.get("type") == "string" and field.name == "VAL")
        if dbr == 0 and record.label == "wf_enum" and field.name == "VAL":
            return None  # the IOC refuses all but one text, and none at all
        if dbr in (2, 6) and field.name == "EGU":
            return None  # the IOC writes the digits beyond the end of the text
        if dbr == 3 and len(values) > 1 and texts:
            return None  # the C server copies the bytes of the numbers into the text
        return channel, dbr, values

    def _values(self, channel: int, circuit: int, dbr: int) -> list:
        rng = self.rng
        _, record, field, long = self.open[circuit][channel]
        count = rng.choices([1, 0, 2, 3, 10, 11, 70], [80, 3, 4, 4, 4, 3, 2])[0]
        if not count and dbr == 0 and record.kind == "mbbo" and field.name == "VAL":
            count = 1  # the IOC takes whatever its buffer holds for a text
        if count > 1 and dbr == 0 and field.kind == "NOACCESS":
            # Of texts the IOC keeps those before the first that is no number.
            return [str(rng.randrange(100)) for _ in range(count)]
        values = [self._value(field, long, dbr) for _ in range(count)]
        # A text as characters ends as clients end it; without that an IOC leaves what was behind it.
        return [*values, 0] if long and values else values

    def _value(self, field: Field, long: bool, dbr: int):
        rng = self.rng
        small = field.menu or field.kind in ("MENU", "ENUM", "DEVICE")
        if dbr == 0:
            if field.name in SWITCHES:
                return rng.choice("0001")
            if field.menu and rng.random() < 0.6:
                return rng.choice(field.menu)
            if rng.random() < 0.4:
                return repr(round(rng.uniform(-120, 120), rng.randrange(4)))
            return rng.choice(TEXTS + REAL_TEXTS if field.kind in ("DOUBLE", "FLOAT") else TEXTS)
        if field.name in SWITCHES:
            number = rng.choices([0, 1, rng.randrange(-3, 4)], [6, 3, 1])[0]
        elif field.menu:  # a menu keeps a number that it has no choice for; what that does is not defined
            number = rng.randrange(len(field.menu))
        elif rng.random() < 0.55:
            number = rng.randrange(5) if small else rng.randrange(-120, 120)
        elif rng.random() < 0.5:
            number = rng.choice(NUMBERS) * rng.choice([1, 1, -1])
        else:
            number = rng.choice(REALS) * rng.choice([1, 1, -1])
        return _as(number, dbr)


def _as(number: float, dbr: int):
    """A number that this type can carry."""
    if dbr in (2, 6):
        number = float(number)
        if dbr == 2 and abs(number) > 3.4e38 and number not in (float("inf"), float("-inf")):
            return 3.4e38
        return number
    if number != number or number in (float("inf"), float("-inf")):
        number = 9
    bits = wire.SIZES[dbr] * 8
    whole = int(number) % (1 << bits)
    signed = dbr in (1, 5)
    return whole - (1 << bits) if signed and whole >> (bits - 1) else whole
