//! What a record of EPICS base does when it processes: clipping, alarms, and what is posted.
//!
//! An analog or integer output stays between its drive limits where these are set; a value beyond its
//! alarm limits (with hysteresis), a state that is an alarm, a state beyond the sixteenth and no number
//! set the alarm, and so does a change of state where that is one. A record that is disabled (`DISA`) keeps the value and
//! does nothing else. Smoothing and the alarm filter of inputs are not modelled.

use beamtwin_pv::{Alarm, AlarmStatus, Severity, Value, ValueKind};
use beamtwin_sim::record::{common, number_as, val};
use beamtwin_sim::{Cx, FieldIx, LocalRecord, Mask, Order, RecordType};

use super::monitor;
use crate::fault::UNANSWERED;

/// Whether a record is undefined, as far as somebody wrote that.
const UDF: FieldIx = beamtwin_sim::record::place(&[], "UDF");

/// The field that holds the severity of a state.
#[must_use]
pub fn severity_of(kind: &RecordType, state: u16) -> &'static str {
    const MULTI: [&str; 16] = [
        "ZRSV", "ONSV", "TWSV", "THSV", "FRSV", "FVSV", "SXSV", "SVSV", "EISV", "NISV", "TESV",
        "ELSV", "TVSV", "TTSV", "FTSV", "FFSV",
    ];
    if kind.find("ZSV").is_some() {
        ["ZSV", "OSV"][usize::from(state.min(1))]
    } else {
        MULTI.get(usize::from(state)).copied().unwrap_or("UNSV")
    }
}

/// Gives a record a value as if it had processed with it; returns the value it took.
///
/// The time stamp is now. The value is posted as `monitor` says, or if the alarm changed.
pub fn process(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    value: Value,
) -> Value {
    let value = clipped(cx, record, kind, value);
    let alarm = alarm(cx, record, kind, &value);
    fail(cx, record, kind, value, alarm)
}

/// Gives a record a value as if it had processed, and this alarm.
pub(crate) fn fail(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    value: Value,
    alarm: Alarm,
) -> Value {
    let at = val(kind);
    cx.stamp(record);
    let before = cx.value(record, at);
    let mut mask = monitor::change(cx, record, kind, &before, &value);
    if cx.show_alarm(record, alarm) {
        mask |= Mask::ALARM;
    }
    let undefined = u8::from(alarm.status == AlarmStatus::Udf);
    if cx.kept(record, UDF).is_some() {
        cx.keep(record, UDF, undefined.into());
    }
    if let (Value::Array(array), Some(nord)) = (&value, kind.find("NORD")) {
        let count = number_as(array.len() as f64, kind.field(nord).kind);
        if !cx.value(record, nord).same(&count) {
            cx.commit(record, nord, count, Mask::CHANGE);
        }
    }
    if !mask.is_empty() || !before.same(&value) {
        cx.commit(record, at, value.clone(), mask);
        if let Some(output) = kind.find("OVAL").filter(|_| kind.find("OROC").is_some()) {
            cx.tell_again(record, output, mask);
        }
    }
    value
}

/// Carries out a client's put to a record of EPICS base.
///
/// A put to `VAL` processes the record with it; a put to a field that decides about clipping or alarms,
/// or to `PROC`, processes it with the value it has.
pub fn put(cx: &mut Cx<'_>, kind: &'static RecordType, order: Order) {
    let record = order.record;
    let named = kind.field(order.field).name;
    if let Some(state) = common::MULTI.iter().position(|&name| name == named)
        && cx.value(record, val(kind)) == number_as(state as f64, ValueKind::Enum)
    {
        // Its state has another name now.
        cx.tell_again(record, val(kind), Mask::CHANGE);
    }
    if let Some(value) = asked(cx, kind, order) {
        if is_disabled(cx, record, kind) {
            disable(cx, record, kind, value);
        } else {
            process(cx, record, kind, value);
        }
    }
}

/// Carries out a client's put to a record whose controller does not answer: the value is kept, and the alarm is `COMM`,
/// `INVALID`.
pub(crate) fn put_unanswered(cx: &mut Cx<'_>, kind: &'static RecordType, order: Order) {
    let record = order.record;
    if let Some(value) = asked(cx, kind, order) {
        let value = clipped(cx, record, kind, value);
        fail(cx, record, kind, value, UNANSWERED);
    }
}

/// What a put has a record process with, if it has.
fn asked(cx: &Cx<'_>, kind: &'static RecordType, order: Order) -> Option<Value> {
    let at = val(kind);
    if order.field == at {
        return Some(order.value);
    }
    let processes = PROCESSES.contains(&kind.field(order.field).name);
    processes.then(|| cx.value(order.record, at))
}

/// Whether a record does nothing when it is to process.
fn is_disabled(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType) -> bool {
    let field = |name| number(cx, record, kind, name);
    field("DISA") == field("DISV")
}

