//! Records that were just made, and what their clients may do with them, as of a C IOC (`tests/records`).

use beamtwin_pv::{Array, Conversion, Value, ValueKind, convert};
use beamtwin_sim::{Bench, Reason};
use serde_json::Value as Json;

use super::captured::{is, type_of};
use super::{json, like, like_and};

/// A fresh record: nobody gave it a value, unless the database did.
fn fresh(name: &str) -> Bench {
    like_and(name, type_of(name), |record| match name {
        "r:stringin" | "r:stringout" => record.with("VAL", "hello"),
        "r:ao_mdel" | "r:ao_mdelneg" | "r:calc" => {
            let record = record.with("PREC", if name == "r:calc" { 3.0 } else { 2.0 });
            record.alarm(beamtwin_pv::Alarm::UNDEFINED)
        }
        _ => record.alarm(beamtwin_pv::Alarm::UNDEFINED),
    })
}

#[test]
fn a_fresh_record_shows_itself_as_each_type() {
    let all = json(include_str!("../../../../tests/records/types_at_boot.json"));
    let all = all.as_object().unwrap();
    assert_eq!(all.len(), 28);
    for (name, row) in all {
        let mut bench = fresh(name);
        let world = bench.world();
        let pv = world.find("r").unwrap().pv;
        let (sample, metadata) = (world.read(pv), world.metadata(pv));
        let native = format!("DBR_{}", world.field(pv).kind.name().to_uppercase());
        assert_eq!(row["native"], native, "{name}");
        if !name.starts_with("r:wf") && !name.starts_with("r:aa") {
            // How many elements an array has is for its database to say.
            assert_eq!(row["count"], world.count(pv), "{name}");
        }
        assert_eq!(row["access"] == 3, world.access(pv).write, "{name}");
        assert_eq!(row["CLASS_NAME"], metadata.class, "{name}");
        assert_eq!(row["count0_read"], sample.value.count(), "{name}");
        if !name.starts_with("r:string") {
            // These were given a value, by which one was not undefined and the other no longer in alarm.
            let alarm = [bench.text("r.STAT"), bench.text("r.SEVR")].map(|it| it.to_string());
            assert_eq!(row["alarm"], json(&format!("{alarm:?}")), "{name}");
        }
        for kind in ValueKind::ALL {
            let theirs = &row["as"][kind.name().to_uppercase()];
            let ours = convert::read(&sample.value, kind, &metadata);
            let alike = match (&ours, theirs) {
                (Err(_), Json::Object(refused)) => refused["name"] == "ECA_GETFAIL",
                // Of an empty array clients that want three elements are sent zeros.
                (Ok(Value::Array(array)), Json::Array(_)) => array.is_empty(),
                (Ok(value), theirs) => !theirs.is_object() && is(value, theirs),
                _ => false,
            };
            assert!(alike, "{name} as {kind:?}: {ours:?} and not {theirs}");
        }
        if let Some(control) = row["CTRL"].as_object() {
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
                assert_eq!(control[key].as_f64(), Some(ours), "{name}: {key}");
            }
        }
    }
}

#[test]
fn what_cannot_be_written_is_refused_as_captured() {
    let rows = json(include_str!("../../../../tests/records/access.json"));
    let mut tried = 0;
    for row in rows.as_array().unwrap() {
        let Some(name) = row["pv"].as_str() else {
            continue;
        };
        let (record, field) = name.split_once('.').unwrap_or((name, "VAL"));
        // Access security has a file of its own (`[access]`), and nobody compresses here.
        let elsewhere = [
            "r:ao_ro",
            "r:ao_noacc",
            "r:ao_pini",
            "r:ao_sw",
            "r:compress",
        ];
        if elsewhere.contains(&record) {
            continue;
        }
        let mut bench = like_and(record, type_of(record), |it| match record {
            "r:ao_disp" => it.with("DISP", 1.0),
            "r:wf_double" => it.with("NORD", 1.0),
            _ => it,
        });
        let ours = format!("r.{field}");
        let pv = bench.world().find(&ours).unwrap().pv;
        let write = bench.world().access(pv).write;
        assert_eq!(write, row["access_bits"] == 3, "{name}");
        let put = match &row["put_value"] {
            Json::String(text) => bench.put(&ours, text.as_str()),
            number => bench.put(&ours, number.as_f64().unwrap()),
        };
        let refused = bench.refused(put);
        let alike = match row["callback_put"].as_str().unwrap() {
            "ECA_NORMAL" => refused.is_none(),
            "ECA_NOWTACCESS" => refused == Some(Reason::NoWriteAccess),
            "ECA_PUTFAIL" => matches!(refused, Some(Reason::Disabled | Reason::Rejected)),
            other => panic!("{other}"),
        };
        assert!(alike, "{name}: {refused:?}");
        if field != "NAME" {
            assert!(is(&bench.value(&ours), &row["read"]), "{name}");
        }
        tried += 1;
    }
    assert_eq!(tried, 12);
}

#[test]
fn menus_have_the_choices_of_base() {
    let menus = json(include_str!("../../../../tests/records/menus.json"));
    for (field, choices) in menus.as_object().unwrap() {
        if field == "DTYP" {
            continue; // one choice: there is no device support
        }
        let (record, field) = field
            .split_once('.')
            .map_or(("r:ao", &**field), |(_, field)| ("r:wf_double", field));
        let mut bench = like(record, type_of(record));
        let pv = bench.world().find(&format!("r.{field}")).unwrap().pv;
        let labels = bench.world().metadata(pv).labels;
        // A client sees 16 of them.
        let ours: Vec<String> = labels.iter().take(16).map(ToString::to_string).collect();
        assert_eq!(json(&format!("{ours:?}")), *choices, "{field}");
    }
}

#[test]
fn a_whole_number_of_64_bits_is_one_whoever_writes_it() {
    let mut bench = like("r:int64out", type_of("r:int64out"));
    for (put, held) in [
        (Value::Double(3.7), 3.0),
        (Value::Double(-1e300), -9_223_372_036_854_775_808.0),
        (Value::Double(f64::NAN), -9_223_372_036_854_775_808.0),
        (Value::Float(-2.5), -2.0),
        (Value::Array(Array::Double([9.9, 1.0].into())), 9.0),
        (Value::String("4294967296".into()), 4_294_967_296.0),
        (Value::String("-5.9".into()), -5.0),
    ] {
        bench.put("r", put.clone());
        assert_eq!(bench.number("r"), held, "{put:?}");
    }
    bench.put("r", f64::from(u32::MAX) + 258.0);
    let world = bench.world();
    let pv = world.find("r").unwrap().pv;
    let (held, metadata) = (world.read(pv).value, world.metadata(pv));
    let read = |kind| convert::read(&held, kind, &metadata);
    assert_eq!(read(ValueKind::Char), Ok(Value::Char(1)));
    assert_eq!(read(ValueKind::Long), Ok(Value::Long(257)));
    assert_eq!(
        read(ValueKind::String),
        Ok(Value::String("4294967553".into()))
    );
    let refused = convert::put(&"x".into(), ValueKind::Double, &metadata);
    assert_eq!(refused, Err(Conversion::NotANumber("x".into())));
}
