//! What settings are made of.
//!
//! A number with a dimension is written with its unit, `"100 ms"`; a bare one is refused. Positions and
//! speeds of a motor are bare numbers in the motor's own units.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use beamtwin_pv::{PvName, quantity};
use beamtwin_sim::Surface;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

macro_rules! setting {
    ($(#[$doc:meta])* $name:ident, $quantity:ident, $inner:ty, $convert:expr, $write:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub $inner);

        impl From<$name> for String {
            fn from(setting: $name) -> Self {
                $write(setting.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let quantity: quantity::$quantity =
                    text.parse().map_err(|error: quantity::QuantityError| error.to_string())?;
                $convert(quantity).map(Self).ok_or_else(|| {
                    let what = quantity::$quantity::DIMENSION;
                    format!("`{text}` is out of range for a {what}")
                })
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!("A ", stringify!($name), " with its unit."),
                    "examples": [quantity::$quantity::EXAMPLE],
                })
            }
        }
    };
}

setting! {
    /// A duration: `"100 ms"`.
    Wait, Seconds, Duration, |q: quantity::Seconds| q.duration(), written
}
setting! {
    /// A temperature in degrees Celsius: `"25 degC"`.
    Celsius, Celsius, f64, |q: quantity::Celsius| (q.0 >= -273.15).then_some(q.0),
    |x: f64| format!("{x} degC")
}
setting! {
    /// A rate in degrees Celsius a minute: `"10 degC/min"`.
    CelsiusRate, CelsiusRate, f64, |q: quantity::CelsiusRate| (q.0 > 0.0).then_some(q.0),
    |x: f64| format!("{x} degC/min")
}
setting! {
    /// A flux in photons a second: `"1e11 ph/s"`.
    Flux, Flux, f64, |q: quantity::Flux| (q.0 >= 0.0).then_some(q.0),
    |x: f64| format!("{} ph/s", short(x))
}
setting! {
    /// A photon energy in electronvolts: `"13.5 keV"`.
    Energy, Energy, f64, |q: quantity::Energy| (q.0 > 0.0).then_some(q.0),
    energy
}
setting! {
    /// A length in millimetres: `"4 mm"`.
    Length, Length, f64, |q: quantity::Length| (q.0 >= 0.0).then_some(q.0),
    |x: f64| format!("{x} mm")
}

/// A photon energy as a file would have it.
fn energy(energy: f64) -> String {
    let kilo = energy / 1e3;
    if kilo >= 1.0 && kilo * 1e3 == energy {
        format!("{kilo} keV")
    } else {
        format!("{energy} eV")
    }
}

/// A number that may be a large one.
fn short(number: f64) -> String {
    if (1e-3..1e4).contains(&number) || number == 0.0 {
        format!("{number}")
    } else {
        format!("{number:e}")
    }
}

/// A duration as a file would have it.
fn written(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    match nanos {
        0 => "0 s".to_owned(),
        _ if nanos.is_multiple_of(1_000_000_000) => format!("{} s", duration.as_secs()),
        _ if nanos.is_multiple_of(1_000_000) => format!("{} ms", duration.as_millis()),
        _ if nanos.is_multiple_of(1_000) => format!("{} us", duration.as_micros()),
        _ => format!("{nanos} ns"),
    }
}

/// Counts a second: `"1e5 counts/s"`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountRate(pub f64);

impl From<CountRate> for String {
    fn from(rate: CountRate) -> Self {
        format!("{} counts/s", short(rate.0))
    }
}

impl TryFrom<String> for CountRate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let trimmed = text.trim();
        ["counts/s", "cts/s"]
            .iter()
            .find_map(|unit| trimmed.strip_suffix(unit))
            .and_then(|number| number.trim().parse::<f64>().ok())
            .filter(|number| number.is_finite() && *number >= 0.0)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no count rate; write for example \"1e5 counts/s\""))
    }
}

impl JsonSchema for CountRate {
    fn schema_name() -> Cow<'static, str> {
        "CountRate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A CountRate with its unit.",
            "examples": ["1e5 counts/s"],
        })
    }
}

/// The bytes of a record's name in EPICS.
const NAME: usize = 60;

/// Whether a text can name a record; if not, says so.
pub fn record_name(surface: &mut Surface, key: &str, name: &str) -> bool {
    let wrong = match name.parse::<PvName>() {
        Err(error) => Some(error.to_string()),
        Ok(_) if name.contains('.') => Some(format!(
            "`{name}` names a field; write the name of a record, without a dot"
        )),
        Ok(_) if name.len() > NAME => Some(format!(
            "`{name}` has {} bytes, and EPICS allows {NAME}",
            name.len()
        )),
        Ok(_) => None,
    };
    wrong.map(|message| surface.flaw(key, message)).is_none()
}

/// One name or a list of them: `"a"` or `["a", "b"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;

        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name in quotes, or a list of them")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }

        deserializer.deserialize_any(NamesVisitor)
    }
}

impl JsonSchema for Names {
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A name, or a list of names.",
            "type": ["string", "array"],
            "items": { "type": "string" },
        })
    }
}
