//! A comparison by our own method.

use std::fmt::Write;

use beamtwin_align::{Comparison, Curve, Entry, Note, Row, RowOp, Side};

use crate::words::{count, cut, json as to_json, seconds, signed, wrapped};

/// Sentences beyond this many are counted, not shown.
const REASONS: usize = 20;

/// Rows beyond this many are counted, not shown.
const ROWS: usize = 200;

/// A score of sessions alike that needs no explanation.
const PLAIN: f64 = 0.995;

/// A start is late from so many seconds on.
const LATE: f64 = 1.0;

/// Intervals beyond this many are not named.
const INTERVALS: usize = 3;

/// Curves that score less are named.
const SMOOTH: f64 = 0.95;

/// Ends that nobody asked for, beyond this many, are not named.
const ENDS: usize = 5;

/// How many rows that agree are shown on either side of one that does not.
const CONTEXT: usize = 2;

/// The comparison as a JSON object.
pub fn json(comparison: &Comparison) -> String {
    to_json(comparison)
}

/// The comparison for a person: the verdict, what is not alike, and the rows around it.
pub fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    verdict(&mut out, comparison);
    reasons(&mut out, comparison);
    rows(&mut out, comparison);
    for (name, side) in [
        ("reference", &comparison.reference),
        ("session", &comparison.session),
    ] {
        notes(&mut out, &format!("Refused in the {name}"), &side.refused);
        notes(&mut out, &format!("Markers of the {name}"), &side.markers);
    }
    out
}

fn verdict(out: &mut String, comparison: &Comparison) {
    let counts = comparison.counts;
    let word = if comparison.alike {
        "ALIKE"
    } else {
        "DIFFERENT"
    };
    let numbers: Vec<String> = [
        (counts.matched, "matched"),
        (counts.differing, "differing"),
        (counts.missing, "missing"),
        (counts.extra, "extra"),
    ]
    .iter()
    .filter(|(number, name)| *number > 0 || *name == "matched")
    .map(|(number, name)| format!("{number} {name}"))
    .collect();
    line(
        out,
        format_args!(
            "{word}   score {:.3}   {}",
            comparison.score,
            numbers.join(", ")
        ),
    );
    line(out, format_args!(""));
    line(
        out,
        format_args!("reference  {}", side(&comparison.reference)),
    );
    line(
        out,
        format_args!("session    {}", side(&comparison.session)),
    );
    if !comparison.alike || comparison.score < PLAIN {
        line(out, format_args!("score      {}", made_of(comparison)));
    }
    if let Some(times) = times(comparison) {
        line(out, wrapped(&format!("times      {times}"), 11));
    }
    for curve in comparison
        .curves
        .iter()
        .filter(|curve| curve.score < SMOOTH)
    {
        line(out, wrapped(&format!("curve      {}", course(curve)), 11));
    }
    for end in comparison.ends.iter().filter(|end| !end.asked).take(ENDS) {
        let words = format!("{} at {}, not {}", end.title, end.session, end.reference);
        line(out, wrapped(&format!("ended      {words}"), 11));
    }
    for caveat in &comparison.caveats {
        line(out, wrapped(&format!("note       {caveat}"), 11));
    }
}

fn side(side: &Side) -> String {
    let mut text = format!(
        "{} in {}, {}",
        count(side.asked, "request"),
        seconds(side.duration),
        count(side.exposures, "exposure"),
    );
    if side.idle_stops > 0 {
        let stops = count(side.idle_stops, "idle stop");
        write!(text, "; {stops} left out").expect("a string takes any text");
    }
    if !side.beamline.is_empty() {
        write!(text, "   ({})", side.beamline).expect("a string takes any text");
    }
    text
}

/// What the score is made of.
fn made_of(comparison: &Comparison) -> String {
    let (parts, weights) = (comparison.parts, comparison.settings.weights);
    let mut text = format!(
        "steps {:.3} by weight ({:.3} by number)",
        parts.weighted, parts.steps
    );
    for (name, part, weight) in [
        ("curves", parts.curves, weights.curves),
        ("times", parts.time, weights.time),
    ] {
        if part < 1.0 {
            let takes = 100.0 * weight * (1.0 - part);
            write!(text, "; {name} {part:.3} take {takes:.1} %").expect("a string takes any text");
        }
    }
    text
}

