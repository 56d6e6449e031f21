//! What goes wrong on purpose in more than one kind: a sensor that lies, an oven that does not obey.
//!
//! The words of kinds that share them are here; what a kind makes of its own is in its file.

use beamtwin_pv::{Alarm, AlarmStatus, Severity, SimTime};
use beamtwin_sim::Fault;

/// What is read stays as it was.
pub(crate) const FROZEN: &str = "frozen";
/// What is read is wrong by so much.
pub(crate) const OFF_BY: &str = "off by NUMBER";
/// What is read is wrong by so much more each second.
pub(crate) const DRIFT: &str = "drift NUMBER";
/// It does not move.
pub(crate) const STALL: &str = "stall";
/// It is never said to have arrived.
pub(crate) const NEVER_DONE: &str = "never done";
/// Puts do not complete.
pub(crate) const LOST_COMPLETION: &str = "lost completion";
/// The controller does not answer.
pub(crate) const OFFLINE: &str = "offline";

/// What records show of a controller that does not answer.
pub(crate) const UNANSWERED: Alarm = Alarm::new(Severity::Invalid, AlarmStatus::Comm);

/// What a record shows of a sensor that is not connected.
pub(crate) const UNREAD: Alarm = Alarm::new(Severity::Invalid, AlarmStatus::Read);

/// What a sensor makes of what it measures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Sensor {
    /// What is so.
    #[default]
    True,
    /// The same, whatever is so.
    Frozen(f64),
    /// So much more than is so.
    Off(f64),
    /// More than is so, by so much each second, since a moment in nanoseconds.
    Drifts(f64, u64),
}

impl Sensor {
    /// The sensor with a fault, which showed this when it began.
    pub(crate) fn with(fault: Option<&Fault>, shown: f64, now: SimTime) -> Self {
        match fault {
            Some(fault) if fault.words == FROZEN => Self::Frozen(shown),
            Some(fault) if fault.words == OFF_BY => Self::Off(fault.number),
            Some(fault) if fault.words == DRIFT => Self::Drifts(fault.number, now.nanos()),
            _ => Self::True,
        }
    }

    /// What it shows of what is so.
    pub(crate) fn read(self, truth: f64, now: SimTime) -> f64 {
        match self {
            Self::True => truth,
            Self::Frozen(shown) => shown,
            Self::Off(by) => truth + by,
            Self::Drifts(rate, since) => {
                let seconds = now.since(SimTime::from_nanos(since)).as_secs_f64();
                truth + rate * seconds
            }
        }
    }

    /// Whether what it shows changes where nothing else does.
    pub(crate) const fn drifts(self) -> bool {
        matches!(self, Self::Drifts(rate, _) if rate != 0.0)
    }
}

/// What is wrong with a temperature controller, or with what it heats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Oven {
    /// Nothing, or only its sensor.
    #[default]
    Fine,
    /// The heater does not heat.
    HeaterDead,
    /// The heater heats as it can, whatever it is told.
    Runaway,
    /// It is never said to be at its set-point.
    NeverSettles,
    /// The sensor is not connected: there is no reading, and the controller does not heat.
    SensorOpen,
    /// The controller does not answer.
    Offline,
}

impl Oven {
    /// The words for what is wrong with it, its sensor included.
    pub(crate) const WORDS: &[&str] = &[
        "heater dead",
        "runaway",
        "never settles",
        "sensor open",
        FROZEN,
        OFF_BY,
        DRIFT,
        OFFLINE,
    ];

    /// What was asked for.
    pub(crate) fn with(fault: Option<&Fault>) -> Self {
        match fault.map(|fault| fault.words) {
            Some("heater dead") => Self::HeaterDead,
            Some("runaway") => Self::Runaway,
            Some("never settles") => Self::NeverSettles,
            Some("sensor open") => Self::SensorOpen,
            Some(OFFLINE) => Self::Offline,
            _ => Self::Fine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(words: &'static str) -> Fault {
        Fault {
            words,
            number: 0.5,
            lasts: None,
        }
    }

    #[test]
    fn every_word_for_an_oven_makes_something_wrong() {
        for words in Oven::WORDS {
            let fault = fault(words);
            let oven = Oven::with(Some(&fault));
            let sensor = Sensor::with(Some(&fault), 20.0, SimTime::ZERO);
            assert_ne!((oven, sensor), (Oven::Fine, Sensor::True), "{words}");
        }
        assert_eq!(Oven::with(None), Oven::Fine);
    }

    #[test]
    fn a_sensor_shows_what_its_fault_makes_of_the_truth() {
        let start = SimTime::from_nanos(1_000_000_000);
        let later = SimTime::from_nanos(5_000_000_000);
        for (words, shown) in [(FROZEN, 20.0), (OFF_BY, 7.5), (DRIFT, 9.0), (STALL, 7.0)] {
            let sensor = Sensor::with(Some(&fault(words)), 20.0, start);
            assert_eq!(sensor.read(7.0, later), shown, "{words}");
        }
    }
}
