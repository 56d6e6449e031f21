//! Values as people and tools write them: JSON.

use beamtwin_pv::{Array, Metadata, Sample, Value, ValueKind};
use beamtwin_trace::Datum;
use serde_json::{Value as Json, json};

/// A value with what a person wants to know about it.
pub(super) fn shown(sample: &Sample, metadata: &Metadata, now: f64) -> Json {
    let mut answer = json!({"value": json_of(&sample.value), "t": now});
    if let Value::Enum(index) = sample.value
        && let Some(label) = metadata.labels.get(usize::from(index))
    {
        answer["label"] = label.to_string().into();
    }
    if !metadata.units.is_empty() {
        answer["units"] = metadata.units.to_string().into();
    }
    answer["severity"] = sample.alarm.severity.to_string().into();
    answer["status"] = sample.alarm.status.to_string().into();
    answer
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::String(text) => text.to_string().into(),
        Value::Array(array) => array.iter().map(|element| json_of(&element)).collect(),
        Value::Double(number) => float(*number),
        Value::Float(number) => float((*number).into()),
        Value::Char(number) => (*number).into(),
        Value::Enum(number) => (*number).into(),
        Value::Long(number) => (*number).into(),
        Value::Short(number) => (*number).into(),
    }
}

/// A number; one that JSON cannot spell is `{"float":"nan"}`, as in a trace.
fn float(number: f64) -> Json {
    serde_json::to_value(Datum::Number(number)).unwrap_or_default()
}

pub(super) fn value_of(json: &Json) -> Result<Value, String> {
    match json {
        Json::Bool(flag) => Ok(Value::Short((*flag).into())),
        Json::Number(number) => number
            .as_f64()
            .map(Value::Double)
            .ok_or_else(|| format!("{number} is too large")),
        Json::String(text) => Ok(text.as_str().into()),
        Json::Array(items) => {
            let values: Vec<Value> = items.iter().map(value_of).collect::<Result<_, _>>()?;
            let kind = values.first().map_or(ValueKind::Double, Value::kind);
            let array = Array::collect(kind, values);
            array
                .map(Value::Array)
                .ok_or_else(|| "a list is of numbers or of texts".to_owned())
        }
        Json::Null | Json::Object(_) => match serde_json::from_value(json.clone()) {
            Ok(Datum::Number(number)) => Ok(Value::Double(number)),
            _ => Err("a value is a number, a text, or a list".to_owned()),
        },
    }
}
