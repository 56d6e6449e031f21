//! EnvTrace JSON in both directions.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use beamtwin_trace::envtrace::{
    Event, ImportError, Selection, Value, export, import, parse, to_json,
};
use beamtwin_trace::{Datum, End, Recording, RecordingError, Role, Trace, What};

const TRACE: &str = r#"{"trace":"1.0","beamline":"CMS","epoch":"2026-01-01T00:00:00Z","seed":7,"program":"beamtwin 0.1.0"}
{"pv":1,"name":"XF:X}Mtr.VAL","role":"request","type":"double"}
{"pv":2,"name":"XF:X}Mtr.RBV","role":"curve","type":"double"}
{"pv":3,"name":"XF:cam1:Acquire","role":"request","type":"enum","labels":["Done","Acquire"]}
{"n":1,"t":0.012,"put":1,"value":5.0}
{"n":2,"t":0.012,"post":1,"value":5.0,"by":1}
{"n":3,"t":0.1,"post":2,"value":0.5}
{"pv":4,"name":"XF:X}Mtr.DVAL","role":"request","type":"double"}
{"n":4,"t":1.2,"post":4,"value":5.0,"by":1}
{"n":5,"t":1.25,"put":3,"value":1}
{"n":6,"t":1.25,"post":3,"value":1,"by":5}
{"end":{"t":2.0,"records":6,"complete":true}}
"#;

fn events(selection: &Selection) -> Vec<Event> {
    export(&Trace::read(TRACE.as_bytes()).unwrap(), selection).unwrap()
}

#[test]
fn an_export_is_what_a_monitor_of_the_requests_would_have_seen() {
    let expected = "{\"schema_version\":\"1\",\"events\":[
{\"channel\":\"XF:X}Mtr\",\"timestamp\":1767225600.012,\"value\":5.0},
{\"channel\":\"XF:cam1:Acquire\",\"timestamp\":1767225601.25,\"value\":1}
]}
";
    assert_eq!(to_json(&events(&Selection::Requests)), expected);
}

#[test]
fn an_export_may_name_its_channels() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<BTreeSet<_>>()
    };
    let only = events(&Selection::Only(names(&["XF:X}Mtr", "XF:X}Mtr.RBV"])));
    let channels: Vec<_> = only.iter().map(|event| event.channel.as_str()).collect();
    assert_eq!(channels, ["XF:X}Mtr", "XF:X}Mtr.RBV"]);
    assert_eq!(
        events(&Selection::RequestsAnd(names(&["XF:X}Mtr.RBV"]))).len(),
        3
    );
}

#[test]
fn events_survive_their_json() {
    let event = |value| Event {
        channel: "a \"b\" NaN".to_owned(),
        timestamp: 1.5,
        value,
    };
    let values = [
        Value::None,
        Value::Flag(true),
        Value::Whole(-3),
        Value::Number(3.0),
        Value::Number(f64::INFINITY),
        Value::Number(f64::NEG_INFINITY),
        Value::Text("NaN \\ Infinity".to_owned()),
        Value::List(vec![]),
        Value::List(vec![Value::Whole(1), Value::Number(2.5)]),
    ];
    let events: Vec<_> = values.into_iter().map(event).collect();
    assert_eq!(parse(to_json(&events).as_bytes()).unwrap(), events);
    let nan =
        parse(b"[{\"channel\":\"a\",\"timestamp\":0,\"value\":NaN,\"meta\":{\"b\":[]}}]").unwrap();
    assert!(matches!(nan[0].value, Value::Number(n) if n.is_nan()));
}

#[test]
fn events_of_odd_shape_are_read_as_the_package_reads_them() {
    let json = br#"[{"channel":5,"timestamp":" 1_0.5 ","value":{"a":[1,NaN]}},
        {"channel":null,"timestamp":true},{"channel":2.0,"timestamp":"inf","value":{}}]"#;
    let events = parse(json).unwrap();
    let names: Vec<_> = events.iter().map(|event| event.channel.as_str()).collect();
    assert_eq!(names, ["5", "None", "2.0"]);
    let stamps: Vec<_> = events.iter().map(|event| event.timestamp).collect();
    assert_eq!(stamps, [10.5, 1.0, f64::INFINITY]);
    assert_eq!(events[0].value.spelled(), "{'a': [1, nan]}");
    assert_eq!(events[1].value, Value::None);
    assert_eq!(events[2].value, Value::Object(vec![]));
    let again = parse(to_json(&events).as_bytes()).unwrap();
    assert_eq!(again[0].value.spelled(), events[0].value.spelled());
}

