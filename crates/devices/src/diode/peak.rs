//! Where a point detector counts much: one peak, or several that add up.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::settings::CountRate;

/// A peak along a motor; positions are in the motor's own units.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// The motor it lies along: `"motor.x"`.
    pub along: String,
    /// Where it is highest.
    pub center: f64,
    /// Its full width at half maximum.
    pub width: f64,
    /// What is counted at its top, in the full beam.
    #[serde(default)]
    pub height: Option<CountRate>,
}

/// One peak or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Peaks(pub Vec<Peak>);

impl<'de> Deserialize<'de> for Peaks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PeaksVisitor)
    }
}

struct PeaksVisitor;

impl<'de> Visitor<'de> for PeaksVisitor {
    type Value = Peaks;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a peak such as { along = \"motor.x\", center = 0.0, width = 1.0 }, or a list of peaks",
        )
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Peaks, A::Error> {
        Peak::deserialize(MapAccessDeserializer::new(map)).map(|peak| Peaks(vec![peak]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Peaks, A::Error> {
        let mut peaks = Vec::new();
        while let Some(peak) = seq.next_element()? {
            peaks.push(peak);
        }
        Ok(Peaks(peaks))
    }
}

impl JsonSchema for Peaks {
    fn schema_name() -> Cow<'static, str> {
        "Peaks".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let peak = generator.subschema_for::<Peak>();
        json_schema!({
            "description": "A peak, or a list of peaks that add up.",
            "anyOf": [peak, { "type": "array", "items": peak }],
        })
    }
}
