//! The golden comparisons: what the EnvTrace package answers, we answer.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use beamtwin_align::envtrace::{Config, EvaluateError, Evaluation, evaluate, evaluate_best_of};
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
