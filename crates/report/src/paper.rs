//! An evaluation as the program behind the EnvTrace paper makes it.

use beamtwin_align::paper::{Evaluation, Temperature, Timing};

use crate::envtrace::{line, rows};
use crate::words::json as to_json;

/// The evaluation as a JSON object: under the names of the program, and in the shape of the package.
pub fn json(evaluation: &Evaluation) -> String {
    to_json(evaluation)
}

/// The evaluation for a person: the score, what it is made of, and the rows that cost it.
pub fn text(evaluation: &Evaluation) -> String {
    let mut out = String::new();
    let it = evaluation;
    line(
        &mut out,
        format_args!(
            "full score {:.4}   full match {}   (as in the paper of EnvTrace)",
            it.full_score, it.full_match
        ),
    );
    if let Some(best) = it.best_index {
        line(
            &mut out,
            format_args!("best of the references: number {best}, counted from zero"),
        );
    }
    let weights = if it.temperature_involved {
        ["0.6", "0.2", "0.2"]
    } else {
        ["0.8", "0.2", "–"]
    };
    let discrete = &it.metrics.discrete.details;
    let events = format!(
        "{} of {} rows match, {} events against {}",
        discrete.value_matches,
        discrete.total_pairs,
        discrete.gt_event_count,
        discrete.pred_event_count
    );
    line(
        &mut out,
        format_args!(
            "\n  {:<12}{:>8}  {:<6}{:>8}",
            "part", "score", "passes", "weight"
        ),
    );
    let parts = [
        ("events", it.pv_match_rate, it.exact_pv_match, events),
        ("times", it.timing_score, it.timing_match, times(it)),
        ("temperature", it.temp_score, it.temp_match, temperature(it)),
    ];
    for ((name, score, passes, words), weight) in parts.into_iter().zip(weights) {
        let passes = if passes { "yes" } else { "no" };
        line(
            &mut out,
            format_args!("  {name:<12}{score:>8.4}  {passes:<6}{weight:>8}  {words}"),
        );
    }
    rows(&mut out, &it.rows);
    out
}

fn times(evaluation: &Evaluation) -> String {
    match &evaluation.timing_details {
        Timing::Line(it) => format!(
            "R² {:.4}, slope {:.4}, duration × {:.4}, intervals off by {:.4}",
            it.r2, it.slope, it.duration_ratio, it.mape
        ),
        Timing::Score { .. } => "one matched row".to_owned(),
        Timing::Reason { reason, .. } => (*reason).to_owned(),
    }
}

fn temperature(evaluation: &Evaluation) -> String {
    match &evaluation.temp_details {
        Temperature::Curve(it) => format!(
            "off by {:.4} on average, by {:.4} at the end",
            it.mae, it.final_temp_diff
        ),
        Temperature::Reason { reason, .. } => (*reason).to_owned(),
    }
}
