//! What is made to go wrong on purpose, in the words of whoever wants it.
//!
//! `stall`, `off by 0.5`, `stall for 10 s`; `none` ends it. A device lists the words that it knows with
//! [`Device::faults`](crate::Device::faults): capitals stand for what is to be filled in, `NUMBER` for a number
//! and `DURATION` for a time with its unit. Those in [`COMMON`] every device has, and the twin as a whole.

mod words;

use std::fmt;
use std::time::Duration;

use beamtwin_pv::Severity;
use beamtwin_pv::quantity::{Seconds, brief};
use thiserror::Error;

use self::words::{Blank, blank};

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
    /// No device of this name, nor a table with `each`.
    #[error("there is no device `{name}`{}", meant(near.as_deref()))]
    Device {
        /// The name.
        name: String,
        /// Which device may have been meant.
        near: Option<String>,
    },
    /// Not how long a fault can last.
    #[error("`{0}` is not how long a fault can last; write for example for 10 s")]
    Lasts(String),
    /// Words that want a number or a duration, with something else.
    #[error("`{words}` wants {what}, not {rest}; write for example `{words} {example}`")]
    Filled {
        /// The words: `off by`.
        words: &'static str,
        /// What they want.
        what: &'static str,
        /// What stands behind them, quoted.
        rest: String,
        /// What could stand there.
        example: &'static str,
    },
    /// Other words than the device knows.
    #[error("no fault is called `{text}`{}", advice(near.as_deref(), known))]
    Words {
        /// What was asked for.
        text: String,
        /// What may have been meant.
        near: Option<&'static str>,
        /// What there is.
        known: String,
    },
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn advice(near: Option<&str>, known: &str) -> String {
    match near {
        Some(_) => format!("{} (there are {known})", meant(near)),
        None => format!("; there are {known}"),
    }
}

impl Fault {
    /// Reads the words for a fault of a device that knows these by itself; `None` for no fault. Case and repeated
    /// blanks do not matter.
    ///
    /// # Errors
    /// If they are none of them.
    pub fn parse(text: &str, own: &'static [&'static str]) -> Result<Option<Self>, UnknownFault> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || text.eq_ignore_ascii_case(NONE) {
            return Ok(None);
        }
        let (words, lasts) = match text.to_ascii_lowercase().find(FOR) {
            Some(at) => (&text[..at], Some(&text[at + FOR.len()..])),
            None => (text.as_str(), None),
        };
        let (words, number) = words::read(words, own)?.ok_or_else(|| UnknownFault::Words {
            near: words::meant(words, own),
            known: words::listed(own),
            text: text.clone(),
        })?;
        let lasts = lasts.map(|text| {
            let seconds = words::seconds(text).filter(|&seconds| seconds > 0.0);
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
        let number = brief(self.number);
        let words = match blank(self.words) {
            Some((start, Blank::Duration)) => format!("{start}{number} s"),
            Some((start, Blank::Number)) => format!("{start}{number}"),
            None => self.words.to_owned(),
        };
        f.write_str(&words)?;
        match self.lasts {
            Some(lasts) => write!(f, "{FOR}{} s", brief(lasts)),
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

/// What stands before the words in the record of the session.
pub const ON_PURPOSE: &str = "on purpose: ";
/// What stands there before what a device said that was lost to a bug.
pub const BUG: &str = "lost to a bug: ";
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
        let error = read("gremlins").unwrap_err().to_string();
        assert_eq!(
            error,
            "no fault is called `gremlins`; there are none, stall, off by NUMBER, late DURATION, \
             disconnected, slow replies DURATION, alarm minor, alarm major, alarm invalid, read-only; \
             all but none also for DURATION"
        );
        for text in ["late2", "none for 2 s", "stall 3", "offby 2"] {
            assert!(
                matches!(read(text), Err(UnknownFault::Words { .. })),
                "{text}"
            );
        }
        let error = read("Stal for 3 s").unwrap_err().to_string();
        assert!(error.starts_with(
            "no fault is called `Stal for 3 s`; did you mean `stall`? (there are none, "
        ));
        let error = read("of by 3").unwrap_err().to_string();
        assert!(error.contains("did you mean `off by NUMBER`?"), "{error}");
        for text in [
            "stall for 10",
            "stall for 0 s",
            "stall for -1 s",
            "stall for ever",
        ] {
            assert!(matches!(read(text), Err(UnknownFault::Lasts(_))), "{text}");
        }
    }

    #[test]
    fn words_that_want_a_number_say_so() {
        for (text, rest) in [
            ("off by", ""),
            ("off by 0.5 mm", "0.5 mm"),
            ("off by 2 K for 3 s", "2 K"),
            ("off by nan", "nan"),
            ("off by 1e400", "1e400"),
            ("off by -1e-400", "-1e-400"),
        ] {
            let error = read(text).unwrap_err().to_string();
            let rest = if rest.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{rest}`")
            };
            assert_eq!(
                error,
                format!(
                    "`off by` wants a finite number, not {rest}; write for example `off by 0.5`"
                )
            );
        }
        let error = read("late 2").unwrap_err().to_string();
        assert_eq!(
            error,
            "`late` wants a duration, not `2`; write for example `late 100 ms`"
        );
        for zero in ["off by 0", "off by -0.0e5"] {
            assert_eq!(read(zero).unwrap().unwrap().number, 0.0);
        }
    }

    #[test]
    fn case_and_blanks_do_not_matter() {
        assert_eq!(read("  Stall  FOR 10 s"), read("stall for 10 s"));
        assert_eq!(read("Off  by 1"), read("off by 1"));
        assert_eq!(read("NONE"), Ok(None));
    }

    #[test]
    fn a_number_is_shown_so_that_it_can_be_read() {
        for text in ["off by 1e-300", "off by -1e300", "late 1e-9 s for 1e-6 s"] {
            assert_eq!(read(text).unwrap().unwrap().to_string(), text);
        }
    }

    #[test]
    fn words_of_many_axes_are_listed_once() {
        const OWN: &[&str] = &[
            "top stall",
            "top off by NUMBER",
            "x_gap stall",
            "x_gap off by NUMBER",
        ];
        let error = Fault::parse("bottom stall", OWN).unwrap_err().to_string();
        let known = "there are none, (top | x_gap) (stall | off by NUMBER), disconnected, ";
        assert!(error.contains(known), "{error}");
        assert!(Fault::parse("X_GAP stall", OWN).unwrap().is_some());
    }
}
