//! Sequences of puts to records of a C IOC: what they held, how bad it was, who was told (`tests/records`).

use beamtwin_pv::{Alarm, AlarmStatus, Severity, Text, Value, ValueKind};
use beamtwin_sim::record::number_as;
use beamtwin_sim::surface::RecordBuilder;
use beamtwin_sim::{Bench, Mask, What};
use serde_json::Value as Json;

use super::{kind, like, like_and};

fn captured(name: &str) -> Vec<Json> {
    let path = format!(
        "{}/../../tests/records/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The record type of a captured record, such as `r:ao_hyst`.
pub(super) fn type_of(record: &str) -> &'static beamtwin_sim::RecordType {
    match record {
        wave if wave.starts_with("r:wf") => kind(record),
        _ => kind(record.trim_start_matches("r:").split('_').next().unwrap()),
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) if text == "NaN" => f64::NAN.into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(_) => {
            let numbers: Vec<f64> = json
                .as_array()
                .unwrap()
                .iter()
                .map(|number| number.as_f64().unwrap())
                .collect();
            Value::Array(beamtwin_pv::Array::Double(numbers.into()))
        }
        number => number.as_f64().unwrap().into(),
    }
}

/// Whether a value is the captured one, whatever kind of number it is.
pub(super) fn is(ours: &Value, theirs: &Json) -> bool {
    match (ours, value(theirs)) {
        (Value::String(_) | Value::Array(_), theirs) => ours.same(&theirs),
        (number, theirs) => {
            let (ours, theirs) = (number.as_f64().unwrap(), theirs.as_f64().unwrap());
            ours == theirs || ours.is_nan() && theirs.is_nan()
        }
    }
}

fn position(labels: &[&str], label: &Json) -> u16 {
    let at = labels.iter().position(|known| label == known).unwrap();
    u16::try_from(at).unwrap()
}

fn alarm(row: &Json) -> Alarm {
    let severity = position(Severity::LABELS, &row["severity"]);
    let status = position(AlarmStatus::LABELS, &row["status"]);
    Alarm::new(
        Severity::from_code(severity).unwrap(),
        AlarmStatus::from_code(status).unwrap(),
    )
}

/// What subscriptions of `pv` with this mask were told since so many events.
fn told(bench: &mut Bench, since: usize, pv: &str, wanted: Mask) -> Vec<(Value, Alarm)> {
    let at = bench.world().find(pv).unwrap().pv;
    let now = bench.world().read(at);
    let events = bench.events()[since..].iter();
    let posts = events.filter_map(|event| match &event.what {
        What::Post {
            pv,
            value,
            alarm,
            mask,
            ..
        } if *pv == at && mask.intersects(wanted) => Some((value.clone(), *alarm)),
        What::Again(record, mask) if *record == at.record && mask.intersects(wanted) => {
            Some((now.value.clone(), now.alarm))
        }
        What::Shown(pv, mask) if *pv == at && mask.intersects(wanted) => {
            Some((now.value.clone(), now.alarm))
        }
        _ => None,
    });
    posts.collect()
}

#[test]
fn limits_clip_and_values_and_states_alarm() {
    let mut steps_seen = 0;
    for scenario in captured("alarms") {
        let name = scenario["record"].as_str().unwrap();
        let Some(steps) = scenario["steps"].as_array() else {
            continue;
        };
        let first = &scenario["events"][0];
        let kind = type_of(name);
        let mut bench = like_and(name, kind, |record| {
            let native = kind.field(beamtwin_sim::record::val(kind)).kind;
            let start = number_as(first["value"].as_f64().unwrap(), native);
            let record = record.with("VAL", start).alarm(alarm(first));
            if alarm(first) == Alarm::UNDEFINED {
                record
            } else {
                // It has been in alarm while it ran.
                record.with("ACKS", Value::Enum(alarm(first).severity as u16))
            }
        });
        for step in steps {
            let put = if step["put"].is_null() {
                &step["A"]
            } else {
                &step["put"]
            };
            bench.put("r", value(put));
            assert!(is(&bench.value("r"), &step["value"]), "{name}: {step}");
            assert_eq!(
                bench.text("r.SEVR").to_string(),
                step["severity"],
                "{name}: {step}"
            );
            assert_eq!(
                bench.text("r.STAT").to_string(),
                step["status"],
                "{name}: {step}"
            );
            for field in ["AMSG", "ACKS"] {
                if let Some(theirs) = step[field].as_str() {
                    let ours = bench.text(&format!("r.{field}"));
                    assert_eq!(ours, theirs, "{name}: {field} of {step}");
                }
            }
            if let Some(theirs) = step["LALM"].as_f64() {
                assert_eq!(bench.number("r.LALM"), theirs, "{name}: {step}");
            }
            steps_seen += 1;
        }
        let everything = Mask::CHANGE | Mask::ALARM;
        let ours = told(&mut bench, 0, "r", everything);
        let theirs = scenario["events"].as_array().unwrap();
        assert_eq!(ours.len() + 1, theirs.len(), "{name}");
        for ((ours, severity), theirs) in ours.into_iter().zip(&theirs[1..]) {
            assert!(is(&ours, &theirs["value"]), "{name}: {theirs}");
            assert_eq!(severity, alarm(theirs), "{name}: {theirs}");
        }
    }
    assert_eq!(steps_seen, 104);
}

