//! The trace format, line by line: what is written is read, and what is damaged is said.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_trace::{
    Channel, Client, Datum, Digest, End, Fact, Header, Line, Post, Put, ReadError, Reader, Role,
    Source, Text, Time, Trace, VERSION, What, Writer,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const SHORT: &str = r#"{"trace":"1.0","beamline":"NSLS-II 11-BM CMS","epoch":"2026-01-01T00:00:00Z","seed":7,"file":"sha256:00","program":"beamtwin 0.1.0","paths":[["shutter.fs","pilatus.saxs"],["shutter.fs","diode.bs"]]}
{"source":"cms.toml","text":"[beamline]\ntitle = \"CMS\"\n"}
{"pv":17,"name":"XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.VAL","device":"motor.sample.X","role":"request","type":"double","units":"mm","tolerance":0.001}
{"pv":18,"name":"XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.RBV","device":"motor.sample.X","role":"curve","type":"double","units":"mm","interp":"linear"}
{"pv":19,"name":"XF:11BMB-ES{Det:PIL2M}:cam1:Acquire","device":"pilatus.saxs","role":"request","type":"enum","labels":["Done","Acquire"]}
{"client":3,"open":0.0,"user":"xf11bm","host":"ws1","addr":"127.0.0.1:51234"}
{"n":1,"t":0.012,"put":17,"value":5.0,"by":3,"complete":true}
{"n":2,"t":0.012,"post":17,"value":5.0,"by":1}
{"n":3,"t":0.012,"post":18,"value":0.1,"severity":"MINOR","status":"HIGH","stamp":0.01,"by":1}
{"n":4,"t":0.5,"put":19,"value":1,"by":3,"at":"scan.py:42"}
{"n":5,"t":0.5,"refused":4,"reason":"the shutter is closed"}
{"n":6,"t":2.512,"done":1}
{"n":7,"t":3.0,"marker":"sample mounted","by":3}
{"n":8,"t":3.0,"fault":"stalls","device":"motor.sample.X"}
{"n":9,"t":3.0,"pace":"times 10"}
{"n":10,"t":3.0,"miss":"NAME:NOT:SERVED","by":3,"at":"In [3]:1"}
{"n":11,"t":3.0,"loss":"two samples"}
{"client":3,"close":4.5}
{"end":{"t":4.6,"records":11,"complete":true}}
"#;

fn rewritten(bytes: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(bytes).unwrap();
    let mut writer = Writer::new(Vec::new());
    writer.header(reader.header()).unwrap();
    while let Some(line) = reader.next_line().unwrap() {
        writer.line(&line).unwrap();
    }
    writer.into_inner()
}

#[test]
fn every_kind_of_line_is_written_as_it_was_read() {
    assert_eq!(
        String::from_utf8(rewritten(SHORT.as_bytes())).unwrap(),
        SHORT
    );
}

#[test]
fn a_whole_trace_is_written_as_it_was_read() {
    let trace = Trace::read(SHORT.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    trace.write(&mut bytes).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), SHORT);
    assert_eq!(trace.end, End::Complete(Time::from_nanos(4_600_000_000)));
    assert_eq!(trace.counted, Some(11));
    assert_eq!(trace.channel(19).unwrap().labels, ["Done", "Acquire"]);
}

#[test]
fn other_spellings_of_the_same_facts_are_read() {
    let text = SHORT
        .replace("\"t\":0.012,", "\"t\":0.012000000,")
        .replace("\"value\":5.0", "\"value\": 5")
        .replace("\"by\":3}", "\"by\":3,\"mood\":[{\"n\":null}]}");
    assert_eq!(
        Trace::read(text.as_bytes()).unwrap().facts,
        Trace::read(SHORT.as_bytes()).unwrap().facts
    );
}

#[test]
fn a_trace_may_break_off_anywhere() {
    let header = SHORT.find('\n').unwrap();
    let footer = SHORT.rfind("{\"end\"").unwrap();
    for length in header + 1..footer + 5 {
        let trace = Trace::read(&SHORT.as_bytes()[..length]).unwrap();
        assert_eq!(trace.end, End::CutShort, "cut after {length} bytes");
    }
}

#[test]
fn damage_in_the_middle_is_an_error_with_its_line() {
    let text = SHORT.replace("{\"n\":6,\"t\":2.512,\"done\":1}", "{\"n\":6,\"t\":2.5");
    let Err(ReadError::Damaged { line, .. }) = Trace::read(text.as_bytes()) else {
        panic!("the damage went unnoticed");
    };
    assert_eq!(line, 12);
}

