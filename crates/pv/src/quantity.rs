//! Numbers with a dimension, as a beamline file writes them: `"100 ms"`, `"10 degC/min"`.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// Why a text is no quantity of the dimension asked for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is no {dimension}; write for example \"{example}\"")]
pub struct QuantityError {
    text: String,
    dimension: &'static str,
    example: &'static str,
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $dimension:literal, $example:literal, { $($unit:literal => $scale:expr),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl $name {
            /// What the quantity is, for messages.
            pub const DIMENSION: &str = $dimension;
            /// How one is written.
            pub const EXAMPLE: &str = $example;
        }

        impl FromStr for $name {
            type Err = QuantityError;

            fn from_str(text: &str) -> Result<Self, QuantityError> {
                let wrong =
                    || QuantityError { text: text.to_owned(), dimension: $dimension, example: $example };
                let (number, unit) = split(text);
                let number: f64 = number.parse().map_err(|_| wrong())?;
                if !number.is_finite() {
                    return Err(wrong());
                }
                match unit {
                    $($unit => Ok(Self($scale(number))),)*
                    _ => Err(wrong()),
                }
            }
        }
    };
}

quantity! {
    /// A duration, in seconds.
    Seconds, "duration", "100 ms", {
        "ns" => |x| x * 1e-9, "us" => |x| x * 1e-6, "ms" => |x| x * 1e-3, "s" => |x: f64| x,
        "min" => |x| x * 60.0, "h" => |x| x * 3600.0,
    }
}
quantity! {
    /// A photon energy, in electronvolts.
    Energy, "energy", "13.5 keV", { "eV" => |x: f64| x, "keV" => |x| x * 1e3 }
}
quantity! {
    /// A temperature, in degrees Celsius.
    Celsius, "temperature", "25 degC", { "degC" => |x: f64| x, "K" => |x| x - 273.15 }
}
quantity! {
    /// A rate of change of temperature, in degrees Celsius a minute.
    CelsiusRate, "temperature rate", "10 degC/min", {
        "degC/min" => |x: f64| x, "K/min" => |x: f64| x, "degC/s" => |x| x * 60.0, "K/s" => |x| x * 60.0,
    }
}
quantity! {
    /// Photons a second.
    Flux, "flux", "1e11 ph/s", { "ph/s" => |x: f64| x }
}
quantity! {
    /// A length, in millimetres.
    Length, "length", "4 mm", { "mm" => |x: f64| x, "um" => |x| x * 1e-3, "cm" => |x| x * 10.0, "m" => |x| x * 1e3 }
}

impl Seconds {
    /// As a [`Duration`]; `None` if it is negative or too long.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.0).ok()
    }
}

/// A number as it is read best: with a power of ten where it would have many zeros.
#[must_use]
pub fn brief(number: f64) -> String {
    if number == 0.0 || (1e-5..1e16).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

/// Splits a text into its number and its unit.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(' ').map_or_else(
        || {
            let end = text
                .char_indices()
                .find(|&(i, c)| {
                    !(c.is_ascii_digit()
                        || matches!(c, '.' | '+' | '-')
                        || (matches!(c, 'e' | 'E')
                            && text[i + 1..]
                                .starts_with(|d: char| d.is_ascii_digit() || d == '-' || d == '+')))
                })
                .map_or(text.len(), |(i, _)| i);
            text.split_at(end)
        },
        |(number, unit)| (number, unit.trim()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brief_number_has_few_zeros_and_reads_back() {
        for (number, text) in [
            (0.0, "0"),
            (-0.5, "-0.5"),
            (1e6, "1000000"),
            (1e-10, "1e-10"),
            (-1.5e300, "-1.5e300"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(brief(number), text);
            assert_eq!(text.parse(), Ok(number));
        }
    }

    #[test]
    fn a_duration_is_read_in_any_of_its_units() {
        assert_eq!("100 ms".parse(), Ok(Seconds(0.1)));
        assert_eq!("1.5h".parse(), Ok(Seconds(5400.0)));
        assert_eq!("2e-3s".parse(), Ok(Seconds(0.002)));
    }

    #[test]
    fn a_rate_and_a_flux_are_read() {
        assert_eq!("10 degC/min".parse(), Ok(CelsiusRate(10.0)));
        assert_eq!("1e11 ph/s".parse(), Ok(Flux(1e11)));
    }

    #[test]
    fn a_bare_number_is_refused_with_an_example() {
        let error = "100".parse::<Seconds>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`100` is no duration; write for example \"100 ms\""
        );
    }
}
