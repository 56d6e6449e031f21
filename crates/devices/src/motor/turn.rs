//! Whose turn it is, where several axes share a controller that moves one of them at a time.
//!
//! Such a controller takes the orders of all its axes and carries them out one after the other. An axis whose turn
//! has not come is not done and does not move.

use beamtwin_pv::SimTime;

use super::axis::Axis;
use crate::physics::trapezoid::Pace;

/// What an axis is told to do, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    /// Go there, counted from where the home switch is.
    Travel(f64),
    /// Go on and on at this speed.
    Jog(f64),
    /// Look for the home switch at this speed.
    Home(f64),
}

/// A task, and how fast it is to be done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) pace: Pace,
}

/// Whether an axis may move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Turn {
    /// Whenever it is told to: its controller has no other axis.
    #[default]
    Always,
    /// It has not been told to.
    Rest,
    /// It has been told to, and its controller does not know yet.
    Asks(Job),
    /// It has been told to, and another axis moves.
    Waits(Job),
    /// It is the one that moves.
    Ours,
}

impl Turn {
    /// Whether there is something to do that has not begun.
    pub(super) const fn waits(self) -> bool {
        matches!(self, Self::Asks(_) | Self::Waits(_))
    }

    /// Whether an order is carried out at once.
    pub(super) const fn may_move(self) -> bool {
        matches!(self, Self::Always | Self::Ours)
    }

    /// After a motion: another axis may move now.
    pub(super) const fn over(&mut self) {
        if matches!(self, Self::Ours) {
            *self = Self::Rest;
        }
    }

    const fn job(self) -> Option<Job> {
        match self {
            Self::Asks(job) | Self::Waits(job) => Some(job),
            Self::Always | Self::Rest | Self::Ours => None,
        }
    }
}

impl Axis {
    /// Its controller is busy with another axis: it is not done, and does not move.
    pub(super) fn wait(&mut self, now: SimTime) {
        if let Some(job) = self.turn.job() {
            self.turn = Turn::Waits(job);
            self.rest(now);
        }
    }

    /// Its turn has come.
    pub(super) fn proceed(&mut self, now: SimTime) {
        if let Some(job) = self.turn.job() {
            self.turn = Turn::Ours;
            self.rest(now);
            self.begin(job, now);
            if !self.moving() {
                self.turn.over();
            }
        }
    }
}
