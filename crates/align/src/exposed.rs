//! Exposures that both sides took, but not in the same state: with the shutter shut.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Settings;
use crate::comparison::{Entry, Row, RowOp};
use crate::place::Place;
use crate::sequence::Asked;

/// What an exposure saw on either side: a gate with what it was last asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// The channel, without a trailing `.VAL`.
    pub channel: String,
    /// What the channel is called in a sentence.
    pub title: String,
    /// What the reference had asked it for, in words; none if nothing.
    pub reference: Option<String>,
    /// What the session had asked it for, in words; none if nothing.
    pub session: Option<String>,
}

/// Says of each matched exposure which gates were not the same on both sides.
pub(crate) fn mark(
    rows: &mut [Row],
    places: &[Place],
    left: &[Asked<'_>],
    right: &[Asked<'_>],
    settings: &Settings,
) {
    let (one, other) = (gates(left, settings), gates(right, settings));
    let mut titles: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        let asked = place
            .left
            .map(|i| &left[i])
            .or(place.right.map(|j| &right[j]));
        if let Some(asked) = asked {
            titles.entry(asked.number).or_insert(at);
        }
    }
    for (at, place) in places.iter().enumerate() {
        let (RowOp::Matched, Some(i), Some(j)) = (place.op, place.left, place.right) else {
            continue;
        };
        if !left[i].exposes() {
            continue;
        }
        let mut numbers: Vec<usize> = one.keys().chain(other.keys()).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let was = last_before(one.get(&number), i).map(|at| &left[at]);
            let is = last_before(other.get(&number), j).map(|at| &right[at]);
            let same = match (was, is) {
                (Some(was), Some(is)) => was.tolerance.agree(&was.value, &is.value),
                (None, None) => true,
                _ => false,
            };
            if same {
                continue;
            }
            let Some(row) = titles.get(&number).map(|&at| &rows[at]) else {
                continue;
            };
            let worded = |asked: &Asked<'_>| row.worded(&Entry::of(asked));
            let gate = Gate {
                channel: row.channel.to_string(),
                title: row.title.to_string(),
                reference: was.map(worded),
                session: is.map(worded),
            };
            rows[at].gates.push(gate);
        }
    }
}

/// Where a side asked gates for something, by the number of the channel.
fn gates(asked: &[Asked<'_>], settings: &Settings) -> BTreeMap<usize, Vec<usize>> {
    let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, step) in asked.iter().enumerate() {
        if settings.gates(step.channel) {
            places.entry(step.number).or_default().push(place);
        }
    }
    places
}

fn last_before(places: Option<&Vec<usize>>, at: usize) -> Option<usize> {
    let places = places?;
    let before = places.partition_point(|&place| place < at).checked_sub(1)?;
    Some(places[before])
}
