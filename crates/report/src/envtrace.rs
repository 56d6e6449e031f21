//! An evaluation as EnvTrace makes it.

use std::fmt::Write;

use beamtwin_align::envtrace::{Details, Evaluation, Metric, Row};
use beamtwin_trace::envtrace::{self, Event};

use crate::words::cut;

/// Rows beyond this many are counted, not shown.
const ROWS: usize = 200;

/// The report of the package as JSON, with `NaN` and `Infinity` bare, as Python writes them.
pub fn json(evaluation: &Evaluation) -> String {
    envtrace::json(&evaluation.report()) + "\n"
}

/// The evaluation for a person: the score, what it is made of, and the rows that cost it.
pub fn text(evaluation: &Evaluation) -> String {
    let mut out = String::new();
    line(
        &mut out,
        format_args!(
            "full score {:.4}   accuracy {}   (as EnvTrace scores)",
            evaluation.full_score, evaluation.accuracy
        ),
    );
    if let Some(best) = evaluation.best_index {
        line(
            &mut out,
            format_args!("best of the references: number {best}, counted from zero"),
        );
    }
    line(
        &mut out,
        format_args!(
            "\n  {:<12}{:>8}  {:<6}{:>8}",
            "metric", "score", "passes", "weight"
        ),
    );
    for metric in &evaluation.metrics {
        let weight = evaluation.aggregation.weights.get(metric.name);
        let weight = weight.map_or("–".to_owned(), f64::to_string);
        let passes = if metric.binary_pass { "yes" } else { "no" };
        line(
            &mut out,
            format_args!(
                "  {:<12}{:>8.4}  {passes:<6}{weight:>8}  {}",
                metric.name,
                metric.score,
                made_of(metric)
            ),
        );
    }
    rows(&mut out, &evaluation.rows);
    out
}

/// What a metric is made of, in a few words.
fn made_of(metric: &Metric) -> String {
    match &metric.details {
        Details::Discrete {
            value_matches,
            total_pairs,
            gt_event_count,
            pred_event_count,
            ..
        } => {
            format!(
                "{value_matches} of {total_pairs} rows match, {gt_event_count} events against {pred_event_count}"
            )
        }
        Details::Timing(it) => format!(
            "R² {:.4}, slope {:.4}, duration × {:.4}, intervals off by {:.4}",
            it.r2, it.slope, it.duration_ratio, it.mape
        ),
        Details::Structure {
            gaps, total_pairs, ..
        } => {
            format!("{gaps} of {total_pairs} rows have one side")
        }
        Details::Continuous { per_channel, .. } => {
            let channel = |(name, score): &(String, _)| {
                let score: &beamtwin_align::envtrace::ChannelScore = score;
                format!("{name} {:.4}", score.score)
            };
            per_channel
                .iter()
                .map(channel)
                .collect::<Vec<_>>()
                .join(", ")
        }
        Details::Reason { reason, .. } => (*reason).to_owned(),
        Details::Score { .. } => "one matched row".to_owned(),
        Details::Curve {
            mae, final_diff, ..
        } => {
            format!("off by {mae:.4} on average, by {final_diff:.4} at the end")
        }
    }
}

pub(crate) fn rows(out: &mut String, rows: &[Row]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter(|row| row.matches != Some(true))
        .collect();
    if wrong.is_empty() {
        return;
    }
    line(
        out,
        format_args!("\n{} of {} rows do not match", wrong.len(), rows.len()),
    );
    let side = |event: &Option<Event>| match event {
        Some(event) => cut(
            &format!(
                "{} = {} at {}",
                event.channel,
                event.value.spelled(),
                event.timestamp
            ),
            46,
        ),
        None => "–".to_owned(),
    };
    for row in wrong.iter().take(ROWS) {
        line(
            out,
            format_args!("  {:<46} | {}", side(&row.gt), side(&row.pred)),
        );
    }
    if wrong.len() > ROWS {
        line(out, format_args!("  … and {} more", wrong.len() - ROWS));
    }
}

pub(crate) fn line(out: &mut String, text: impl std::fmt::Display) {
    writeln!(out, "{text}").expect("a string takes any text");
}
