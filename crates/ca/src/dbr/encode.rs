//! Samples into payloads.

use std::ops::Range;

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
        let signed =
            matches!(form, Form::Plain | Form::Time) && kind == ValueKind::Char && !metadata.link;
        let value = match &sample.value {
            Value::Array(Array::String(texts)) if signed => {
                Value::Array(convert::read_signed(texts, count)?)
            }
            Value::String(text) if signed => {
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
    let end = out.len() + padded(Dbr::Value(form, kind).size(count));
    out.reserve(end - out.len());
    head(form, kind, sample, metadata, out);
    values(value, kind, count, out);
    out.resize(end, 0);
}

/// Appends what comes before the elements.
pub(crate) fn head(
    form: Form,
    kind: ValueKind,
    sample: &Sample,
    metadata: &Metadata,
    out: &mut BytesMut,
) {
    let end = out.len() + Dbr::Value(form, kind).layout().0;
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
            // An integer knows no NaN, which says of an alarm that it has no limit.
            for limit in &mut limits[2..6] {
                *limit = if limit.is_finite() { *limit } else { 0.0 };
            }
        }
    }
    for &limit in &limits[..used] {
        let limit = Value::Double(limit);
        // Between numbers nothing fails; C narrows by way of 32 bits, as `put` does.
        if let Ok(limit) = convert::put(&limit, kind, &Metadata::default()) {
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
    let end = out.len() + Dbr::Value(Form::Plain, kind).size(count);
    if count > 0 {
        match value {
            Value::Char(x) => out.put_u8(*x),
            Value::Double(x) => out.put_f64(*x),
            Value::Enum(x) => out.put_u16(*x),
            Value::Float(x) => out.put_f32(*x),
            Value::Long(x) => out.put_i32(*x),
            Value::Short(x) => out.put_i16(*x),
            Value::String(x) => text(x.as_bytes(), STRING, out),
            Value::Array(array) => elements(array, 0..count, out),
        }
    }
    out.resize(end, 0);
}

/// Appends these elements of an array; those that it lacks are zero.
pub(super) fn elements(array: &Array, which: Range<usize>, out: &mut BytesMut) {
    let start = out.len();
    let end = start + Dbr::Value(Form::Plain, array.kind()).size(which.len());
    let there = which.start.min(array.len())..which.end.min(array.len());
    macro_rules! numbers {
        ($array:expr, $type:ty) => {{
            out.resize(end, 0);
            let (elements, _) = out[start..].as_chunks_mut::<{ size_of::<$type>() }>();
            for (bytes, element) in elements.iter_mut().zip(&$array[there]) {
                *bytes = element.to_be_bytes();
            }
        }};
    }
    match array {
        Array::Char(a) => out.put_slice(&a[there]),
        Array::Double(a) => numbers!(a, f64),
        Array::Enum(a) => numbers!(a, u16),
        Array::Float(a) => numbers!(a, f32),
        Array::Long(a) => numbers!(a, i32),
        Array::Short(a) => numbers!(a, i16),
        Array::String(a) => {
            for element in &a[there] {
                text(Text::as_bytes(element), STRING, out);
            }
        }
    }
    out.resize(end, 0);
}
