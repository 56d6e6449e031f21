//! What the schema of a kind says of a setting.

use serde_json::Value as Json;

use super::path::item;

/// The settings a kind has.
pub(crate) fn names(schema: &Json) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Json::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// What a table may hold by this name, and whether it has to.
pub(super) fn property<'a>(
    root: &'a Json,
    schema: &'a Json,
    name: &str,
) -> Option<(&'a Json, bool)> {
    let schema = resolved(root, schema);
    if let Some(found) = schema.get("properties").and_then(|all| all.get(name)) {
        let required = schema.get("required").and_then(Json::as_array);
        let required = required.is_some_and(|all| all.iter().any(|known| known == name));
        return Some((found, required));
    }
    if let Some(found) = schema
        .get("additionalProperties")
        .filter(|found| found.is_object())
    {
        return Some((found, true));
    }
    if let Some(at) = item(name) {
        let prefix = schema.get("prefixItems").and_then(|all| all.get(at));
        if let Some(found) = prefix.or_else(|| schema.get("items")) {
            return Some((found, true));
        }
    }
    let choices = schema.get("anyOf").and_then(Json::as_array);
    choices
        .into_iter()
        .flatten()
        .find_map(|choice| property(root, choice, name))
}

/// The schema of a setting, and whether it cannot be left out.
pub(super) fn place<'a>(root: &'a Json, path: &[String]) -> Option<(&'a Json, bool)> {
    path.iter()
        .try_fold((root, false), |(at, _), name| property(root, at, name))
}

/// Follows a reference within a schema.
pub(super) fn resolved<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let name = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|reference| reference.strip_prefix("#/$defs/"));
    name.and_then(|name| root.get("$defs")?.get(name))
        .unwrap_or(schema)
}
