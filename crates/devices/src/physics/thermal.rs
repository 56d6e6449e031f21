//! A temperature as a function of time: held, ramped, or left alone.
//!
//! In degrees Celsius. A ramp is a straight line that ends exactly at its target; a stage left alone
//! approaches the temperature of the room exponentially, as Newton's law of cooling has it. Every value is
//! worked out from where the law began, so that no error adds up.

use std::time::Duration;

use beamtwin_pv::SimTime;

/// What the temperature does from a moment on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// The temperature at that moment.
    from: f64,
    /// The moment, in nanoseconds of device time.
    since: u64,
    course: Course,
}

/// How a temperature changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Course {
    /// Towards the temperature of the room.
    Drift {
        /// Of the room.
        room: f64,
        /// After so many seconds, the distance is down to 1/e.
        time: f64,
    },
    /// Not at all.
    Hold,
    /// In a straight line.
    Ramp {
        /// Where to.
        target: f64,
        /// How fast, in degrees a minute.
        rate: f64,
    },
}

/// How near a drifting temperature comes to that of the room before it counts as the same: half of what
/// a controller resolves.
const NEAR: f64 = 0.005;

impl Law {
    /// Begins a course.
    #[must_use]
    pub const fn new(from: f64, since: SimTime, course: Course) -> Self {
        Self {
            from,
            since: since.nanos(),
            course,
        }
    }

    /// The temperature at a moment.
    #[must_use]
    pub fn at(&self, now: SimTime) -> f64 {
        let seconds = now.since(SimTime::from_nanos(self.since)).as_secs_f64();
        let arrived = self.arrival().is_none_or(|at| now >= at);
        match self.course {
            Course::Hold => self.from,
            Course::Ramp { target, .. } if arrived => target,
            Course::Ramp { target, rate } => {
                self.from + (target - self.from).signum() * rate * seconds / 60.0
            }
            Course::Drift { room, .. } if arrived => room,
            Course::Drift { room, time } => room + (self.from - room) * (-seconds / time).exp(),
        }
    }

    /// When the temperature stops changing; `None` if it does not change.
    #[must_use]
    pub fn arrival(&self) -> Option<SimTime> {
        let seconds = match self.course {
            Course::Hold => return None,
            Course::Ramp { target, rate } => (target - self.from).abs() / rate * 60.0,
            Course::Drift { room, time } => {
                let distance = (self.from - room).abs();
                if distance <= NEAR {
                    0.0
                } else {
                    time * (distance / NEAR).ln()
                }
            }
        };
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        Some(SimTime::from_nanos(self.since) + wait)
    }

    /// Whether it is being driven down.
    #[must_use]
    pub fn is_cooled(&self) -> bool {
        matches!(self.course, Course::Ramp { target, .. } if target < self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> SimTime {
        SimTime::from_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn a_ramp_is_a_line_that_ends_on_its_target() {
        let target = 25.1;
        let ramp = Law::new(20.0, s(10), Course::Ramp { target, rate: 10.0 });
        assert_eq!(ramp.at(s(10)), 20.0);
        assert_eq!(ramp.at(s(16)), 21.0);
        assert_eq!(ramp.at(s(60)), 25.1);
        let arrival = ramp.arrival().unwrap().as_secs_f64();
        assert!((arrival - 40.6).abs() < 1e-6, "{arrival}");
    }

    #[test]
    fn a_ramp_goes_down_as_well() {
        let target = -196.0;
        let ramp = Law::new(25.0, s(0), Course::Ramp { target, rate: 60.0 });
        assert_eq!(ramp.at(s(21)), 4.0);
        assert!(ramp.is_cooled());
    }

    #[test]
    fn what_is_left_alone_drifts_to_the_room_and_stays_there() {
        let drift = Law::new(
            125.0,
            s(0),
            Course::Drift {
                room: 25.0,
                time: 300.0,
            },
        );
        assert!((drift.at(s(300)) - 61.788).abs() < 1e-3);
        assert_eq!(drift.at(s(3600)), 25.0);
        assert!(drift.arrival().unwrap() < s(3600));
    }
}
