//! What is made to go wrong on purpose, in the words of whoever wants it.
//!
//! `stall`, `off by 0.5`, `stall for 10 s`; `none` ends it. A device lists the words that it knows with
//! [`Device::faults`](crate::Device::faults): capitals stand for what is to be filled in, `NUMBER` for a number
//! and `DURATION` for a time with its unit. Those in [`COMMON`] every device has, and the twin as a whole.

use std::fmt;
use std::time::Duration;

use beamtwin_pv::Severity;
use beamtwin_pv::quantity::Seconds;
use thiserror::Error;

/// Something that goes wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// The words as they are listed: `off by NUMBER`.
    pub words: &'static str,
    /// The number in them, or the seconds; 0 if there is none.
    pub number: f64,
    /// For how many seconds of device time; until it is ended, if not said.
    pub lasts: Option<f64>,
}

/// Words that are no fault of a device.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnknownFault {
    /// No device of this name.
    #[error("there is no device `{0}`")]
    Device(String),
    /// Not how long a fault can last.
    #[error("`{0}` is not how long a fault can last; write for example for 10 s")]
    Lasts(String),
    /// Other words than the device knows.
    #[error("no fault is called `{text}`; there are {known}")]
    Words {
        /// What was asked for.
        text: String,
        /// What there is.
        known: String,
    },
}

impl Fault {
    /// Reads the words for a fault of a device that knows these by itself; `None` for no fault.
    ///
    /// # Errors
    /// If they are none of them.
    pub fn parse(text: &str, own: &'static [&'static str]) -> Result<Option<Self>, UnknownFault> {
        let text = text.trim();
        if text.is_empty() || text == NONE {
            return Ok(None);
        }
        let unknown = || UnknownFault::Words {
            text: text.to_owned(),
            known: listed(own),
        };
        let (words, lasts) = match text.split_once(FOR) {
            Some((words, lasts)) => (words, Some(lasts)),
            None => (text, None),
        };
        let (words, number) = all(own)
            .find_map(|pattern| Some((pattern, fill(pattern, words)?)))
            .ok_or_else(unknown)?;
        let lasts = lasts.map(|text| {
            let seconds = seconds(text).filter(|&seconds| seconds > 0.0);
            seconds.ok_or_else(|| UnknownFault::Lasts(text.to_owned()))
        });
        Ok(Some(Self {
            words,
            number,
            lasts: lasts.transpose()?,
        }))
    }

    /// Whether nobody answers for the PVs.
    #[must_use]
    pub fn disconnects(&self) -> bool {
        self.words == DISCONNECTED
    }

    /// Whether the PVs can be read only.
    pub(crate) fn protects(&self) -> bool {
        self.words == READ_ONLY
    }

    /// Whether answers come late.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.words == SLOW
    }

    /// How late answers come.
    pub(crate) fn lateness(&self) -> Duration {
        let late = Seconds(self.number).duration();
        late.filter(|_| self.is_slow()).unwrap_or_default()
    }

    /// The alarm that the records show at least.
    pub(crate) fn severity(&self) -> Severity {
        match self.words {
            "alarm minor" => Severity::Minor,
            "alarm major" => Severity::Major,
            "alarm invalid" => Severity::Invalid,
            _ => Severity::None,
        }
    }

    /// How long it lasts, if that was said.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        Seconds(self.lasts?).duration()
    }
}

/// As it can be read again.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        let words = match blank(self.words) {
            Some((start, Blank::Duration)) => format!("{start}{number} s"),
            Some((start, Blank::Number)) => format!("{start}{number}"),
            None => self.words.to_owned(),
        };
        f.write_str(&words)?;
        match self.lasts {
            Some(lasts) => write!(f, "{FOR}{lasts} s"),
            None => Ok(()),
        }
    }
}

/// The words of a fault, or of none.
pub(crate) fn shown(fault: Option<&Fault>) -> String {
    fault.map_or_else(|| NONE.to_owned(), ToString::to_string)
}

