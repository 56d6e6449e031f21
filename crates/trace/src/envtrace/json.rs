//! EnvTrace events from and to JSON as Python reads and writes it.

use serde_json::Value as Json;

use super::{Event, ImportError, Value};

/// Reads events from `{"schema_version":"1","events":[…]}` or from a bare list.
pub fn parse(bytes: &[u8]) -> Result<Vec<Event>, ImportError> {
    let events = match serde_json::from_slice(&without_bare_floats(bytes))? {
        Json::Array(events) => events,
        Json::Object(mut object) => match object.remove("events") {
            Some(Json::Array(events)) => events,
            _ => return Err(ImportError::NoEvents),
        },
        _ => return Err(ImportError::NoEvents),
    };
    let event =
        |(place, json): (usize, Json)| event(json).map_err(|why| ImportError::Event { place, why });
    events.into_iter().enumerate().map(event).collect()
}

fn event(mut json: Json) -> Result<Event, String> {
    let mut part = |key: &str| json.get_mut(key).map(Json::take);
    let Some(Json::String(channel)) = part("channel") else {
        return Err("it has no channel".to_owned());
    };
    let timestamp = match part("timestamp").map(value) {
        Some(Some(Value::Number(seconds))) => seconds,
        Some(Some(Value::Whole(seconds))) => seconds as f64,
        _ => return Err("it has no time stamp in seconds".to_owned()),
    };
    let value = part("value").ok_or_else(|| "it has no value".to_owned())?;
    let value = self::value(value).ok_or_else(|| "its value is an object".to_owned())?;
    Ok(Event {
        channel,
        timestamp,
        value,
    })
}

fn value(json: Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::None,
        Json::Bool(flag) => Value::Flag(flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Whole(whole),
            None => Value::Number(number.as_f64()?),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(value).collect::<Option<_>>()?),
        Json::Object(object) => Value::Number(match object.get("float")?.as_str()? {
            "nan" => f64::NAN,
            "inf" => f64::INFINITY,
            "-inf" => f64::NEG_INFINITY,
            _ => return None,
        }),
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
    }
}
