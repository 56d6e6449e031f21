//! The documents of Bluesky runs, one in a line: `["event", {…}]` or `{"name":"event","doc":{…}}`.
//!
//! Each reading becomes a post at its own time stamp. A channel is called as its `source` says, if
//! that is a PV, or else by its data key.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{FormError, Sample, datum};
use crate::Time;

/// What a descriptor says of a data key.
#[derive(Debug, Clone)]
struct Key {
    channel: String,
    units: Option<String>,
}

type Keys = BTreeMap<String, Key>;

pub(super) fn read(text: &str) -> Result<Vec<Sample>, FormError> {
    let mut descriptors: BTreeMap<String, Keys> = BTreeMap::new();
    let mut samples = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let wrong = |why: String| FormError::Line { line, why };
        let json: Json = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let (name, document) =
            document(&json).ok_or_else(|| wrong("it is no document with its name".to_owned()))?;
        let described = || {
            let uid = document["descriptor"].as_str().unwrap_or_default();
            let keys = descriptors.get(uid);
            keys.ok_or_else(|| wrong(format!("no descriptor before it has the uid \"{uid}\"")))
        };
        match name {
            "descriptor" => {
                let uid = document["uid"].as_str().unwrap_or_default().to_owned();
                descriptors.insert(uid, keys(document));
            }
            "event" => event(
                described()?,
                &document["data"],
                &document["timestamps"],
                &mut samples,
            )
            .map_err(wrong)?,
            "event_page" => page(described()?, document, &mut samples).map_err(wrong)?,
            _ => {}
        }
    }
    Ok(samples)
}

fn document(json: &Json) -> Option<(&str, &Json)> {
    match json {
        Json::Array(pair) => match &pair[..] {
            [Json::String(name), document] if document.is_object() => Some((name, document)),
            _ => None,
        },
        Json::Object(map) => {
            let name = map.get("name")?.as_str()?;
            Some((name, map.get("doc").filter(|doc| doc.is_object())?))
        }
        _ => None,
    }
}

fn keys(descriptor: &Json) -> Keys {
    let none = Map::new();
    let keys = descriptor["data_keys"].as_object().unwrap_or(&none);
    let key = |(name, says): (&String, &Json)| {
        let source = says["source"].as_str().unwrap_or_default();
        let pv = ["PV:", "ca://", "pva://"]
            .iter()
            .find_map(|scheme| source.strip_prefix(scheme));
        let channel = pv.filter(|pv| !pv.is_empty()).unwrap_or(name).to_owned();
        let units = says["units"].as_str().filter(|units| !units.is_empty());
        (
            name.clone(),
            Key {
                channel,
                units: units.map(str::to_owned),
            },
        )
    };
    keys.iter().map(key).collect()
}

/// The readings of an event; a reading that is no value, such as a reference to a file, is left out.
fn event(
    keys: &Keys,
    data: &Json,
    timestamps: &Json,
    samples: &mut Vec<Sample>,
) -> Result<(), String> {
    let readings = data.as_object().ok_or("it has no data")?;
    for (name, value) in readings {
        let t = timestamps[name]
            .as_f64()
            .and_then(Time::from_seconds)
            .ok_or_else(|| format!("\"{name}\" has no time stamp"))?;
        let Some(value) = datum(value) else { continue };
        let key = keys.get(name);
        samples.push(Sample {
            units: key.and_then(|key| key.units.clone()),
            ..Sample::plain(key.map_or(name, |key| &key.channel), t, value)
        });
    }
    Ok(())
}

/// The readings of several events, column by column.
fn page(keys: &Keys, document: &Json, samples: &mut Vec<Sample>) -> Result<(), String> {
    let columns = document["data"].as_object().ok_or("it has no data")?;
    for (name, values) in columns {
        let values = values
            .as_array()
            .ok_or_else(|| format!("\"{name}\" is no list"))?;
        for (place, value) in values.iter().enumerate() {
            let one = |json: &Json| Json::from(Map::from_iter([(name.clone(), json.clone())]));
            let stamp = &document["timestamps"][name][place];
            event(keys, &one(value), &one(stamp), samples)?;
        }
    }
    Ok(())
}
