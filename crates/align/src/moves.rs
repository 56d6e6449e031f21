//! What both sides asked for, at different places.

use std::collections::{BTreeMap, HashSet};

use beamtwin_trace::Datum;

use crate::comparison::{Entry, Row, RowOp};

/// How far something may have moved when it was asked for more than once, in rows.
const NEAR: usize = 8;

/// Joins missing rows with extra rows of the same channel and value, and counts them.
///
/// What either side asked for once may have moved anywhere. Of things asked for again and again
/// nobody could tell which of them it was, unless it is near.
pub(crate) fn mark(rows: &mut [Row]) -> usize {
    if rows.iter().all(|row| row.op == RowOp::Matched) {
        return 0;
    }
    let entries = |row: &Row| [&row.reference, &row.session].map(|it| it.as_ref().map(key));
    let alone = |row: &&Row| matches!(row.op, RowOp::Missing | RowOp::Extra);
    // Nothing else can have moved. Only looked up, never iterated.
    let wanted: HashSet<Key> = rows
        .iter()
        .filter(alone)
        .flat_map(entries)
        .flatten()
        .collect();
    let mut places: BTreeMap<(&str, Key), [Vec<usize>; 2]> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        for (side, key) in entries(row).into_iter().enumerate() {
            if let Some(key) = key.filter(|key| wanted.contains(key)) {
                places.entry((&*row.channel, key)).or_default()[side].push(place);
            }
        }
    }
    let places: Vec<[Vec<usize>; 2]> = places.into_values().collect();
    let mut moved = 0;
    for [left, right] in &places {
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

/// A value by which rows are sorted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Number(u64),
    Other(String),
}

fn key(entry: &Entry) -> Key {
    Key::of(&entry.value)
}

impl Key {
    fn of(value: &Datum) -> Self {
        match value {
            Datum::Number(number) => Self::Number(number.to_bits()),
            other => Self::Other(other.to_string()),
        }
    }
}
