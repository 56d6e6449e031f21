//! What was asked for and refused, beside what the other side asked for at that place.

use crate::comparison::{Entry, Row, RowOp};
use crate::sequence::{Asked, Sequence};

/// A step that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) reason: &'a str,
}

/// Turns a row that only one side has into one that differs, where the other side asked for something on the
/// same channel between the same neighbours and was refused. What both sides were refused is left alone.
pub(crate) fn show(rows: &mut [Row], left: &Sequence<'_>, right: &Sequence<'_>) {
    let (mut one, mut other) = (left.vain.clone(), right.vain.clone());
    one.retain(|it| {
        let same = |them: &Refusal<'_>| {
            them.asked.number == it.asked.number
                && it.asked.tolerance.agree(&it.asked.value, &them.asked.value)
        };
        let both = other.iter().position(same).map(|at| other.remove(at));
        both.is_none()
    });
    fill(rows, other, RowOp::Missing, |row| &mut row.session);
    fill(rows, one, RowOp::Extra, |row| &mut row.reference);
}

/// Puts each refusal into the first row of a kind that has room for it.
fn fill(
    rows: &mut [Row],
    refusals: Vec<Refusal<'_>>,
    op: RowOp,
    side: impl Fn(&mut Row) -> &mut Option<Entry>,
) {
    for refusal in refusals {
        // Its place is after the last row of its side that came earlier, and before the next that came later.
        let n = |row: &mut Row| side(row).as_ref().map(|entry| entry.n);
        let earlier = |at: Option<u64>| at.is_some_and(|at| at < refusal.asked.n);
        let later = |at: Option<u64>| at.is_some_and(|at| at > refusal.asked.n);
        let from = rows.iter_mut().rposition(|row| earlier(n(row)));
        let from = from.map_or(0, |at| at + 1);
        let to = rows[from..].iter_mut().position(|row| later(n(row)));
        let to = to.map_or(rows.len(), |at| from + at);
        let fits = |row: &&mut Row| {
            row.op == op && row.moved.is_none() && row.channel == refusal.asked.channel.plain_name()
        };
        if let Some(row) = rows[from..to].iter_mut().find(fits) {
            *side(row) = Some(Entry {
                refused: Some(refusal.reason.to_owned()),
                ..Entry::of(&refusal.asked)
            });
            row.op = RowOp::Differs;
            row.difference = row
                .reference
                .as_ref()
                .and_then(|it| it.difference(row.session.as_ref()?));
        }
    }
}
