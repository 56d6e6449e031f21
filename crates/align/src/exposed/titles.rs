//! What the channels of exposures are called.

use std::collections::BTreeMap;

use super::{Aspect, Gate};
use crate::comparison::{Entry, Row};
use crate::place::Place;
use crate::sequence::Asked;

/// A row of each channel, by the number of the channel, which knows what the channel is called.
pub(super) struct Titles<'a> {
    rows: &'a [Row],
    of: BTreeMap<usize, usize>,
}

impl<'a> Titles<'a> {
    pub(super) fn of(rows: &'a [Row], places: &[Place], sides: [&[Asked<'_>]; 2]) -> Self {
        let mut of = BTreeMap::new();
        for (at, place) in places.iter().enumerate() {
            let left = place.left.map(|i| &sides[0][i]);
            if let Some(asked) = left.or(place.right.map(|j| &sides[1][j])) {
                of.entry(asked.number).or_insert(at);
            }
        }
        Self { rows, of }
    }

    fn row(&self, number: usize) -> Option<&'a Row> {
        self.of.get(&number).map(|&at| &self.rows[at])
    }

    /// Whether something is said of a channel.
    pub(super) fn is_of(&self, gate: &Gate, number: usize) -> bool {
        self.row(number)
            .is_some_and(|row| *row.channel == *gate.channel)
    }

    /// What a channel was asked for, one thing after the other.
    pub(super) fn seen(&self, seen: &[Option<&Asked<'_>>]) -> String {
        let word = |asked: &Option<&Asked<'_>>| {
            let asked = (*asked)?;
            Some(self.row(asked.number)?.worded(&Entry::of(asked)))
        };
        let words = seen
            .iter()
            .map(|it| word(it).unwrap_or_else(|| "not asked for".to_owned()));
        words.collect::<Vec<_>>().join(", then ")
    }

    /// What is said of a channel.
    pub(super) fn gate(
        &self,
        number: usize,
        aspect: Aspect,
        reference: String,
        session: String,
    ) -> Option<Gate> {
        let row = self.row(number)?;
        Some(Gate {
            channel: row.channel.to_string(),
            title: row.title.to_string(),
            aspect,
            reference,
            session,
        })
    }
}
