//! What the reports look like.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_align::envtrace::{Config, evaluate};
use beamtwin_align::{Comparison, Settings, compare};
use beamtwin_report::{Screen, comparison, envtrace, info, page};
use beamtwin_trace::Trace;
use beamtwin_trace::envtrace::{Selection, export};
use serde_json::Value;

const HEAD: &str = r#"{"trace":"1.0","beamline":"NSLS-II 11-BM CMS","epoch":"2026-01-01T00:00:00Z","seed":7,"file":"sha256:0f","program":"beamtwin 0.1.0"}
{"source":"cms.toml","text":"[beamline]\n"}
{"pv":1,"name":"ES{Smpl-Ax:X}Mtr.VAL","device":"motor.sample.X","role":"request","type":"double","units":"mm","tolerance":0.001}
{"pv":2,"name":"ES{Smpl-Ax:X}Mtr.RBV","device":"motor.sample.X","role":"curve","type":"double","units":"mm"}
{"pv":3,"name":"ES{Det:PIL2M}:cam1:Acquire","device":"pilatus.saxs","role":"request","type":"enum","labels":["Done","Acquire"]}
{"pv":4,"name":"ES{Det:PIL2M}:cam1:AcquireTime","device":"pilatus.saxs","role":"request","type":"double","units":"s"}
{"client":3,"open":0.0,"user":"xf11bm","host":"ws1","addr":"127.0.0.1:51234"}
"#;

/// A scan: the exposure time is set, then at each position one image is taken.
fn scan(positions: &[f64], pace: f64) -> Trace {
    let mut lines = HEAD.to_owned();
    let (mut n, mut t) = (0, 0.0);
    let mut step = |t: f64, pv: u32, value: &str| {
        n += 2;
        lines += &format!(
            "{{\"n\":{},\"t\":{t:.3},\"put\":{pv},\"value\":{value},\"by\":3}}\n{{\"n\":{n},\"t\":{t:.3},\"post\":{pv},\"value\":{value},\"by\":{}}}\n",
            n - 1,
            n - 1
        );
    };
    step(t, 4, "0.5");
    for position in positions {
        t += pace;
        step(t, 1, &format!("{position:?}"));
        step(t + 0.25, 3, "1");
        step(t + 0.75, 3, "0");
    }
    lines += &format!(
        "{{\"end\":{{\"t\":{:.1},\"records\":{n},\"complete\":true}}}}\n",
        t + 1.0
    );
    Trace::read(lines.as_bytes()).unwrap()
}

const TEN: [f64; 10] = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5];

#[test]
fn a_session_that_is_alike_needs_few_words() {
    let comparison = compare(&scan(&TEN, 2.0), &scan(&TEN, 2.5), &Settings::default());
    insta::assert_snapshot!(comparison::text(&comparison));
}

#[test]
fn what_is_not_alike_comes_first_and_then_the_rows_around_it() {
    let mut other = TEN.to_vec();
    other[3] = 1.6;
    other.remove(7);
    other.push(9.0);
    let comparison = compare(&scan(&TEN, 2.0), &scan(&other, 2.0), &Settings::default());
    insta::assert_snapshot!(comparison::text(&comparison));
}

#[test]
fn moves_refusals_markers_and_faults_are_told() {
    let reference = scan(&[1.0, 2.0], 2.0);
    let text = format!(
        "{HEAD}{}",
        r#"{"n":1,"t":0.5,"marker":"aligned","by":3}
{"n":2,"t":1.0,"put":1,"value":1.0,"by":3}
{"n":3,"t":1.2,"put":1,"value":900.0,"by":3}
{"n":4,"t":1.2,"refused":3,"reason":"beyond its limits"}
{"n":5,"t":2.0,"put":4,"value":0.5,"by":3}
{"n":6,"t":2.0,"put":3,"value":1,"by":3}
{"n":7,"t":2.5,"fault":"stalls","device":"motor.x"}
"#
    );
    let session = Trace::read(text.as_bytes()).unwrap();
    let comparison = compare(&reference, &session, &Settings::default());
    insta::assert_snapshot!(comparison::text(&comparison));
}

#[test]
fn a_comparison_is_a_json_object() {
    let comparison = compare(&scan(&[1.0], 2.0), &scan(&[1.5], 2.0), &Settings::default());
    let json: Value = serde_json::from_str(&comparison::json(&comparison)).unwrap();
    assert_eq!(json["alike"], false);
    assert_eq!(json["counts"]["differing"], 1);
    assert_eq!(json["rows"][1]["reference"]["value"], 1.0);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["rows"][1]).unwrap());
}

#[test]
fn the_report_of_the_other_method_speaks_its_language() {
    let events = |trace: &Trace| export(trace, &Selection::Requests).unwrap();
    let (gt, pred) = (
        events(&scan(&[1.0, 2.0], 2.0)),
        events(&scan(&[1.0, 3.0], 2.5)),
    );
    let evaluation = evaluate(&gt, &pred, &Config::default()).unwrap();
    insta::assert_snapshot!(envtrace::text(&evaluation));
    let json: Value = serde_json::from_str(&envtrace::json(&evaluation)).unwrap();
    assert_eq!(json["metrics"]["discrete"]["details"]["value_matches"], 6);
    assert!(json["full_score"].is_f64() && json["accuracy"] == false);
}

