//! The golden comparisons: what the EnvTrace package answers, we answer.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use beamtwin_align::envtrace::{
    Comparator, Config, EvaluateError, Evaluation, evaluate, evaluate_best_of,
};
use beamtwin_align::paper;
use beamtwin_trace::envtrace::{self, Event, parse};
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

fn answer(case: &Path) -> Result<Evaluation, EvaluateError> {
    let (file, pred) = (
        json(&case.join("config.json")),
        events(&case.join("pred.json")),
    );
    let config = Config::from_json(&file.to_string()).unwrap();
    if case.join("gt.json").exists() {
        return evaluate(&events(&case.join("gt.json")), &pred, &config);
    }
    let references: Vec<_> = (0..)
        .map(|place| case.join(format!("gt_{place}.json")))
        .take_while(|path| path.exists())
        .map(|path| events(&path))
        .collect();
    evaluate_best_of(&references, &pred, &config)
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

/// The first difference between two values of Python, floats compared to 1e-9 and `NaN` to itself.
fn unlike(expected: &envtrace::Value, found: &envtrace::Value, at: &str) -> Option<String> {
    use envtrace::Value;
    let alike = match (expected, found) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_nan() && other.is_nan()) || (one - other).abs() <= 1e-9
        }
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            let mut pairs = (0..).zip(one.iter().zip(other));
            return pairs
                .find_map(|(place, (one, other))| unlike(one, other, &format!("{at}[{place}]")));
        }
        (Value::Object(one), Value::Object(other)) => {
            return one.iter().find_map(|(key, one)| {
                match other.iter().find(|(name, _)| name == key) {
                    Some((_, other)) => unlike(one, other, &format!("{at}.{key}")),
                    None => Some(format!("{at}.{key} is missing")),
                }
            });
        }
        _ => expected == found,
    };
    (!alike).then(|| format!("{at}: expected {expected:?}, found {found:?}"))
}

/// What a test line of an odd comparison comes to: a report, or the words of an error.
fn odd_answer(line: &Value) -> Result<envtrace::Value, String> {
    let text = |key: &str| line[key].as_str().unwrap();
    let config = Config::from_json(text("config")).map_err(|error| error.to_string())?;
    let events = |key| parse(text(key).as_bytes()).map_err(|error| error.to_string());
    let evaluation = evaluate(&events("gt")?, &events("pred")?, &config);
    Ok(evaluation.map_err(|error| error.to_string())?.report())
}

#[test]
fn odd_input_comes_out_as_the_package_answers_it() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/traces/golden/odd.jsonl");
    let text = fs::read_to_string(file).unwrap();
    let mut failures = Vec::new();
    let (mut scored, mut raised) = (0, 0);
    for (place, line) in (1..).zip(text.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        match (line["raises"].as_str(), odd_answer(&line)) {
            (None, Ok(found)) => {
                scored += 1;
                let expected = envtrace::value(line["report"].as_str().unwrap().as_bytes());
                failures.extend(unlike(&expected.unwrap(), &found, &format!("line {place}")));
            }
            (Some(name), Err(error)) if error.contains(&format!("EnvTrace: {name}")) => raised += 1,
            (expected, found) => {
                failures.push(format!(
                    "line {place}: expected {expected:?}, found {found:?}"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!((scored, raised), (167, 72));
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
    assert_eq!(Config::from_json("").unwrap(), Config::default());
    let numbered = Config::from_yaml("comparators: {by_channel: {5: {type: any}}}").unwrap();
    assert_eq!(numbered.by_channel["5"], Comparator::AlwaysTrue);
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
