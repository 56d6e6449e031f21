//! EnvTrace events from and to JSON as Python reads and writes it.

use serde_json::Value as Json;

use super::{Event, ImportError, Value};

/// Reads JSON of any shape.
pub fn value(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(&without_bare_floats(bytes))
}

/// Reads events from `{"schema_version":"1","events":[…]}` or from a bare list.
pub fn parse(bytes: &[u8]) -> Result<Vec<Event>, ImportError> {
    let events = match value(bytes)? {
        Value::List(events) => events,
        Value::Object(entries) => match entries.into_iter().find(|(key, _)| key == "events") {
            Some((_, Value::List(events))) => events,
            _ => return Err(ImportError::NoEvents),
        },
        _ => return Err(ImportError::NoEvents),
    };
    let event = |(place, item)| event(item).map_err(|why| ImportError::Event { place, why });
    events.into_iter().enumerate().map(event).collect()
}

/// An event as the package reads it: what is no channel name is spelled as one, a time may be a
/// text, and the value may be missing.
fn event(item: Value) -> Result<Event, String> {
    let Value::Object(entries) = item else {
        return Err("it is no object (EnvTrace: TypeError)".to_owned());
    };
    let (mut channel, mut timestamp, mut value) = (None, None, Value::None);
    for (key, part) in entries {
        match key.as_str() {
            "channel" => channel = Some(part),
            "timestamp" => timestamp = Some(part),
            "value" => value = part,
            _ => {}
        }
    }
    let channel = match channel.ok_or("it has no channel (EnvTrace: KeyError)")? {
        Value::Text(name) => name,
        other => other.spelled(),
    };
    let timestamp = timestamp.ok_or("it has no time stamp (EnvTrace: KeyError)")?;
    let timestamp = timestamp.float().map_err(|raised| {
        let stamp = timestamp.spelled();
        format!("its time stamp {stamp} is not in seconds (EnvTrace: {raised})")
    })?;
    Ok(Event {
        channel,
        timestamp,
        value,
    })
}

/// Respells the literals that Python writes and JSON does not know, as `{"float":"…"}`.
pub(crate) fn without_bare_floats(bytes: &[u8]) -> Vec<u8> {
    const SPELLINGS: [(&[u8], &[u8]); 3] = [
        (b"NaN", b"{\"float\":\"nan\"}"),
        (b"-Infinity", b"{\"float\":\"-inf\"}"),
        (b"Infinity", b"{\"float\":\"inf\"}"),
    ];
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut quoted) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        if let Some((literal, spelling)) = SPELLINGS
            .iter()
            .find(|(literal, _)| !quoted && rest.starts_with(literal))
        {
            out.extend_from_slice(spelling);
            at += literal.len();
            continue;
        }
        if quoted && byte == b'\\' {
            out.push(byte);
            at += 1;
            out.extend(bytes.get(at));
        } else {
            quoted ^= byte == b'"';
            out.push(byte);
        }
        at += 1;
    }
    out
}

/// Writes events, one a line.
pub fn to_json(events: &[Event]) -> String {
    let mut out = String::from("{\"schema_version\":\"1\",\"events\":[");
    for (place, event) in events.iter().enumerate() {
        out.push_str(if place == 0 {
            "\n{\"channel\":"
        } else {
            ",\n{\"channel\":"
        });
        out.push_str(&Json::from(event.channel.as_str()).to_string());
        out.push_str(",\"timestamp\":");
        append(&mut out, &Value::Number(event.timestamp));
        out.push_str(",\"value\":");
        append(&mut out, &event.value);
        out.push('}');
    }
    out.push_str("\n]}\n");
    out
}

/// Writes a value as Python writes it, with `NaN` and `Infinity` bare.
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    append(&mut out, value);
    out
}

fn append(out: &mut String, value: &Value) {
    match value {
        Value::None => out.push_str("null"),
        Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Whole(number) => out.push_str(&number.to_string()),
        Value::Number(number) if number.is_nan() => out.push_str("NaN"),
        Value::Number(number) if number.is_infinite() => {
            out.push_str(if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            });
        }
        Value::Number(number) => out.push_str(&format!("{number:?}")),
        Value::Text(text) => out.push_str(&Json::from(text.as_str()).to_string()),
        Value::List(items) => {
            for (place, item) in items.iter().enumerate() {
                out.push(if place == 0 { '[' } else { ',' });
                append(out, item);
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Object(entries) => {
            for (place, (key, value)) in entries.iter().enumerate() {
                out.push(if place == 0 { '{' } else { ',' });
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push(':');
                append(out, value);
            }
            out.push_str(if entries.is_empty() { "{}" } else { "}" });
        }
    }
}