/// The words that every device knows: what its clients meet, and not the device itself.
pub const COMMON: &[&str] = &[
    DISCONNECTED,
    SLOW,
    "alarm minor",
    "alarm major",
    "alarm invalid",
    READ_ONLY,
];

/// All words of a device that knows these by itself.
pub fn all(own: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    own.iter().chain(COMMON).copied()
}

/// The faults that can be asked for, none among them.
fn listed(own: &'static [&'static str]) -> String {
    let all: Vec<&str> = std::iter::once(NONE).chain(all(own)).collect();
    format!("{}; all but {NONE} also{FOR}DURATION", all.join(", "))
}

/// What stands before the words in the record of the session.
pub const ON_PURPOSE: &str = "on purpose: ";
/// The end of all faults.
const NONE: &str = "none";
/// What stands before how long it lasts.
const FOR: &str = " for ";
/// Nobody answers for the PVs.
const DISCONNECTED: &str = "disconnected";
/// The PVs can be read only.
const READ_ONLY: &str = "read-only";
/// Answers come so late.
const SLOW: &str = "slow replies DURATION";

/// What is to be filled in.
enum Blank {
    Number,
    Duration,
}

/// What stands before the blank of a pattern, if it has one.
fn blank(pattern: &str) -> Option<(&str, Blank)> {
    let number = pattern.strip_suffix("NUMBER");
    let number = number.map(|start| (start, Blank::Number));
    number.or_else(|| Some((pattern.strip_suffix("DURATION")?, Blank::Duration)))
}

/// The number that makes a pattern what was written; 0 where it has no blank.
fn fill(pattern: &str, text: &str) -> Option<f64> {
    let text = text.trim();
    let Some((start, blank)) = blank(pattern) else {
        return (pattern == text).then_some(0.0);
    };
    let rest = text.strip_prefix(start)?.trim();
    match blank {
        Blank::Number => rest.parse().ok().filter(|number: &f64| number.is_finite()),
        Blank::Duration => seconds(rest),
    }
}

/// The seconds of a duration that lies ahead.
fn seconds(text: &str) -> Option<f64> {
    let seconds: Seconds = text.parse().ok()?;
    seconds.duration().map(|_| seconds.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["stall", "off by NUMBER", "late DURATION"];

    fn read(text: &str) -> Result<Option<Fault>, UnknownFault> {
        Fault::parse(text, KNOWN)
    }

    #[test]
    fn a_fault_reads_as_it_is_written() {
        for text in [
            "stall",
            "off by -0.5",
            "late 0.1 s",
            "stall for 10 s",
            "late 2 s for 0.25 s",
        ] {
            let fault = read(text).unwrap().unwrap();
            assert_eq!(fault.to_string(), text);
        }
        assert_eq!(read("late 100 ms for 1 min"), read("late 0.1 s for 60 s"));
    }

    #[test]
    fn none_is_none() {
        assert_eq!((read("none"), read(" ")), (Ok(None), Ok(None)));
    }

    #[test]
    fn what_is_no_fault_is_told_with_those_there_are() {
        let error = read("stal").unwrap_err().to_string();
        assert_eq!(
            error,
            "no fault is called `stal`; there are none, stall, off by NUMBER, late DURATION, \
             disconnected, slow replies DURATION, alarm minor, alarm major, alarm invalid, read-only; \
             all but none also for DURATION"
        );
        for text in ["off by", "off by nan", "late 2", "none for 2 s", "stall 3"] {
            assert!(
                matches!(read(text), Err(UnknownFault::Words { .. })),
                "{text}"
            );
        }
        for text in [
            "stall for 10",
            "stall for 0 s",
            "stall for -1 s",
            "stall for ever",
        ] {
            assert!(matches!(read(text), Err(UnknownFault::Lasts(_))), "{text}");
        }
    }
}
