//! What is made to go wrong on purpose.

use beamtwin_sim::fault;

/// A fault on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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

impl Fault {
    /// The words for faults.
    pub(super) const WORDS: &[&str] = &[
        "stall",
        "high limit",
        "low limit",
        "never done",
        "lost completion",
        "frozen",
        "off by NUMBER",
        "drift NUMBER",
        "slow",
        "offline",
    ];

    /// What was asked for, if anything.
    pub(super) fn asked(fault: Option<&fault::Fault>) -> Self {
        let Some(fault) = fault else {
            return Self::None;
        };
        match fault.words {
            "stall" => Self::Stall,
            "high limit" => Self::HighLimit,
            "low limit" => Self::LowLimit,
            "never done" => Self::NeverDone,
            "lost completion" => Self::LostCompletion,
            "frozen" => Self::Frozen,
            "off by NUMBER" => Self::OffBy(fault.number),
            "drift NUMBER" => Self::Drift(fault.number),
            "slow" => Self::Slow,
            "offline" => Self::Offline,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_words() {
        let mut met = vec![Fault::None];
        for &words in Fault::WORDS {
            let number = 0.5;
            let fault = Fault::asked(Some(&fault::Fault {
                words,
                number,
                lasts: None,
            }));
            assert!(!met.contains(&fault), "{words}");
            met.push(fault);
        }
        assert_eq!(Fault::asked(None), Fault::None);
    }
}
