//! Recordings of other programs, read as traces.

use beamtwin_trace::import::{Form, FormError, import};
use beamtwin_trace::{Datum, Post, Recording, Trace, What};

fn posts(trace: &Trace) -> Vec<(f64, &str, &Post)> {
    trace
        .facts
        .iter()
        .filter_map(|fact| match &fact.what {
            What::Post(post) => {
                let name = trace.channel(post.pv)?.name.as_str();
                Some((fact.t.seconds(), name, post))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn what_camonitor_prints_is_read() {
    let text = "\
TUT:x                          2026-01-01 12:00:01.250000 0.5
TUT:gone                       *** Not connected (PV not found)
TUT:new                        <undefined> 0 UDF INVALID
TUT:title                      2026-01-01 12:00:02.000000 a sample of gold HIHI MAJOR
TUT:wave                       2026-01-01 12:00:03.000000 3 1 2 3
TUT:shutter                    2026-01-01 12:00:00.500000 Open
";
    let trace = import(text.as_bytes(), Form::Camonitor).unwrap();
    assert_eq!(trace.header.epoch, "2026-01-01T12:00:00Z");
    let posts = posts(&trace);
    let brief: Vec<_> = posts
        .iter()
        .map(|(t, name, post)| (*t, *name, post.value.clone()))
        .collect();
    assert_eq!(
        brief,
        [
            (0.5, "TUT:shutter", Datum::from("Open")),
            (1.25, "TUT:x", Datum::Number(0.5)),
            (2.0, "TUT:title", Datum::from("a sample of gold")),
            (3.0, "TUT:wave", Datum::from(vec![1.0, 2.0, 3.0])),
        ]
    );
    assert_eq!(posts[2].2.severity.as_deref(), Some("MAJOR"));
    assert_eq!(posts[2].2.status.as_deref(), Some("HIHI"));
}

#[test]
fn what_the_archiver_gives_is_read() {
    let json = r#"[{"meta":{"name":"ring:I","EGU":"mA","PREC":"3"},"data":[
        {"secs":1767225600,"val":400.5,"nanos":250000000,"severity":0,"status":0},
        {"secs":1767225601,"val":[1,2],"nanos":0,"severity":2,"status":3}]}]"#;
    let trace = import(json.as_bytes(), Form::ArchiverJson).unwrap();
    let channel = trace.dictionary.values().next().unwrap();
    assert_eq!(
        (channel.name.as_str(), channel.units.as_deref()),
        ("ring:I", Some("mA"))
    );
    let found = posts(&trace);
    assert_eq!(
        (found[0].0, &found[0].2.value),
        (0.25, &Datum::Number(400.5))
    );
    assert_eq!(found[1].2.severity.as_deref(), Some("MAJOR"));

    let csv = "1767225600,400.5,0,0,250000000\n1767225601,[1.0, 2.0],2,3,0\n\n";
    let again = import(csv.as_bytes(), Form::ArchiverCsv("ring:I")).unwrap();
    let values = |trace: &Trace| -> Vec<_> {
        posts(trace)
            .iter()
            .map(|it| (it.0, it.2.value.clone()))
            .collect()
    };
    assert_eq!(values(&again), values(&trace));
}

#[test]
fn the_documents_of_a_bluesky_run_are_read() {
    let lines = r#"["start", {"uid": "s", "time": 1767225600.0}]
["descriptor", {"uid": "d", "run_start": "s", "data_keys": {"x": {"source": "PV:TUT:x.RBV", "units": "mm", "dtype": "number", "shape": []}, "det": {"source": "SIM:det", "dtype": "number", "shape": []}}}]
["event", {"descriptor": "d", "seq_num": 1, "data": {"x": 0.5, "det": -Infinity}, "timestamps": {"x": 1767225600.5, "det": 1767225601.0}}]
{"name": "event_page", "doc": {"descriptor": "d", "data": {"x": [1.0, 1.5]}, "timestamps": {"x": [1767225602.0, 1767225603.0]}}}
["stop", {"run_start": "s", "exit_status": "success"}]
"#;
    let trace = import(lines.as_bytes(), Form::Bluesky).unwrap();
    let posts: Vec<_> = posts(&trace)
        .iter()
        .map(|it| (it.0, it.1, it.2.value.clone()))
        .collect();
    assert_eq!(
        posts,
        [
            (0.5, "TUT:x.RBV", Datum::Number(0.5)),
            (1.0, "det", Datum::Number(f64::NEG_INFINITY)),
            (2.0, "TUT:x.RBV", Datum::Number(1.0)),
            (3.0, "TUT:x.RBV", Datum::Number(1.5)),
        ]
    );
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let said = |text: &str, form: Form<'_>| import(text.as_bytes(), form).unwrap_err().to_string();
    assert_eq!(
        said(
            "a 2026-01-01 12:00:00 1\nb yesterday noon 2\n",
            Form::Camonitor
        ),
        "read line 2: \"yesterday noon\" is not a date and time"
    );
    assert!(said("1,2,3\n", Form::ArchiverCsv("x")).starts_with("read line 1: it is not seconds"));
    assert!(said("{}", Form::ArchiverJson).ends_with("it is no list"));
    assert!(
        said(
            "[{\"meta\":{\"name\":\"x\"},\"data\":[{}]}]",
            Form::ArchiverJson
        )
        .contains("sample 0 of x")
    );
    assert_eq!(
        said("[\"event\",{\"descriptor\":\"d\"}]", Form::Bluesky),
        "read line 1: no descriptor before it has the uid \"d\""
    );
    assert!(said("[\"event\"", Form::Bluesky).starts_with("read line 1: EOF"));
    assert_eq!(import(b"", Form::Camonitor), Err(FormError::Empty));
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_name() {
    let monitor = "\u{feff}x 2026-01-01 12:00:01.25 0.5\n";
    let csv = "\u{feff}1767225600,1,0,0,5\n";
    let json = "\u{feff}[{\"meta\":{\"name\":\"x\"},\"data\":[{\"secs\":1767225600,\"val\":1}]}]";
    let bluesky = "\u{feff}[\"descriptor\",{\"uid\":\"d\"}]\n\
        [\"event\",{\"descriptor\":\"d\",\"data\":{\"x\":1},\"timestamps\":{\"x\":1}}]\n";
    for (text, form) in [
        (monitor, Form::Camonitor),
        (csv, Form::ArchiverCsv("x")),
        (json, Form::ArchiverJson),
        (bluesky, Form::Bluesky),
    ] {
        let trace = import(text.as_bytes(), form).unwrap();
        assert_eq!(posts(&trace)[0].1, "x", "{form:?}");
    }
    let events = "\u{feff}[{\"channel\":\"x\",\"timestamp\":1,\"value\":1}]";
    let events = Recording::read(events.as_bytes()).unwrap();
    assert_eq!(posts(&events.into_trace().unwrap())[0].1, "x");
}

#[test]
fn what_is_not_utf_8_is_an_error_with_its_line() {
    let csv = b"1767225600,1,0,0,5\n1767225601,\xff\xfe,0,0,5\n";
    assert_eq!(
        import(csv, Form::ArchiverCsv("x")),
        Err(FormError::Line {
            line: 2,
            why: "it is not UTF-8 text".to_owned()
        })
    );
}

#[test]
fn the_archiver_spells_numbers_as_texts_where_json_has_none() {
    let json = r#"[{"meta":{"name":"x"},"data":[{"secs":1767225600,"val":"NaN"},
        {"secs":1767225601,"val":["-Infinity",1]},{"secs":1767225602,"val":"Open"}]}]"#;
    let trace = import(json.as_bytes(), Form::ArchiverJson).unwrap();
    let values: Vec<Datum> = posts(&trace)
        .into_iter()
        .map(|it| it.2.value.clone())
        .collect();
    assert!(matches!(values[0], Datum::Number(number) if number.is_nan()));
    assert_eq!(values[1], Datum::from(vec![f64::NEG_INFINITY, 1.0]));
    assert_eq!(values[2], Datum::from("Open"));
}

/// Bytes without end, which must not be read to theirs.
struct Endless(u8);

impl std::io::Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        into.fill(self.0);
        Ok(into.len())
    }
}

#[test]
fn a_few_bytes_tell_what_is_no_recording() {
    for (byte, why) in [
        (0, "expected value at line 1 column 1"),
        (b'7', "find a list"),
    ] {
        let input = std::io::BufReader::new(Endless(byte));
        let error = Recording::read_from(input).unwrap_err().to_string();
        assert!(
            error.starts_with("find a trace or EnvTrace JSON (") && error.contains(why),
            "{error}"
        );
    }
}
