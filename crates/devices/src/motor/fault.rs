//! What is made to go wrong on purpose, in the words of whoever wants it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A fault on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Fault {
    /// None.
    #[default]
    None,
    /// The motor does not turn.
    Stall,
    /// The upper limit switch is closed wherever it is.
    HighLimit,
    /// The lower limit switch is closed wherever it is.
    LowLimit,
    /// The controller never says that it is done.
    NeverDone,
    /// Puts do not complete.
    LostCompletion,
    /// The readback stays as it is.
    Frozen,
    /// The readback is off by so many units.
    OffBy(f64),
    /// The readback drifts by so many units a second.
    Drift(f64),
    /// The controller is looked at once a second.
    Slow,
    /// The controller does not answer.
    Offline,
}

/// The faults without a number, by name.
const NAMED: &[(&str, Fault)] = &[
    ("none", Fault::None),
    ("stall", Fault::Stall),
    ("high limit", Fault::HighLimit),
    ("low limit", Fault::LowLimit),
    ("never done", Fault::NeverDone),
    ("lost completion", Fault::LostCompletion),
    ("frozen", Fault::Frozen),
    ("slow", Fault::Slow),
    ("offline", Fault::Offline),
];

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::None);
        }
        if let Some((_, fault)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(*fault);
        }
        let number = |rest: &str| rest.trim().parse::<f64>().ok().filter(|it| it.is_finite());
        if let Some(size) = text.strip_prefix("off by ").and_then(number) {
            return Ok(Self::OffBy(size));
        }
        if let Some(rate) = text.strip_prefix("drift ").and_then(number) {
            return Ok(Self::Drift(rate));
        }
        let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        Err(format!(
            "no fault is called `{text}`; there are {}, off by 0.5, drift 0.01",
            names.join(", ")
        ))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OffBy(size) => write!(f, "off by {size}"),
            Self::Drift(rate) => write!(f, "drift {rate}"),
            other => {
                let named = NAMED.iter().find(|(_, fault)| fault == other);
                f.write_str(named.map_or("none", |(name, _)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_it_is_written() {
        let numbered = [Fault::OffBy(-0.5), Fault::Drift(0.01)];
        for fault in NAMED.iter().map(|(_, fault)| *fault).chain(numbered) {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        assert_eq!("".parse(), Ok(Fault::None));
    }

    #[test]
    fn what_is_no_fault_is_told_with_those_there_are() {
        let error = "stal".parse::<Fault>().unwrap_err();
        assert!(error.contains("`stal`") && error.contains("stall, high limit"));
        assert!("drift fast".parse::<Fault>().is_err());
        assert!("off by nan".parse::<Fault>().is_err());
    }
}