#[test]
fn an_import_is_a_trace_of_posts_in_the_order_of_time() {
    let json = br#"[{"channel":"x","timestamp":1767225601.5,"value":1},
        {"channel":"y","timestamp":1767225600.25,"value":2.5}]"#;
    let trace = import(&parse(json).unwrap()).unwrap();
    assert_eq!(trace.header.epoch, "2026-01-01T00:00:00Z");
    assert!(!trace.has_puts());
    assert!(matches!(trace.end, End::Complete(t) if t.seconds() == 1.5));
    assert!(
        trace
            .dictionary
            .values()
            .all(|channel| channel.role == Role::Request)
    );
    let What::Post(first) = &trace.facts[0].what else {
        panic!("not a post")
    };
    assert_eq!(
        (trace.facts[0].t.seconds(), &first.value),
        (0.25, &Datum::Number(2.5))
    );
}

#[test]
fn import_and_export_are_inverse_to_the_nanosecond() {
    let first = events(&Selection::Requests);
    assert_eq!(
        export(&import(&first).unwrap(), &Selection::Requests).unwrap(),
        first
    );
}

#[test]
fn stamps_before_1970_begin_at_their_first_second() {
    let json =
        br#"[{"channel":"x","timestamp":-1.5,"value":1},{"channel":"y","timestamp":2,"value":2}]"#;
    let events = parse(json).unwrap();
    let trace = import(&events).unwrap();
    assert_eq!(trace.header.epoch, "1969-12-31T23:59:58Z");
    assert_eq!(trace.facts[0].t.seconds(), 0.5);
    assert_eq!(export(&trace, &Selection::Requests).unwrap(), events);
    let mut text = Vec::new();
    trace.write(&mut text).unwrap();
    assert_eq!(Trace::read(text.as_slice()).unwrap(), trace);
}

#[test]
fn what_is_wrong_with_an_event_is_said() {
    for (json, why) in [
        (
            "{\"timestamp\":1.0}",
            "it has no channel (EnvTrace: KeyError)",
        ),
        (
            "{\"channel\":\"x\"}",
            "it has no time stamp (EnvTrace: KeyError)",
        ),
        (
            "{\"channel\":\"x\",\"timestamp\":\"now\"}",
            "its time stamp now is not in seconds (EnvTrace: ValueError)",
        ),
        (
            "{\"channel\":\"x\",\"timestamp\":null}",
            "its time stamp None is not in seconds (EnvTrace: TypeError)",
        ),
        ("3", "it is no object (EnvTrace: TypeError)"),
    ] {
        let error = parse(format!("[{json}]").as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("read event 0: {why}"));
    }
    assert!(matches!(
        parse(b"{\"events\":3}"),
        Err(ImportError::NoEvents)
    ));
    for timestamp in [f64::INFINITY, -1e11] {
        let never = Event {
            channel: "x".into(),
            timestamp,
            value: Value::None,
        };
        assert!(matches!(
            import(&[never]),
            Err(ImportError::Event { place: 0, .. })
        ));
    }
}

#[test]
fn a_recording_is_recognised_by_its_first_line() {
    assert!(matches!(
        Recording::read(TRACE.as_bytes()),
        Ok(Recording::Trace(_))
    ));
    assert!(matches!(Recording::read(b"[]"), Ok(Recording::Events(_))));
    assert!(matches!(
        Recording::read(b"x"),
        Err(RecordingError::Neither(_))
    ));
    let newer = TRACE.replace("\"1.0\"", "\"2.0\"");
    assert!(matches!(
        Recording::read(newer.as_bytes()),
        Err(RecordingError::Trace(_))
    ));
}
