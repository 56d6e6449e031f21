//! The method `envtrace` beside the package it repeats.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use beamtwin_align::envtrace::{Config, Evaluation, evaluate};
use beamtwin_trace::envtrace::{Event, Value, to_json};

/// Reads two lists of events from standard input, says what the package answers and how long it took.
const PYTHON: &str = r#"
import sys, json, time
sys.path.insert(0, sys.argv[1])
from envtrace.core.evaluator import Evaluator, EvaluateRequest
from envtrace.core.event import Event, Trace
sides = json.load(sys.stdin)
trace = lambda side: Trace([Event(e["channel"], e["timestamp"], e["value"]) for e in side])
gt, pred = trace(sides[0]), trace(sides[1])
start = time.perf_counter()
result = Evaluator().evaluate(EvaluateRequest(gt, pred))
took = time.perf_counter() - start
scores = [result.full_score, result.metrics["discrete"].score, result.metrics["timing"].score]
print(took, *map(repr, map(float, scores)), int(result.accuracy))
"#;

/// Scores sessions of so many events, as fast as the fastest of some rounds.
pub(crate) fn measure(sizes: &[usize], rounds: usize) {
    for &size in sizes {
        let (gt, pred) = pair(size);
        let mut ours = f64::INFINITY;
        let mut answer = None;
        for _ in 0..rounds {
            let start = Instant::now();
            answer = Some(evaluate(&gt, &pred, &Config::default()).unwrap());
            ours = ours.min(start.elapsed().as_secs_f64());
        }
        let answer = answer.unwrap();
        print!(
            "method envtrace, {size} events of two channels: {:.2} ms",
            ours * 1e3
        );
        match std::env::var("ENVTRACE") {
            Ok(root) => {
                let theirs = package(Path::new(&root), &gt, &pred, &answer);
                println!(
                    "; the package: {theirs:.3} s, {:.0} times as long",
                    theirs / ours
                );
            }
            Err(_) => println!(" (set ENVTRACE to a checkout to measure the package)"),
        }
    }
}

/// Two motors in turns that nobody could foretell; every twentieth event or so is lost.
fn pair(size: usize) -> (Vec<Event>, Vec<Event>) {
    let mut chance = 12_345_u64;
    let mut next = move || {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        chance >> 33
    };
    let event = |at: usize, channel: u64| Event {
        channel: if channel == 0 { "x" } else { "y" }.to_owned(),
        timestamp: at as f64 * 0.5,
        value: Value::Number(at as f64 * 0.25),
    };
    let gt: Vec<Event> = (0..size).map(|at| event(at, next() % 2)).collect();
    let pred = gt.iter().filter(|_| next() % 20 != 0).cloned().collect();
    (gt, pred)
}

/// How long the package takes for the same answer.
fn package(root: &Path, gt: &[Event], pred: &[Event], ours: &Evaluation) -> f64 {
    let list = |events: &[Event]| {
        let json: serde_json::Value = serde_json::from_str(&to_json(events)).unwrap();
        json.get("events").cloned().unwrap_or(json)
    };
    let input = serde_json::to_vec(&[list(gt), list(pred)]).unwrap();
    let mut python = Command::new(std::env::var("PYTHON").unwrap_or("python3".to_owned()))
        .args(["-c", PYTHON])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(&input).unwrap();
    let output = python.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|it| it.parse().unwrap())
        .collect();
    let [took, full, discrete, timing, accuracy] = numbers[..] else {
        panic!("the package said {text:?}");
    };
    let metric = |name: &str| {
        ours.metrics
            .iter()
            .find(|it| it.name == name)
            .unwrap()
            .score
    };
    for (what, ours, theirs) in [
        ("full score", ours.full_score, full),
        ("discrete", metric("discrete"), discrete),
        ("timing", metric("timing"), timing),
        ("accuracy", f64::from(u8::from(ours.accuracy)), accuracy),
    ] {
        assert!(
            (ours - theirs).abs() <= 1e-9,
            "{what}: {ours}, but the package says {theirs}"
        );
    }
    took
}
