//! What became of a rule, in words.

use std::fmt;

use beamtwin_pv::SimTime;
use beamtwin_pv::quantity::brief;

use crate::verdict::{Breach, Closest, Outcome, Verdict};

/// How many breaches are told one by one.
const TOLD: usize = 5;

impl Outcome {
    /// As verdicts begin.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    /// The name of the rule and what became of it, and below it the details, indented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.outcome.word();
        write!(f, "{word:<8}{} ({})", self.rule, self.severity.word())?;
        if self.outcome == Outcome::Broken {
            write!(f, ": {}", self.message)?;
        }
        let line = "\n        ";
        for breach in self.breaches.iter().take(TOLD) {
            write!(f, "{line}{breach}")?;
        }
        if self.count > TOLD {
            write!(f, "{line}and {} times more", self.count - TOLD)?;
        }
        if !self.applied && self.outcome == Outcome::Held {
            write!(f, "{line}it never applied: its `while` never held")?;
        } else if let Some(within) = self.within.filter(|_| self.outcome != Outcome::Unknown) {
            let (longest, within) = (seconds(self.longest), seconds(within));
            write!(
                f,
                "{line}not so for {longest} at the longest, of {within} allowed"
            )?;
        } else if let (Outcome::Held, Some(margin)) = (self.outcome, &self.margin)
            && margin.by.is_finite()
        {
            write!(f, "{line}came within {margin}")?;
        }
        if self.outcome == Outcome::Unknown {
            write!(f, "{line}what it is about was never known")?;
        } else if self.unknown > SimTime::ZERO {
            let unknown = seconds(self.unknown);
            write!(f, "{line}for {unknown} what it is about was not known")?;
        }
        Ok(())
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = seconds(self.from);
        if self.open {
            write!(f, "from {from} until the end")?;
        } else if self.from == self.to {
            write!(f, "at {from}")?;
        } else {
            write!(f, "from {from} to {}", seconds(self.to))?;
        }
        if self.worst.by.is_finite() {
            let worst = Closest {
                by: -self.worst.by,
                ..self.worst.clone()
            };
            write!(f, ", by {worst}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Closest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What comes of adding tenths is no news to anybody.
        let by = (self.by * 1e9).round() / 1e9;
        write!(f, "{}", brief(by + 0.0))?;
        if let Some(units) = &self.units {
            write!(f, " {units}")?;
        }
        write!(f, " at {}", seconds(self.at))?;
        match &self.comparison {
            Some(text) => write!(f, " ({text})"),
            None => Ok(()),
        }
    }
}

/// A time for people: in seconds, to a tenth of a millisecond.
fn seconds(time: SimTime) -> String {
    let rounded = (time.as_secs_f64() * 1e4).round() / 1e4;
    format!("{rounded} s")
}