#[test]
fn facts_out_of_their_order_are_damage() {
    let head = "{\"trace\":\"1.0\"}\n";
    let end = "{\"end\":{\"t\":9.0,\"complete\":true}}\n";
    for (facts, why) in [
        (
            "{\"n\":1,\"t\":-1.0,\"marker\":\"a\"}\n",
            "read line 2: its time, -1.0 s, is before time zero",
        ),
        (
            "{\"n\":1,\"t\":2.0,\"marker\":\"a\"}\n{\"n\":2,\"t\":1.5,\"done\":1}\n",
            "read line 3: its time, 1.5 s, is before that of the fact above it, 2.0 s",
        ),
        (
            "{\"n\":2,\"t\":2.0,\"marker\":\"a\"}\n{\"n\":2,\"t\":2.0,\"done\":1}\n",
            "read line 3: its number, 2, does not follow that of the fact above it, 2",
        ),
    ] {
        let text = [head, facts, end].concat();
        let error = Trace::read(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
}

#[test]
fn a_channel_must_be_introduced_before_its_use() {
    let text = SHORT.replace("\"put\":17", "\"put\":71");
    let error = Trace::read(text.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "read line 7: channel 71 is used before the line that introduces it"
    );
}

#[test]
fn kinds_of_line_from_a_newer_minor_version_are_skipped_and_counted() {
    let text = SHORT.replace("\"1.0\"", "\"1.7\"").replace(
        "{\"client\":3,\"close\"",
        "{\"n\":12,\"t\":4.0,\"weather\":\"rain\"}\n{\"moon\":\"full\"}\n{\"client\":3,\"close\"",
    );
    let trace = Trace::read(text.as_bytes()).unwrap();
    assert_eq!(trace.facts.len(), 11);
    assert_eq!(trace.header.version.minor, 7);
    let skipped: Vec<_> = trace
        .skipped
        .iter()
        .map(|(kind, &n)| (kind.as_str(), n))
        .collect();
    assert_eq!(skipped, [("moon", 1), ("weather", 1)]);
}

#[test]
fn another_major_version_is_refused_with_advice() {
    let error = Trace::read(SHORT.replace("\"1.0\"", "\"2.1\"").as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "read trace format 2.1: this program reads 1.x; use the release that wrote the trace"
    );
}

#[test]
fn what_is_no_trace_is_not_read_as_one() {
    for text in [
        "",
        "\n",
        "hello\n",
        "[]\n",
        "{}\n",
        "{\"trace\":1}\n",
        "{\"trace\":\"x\"}\n",
    ] {
        let error = Trace::read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::NotATrace), "{text:?}: {error}");
    }
}

#[test]
fn a_trace_that_stopped_says_why() {
    let text = SHORT.replace(
        "\"complete\":true}}",
        "\"complete\":false,\"reason\":\"disk full\"}}",
    );
    let trace = Trace::read(text.as_bytes()).unwrap();
    assert!(matches!(trace.end, End::Stopped(_, ref why) if why == "disk full"));
    assert_eq!(rewritten(text.as_bytes()), text.as_bytes());
}

#[test]
fn nothing_may_follow_the_footer() {
    let text = format!("{SHORT}{{\"n\":12,\"t\":5.0,\"done\":1}}\n");
    assert!(matches!(
        Trace::read(text.as_bytes()),
        Err(ReadError::Damaged { line: 20, .. })
    ));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z:{}.]{0,12}", any::<String>()]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("NaN is not equal to itself", |n| !n.is_nan()),
        (-1000..1000).prop_map(f64::from),
        Just(f64::INFINITY),
    ]
}

fn datum() -> impl Strategy<Value = Datum> {
    let leaf = prop_oneof![
        number().prop_map(Datum::Number),
        any::<bool>().prop_map(Datum::Flag),
        text().prop_map(|text| Datum::Text(text.into())),
        vec(any::<u8>(), 0..8).prop_map(|bytes| Datum::Text(Text::from(bytes))),
        vec(number(), 0..4)
            .prop_map(|numbers| Datum::Digest(Box::new(Digest::of(&numbers, "double"))))
            .prop_filter("NaN is not equal to itself", |datum| datum.clone()
                == *datum),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| vec(inner, 0..4).prop_map(Datum::List))
}

