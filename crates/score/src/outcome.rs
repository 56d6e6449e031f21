//! What came of one comparison, as far as it is kept.

use std::collections::BTreeMap;

use beamtwin_align::envtrace::{self, Row};
use beamtwin_align::{Comparison, Counts, paper};
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
    /// What the score is made of.
    #[serde(flatten)]
    pub parts: BTreeMap<Dimension, f64>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// [`Outcome::score`].
    Score,
    /// The part of the steps that both took; EnvTrace calls it `discrete`.
    Steps,
    /// The same by weight; EnvTrace has none.
    Weighted,
    /// How well curves agree; EnvTrace calls it `continuous`.
    Curves,
    /// How well intervals agree; EnvTrace calls it `timing`.
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
            parts: BTreeMap::from([
                (Dimension::Steps, comparison.parts.steps),
                (Dimension::Weighted, comparison.parts.weighted),
                (Dimension::Curves, comparison.parts.curves),
                (Dimension::Time, comparison.parts.time),
            ]),
            matched,
            differing,
            missing,
            extra,
            reasons,
            caveats: comparison.caveats.clone(),
        }
    }

    pub(crate) fn of_envtrace(evaluation: &envtrace::Evaluation) -> Self {
        let metric = |name: &str| {
            let found = evaluation.metrics.iter().find(|it| it.name == name);
            found.map(|it| it.score)
        };
        let parts = [
            (Dimension::Steps, metric("discrete")),
            (Dimension::Curves, metric("continuous")),
            (Dimension::Time, metric("timing")),
        ];
        let found = parts
            .into_iter()
            .filter_map(|(dimension, part)| Some((dimension, part?)));
        Self::of_rows(
            evaluation.accuracy,
            evaluation.full_score,
            found.collect(),
            &evaluation.rows,
        )
    }

    pub(crate) fn of_paper(evaluation: &paper::Evaluation) -> Self {
        let parts = BTreeMap::from([
            (Dimension::Steps, evaluation.pv_match_rate),
            (Dimension::Curves, evaluation.temp_score),
            (Dimension::Time, evaluation.timing_score),
        ]);
        Self::of_rows(
            evaluation.accuracy,
            evaluation.full_score,
            parts,
            &evaluation.rows,
        )
    }

    /// What EnvTrace finds; it gives no reasons.
    fn of_rows(alike: bool, score: f64, parts: BTreeMap<Dimension, f64>, rows: &[Row]) -> Self {
        let count = |fits: fn(&Row) -> bool| rows.iter().filter(|row| fits(row)).count();
        let matched = count(|row| row.matches == Some(true));
        Self {
            alike,
            score,
            parts,
            matched,
            differing: count(|row| row.gt.is_some() && row.pred.is_some()) - matched,
            missing: count(|row| row.pred.is_none()),
            extra: count(|row| row.gt.is_none()),
            reasons: Vec::new(),
            caveats: Vec::new(),
        }
    }

    /// The value of a dimension, if the method has it.
    pub fn value(&self, dimension: Dimension) -> Option<f64> {
        match dimension {
            Dimension::Score => Some(self.score),
            part => self.parts.get(&part).copied(),
        }
    }
}
