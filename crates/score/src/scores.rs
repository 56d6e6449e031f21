//! What came out: each session, each item, each candidate.

use std::path::PathBuf;

use serde::Serialize;

use crate::interval::{bootstrap, wilson};
use crate::{Dimension, Outcome, Suite};

/// What came of a suite.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// What the suite is called.
    pub title: String,
    /// The method.
    pub method: &'static str,
    /// What is averaged.
    #[serde(skip)]
    pub dimensions: Vec<Dimension>,
    /// The candidates over all items, in the order of the file.
    pub candidates: Vec<Standing>,
    /// The candidates item by item.
    pub items: Vec<Cell>,
    /// Each session.
    pub sessions: Vec<SessionScore>,
    /// What may not be meant so: traces that fit no item.
    pub warnings: Vec<String>,
}

/// A candidate over all items. An item without a session counts as one session that scores 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// The name.
    pub candidate: String,
    /// How many items have no session.
    pub missing: usize,
    /// The sessions that are alike.
    pub alike: Share,
    /// The mean over items of the means over repeats.
    pub means: Vec<Estimate>,
}

/// A candidate at one item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The item.
    pub item: String,
    /// The candidate.
    pub candidate: String,
    /// The sessions that are alike.
    pub alike: Share,
    /// The means over repeats; without sessions there is none.
    pub means: Vec<Estimate>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub of: usize,
    /// Of how many.
    pub all: usize,
    /// Where the share may lie, by Wilson at 95 %.
    pub interval: Option<(f64, f64)>,
}

/// A mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Of what.
    pub dimension: Dimension,
    /// The mean.
    pub mean: f64,
    /// Where it may lie, by bootstrap at 95 %; none of a single session.
    pub interval: Option<(f64, f64)>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SessionScore {
    /// The item.
    pub item: String,
    /// The candidate.
    pub candidate: String,
    /// The file.
    pub session: PathBuf,
    /// Whether all was known from an earlier run.
    #[serde(skip)]
    pub kept: bool,
    /// What came of it.
    #[serde(flatten)]
    pub judged: Judged,
}

/// What came of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Judged {
    /// It was compared.
    Compared {
        /// With which reference it compares best, from zero.
        reference: usize,
        /// What came of that.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// It was not.
    Failed {
        /// Why not.
        #[serde(rename = "failed")]
        why: String,
    },
}

impl SessionScore {
    /// What came of the comparison, if there was one.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.compared().map(|(_, outcome)| outcome)
    }

    /// The reference, from zero, and what came of the comparison with it.
    pub fn compared(&self) -> Option<(usize, &Outcome)> {
        match &self.judged {
            Judged::Compared { reference, outcome } => Some((*reference, outcome)),
            Judged::Failed { .. } => None,
        }
    }

    /// Why there was none.
    pub fn failure(&self) -> Option<&str> {
        match &self.judged {
            Judged::Compared { .. } => None,
            Judged::Failed { why } => Some(why),
        }
    }

    fn value(&self, dimension: Dimension) -> f64 {
        let value = self.outcome().and_then(|it| it.value(dimension));
        value.unwrap_or(0.0)
    }

    fn is_alike(&self) -> bool {
        self.outcome().is_some_and(|it| it.alike)
    }
}

impl Scores {
    pub(crate) fn of(suite: &Suite, sessions: Vec<SessionScore>) -> Self {
        let of = |item: &str, candidate: &str| -> Vec<&SessionScore> {
            let fits = |it: &&SessionScore| it.item == item && it.candidate == candidate;
            sessions.iter().filter(fits).collect()
        };
        let dimensions = suite.method.dimensions();
        let mut items = Vec::new();
        for item in &suite.items {
            for candidate in &suite.candidates {
                let own = of(&item.name, &candidate.name);
                let means = |&dimension: &Dimension| {
                    estimate(
                        dimension,
                        &[own.iter().map(|it| it.value(dimension)).collect()],
                    )
                };
                items.push(Cell {
                    item: item.name.clone(),
                    candidate: candidate.name.clone(),
                    alike: share(own.iter().map(|it| it.is_alike())),
                    means: match own.is_empty() {
                        true => Vec::new(),
                        false => dimensions.iter().map(means).collect(),
                    },
                });
            }
        }
        let candidates = suite.candidates.iter().map(|candidate| {
            let groups: Vec<Vec<&SessionScore>> = suite
                .items
                .iter()
                .map(|item| of(&item.name, &candidate.name))
                .collect();
            let means = |&dimension: &Dimension| {
                let values = |group: &Vec<&SessionScore>| match group.is_empty() {
                    true => vec![0.0],
                    false => group.iter().map(|it| it.value(dimension)).collect(),
                };
                estimate(dimension, &groups.iter().map(values).collect::<Vec<_>>())
            };
            let alike = groups.iter().flat_map(|group| match group.is_empty() {
                true => vec![false],
                false => group.iter().map(|it| it.is_alike()).collect(),
            });
            Standing {
                candidate: candidate.name.clone(),
                missing: groups.iter().filter(|group| group.is_empty()).count(),
                alike: share(alike),
                means: dimensions.iter().map(means).collect(),
            }
        });
        let candidates = candidates.collect();
        Self {
            title: suite.title.clone(),
            method: suite.method.name(),
            dimensions,
            candidates,
            items,
            sessions,
            warnings: suite.warnings.clone(),
        }
    }

    /// All that came out, as JSON.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn share(alike: impl Iterator<Item = bool>) -> Share {
    let (mut of, mut all) = (0, 0);
    for is_alike in alike {
        of += usize::from(is_alike);
        all += 1;
    }
    Share {
        of,
        all,
        interval: wilson(of, all),
    }
}

fn estimate(dimension: Dimension, groups: &[Vec<f64>]) -> Estimate {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let means: Vec<f64> = groups.iter().map(|group| mean(group)).collect();
    let slices: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
    Estimate {
        dimension,
        mean: mean(&means),
        interval: bootstrap(&slices),
    }
}