fn time() -> impl Strategy<Value = Time> {
    (0..10_000_000_000_000_i64).prop_map(Time::from_nanos)
}

fn channel() -> impl Strategy<Value = Channel> {
    let role = prop::sample::select(vec![Role::Request, Role::Curve, Role::State, Role::Frame]);
    let kind = prop::sample::select(vec![None, Some("double"), Some("long"), Some("enum")]);
    (
        text(),
        option::of(text()),
        role,
        kind,
        option::of(-9.0..9.0),
        vec(text(), 0..3),
    )
        .prop_map(|(name, device, role, kind, tolerance, labels)| Channel {
            name,
            units: device.clone(),
            interp: device.clone(),
            device,
            role,
            kind: kind.map(str::to_owned),
            tolerance,
            labels,
        })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        (
            0..4_u32,
            datum(),
            option::of(any::<u32>()),
            any::<bool>(),
            option::of(text())
        )
            .prop_map(|(pv, value, by, complete, at)| What::Put(Put {
                pv,
                value,
                by,
                complete,
                at
            })),
        (
            0..4_u32,
            datum(),
            option::of(text()),
            option::of(any::<u64>())
        )
            .prop_map(|(pv, value, severity, by)| What::Post(Post {
                severity: severity.clone(),
                status: severity,
                by,
                ..Post::plain(pv, value)
            })),
        (any::<u64>(), text()).prop_map(|(put, reason)| What::Refused { put, reason }),
        any::<u64>().prop_map(|put| What::Done { put }),
        any::<u64>().prop_map(|put| What::Cancel { put }),
        (text(), option::of(any::<u32>())).prop_map(|(text, by)| What::Marker { text, by }),
        (text(), option::of(text()), option::of(any::<u32>()))
            .prop_map(|(text, device, by)| What::Fault { text, device, by }),
        text().prop_map(|text| What::Pace { text }),
        (text(), option::of(any::<u32>()), option::of(text()))
            .prop_map(|(name, by, at)| What::Miss { name, by, at }),
        (text(), option::of(any::<u32>())).prop_map(|(name, by)| What::Snapshot { name, by }),
        (text(), option::of(any::<u32>())).prop_map(|(name, by)| What::Restore { name, by }),
        text().prop_map(|text| What::Loss { text }),
    ]
}

fn trace() -> impl Strategy<Value = Trace> {
    (
        vec(channel(), 4),
        vec((time(), what()), 0..20),
        text(),
        time(),
        any::<u64>(),
        vec(vec(text(), 0..3), 0..3),
    )
        .prop_map(|(channels, facts, text, last, seed, paths)| {
            let mut trace = Trace::new(Header {
                version: VERSION,
                beamline: text.clone(),
                epoch: text.clone(),
                seed,
                file: Some(text.clone()),
                program: text.clone(),
                paths,
            });
            trace.dictionary = (0..).zip(channels).collect();
            let mut facts = facts;
            facts.sort_by_key(|(t, _)| *t);
            let facts = facts.into_iter().zip(1..);
            trace.facts = facts.map(|((t, what), n)| Fact { n, t, what }).collect();
            trace.clients.insert(
                1,
                Client {
                    open: last,
                    close: Some(last),
                    user: Some(text.clone()),
                    ..Client::default()
                },
            );
            trace.counted = Some(trace.facts.len() as u64);
            trace.source = Some(Source {
                name: text.clone(),
                text: text.clone(),
            });
            trace.end = End::Stopped(last, text);
            trace
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_written_again_alike(trace in trace()) {
        let mut bytes = Vec::new();
        trace.write(&mut bytes).unwrap();
        prop_assert_eq!(&Trace::read(bytes.as_slice()).unwrap(), &trace);
        prop_assert_eq!(rewritten(&bytes), bytes);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(lines in vec("[ -~]{0,40}", 0..6)) {
        let text = format!("{{\"trace\":\"1.0\"}}\n{}", lines.join("\n"));
        let _ = Trace::read(text.as_bytes());
    }

    #[test]
    fn no_change_of_one_byte_makes_the_reader_panic(at in 0..SHORT.len(), byte in any::<u8>()) {
        let mut bytes = SHORT.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = Trace::read(bytes.as_slice());
    }
}

#[test]
fn the_reader_is_an_iterator_of_lines() {
    let lines: Result<Vec<Line>, _> = Reader::new(SHORT.as_bytes()).unwrap().collect();
    assert_eq!(lines.unwrap().len(), 18);
}
