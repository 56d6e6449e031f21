//! What both sides asked for, at different places.

use std::collections::BTreeMap;

use crate::comparison::{Row, RowOp};

/// How far something may have moved when it was asked for more than once, in rows.
const NEAR: usize = 8;

/// Joins missing rows with extra rows of the same channel and value, and counts them.
///
/// What either side asked for once may have moved anywhere. Of things asked for again and again
/// nobody could tell which of them it was, unless it is near.
pub(crate) fn mark(rows: &mut [Row]) -> usize {
    let mut places: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        for (side, entry) in [&row.reference, &row.session].into_iter().enumerate() {
            if let Some(entry) = entry {
                let key = format!("{} {}", row.channel, entry.value);
                places.entry(key).or_default()[side].push(place);
            }
        }
    }
    let mut moved = 0;
    for [left, right] in places.values() {
        let once = left.len() == 1 && right.len() == 1;
        let alone = |places: &[usize], op: RowOp| -> Vec<usize> {
            let alone = places.iter().copied().filter(|&at| rows[at].op == op);
            alone.collect()
        };
        let missing = alone(left, RowOp::Missing);
        let mut extra = alone(right, RowOp::Extra);
        for from in missing {
            let nearest = (0..extra.len()).min_by_key(|&at| extra[at].abs_diff(from));
            let Some(at) = nearest.filter(|&at| once || extra[at].abs_diff(from) <= NEAR) else {
                continue;
            };
            let to = extra.remove(at);
            rows[from].moved = Some(to);
            rows[to].moved = Some(from);
            moved += 1;
        }
    }
    moved
}
