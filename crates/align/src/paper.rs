//! The scores of the program behind the EnvTrace paper, to 1e-9, faults included.
//!
//! It is older than the package of [`crate::envtrace`] and answers otherwise: events stay in the
//! order they came in, rows that pair two channels do not count, one absolute tolerance of 0.001
//! holds for all, and one channel, the temperature, is compared as a curve, sample by sample.

mod scores;

use beamtwin_trace::envtrace::Event;
use serde::Serialize;

use crate::algorithms::difflib;
use crate::alignment::Op;
use crate::envtrace::{Config, EvaluateError, Row};

pub use scores::{Curve, Temperature, Timing};

/// The channel that the paper takes for the temperature.
pub const TEMPERATURE: &str = "XF:11BM-ES:{LINKAM}:TEMP";

/// What the program answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the program")]
pub struct Evaluation {
    pub full_score: f64,
    pub full_match: bool,
    pub pv_match_rate: f64,
    pub pv_mismatch_rate: f64,
    pub exact_pv_match: bool,
    pub pv_value_matches: usize,
    pub pv_total_pairs: usize,
    pub timing_score: f64,
    pub timing_match: bool,
    pub timing_details: Timing,
    pub temp_score: f64,
    pub temp_match: bool,
    pub temp_details: Temperature,
    pub temperature_involved: bool,
    /// The same verdict under the name that the package gives it.
    pub accuracy: bool,
    /// The same scores in the shape that the package gives them.
    pub metrics: Metrics,
    /// The aligned events of all channels but the temperature.
    pub rows: Vec<Row>,
    /// Which of several references scored best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_index: Option<usize>,
}

/// The scores in the shape of the package.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the package")]
pub struct Metrics {
    pub discrete: Metric<Discrete>,
    pub timing: Metric<Timing>,
    pub continuous: Metric<Temperature>,
}

/// One score in the shape of the package.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the package")]
pub struct Metric<D> {
    pub score: f64,
    pub binary_pass: bool,
    pub details: D,
}

/// How many rows agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the package")]
pub struct Discrete {
    pub mismatch_rate: f64,
    pub exact: bool,
    pub value_matches: usize,
    pub total_pairs: usize,
    pub gt_event_count: usize,
    pub pred_event_count: usize,
}

/// Scores a session against a reference.
///
/// Of a configuration of the package only the ignored channels count, and which channel is
/// continuous: of several the one that is called a temperature, or else the first.
pub fn evaluate(
    gt: &[Event],
    pred: &[Event],
    config: &Config,
) -> Result<Evaluation, EvaluateError> {
    let temperature = temperature(config);
    let is_temperature = |event: &&Event| event.channel == temperature;
    let discrete = |events: &[Event]| -> Vec<Event> {
        let counts = |event: &&Event| {
            !config.ignore.contains(&event.channel) && event.channel != temperature
        };
        events.iter().filter(counts).cloned().collect()
    };
    let (left, right) = (discrete(gt), discrete(pred));
    let rows = rows(&left, &right);
    let matched: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.matches == Some(true))
        .filter_map(|row| Some((row.gt.as_ref()?.timestamp, row.pred.as_ref()?.timestamp)))
        .collect();
    let rate = if rows.is_empty() {
        0.0
    } else {
        matched.len() as f64 / rows.len() as f64
    };
    let exact = !left.is_empty() && matched.len() == left.len() && matched.len() == right.len();
    let timing = scores::timing(&matched)?;
    let samples = |events: &[Event]| -> Result<Vec<f64>, EvaluateError> {
        events.iter().filter(is_temperature).map(number).collect()
    };
    let (gt_curve, pred_curve) = (samples(gt)?, samples(pred)?);
    let involved = !gt_curve.is_empty() || !pred_curve.is_empty();
    let curve = scores::temperature(&gt_curve, &pred_curve);
    let full_score = if involved {
        0.6 * rate + 0.2 * timing.score + 0.2 * curve.score
    } else {
        0.8 * rate + 0.2 * timing.score
    };
    let full_match = exact && timing.binary_pass && (!involved || curve.binary_pass);
    let discrete = Discrete {
        mismatch_rate: 1.0 - rate,
        exact,
        value_matches: matched.len(),
        total_pairs: rows.len(),
        gt_event_count: left.len(),
        pred_event_count: right.len(),
    };
    Ok(Evaluation {
        full_score,
        full_match,
        pv_match_rate: rate,
        pv_mismatch_rate: discrete.mismatch_rate,
        exact_pv_match: exact,
        pv_value_matches: discrete.value_matches,
        pv_total_pairs: discrete.total_pairs,
        timing_score: timing.score,
        timing_match: timing.binary_pass,
        timing_details: timing.details.clone(),
        temp_score: curve.score,
        temp_match: curve.binary_pass,
        temp_details: curve.details.clone(),
        temperature_involved: involved,
        accuracy: full_match,
        metrics: Metrics {
            discrete: Metric {
                score: rate,
                binary_pass: exact,
                details: discrete,
            },
            timing,
            continuous: curve,
        },
        rows,
        best_index: None,
    })
}

/// Scores a session against each of several references and answers with the best: the first of the
/// highest score. Nothing after a reference that scores 1 is looked at. Of no references there is
/// none.
pub fn evaluate_best_of(
    references: &[Vec<Event>],
    pred: &[Event],
    config: &Config,
) -> Result<Option<Evaluation>, EvaluateError> {
    let mut best: Option<Evaluation> = None;
    for (place, gt) in references.iter().enumerate() {
        let evaluation = evaluate(gt, pred, config)?;
        let score = evaluation.full_score;
        if best.as_ref().is_none_or(|best| score > best.full_score) {
            best = Some(Evaluation {
                best_index: Some(place),
                ..evaluation
            });
        }
        if score >= 1.0 {
            break;
        }
    }
    Ok(best)
}

/// The channel that is compared as a curve.
pub fn temperature(config: &Config) -> &str {
    let mut names = config.continuous.keys();
    let called = names.clone().find(|name| is_called_temperature(name));
    called
        .or_else(|| names.next())
        .map_or(TEMPERATURE, String::as_str)
}

fn is_called_temperature(name: &str) -> bool {
    name.to_ascii_lowercase().contains("temp")
}

/// The aligned rows; of an empty reference there are none.
fn rows(gt: &[Event], pred: &[Event]) -> Vec<Row> {
    if gt.is_empty() {
        return Vec::new();
    }
    let channels = |events: &[Event]| -> Vec<String> {
        events.iter().map(|event| event.channel.clone()).collect()
    };
    difflib::align(&channels(gt), &channels(pred))
        .iter()
        .flat_map(Op::pairs)
        .map(|pair| {
            let (gt, pred) = (pair.left.map(|at| &gt[at]), pair.right.map(|at| &pred[at]));
            Row {
                matches: gt.zip(pred).map(|(gt, pred)| agree(gt, pred)),
                gt: gt.cloned(),
                pred: pred.cloned(),
                ignored: false,
            }
        })
        .collect()
}

fn agree(gt: &Event, pred: &Event) -> bool {
    gt.channel == pred.channel
        && match (gt.value.float(), pred.value.float()) {
            (Ok(gt), Ok(pred)) => (gt - pred).abs() < 0.001,
            _ => gt.value.spelled() == pred.value.spelled(),
        }
}

fn number(event: &Event) -> Result<f64, EvaluateError> {
    let not_a_number = |raised| EvaluateError::NotANumber {
        channel: event.channel.clone(),
        value: event.value.spelled(),
        raised,
    };
    event.value.float().map_err(not_a_number)
}
