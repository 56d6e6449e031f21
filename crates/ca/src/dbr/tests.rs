use beamtwin_pv::{
    Alarm, AlarmStatus, Array, Metadata, Range, Sample, Severity, Text, Timestamp, Value, ValueKind,
};
use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn sample(value: impl Into<Value>) -> Sample {
    let stamp = Timestamp {
        seconds: 0x4561_6e87,
        nanos: 0x0f5b_55aa,
    };
    Sample {
        value: value.into(),
        alarm: Alarm::UNDEFINED,
        stamp,
    }
}

fn bytes(form: Form, kind: ValueKind, sample: &Sample, metadata: &Metadata) -> String {
    let mut out = BytesMut::new();
    encode(form, kind, sample.value.count(), sample, metadata, &mut out).unwrap();
    out.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn codes_and_types_are_one_to_one() {
    for code in 0..=38 {
        assert_eq!(Dbr::from_code(code).unwrap().code(), code);
    }
    assert_eq!(Dbr::from_code(39), None);
    assert_eq!(Dbr::Value(Form::Time, ValueKind::Double).code(), 20);
    assert_eq!(Dbr::Value(Form::Control, ValueKind::Double).code(), 34);
}

#[test]
fn values_stand_where_c_compilers_put_them() {
    let none = Metadata::default();
    assert_eq!(
        bytes(Form::Time, ValueKind::Double, &sample(9.0), &none),
        "0011000345616e870f5b55aa000000004022000000000000"
    );
    assert_eq!(
        bytes(Form::Status, ValueKind::Char, &sample(7_u8), &none),
        "0011000300070000"
    );
    assert_eq!(
        bytes(Form::Time, ValueKind::Short, &sample(2_i16), &none),
        "0011000345616e870f5b55aa00000002"
    );
}

#[test]
fn limits_of_integers_have_no_nan() {
    let metadata = Metadata {
        alarm: Range::new(f64::NAN, f64::NAN),
        control: Range::new(-32768.0, 32767.0),
        display: Range::new(-32768.0, 32767.0),
        ..Metadata::default()
    };
    // caget_ctrl_short.
    assert_eq!(
        bytes(Form::Control, ValueKind::Short, &sample(3_i16), &metadata),
        "0011000300000000000000007fff800000000000000000007fff800000030000"
    );
}

#[test]
fn units_and_labels_are_cut_to_leave_room_for_a_terminator() {
    let metadata = Metadata {
        units: "micrometres".into(),
        labels: [Text::from("a label of more than twenty-five bytes")].into(),
        ..Metadata::default()
    };
    let mut out = BytesMut::new();
    encode(
        Form::Graphic,
        ValueKind::Long,
        1,
        &sample(1),
        &metadata,
        &mut out,
    )
    .unwrap();
    let decoded = decode(Form::Graphic, ValueKind::Long, 1, &out).unwrap();
    assert_eq!(decoded.metadata.units, "microme");
    out.clear();
    encode(
        Form::Graphic,
        ValueKind::Enum,
        1,
        &sample(0_u16),
        &metadata,
        &mut out,
    )
    .unwrap();
    let decoded = decode(Form::Graphic, ValueKind::Enum, 1, &out).unwrap();
    assert_eq!(decoded.metadata.labels[0], "a label of more than twen");
}

#[test]
fn missing_elements_are_zero_and_extra_ones_are_cut() {
    let three = sample(Array::Long([1, 2, 3].into()));
    let mut out = BytesMut::new();
    encode(
        Form::Plain,
        ValueKind::Long,
        5,
        &three,
        &Metadata::default(),
        &mut out,
    )
    .unwrap();
    assert_eq!(
        value(ValueKind::Long, 5, &out),
        Ok(Value::Array(Array::Long([1, 2, 3, 0, 0].into())))
    );
    out.clear();
    encode(
        Form::Plain,
        ValueKind::Long,
        2,
        &three,
        &Metadata::default(),
        &mut out,
    )
    .unwrap();
    assert_eq!(out[..], [0, 0, 0, 1, 0, 0, 0, 2]);
    out.clear();
    encode(
        Form::Time,
        ValueKind::Double,
        0,
        &three,
        &Metadata::default(),
        &mut out,
    )
    .unwrap();
    assert_eq!(out.len(), 16);
}

#[test]
fn a_scalar_string_needs_no_forty_bytes() {
    assert_eq!(
        value(ValueKind::String, 1, b"12.5\0\0\0\0"),
        Ok(Value::from("12.5"))
    );
    assert_eq!(
        value(ValueKind::String, 1, b"unended!"),
        Ok(Value::from("unended!"))
    );
    assert!(value(ValueKind::String, 1, b"").is_err());
    assert!(value(ValueKind::String, 2, &[0; 40]).is_err());
}

#[test]
fn what_does_not_convert_leaves_no_bytes() {
    let mut out = BytesMut::new();
    let text = sample("abc");
    assert!(
        encode(
            Form::Time,
            ValueKind::Long,
            1,
            &text,
            &Metadata::default(),
            &mut out
        )
        .is_err()
    );
    assert!(out.is_empty());
}

#[test]
fn an_acknowledgement_travels_with_its_text() {
    let mut out = BytesMut::new();
    let ack = Acknowledgement {
        transient: true,
        severity: 2,
    };
    encode_stsack(&sample("13.500"), &Metadata::default(), ack, &mut out).unwrap();
    assert_eq!(out.len(), 48);
    let (decoded, same) = acknowledgement(&out).unwrap();
    assert_eq!((decoded.value, same), (Value::from("13.500"), ack));
}

/// A label or a unit that fits.
fn label(size: usize) -> impl Strategy<Value = Text> {
    vec(1_u8.., 0..size).prop_map(|bytes| Text::from_bytes(&bytes))
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u8>().prop_map(Value::Char),
        any::<f64>().prop_map(Value::Double),
        any::<u16>().prop_map(Value::Enum),
        any::<f32>().prop_map(Value::Float),
        any::<i32>().prop_map(Value::Long),
        any::<i16>().prop_map(Value::Short),
        label(40).prop_map(Value::String),
        vec(any::<u8>(), 0..20).prop_map(|a| Value::Array(Array::Char(a.into()))),
        vec(any::<f64>(), 0..20).prop_map(|a| Value::Array(Array::Double(a.into()))),
        vec(any::<u16>(), 0..20).prop_map(|a| Value::Array(Array::Enum(a.into()))),
        vec(any::<f32>(), 0..20).prop_map(|a| Value::Array(Array::Float(a.into()))),
        vec(any::<i32>(), 0..20).prop_map(|a| Value::Array(Array::Long(a.into()))),
        vec(any::<i16>(), 0..20).prop_map(|a| Value::Array(Array::Short(a.into()))),
        vec(label(40), 0..20).prop_map(|a| Value::Array(Array::String(a.into()))),
    ]
}

