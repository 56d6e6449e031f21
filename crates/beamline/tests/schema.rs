//! The committed JSON Schema is that of the code, and sound files keep to it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use beamtwin_beamline::schema;
use serde_json::Value as Json;

#[test]
fn the_committed_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/beamline.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("BEAMTWIN_REWRITE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/schema/beamline.json is stale: set BEAMTWIN_REWRITE=1 to write it anew"
    );
}

/// What is wrong with a value, by the words of JSON Schema that our schema uses.
fn wrong(root: &Json, schema: &Json, value: &Json, at: &str) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        return wrong(root, &root["$defs"][name], value, at);
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(word).and_then(Json::as_array) {
            let complaints: Option<Vec<String>> = choices
                .iter()
                .map(|choice| wrong(root, choice, value, at))
                .collect();
            if let Some(complaints) = complaints {
                return Some(complaints.join(" or "));
            }
        }
    }
    if let Some(types) = schema.get("type") {
        let is = |kind: &str| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            _ => panic!("{at}: the schema has a type {kind}"),
        };
        let fits = match types {
            Json::String(kind) => is(kind),
            kinds => kinds
                .as_array()
                .unwrap()
                .iter()
                .any(|kind| is(kind.as_str().unwrap())),
        };
        if !fits {
            return Some(format!("{at}: {value} is no {types}"));
        }
    }
    if let Some(choices) = schema.get("enum").and_then(Json::as_array)
        && !choices.contains(value)
    {
        return Some(format!("{at}: {value} is none of {choices:?}"));
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        let known = schema.get("properties").and_then(|known| known.get(name));
        let complaint = match (known, schema.get("additionalProperties")) {
            (Some(known), _) => wrong(root, known, value, &at),
            (None, Some(Json::Bool(false))) => Some(format!("{at}: unknown")),
            (None, Some(other)) if other.is_object() => wrong(root, other, value, &at),
            (None, _) => None,
        };
        if complaint.is_some() {
            return complaint;
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        let place = schema.get("prefixItems").and_then(|all| all.get(index));
        if let Some(schema) = place.or_else(|| schema.get("items"))
            && let Some(complaint) = wrong(root, schema, item, &format!("{at}[{index}]"))
        {
            return Some(complaint);
        }
    }
    None
}

fn complaint(text: &str) -> Option<String> {
    let schema = schema();
    let value: toml::Table = text.parse().unwrap();
    wrong(
        &schema,
        &schema,
        &serde_json::to_value(value).unwrap(),
        "file",
    )
}

#[test]
fn sound_files_keep_to_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut count = 0;
    for folder in ["tests/files/valid", "beamlines"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert_eq!(complaint(&text), None, "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 5, "there are files");
}

#[test]
fn the_schema_knows_settings_from_typing_errors() {
    assert!(complaint("[mailbox.a]\npvz = {}\n").is_some());
    assert!(complaint("[mialbox.a]\npvs = {}\n").is_some());
    assert!(complaint("[shutter.a]\ncommand = 3\n").is_some());
    assert!(complaint("[shutter.a]\neach = []\n[shutter.a.x]\n").is_some());
}
