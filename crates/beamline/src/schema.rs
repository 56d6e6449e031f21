//! The JSON Schema of beamline files, for completion and first checks in editors.
//!
//! A schema cannot see which settings come from `[defaults.kind]` or from the rows of `each`, so it calls
//! no setting of a device required. The loader is the judge.

use serde_json::{Map, Value as Json, json};

use crate::macros::EACH;
use crate::plan::{Access, Head, Light, Limits, Rule};
use crate::registry::{inlined, kinds, settings_schema};

/// The JSON Schema of beamline files.
#[must_use]
pub fn schema() -> Json {
    let mut definitions = Map::new();
    let mut properties = Map::new();
    let mut defaults = Map::new();
    properties.insert("beamline".to_owned(), section(inlined::<Head>()));
    properties.insert("beam".to_owned(), section(inlined::<Light>()));
    properties.insert("access".to_owned(), section(inlined::<Access>()));
    properties.insert("limits".to_owned(), section(inlined::<Limits>()));
    properties.insert(
        "rules".to_owned(),
        json!({ "type": "object", "additionalProperties": section(inlined::<Rule>()) }),
    );
    properties.insert(
        "macros".to_owned(),
        json!({
            "type": "object",
            "description": "Texts that `$(name)` stands for.",
            "additionalProperties": { "type": ["string", "integer"] },
        }),
    );
    for kind in kinds() {
        let settings = section(settings_schema(kind).unwrap_or_default());
        let mut device = settings.clone();
        let each = json!({
            "description": "Makes one table many devices; `$(each)` is the name of each.",
            "anyOf": [
                { "type": "array", "items": { "type": ["string", "integer"] }, "minItems": 1 },
                { "type": "object", "additionalProperties": reference(&format!("{kind}.settings")) },
            ],
        });
        if let Some(known) = device.get_mut("properties").and_then(Json::as_object_mut) {
            known.insert(EACH.to_owned(), each);
        }
        definitions.insert(format!("{kind}.settings"), settings);
        definitions.insert(kind.to_owned(), device);
        defaults.insert(kind.to_owned(), reference(&format!("{kind}.settings")));
        properties.insert(
            kind.to_owned(),
            json!({ "type": "object", "additionalProperties": reference(kind) }),
        );
    }
    properties.insert(
        "defaults".to_owned(),
        json!({
            "type": "object",
            "description": "What all devices of a kind share.",
            "properties": defaults,
            "additionalProperties": false,
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "beamline file",
        "description": "A beamline for beamtwin: one table for each device, [kind.name].",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The schema of a table, of which nothing is required.
fn section(mut schema: Json) -> Json {
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
        object.remove("required");
        object.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}
