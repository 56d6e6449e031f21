//! Device time in integer nanoseconds, and its exact decimal spelling.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

const NANOS: i64 = 1_000_000_000;

/// A moment of device time: nanoseconds since the epoch of its trace.
///
/// It is written as a decimal of seconds with at most nine digits, and read back exactly, never
/// through a binary fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// The epoch of the trace.
    pub const ZERO: Self = Self(0);

    /// The moment this many nanoseconds after the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, as near as a float comes; for arithmetic and display only.
    pub fn seconds(self) -> f64 {
        /// Up to here every whole float is exact, and so is the quotient to its last digit: 0.3 s is the float 0.3.
        const EXACT: u64 = 1 << 53;
        if self.0.unsigned_abs() <= EXACT {
            return self.0 as f64 / NANOS as f64;
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The moment nearest to a number of seconds, or none for what no trace can hold.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        format!("{seconds:?}").parse().ok()
    }
}

impl Add for Time {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Time {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = Vec::with_capacity(24);
        self.append(&mut digits);
        f.write_str(&String::from_utf8_lossy(&digits))
    }
}

impl Time {
    /// Appends the decimal spelling: as few digits as needed, but at least one after the point.
    pub(crate) fn append(self, out: &mut Vec<u8>) {
        use std::io::Write;
        let magnitude = self.0.unsigned_abs();
        let (seconds, mut fraction) = (
            magnitude / NANOS.unsigned_abs(),
            magnitude % NANOS.unsigned_abs(),
        );
        if self.0 < 0 {
            out.push(b'-');
        }
        write!(out, "{seconds}.").expect("a vector takes any bytes");
        let mut unit = NANOS.unsigned_abs() / 10;
        loop {
            out.push(b'0' + u8::try_from(fraction / unit).unwrap_or(9));
            fraction %= unit;
            if fraction == 0 {
                return;
            }
            unit /= 10;
        }
    }
}

/// Why a text is not a moment of device time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read {0:?} as a time in seconds")]
pub struct NotATime(String);

impl FromStr for Time {
    type Err = NotATime;

    /// Reads a decimal of seconds, with or without an exponent; digits beyond the ninth are rounded
    /// half away from zero.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        parse(text)
            .map(Self)
            .ok_or_else(|| NotATime(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    if fraction.contains('.') {
        return None;
    }
    // The digit at position p stands for d × 10^(power − p) nanoseconds.
    let power = i64::try_from(whole.len()).ok()? - 1 + i64::from(exponent) + 9;
    let mut nanos: i64 = 0;
    for (digit, at) in whole
        .bytes()
        .chain(fraction.bytes())
        .map(|b| i64::from(b - b'0'))
        .zip(0..)
    {
        match power - at {
            0.. if digit == 0 => {}
            place @ 0..=18 => {
                let term = digit.checked_mul(10_i64.pow(u32::try_from(place).ok()?))?;
                nanos = nanos.checked_add(term)?;
            }
            -1 => nanos = nanos.checked_add(i64::from(digit >= 5))?,
            place if place > 18 => return None,
            _ => break,
        }
    }
    Some(if negative { -nanos } else { nanos })
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> i64 {
        text.parse::<Time>().unwrap().nanos()
    }

    #[test]
    fn a_time_is_read_exactly_from_its_decimals() {
        assert_eq!(read("0.012000000"), 12_000_000);
        assert_eq!(read("2"), 2_000_000_000);
        assert_eq!(read("0.1"), 100_000_000);
        assert_eq!(read("9007199.254740993"), 9_007_199_254_740_993);
        assert_eq!(read("-1.5"), -1_500_000_000);
    }

    #[test]
    fn a_time_may_have_an_exponent() {
        assert_eq!(read("1.2e-2"), 12_000_000);
        assert_eq!(read("1E3"), 1_000_000_000_000);
        assert_eq!(read("1e-9"), 1);
        assert_eq!(read("0e400"), 0);
    }

    #[test]
    fn digits_beyond_the_ninth_are_rounded() {
        assert_eq!(read("0.0000000014"), 1);
        assert_eq!(read("0.0000000015"), 2);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            ".",
            "-",
            "abc",
            "1.2.3",
            "1e",
            "+1",
            "NaN",
            "1e30",
            "9999999999.0",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_is_written_with_as_few_digits_as_needed() {
        assert_eq!(Time::from_nanos(12_000_000).to_string(), "0.012");
        assert_eq!(Time::from_nanos(2_000_000_000).to_string(), "2.0");
        assert_eq!(Time::from_nanos(1).to_string(), "0.000000001");
        assert_eq!(Time::from_nanos(-5).to_string(), "-0.000000005");
    }

    proptest! {
        #[test]
        fn every_time_survives_its_spelling(nanos in any::<i64>()) {
            prop_assume!(nanos != i64::MIN);
            prop_assert_eq!(read(&Time::from_nanos(nanos).to_string()), nanos);
        }

        #[test]
        fn seconds_are_what_the_spelling_says(nanos in any::<i64>(), shift in 0..63) {
            let t = Time::from_nanos(nanos >> shift);
            prop_assert_eq!(t.seconds(), t.to_string().parse::<f64>().unwrap());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9.eE]{0,24}") {
            let _ = text.parse::<Time>();
        }
    }
}
