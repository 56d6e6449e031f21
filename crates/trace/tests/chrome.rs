//! The Trace Event Format, held against what its document asks of each kind of event.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Trace, chrome};
use serde_json::Value;

const SESSION: &str = r#"{"trace":"1.0","beamline":"CMS","epoch":"2026-01-01T00:00:00Z","seed":7,"program":"test"}
{"pv":1,"name":"m.VAL","device":"motor.x","role":"request","type":"double","units":"mm"}
{"pv":2,"name":"m.RBV","device":"motor.x","role":"curve","type":"double","units":"mm"}
{"pv":3,"name":"m.DMOV","device":"motor.x","role":"state","type":"short"}
{"pv":4,"name":"shutter","role":"request","type":"enum","labels":["Shut","Open"]}
{"client":3,"open":0.0,"user":"xf11bm","host":"ws1"}
{"client":4,"open":0.0}
{"n":1,"t":0.5,"put":1,"value":5.0,"by":3,"complete":true}
{"n":2,"t":0.5,"post":1,"value":5.0,"by":1}
{"n":3,"t":0.5,"post":3,"value":0,"by":1}
{"n":4,"t":0.600000001,"post":2,"value":0.1,"by":1}
{"n":5,"t":0.7,"put":1,"value":6.0,"by":3,"complete":true}
{"n":6,"t":0.8,"put":4,"value":1,"by":4}
{"n":7,"t":0.8,"refused":6,"reason":"interlocked"}
{"n":8,"t":0.9,"post":2,"value":{"float":"nan"}}
{"n":9,"t":2.5,"done":1}
{"n":10,"t":2.75,"done":5}
{"n":11,"t":3.0,"marker":"mounted","by":3}
{"n":12,"t":3.0,"fault":"stalls","device":"motor.x"}
{"n":13,"t":3.0,"pace":"times 10"}
{"n":14,"t":3.0,"miss":"NO:SUCH","by":3}
{"n":15,"t":3.0,"loss":"two samples"}
{"n":16,"t":3.5,"put":4,"value":0}
"#;

fn exported(names: &[&str]) -> Value {
    let trace = Trace::read(SESSION.as_bytes()).unwrap();
    let names: BTreeSet<String> = names.iter().map(|&name| name.to_owned()).collect();
    serde_json::from_str(&chrome::to_json(&trace, &names)).unwrap()
}

fn events(json: &Value) -> &[Value] {
    json["traceEvents"].as_array().unwrap()
}

fn named<'a>(json: &'a Value, name: &str) -> &'a Value {
    events(json).iter().find(|it| it["name"] == name).unwrap()
}

/// What a process or a thread is called.
fn called(json: &Value, kind: &str, number: &str, event: &Value) -> String {
    let meta = events(json).iter().find(|it| {
        it["ph"] == "M"
            && it["name"] == kind
            && it["pid"] == event["pid"]
            && it[number] == event[number]
    });
    meta.unwrap()["args"]["name"].as_str().unwrap().to_owned()
}

#[test]
fn each_event_has_what_its_kind_asks_for() {
    let json = exported(&[]);
    assert!(json["displayTimeUnit"] == "ms" && json["otherData"]["beamline"] == "CMS");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events(&json) {
        let kind = event["ph"].as_str().unwrap();
        *kinds.entry(kind).or_default() += 1;
        assert!(
            event["name"].is_string() && event["pid"].is_u64() && event["tid"].is_u64(),
            "{event}"
        );
        assert!(event["args"].is_object(), "{event}");
        if kind != "M" {
            assert!(
                event["ts"].as_f64().is_some_and(|ts| ts >= 0.0) && event["cat"].is_string(),
                "{event}"
            );
        }
        match kind {
            "X" => assert!(
                event["dur"].as_f64().is_some_and(|dur| dur >= 0.0),
                "{event}"
            ),
            // Perfetto puts others on a track without a name.
            "i" => assert_eq!(event["s"], "t", "{event}"),
            "C" => {
                let series = event["args"].as_object().unwrap();
                assert!(
                    !series.is_empty() && series.values().all(Value::is_number),
                    "{event}"
                );
            }
            "M" => match event["name"].as_str().unwrap() {
                "process_name" | "thread_name" => assert!(event["args"]["name"].is_string()),
                "process_sort_index" => assert!(event["args"]["sort_index"].is_u64()),
                other => panic!("no metadata is called {other}"),
            },
            other => panic!("no event of the kind {other} is written"),
        }
    }
    // Two puts that were done; one sample that is a number; two posts, two puts, a refusal, five notes.
    assert_eq!((kinds["X"], kinds["C"], kinds["i"]), (2, 1, 10));
}

#[test]
fn durations_go_from_put_to_done_and_never_overlap_on_a_thread() {
    let json = exported(&[]);
    let first = named(&json, "m = 5 mm");
    assert_eq!(
        (&first["ts"], &first["dur"]),
        (&500_000.into(), &2_000_000.into())
    );
    assert_eq!(
        called(&json, "process_name", "pid", first),
        "client 3 xf11bm@ws1"
    );
    assert_eq!(called(&json, "thread_name", "tid", first), "motor.x");
    let second = named(&json, "m = 6 mm");
    assert_eq!(called(&json, "thread_name", "tid", second), "motor.x (2)");
    let mut busy: BTreeMap<u64, f64> = BTreeMap::new();
    for event in events(&json).iter().filter(|it| it["ph"] == "X") {
        let (ts, dur) = (
            event["ts"].as_f64().unwrap(),
            event["dur"].as_f64().unwrap(),
        );
        let until = busy.entry(event["tid"].as_u64().unwrap()).or_default();
        assert!(*until <= ts, "{event}");
        *until = ts + dur;
    }
}

#[test]
fn answers_lie_with_their_device_and_curves_are_counters() {
    let json = exported(&[]);
    let curve = named(&json, "m.RBV");
    assert_eq!(
        (&curve["ts"], &curve["args"]["mm"]),
        (&600_000.001.into(), &0.1.into())
    );
    assert_eq!(called(&json, "process_name", "pid", curve), "motor.x");
    let state = named(&json, "m.DMOV = 0");
    assert_eq!(
        (&state["pid"], &state["args"]["put"]),
        (&curve["pid"], &1.into())
    );
    let refused = named(&json, "refused: interlocked");
    assert_eq!(called(&json, "process_name", "pid", refused), "client 4");
    let own = named(&json, "shutter = 0 (Shut)");
    assert_eq!(
        called(&json, "process_name", "pid", own),
        "the beamline itself"
    );
}

#[test]
fn channels_can_be_chosen() {
    let json = exported(&["m"]);
    let channels = events(&json)
        .iter()
        .filter(|it| it["cat"] == "put" || it["cat"] == "curve");
    assert_eq!(channels.count(), 2);
    assert!(!json.to_string().contains("RBV") && !json.to_string().contains("shutter"));
}
