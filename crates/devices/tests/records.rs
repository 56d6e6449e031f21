//! Records of EPICS base look and behave as those of a running database.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_devices::records::{base, process};
use beamtwin_pv::{Text, Value};
use beamtwin_sim::record::val;
use beamtwin_sim::surface::RecordBuilder;
use beamtwin_sim::{Bench, Cx, Device, Order, Put, RecordType, Refusal, Role, Surface};
use serde_json::Value as Json;

#[path = "records/captured.rs"]
mod captured;
#[path = "records/fresh.rs"]
mod fresh;

/// Does what its record would.
#[derive(Clone)]
struct Plain(&'static RecordType);

impl Device for Plain {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        process::put(cx, self.0, order);
        Ok(Put::Done)
    }
}

fn kind(name: &str) -> &'static RecordType {
    match name {
        "aai" => &base::AAI_LONG,
        "aao" => &base::AAO_LONG,
        "ai" => &base::AI,
        "ao" => &base::AO,
        "bi" => &base::BI,
        "bo" => &base::BO,
        "busy" => &base::BUSY,
        "calc" => &base::CALC,
        "int64in" => &base::INT64IN,
        "int64out" => &base::INT64OUT,
        "longin" => &base::LONGIN,
        "longout" => &base::LONGOUT,
        "mbbi" => &base::MBBI,
        "mbbo" | "mbbo16" => &base::MBBO,
        "stringin" => &base::STRINGIN,
        "stringout" => &base::STRINGOUT,
        "subArray" => &base::SUBARRAY,
        "waveform" | "r:wf_string" => &base::WAVEFORM_STRING,
        "r:wf_char" => &base::WAVEFORM_CHAR,
        "r:wf_double" => &base::WAVEFORM_DOUBLE,
        "r:wf_enum" => &base::WAVEFORM_ENUM,
        "r:wf_float" => &base::WAVEFORM_FLOAT,
        "r:wf_long" => &base::WAVEFORM_LONG,
        "r:wf_short" => &base::WAVEFORM_SHORT,
        other => panic!("there is no {other}"),
    }
}

fn set<'a>(record: RecordBuilder<'a>, fields: &[(&str, f64)]) -> RecordBuilder<'a> {
    fields
        .iter()
        .fold(record, |record, (field, value)| record.with(field, *value))
}

/// A record with the fields that the captured database gave it.
fn like(name: &str, kind: &'static RecordType) -> Bench {
    like_and(name, kind, |record| record)
}

