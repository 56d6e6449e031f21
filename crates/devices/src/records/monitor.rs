//! Which subscriptions hear that a record of EPICS base has processed.
//!
//! | value | posted |
//! | --- | --- |
//! | a number | where it moved by more than `MDEL` (value) or `ADEL` (log) since it was last posted for that; always if these are negative |
//! | a state, a text | where it changed; a text always if `MPST` or `APST` say so |
//! | an array | always, or where it changed if `MPST` or `APST` say so |

use beamtwin_pv::{Array, Value, ValueKind, moved};
use beamtwin_sim::record::number_as;
use beamtwin_sim::{Cx, LocalRecord, Mask, RecordType};

use super::process::number;

/// Which subscriptions a value is for, and remembers that they heard of it. `before` is what they may have heard.
pub(super) fn change(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    before: &Value,
    value: &Value,
) -> Mask {
    match value {
        Value::Array(array) => arrays(cx, record, kind, array),
        Value::String(_) => {
            // The menu is the other way round than that of arrays.
            always(cx, record, kind, 1.0) | differs(cx, record, kind, "OVAL", before, value)
        }
        Value::Enum(_) => differs(cx, record, kind, "MLST", before, value),
        scalar => match (before.as_f64(), scalar.as_f64()) {
            (Some(from), Some(to)) if kind.find("MDEL").is_some() => {
                beyond(cx, record, kind, ("MDEL", "MLST"), (from, to), Mask::VALUE)
                    | beyond(cx, record, kind, ("ADEL", "ALST"), (from, to), Mask::LOG)
            }
            _ => differs(cx, record, kind, "MLST", before, value),
        },
    }
}

/// Remembers what subscriptions last heard of, for a value that changes and that nobody is told of.
pub(super) fn silence(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    before: &Value,
) {
    let last: &[&str] = match before {
        Value::Array(_) => &[],
        Value::String(_) => &["OVAL"],
        _ => &["MLST", "ALST"],
    };
    for at in last.iter().filter_map(|last| kind.find(last)) {
        if cx.kept(record, at).is_none() {
            cx.keep(record, at, alike(before, kind.field(at).kind));
        }
    }
}

/// The same text, or the same number as another kind.
pub(super) fn alike(value: &Value, kind: ValueKind) -> Value {
    match value.as_f64() {
        Some(number) => number_as(number, kind),
        None => value.clone(),
    }
}

/// Both masks, if a value is another than was last heard of.
fn differs(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    last: &str,
    before: &Value,
    value: &Value,
) -> Mask {
    let kept = kind
        .find(last)
        .and_then(|at| Some((at, cx.kept(record, at)?)));
    let same = match kept {
        Some((at, heard)) => {
            let now = alike(value, kind.field(at).kind);
            let same = heard.same(&now);
            cx.keep(record, at, now);
            same
        }
        None => before.same(value),
    };
    if same { Mask::empty() } else { Mask::CHANGE }
}

/// The mask, if a number moved by more than its dead band.
///
/// Without a dead band what was last posted is what was; it need not be kept.
fn beyond(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    (band, last): (&str, &str),
    (before, now): (f64, f64),
    mask: Mask,
) -> Mask {
    let width = number(cx, record, kind, band).unwrap_or_default();
    let kept = kind.find(last).and_then(|at| cx.kept(record, at));
    let from = kept.as_ref().and_then(Value::as_f64).unwrap_or(before);
    if moved(from, now) > width {
        keep(cx, record, kind, last, kept.is_some() || width != 0.0, now);
        return mask;
    }
    keep(cx, record, kind, last, kept.is_none() && width != 0.0, from);
    Mask::empty()
}

fn keep(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    field: &str,
    wanted: bool,
    number: f64,
) {
    if let Some(at) = kind.find(field).filter(|_| wanted) {
        let kind = kind.field(at).kind;
        cx.keep(record, at, number_as(number, kind));
    }
}

/// Those who are to hear of every processing: those whose menu is at this place.
fn always(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType, place: f64) -> Mask {
    let mut mask = Mask::empty();
    for (menu, whom) in [("MPST", Mask::VALUE), ("APST", Mask::LOG)] {
        // Where there is no such menu, an array is always posted, a text when it changes.
        let at = number(cx, record, kind, menu).unwrap_or_default();
        mask.set(whom, at == place);
    }
    mask
}

fn arrays(cx: &mut Cx<'_>, record: LocalRecord, kind: &'static RecordType, array: &Array) -> Mask {
    let mask = always(cx, record, kind, 0.0);
    let Some(at) = kind.find("HASH").filter(|_| mask != Mask::CHANGE) else {
        return mask;
    };
    let hash = Value::Double(hash(array).into());
    if cx.value(record, at).same(&hash) {
        return mask;
    }
    cx.commit(record, at, hash, Mask::VALUE);
    Mask::CHANGE
}

/// The hash that EPICS base takes of the elements as they lie in memory (`epicsMemHash`).
fn hash(array: &Array) -> u32 {
    let mut state = (0_u32, false);
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            // A char of C on x86-64 has a sign.
            let byte = byte.cast_signed() as u32;
            let (hash, odd) = state;
            let mixed = if odd {
                hash << 7 ^ byte ^ hash >> 3
            } else {
                !(hash << 11 ^ byte ^ hash >> 5)
            };
            state = (hash ^ mixed, !odd);
        }
    };
    macro_rules! numbers {
        ($numbers:expr) => {
            $numbers
                .iter()
                .for_each(|number| add(&number.to_le_bytes()))
        };
    }
    match array {
        Array::Char(a) => add(a),
        Array::Double(a) => numbers!(a),
        Array::Enum(a) => numbers!(a),
        Array::Float(a) => numbers!(a),
        Array::Long(a) => numbers!(a),
        Array::Short(a) => numbers!(a),
        Array::String(a) => {
            for text in a.iter() {
                let mut padded = [0; 40];
                let kept = text.as_bytes();
                let size = kept.len().min(39);
                padded[..size].copy_from_slice(&kept[..size]);
                add(&padded);
            }
        }
    }
    state.0
}
