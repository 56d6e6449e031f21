//! What is measured on aligned rows: agreement, timing, structure, and curves.

use beamtwin_trace::envtrace::Event;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Config, Continuous, EvaluateError};

/// A measured quantity between 0 and 1, whether it passes, and what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// `discrete`, `timing`, `structure`, or `continuous`.
    pub name: &'static str,
    /// The quantity.
    pub score: f64,
    /// Whether it passes.
    pub binary_pass: bool,
    /// What it is made of.
    pub details: Details,
}

/// What a metric is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are those of the package")]
pub enum Details {
    Discrete {
        mismatch_rate: f64,
        exact: bool,
        value_matches: usize,
        total_pairs: usize,
        gt_event_count: usize,
        pred_event_count: usize,
    },
    Timing(TimingDetails),
    Structure {
        gap_rate: f64,
        gaps: usize,
        total_pairs: usize,
    },
    Continuous {
        #[serde(serialize_with = "by_channel")]
        per_channel: Vec<(String, ChannelScore)>,
        weights_sum: f64,
    },
    Curve {
        mae: f64,
        final_diff: f64,
        mae_score: f64,
        final_score: f64,
        score: f64,
    },
    Reason {
        reason: &'static str,
        score: f64,
    },
    Score {
        score: f64,
    },
}

/// How well the times of matched rows follow a line; the paper's program has the same names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the package")]
pub struct TimingDetails {
    pub r2: f64,
    pub slope: f64,
    pub mape: f64,
    pub duration_ratio: f64,
    pub score: f64,
    pub r2_score: f64,
    pub slope_score: f64,
    pub duration_score: f64,
    pub mape_score: f64,
}

/// The score of one curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the package")]
pub struct ChannelScore {
    pub score: f64,
    pub binary_pass: bool,
    pub details: Details,
    pub weight: f64,
}

/// An aligned row before it is shown.
pub(super) struct Row<'a> {
    pub(super) gt: Option<&'a Event>,
    pub(super) pred: Option<&'a Event>,
}

impl Row<'_> {
    /// Both events, if there are two and their values agree, whatever their channels.
    fn agreeing(&self, config: &Config) -> Option<(&Event, &Event)> {
        let (gt, pred) = (self.gt?, self.pred?);
        config
            .comparator(&gt.channel)
            .agree(&gt.value, &pred.value)
            .then_some((gt, pred))
    }

    /// Whether the package raises when it compares the two.
    pub(super) fn refused(&self, config: &Config) -> bool {
        self.gt.zip(self.pred).is_some_and(|(gt, pred)| {
            let comparator = config.comparator(&gt.channel);
            comparator.refuses(&gt.value, &pred.value)
        })
    }

    /// The row of the report, which does look at the channels.
    pub(super) fn shown(&self, config: &Config) -> super::Row {
        let both = self.gt.zip(self.pred);
        super::Row {
            gt: self.gt.cloned(),
            pred: self.pred.cloned(),
            matches: both
                .map(|(gt, pred)| gt.channel == pred.channel && self.agreeing(config).is_some()),
            ignored: false,
        }
    }
}

