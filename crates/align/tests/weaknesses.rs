//! Known weaknesses of EnvTrace: that we reproduce them where asked to, and have none of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use beamtwin_align::envtrace::{Config, EvaluateError, evaluate};
use beamtwin_align::{Settings, compare};
use beamtwin_trace::envtrace::{Event, import, parse};
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

#[test]
fn our_score_is_that_of_the_best_alignment() {
    for example in examples() {
        // Curves are not asked for, not-a-number is equal to itself, and our usual tolerance is
        // relative too: an energy needs one of its own.
        let name = example["name"].as_str().unwrap();
        if example["config"].get("continuous_channels").is_some() || name.contains("NaN") {
            continue;
        }
        let text = "settings = 1\n[tolerance]\nenergy = { absolute = 1.0 }";
        let settings = Settings::from_toml(text).unwrap();
        let trace = |side| import(&events(&example, side)).unwrap();
        let comparison = compare(&trace("gt"), &trace("pred"), &settings);
        let best = example["optimal_alignment"]["rate"].as_f64().unwrap();
        assert!(
            (comparison.score - best).abs() < 1e-6,
            "{name}: {}",
            comparison.score
        );
    }
}
