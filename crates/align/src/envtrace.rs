//! The scores of the EnvTrace package, to 1e-9, faults included.
//!
//! Channels alone are aligned, by `difflib`; values are then compared row by row. Three metrics are
//! taken, a fourth where channels are configured as continuous, and weighed into `full_score`;
//! `accuracy` says whether the deciding metrics pass. Known faults are kept on purpose: a row that
//! pairs two channels counts as a match when the values agree, and several references together
//! forget most of the configuration. The `beamtwin` method has neither.

mod config;
mod metrics;
mod report;
mod value;

use std::collections::BTreeMap;

use beamtwin_trace::envtrace::{Event, NotAFloat};
use serde::Serialize;
use thiserror::Error;

use crate::algorithms::difflib;
use crate::alignment::{Op, Pair};

pub use config::{Comparator, Config, ConfigError, Continuous, Decision, Timing};
pub use metrics::{ChannelScore, Details, Metric, TimingDetails};

/// What the package answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// The weighted sum of the metrics.
    pub full_score: f64,
    /// Whether the deciding metrics pass.
    pub accuracy: bool,
    /// The metrics by name, in the order they were taken.
    #[serde(serialize_with = "metrics::by_name")]
    pub metrics: Vec<Metric>,
    /// The aligned events of all channels that are not continuous.
    pub rows: Vec<Row>,
    /// How the report of the package adds up the score.
    pub aggregation: Aggregation,
    /// How `accuracy` was decided.
    pub decision: Verdict,
    /// Which of several references scored best; −1 when there was none to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_index: Option<i64>,
}

/// One aligned row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The event of the reference.
    #[serde(serialize_with = "value::event")]
    pub gt: Option<Event>,
    /// The event of the session.
    #[serde(serialize_with = "value::event")]
    pub pred: Option<Event>,
    /// Whether both are there, of one channel, and of equal value; none when one is missing.
    #[serde(rename = "match")]
    pub matches: Option<bool>,
    /// Always false: ignored channels are left out before the alignment.
    pub ignored: bool,
}

/// How a score is added up, in the report of the package.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aggregation {
    /// The weights, by metric.
    pub weights: BTreeMap<String, f64>,
    /// What each metric contributes, and `_sum`.
    pub contributions: BTreeMap<String, f64>,
}

/// How accuracy was decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What was asked.
    #[serde(flatten)]
    pub asked: Decision,
    /// Which of the metrics asked for pass.
    pub passes: BTreeMap<String, bool>,
}

/// Why the package gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvaluateError {
    /// All matched events of the reference have one time, so that no line can be fitted.
    #[error(
        "fit a line through the times, as all matched events of the reference are simultaneous \
         (EnvTrace: LinAlgError, SVD did not converge in Linear Least Squares)"
    )]
    Singular,
    /// A matched event of the reference has no finite time.
    #[error(
        "fit a line through the times, as a matched event of the reference has none that is finite \
         (EnvTrace: LinAlgError, SVD did not converge in Linear Least Squares)"
    )]
    Endless,
    /// A setting by which scores are divided is zero.
    #[error(
        "divide by {setting}, which is 0 (EnvTrace: ZeroDivisionError, float division by zero)"
    )]
    ZeroDivision {
        /// The setting.
        setting: &'static str,
    },
    /// Numbers are compared with a tolerance below zero.
    #[error(
        "compare numbers with a negative tolerance \
         (EnvTrace: ValueError, tolerances must be non-negative)"
    )]
    NegativeTolerance,
    /// The same as [`Singular`](Self::Singular), in the words of the paper's program.
    #[error(
        "fit a line through the times, as all matched events of the reference are simultaneous \
         (EnvTrace: ValueError, Cannot calculate a linear regression if all x values are identical)"
    )]
    Vertical,
    /// A channel configured as continuous holds something else than numbers.
    #[error("take {value} of the continuous channel {channel} as a number (EnvTrace: {raised})")]
    NotANumber {
        /// The channel.
        channel: String,
        /// What it holds.
        value: String,
        /// What the package raises.
        raised: NotAFloat,
    },
}

/// Scores a session against a reference.
pub fn evaluate(
    gt: &[Event],
    pred: &[Event],
    config: &Config,
) -> Result<Evaluation, EvaluateError> {
    let (gt, pred) = (prepared(gt, config), prepared(pred, config));
    let (left, right) = (discrete(&gt, config), discrete(&pred, config));
    let (one, other) = (channels(&left), channels(&right));
    let pairs: Vec<Pair> = difflib::align(&one, &other)
        .iter()
        .flat_map(Op::pairs)
        .collect();
    let rows: Vec<_> = pairs
        .iter()
        .map(|pair| metrics::Row {
            gt: pair.left.map(|at| left[at]),
            pred: pair.right.map(|at| right[at]),
        })
        .collect();
    if rows.iter().any(|row| row.refused(config)) {
        return Err(EvaluateError::NegativeTolerance);
    }
    let mut found = vec![
        metrics::discrete(&rows, left.len(), right.len(), config),
        metrics::timing(&rows, config)?,
    ];
    if config.include_structure {
        found.push(metrics::structure(&rows));
    }
    if !config.continuous.is_empty() {
        found.push(metrics::continuous(&gt, &pred, config)?);
    }
    let weights = config.scoring_weights();
    let full_score = found
        .iter()
        .filter_map(|metric| Some(weights.get(metric.name)? * metric.score))
        .sum();
    let decision = verdict(&found, &config.decision);
    Ok(Evaluation {
        full_score,
        accuracy: decision.passes.values().all(|&pass| pass),
        aggregation: aggregation(&found, config),
        rows: rows.iter().map(|row| row.shown(config)).collect(),
        metrics: found,
        decision,
        best_index: None,
    })
}

