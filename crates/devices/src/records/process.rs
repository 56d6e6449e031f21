//! What a record of EPICS base does when it processes: clipping, alarms, and what is posted.
//!
//! An analog or integer output stays between its drive limits where these are set; a value beyond its
//! alarm limits (with hysteresis), a state that is an alarm, a state beyond the sixteenth and no number
//! set the alarm, and so does a change of state where that is one. A record that is disabled (`DISA`) keeps the value and
//! does nothing else. Smoothing and the alarm filter of inputs are not modelled.

use beamtwin_pv::{Alarm, AlarmStatus, Severity, Value, ValueKind};
use beamtwin_sim::record::{common, number_as, val};
use beamtwin_sim::{Cx, FieldIx, LocalRecord, Mask, Order, RecordType};

use super::monitor::{self, alike};
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
    let lalm = kind.find("LALM").map(|at| (at, cx.value(record, at)));
    let pending = cx.take_pending(record);
    let (alarm, last) = alarm(cx, record, kind, &value, pending);
    let value = fail(cx, record, kind, value, alarm);
    if let Some((at, before)) = lalm {
        let of = kind.field(at).kind;
        let last = last.map_or(before, |last| number_as(last, of));
        if !alike(&value, of).same(&last) || !cx.value(record, at).same(&last) {
            cx.keep(record, at, last);
        }
    }
    value
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
    let pending = cx.take_pending(record);
    let alarm = if pending.severity >= alarm.severity {
        pending
    } else {
        alarm
    };
    // An `mbbo` that is undefined leaves its time stamp alone.
    if kind.name != "mbbo" || !is_undefined(cx, record, kind, &value) {
        cx.stamp(record);
    }
    let before = cx.value(record, at);
    let mut mask = monitor::change(cx, record, kind, &before, &value);
    if cx.show_alarm(record, alarm) {
        mask |= Mask::ALARM;
    }
    let undefined = stays_undefined(cx, record, kind, &value);
    if undefined && value.as_f64().is_some_and(f64::is_nan) {
        cx.keep(record, UDF, 1u8.into());
    } else if !undefined && cx.kept(record, UDF).is_some() {
        cx.keep(record, UDF, 0u8.into());
    }
    count(cx, record, kind, &value);
    if !mask.is_empty() || !before.same(&value) {
        cx.commit(record, at, value.clone(), mask);
    }
    if let Some(output) = kind.find("OVAL").filter(|_| kind.find("OROC").is_some()) {
        let written = cx.kept(record, output);
        if written.is_some_and(|it| !it.same(&alike(&value, it.kind()))) {
            mask |= Mask::CHANGE;
        }
        if !mask.is_empty() {
            cx.tell_again(record, output, mask);
        }
    }
    follow(cx, record, kind);
    value
}

/// Tells how many elements an array has.
fn count(cx: &mut Cx<'_>, record: LocalRecord, kind: &'static RecordType, value: &Value) {
    if let (Value::Array(array), Some(nord)) = (value, kind.find("NORD")) {
        let count = number_as(array.len() as f64, kind.field(nord).kind);
        if !cx.value(record, nord).same(&count) {
            cx.commit(record, nord, count, Mask::CHANGE);
        }
    }
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
    if order.field == val(kind) && cx.kept(record, UDF).is_some() {
        cx.keep(record, UDF, 0u8.into());
    }
    if order.field == val(kind) {
        count(cx, record, kind, &order.value);
    }
    if let Some(value) = asked(cx, kind, order) {
        process_unless_disabled(cx, record, kind, value);
    }
}

/// Has a record process with the value it has, as if a field had been written.
pub(crate) fn again(
    cx: &mut Cx<'_>,
    kind: &'static RecordType,
    record: LocalRecord,
    field: FieldIx,
) {
    let at = val(kind);
    if field == at || processes(kind, field) {
        let value = cx.value(record, at);
        process_unless_disabled(cx, record, kind, value);
    }
}

