//! What was asked for and refused, beside what the other side asked for at that place.

use std::cmp::Ordering;

use beamtwin_trace::{Channel, Datum, Time};

use crate::comparison::{Entry, Row, RowOp};
use crate::order::Order;
use crate::sequence::{Asked, Sequence};

/// A step that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) reason: &'a str,
}

/// Something asked for in vain that counts: it was refused, or a channel told that a limit was violated.
#[derive(Debug, Clone)]
pub(crate) struct Violation<'a> {
    /// The number of the put, or of the post that told of it.
    pub(crate) n: u64,
    pub(crate) t: Time,
    /// The line of a script that asked.
    pub(crate) at: Option<&'a str>,
    pub(crate) channel: &'a Channel,
    pub(crate) value: Datum,
    /// Why it was refused, if it was.
    pub(crate) reason: Option<&'a str>,
}

/// The violations that each side has more of than the other, channel by channel. Those of one value cancel
/// first.
pub(crate) fn unlike<'a>(left: &Sequence<'a>, right: &Sequence<'a>) -> [Vec<Violation<'a>>; 2] {
    let (mut one, mut other) = (left.violations.clone(), right.violations.clone());
    let name = |it: &Violation<'a>| it.channel.plain_name();
    let mut cancel = |same: &dyn Fn(&Violation<'a>, &Violation<'a>) -> bool| {
        one.retain(|it| {
            let both = other.iter().position(|them| same(it, them));
            both.map(|at| other.remove(at)).is_none()
        });
    };
    cancel(&|a, b| name(a) == name(b) && a.value == b.value);
    cancel(&|a, b| name(a) == name(b));
    [one, other]
}

/// Turns a row that only one side has into one that differs, where the other side asked for something on the
/// same channel between the same neighbours and was refused. What both sides were refused is left alone.
pub(crate) fn show(rows: &mut [Row], left: &Sequence<'_>, right: &Sequence<'_>, free: &Order<'_>) {
    let (mut one, mut other) = (left.vain.clone(), right.vain.clone());
    one.retain(|it| {
        let same = |them: &Refusal<'_>| {
            them.asked.number == it.asked.number
                && it.asked.tolerance.agree(&it.asked.value, &them.asked.value)
        };
        let both = other.iter().position(same).map(|at| other.remove(at));
        both.is_none()
    });
    fill(rows, other, &right.asked, free, RowOp::Missing);
    fill(rows, one, &left.asked, free, RowOp::Extra);
}

/// Puts each refusal into the first row of a kind that has room for it, on the side that was asked for these.
fn fill(
    rows: &mut [Row],
    refusals: Vec<Refusal<'_>>,
    asked: &[Asked<'_>],
    free: &Order<'_>,
    op: RowOp,
) {
    let on_left = op == RowOp::Extra;
    for Refusal {
        asked: vain,
        reason,
    } in refusals
    {
        // Its place is between what came earlier and what came later on its side.
        let order = |row: &Row| {
            let entry = if on_left {
                &row.reference
            } else {
                &row.session
            };
            let at = entry
                .as_ref()
                .and_then(|it| asked.binary_search_by_key(&it.n, |it| it.n).ok())?;
            (!free.is_free(&asked[at], &vain)).then(|| asked[at].n.cmp(&vain.n))
        };
        let from = rows
            .iter()
            .rposition(|row| order(row) == Some(Ordering::Less));
        let from = from.map_or(0, |at| at + 1);
        let to = rows[from..]
            .iter()
            .position(|row| order(row) == Some(Ordering::Greater));
        let to = to.map_or(rows.len(), |at| from + at);
        let fits = |row: &&mut Row| {
            row.op == op && row.moved.is_none() && *row.channel == *vain.channel.plain_name()
        };
        let Some(row) = rows[from..to].iter_mut().find(fits) else {
            continue;
        };
        let entry = Some(Entry {
            refused: Some(reason.into()),
            ..Entry::of(&vain)
        });
        if on_left {
            row.reference = entry;
        } else {
            row.session = entry;
        }
        row.op = RowOp::Differs;
        row.difference = row
            .reference
            .as_ref()
            .and_then(|it| it.difference(row.session.as_ref()?));
    }
}
