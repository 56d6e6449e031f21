//! What came of one comparison, as far as it is kept.

use beamtwin_align::{Comparison, Counts};
use serde::{Deserialize, Serialize};

/// Reasons beyond this many are not kept.
const REASONS: usize = 20;

/// What came of one comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether they did the same.
    pub alike: bool,
    /// How much alike they are.
    pub score: f64,
    /// The part of the steps that both took.
    pub steps: f64,
    /// The same by weight.
    pub weighted: f64,
    /// The mean score of the curves.
    pub curves: f64,
    /// The mean agreement of intervals.
    pub time: f64,
    /// Steps that matched.
    pub matched: usize,
    /// Steps with another value.
    pub differing: usize,
    /// Steps that only the reference took.
    pub missing: usize,
    /// Steps that only the session took.
    pub extra: usize,
    /// What is not alike, in words, as far as there is room.
    pub reasons: Vec<String>,
    /// What lessens the worth of the comparison.
    pub caveats: Vec<String>,
}

/// What is averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// [`Outcome::score`].
    Score,
    /// [`Outcome::steps`].
    Steps,
    /// [`Outcome::weighted`].
    Weighted,
    /// [`Outcome::curves`].
    Curves,
    /// [`Outcome::time`].
    Time,
}

impl Dimension {
    /// All of them, the score first.
    pub const ALL: [Self; 5] = [
        Self::Score,
        Self::Steps,
        Self::Weighted,
        Self::Curves,
        Self::Time,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Steps => "steps",
            Self::Weighted => "weighted",
            Self::Curves => "curves",
            Self::Time => "time",
        }
    }
}

impl Outcome {
    pub(crate) fn of(comparison: &Comparison) -> Self {
        let Counts {
            matched,
            differing,
            missing,
            extra,
            ..
        } = comparison.counts;
        let mut reasons = comparison.reasons.clone();
        if reasons.len() > REASONS {
            let more = reasons.len() - REASONS;
            reasons.truncate(REASONS);
            reasons.push(format!("and {more} more"));
        }
        Self {
            alike: comparison.alike,
            score: comparison.score,
            steps: comparison.parts.steps,
            weighted: comparison.parts.weighted,
            curves: comparison.parts.curves,
            time: comparison.parts.time,
            matched,
            differing,
            missing,
            extra,
            reasons,
            caveats: comparison.caveats.clone(),
        }
    }

    /// The value of a dimension.
    pub fn value(&self, dimension: Dimension) -> f64 {
        match dimension {
            Dimension::Score => self.score,
            Dimension::Steps => self.steps,
            Dimension::Weighted => self.weighted,
            Dimension::Curves => self.curves,
            Dimension::Time => self.time,
        }
    }
}
