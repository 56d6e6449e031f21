//! Samples into payloads.

use beamtwin_pv::{Array, Conversion, Metadata, Sample, Text, Value, ValueKind, convert};
use bytes::{BufMut, BytesMut};

use super::{Acknowledgement, Dbr, Form, LABEL, LABELS, STRING, UNITS};
use crate::header::padded;

/// Appends the payload of a sample with exactly `count` elements, padded to eight bytes.
///
/// Elements that the value lacks are zero, as in the C server; so are all pads, where the C server
/// sends whatever its buffer held. On failure nothing is appended.
pub fn encode(
    form: Form,
    kind: ValueKind,
    count: usize,
    sample: &Sample,
    metadata: &Metadata,
    out: &mut BytesMut,
) -> Result<(), Conversion> {
    if sample.value.kind() == kind {
        append(form, kind, count, &sample.value, sample, metadata, out);
    } else {
        let plain = form == Form::Plain && kind == ValueKind::Char && !metadata.link;
        let value = match &sample.value {
            Value::Array(Array::String(texts)) if plain => {
                Value::Array(convert::read_signed(texts, count)?)
            }
            Value::String(text) if plain => {
                Value::Array(convert::read_signed(std::slice::from_ref(text), 1)?)
            }
            Value::Array(array) => Value::Array(convert::read_first(array, count, kind, metadata)?),
            scalar => convert::read(scalar, kind, metadata)?,
        };
        append(form, kind, count, &value, sample, metadata, out);
    }
    Ok(())
}

/// Appends the payload of a `DBR_STSACK_STRING`.
pub fn encode_stsack(
    sample: &Sample,
    metadata: &Metadata,
    ack: Acknowledgement,
    out: &mut BytesMut,
) -> Result<(), Conversion> {
    let value = convert::read(&sample.value, ValueKind::String, metadata)?;
    alarm(sample, out);
    out.put_u16(ack.transient.into());
    out.put_u16(ack.severity);
    values(&value, ValueKind::String, 1, out);
    Ok(())
}

/// Appends the payload of a `DBR_CLASS_NAME`.
pub fn encode_class_name(class: &str, out: &mut BytesMut) {
    text(class.as_bytes(), STRING, out);
}

fn append(
    form: Form,
    kind: ValueKind,
    count: usize,
    value: &Value,
    sample: &Sample,
    metadata: &Metadata,
    out: &mut BytesMut,
) {
    let dbr = Dbr::Value(form, kind);
    let start = out.len();
    let end = start + padded(dbr.size(count));
    out.reserve(end - start);
    match form {
        Form::Plain => {}
        Form::Status => alarm(sample, out),
        Form::Time => {
            alarm(sample, out);
            out.put_u32(sample.stamp.seconds);
            out.put_u32(sample.stamp.nanos);
        }
        Form::Graphic | Form::Control => {
            alarm(sample, out);
            describe(form, kind, metadata, out);
        }
    }
    out.resize(start + dbr.layout().0, 0);
    values(value, kind, count, out);
    out.resize(end, 0);
}

fn alarm(sample: &Sample, out: &mut BytesMut) {
    out.put_u16(sample.alarm.status as u16);
    out.put_u16(sample.alarm.severity as u16);
}

/// What `GR` and `CTRL` add between the alarm and the value.
fn describe(form: Form, kind: ValueKind, metadata: &Metadata, out: &mut BytesMut) {
    let mut limits = [
        metadata.display.high,
        metadata.display.low,
        metadata.alarm.high,
        metadata.warning.high,
        metadata.warning.low,
        metadata.alarm.low,
        metadata.control.high,
        metadata.control.low,
    ];
    let mut used = if form == Form::Control { 8 } else { 6 };
    match kind {
        ValueKind::String => used = 0,
        ValueKind::Enum => {
            used = 0;
            let labels = &metadata.labels[..metadata.labels.len().min(LABELS)];
            #[expect(clippy::cast_possible_truncation, reason = "at most 16")]
            out.put_u16(labels.len() as u16);
            for label in labels {
                text(label.as_bytes(), LABEL, out);
            }
            out.put_bytes(0, (LABELS - labels.len()) * LABEL);
        }
        ValueKind::Float | ValueKind::Double => {
            out.put_i16(metadata.precision);
            out.put_u16(0);
            text(metadata.units.as_bytes(), UNITS, out);
        }
        ValueKind::Char | ValueKind::Long | ValueKind::Short => {
            text(metadata.units.as_bytes(), UNITS, out);
            // An integer knows no NaN, which says "no limit".
            for limit in &mut limits {
                *limit = if limit.is_finite() { *limit } else { 0.0 };
            }
        }
    }
    for &limit in &limits[..used] {
        let limit = Value::Double(limit);
        // Between numbers nothing fails; C narrows by way of 32 bits, as `put` does.
        if let Ok(limit) = convert::put(&limit, kind, metadata) {
            values(&limit, kind, 1, out);
        }
    }
}

/// Appends text cut to `size` bytes with its terminator, and zeros.
fn text(bytes: &[u8], size: usize, out: &mut BytesMut) {
    let kept = &bytes[..bytes.len().min(size - 1)];
    out.put_slice(kept);
    out.put_bytes(0, size - kept.len());
}

/// Appends `count` elements, cut or filled with zeros.
fn values(value: &Value, kind: ValueKind, count: usize, out: &mut BytesMut) {
    let start = out.len();
    let end = start + Dbr::Value(Form::Plain, kind).size(count);
    macro_rules! elements {
        ($array:expr, $type:ty) => {{
            out.resize(end, 0);
            let (elements, _) = out[start..].as_chunks_mut::<{ size_of::<$type>() }>();
            for (bytes, element) in elements.iter_mut().zip($array.iter()) {
                *bytes = element.to_be_bytes();
            }
        }};
    }
    if count > 0 {
        match value {
            Value::Char(x) => out.put_u8(*x),
            Value::Double(x) => out.put_f64(*x),
            Value::Enum(x) => out.put_u16(*x),
            Value::Float(x) => out.put_f32(*x),
            Value::Long(x) => out.put_i32(*x),
            Value::Short(x) => out.put_i16(*x),
            Value::String(x) => text(x.as_bytes(), STRING, out),
            Value::Array(Array::Char(a)) => out.put_slice(&a[..a.len().min(count)]),
            Value::Array(Array::Double(a)) => elements!(a, f64),
            Value::Array(Array::Enum(a)) => elements!(a, u16),
            Value::Array(Array::Float(a)) => elements!(a, f32),
            Value::Array(Array::Long(a)) => elements!(a, i32),
            Value::Array(Array::Short(a)) => elements!(a, i16),
            Value::Array(Array::String(a)) => {
                for element in a.iter().take(count) {
                    text(Text::as_bytes(element), STRING, out);
                }
            }
        }
    }
    out.resize(end, 0);
}