#[test]
fn what_was_never_written_is_undefined_until_it_is_a_number() {
    let cases = captured("alarms");
    let case = cases
        .iter()
        .find(|case| case["record"] == "r:ao_udf")
        .unwrap();
    let mut bench = like_and("r:ao_udf", kind("ao"), |record| {
        record.alarm(Alarm::UNDEFINED)
    });
    let look = |bench: &mut Bench| {
        let pv = bench.world().find("r").unwrap().pv;
        let sample = bench.world().read(pv);
        (sample.value, sample.alarm, bench.number("r.UDF"))
    };
    let (held, bad, udf) = look(&mut bench);
    assert!(is(&held, &case["value"]));
    assert_eq!((bad, udf), (alarm(case), case["UDF"].as_f64().unwrap()));
    assert_eq!(bench.text("r.UDFS").to_string(), case["UDFS"]);
    bench.put("r", f64::NAN);
    let (held, bad, _) = look(&mut bench);
    assert!(is(&held, &case["after_nan"]["value"]));
    assert_eq!(bad, alarm(&case["after_nan"]));
    bench.put("r", 1.0);
    let (held, bad, udf) = look(&mut bench);
    assert!(is(&held, &case["after_1"]["value"]));
    assert_eq!(
        (bad, udf),
        (alarm(&case["after_1"]), case["UDF_after"].as_f64().unwrap())
    );
}

#[test]
fn a_disabled_record_keeps_a_value_and_does_not_process() {
    let cases = captured("alarms");
    let case = cases
        .iter()
        .find(|case| case["record"] == "r:ao_disa")
        .unwrap();
    let mut bench = like_and("r:ao_disa", kind("ao"), |record| {
        let record = record.with("DISA", 1.0).with("DISS", Value::Enum(1));
        record.alarm(Alarm::UNDEFINED)
    });
    bench.put("r", 1.0);
    let pv = bench.world().find("r").unwrap().pv;
    let sample = bench.world().read(pv);
    assert!(is(&sample.value, &case["value"]));
    assert_eq!(sample.alarm, alarm(case));
    assert_eq!(sample.stamp, beamtwin_pv::Timestamp::UNDEFINED);
    let before = bench.events().len();
    bench.put("r", 2.0);
    assert_eq!(told(&mut bench, before, "r", Mask::all()), []);
    bench.put("r.DISA", 0);
    bench.put("r.PROC", 1);
    assert_eq!(bench.text("r.STAT"), "NO_ALARM");
    assert_eq!(bench.number("r"), 2.0);
}

#[test]
fn what_changed_while_a_record_was_disabled_is_told_when_it_processes() {
    for (name, before, after) in [
        ("r:ao_nolim", Value::Double(1.0), Value::Double(2.0)),
        ("r:stringout", "a".into(), "b".into()),
        ("r:mbbo", Value::Enum(0), Value::Enum(1)),
        ("r:bo", Value::Enum(0), Value::Enum(1)),
    ] {
        let mut bench = like(name, type_of(name));
        bench.put("r", before);
        bench.put("r.DISA", 1);
        bench.put("r", after.clone());
        bench.put("r.DISA", 0);
        for told_now in [1, 0] {
            let since = bench.events().len();
            bench.put("r.PROC", 1);
            for mask in [Mask::VALUE, Mask::LOG] {
                assert_eq!(told(&mut bench, since, "r", mask).len(), told_now, "{name}");
            }
        }
        let since = bench.events().len();
        bench.put("r", after);
        assert_eq!(
            told(&mut bench, since, "r", Mask::CHANGE).len(),
            0,
            "{name}"
        );
    }
}