/// Scores a session against each of several references and answers with the best.
///
/// As in the package, only aliases, ignored channels, comparators, and whether there are curves count here of what the
/// configuration says of a comparison; and all that it says of the evaluator, weights and decision. Of no references, or
/// none with a score, the session is scored by that evaluator against nothing.
pub fn evaluate_best_of(
    references: &[Vec<Event>],
    pred: &[Event],
    config: &Config,
) -> Result<Evaluation, EvaluateError> {
    let (evaluator, config) = (config.evaluator(), config.as_best_of_sees_it());
    let mut best: Option<Evaluation> = None;
    for (place, gt) in (0..).zip(references) {
        let evaluation = evaluate(gt, pred, &config)?;
        if evaluation.full_score > best.as_ref().map_or(-1.0, |best| best.full_score) {
            best = Some(Evaluation {
                best_index: Some(place),
                ..evaluation
            });
        }
    }
    match best {
        Some(best) => Ok(best),
        None => Ok(Evaluation {
            best_index: Some(-1),
            ..evaluate(&[], pred, &evaluator)?
        }),
    }
}

/// The events under their canonical names, in the order of time.
fn prepared(events: &[Event], config: &Config) -> Vec<Event> {
    let mut events = events.to_vec();
    sort(&mut events);
    for event in &mut events {
        if let Some(name) = config.aliases.get(&event.channel) {
            event.channel.clone_from(name);
        }
    }
    events
}

/// Puts events in the order of time as Python does, for which nothing is less than `NaN` or greater.
fn sort(events: &mut Vec<Event>) {
    let less = |one: &Event, other: &Event| one.timestamp < other.timestamp;
    // Python sorts as many by insertion; of more, what is no time comes last here.
    const INSERTED: usize = 64;
    if events.len() >= INSERTED || events.iter().all(|event| !event.timestamp.is_nan()) {
        // Zero is one time, with either sign.
        events.sort_by(|one, other| (one.timestamp + 0.0).total_cmp(&(other.timestamp + 0.0)));
        return;
    }
    let falls = |pair: &[Event]| less(&pair[1], &pair[0]);
    let falling = events.windows(2).next().is_some_and(falls);
    let run = events
        .windows(2)
        .take_while(|pair| falls(pair) == falling)
        .count()
        + 1;
    if falling {
        events[..run].reverse();
    }
    for next in run..events.len() {
        let event = events.remove(next);
        // Python's own search: where some are not in order, it matters which of them are looked at.
        let (mut from, mut to) = (0, next);
        while from < to {
            let middle = from + (to - from) / 2;
            if less(&event, &events[middle]) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        events.insert(from, event);
    }
}

fn channels<'a>(events: &[&'a Event]) -> Vec<&'a str> {
    events.iter().map(|event| event.channel.as_str()).collect()
}

/// The events that are aligned.
fn discrete<'a>(events: &'a [Event], config: &Config) -> Vec<&'a Event> {
    let counts = |event: &&Event| {
        !config.ignore.contains(&event.channel) && !config.continuous.contains_key(&event.channel)
    };
    events.iter().filter(counts).collect()
}

fn verdict(found: &[Metric], asked: &Decision) -> Verdict {
    let mut names = Vec::new();
    if asked.require_discrete_exact {
        names.push("discrete");
    }
    names.push(&asked.timing_metric_name);
    names.extend(asked.required_metrics.iter().map(String::as_str));
    let passes = |name: &str| {
        found
            .iter()
            .any(|metric| metric.name == name && metric.binary_pass)
    };
    Verdict {
        asked: asked.clone(),
        passes: names
            .into_iter()
            .map(|name| (name.to_owned(), passes(name)))
            .collect(),
    }
}

fn aggregation(found: &[Metric], config: &Config) -> Aggregation {
    let weights = config.reported_weights(found.iter().any(|metric| metric.name == "continuous"));
    let mut contributions: BTreeMap<String, f64> = found
        .iter()
        .filter_map(|metric| {
            Some((
                metric.name.to_owned(),
                weights.get(metric.name)? * metric.score,
            ))
        })
        .collect();
    let sum = contributions.values().sum();
    contributions.insert("_sum".to_owned(), sum);
    Aggregation {
        weights,
        contributions,
    }
}
