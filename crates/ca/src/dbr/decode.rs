//! Payloads into samples.

use beamtwin_pv::{
    Alarm, AlarmStatus, Array, Metadata, Range, Sample, Severity, Text, Timestamp, Value, ValueKind,
};
use bytes::Buf;
use thiserror::Error;

use super::{Acknowledgement, Dbr, Form, LABEL, LABELS, STRING, UNITS, element};

/// The payload is shorter than its type and count say.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a payload of {found} bytes where {expected} were announced")]
pub struct Malformed {
    /// Bytes that the header's type and count need.
    pub expected: usize,
    /// Bytes that there are.
    pub found: usize,
}

/// What a payload told.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The value, and alarm and time stamp where the form has them.
    pub sample: Sample,
    /// What `GR` and `CTRL` tell.
    pub metadata: Metadata,
}

/// Reads the payload of a value.
pub fn decode(
    form: Form,
    kind: ValueKind,
    count: usize,
    payload: &[u8],
) -> Result<Decoded, Malformed> {
    let (offset, _) = Dbr::Value(form, kind).layout();
    let short = Malformed {
        expected: Dbr::Value(form, kind).size(count),
        found: payload.len(),
    };
    let elements = payload.get(offset..).ok_or(short)?;
    let value = value(kind, count, elements).map_err(|_| short)?;
    let mut head = &payload[..offset];
    let mut sample = Sample {
        value,
        alarm: Alarm::NONE,
        stamp: Timestamp::UNDEFINED,
    };
    let mut metadata = Metadata::default();
    if form != Form::Plain {
        let status = AlarmStatus::from_code(head.get_u16()).unwrap_or_default();
        let severity = Severity::from_code(head.get_u16()).unwrap_or(Severity::Invalid);
        sample.alarm = Alarm::new(severity, status);
    }
    match form {
        Form::Plain | Form::Status => {}
        Form::Time => {
            sample.stamp = Timestamp {
                seconds: head.get_u32(),
                nanos: head.get_u32(),
            };
        }
        Form::Graphic | Form::Control => describe(form, kind, head, &mut metadata),
    }
    Ok(Decoded { sample, metadata })
}

/// Reads plain elements: a scalar if there is one, else an array.
///
/// The last string may be shorter than 40 bytes: clients send no more than they need.
pub fn value(kind: ValueKind, count: usize, payload: &[u8]) -> Result<Value, Malformed> {
    let size = element(kind);
    let expected = size.saturating_mul(count);
    let found = payload.len();
    let enough = match kind {
        ValueKind::String if count > 0 => found > expected - size,
        _ => found >= expected,
    };
    if !enough {
        return Err(Malformed { expected, found });
    }
    let payload = &payload[..expected.min(found)];
    macro_rules! elements {
        ($variant:ident, $type:ty) => {{
            let (elements, _) = payload.as_chunks::<{ size_of::<$type>() }>();
            let mut elements = elements.iter().map(|bytes| <$type>::from_be_bytes(*bytes));
            if count == 1 {
                Value::$variant(elements.next().unwrap_or_default())
            } else {
                Value::Array(Array::$variant(elements.collect()))
            }
        }};
    }
    Ok(match kind {
        ValueKind::Char => elements!(Char, u8),
        ValueKind::Double => elements!(Double, f64),
        ValueKind::Enum => elements!(Enum, u16),
        ValueKind::Float => elements!(Float, f32),
        ValueKind::Long => elements!(Long, i32),
        ValueKind::Short => elements!(Short, i16),
        ValueKind::String if count == 1 => Value::String(text(payload)),
        ValueKind::String => {
            Value::Array(Array::String(payload.chunks(STRING).map(text).collect()))
        }
    })
}

/// Reads a `DBR_STSACK_STRING`.
pub fn acknowledgement(payload: &[u8]) -> Result<(Sample, Acknowledgement), Malformed> {
    let expected = Dbr::StsackString.size(1);
    let short = Malformed {
        expected,
        found: payload.len(),
    };
    let decoded = decode(Form::Status, ValueKind::String, 0, payload)?;
    let mut ack = payload.get(4..8).ok_or(short)?;
    let ack = Acknowledgement {
        transient: ack.get_u16() != 0,
        severity: ack.get_u16(),
    };
    let value = value(ValueKind::String, 1, &payload[8..]).map_err(|_| short)?;
    Ok((
        Sample {
            value,
            ..decoded.sample
        },
        ack,
    ))
}

/// Reads a `DBR_CLASS_NAME`.
pub fn class_name(payload: &[u8]) -> Result<Text, Malformed> {
    if payload.is_empty() {
        return Err(Malformed {
            expected: STRING,
            found: 0,
        });
    }
    Ok(text(&payload[..payload.len().min(STRING)]))
}

fn describe(form: Form, kind: ValueKind, mut head: &[u8], metadata: &mut Metadata) {
    match kind {
        ValueKind::String => return,
        ValueKind::Enum => {
            let labels = usize::from(head.get_u16()).min(LABELS);
            metadata.labels = head.chunks_exact(LABEL).take(labels).map(text).collect();
            return;
        }
        ValueKind::Float | ValueKind::Double => {
            metadata.precision = head.get_i16();
            head.advance(2);
        }
        ValueKind::Char | ValueKind::Long | ValueKind::Short => {}
    }
    metadata.units = text(&head[..UNITS]);
    head.advance(UNITS);
    let mut limit = || match kind {
        ValueKind::Char => head.get_u8().into(),
        ValueKind::Float => head.get_f32().into(),
        ValueKind::Long => head.get_i32().into(),
        ValueKind::Short => head.get_i16().into(),
        ValueKind::Double | ValueKind::Enum | ValueKind::String => head.get_f64(),
    };
    let (display_high, display_low) = (limit(), limit());
    metadata.display = Range::new(display_low, display_high);
    let (alarm_high, warning_high, warning_low, alarm_low) = (limit(), limit(), limit(), limit());
    metadata.alarm = Range::new(alarm_low, alarm_high);
    metadata.warning = Range::new(warning_low, warning_high);
    if form == Form::Control {
        let (high, low) = (limit(), limit());
        metadata.control = Range::new(low, high);
    }
}

/// Text up to its terminator.
pub(crate) fn text(bytes: &[u8]) -> Text {
    let end = bytes.iter().position(|&c| c == 0).unwrap_or(bytes.len());
    Text::from_bytes(&bytes[..end.min(STRING - 1)])
}
