//! A comparison by our own method.

mod lanes;
mod table;

use std::fmt::Write;

use beamtwin_align::{Comparison, Curve, Cut, Note, Pace, Side};

use crate::screen::{Lines, Screen, Style};
use crate::words::{count, json as to_json, seconds, signed};

/// Sentences beyond this many are counted, not shown.
const REASONS: usize = 20;

/// A score of sessions alike that needs no explanation.
const PLAIN: f64 = 0.995;

/// What takes less than so many hundredths of what agrees is not told.
const TAKES: f64 = 0.05;

/// A start is late from so many seconds on.
const LATE: f64 = 1.0;

/// Intervals beyond this many are not named.
const INTERVALS: usize = 3;

/// Curves that score less are named, and those that ended elsewhere.
const SMOOTH: f64 = 0.95;

/// Ends that nobody asked for, beyond this many, are not named.
const ENDS: usize = 5;

/// The comparison as a JSON object.
pub fn json(comparison: &Comparison) -> String {
    to_json(comparison)
}

/// The comparison for a person: the verdict, what is not alike, and the rows around it.
pub fn text(comparison: &Comparison) -> String {
    text_on(comparison, Screen::default())
}

/// The same for a screen, in its width: nothing is cut, what is too long is wrapped.
pub fn text_on(comparison: &Comparison, screen: Screen) -> String {
    let mut out = Lines::new(screen);
    verdict(&mut out, comparison);
    reasons(&mut out, comparison);
    lanes::write(&mut out, comparison);
    table::write(&mut out, comparison);
    for (name, side) in [
        ("reference", &comparison.reference),
        ("session", &comparison.session),
    ] {
        notes(&mut out, &format!("Refused in the {name}"), &side.refused);
        notes(&mut out, &format!("Markers of the {name}"), &side.markers);
        notes(&mut out, &format!("Faults in the {name}"), &side.faults);
    }
    out.finish()
}

fn verdict(out: &mut Lines, comparison: &Comparison) {
    let counts = comparison.counts;
    let (word, style) = if comparison.alike {
        ("ALIKE", Style::Good)
    } else {
        ("DIFFERENT", Style::Unlike)
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
    let (score, numbers) = (comparison.score, numbers.join(", "));
    let so_far = if comparison.cuts.is_empty() {
        ""
    } else {
        " so far"
    };
    let head = format!("{so_far}   score {score:.3}   {numbers}");
    out.headed(style, word, &head, 11);
    let cuts: Vec<String> = comparison.cuts.iter().map(Cut::worded).collect();
    for cut in &cuts {
        out.wrapped(&format!("cut        {cut}"), 11);
    }
    out.line("");
    out.wrapped(&format!("reference  {}", side(&comparison.reference)), 11);
    out.wrapped(&format!("session    {}", side(&comparison.session)), 11);
    if !comparison.alike || comparison.score < PLAIN {
        out.wrapped(&format!("score      {}", made_of(comparison)), 11);
    }
    if let Some(times) = times(comparison) {
        out.wrapped(&format!("times      {times}"), 11);
    }
    let rough = |curve: &&Curve| curve.score < SMOOTH || curve.ended;
    for curve in comparison.curves.iter().filter(rough) {
        out.wrapped(&format!("curve      {}", course(curve)), 11);
    }
    for end in comparison.ends.iter().filter(|end| !end.asked).take(ENDS) {
        out.wrapped(&format!("readback   {}", end.words), 11);
    }
    let caveats = comparison.caveats.iter().filter(|it| !cuts.contains(it));
    for caveat in comparison.remarks.iter().chain(caveats) {
        out.wrapped(&format!("note       {caveat}"), 11);
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
        let takes = 100.0 * weight * (1.0 - part);
        if takes >= TAKES {
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
    words.extend(stretched(time));
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
    let more = time.intervals.len().saturating_sub(INTERVALS);
    if more > 0 {
        words.push(format!("and {more} more like these"));
    }
    Some(words.join(", ") + decide)
}

/// How many times as long the run is, where that is more than noise.
fn stretched(time: &Pace) -> Option<String> {
    let stretch = time.stretch.filter(|it| !(0.9..=1.1).contains(it))?;
    let who = match time.stretched {
        0 => return None,
        1 => "one wait ",
        _ => "",
    };
    Some(match stretch {
        ..0.01 => format!("{who}less than 0.01 times as long"),
        _ => format!("{who}{stretch:.2} times as long"),
    })
}

fn course(curve: &Curve) -> String {
    format!("{}: {}", curve.title, curve.unlike().join("; "))
}

fn reasons(out: &mut Lines, comparison: &Comparison) {
    if comparison.reasons.is_empty() {
        return;
    }
    out.line("");
    out.line(out.styled(Style::Strong, "What is not alike"));
    for reason in comparison.reasons.iter().take(REASONS) {
        out.wrapped(&format!("  {reason}"), 6);
    }
    let more = comparison.reasons.len().saturating_sub(REASONS);
    if more > 0 {
        out.line(format_args!("  … and {more} more"));
    }
}

fn notes(out: &mut Lines, title: &str, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    out.line("");
    out.line(out.styled(Style::Strong, title));
    for note in notes.iter().take(REASONS) {
        out.wrapped(&format!("  {:>11}  {}", seconds(note.t), note.text), 15);
    }
    if notes.len() > REASONS {
        out.line(format_args!("  … and {} more", notes.len() - REASONS));
    }
}
