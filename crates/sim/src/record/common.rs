//! The fields that every record has, and the description most records share.

use std::sync::Arc;

use beamtwin_pv::{AlarmStatus, Metadata, Range, Severity, Text, Value, ValueKind};

use super::{Field, FieldIx, Meaning, View};

/// The choices of `SCAN`.
pub const SCAN: &[&str] = &[
    "Passive",
    "Event",
    "I/O Intr",
    "10 second",
    "5 second",
    "2 second",
    "1 second",
    ".5 second",
    ".2 second",
    ".1 second",
];
const PRIORITY: &[&str] = &["LOW", "MEDIUM", "HIGH"];
const YES_NO: &[&str] = &["NO", "YES"];
const PINI: &[&str] = &["NO", "YES", "RUN", "RUNNING", "PAUSE", "PAUSED"];

/// The fields of `dbCommon` that clients can see, in the order of EPICS base.
pub const COMMON: &[Field] = &[
    Field::string("NAME").constant(),
    Field::string("DESC").setting(),
    Field::string("ASG").setting(),
    Field::menu("SCAN", SCAN).setting(),
    Field::menu("PINI", PINI).setting(),
    Field::short("PHAS").setting(),
    Field::string("EVNT").setting(),
    Field::short("TSE").setting(),
    Field::string("TSEL").setting(),
    Field::menu("DTYP", &["Soft Channel"]).setting(),
    Field::short("DISV").setting().starts(1.0),
    Field::short("DISA").setting(),
    Field::string("SDIS").setting(),
    Field::char("PROC").setting(),
    Field::char("DISP").setting(),
    Field::menu("STAT", AlarmStatus::LABELS).constant(),
    Field::menu("SEVR", Severity::LABELS).constant(),
    Field::string("AMSG").constant(),
    Field::menu("NSTA", AlarmStatus::LABELS).constant(),
    Field::menu("NSEV", Severity::LABELS).constant(),
    Field::string("NAMSG").constant(),
    Field::menu("ACKS", Severity::LABELS).constant(),
    Field::menu("ACKT", YES_NO).constant().starts(1.0),
    Field::menu("DISS", Severity::LABELS).setting(),
    Field::char("LCNT").constant(),
    Field::char("PACT").constant(),
    Field::char("PUTF").constant(),
    Field::char("RPRO").constant(),
    Field::menu("PRIO", PRIORITY).setting(),
    Field::char("TPRO").setting(),
    Field::char("UDF").setting(),
    Field::menu("UDFS", Severity::LABELS).setting().starts(3.0),
    Field::double("UTAG").constant(),
    Field::string("FLNK").setting(),
    // Clients are told that they may write it, and find that they may not.
    Field::string("RTYP").command().means(Meaning::State),
];

pub(crate) const NAME: FieldIx = super::place(&[], "NAME");
pub(crate) const DISP: FieldIx = super::place(&[], "DISP");
pub(crate) const STAT: FieldIx = super::place(&[], "STAT");
pub(crate) const SEVR: FieldIx = super::place(&[], "SEVR");
pub(crate) const AMSG: FieldIx = super::place(&[], "AMSG");
const NSTA: FieldIx = super::place(&[], "NSTA");
const NSEV: FieldIx = super::place(&[], "NSEV");
pub(crate) const ACKS: FieldIx = super::place(&[], "ACKS");
pub(crate) const ACKT: FieldIx = super::place(&[], "ACKT");
pub(crate) const RTYP: FieldIx = super::place(&[], "RTYP");

/// What a record knows of itself without storing it.
pub(crate) fn intrinsic(view: &View<'_>, at: FieldIx) -> Option<Value> {
    match at {
        NAME => Some(view.name.into()),
        RTYP => Some(view.kind.name.into()),
        STAT => Some(Value::Enum(view.alarm.status as u16)),
        SEVR => Some(Value::Enum(view.alarm.severity as u16)),
        NSTA => Some(Value::Enum(view.pending.status as u16)),
        NSEV => Some(Value::Enum(view.pending.severity as u16)),
        _ => None,
    }
}

/// What a field shows that was never written: what the others say, or what its table says.
///
/// Of the last value posted or alarmed only what differs from the value is kept.
pub(crate) fn unwritten(view: &View<'_>, at: FieldIx) -> Value {
    let field = view.kind.field(at);
    let own = !view.kind.spelled;
    let value = match field.name {
        "MLST" | "ALST" | "OVAL" | "PVAL" | "LALM" if own => {
            let last = match (field.name, view.alarm.status) {
                ("LALM", AlarmStatus::Hihi) => "HIHI",
                ("LALM", AlarmStatus::High) => "HIGH",
                ("LALM", AlarmStatus::Low) => "LOW",
                ("LALM", AlarmStatus::Lolo) => "LOLO",
                _ => "VAL",
            };
            view.value(last)
        }
        // A raw value is the whole number nearest to the value, or the state.
        "RVAL" | "ORAW" if view.kind.name == "ao" => view
            .value("VAL")
            .and_then(|value| value.as_f64())
            .map(|number| Value::Double(number.round())),
        "RVAL" | "ORAW" if view.kind.name == "bo" => view.value("VAL"),
        "UDF" if own => Some(Value::Char((view.alarm.status == AlarmStatus::Udf).into())),
        _ => None,
    };
    match value {
        Some(Value::String(text)) if field.kind == ValueKind::String => Value::String(text),
        Some(Value::Char(udf)) if field.kind == ValueKind::Char => Value::Char(udf),
        Some(number) => number.as_f64().map_or_else(
            || field.initial(),
            |number| super::number_as(number, field.kind),
        ),
        None => field.initial(),
    }
}