/// How the session was out of time, if it was by more than a millisecond.
fn times(comparison: &Comparison) -> Option<String> {
    let time = &comparison.time;
    let delays = comparison.rows.iter().filter_map(|row| row.delay);
    let largest = delays.map(|delay| delay.nanos().unsigned_abs()).max()?;
    let late = time.late_start.filter(|late| late.seconds().abs() >= LATE);
    if largest < 1_000_000 && late.is_none() {
        return None;
    }
    let mut words = Vec::new();
    words.extend(late.map(|late| format!("start {}", signed(late))));
    let stretched = time.stretch.filter(|it| !(0.9..=1.1).contains(it));
    words.extend(stretched.map(|stretch| format!("{stretch:.2} times as long")));
    words.push(format!("{} in all", signed(time.longer)));
    for interval in time.intervals.iter().take(INTERVALS) {
        let row = &comparison.rows[interval.row];
        let what = row.session.as_ref().map(|it| row.worded(it));
        words.push(format!(
            "{} before {} = {}",
            signed(interval.longer()),
            row.title,
            what.unwrap_or_default()
        ));
    }
    let decide = if time.decides {
        ""
    } else {
        "; times do not decide"
    };
    Some(words.join(", ") + decide)
}

fn course(curve: &Curve) -> String {
    let percent = |part: f64| format!("{:.0} %", 100.0 * part);
    format!(
        "{} off by {} on average, {} at its farthest, {} at the end",
        curve.title,
        percent(curve.area),
        percent(curve.overshoot),
        percent(curve.end)
    )
}

fn reasons(out: &mut String, comparison: &Comparison) {
    if comparison.reasons.is_empty() {
        return;
    }
    line(out, format_args!("\nWhat is not alike"));
    for reason in comparison.reasons.iter().take(REASONS) {
        line(out, wrapped(&format!("  {reason}"), 6));
    }
    let more = comparison.reasons.len().saturating_sub(REASONS);
    if more > 0 {
        line(out, format_args!("  … and {more} more"));
    }
}

fn rows(out: &mut String, comparison: &Comparison) {
    let rows = &comparison.rows;
    if comparison.alike || rows.is_empty() {
        return;
    }
    line(out, format_args!("\nIn order"));
    line(
        out,
        row_line("", "reference", "session", "", "in reference", "in session"),
    );
    let mut hidden = 0;
    let mut shown = 0;
    for (place, row) in rows.iter().enumerate() {
        let near = place.saturating_sub(CONTEXT)..(place + CONTEXT + 1).min(rows.len());
        if rows[near].iter().all(Row::agrees) {
            hidden += 1;
            continue;
        }
        collapsed(out, &mut hidden);
        if shown == ROWS {
            line(
                out,
                format_args!("  … and {} more rows", rows.len() - place),
            );
            return;
        }
        shown += 1;
        line(out, shown_row(row));
    }
    collapsed(out, &mut hidden);
}

fn collapsed(out: &mut String, hidden: &mut usize) {
    if *hidden > 0 {
        let verb = if *hidden == 1 { "agrees" } else { "agree" };
        line(
            out,
            format_args!("  … {} that {verb}", count(*hidden, "row")),
        );
        *hidden = 0;
    }
}

fn shown_row(row: &Row) -> String {
    let mark = match row.op {
        RowOp::Matched if !row.gates.is_empty() => "exposed",
        RowOp::Matched => "",
        RowOp::Differs => "differs",
        RowOp::Missing if row.moved.is_some() => "moved",
        RowOp::Extra if row.moved.is_some() => "moved",
        RowOp::Missing => "missing",
        RowOp::Extra => "extra",
    };
    let time = |entry: &Option<Entry>| entry.as_ref().map_or("–".to_owned(), |it| seconds(it.t));
    let value = |entry: &Option<Entry>| match entry {
        Some(entry) => row.worded(entry),
        None => "–".to_owned(),
    };
    row_line(
        mark,
        &time(&row.reference),
        &time(&row.session),
        &row.title,
        &value(&row.reference),
        &value(&row.session),
    )
}

fn row_line(mark: &str, one: &str, other: &str, title: &str, left: &str, right: &str) -> String {
    let (title, left, right) = (cut(title, 28), cut(left, 18), cut(right, 18));
    let line = format!("  {mark:<8}{one:>11} {other:>11}  {title:<28} {left:<18} {right}");
    line.trim_end().to_owned()
}

fn notes(out: &mut String, title: &str, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    line(out, format_args!("\n{title}"));
    for note in notes.iter().take(REASONS) {
        line(
            out,
            format_args!("  {:>11}  {}", seconds(note.t), note.text),
        );
    }
    if notes.len() > REASONS {
        line(out, format_args!("  … and {} more", notes.len() - REASONS));
    }
}

fn line(out: &mut String, text: impl std::fmt::Display) {
    writeln!(out, "{text}").expect("a string takes any text");
}
