"""The records that both servers serve: one description, from which the beamline file and the database come."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

# Our characters have no sign.
TYPES = {"char": "UCHAR", "double": "DOUBLE", "enum": "ENUM", "float": "FLOAT", "long": "LONG"}
TYPES |= {"short": "SHORT", "string": "STRING"}
STATES = ["zero", "one", "two", "a longer state"]
MULTI = "ZR ON TW TH FR FV SX SV EI NI TE EL TV TT FT FF".split()


@dataclass(frozen=True)
class Record:
    """A record of EPICS base, and the line of a mailbox that serves the same."""

    label: str
    kind: str
    entry: dict
    database: dict = field(default_factory=dict)


def _scalar(label, kind, value, limits=None, **more) -> Record:
    entry, database = {"value": value, **more}, {"VAL": value}
    if kind.startswith("int64"):
        entry["record"] = kind
    elif kind.endswith("in") or kind == "ai":
        entry["input"] = True
    if limits:
        entry["limits"] = limits
        database |= {"LOPR": limits[0], "HOPR": limits[1]}
        if kind.endswith("out") or kind == "ao":
            database |= {"DRVL": limits[0], "DRVH": limits[1]}
    for setting, name in (("units", "EGU"), ("precision", "PREC"), ("description", "DESC")):
        if setting in more:
            database[name] = more[setting]
    if kind in ("ai", "ao"):
        database.setdefault("PREC", 3)
    return Record(label, kind, entry, database)


def _states(label, kind, value, choices) -> Record:
    entry = {"value": value, "choices": choices}
    if kind in ("bi", "bo"):
        entry["value"] = bool(value)
        names = ["ZNAM", "ONAM"]
    else:
        entry["type"] = "enum"
        names = [f"{it}ST" for it in MULTI]
    if kind in ("bi", "mbbi"):
        entry["input"] = True
    return Record(label, kind, entry, {"VAL": value, **dict(zip(names, choices))})


def _array(record: str, kind: str, count: int) -> Record:
    entry = {"value": [], "type": kind, "count": count}
    if record != "waveform":
        entry["record"] = record
    database = {"FTVL": TYPES[kind], "NELM": count}
    if kind in ("double", "float"):
        database["PREC"] = 3
    return Record(f"{'wf' if record == 'waveform' else record}_{kind}", record, entry, database)


RECORDS = [
    _scalar("ao", "ao", 1.5, units="mm", precision=3, limits=[-100.0, 100.0], description="an ao"),
    _scalar("ao_free", "ao", 0.25),
    _scalar("ai", "ai", 2.5, units="degrees C", precision=2, limits=[-5.0, 5.0]),
    _scalar("longout", "longout", 7, units="cts", limits=[-50, 50]),
    _scalar("longout_free", "longout", -3),
    _scalar("longin", "longin", 42, limits=[0, 1000]),
    _scalar("stringout", "stringout", "hello"),
    _scalar("stringin", "stringin", "12.5"),
    _states("bo", "bo", 0, ["Off", "On"]),
    _states("bi", "bi", 1, ["Closed", "Open"]),
    _states("mbbo", "mbbo", 1, STATES),
    _states("mbbi", "mbbi", 2, STATES),
    *(_array("waveform", kind, 10) for kind in TYPES if kind != "char"),
    _array("waveform", "char", 60),
    _array("aai", "double", 10),
    _array("aai", "string", 5),
    _array("aao", "long", 10),
    _array("aao", "char", 30),
    _scalar("int64out", "int64out", 7, units="cts", limits=[-50, 50]),
    _scalar("int64in", "int64in", 1 << 40),
]
BY_LABEL = {it.label: it for it in RECORDS}

TICK = "TICK"


def place(name: str) -> tuple[str, str, bool]:
    """What a name behind its prefix leads to: a label, a field, and whether that is a text as characters."""
    label, _, rest = name.partition(".")
    field_ = re.match(r"\w*", rest)[0]
    return label, field_ or "VAL", rest[len(field_) :].startswith("$")


def beamline(named: dict[str, Record]) -> str:
    """The beamline file for these records, by name."""
    lines = ["[mailbox.peer.pvs]", f'"{TICK}" = 0']
    for name, record in named.items():
        entry = ", ".join(f"{key} = {json.dumps(value)}" for key, value in record.entry.items())
        lines.append(f'"{name}" = {{ {entry} }}')
    return "\n".join(lines) + "\n"


def database(named: dict[str, Record]) -> str:
    """The database for the same."""
    lines = [f'record(longout, "{TICK}") {{}}']
    for name, record in named.items():
        fields = "".join(f' field({key}, "{value}")' for key, value in record.database.items())
        lines.append(f'record({record.kind}, "{name}") {{{fields} }}')
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    menu: tuple[str, ...]
    writable: bool


def fields(dbd: Path) -> dict[str, list[Field]]:
    """The fields that clients can see, of each record type, as EPICS base declares them."""
    menus, found = {}, {}
    wanted = {it.kind for it in RECORDS}
    for path in sorted(dbd.glob("menu*.dbd")):
        for menu, body in re.findall(r"menu\((\w+)\)\s*\{(.*?)\n\}", path.read_text(), re.S):
            menus[menu] = tuple(re.findall(r'choice\(\s*\w+\s*,\s*"(.*?)"\s*\)', body))
    for kind in wanted:
        body = (dbd / f"{kind}Record.dbd").read_text()
        if "include" in body:
            body = body.replace('include "dbCommon.dbd"', (dbd / "dbCommon.dbd").read_text())
        for menu, choices in re.findall(r"menu\((\w+)\)\s*\{(.*?)\n\s*\}", body, re.S):
            menus[menu] = tuple(re.findall(r'choice\(\s*\w+\s*,\s*"(.*?)"\s*\)', choices))
        found[kind] = [
            Field(name, dbf, _menu(menus, rest), "SPC_NOMOD" not in rest)
            for name, dbf, rest in re.findall(
                r"field\(\s*(\w+)\s*,\s*DBF_(\w+)\s*\)\s*\{(.*?)\n\s*\}", body, re.S
            )
            if dbf != "NOACCESS" or "SPC_DBADDR" in rest
        ]
    return found


def _menu(menus: dict, body: str) -> tuple[str, ...]:
    found = re.search(r"menu\((\w+)\)", body)
    return menus[found[1]] if found else ()
