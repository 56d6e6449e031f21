//! What a session earns: the weight of what agrees, less what times and curves take of it.
//!
//! Times and curves take from what the steps earned between which they went wrong, and from each such stretch no
//! more than the lighter of its two steps. So no step that agrees costs more than it earns.

use crate::Settings;
use crate::comparison::{Counts, Parts, Row, RowOp};

/// What agrees, and what does not, by weight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed {
    /// The weight of the rows that agree.
    pub(crate) agreeing: f64,
    /// The weight of the other rows, and of all else that is not alike.
    unlike: f64,
}

impl Weighed {
    /// Of rows, and of what is unlike beside them.
    pub(crate) fn of(rows: &[Row], beside: f64) -> Self {
        let agreeing = rows.iter().map(earned).sum();
        let others = rows.iter().filter(|row| !row.agrees());
        Self {
            agreeing,
            unlike: beside + others.map(|row| row.weight).sum::<f64>(),
        }
    }

    /// The weight of what agrees over the weight of all.
    pub(crate) fn part(self) -> f64 {
        if self.unlike == 0.0 {
            1.0
        } else {
            self.agreeing / (self.agreeing + self.unlike)
        }
    }

    /// What is left, from 0 to 1, when of all that agrees so much weight is lost.
    pub(crate) fn left(self, lost: f64) -> f64 {
        if lost > 0.0 && self.agreeing > 0.0 {
            (1.0 - lost / self.agreeing).max(0.0)
        } else {
            1.0
        }
    }
}

/// What a row earns: its weight if it agrees.
pub(crate) fn earned(row: &Row) -> f64 {
    if row.agrees() { row.weight } else { 0.0 }
}

impl Parts {
    /// Curves and times take from the score no more than their weights.
    pub(crate) fn score(&self, settings: &Settings) -> f64 {
        let weights = settings.weights;
        let taken = weights.curves * (1.0 - self.curves) + weights.time * (1.0 - self.time);
        self.weighted * (1.0 - taken).max(0.0)
    }
}

/// How many rows there are of each kind.
pub(crate) fn counts(rows: &[Row], moved: usize, refused: usize, elsewhere: usize) -> Counts {
    let count = |op: RowOp| rows.iter().filter(|row| row.op == op).count();
    Counts {
        matched: count(RowOp::Matched),
        differing: count(RowOp::Differs),
        missing: count(RowOp::Missing),
        extra: count(RowOp::Extra),
        moved,
        refused,
        elsewhere,
    }
}

/// The part of all that either side asked for which both asked for at one place; what both asked for elsewhere
/// is counted once.
pub(crate) fn steps_alike(counts: Counts, elsewhere: usize) -> f64 {
    let unlike = counts.missing + counts.extra + 2 * counts.differing - elsewhere;
    let all = counts.matched + unlike;
    if all == 0 {
        1.0
    } else {
        counts.matched as f64 / all as f64
    }
}
