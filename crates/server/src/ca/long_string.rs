//! Text as an array of characters: names that end in `$`.

use beamtwin_pv::{Array, Sample, Text, Value};

/// A text as an array of characters, with its terminator.
pub(super) fn characters(sample: &Sample) -> Sample {
    let bytes = sample
        .value
        .as_text()
        .map(Text::as_bytes)
        .unwrap_or_default();
    let bytes = bytes.iter().copied().chain([0]).collect();
    Sample {
        value: Value::Array(Array::Char(bytes)),
        ..sample.clone()
    }
}

/// An array of characters as a text, up to its terminator.
pub(super) fn text(value: Value) -> Value {
    match value {
        // Nothing at all stays nothing.
        Value::Array(Array::Char(bytes)) if !bytes.is_empty() => {
            let end = bytes
                .iter()
                .position(|&byte| byte == 0)
                .unwrap_or(bytes.len());
            Value::String(Text::from_bytes(&bytes[..end]))
        }
        Value::Char(byte) => Value::String(Text::from_bytes(if byte == 0 {
            &[]
        } else {
            std::slice::from_ref(&byte)
        })),
        other => other,
    }
}
