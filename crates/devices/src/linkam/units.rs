//! Quantities of samples, with their units.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $what:literal, $unit:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub f64);

        impl From<$name> for String {
            fn from(setting: $name) -> Self {
                format!("{} {}", setting.0, $unit)
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.trim()
                    .strip_suffix($unit)
                    .and_then(|number| number.trim().parse::<f64>().ok())
                    .filter(|number| number.is_finite() && *number >= 0.0)
                    .map(Self)
                    .ok_or_else(|| {
                        format!("`{text}` is no {}; write for example \"{}\"", $what, $example)
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
                    "description": concat!("A ", $what, " with its unit."),
                    "examples": [$example],
                })
            }
        }
    };
}

quantity! {
    /// A heat capacity, in millijoules a degree: `"20 mJ/K"`.
    HeatCapacity, "heat capacity", "mJ/K", "20 mJ/K"
}
quantity! {
    /// A stiffness, in newtons a millimetre: `"2 N/mm"`.
    Stiffness, "stiffness", "N/mm", "2 N/mm"
}
quantity! {
    /// A cross-section, in square millimetres: `"1 mm2"`.
    Section, "cross-section", "mm2", "1 mm2"
}
