//! What is told of the fields of base records: units, precision, limits, labels.
//!
//! As the `get_units`, `get_precision`, `get_graphic_double`, `get_control_double` and `get_alarm_double` of each
//! record type of EPICS base have it; what a type has no such function for is zero, and alarm limits are NaN.

use std::sync::Arc;

use beamtwin_pv::{Integer, Metadata, Range, Text, ValueKind};
use beamtwin_sim::record::common;
use beamtwin_sim::{Field, View};

/// The digits of a number that becomes text, where a record type knows no precision.
const DIGITS: i16 = 6;
/// The fields that are measured in what `VAL` is.
const LIKE_VAL: &[&str] = &["VAL", "HIHI", "HIGH", "LOW", "LOLO", "LALM", "ALST", "MLST"];

/// Text, and inputs of two or more states: nothing but labels.
pub(super) fn bare(view: &View<'_>, field: &Field) -> Metadata {
    let own = field.kind == ValueKind::Enum && field.menu.is_empty() && !field.array;
    Metadata {
        digits: Some(match field.kind {
            ValueKind::String => DIGITS,
            _ if is_real(field) => DIGITS,
            _ => 0,
        }),
        alarm: Range::new(f64::NAN, f64::NAN),
        warning: Range::new(f64::NAN, f64::NAN),
        labels: labels(view, field),
        states: if own { common::states(view) } else { 0 },
        as_array: own && view.kind().name == "mbbo",
        link: common::is_link(field.name),
        integer: field.integer,
        ..Metadata::default()
    }
}

/// An output of two states: `HIGH` is a time.
pub(super) fn binary_output(view: &View<'_>, field: &Field) -> Metadata {
    let mut told = bare(view, field);
    if field.name == "HIGH" {
        (told.units, told.precision, told.digits) = ("s".into(), 2, None);
        told.control = Range::new(0.0, 100_000.0);
    } else {
        told.control = reach(view, field);
    }
    told
}

/// An `ai`.
pub(super) fn analog_input(view: &View<'_>, field: &Field) -> Metadata {
    let told = analog(view, field, &["ASLO", "AOFF", "SMOO"], &["VAL"]);
    bounded(view, field, told, "SVAL", "SVAL", ["LOPR", "HOPR"])
}

/// An `ao`.
pub(super) fn analog_output(view: &View<'_>, field: &Field) -> Metadata {
    const OUTPUTS: &[&str] = &["VAL", "OVAL", "PVAL"];
    let told = analog(view, field, &["ASLO", "AOFF"], OUTPUTS);
    let told = bounded(view, field, told, "IVOV", "", ["DRVL", "DRVH"]);
    if matches!(field.name, "OVAL" | "PVAL") {
        let (display, control) = (range(view, "LOPR", "HOPR"), range(view, "DRVL", "DRVH"));
        return Metadata {
            display,
            control,
            ..told
        };
    }
    told
}

/// A `longin` (or `int64in`).
pub(super) fn integer_input(view: &View<'_>, field: &Field) -> Metadata {
    let told = integer(view, field);
    bounded(view, field, told, "SVAL", "SVAL", ["LOPR", "HOPR"])
}

/// A `longout`: the drive limits count where they are set.
pub(super) fn integer_output(view: &View<'_>, field: &Field) -> Metadata {
    let told = integer(view, field);
    let control = if view.number("DRVH") > view.number("DRVL") {
        ["DRVL", "DRVH"]
    } else {
        ["LOPR", "HOPR"]
    };
    bounded(view, field, told, "", "", control)
}

/// A `waveform`.
pub(super) fn waveform(view: &View<'_>, field: &Field) -> Metadata {
    let mut told = bare(view, field);
    let numbers = !matches!(field.kind, ValueKind::String | ValueKind::Enum);
    if matches!(field.name, "HOPR" | "LOPR") || (field.name == "VAL" && numbers) {
        told.units = view.text("EGU");
    }
    (told.precision, told.digits) = precision(view, field, &["VAL"]);
    told.display = match field.name {
        "VAL" => range(view, "LOPR", "HOPR"),
        "BUSY" => Range::new(0.0, 1.0),
        "NORD" => Range::new(0.0, view.number("NELM")),
        _ => reach(view, field),
    };
    told.control = told.display;
    told
}

