//! Channel filters against a C IOC (`tests/records/filters.json`): what opens, of what type, what is read, what is told.

use beamtwin_ca::{Dbr, Eca, Form, Heard, Mask};
use beamtwin_pv::{Array, Sample, Timestamp, Value};
use serde_json::Value as Json;

use crate::pair::{ALL, Pair, events, sample};

/// What the captured records held at first.
fn like(first: f64) -> Pair {
    let mut pair = Pair::default();
    let wave: Vec<f64> = (0..10).map(f64::from).collect();
    let chars = |text: &str| Value::Array(Array::Char(format!("{text}\0").into_bytes().into()));
    for (name, value) in [
        (
            "r:wf_double.VAL",
            Value::Array(Array::Double(wave.clone().into())),
        ),
        ("r:wf_double.", Value::Array(Array::Double(wave.into()))),
        ("r:ao.VAL", Value::Double(first)),
        ("r:ao.DESC$", chars("an ao")),
        ("r:stringout.VAL$", chars("hello")),
        ("r:mbbo.VAL", Value::Enum(0)),
    ] {
        let stamp = Timestamp {
            seconds: 1_164_013_335,
            nanos: 641_373_200,
        };
        let held = Sample {
            stamp,
            ..sample(value)
        };
        pair.values.insert(name.to_owned(), held);
    }
    pair
}

fn numbers(value: &Json) -> Vec<f64> {
    match value {
        Json::Array(values) => values.iter().map(|value| value.as_f64().unwrap()).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

fn ours(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(array) => array.iter().map(|value| value.as_f64().unwrap()).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

#[test]
fn filtered_channels_are_as_those_of_a_c_ioc() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/records/filters.json"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Json> = serde_json::from_str(&text).unwrap();
    let (mut read, mut told) = (0, 0);
    for case in &cases {
        let name = case["pv"].as_str().unwrap();
        let first = match &case["value"] {
            Json::Number(number) if case["puts"].is_array() => number.as_f64().unwrap(),
            Json::Number(number) if number.as_f64() == Some(1.0) => 1.0,
            _ => 20.0,
        };
        let mut pair = like(first);
        let cid = pair.client.open(name);
        let heard = pair.drive();
        if case["state"] == "fail" {
            assert!(heard.contains(&Heard::NotFound { cid }), "{name}");
            continue;
        }
        let opened = heard.iter().find_map(|heard| match heard {
            Heard::Opened {
                sid, dbr, count, ..
            } => Some((*sid, dbr.unwrap(), *count)),
            _ => None,
        });
        let Some((sid, dbr, count)) = opened else {
            panic!("{name} did not open: {heard:?}");
        };
        let Dbr::Value(Form::Plain, kind) = dbr else {
            panic!("{name} is {dbr:?}");
        };
        let native = format!("DBR_{}", kind.name().to_uppercase());
        assert_eq!(case["native"], native, "{name}");
        assert_eq!(case["count"], count, "{name}");

        pair.client.read(sid, dbr, 0);
        let heard = pair.drive();
        let [
            Heard::Read {
                status,
                sample: got,
                ..
            },
        ] = &heard[..]
        else {
            panic!("{name}: {heard:?}");
        };
        assert_eq!(*status, Eca::NORMAL, "{name}");
        match &case["value"] {
            Json::String(text) => assert_eq!(got.value.as_text().unwrap(), text.as_str(), "{name}"),
            value => assert_eq!(ours(&got.value), numbers(value), "{name}"),
        }
        assert_eq!(case["read_count"], got.value.count(), "{name}");
        read += 1;

        if case["put_through_filter"] == "ECA_NORMAL" {
            pair.client.write(sid, &got.value, true);
            let heard = pair.drive();
            let is_done = |heard: &Heard| {
                matches!(
                    heard,
                    Heard::Written {
                        status: Eca::NORMAL,
                        ..
                    }
                )
            };
            assert!(heard.iter().any(is_done), "{name}");
        }
        if let Some(puts) = case["puts"].as_array() {
            assert_eq!(told_of(name, puts), numbers(&case["events"]), "{name}");
            told += 1;
        }
    }
    assert_eq!((read, told), (27, 7));
}

/// What a monitor hears of puts that are posted where they change something.
fn told_of(name: &str, puts: &[Json]) -> Vec<f64> {
    let mut pair = like(0.0);
    let sid = pair.open(name);
    let record = name.split_once('{').unwrap().0;
    let dbr = Dbr::Value(Form::Time, pair.values[record].value.kind());
    pair.client.subscribe(sid, dbr, 0, ALL);
    let mut heard = pair.drive();
    let mut last = 0.0;
    for put in puts {
        let mut value = put.as_f64().unwrap();
        if record.starts_with("r:mbbo") {
            value = value.trunc();
        }
        if value != last {
            let changed = if record.starts_with("r:mbbo") {
                Value::Enum(value as u16)
            } else {
                Value::Double(value)
            };
            pair.change(record, changed);
            heard.extend(pair.drive());
        }
        last = value;
    }
    events(&heard)
}

#[test]
fn two_monitors_of_one_channel_share_what_its_filter_remembers() {
    let mut pair = like(0.0);
    let sid = pair.open("r:ao.VAL{dbnd:{abs:1}}");
    let other = pair.open("r:ao.VAL{dbnd:{abs:1}}");
    let dbr = Dbr::Value(Form::Plain, beamtwin_pv::ValueKind::Double);
    let mask = Mask::VALUE;
    let first = pair.client.subscribe(sid, dbr, 0, mask);
    let second = pair.client.subscribe(sid, dbr, 0, mask);
    let third = pair.client.subscribe(other, dbr, 0, mask);
    let mut heard = pair.drive();
    for value in [2.0, 2.5, 4.0] {
        pair.change("r:ao.VAL", value);
        heard.extend(pair.drive());
    }
    let of = |wanted: u32| -> Vec<f64> {
        let theirs = heard.iter().filter(
            |heard| matches!(heard, Heard::Event { subscription, .. } if *subscription == wanted),
        );
        events(&theirs.cloned().collect::<Vec<_>>())
    };
    assert_eq!(of(first), [0.0, 2.0, 4.0]);
    assert_eq!(of(second), [] as [f64; 0]);
    assert_eq!(of(third), [0.0, 2.0, 4.0]);
}
