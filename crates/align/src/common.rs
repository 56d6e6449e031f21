//! What both sides asked for, but not at one place, costs once and not twice.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use beamtwin_trace::Datum;

use crate::comparison::{Row, RowOp};
use crate::place::Place;
use crate::sequence::Asked;
use crate::tolerance::number;

/// A step that has no partner: the place of its row, and the step.
type Alone<'a> = (usize, &'a Asked<'a>);

/// Pairs as many steps without a partner as agree, wherever they are, and takes the lighter one of two off
/// the weight of its row. Says how many such pairs there are.
pub(crate) fn count_once(
    rows: &mut [Row],
    places: &[Place],
    left: &[Asked<'_>],
    right: &[Asked<'_>],
) -> usize {
    let mut channels: BTreeMap<usize, [Vec<Alone<'_>>; 2]> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        if place.op == RowOp::Matched {
            continue;
        }
        let sides = [place.left.map(|i| &left[i]), place.right.map(|j| &right[j])];
        for (side, asked) in sides.into_iter().enumerate() {
            if let Some(asked) = asked {
                channels.entry(asked.number).or_default()[side].push((at, asked));
            }
        }
    }
    let mut pairs = 0;
    for [mut one, mut other] in channels.into_values() {
        let sorted = |side: &mut Vec<Alone<'_>>| {
            side.sort_by(|a, b| order(&a.1.value, &b.1.value));
        };
        sorted(&mut one);
        sorted(&mut other);
        let (mut i, mut j) = (0, 0);
        while let (Some(&(_, a)), Some(&(to, b))) = (one.get(i), other.get(j)) {
            if a.tolerance.agree(&a.value, &b.value) {
                rows[to].weight -= a.weight.min(b.weight);
                pairs += 1;
                (i, j) = (i + 1, j + 1);
            } else if order(&a.value, &b.value).is_lt() {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pairs
}

fn order(one: &Datum, other: &Datum) -> Ordering {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.to_string().cmp(&other.to_string()),
    }
}
