//! Times and the temperature, as the program behind the paper scores them.

use serde::Serialize;

use super::Metric;
use crate::envtrace::{EvaluateError, TimingDetails};

/// What the score of the times is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are those of the program")]
pub enum Timing {
    Reason { reason: &'static str, score: f64 },
    Score { score: f64 },
    Line(TimingDetails),
}

/// What the score of the temperature is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are those of the program")]
pub enum Temperature {
    Reason { reason: &'static str, score: f64 },
    Curve(Curve),
}

/// How near two curves are, sample by sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the program")]
pub struct Curve {
    pub mae: f64,
    pub final_temp_diff: f64,
    pub mae_score: f64,
    pub final_temp_score: f64,
    pub score: f64,
}

/// How well the times of matched rows, of the reference and of the session, follow a line.
pub(super) fn timing(times: &[(f64, f64)]) -> Result<Metric<Timing>, EvaluateError> {
    let (gt_start, pred_start) = match times[..] {
        [] => {
            let reason = "no matching PV/value pairs for timing evaluation";
            let details = Timing::Reason { reason, score: 0.0 };
            return Ok(metric(0.0, false, details));
        }
        [_] => return Ok(metric(1.0, true, Timing::Score { score: 1.0 })),
        [first, ..] => first,
    };
    let times: Vec<(f64, f64)> = times
        .iter()
        .map(|(gt, pred)| (gt - gt_start, pred - pred_start))
        .collect();
    let (slope, r2) = fit(&times).ok_or(EvaluateError::Vertical)?;
    let (gt_duration, pred_duration) = times[times.len() - 1];
    let error = (pred_duration - gt_duration).abs() / gt_duration;
    let mape = mean(times.windows(2).map(|pair| {
        let (gt, pred) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        (gt - pred).abs() / gt.abs().max(1e-10)
    }));
    let lasting = gt_duration != 0.0;
    let slope_score = 1.0 - (slope - 1.0).abs().min(1.0);
    let duration_score = if lasting {
        (1.0 - error / 0.25).max(0.0)
    } else {
        0.0
    };
    let mape_score = (1.0 - mape).max(0.0);
    let score = 0.4 * r2 + 0.2 * slope_score + 0.2 * duration_score + 0.2 * mape_score;
    let pass =
        r2 >= 0.9 && (0.8..=1.2).contains(&slope) && (!lasting || error <= 0.25) && mape <= 1.0;
    let line = TimingDetails {
        r2,
        slope,
        mape,
        duration_ratio: if lasting {
            pred_duration / gt_duration
        } else {
            0.0
        },
        score,
        r2_score: r2,
        slope_score,
        duration_score,
        mape_score,
    };
    Ok(metric(score, pass, Timing::Line(line)))
}

/// The slope of the line of least squares and its R², which is 0 when all ordinates are one; none
/// when all abscissae are one.
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let x_mean = mean(points.iter().map(|point| point.0));
    let y_mean = mean(points.iter().map(|point| point.1));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        xx += (x - x_mean).powi(2);
        xy += (x - x_mean) * (y - y_mean);
        yy += (y - y_mean).powi(2);
    }
    if xx == 0.0 {
        return None;
    }
    let r = if yy == 0.0 {
        0.0
    } else {
        (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)
    };
    Some((xy / xx, r * r))
}

/// How near two curves are, by index; the shorter one goes on with its last sample.
pub(super) fn temperature(gt: &[f64], pred: &[f64]) -> Metric<Temperature> {
    let (Some(&gt_last), Some(&pred_last)) = (gt.last(), pred.last()) else {
        let neither = gt.is_empty() && pred.is_empty();
        let (score, reason) = if neither {
            (1.0, "no temperature PV")
        } else {
            (0.0, "one empty")
        };
        return metric(score, neither, Temperature::Reason { reason, score });
    };
    let at = |samples: &[f64], place: usize, last: f64| samples.get(place).copied().unwrap_or(last);
    let length = gt.len().max(pred.len());
    let mae =
        mean((0..length).map(|place| (at(gt, place, gt_last) - at(pred, place, pred_last)).abs()));
    let final_temp_diff = (gt_last - pred_last).abs();
    let (mae_score, final_temp_score) = ((-mae / 15.0).exp(), (-final_temp_diff / 15.0).exp());
    let score = 0.7 * mae_score + 0.3 * final_temp_score;
    let curve = Curve {
        mae,
        final_temp_diff,
        mae_score,
        final_temp_score,
        score,
    };
    let pass = mae <= 5.0 && final_temp_diff <= 5.0;
    metric(score, pass, Temperature::Curve(curve))
}

fn metric<D>(score: f64, binary_pass: bool, details: D) -> Metric<D> {
    Metric {
        score,
        binary_pass,
        details,
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