/// Keeps a value and says that the record is disabled, once.
fn disable(cx: &mut Cx<'_>, record: LocalRecord, kind: &'static RecordType, value: Value) {
    let severity = number(cx, record, kind, "DISS").unwrap_or_default();
    let severity = Severity::from_code(severity as u16).unwrap_or_default();
    let alarm = Alarm::new(severity, AlarmStatus::Disable);
    let mut mask = Mask::empty();
    if cx.alarm_of(record).status != AlarmStatus::Disable {
        cx.show_alarm(record, alarm);
        mask = Mask::VALUE | Mask::ALARM;
    }
    let at = val(kind);
    if !mask.is_empty() || !cx.value(record, at).same(&value) {
        cx.commit(record, at, value, mask);
    }
}

/// The fields that make a record process when somebody writes them, as far as that shows.
const PROCESSES: &[&str] = &[
    "PROC", "DRVH", "DRVL", "HIHI", "HIGH", "LOW", "LOLO", "HHSV", "HSV", "LSV", "LLSV", "HYST",
    "ZSV", "OSV", "UNSV", "ZRSV", "ONSV", "TWSV", "THSV", "FRSV", "FVSV", "SXSV", "SVSV", "EISV",
    "NISV", "TESV", "ELSV", "TVSV", "TTSV", "FTSV", "FFSV",
];

/// The number in a field of a record, if it has the field.
pub(super) fn number(
    cx: &Cx<'_>,
    record: LocalRecord,
    kind: &RecordType,
    field: &str,
) -> Option<f64> {
    cx.value(record, kind.find(field)?).as_f64()
}

fn clipped(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType, value: Value) -> Value {
    let limit = |field| number(cx, record, kind, field);
    match (limit("DRVL"), limit("DRVH"), value.as_f64()) {
        (Some(low), Some(high), Some(asked)) if low < high && !asked.is_nan() => {
            number_as(asked.clamp(low, high), value.kind())
        }
        _ => value,
    }
}

fn alarm(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType, value: &Value) -> Alarm {
    let Some(number_now) = value.as_f64().filter(|_| !matches!(value, Value::Array(_))) else {
        return Alarm::NONE;
    };
    let field = |name: &str| number(cx, record, kind, name);
    let severity = |name: &str| {
        let code = field(name).unwrap_or_default();
        Severity::from_code(code as u16).unwrap_or_default()
    };
    if value.kind() == ValueKind::Enum {
        let alarm = states(value, kind, |name| cx.value(record, name), severity);
        let changed = !cx.value(record, val(kind)).same(value);
        return if changed && severity("COSV") > alarm.severity {
            Alarm::new(severity("COSV"), AlarmStatus::Cos)
        } else {
            alarm
        };
    }
    if number_now.is_nan() {
        return Alarm::UNDEFINED;
    }
    let status_now = cx.alarm_of(record).status;
    let hysteresis = field("HYST").unwrap_or_default();
    for (limit, of, above, status) in [
        ("HIHI", "HHSV", true, AlarmStatus::Hihi),
        ("LOLO", "LLSV", false, AlarmStatus::Lolo),
        ("HIGH", "HSV", true, AlarmStatus::High),
        ("LOW", "LSV", false, AlarmStatus::Low),
    ] {
        // What is in an alarm leaves it only when it is back by more than the hysteresis.
        let margin = if status == status_now {
            hysteresis
        } else {
            0.0
        };
        let beyond = field(limit).is_some_and(|limit| {
            if above {
                number_now >= limit - margin
            } else {
                number_now <= limit + margin
            }
        });
        let severity = severity(of);
        if severity != Severity::None && beyond {
            return Alarm::new(severity, status);
        }
    }
    Alarm::NONE
}

fn states(
    value: &Value,
    kind: &RecordType,
    read: impl Fn(FieldIx) -> Value,
    severity: impl Fn(&str) -> Severity,
) -> Alarm {
    let Value::Enum(state) = *value else {
        return Alarm::NONE;
    };
    let named = |name: &str| {
        kind.find(name)
            .is_some_and(|at| read(at).as_text().is_some_and(|text| !text.is_empty()))
    };
    let multi = kind.find("ZRST").is_some();
    if multi && state >= 16 && common::MULTI.iter().any(|name| named(name)) {
        return Alarm::new(Severity::Invalid, AlarmStatus::Soft);
    }
    match severity(severity_of(kind, state)) {
        Severity::None => Alarm::NONE,
        severity => Alarm::new(severity, AlarmStatus::State),
    }
}

/// Whether a multi-state record has so many states that this is one of them.
#[must_use]
pub fn is_a_state(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType, state: u16) -> bool {
    if kind.find("ZRST").is_none() {
        return true;
    }
    let named = |name: &str| {
        let text = kind.find(name).map(|at| cx.value(record, at));
        text.is_some_and(|text| text.as_text().is_some_and(|text| !text.is_empty()))
    };
    let count = common::MULTI.iter().rposition(|name| named(name));
    count.is_none_or(|last| usize::from(state) <= last)
}
