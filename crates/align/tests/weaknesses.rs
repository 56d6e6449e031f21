//! Known weaknesses of EnvTrace: that we reproduce them where asked to, and have none of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use beamtwin_align::envtrace::{Config, EvaluateError, evaluate};
use beamtwin_align::{Comparison, Settings, best_of, compare};
use beamtwin_trace::envtrace::{Event, import, parse};
use beamtwin_trace::{Time, Trace};
use serde_json::{Value, json};

fn examples() -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/traces/weaknesses.json");
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn events(example: &Value, side: &str) -> Vec<Event> {
    let event = |it: &Value| json!({ "channel": it[0], "timestamp": it[1], "value": it[2] });
    let list: Vec<Value> = example[side]
        .as_array()
        .unwrap()
        .iter()
        .map(event)
        .collect();
    // NaN stands in the file as a text.
    parse(
        Value::from(list)
            .to_string()
            .replace("\"NaN\"", "NaN")
            .as_bytes(),
    )
    .unwrap()
}

#[test]
fn the_package_is_reproduced_in_its_weaknesses() {
    for example in examples() {
        let config = Config::from_json(&example["config"].to_string()).unwrap();
        let found = evaluate(&events(&example, "gt"), &events(&example, "pred"), &config);
        let expected = &example["package"];
        if expected.get("error").is_some() {
            assert_eq!(found, Err(EvaluateError::Singular), "{}", example["name"]);
            continue;
        }
        let found = found.unwrap();
        let full = expected["full"].as_f64().unwrap();
        assert!(
            (found.full_score - full).abs() < 1e-6,
            "{}: {found:?}",
            example["name"]
        );
        assert_eq!(expected["acc"], found.accuracy, "{}", example["name"]);
    }
}

/// What we say of an example, with its continuous channels as curves and what it ignores ignored.
fn ours(name: &str, more: &str) -> Comparison {
    let example = examples()
        .into_iter()
        .find(|it| it["name"].as_str().unwrap().split(' ').next() == Some(name))
        .unwrap();
    let config = &example["config"];
    let curves: Vec<&String> = config["continuous_channels"]
        .as_object()
        .map_or_else(Vec::new, |map| map.keys().collect());
    let none = json!([]);
    let ignored = config.get("ignore_channels").unwrap_or(&none);
    let text = format!("settings = 1\ncurves = {curves:?}\nignore = {ignored}\n{more}");
    let settings = Settings::from_toml(&text).unwrap();
    let trace = |side| import(&events(&example, side)).unwrap();
    compare(&trace("gt"), &trace("pred"), &settings)
}

fn is_alike(name: &str) {
    let comparison = ours(name, "");
    assert!(comparison.alike, "{name}: {:?}", comparison.reasons);
    assert_eq!(comparison.score, 1.0, "{name}");
}

#[track_caller]
fn says(comparison: &Comparison, words: &str) {
    let reasons = comparison.reasons.join("\n");
    assert!(reasons.contains(words), "{reasons}");
}

#[test]
fn as_much_is_paired_as_can_be_paired() {
    for (name, rate) in [
        ("W01", 0.0),
        ("W01b", 4.0 / 8.0),
        ("W02", 3.0 / 4.0),
        ("W03", 9.0 / 10.0),
        ("W03b", 10.0 / 11.0),
        ("W04", 2.0 / 4.0),
    ] {
        let comparison = ours(name, "");
        let steps = comparison.parts.steps;
        assert!((steps - rate).abs() < 1e-12, "{name}: {steps}");
        assert!(!comparison.alike, "{name}");
        assert!(
            (comparison.score - rate).abs() < 0.2,
            "{name}: {}",
            comparison.score
        );
    }
    assert_eq!(ours("W01", "").score, 0.0);
}

#[test]
fn what_is_the_same_is_alike_with_the_score_of_one() {
    // Zero within an absolute tolerance, flags, one time for all, nothing, not-a-number, an ignored
    // curve, and the same curve at another rate.
    for name in [
        "W05", "W06", "W06c", "W07", "W08c", "W09b", "W11", "W16", "W18", "W09",
    ] {
        is_alike(name);
    }
}

#[test]
fn thirteen_electron_volts_are_another_energy() {
    let comparison = ours("W06b", "");
    assert_eq!(comparison.counts.differing, 1);
    assert!(!comparison.alike && comparison.score < 1.0);
    assert!(ours("W06b", "[tolerance]\nenergy = { absolute = 20.0 }").alike);
}

