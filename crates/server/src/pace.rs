//! How wall time becomes device time. The two meet nowhere else.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use beamtwin_pv::SimTime;
use thiserror::Error;
use tokio::time::Instant;

/// How fast device time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// Only when told.
    Stepped,
    /// From one thing that happens to the next, as soon as all clients wait: see [`jump`](crate::jump).
    Jump,
    /// This many times as fast as the wall clock.
    Times(f64),
}

impl Mode {
    /// As fast as the wall clock.
    pub const REAL: Self = Self::Times(1.0);
}

/// A text that is no pace.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no pace; write `real`, `stepped`, or how many times faster, such as `10`")]
pub struct NotAPace(String);

impl FromStr for Mode {
    type Err = NotAPace;

    fn from_str(text: &str) -> Result<Self, NotAPace> {
        match text.trim().trim_start_matches("times ") {
            "real" => Ok(Self::REAL),
            "stepped" => Ok(Self::Stepped),
            "jump" => Ok(Self::Jump),
            number => match number.parse() {
                Ok(factor) if (MIN_SPEED..=MAX_SPEED).contains(&factor) => Ok(Self::Times(factor)),
                _ => Err(NotAPace(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stepped => f.write_str("stepped"),
            Self::Jump => f.write_str("jump"),
            Self::Times(1.0) => f.write_str("real"),
            Self::Times(factor) => write!(f, "times {factor}"),
        }
    }
}

/// The slowest that makes sense: an hour a second.
const MIN_SPEED: f64 = 1.0 / 3600.0;
/// The fastest: a day in 86 ms. Clients cannot follow by far.
const MAX_SPEED: f64 = 1e6;

/// A clock that shows device time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    mode: Mode,
    /// When the present mode began.
    wall: Instant,
    /// What device time it was then.
    device: SimTime,
    /// In jump time: whether it passes by the clock just now, instead of standing still.
    flows: bool,
}

impl Pace {
    /// A clock that shows this device time now.
    #[must_use]
    pub const fn new(mode: Mode, wall: Instant, device: SimTime) -> Self {
        Self {
            mode,
            wall,
            device,
            flows: false,
        }
    }

    /// How fast it runs.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The device time at a wall time.
    #[must_use]
    pub fn now(&self, wall: Instant) -> SimTime {
        let passed = wall.saturating_duration_since(self.wall);
        match self.mode {
            Mode::Stepped => self.device,
            Mode::Jump if !self.flows => self.device,
            // Without a detour through a float, whose nanoseconds run out after a hundred days.
            Mode::Jump | Mode::REAL => self.device + passed,
            Mode::Times(factor) => self.device + passed.mul_f64(factor),
        }
    }

    /// The wall time at which a device time comes; `None` if it has to be told.
    #[must_use]
    pub fn wall(&self, device: SimTime) -> Option<Instant> {
        let factor = match self.mode {
            Mode::Times(factor) => factor,
            Mode::Jump if self.flows => 1.0,
            Mode::Jump | Mode::Stepped => return None,
        };
        let ahead = device.since(self.device).as_secs_f64() / factor;
        // A microsecond late rather than early, so that rounding never wakes us in vain.
        let ahead = Duration::try_from_secs_f64(ahead).unwrap_or(FAR) + Duration::from_micros(1);
        Some(self.wall + ahead.min(FAR))
    }

    /// Runs in another mode from now on, from this device time on.
    pub const fn change(&mut self, mode: Mode, wall: Instant, device: SimTime) {
        *self = Self {
            mode,
            wall,
            device,
            flows: false,
        };
    }

    /// In jump time: whether time passes by the clock just now.
    #[must_use]
    pub const fn flows(&self) -> bool {
        self.flows
    }

    /// In jump time: lets time pass by the clock from now on, or stand still, from this device time on.
    pub const fn flow(&mut self, flows: bool, wall: Instant, device: SimTime) {
        (self.flows, self.wall, self.device) = (flows, wall, device);
    }

    /// Lets time pass in steps.
    pub fn step(&mut self, by: Duration) {
        self.device = self.device + by;
    }
}

/// Farther than any session lasts, near enough for an [`Instant`].
const FAR: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_time_runs_as_many_times_faster_as_asked() {
        let start = Instant::now();
        let pace = Pace::new(Mode::Times(10.0), start, SimTime::ZERO);
        assert_eq!(
            pace.now(start + Duration::from_secs(1)),
            SimTime::ZERO + Duration::from_secs(10)
        );
        let due = pace.wall(SimTime::ZERO + Duration::from_secs(20)).unwrap();
        assert_eq!(due.duration_since(start).as_millis(), 2000);
        assert!(pace.now(due) >= SimTime::ZERO + Duration::from_secs(20));
    }

    #[test]
    fn a_change_of_pace_does_not_jump() {
        let start = Instant::now();
        let mut pace = Pace::new(Mode::REAL, start, SimTime::ZERO);
        let later = start + Duration::from_secs(3);
        pace.change(Mode::Stepped, later, pace.now(later));
        assert_eq!(
            pace.now(later + Duration::from_secs(60)),
            SimTime::ZERO + Duration::from_secs(3)
        );
        pace.step(Duration::from_secs(1));
        assert_eq!(pace.now(later), SimTime::ZERO + Duration::from_secs(4));
        assert_eq!(pace.wall(SimTime::ZERO), None);
    }

    #[test]
    fn jump_time_stands_still_until_told() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut pace = Pace::new(Mode::Jump, start, SimTime::ZERO);
        assert_eq!(pace.now(start + second), SimTime::ZERO);
        assert_eq!(pace.wall(SimTime::ZERO + second), None);
        pace.step(second);
        pace.flow(true, start + second, pace.now(start + second));
        let then = SimTime::ZERO + 3 * second;
        assert_eq!(pace.now(start + 3 * second), then);
        assert!(pace.wall(then).is_some_and(|at| pace.now(at) >= then));
        pace.flow(false, start + 3 * second, then);
        assert_eq!(pace.now(start + 9 * second), then);
    }

    #[test]
    fn a_pace_is_read_as_it_is_written() {
        for text in ["real", "stepped", "jump", "times 2.5"] {
            assert_eq!(text.parse::<Mode>().unwrap().to_string(), text);
        }
        assert_eq!("10".parse(), Ok(Mode::Times(10.0)));
        assert!("0".parse::<Mode>().is_err());
        assert!("NaN".parse::<Mode>().is_err());
    }
}