#[test]
fn what_a_trace_holds_is_told_in_numbers() {
    let text = format!(
        "{HEAD}{}",
        r#"{"n":1,"t":0.012,"put":1,"value":5.0,"by":3,"complete":true}
{"n":2,"t":0.012,"post":1,"value":5.0,"by":1}
{"n":3,"t":0.1,"post":2,"value":0.1,"by":1}
{"n":4,"t":2.5,"done":1}
{"n":5,"t":3.0,"miss":"NAME:NOT:SERVED","by":3}
{"n":6,"t":3.5,"moon":"full"}
{"client":3,"close":4.5}
{"end":{"t":4.6,"records":6,"complete":true}}
"#
    );
    let trace = Trace::read(text.as_bytes()).unwrap();
    insta::assert_snapshot!(info::text(&trace));
    let json: Value = serde_json::from_str(&info::json(&trace)).unwrap();
    assert_eq!(json["devices"]["motor.sample.X"]["posts"], 2);
    assert_eq!(json["clients"]["3"]["puts"], 1);
}

#[test]
fn no_line_is_wider_than_a_hundred_columns() {
    let long: Vec<f64> = (0..60).map(|step| f64::from(step) / 7.0).collect();
    let comparison = compare(&scan(&long, 2.0), &scan(&TEN, 2.0), &Settings::default());
    let text = comparison::text(&comparison);
    assert!(
        text.contains("… and ") && text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
}

#[test]
fn each_reason_on_the_page_names_its_row() {
    let mut other = TEN.to_vec();
    other[3] = 1.6;
    other.remove(7);
    other.push(9.0);
    other.swap(0, 1);
    let (reference, session) = (scan(&TEN, 2.0), scan(&other, 2.0));
    let comparison = compare(&reference, &session, &Settings::default());
    let data = page_data(&comparison, &reference, &session);
    let reasons = data["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), comparison.reasons.len());
    let mut about = 0;
    for reason in reasons {
        let Some(row) = reason["row"].as_u64() else {
            continue;
        };
        let title = &comparison.rows[usize::try_from(row).unwrap()].title;
        assert!(
            reason["text"].as_str().unwrap().contains(&**title),
            "{reason}"
        );
        about += 1;
    }
    assert!(about >= 3, "{reasons:?}");
}

#[test]
fn a_page_holds_what_the_traces_say_of_each_event() {
    let text = format!(
        "{HEAD}{}",
        r#"{"n":1,"t":1.0,"put":1,"value":5.0,"by":3,"complete":true}
{"n":2,"t":1.1,"post":2,"value":0.1,"by":1}
{"n":3,"t":3.5,"done":1}
"#
    );
    let trace = Trace::read(text.as_bytes()).unwrap();
    let comparison = compare(&trace, &trace, &Settings::default());
    let data = page_data(&comparison, &trace, &trace);
    let entries = &data["rows"]["session"];
    assert_eq!(entries["t"][0], 1.0);
    assert_eq!(entries["done"][0], 3.5);
    assert_eq!(entries["by"][0], 3);
    assert_eq!(data["texts"][0], "5 mm");
    assert_eq!(data["sides"][1]["clients"]["3"]["user"], "xf11bm");
    assert_eq!(data["sides"][1]["whole"], false);
    assert_eq!(
        data["curves"][0]["sides"][0],
        serde_json::json!([[1.1], [0.1]])
    );
    assert_eq!(data["channels"][0]["device"], "motor.sample.X");
}

#[test]
fn the_text_is_as_wide_as_its_screen() {
    let mut other = TEN.to_vec();
    other[3] = 1.612_345_678_912_345;
    other.remove(7);
    other.push(9.0);
    let comparison = compare(&scan(&TEN, 2.0), &scan(&other, 2.0), &Settings::default());
    for width in [40, 60, 80, 100, 160] {
        let screen = |color| Screen {
            width,
            live: true,
            color,
        };
        let text = comparison::text_on(&comparison, screen(false));
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{text}");
        // Numbers are all there, wherever they are broken; colours change nothing but colours.
        let run: String = text.split_whitespace().collect();
        assert!(
            run.contains("1.612345678912345") && !text.contains('\x1b'),
            "{text}"
        );
        let mut colored = comparison::text_on(&comparison, screen(true));
        for code in ["1;32", "1;31", "2", "1", "0"] {
            colored = colored.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(colored, text);
        if [60, 80, 160].contains(&width) {
            insta::assert_snapshot!(format!("text_of_{width}_columns"), text);
        }
    }
}

/// What the page on a comparison carries.
fn page_data(found: &Comparison, reference: &Trace, session: &Trace) -> Value {
    let named = |name, trace| page::Named { name, trace };
    let html = page::html(found, &[named("a", reference)], named("b", session)).unwrap();
    let (_, data) = html
        .split_once(r#"<script type="application/json" id="data">"#)
        .unwrap();
    serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
}
