//! Where a positioner is, where it goes, and what goes wrong with it.

use beamtwin_pv::SimTime;
use beamtwin_sim::Fault;

use crate::fault::{self, Sensor};
use crate::physics::trapezoid::{Motion, Point};

/// Where it is and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Journey {
    /// Where it rests, or where its motion began.
    pub(super) rest: f64,
    /// How it moves, and since when, in nanoseconds.
    pub(super) motion: Option<(u64, Motion)>,
    /// The puts that finish when it has arrived.
    pub(super) puts: Vec<u64>,
    pub(super) trouble: Trouble,
    pub(super) sensor: Sensor,
}

/// What goes wrong on purpose, other than the readback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trouble {
    #[default]
    None,
    Stall,
    NeverDone,
    LostCompletion,
    Offline,
}

/// The words for what can go wrong.
pub(super) const FAULTS: &[&str] = &[
    fault::STALL,
    fault::NEVER_DONE,
    fault::LOST_COMPLETION,
    fault::FROZEN,
    fault::OFF_BY,
    fault::DRIFT,
    fault::OFFLINE,
];

impl Trouble {
    pub(super) fn with(fault: Option<&Fault>) -> Self {
        match fault.map(|fault| fault.words) {
            Some(fault::STALL) => Self::Stall,
            Some(fault::NEVER_DONE) => Self::NeverDone,
            Some(fault::LOST_COMPLETION) => Self::LostCompletion,
            Some(fault::OFFLINE) => Self::Offline,
            _ => Self::None,
        }
    }
}

impl Journey {
    pub(super) fn at(&self, now: SimTime) -> Point {
        match &self.motion {
            Some((since, motion)) => motion.after(now.since(SimTime::from_nanos(*since))),
            None => Point {
                at: self.rest,
                speed: 0.0,
            },
        }
    }

    /// Whether its motion has come to its end.
    pub(super) fn over(&self, now: SimTime) -> bool {
        let over = |(since, motion): &(u64, Motion)| {
            motion.over(now.since(SimTime::from_nanos(*since)))
        };
        self.motion.as_ref().is_none_or(over)
    }
}
