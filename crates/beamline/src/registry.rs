//! The kinds of device a file may use.

use beamtwin_devices::{KINDS, Kind, Visitor, visit};
use serde_json::Value as Json;

use crate::common::Common;
use crate::settings::names;

/// The kind that the loader adds by itself: PVs that say that this is a simulation.
pub(crate) const TWIN: &str = "twin";

/// The kinds that a file may name.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().copied().filter(|&kind| kind != TWIN)
}

/// The settings of a kind, those of all kinds among them.
pub(crate) fn known_settings(kind: &str) -> Vec<String> {
    let schema = settings_schema(kind).unwrap_or_default();
    names(&schema).into_iter().map(str::to_owned).collect()
}

/// The JSON Schema of the settings of a kind, those of all kinds among them, without references.
pub(crate) fn settings_schema(kind: &str) -> Option<Json> {
    struct SchemaOf;
    impl Visitor for SchemaOf {
        type Output = Json;
        fn kind<K: Kind>(self) -> Json {
            inlined::<K::Settings>()
        }
    }
    let mut schema = visit(kind, SchemaOf)?;
    if kind != TWIN
        && let Some(own) = schema.get_mut("properties").and_then(Json::as_object_mut)
        && let Some(Json::Object(common)) = inlined::<Common>().get("properties")
    {
        own.extend(common.clone());
    }
    Some(schema)
}

/// The JSON Schema of a type, without references.
pub(crate) fn inlined<T: schemars::JsonSchema>() -> Json {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}
