//! What is not alike, in words.

use beamtwin_trace::{End, Trace};

use crate::comparison::{Entry, Row, RowOp};

/// A sentence for each row that is not alike; a row that was moved has one sentence for both halves.
pub(crate) fn of(rows: &[Row]) -> Vec<String> {
    (0..rows.len())
        .filter_map(|place| reason(rows, place))
        .collect()
}

fn reason(rows: &[Row], place: usize) -> Option<String> {
    let row = &rows[place];
    let title = &row.title;
    Some(match (row.op, &row.reference, &row.session) {
        (RowOp::Matched, ..) => return None,
        (_, Some(reference), Some(session)) => format!(
            "{title} was asked for {} instead of {} at {} s",
            row.worded(session),
            row.worded(reference),
            session.t
        ),
        (_, Some(reference), None) => match row.moved {
            Some(to) => format!(
                "{} moved from {} to {}",
                what(row, reference),
                neighbour(rows, place, |row| row.reference.as_ref()),
                neighbour(rows, to, |row| row.session.as_ref()),
            ),
            None => format!(
                "missing: {}, asked for at {} s",
                what(row, reference),
                reference.t
            ),
        },
        (_, None, Some(session)) => match row.moved {
            Some(_) => return None,
            None => format!(
                "extra: {}, asked for at {} s",
                what(row, session),
                session.t
            ),
        },
        (_, None, None) => return None,
    })
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

/// What lessens the worth of a comparison.
pub(crate) fn caveats(reference: &Trace, session: &Trace) -> Vec<String> {
    let mut caveats = Vec::new();
    for (side, trace) in [("reference", reference), ("session", session)] {
        match &trace.end {
            End::Complete(_) => {}
            End::Stopped(t, reason) => {
                caveats.push(format!(
                    "the recording of the {side} stopped at {t} s: {reason}"
                ));
            }
            End::CutShort => caveats.push(format!("the trace of the {side} is cut short")),
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