proptest! {
    #[test]
    fn decoding_gives_back_what_was_encoded(
        value in values(), status in 0_u16..22, severity in 0_u16..4, seconds: u32, nanos: u32,
        units in label(8), labels in vec(label(26), 0..=16), precision: i16, form in 0_usize..5,
        low in -100_i8..0, high in 0_i8..100,
    ) {
        let form = Form::ALL[form];
        let kind = value.kind();
        let count = value.count();
        prop_assume!(count != 1 || !matches!(value, Value::Array(_)));
        let alarm = Alarm::new(
            Severity::from_code(severity).unwrap(),
            AlarmStatus::from_code(status).unwrap(),
        );
        let sample = Sample { value, alarm, stamp: Timestamp { seconds, nanos } };
        let range = if kind == ValueKind::Char {
            Range::new(0.0, high.into())
        } else {
            Range::new(low.into(), high.into())
        };
        let metadata = Metadata {
            units, precision, labels: labels.into(),
            display: range, alarm: range, warning: range, control: range,
            ..Metadata::default()
        };
        let mut out = BytesMut::new();
        encode(form, kind, count, &sample, &metadata, &mut out).unwrap();
        prop_assert_eq!(out.len() % 8, 0);
        let decoded = decode(form, kind, count, &out).unwrap();
        prop_assert!(decoded.sample.value.same(&sample.value));
        if form != Form::Plain {
            prop_assert_eq!(decoded.sample.alarm, sample.alarm);
        }
        if form == Form::Time {
            prop_assert_eq!(decoded.sample.stamp, sample.stamp);
        }
        if form >= Form::Graphic {
            match kind {
                ValueKind::String => {}
                ValueKind::Enum => prop_assert_eq!(decoded.metadata.labels, metadata.labels),
                _ => {
                    prop_assert_eq!(decoded.metadata.units, metadata.units);
                    prop_assert_eq!(decoded.metadata.display, metadata.display);
                    prop_assert_eq!(decoded.metadata.alarm, metadata.alarm);
                    prop_assert_eq!(decoded.metadata.warning, metadata.warning);
                }
            }
        }
        if form == Form::Control && !matches!(kind, ValueKind::String | ValueKind::Enum) {
            prop_assert_eq!(decoded.metadata.control, metadata.control);
        }
    }

    #[test]
    fn any_bytes_decode_or_are_refused(code in 0_u16..35, count in 0_usize..1000, payload: Vec<u8>) {
        let Some(Dbr::Value(form, kind)) = Dbr::from_code(code) else { unreachable!() };
        let _ = decode(form, kind, count, &payload);
        let _ = acknowledgement(&payload);
        let _ = class_name(&payload);
    }
}
