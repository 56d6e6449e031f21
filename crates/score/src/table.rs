//! The scores as a person reads them at a terminal.

use crate::{Dimension, Estimate, Scores, Share};

/// The candidates over all items, then item by item, then what could not be compared or is not to be trusted.
pub fn text(scores: &Scores) -> String {
    let mut out = String::new();
    if !scores.title.is_empty() {
        out += &format!("{}\n\n", scores.title);
    }
    let head = |first: &[&str]| {
        let rest = ["alike", "score", "steps", "curves", "time"];
        first
            .iter()
            .chain(&rest)
            .map(|it| (*it).to_owned())
            .collect::<Vec<_>>()
    };
    let mut rows = vec![head(&["candidate"])];
    for it in &scores.candidates {
        rows.push(row(vec![it.candidate.clone()], it.alike, &it.means));
    }
    out += &laid_out(&rows);
    out += "\n";
    let mut rows = vec![head(&["item", "candidate"])];
    for it in &scores.items {
        let names = vec![it.item.clone(), it.candidate.clone()];
        rows.push(row(names, it.alike, &it.means));
    }
    out += &laid_out(&rows);
    for session in &scores.sessions {
        if let Some(why) = session.failure() {
            out += &format!("\nnot compared: {why}\n");
        }
        let caveats = session.outcome().map_or(&[][..], |it| &it.caveats);
        for caveat in caveats {
            out += &format!("\nnote: {}: {caveat}\n", session.session.display());
        }
    }
    for warning in &scores.warnings {
        out += &format!("\nwarning: {warning}\n");
    }
    out += "\nBrackets: 95 % over repeats (alike: Wilson; the rest: bootstrap).\n";
    out
}

fn row(mut cells: Vec<String>, alike: Share, means: &[Estimate]) -> Vec<String> {
    cells.push(match (alike.all, alike.interval) {
        (0, _) => "no session".to_owned(),
        (all, Some((low, high))) => format!("{}/{all} [{low:.2}, {high:.2}]", alike.of),
        (all, None) => format!("{}/{all}", alike.of),
    });
    let shown = [
        Dimension::Score,
        Dimension::Steps,
        Dimension::Curves,
        Dimension::Time,
    ];
    for dimension in shown {
        let estimate = means.iter().find(|it| it.dimension == dimension);
        cells.push(match estimate {
            None => "-".to_owned(),
            Some(Estimate {
                mean,
                interval: Some((low, high)),
                ..
            }) if dimension == Dimension::Score => {
                format!("{mean:.3} [{low:.3}, {high:.3}]")
            }
            Some(it) => format!("{:.3}", it.mean),
        });
    }
    cells
}

/// Columns as wide as their widest cell.
fn laid_out(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        out += line.join("  ").trim_end();
        out += "\n";
    }
    out
}
