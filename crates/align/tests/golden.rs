//! The golden comparisons: what the EnvTrace package answers, we answer.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use beamtwin_align::envtrace::{Config, EvaluateError, Evaluation, evaluate, evaluate_best_of};
use beamtwin_align::paper;
use beamtwin_trace::envtrace::{Event, parse};
use serde_json::{Value, json};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/traces/golden/cases");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn events(path: &Path) -> Vec<Event> {
    parse(&fs::read(path).unwrap()).unwrap()
}

/// The keyword arguments of `evaluate_best_of` as a configuration.
fn best_of_config(arguments: Option<&Value>) -> Config {
    let mut file = json!({});
    for (key, value) in arguments.and_then(Value::as_object).into_iter().flatten() {
        match key.as_str() {
            "alias_map" => file["aliases"] = value.clone(),
            "comparator" => file["comparators"] = json!({ "default": value }),
            _ => file[key] = value.clone(),
        }
    }
    Config::from_json(&file.to_string()).unwrap()
}

fn answer(case: &Path) -> Result<Evaluation, EvaluateError> {
    let (file, pred) = (
        json(&case.join("config.json")),
        events(&case.join("pred.json")),
    );
    if case.join("gt.json").exists() {
        let config = Config::from_json(&file.to_string()).unwrap();
        return evaluate(&events(&case.join("gt.json")), &pred, &config);
    }
    let references: Vec<_> = (0..)
        .map(|place| case.join(format!("gt_{place}.json")))
        .take_while(|path| path.exists())
        .map(|path| events(&path))
        .collect();
    evaluate_best_of(&references, &pred, &best_of_config(file.get("best_of")))
}

/// The first difference between two JSON values, floats compared to 1e-9.
fn difference(expected: &Value, found: &Value, at: &str) -> Option<String> {
    let differ = || Some(format!("{at}: expected {expected}, found {found}"));
    match (expected, found) {
        (Value::Number(one), Value::Number(other)) => {
            let close = (one.as_f64()? - other.as_f64()?).abs() <= 1e-9;
            if close { None } else { differ() }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => (0..)
            .zip(one.iter().zip(other))
            .find_map(|(place, (one, other))| difference(one, other, &format!("{at}[{place}]"))),
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            one.iter().find_map(|(key, one)| match other.get(key) {
                Some(other) => difference(one, other, &format!("{at}.{key}")),
                None => Some(format!("{at}.{key} is missing")),
            })
        }
        _ if expected == found => None,
        _ => differ(),
    }
}

#[test]
fn every_golden_comparison_comes_out_as_the_package_answers_it() {
    let mut failures = Vec::new();
    let cases = cases();
    for case in &cases {
        let name = case.file_name().unwrap().to_string_lossy();
        let mut expected = json(&case.join("expected.json"));
        expected.as_object_mut().unwrap().remove("warnings");
        match answer(case) {
            Ok(evaluation) => {
                let found = serde_json::to_value(&evaluation).unwrap();
                failures.extend(difference(&expected, &found, &name));
            }
            Err(error) => {
                let raised = expected["error"]["type"].as_str().unwrap_or("nothing");
                if !error.to_string().contains(raised) {
                    failures.push(format!("{name}: expected {raised}, found {error}"));
                }
            }
        }
    }
    assert_eq!(cases.len(), 78);
    assert!(
        failures.is_empty(),
        "{} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_golden_comparison_comes_out_as_the_program_of_the_paper_answers_it() {
    let mut failures = Vec::new();
    let mut compared = 0;
    for case in cases() {
        let Ok(text) = fs::read(case.join("vision_original.json")) else {
            continue;
        };
        compared += 1;
        let name = case.file_name().unwrap().to_string_lossy();
        let expected: Value = serde_json::from_slice(&text).unwrap();
        let config = json(&case.join("config.json")).to_string();
        let config = Config::from_json(&config).unwrap();
        let (gt, pred) = (
            events(&case.join("gt.json")),
            events(&case.join("pred.json")),
        );
        match paper::evaluate(&gt, &pred, &config) {
            Ok(evaluation) => {
                let mut found = serde_json::to_value(&evaluation).unwrap();
                let keys = expected.as_object().unwrap();
                found
                    .as_object_mut()
                    .unwrap()
                    .retain(|key, _| keys.contains_key(key));
                failures.extend(difference(&expected, &found, &name));
            }
            Err(error) => {
                let raised = &expected["error"];
                for part in ["type", "message"] {
                    let part = raised[part].as_str().unwrap_or("nothing");
                    if !error.to_string().contains(part) {
                        failures.push(format!("{name}: expected {raised}, found {error}"));
                    }
                }
            }
        }
    }
    assert_eq!(compared, 52);
    assert!(
        failures.is_empty(),
        "{} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn a_configuration_means_the_same_in_yaml() {
    let yaml = "
ignore_channels: ['sam.align']  # a comment
aliases: {raw: x}
comparators:
  default: {type: numeric_tolerance, tol: 1e-2}
  by_channel:
    x: {type: exact}
continuous_channels:
  'stage:temp': {mae_scale: 10, weight: 2.5}
timing: {mape_tol: .5}
aggregation:
  weights: {discrete: 0.5, timing: 0.5}
decision:
  required_metrics: [continuous]
include_structure: no
";
    let json = json!({
        "ignore_channels": ["sam.align"],
        "aliases": { "raw": "x" },
        "comparators": {
            "default": { "type": "numeric_tolerance", "tol": 0.01 },
            "by_channel": { "x": { "type": "exact" } },
        },
        "continuous_channels": { "stage:temp": { "mae_scale": 10, "weight": 2.5 } },
        "timing": { "mape_tol": 0.5 },
        "aggregation": { "weights": { "discrete": 0.5, "timing": 0.5 } },
        "decision": { "required_metrics": ["continuous"] },
        "include_structure": false,
    });
    let from_yaml = Config::from_yaml(yaml).unwrap();
    assert_eq!(from_yaml, Config::from_json(&json.to_string()).unwrap());
    assert_eq!(Config::from_yaml("").unwrap(), Config::default());
    assert!(Config::from_yaml("- a list").is_err());
    assert!(
        Config::from_yaml("a: [")
            .unwrap_err()
            .to_string()
            .contains("as YAML")
    );
}

#[test]
fn of_several_references_the_program_of_the_paper_takes_the_first_of_the_best() {
    let events = |text: &str| parse(text.as_bytes()).unwrap();
    let one = events(r#"[{"channel":"x","timestamp":0,"value":1}]"#);
    let other = events(r#"[{"channel":"x","timestamp":0,"value":2}]"#);
    let references = [other, one.clone(), one.clone()];
    let best = paper::evaluate_best_of(&references, &one, &Config::default());
    assert_eq!(best.unwrap().unwrap().best_index, Some(1));
}
