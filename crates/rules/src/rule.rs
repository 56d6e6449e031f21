//! A rule, made of texts.

use std::ops::Range;

use beamtwin_pv::SimTime;
use serde::Serialize;

use crate::formula::Condition;
use crate::names::Names;
use crate::reading::{Comparison, Reading, Use};

/// How bad it is if a rule is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody should know.
    Minor,
    /// Something is wrong.
    #[default]
    Major,
}

impl Severity {
    /// As traces have it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minor => "MINOR",
            Self::Major => "MAJOR",
        }
    }
}

/// What a rule is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// What must never hold.
    pub never: Option<String>,
    /// What must always hold; one of the two is needed.
    pub always: Option<String>,
    /// The rule is judged only while this holds.
    pub only_while: Option<String>,
    /// For how long it may be broken at a stretch, in device time.
    pub within: Option<SimTime>,
    /// What to say when it is broken.
    pub message: Option<String>,
    /// How bad that is.
    pub severity: Severity,
}

/// The texts of a rule that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `never`.
    Never,
    /// `always`.
    Always,
    /// `while`.
    While,
}

impl Key {
    /// What the setting is called.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Always => "always",
            Self::While => "while",
        }
    }
}

/// What is wrong in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// In which of its texts; `None` if in none of them.
    pub key: Option<Key>,
    /// Which bytes of that text.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// A rule, read and found to be sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it is called.
    pub name: String,
    /// What to say when it is broken.
    pub message: String,
    /// How bad that is.
    pub severity: Severity,
    /// For how long it may be broken at a stretch.
    pub within: Option<SimTime>,
    /// What must hold at all times.
    pub(crate) must: Condition,
    /// While what it is judged, if not always.
    pub(crate) only_while: Option<Condition>,
    /// The process variables it is about, by their places in the formula.
    pub(crate) uses: Vec<Use>,
    /// Its comparisons, by their numbers.
    pub(crate) comparisons: Vec<Comparison>,
}

impl Terms {
    /// Reads the expressions.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn rule(&self, name: &str, names: &impl Names) -> Result<Rule, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut reading = Reading::new(names);
        let mut read = |key: Key, text: &str| {
            let (condition, faults) = reading.condition(text);
            mistakes.extend(faults.into_iter().map(|fault| Mistake {
                key: Some(key),
                at: fault.at,
                message: fault.message,
                hint: fault.hint,
            }));
            condition
        };
        let only_while = self
            .only_while
            .as_deref()
            .map(|text| read(Key::While, text));
        let never = self.never.as_deref().map(|text| read(Key::Never, text));
        let always = self.always.as_deref().map(|text| read(Key::Always, text));
        let text = match (&self.never, &self.always) {
            (Some(text), None) => format!("never {text}"),
            (None, Some(text)) => format!("always {text}"),
            (Some(_), Some(_)) => {
                mistakes.push(Mistake {
                    key: Some(Key::Always),
                    at: 0..0,
                    message: "never and always stand in one rule".to_owned(),
                    hint: Some("make it two rules".to_owned()),
                });
                String::new()
            }
            (None, None) => {
                mistakes.push(Mistake {
                    key: None,
                    at: 0..0,
                    message: "a rule says what must never hold, or always".to_owned(),
                    hint: Some("write for example never = \"shutter.main.open\"".to_owned()),
                });
                String::new()
            }
        };
        let must = match (never, always) {
            (Some(Some(never)), _) => Some(never.not()),
            (_, Some(always)) => always,
            _ => None,
        };
        let (uses, comparisons) = reading.done();
        let (Some(must), true) = (must, mistakes.is_empty()) else {
            return Err(mistakes);
        };
        let only_while = only_while.flatten();
        Ok(Rule {
            name: name.to_owned(),
            message: self.message.clone().unwrap_or(text),
            severity: self.severity,
            within: self.within,
            must: match &only_while {
                Some(condition) => condition.clone().not().or(must),
                None => must,
            },
            only_while,
            uses,
            comparisons,
        })
    }
}