/// Units, precision and limits from the fields of the same record, as most record types have them.
///
/// A double or float field shows `EGU` and `PREC`; a numeric one shows `HOPR` and `LOPR` as display
/// limits, `DRVH` and `DRVL` (else the display limits) as control limits, and on `VAL` the alarm limits.
#[must_use]
pub fn describe(view: &View<'_>, field: &Field) -> Metadata {
    let mut metadata = Metadata {
        labels: labels(view, field),
        ..Metadata::default()
    };
    if matches!(field.kind, ValueKind::String | ValueKind::Enum) {
        return metadata;
    }
    let zero = |x: f64| if x.is_nan() { 0.0 } else { x };
    let range = |low, high| Range::new(zero(view.number(low)), zero(view.number(high)));
    metadata.units = view.text("EGU");
    if matches!(field.kind, ValueKind::Double | ValueKind::Float) {
        #[expect(clippy::cast_possible_truncation, reason = "PREC is a short")]
        let precision = zero(view.number("PREC")) as i16;
        metadata.precision = precision;
    }
    metadata.display = range("LOPR", "HOPR");
    metadata.control = range("DRVL", "DRVH");
    if metadata.control == Range::default() {
        metadata.control = metadata.display;
    }
    metadata.alarm = Range::new(f64::NAN, f64::NAN);
    metadata.warning = metadata.alarm;
    if field.name == "VAL" {
        (metadata.alarm, metadata.warning) = alarm_limits(view);
    }
    metadata
}

/// The limits of alarms and of warnings, not-a-number where they have no severity.
#[must_use]
pub fn alarm_limits(view: &View<'_>) -> (Range, Range) {
    let watched = |severity, limit| {
        if view.number(severity) > 0.0 {
            view.number(limit)
        } else {
            f64::NAN
        }
    };
    (
        Range::new(watched("LLSV", "LOLO"), watched("HHSV", "HIHI")),
        Range::new(watched("LSV", "LOW"), watched("HSV", "HIGH")),
    )
}

/// The labels of an enum: those of its menu, or the states that its record names.
#[must_use]
pub fn labels(view: &View<'_>, field: &Field) -> Arc<[Text]> {
    if field.kind != ValueKind::Enum {
        return Arc::default();
    }
    if !field.menu.is_empty() {
        return field.menu.iter().map(|&label| label.into()).collect();
    }
    let names: &[&str] = if view.value("ZNAM").is_some() {
        &BINARY
    } else {
        &MULTI
    };
    let mut states: Vec<Text> = names.iter().map(|name| view.text(name)).collect();
    let named = states
        .iter()
        .rposition(|text| !text.is_empty())
        .map_or(0, |last| last + 1);
    states.truncate(named);
    states.into()
}

/// How many states a record can have, named or not: 2, 16, or 0 if it has none.
#[must_use]
pub fn states(view: &View<'_>) -> u16 {
    if view.kind.find("ZNAM").is_some() {
        2
    } else if view.kind.find("ZRST").is_some() {
        16
    } else {
        0
    }
}

/// Whether a field of this name is a link.
#[must_use]
pub fn is_link(field: &str) -> bool {
    LINKS.contains(&field)
}

/// The fields that are links.
const LINKS: [&str; 13] = [
    "DINP", "DOL", "FLNK", "INP", "OUT", "RDBL", "RINP", "RLNK", "SDIS", "SIML", "SIOL", "STOO",
    "TSEL",
];

/// The fields that name the states of a `bi` or `bo`.
const BINARY: [&str; 2] = ["ZNAM", "ONAM"];

/// The fields that name the states of an `mbbi` or `mbbo`.
pub const MULTI: [&str; 16] = [
    "ZRST", "ONST", "TWST", "THST", "FRST", "FVST", "SXST", "SVST", "EIST", "NIST", "TEST", "ELST",
    "TVST", "TTST", "FTST", "FFST",
];

/// The fields whose change is a property event (`prop(YES)` in EPICS base), for most record types.
pub const PROPERTIES: &[&str] = &[
    "DRVH", "DRVL", "EGU", "EIST", "ELST", "FFST", "FRST", "FTST", "FVST", "HHSV", "HIGH", "HIHI",
    "HOPR", "HSV", "LLSV", "LOLO", "LOPR", "LOW", "LSV", "NIST", "ONAM", "ONST", "PREC", "SVST",
    "SXST", "TEST", "THST", "TTST", "TVST", "TWST", "ZNAM", "ZRST",
];

/// The bytes of a text field, its terminator included: what `NAME.FIELD$` can hold. Sizes are those of EPICS
/// base, where a name means the same in every record type; links count as 1024.
#[must_use]
pub fn text_size(field: &str) -> u32 {
    match field {
        "ASG" => 29,
        "CALC" | "OCAL" => 80,
        "DESC" => 41,
        "EGU" => 16,
        "NAME" => 61,
        state if BINARY.contains(&state) || MULTI.contains(&state) => 26,
        link if is_link(link) => 1024,
        _ => 40,
    }
}
