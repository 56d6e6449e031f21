//! What is not alike, in words.

use std::collections::BTreeSet;

use beamtwin_trace::{End, Time, Trace};

use crate::comparison::{Comparison, Ended, Entry, Row, RowOp, worded};
use crate::curves::Curve;
use crate::cut::Cut;
use crate::exposed::{self, Gate};
use crate::refused::Violation;
use crate::titles::Titles;

/// A sentence for each row that is not alike, where a row that was moved has one for both halves;
/// then what followed from that, and what else decided.
pub(crate) fn of(
    comparison: &Comparison,
    violations: &[Vec<Violation<'_>>; 2],
    titles: &Titles<'_>,
) -> Vec<String> {
    let rows = &comparison.rows;
    let mut reasons: Vec<String> = (0..rows.len())
        .filter_map(|place| reason(comparison, place))
        .collect();
    let exposures = rows.iter().map(|row| row.gates.as_slice()).enumerate();
    for group in exposed::told_together(exposures.filter(|(_, gates)| !gates.is_empty())) {
        reasons.push(exposed(rows, &group));
    }
    if comparison.alike {
        return reasons;
    }
    let curved = |end: &&Ended| {
        let mut curves = comparison.curves.iter();
        curves.any(|it| it.decides && it.ended && it.channel == end.channel)
    };
    for end in comparison
        .ends
        .iter()
        .filter(|end| end.asked && !curved(end))
    {
        reasons.push(end.words.clone());
    }
    let curves = comparison.curves.iter().filter(|curve| curve.decides);
    reasons.extend(curves.map(curve));
    if let (true, Some(stretch)) = (comparison.time.decides, comparison.time.stretch) {
        reasons.push(format!(
            "the session takes {stretch:.2} times as long, {} s more",
            moment(comparison.time.longer)
        ));
    }
    for (side, violations) in violations.iter().enumerate() {
        // What stands in a row is told there.
        let entries = rows.iter().filter_map(|row| match side {
            0 => row.reference.as_ref(),
            _ => row.session.as_ref(),
        });
        let vain = entries.filter(|it| it.refused.is_some());
        let shown: BTreeSet<u64> = vain.map(|it| it.n).collect();
        let untold = violations.iter().filter(|it| !shown.contains(&it.n));
        reasons.extend(untold.map(|it| violated(it, side == 0, titles)));
    }
    reasons
}

fn violated(violation: &Violation<'_>, by_reference: bool, titles: &Titles<'_>) -> String {
    let Violation { t, channel, .. } = violation;
    let title = titles.title(channel);
    let value = worded(&violation.value, channel);
    let line = violation.at.map(|at| format!(" in {at}"));
    let (at, line) = (moment(*t), line.unwrap_or_default());
    let only = if by_reference {
        ", in the reference only"
    } else {
        ""
    };
    match violation.reason {
        Some(why) => {
            format!("{title} was asked for {value} at {at} s{line}{only}, and refused: {why}")
        }
        None => format!("a limit was violated at {at} s{only}: {title} = {value}"),
    }
}

fn exposed(rows: &[Row], group: &[(usize, &[Gate])]) -> String {
    let first = group.first().and_then(|(at, _)| rows[*at].session.as_ref());
    let at = first.map_or_else(String::new, |entry| {
        format!(" from {} s on", moment(entry.t))
    });
    let count = match group.len() {
        1 => "1 exposure was".to_owned(),
        count => format!("{count} exposures were"),
    };
    format!("{count} taken{at} {}", exposed::worded(group))
}

/// What does not decide: exposures during the last half of a move.
pub(crate) fn remarks(rows: &[Row], ending: &[(usize, Vec<Gate>)]) -> Vec<String> {
    let exposures = ending.iter().map(|(at, gates)| (*at, gates.as_slice()));
    let groups = exposed::told_together(exposures);
    let told = |group: &Vec<_>| format!("{}, more than half of the way done", exposed(rows, group));
    groups.iter().map(told).collect()
}

fn curve(curve: &Curve) -> String {
    format!(
        "{} took another course: {}",
        curve.title,
        curve.unlike().join("; ")
    )
}

fn reason(comparison: &Comparison, place: usize) -> Option<String> {
    let rows = &comparison.rows;
    let [one, other] = [&comparison.reference, &comparison.session];
    let row = &rows[place];
    let title = &row.title;
    Some(match (row.op, &row.reference, &row.session) {
        (RowOp::Matched, ..) => return None,
        (_, Some(reference), Some(session)) => format!(
            "{title} was asked for {} instead of {} at {} s{}{}{}",
            row.worded(session),
            row.worded(reference),
            moment(session.t),
            other.by(session),
            match &reference.at {
                Some(at) => format!(" (in the reference {at})"),
                None => String::new(),
            },
            match (&session.refused, &reference.refused) {
                (Some(why), _) => format!(", and refused: {why}"),
                (None, Some(why)) => format!(", where the reference was refused: {why}"),
                (None, None) => String::new(),
            }
        ),
        (_, Some(reference), None) => match row.moved {
            Some(to) => format!(
                "{}{} moved from {} to {}",
                what(row, reference),
                rows[to]
                    .session
                    .as_ref()
                    .map_or_else(String::new, |it| other.by(it)),
                neighbour(rows, place, |row| row.reference.as_ref()),
                neighbour(rows, to, |row| row.session.as_ref()),
            ),
            None => format!(
                "missing: {}, asked for at {} s{}",
                what(row, reference),
                moment(reference.t),
                one.by(reference)
            ),
        },
        (_, None, Some(session)) => match row.moved {
            Some(_) => return None,
            None => format!(
                "extra: {}, asked for at {} s{}",
                what(row, session),
                moment(session.t),
                other.by(session)
            ),
        },
        (_, None, None) => return None,
    })
}

/// A time as a person reads it, to the millisecond.
fn moment(t: Time) -> Time {
    const MILLISECOND: i64 = 1_000_000;
    Time::from_nanos((t.nanos() + MILLISECOND / 2).div_euclid(MILLISECOND) * MILLISECOND)
}

fn what(row: &Row, entry: &Entry) -> String {
    format!("{} = {}", row.title, row.worded(entry))
}

/// Where a row stands among those of its side.
fn neighbour(rows: &[Row], place: usize, side: impl Fn(&Row) -> Option<&Entry>) -> String {
    let next = rows[place + 1..]
        .iter()
        .find_map(|row| Some((row, side(row)?)));
    let last = rows[..place]
        .iter()
        .rev()
        .find_map(|row| Some((row, side(row)?)));
    match (next, last) {
        (Some((row, entry)), _) => format!("before {}", what(row, entry)),
        (None, Some((row, entry))) => format!("after {}", what(row, entry)),
        (None, None) => "alone".to_owned(),
    }
}

/// What is said where the best alignment was not searched for.
pub(crate) fn unsearched(is_best: bool) -> Vec<String> {
    let words = "they differ so much that more might be paired than was found";
    if is_best {
        Vec::new()
    } else {
        vec![words.to_owned()]
    }
}

/// What lessens the worth of a comparison, by what is said of its traces.
pub(crate) fn caveats([reference, session]: [&Trace; 2], cuts: &[Cut]) -> Vec<String> {
    let mut caveats: Vec<String> = cuts.iter().map(Cut::worded).collect();
    let [one, other] = [reference, session].map(|it| it.header.beamline.as_str());
    if one != other && !one.is_empty() && !other.is_empty() {
        caveats.push(format!(
            "the reference is of another beamline: {one}, not {other}"
        ));
    }
    for (side, trace) in [("reference", reference), ("session", session)] {
        match &trace.end {
            End::Complete(_) | End::CutShort => {}
            End::Stopped(t, reason) => {
                caveats.push(format!(
                    "the recording of the {side} stopped at {t} s: {reason}"
                ));
            }
        }
        let facts = trace.facts.len();
        if let Some(counted) = trace.counted.filter(|&counted| counted != facts as u64) {
            caveats.push(format!(
                "the trace of the {side} is damaged: its footer counts {counted} facts, and there are {facts}"
            ));
        }
        for (kind, count) in &trace.skipped {
            caveats.push(format!(
                "lines of the unknown kind \"{kind}\" in the {side}: {count}"
            ));
        }
    }
    if reference.has_puts() != session.has_puts()
        && !reference.facts.is_empty()
        && !session.facts.is_empty()
    {
        caveats.push(
            "one side has puts, the other only posts: requests are compared with answers"
                .to_owned(),
        );
    }
    caveats
}