#[test]
fn one_step_of_ten_earns_nothing_for_its_time() {
    let score = ours("W08b", "").score;
    assert!(score > 0.0 && score <= 0.08, "{score}");
}

#[test]
fn a_run_a_hundred_times_as_long_is_not_alike() {
    let comparison = ours("W08", "");
    assert!(!comparison.alike);
    says(&comparison, "the session takes 100.00 times as long");
}

#[test]
fn a_missed_pace_and_a_late_start_are_seen() {
    let pace = ours("W10", "");
    assert!(pace.alike && pace.score < 1.0);
    assert_eq!(pace.time.intervals.len(), 1);
    assert_eq!(pace.time.intervals[0].longer().seconds(), 3.0);
    let late = ours("W10b", "");
    assert!(late.alike);
    assert_eq!(late.time.late_start.map(Time::seconds), Some(600.0));
}

#[test]
fn a_curve_that_goes_elsewhere_or_slowly_decides() {
    for name in ["W11b", "W12", "W11c"] {
        let comparison = ours(name, "");
        assert!(!comparison.alike, "{name}");
        says(&comparison, "stage:temp took another course");
    }
    assert!(ours("W12", "").score < 0.75);
}

#[test]
fn a_wrong_end_costs_more_than_one_step_of_a_hundred() {
    let comparison = ours("W13", "");
    assert!(comparison.score < 0.95);
    says(&comparison, "ended at 500 instead of 0");
}

#[test]
fn a_repeated_set_point_costs_little() {
    let comparison = ours("W14", "");
    assert!(!comparison.alike);
    assert!(comparison.score > 0.9, "{}", comparison.score);
}

#[test]
fn the_order_of_independent_motors_is_a_matter_of_the_window() {
    assert!(!ours("W17", "").alike);
    assert!(ours("W17", "window = 1.5").alike);
}

#[test]
fn answers_on_the_way_do_not_disturb_requests() {
    let comparison = ours("W15", "");
    assert!(
        !comparison.alike,
        "in one channel nobody can tell them apart"
    );
    let posts = |values: &[(f64, f64)]| {
        let mut text =
            r#"{"trace":"1.0","beamline":"","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x.VAL","device":"x","role":"request","type":"double"}
{"pv":2,"name":"x.RBV","device":"x","role":"readback","type":"double"}
{"n":1,"t":0,"put":1,"value":1.0}
"#
            .to_owned();
        for (n, (t, value)) in (2..).zip(values) {
            text += &format!("{{\"n\":{n},\"t\":{t},\"post\":2,\"value\":{value:?}}}\n");
        }
        let end = values.len() + 1;
        text += &format!("{{\"end\":{{\"t\":2,\"records\":{end},\"complete\":true}}}}\n");
        Trace::read(text.as_bytes()).unwrap()
    };
    let many = posts(&[(0.1, 0.1), (0.4, 0.4), (0.7, 0.7), (1.0, 1.0)]);
    let comparison = compare(&posts(&[(1.0, 1.0)]), &many, &Settings::default());
    assert!(comparison.alike);
    assert_eq!(comparison.score, 1.0);
}

#[test]
fn of_several_references_none_forgets_the_settings() {
    let text = "settings = 1\ncurves = [\"t\"]\nignore = [\"t\"]";
    let settings = Settings::from_toml(text).unwrap();
    let trace = |value: f64| {
        let text = format!(
            r#"[{{"channel":"x","timestamp":0,"value":1}},{{"channel":"t","timestamp":0,"value":{value}}}]"#
        );
        import(&parse(text.as_bytes()).unwrap()).unwrap()
    };
    let best = best_of(&[trace(1.0)], &trace(2.0), &settings).unwrap();
    assert_eq!(best, compare(&trace(1.0), &trace(2.0), &settings));
    assert!(best.alike);
}

#[test]
fn no_example_is_left_out() {
    let tests = include_str!("weaknesses.rs");
    let examples = examples();
    assert_eq!(examples.len(), 28);
    for example in examples {
        let name = example["name"].as_str().unwrap().split(' ').next().unwrap();
        assert!(tests.contains(&format!("\"{name}\"")), "{name}");
    }
}