fn process_unless_disabled(
    cx: &mut Cx<'_>,
    record: LocalRecord,
    kind: &'static RecordType,
    value: Value,
) {
    if is_disabled(cx, record, kind) {
        disable(cx, record, kind, value);
    } else {
        process(cx, record, kind, value);
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
    processes(kind, order.field).then(|| cx.value(order.record, at))
}

/// Whether writing a field makes the record process. `HIGH` of an output of two states is a time.
fn processes(kind: &RecordType, field: FieldIx) -> bool {
    let field = kind.field(field).name;
    PROCESSES.contains(&field) && (field != "HIGH" || kind.find("HIHI").is_some())
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
    if let Some(last) = kind.find("LALM") {
        let now = cx.value(record, last);
        cx.keep(record, last, now);
    }
    if cx.alarm_of(record).status != AlarmStatus::Disable {
        cx.take_pending(record);
        cx.show_alarm(record, alarm);
        mask = Mask::VALUE | Mask::ALARM;
    }
    let at = val(kind);
    let before = cx.value(record, at);
    if !before.same(&value) {
        monitor::silence(cx, record, kind, &before);
        for follower in followers(kind) {
            let now = cx.value(record, follower);
            cx.keep(record, follower, now);
        }
    }
    if !mask.is_empty() || !before.same(&value) {
        cx.commit(record, at, value, mask);
    }
}

/// The fields that hold what the value was when the record last processed.
fn followers(kind: &'static RecordType) -> impl Iterator<Item = FieldIx> {
    let raw: &[&str] = match kind.name {
        "ao" | "bo" => &["RVAL", "ORAW"],
        _ => &[],
    };
    let names = raw.iter().chain(&["OVAL", "PVAL"]);
    names.filter_map(|name| kind.find(name))
}

/// Lets those follow it again that were written, or stayed while the record was disabled. The record is no longer fresh.
fn follow(cx: &mut Cx<'_>, record: LocalRecord, kind: &'static RecordType) {
    for at in followers(kind) {
        cx.forget(record, at);
    }
    if let Some(fresh) = kind.find("INIT")
        && cx.value(record, fresh).as_f64() != Some(0.0)
    {
        cx.keep(record, fresh, Value::Short(0));
    }
}

/// The fields that make a record process when somebody writes them: `pp(TRUE)` in EPICS base.
const PROCESSES: &[&str] = &[
    "PROC", "UDF", "LINR", "EGUF", "EGUL", "ROFF", "EOFF", "ESLO", "AOFF", "ASLO", "RVAL", "RARM",
    "DRVH", "DRVL", "HIHI", "HIGH", "LOW", "LOLO", "HHSV", "HSV", "LSV", "LLSV", "ZNAM", "ONAM",
    "ZSV", "OSV", "COSV", "UNSV", "ZRSV", "ONSV", "TWSV", "THSV", "FRSV", "FVSV", "SXSV", "SVSV",
    "EISV", "NISV", "TESV", "ELSV", "TVSV", "TTSV", "FTSV", "FFSV", "ZRST", "ONST", "TWST", "THST",
    "FRST", "FVST", "SXST", "SVST", "EIST", "NIST", "TEST", "ELST", "TVST", "TTST", "FTST", "FFST",
    "ZRVL", "ONVL", "TWVL", "THVL", "FRVL", "FVVL", "SXVL", "SVVL", "EIVL", "NIVL", "TEVL", "ELVL",
    "TVVL", "TTVL", "FFVL",
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

/// The alarm that a value sets where one is pending, and what `LALM` becomes unless it stays: as `checkAlarms` of each
/// record type.
fn alarm(
    cx: &Cx<'_>,
    record: LocalRecord,
    kind: &RecordType,
    value: &Value,
    pending: Alarm,
) -> (Alarm, Option<f64>) {
    let severity = |name: &str| {
        let code = number(cx, record, kind, name).unwrap_or_default();
        Severity::from_code(code as u16).unwrap_or(Severity::Invalid)
    };
    let mut alarm = pending;
    let last = number(cx, record, kind, "LALM");
    let undefined = is_undefined(cx, record, kind, value);
    if undefined {
        raise(&mut alarm, severity("UDFS"), AlarmStatus::Udf);
        if matches!(value, Value::Double(_) | Value::Float(_) | Value::Long(_)) {
            return (alarm, None);
        }
    }
    match value {
        Value::Array(_) | Value::String(_) => (alarm, None),
        Value::Enum(state) => {
            if kind.name == "mbbo" && *state >= 16 && !undefined {
                raise(&mut alarm, Severity::Invalid, AlarmStatus::Soft);
            }
            let last = states(*state, kind, last, severity, &mut alarm);
            (alarm, last)
        }
        scalar => {
            let now = scalar.as_f64().unwrap_or_default();
            let limit = |name: &str| number(cx, record, kind, name);
            let last = limits(now, last, limit, severity, &mut alarm);
            (alarm, last)
        }
    }
}

/// Whether a record is undefined when it has processed with a value.
fn stays_undefined(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType, value: &Value) -> bool {
    match kind.name {
        "aai" | "aao" | "longin" | "int64in" | "bi" | "mbbi" | "waveform" => false,
        "longout" | "int64out" | "bo" | "mbbo" | "stringin" | "stringout" => udf(cx, record) != 0.0,
        _ => {
            let real = matches!(value, Value::Double(_) | Value::Float(_));
            real && value.as_f64().is_some_and(f64::is_nan)
        }
    }
}

/// Whether that is an alarm: some records look for a 1.
fn is_undefined(cx: &Cx<'_>, record: LocalRecord, kind: &RecordType, value: &Value) -> bool {
    match kind.name {
        "stringin" => false,
        "bo" | "stringout" => udf(cx, record) == 1.0,
        _ => stays_undefined(cx, record, kind, value),
    }
}

fn udf(cx: &Cx<'_>, record: LocalRecord) -> f64 {
    let udf = cx.kept(record, UDF).and_then(|udf| udf.as_f64());
    udf.unwrap_or_default()
}

/// Puts an alarm in the place of a lesser one, as `recGblSetSevr`; whether it was less.
fn raise(alarm: &mut Alarm, severity: Severity, status: AlarmStatus) -> bool {
    let raised = severity > alarm.severity;
    if raised {
        *alarm = Alarm::new(severity, status);
    }
    raised
}

fn limits(
    now: f64,
    last: Option<f64>,
    limit: impl Fn(&str) -> Option<f64>,
    severity: impl Fn(&str) -> Severity,
    alarm: &mut Alarm,
) -> Option<f64> {
    let hysteresis = limit("HYST").unwrap_or_default();
    for (name, of, above, status) in [
        ("HIHI", "HHSV", true, AlarmStatus::Hihi),
        ("LOLO", "LLSV", false, AlarmStatus::Lolo),
        ("HIGH", "HSV", true, AlarmStatus::High),
        ("LOW", "LSV", false, AlarmStatus::Low),
    ] {
        let severity = severity(of);
        if severity == Severity::None {
            continue;
        }
        let Some(limit) = limit(name) else {
            continue;
        };
        // What is in an alarm leaves it only when it is back by more than the hysteresis.
        let margin = if last == Some(limit) { hysteresis } else { 0.0 };
        let beyond = if above {
            now >= limit || now >= limit - margin
        } else {
            now <= limit || now <= limit + margin
        };
        if beyond {
            return raise(alarm, severity, status).then_some(limit);
        }
    }
    Some(now)
}

fn states(
    state: u16,
    kind: &RecordType,
    last: Option<f64>,
    severity: impl Fn(&str) -> Severity,
    alarm: &mut Alarm,
) -> Option<f64> {
    let multi = kind.find("ZRST").is_some();
    if kind.name == "bi" && state > 1 {
        return None;
    }
    raise(
        alarm,
        severity(severity_of(kind, state)),
        AlarmStatus::State,
    );
    let now = f64::from(state);
    if last == Some(now) {
        return None;
    }
    let changed = raise(alarm, severity("COSV"), AlarmStatus::Cos);
    // A record of many states that is in alarm for its change stays so until it is processed without.
    (!multi || !changed).then_some(now)
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