/// How many rows agree.
pub(super) fn discrete(rows: &[Row<'_>], gt: usize, pred: usize, config: &Config) -> Metric {
    let matches = rows
        .iter()
        .filter(|row| row.agreeing(config).is_some())
        .count();
    let score = if rows.is_empty() {
        1.0
    } else {
        matches as f64 / rows.len() as f64
    };
    let exact = matches == gt && matches == pred;
    Metric {
        name: "discrete",
        score,
        binary_pass: exact,
        details: Details::Discrete {
            mismatch_rate: 1.0 - score,
            exact,
            value_matches: matches,
            total_pairs: rows.len(),
            gt_event_count: gt,
            pred_event_count: pred,
        },
    }
}

/// How many rows have both sides.
pub(super) fn structure(rows: &[Row<'_>]) -> Metric {
    let gaps = rows
        .iter()
        .filter(|row| row.gt.is_none() || row.pred.is_none())
        .count();
    let gap_rate = if rows.is_empty() {
        0.0
    } else {
        gaps as f64 / rows.len() as f64
    };
    Metric {
        name: "structure",
        score: 1.0 - gap_rate,
        binary_pass: gaps == 0,
        details: Details::Structure {
            gap_rate,
            gaps,
            total_pairs: rows.len(),
        },
    }
}

/// How well the times of agreeing rows follow a line.
pub(super) fn timing(rows: &[Row<'_>], config: &Config) -> Result<Metric, EvaluateError> {
    let times: Vec<(f64, f64)> = rows
        .iter()
        .filter_map(|row| row.agreeing(config))
        .map(|(gt, pred)| (gt.timestamp, pred.timestamp))
        .collect();
    let metric = |score, binary_pass, details| Metric {
        name: "timing",
        score,
        binary_pass,
        details,
    };
    match times[..] {
        [] => {
            let reason = "no matching PV/value pairs for timing evaluation";
            return Ok(metric(0.0, false, Details::Reason { reason, score: 0.0 }));
        }
        [_] => return Ok(metric(1.0, true, Details::Score { score: 1.0 })),
        _ => {}
    }
    let (gt_start, pred_start) = times[0];
    let times: Vec<_> = times
        .iter()
        .map(|(gt, pred)| (gt - gt_start, pred - pred_start))
        .collect();
    if times.iter().any(|(gt, _)| !gt.is_finite()) {
        return Err(EvaluateError::Endless);
    }
    let (slope, r2) = fit(&times).ok_or(EvaluateError::Singular)?;
    let (gt_duration, pred_duration) = times[times.len() - 1];
    let duration_error = (pred_duration - gt_duration).abs() / gt_duration;
    let mape = mean(times.windows(2).map(|pair| {
        let (gt, pred) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        (gt - pred).abs() / gt.abs().max(1e-10)
    }));
    let judge = config.timing;
    let r2_score = r2.max(0.0);
    // Of what is no number, Python's `min` gives that again and its `max` the floor.
    let slope_score = if slope.is_nan() {
        slope
    } else {
        1.0 - (slope - 1.0).abs().min(1.0)
    };
    let duration_score = (1.0 - quotient(duration_error, judge.dur_tol, "dur_tol")?).max(0.0);
    let mape_score = (1.0 - quotient(mape, judge.mape_tol, "mape_tol")?).max(0.0);
    let score = 0.4 * r2_score + 0.2 * slope_score + 0.2 * duration_score + 0.2 * mape_score;
    let pass = r2 >= judge.r2_thresh
        && (judge.slope_lo..=judge.slope_hi).contains(&slope)
        && duration_error <= judge.dur_tol
        && mape <= judge.mape_tol;
    let details = TimingDetails {
        r2,
        slope,
        mape,
        duration_ratio: pred_duration / gt_duration,
        score,
        r2_score,
        slope_score,
        duration_score,
        mape_score,
    };
    Ok(metric(score, pass, Details::Timing(details)))
}

/// The slope of the line of least squares and its R²; none when all abscissae are one.
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (x_mean, y_mean) = (
        mean(points.iter().map(|point| point.0)),
        mean(points.iter().map(|point| point.1)),
    );
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        xx += (x - x_mean).powi(2);
        xy += (x - x_mean) * (y - y_mean);
        yy += (y - y_mean).powi(2);
    }
    if xx == 0.0 {
        return None;
    }
    let slope = xy / xx;
    let residual: f64 = points
        .iter()
        .map(|(x, y)| ((y - y_mean) - slope * (x - x_mean)).powi(2))
        .sum();
    Some((slope, if yy > 0.0 { 1.0 - residual / yy } else { 1.0 }))
}

/// A division by a setting, at which Python raises if it is zero.
fn quotient(of: f64, by: f64, setting: &'static str) -> Result<f64, EvaluateError> {
    if by == 0.0 {
        return Err(EvaluateError::ZeroDivision { setting });
    }
    Ok(of / by)
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// How near the configured curves come, sample by sample, whatever their times.
pub(super) fn continuous(
    gt: &[Event],
    pred: &[Event],
    config: &Config,
) -> Result<Metric, EvaluateError> {
    let (mut sum, mut weights_sum) = (0.0, 0.0);
    let mut per_channel = Vec::new();
    for (channel, settings) in &config.continuous {
        let score = curve(&samples(gt, channel)?, &samples(pred, channel)?, settings)?;
        sum += score.weight * score.score;
        weights_sum += score.weight;
        per_channel.push((channel.clone(), score));
    }
    Ok(Metric {
        name: "continuous",
        score: if weights_sum > 0.0 {
            sum / weights_sum
        } else {
            1.0
        },
        binary_pass: per_channel.iter().all(|(_, score)| score.binary_pass),
        details: Details::Continuous {
            per_channel,
            weights_sum,
        },
    })
}

fn samples(events: &[Event], channel: &str) -> Result<Vec<f64>, EvaluateError> {
    let sample = |event: &Event| {
        let not_a_number = |raised| EvaluateError::NotANumber {
            channel: channel.to_owned(),
            value: event.value.spelled(),
            raised,
        };
        event.value.float().map_err(not_a_number)
    };
    events
        .iter()
        .filter(|event| event.channel == channel)
        .map(sample)
        .collect()
}

/// Compares two curves by index; the shorter one goes on with its last sample.
fn curve(gt: &[f64], pred: &[f64], settings: &Continuous) -> Result<ChannelScore, EvaluateError> {
    let weight = settings.weight;
    let (Some(&gt_last), Some(&pred_last)) = (gt.last(), pred.last()) else {
        let both = gt.is_empty() && pred.is_empty();
        let (score, reason) = if both {
            (1.0, "both empty")
        } else {
            (0.0, "one empty")
        };
        let details = Details::Reason { reason, score };
        return Ok(ChannelScore {
            score,
            binary_pass: both,
            details,
            weight,
        });
    };
    let at = |samples: &[f64], place: usize, last: f64| samples.get(place).copied().unwrap_or(last);
    let mae = mean(
        (0..gt.len().max(pred.len()))
            .map(|place| (at(gt, place, gt_last) - at(pred, place, pred_last)).abs()),
    );
    let final_diff = (gt_last - pred_last).abs();
    let mae_score = quotient(-mae, settings.mae_scale, "mae_scale")?.exp();
    let final_score = quotient(-final_diff, settings.final_scale, "final_scale")?.exp();
    let score = 0.7 * mae_score + 0.3 * final_score;
    Ok(ChannelScore {
        score,
        binary_pass: mae <= settings.mae_thresh && final_diff <= settings.final_thresh,
        details: Details::Curve {
            mae,
            final_diff,
            mae_score,
            final_score,
            score,
        },
        weight,
    })
}

/// Writes metrics as an object keyed by their names.
pub(super) fn by_name<S: Serializer>(found: &[Metric], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(found.len()))?;
    for metric in found {
        map.serialize_entry(metric.name, metric)?;
    }
    map.end()
}

fn by_channel<S: Serializer>(
    scores: &[(String, ChannelScore)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(scores.len()))?;
    for (channel, score) in scores {
        map.serialize_entry(channel, score)?;
    }
    map.end()
}