/// Which monitored channels are of records that we have, and what these held when they were measured.
fn start<'a>(pv: &str, record: RecordBuilder<'a>) -> Option<RecordBuilder<'a>> {
    let undefined = Alarm::UNDEFINED;
    Some(match pv {
        "r:ao_nolim" | "r:ao_mdel" | "r:ao_mdelneg" | "r:longout_nolim" => record.alarm(undefined),
        "r:stringout" => record.with("VAL", "hello"),
        "r:ao_hyst" | "r:mbbo" | "r:bo" | "r:wf_double" | "r:ao.PREC" | "r:ao.DESC"
        | "r:ao.SEVR" | "r:ao_hyst.SEVR" | "r:ao_hyst.STAT" | "r:ao.OVAL" | "r:ao.UDF" => record,
        // Long strings as a record are not served, and calculations not computed.
        "r:lso" | "r:calc" | "r:calc.A" => return None,
        other => panic!("{other} is not known"),
    })
}

#[test]
fn subscriptions_hear_of_what_they_asked_for() {
    let mut seen = 0;
    for case in captured("event_masks") {
        let monitored = case["monitored"].as_str().unwrap();
        let (record, field) = monitored.split_once('.').unwrap_or((monitored, "VAL"));
        if start(
            monitored,
            beamtwin_sim::Surface::default().record("x", kind("ao")),
        )
        .is_none()
        {
            continue;
        }
        let ours = format!("r.{field}");
        let mut bench = like_and(record, type_of(record), |builder| {
            start(monitored, builder).unwrap()
        });
        for op in case["ops"].as_array().unwrap() {
            let target = op["put"].as_str().unwrap().replacen(record, "r", 1);
            let before = bench.events().len();
            bench.put(&target, value(&op["value"]));
            for (name, mask) in [
                ("VALUE", Mask::VALUE),
                ("LOG", Mask::LOG),
                ("ALARM", Mask::ALARM),
                ("PROPERTY", Mask::PROPERTY),
            ] {
                let heard = told(&mut bench, before, &ours, mask);
                let none = Vec::new();
                let theirs = op["events"][name].as_array().unwrap_or(&none);
                assert_eq!(
                    heard.len(),
                    theirs.len(),
                    "{monitored} {name}: {op}: {heard:?}"
                );
                for ((ours, alarm), theirs) in heard.iter().zip(theirs) {
                    assert!(is(ours, &theirs[0]), "{monitored} {name}: {op}: {ours}");
                    assert_eq!(
                        alarm.severity.to_string(),
                        theirs[1],
                        "{monitored} {name}: {op}"
                    );
                }
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 88);
}

#[test]
fn an_array_is_posted_when_it_changed_where_that_is_wanted() {
    let mut bench = like("r:wf_double", kind("r:wf_double"));
    let wave = |last: f64| value(&serde_json::json!([1.0, last]));
    bench.put("r.MPST", "On Change");
    bench.put("r", wave(3.0));
    let before = bench.events().len();
    bench.put("r", wave(3.0));
    assert_eq!(told(&mut bench, before, "r", Mask::VALUE).len(), 0);
    assert_eq!(told(&mut bench, before, "r", Mask::LOG).len(), 1);
    bench.put("r", wave(4.0));
    assert_eq!(told(&mut bench, before, "r", Mask::VALUE).len(), 1);
    assert_eq!(told(&mut bench, before, "r.HASH", Mask::VALUE).len(), 1);
}

#[test]
fn a_change_of_state_can_be_an_alarm() {
    let mut bench = like_and("r:bo", kind("bo"), |record| {
        record.with("COSV", Value::Enum(2))
    });
    bench.put("r", 1);
    assert_eq!(bench.text("r.STAT"), "COS");
    assert_eq!(bench.text("r.SEVR"), "MAJOR");
    bench.put("r", 1);
    assert_eq!(bench.text("r.STAT"), "STATE");
    assert_eq!(bench.text("r.SEVR"), "MINOR");
}

#[test]
fn what_was_last_posted_is_shown_and_a_dead_band_begins_where_the_value_is() {
    let mut bench = like("r:ao_nolim", kind("ao"));
    bench.put("r", 3.0);
    let last = |bench: &mut Bench| (bench.number("r.MLST"), bench.number("r.ALST"));
    assert_eq!(last(&mut bench), (3.0, 3.0));
    bench.put("r.MDEL", 1.0);
    bench.put("r", 3.5);
    assert_eq!(last(&mut bench), (3.0, 3.5));
    bench.put("r", 4.5);
    assert_eq!(last(&mut bench), (4.5, 4.5));
    bench.put("r.MDEL", 0.0);
    bench.put("r", 4.6);
    assert_eq!(last(&mut bench), (4.6, 4.6));
    let text: Text = bench.text("r.RTYP");
    assert_eq!(text, "ao");
    assert_eq!(bench.value("r.MLST").kind(), ValueKind::Double);
}

/// Which fields are not as captured, in words.
fn odd_fields(name: &str, rows: &[Json], menus: &Json) -> Vec<String> {
    let kind = match name {
        "waveform" => kind("r:wf_double"),
        other => kind(other),
    };
    let mut bench = like_and(&format!("r:{name}"), kind, |record| match name {
        "stringin" | "stringout" => record.with("VAL", "hello"),
        _ => record.alarm(Alarm::UNDEFINED),
    });
    let mut odd = Vec::new();
    for row in rows {
        let field = row[0].as_str().unwrap();
        if is_of_the_database(name, field) {
            continue;
        }
        let target = bench.world().find(&format!("r.{field}"));
        let Some(native) = row[1].as_str() else {
            if target.is_some() {
                odd.push(format!("{name}.{field} is served"));
            }
            continue;
        };
        let Some(pv) = target.map(|target| target.pv) else {
            odd.push(format!("{name}.{field} is missing"));
            continue;
        };
        let world = bench.world();
        let ours = world.field(pv).kind.name();
        if ours != native {
            odd.push(format!("{name}.{field} is {ours}, not {native}"));
        }
        let write = world.access(pv).write;
        if write != (row[2] == 3) {
            odd.push(format!("{name}.{field} is writable: {write}"));
        }
        if let Some(menu) = row[4].as_str() {
            let labels: Vec<String> = world
                .metadata(pv)
                .labels
                .iter()
                .map(ToString::to_string)
                .collect();
            let theirs: Vec<&str> = menus[menu]
                .as_array()
                .unwrap()
                .iter()
                .map(|label| label.as_str().unwrap())
                .collect();
            let told: Vec<&String> = labels.iter().take(16).collect();
            if told != theirs {
                odd.push(format!("{name}.{field} has {labels:?}, not {theirs:?}"));
            }
        }
        let held = world.read(pv).value;
        if !row[3].is_array() && !matches!(held, Value::Array(_)) && !is(&held, &row[3]) {
            odd.push(format!("{name}.{field} holds {held}, not {}", row[3]));
        }
    }
    odd
}

/// What the captured database set, or what depends on the device support that its IOC had.
fn is_of_the_database(name: &str, field: &str) -> bool {
    match field {
        "NAME" | "DESC" | "DTYP" | "CALC" => true,
        // Its values were given, by which it was not undefined; one of them processed when the IOC began.
        "PINI" | "SEVR" | "STAT" => name.starts_with("string"),
        "ONVL" | "TWVL" | "THVL" => name.starts_with("mbb"),
        "EGU" | "FTVL" | "HOPR" | "INDX" | "INP" | "LOPR" | "MALM" | "NELM" | "PREC" | "VAL" => {
            matches!(name, "calc" | "subArray" | "waveform")
        }
        _ => false,
    }
}

#[test]
fn the_fields_of_a_fresh_record_are_there_and_hold_what_they_hold() {
    let path = format!(
        "{}/../../tests/records/all_fields.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let all: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut odd = Vec::new();
    let types = all["types"].as_object().unwrap();
    assert_eq!(types.len(), 14);
    for (name, rows) in types {
        odd.extend(odd_fields(name, rows.as_array().unwrap(), &all["menus"]));
    }
    assert_eq!(odd.join("\n"), "");
}

#[test]
fn a_name_leads_to_a_field_or_to_none_and_a_text_is_an_array_where_that_is_asked_for() {
    let mut seen = 0;
    for row in captured("special_fields") {
        let name = row["pv"].as_str().unwrap();
        let (record, field) = name.split_once('.').unwrap_or((name, ""));
        // What stands behind a field is read before its name is looked up.
        if field.contains('{') {
            continue;
        }
        let mut bench = like(record, type_of(record));
        let ours = name.replacen(record, "r", 1);
        let target = bench.world().find(&ours);
        assert_eq!(target.is_some(), row["state"] == "ok", "{name}");
        let Some(target) = target else {
            continue;
        };
        let world = bench.world();
        let long = target.long_string;
        let (native, count) = if long {
            (ValueKind::Char, world.text_size(target.pv))
        } else {
            (world.field(target.pv).kind, world.count(target.pv))
        };
        assert_eq!(
            row["native"],
            format!("DBR_{}", native.name().to_uppercase()),
            "{name}"
        );
        assert_eq!(row["count"], count, "{name}");
        let write = world.access(target.pv).write;
        assert_eq!(write, row["access"] == 3, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 199);
}

#[test]
fn the_type_of_a_record_cannot_be_written_although_that_is_offered() {
    let mut bench = like("r:ao", kind("ao"));
    let put = bench.put("r.RTYP", "bo");
    assert_eq!(bench.refused(put), Some(beamtwin_sim::Reason::Rejected));
    assert_eq!(bench.text("r.RTYP"), "ao");
}