/// The same, and more.
fn like_and(
    name: &str,
    kind: &'static RecordType,
    more: impl FnOnce(RecordBuilder<'_>) -> RecordBuilder<'_>,
) -> Bench {
    Bench::new(|surface: &mut Surface| {
        let mut record = surface.record("r", kind).role(Role::Command);
        let limits: &[(&str, f64)] = &[
            ("HOPR", 100.0),
            ("LOPR", -100.0),
            ("HIHI", 80.0),
            ("HIGH", 60.0),
            ("LOW", -60.0),
            ("LOLO", -80.0),
            ("HHSV", 2.0),
            ("HSV", 1.0),
            ("LSV", 1.0),
            ("LLSV", 2.0),
        ];
        record = match name {
            "r:ai" | "r:longin" | "r:int64in" | "r:ao" | "r:longout" | "r:ao_hyst" | "r:calc" => {
                set(record, limits)
            }
            _ => record,
        };
        record = match name {
            "r:ao" | "r:longout" => set(record, &[("DRVH", 50.0), ("DRVL", -50.0)]),
            "r:ao_hyst" => set(record, &[("HYST", 5.0)]),
            "r:calc" => set(record, &[("HYST", 2.0)]),
            "r:ao_mdel" => set(record, &[("MDEL", 1.0), ("ADEL", 5.0)]),
            "r:ao_mdelneg" => set(record, &[("MDEL", -1.0), ("ADEL", -1.0)]),
            "r:mbbo" => set(record, &[("TWSV", 1.0), ("UNSV", 3.0)]),
            "r:mbbi" => set(record, &[("TWSV", 2.0), ("UNSV", 3.0)]),
            "r:bi" => set(record, &[("ZSV", 1.0), ("OSV", 2.0), ("COSV", 1.0)]),
            "r:bo" => set(record, &[("OSV", 1.0)]),
            _ if name.starts_with("r:wf") => {
                let record = set(record, &[("NELM", 10.0), ("HOPR", 10.0), ("LOPR", -10.0)]);
                set(record, &[("PREC", 2.0)]).with("EGU", "u")
            }
            _ => record,
        };
        record = match name {
            "r:ai" | "r:ao" => set(record, &[("PREC", 3.0)]).with("EGU", "mm"),
            "r:ao_nolim" | "r:ao_hyst" => set(record, &[("PREC", 2.0)]).with("EGU", "V"),
            "r:longin" | "r:longout" => record.with("EGU", "cts"),
            "r:bi" | "r:bo" => record.with("ZNAM", "Off").with("ONAM", "On"),
            "r:busy" => record.with("ZNAM", "Done").with("ONAM", "Busy"),
            "r:mbbi" | "r:mbbo" => record
                .with("ZRST", "zero")
                .with("ONST", "one")
                .with("TWST", "two")
                .with("THST", "a longer state string"),
            "r:mbbo16" => {
                let names = beamtwin_sim::record::common::MULTI;
                names
                    .iter()
                    .enumerate()
                    .fold(record, |record, (at, field)| {
                        let text: Text = format!("state{at}").into();
                        record.with(field, text)
                    })
            }
            _ => record,
        };
        let _ = more(record).id();
        Plain(kind)
    })
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_field_is_there_in_its_order_with_its_type_and_access() {
    let captured = json(include_str!("records/fields.json"));
    for (name, rows) in captured.as_object().unwrap() {
        let kind = kind(name);
        let ours: Vec<(&str, &str, bool)> = kind
            .fields
            .iter()
            .map(|field| {
                let writable = matches!(field.role, Role::Setting | Role::Command);
                (field.name, field.kind.name(), writable)
            })
            .collect();
        let rows = rows.as_array().unwrap();
        assert_eq!(ours.len(), rows.len(), "{name}");
        for (ours, row) in ours.into_iter().zip(rows) {
            let theirs = (
                row[0].as_str().unwrap(),
                row[1].as_str().unwrap(),
                row[2].as_bool().unwrap(),
            );
            if ours.0 == "VAL" {
                // Who writes an input's value is the device's business, and arrays come in many kinds.
                assert_eq!(theirs.0, "VAL");
            } else {
                assert_eq!(ours, theirs, "{name}");
            }
        }
    }
}

#[test]
fn units_precision_limits_and_labels_are_told_as_by_a_real_record() {
    let captured = json(include_str!("records/controls.json"));
    for (name, control) in captured.as_object().unwrap() {
        let record_type = control["record_type"].as_str().unwrap();
        let kind = match record_type {
            "waveform" => kind(name),
            other => kind(other),
        };
        let mut bench = like(name, kind);
        let pv = bench.world().find("r").unwrap().pv;
        let metadata = bench.world().metadata(pv);
        let native = bench.world().field(pv).kind;
        assert_eq!(native.name(), control["native"], "{name}");
        assert_eq!(
            bench.world().count(pv),
            control["count"].as_u64().unwrap() as u32
        );
        if let Some(labels) = control["enum_strs"].as_array() {
            let ours: Vec<String> = metadata.labels.iter().map(ToString::to_string).collect();
            assert_eq!(
                ours,
                labels
                    .iter()
                    .map(|l| l.as_str().unwrap())
                    .collect::<Vec<_>>(),
                "{name}"
            );
            continue;
        }
        if let Some(units) = control["units"].as_str() {
            assert_eq!(metadata.units.to_string(), units, "{name}");
        }
        if let Some(precision) = control["precision"].as_i64() {
            assert_eq!(i64::from(metadata.precision), precision, "{name}");
        }
        for (key, ours) in [
            ("upper_disp", metadata.display.high),
            ("lower_disp", metadata.display.low),
            ("upper_alarm", metadata.alarm.high),
            ("upper_warning", metadata.warning.high),
            ("lower_warning", metadata.warning.low),
            ("lower_alarm", metadata.alarm.low),
            ("upper_ctrl", metadata.control.high),
            ("lower_ctrl", metadata.control.low),
        ] {
            let alike = match &control[key] {
                Json::Null => true,
                Json::String(_) => ours.is_nan(),
                // An integer channel shows what the C cast makes of a limit: of none 0, of -10 in 8 bits 246.
                number if native.is_integer() => {
                    let number = number.as_f64().unwrap();
                    number == if ours.is_nan() { 0.0 } else { ours }
                        || native.name() == "char" && number == ours + 256.0
                }
                number => number.as_f64().unwrap() == ours,
            };
            assert!(alike, "{name}: {key} is {} and not {ours}", control[key]);
        }
    }
}

#[test]
fn an_alarm_limit_that_is_moved_counts_at_once() {
    let mut bench = like("r:ai", &base::AI);
    bench.put("r", 50.0);
    assert_eq!(bench.text("r.SEVR"), "NO_ALARM");
    bench.put("r.HIGH", 40.0);
    assert_eq!(bench.text("r.STAT"), "HIGH");
    bench.put("r.HSV", 0);
    assert_eq!(bench.text("r.STAT"), "NO_ALARM");
}

#[test]
fn no_number_is_an_undefined_value() {
    let mut bench = like("r:ao_nolim", &base::AO);
    bench.put("r", f64::NAN);
    assert_eq!(bench.text("r.SEVR"), "INVALID");
    assert_eq!(bench.text("r.STAT"), "UDF");
    bench.put("r", 1.0);
    assert_eq!(bench.text("r.SEVR"), "NO_ALARM");
}

#[test]
fn every_record_type_has_a_value() {
    for kind in [
        &base::ASYN,
        &base::CALCOUT,
        &base::FANOUT,
        &base::SHORTOUT,
        &base::FLOATIN,
    ] {
        assert_eq!(kind.field(val(kind)).name, "VAL");
        assert_ne!(kind.name, "");
    }
    assert_eq!(
        base::SHORTOUT.field(val(&base::SHORTOUT)).initial(),
        Value::Short(0)
    );
}
