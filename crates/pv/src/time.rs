//! Device time, and the epoch that dates it.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Nanoseconds of device time since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

impl SimTime {
    /// The beginning.
    pub const ZERO: Self = Self(0);

    /// From whole nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// In whole nanoseconds.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// In seconds, for arithmetic and for people.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        Duration::from_nanos(self.0).as_secs_f64()
    }

    /// How long since `earlier`; zero if it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for SimTime {
    type Output = Self;

    /// Saturates at the end of time, 584 years on.
    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub for SimTime {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Display for SimTime {
    /// Seconds with at most nine digits: `0.012`, `2.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let digits = format!("{rest:09}");
        let digits = digits.trim_end_matches('0');
        write!(
            f,
            "{whole}.{}",
            if digits.is_empty() { "0" } else { digits }
        )
    }
}

/// The date of device time zero, in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// From nanoseconds since 1970.
    #[must_use]
    pub const fn from_unix_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// In nanoseconds since 1970.
    #[must_use]
    pub const fn unix_nanos(self) -> u64 {
        self.0
    }

    /// The EPICS time stamp of a moment.
    #[must_use]
    pub fn stamp(self, time: SimTime) -> Timestamp {
        let nanos = self
            .0
            .saturating_add(time.nanos())
            .saturating_sub(EPICS_EPOCH_UNIX_NANOS);
        Timestamp {
            seconds: u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX),
            nanos: u32::try_from(nanos % 1_000_000_000).unwrap_or_default(),
        }
    }
}

/// 1990-01-01T00:00:00Z, from which EPICS counts.
const EPICS_EPOCH_UNIX_NANOS: u64 = 631_152_000 * 1_000_000_000;

/// An EPICS time stamp: seconds and nanoseconds since 1990-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds.
    pub seconds: u32,
    /// The rest.
    pub nanos: u32,
}

impl Timestamp {
    /// What a record carries that never processed.
    pub const UNDEFINED: Self = Self {
        seconds: 0,
        nanos: 0,
    };
}