fn analog(view: &View<'_>, field: &Field, pure: &[&str], exact: &[&str]) -> Metadata {
    let mut told = bare(view, field);
    if (is_real(field) || field.name == "VAL") && !pure.contains(&field.name) {
        told.units = view.text("EGU");
    }
    (told.precision, told.digits) = precision(view, field, exact);
    told
}

fn integer(view: &View<'_>, field: &Field) -> Metadata {
    let mut told = bare(view, field);
    if field.kind == ValueKind::Long || field.integer.is_some() || field.name == "VAL" {
        told.units = view.text("EGU");
    }
    told
}

/// Adds the limits of a record that measures or sets a number. `shown` and `set` are one more field each that is
/// like `VAL`; `control` are the fields between whose values `VAL` may be set.
fn bounded(
    view: &View<'_>,
    field: &Field,
    told: Metadata,
    shown: &str,
    set: &str,
    control: [&str; 2],
) -> Metadata {
    let like = |more: &str| LIKE_VAL.contains(&field.name) || field.name == more;
    let mut told = Metadata {
        display: if like(shown) {
            range(view, "LOPR", "HOPR")
        } else {
            reach(view, field)
        },
        control: if like(set) {
            range(view, control[0], control[1])
        } else {
            reach(view, field)
        },
        ..told
    };
    if field.name == "VAL" {
        (told.alarm, told.warning) = match field.integer {
            // An `int64in` and an `int64out` tell limits that have no severity as well.
            Some(_) => (range(view, "LOLO", "HIHI"), range(view, "LOW", "HIGH")),
            None => common::alarm_limits(view),
        };
    }
    told
}

fn labels(view: &View<'_>, field: &Field) -> Arc<[Text]> {
    let labels = common::labels(view, field);
    if field.array {
        // The elements of an enum array have no names.
        [].into()
    } else if field.name == "VAL" && labels.is_empty() && common::states(view) == 2 {
        // A record without names has two states without names.
        [Text::EMPTY, Text::EMPTY].into()
    } else {
        labels
    }
}

fn range(view: &View<'_>, low: &str, high: &str) -> Range {
    Range::new(view.number(low), view.number(high))
}

/// The digits that are told of a field, and those of a number that becomes text there: as `PREC` says, for other
/// fields than these at most 15.
#[expect(clippy::cast_possible_truncation, reason = "PREC is a short")]
fn precision(view: &View<'_>, field: &Field, exact: &[&str]) -> (i16, Option<i16>) {
    let precision = view.number("PREC") as i16;
    match field.kind {
        _ if is_real(field) => {
            let digits = match precision {
                0..=15 => precision,
                _ if exact.contains(&field.name) => precision,
                _ => 15,
            };
            (digits, None)
        }
        ValueKind::String => (0, Some(precision)),
        _ => (0, Some(0)),
    }
}

/// Whether a field is a `DBF_DOUBLE` or `DBF_FLOAT`: integers that Channel Access has no type for show as doubles.
fn is_real(field: &Field) -> bool {
    match field.kind {
        ValueKind::Double => field.integer.is_none() && field.name != "UTAG",
        kind => kind == ValueKind::Float,
    }
}

/// All that a field of its type can hold, as `recGblGetGraphicDouble` has it.
fn reach(view: &View<'_>, field: &Field) -> Range {
    let whole = |low: f64, high: f64| Range::new(low, high);
    let states = common::states(view) > 0;
    match field.kind {
        ValueKind::Char => whole(0.0, u8::MAX.into()),
        ValueKind::Double if field.integer == Some(Integer::Int64) => {
            whole(-9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0)
        }
        ValueKind::Double if field.name == "UTAG" => whole(0.0, 18_446_744_073_709_551_616.0),
        ValueKind::Double if !is_real(field) => whole(0.0, u32::MAX.into()),
        ValueKind::Double => whole(-1e300, 1e300),
        ValueKind::Float => whole(-1e30, 1e30),
        ValueKind::Long if states => whole(0.0, u16::MAX.into()),
        ValueKind::Long => whole(i32::MIN.into(), i32::MAX.into()),
        ValueKind::Short => whole(i16::MIN.into(), i16::MAX.into()),
        ValueKind::Enum if field.menu.is_empty() => whole(0.0, u16::MAX.into()),
        ValueKind::Enum | ValueKind::String => Range::default(),
    }
}
