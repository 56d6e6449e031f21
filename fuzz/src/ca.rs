//! Channel Access: datagrams, streams, payloads, names.

#[path = "ca/stream.rs"]
mod stream;

use beamtwin_ca::filter::{Modifiers, Occasion, split};
use beamtwin_ca::header::Header;
use beamtwin_ca::message::Reply;
use beamtwin_ca::{Acknowledgement, Dbr, Form, Mask, Responder, dbr};
use beamtwin_pv::{Array, Metadata, Sample, Timestamp, Value, ValueKind, convert};
use bytes::BytesMut;

pub use stream::stream;

use crate::pair::{metadata, sample};

/// A datagram is answered in one no longer than itself, of whole replies, one for each name that is known; asked
/// again the same is answered.
pub fn datagram(bytes: &[u8]) {
    let mut responder = Responder::new(5064);
    let mut answer = |before: &[u8]| {
        let mut out = BytesMut::from(before);
        let mut asked = 0;
        let knows = |name: &str| {
            asked += 1;
            !name.is_empty() && name.len().is_multiple_of(2)
        };
        responder.receive(bytes, knows, &mut out);
        assert!(
            asked <= bytes.len() / Header::SHORT,
            "a name asked for twice"
        );
        assert_eq!(out[..before.len()], *before);
        (out.split_off(before.len()), responder.counts())
    };
    let (out, counts) = answer(&[]);
    assert!(out.len() <= bytes.len(), "a reply longer than its request");
    let mut found = 0;
    for (at, (header, payload)) in messages(&out).enumerate() {
        match Reply::decode(&header, payload) {
            Ok(Reply::Version { .. }) => assert_eq!(at, 0, "a version within"),
            Ok(Reply::Search { port, .. }) => {
                assert_eq!((port, payload.len()), (5064, 8));
                found += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(found, counts.hits);
    assert_eq!((counts.datagrams, counts.malformed <= 1), (1, true));
    assert_eq!(answer(b"before").0, out);
}

/// A payload is a sample or is refused. A sample can be sent in any form, kind and number of elements, or in none,
/// and what was sent is read, and sent again alike; and it can be put into anything, or refused.
pub fn payload(bytes: &[u8]) {
    let [code, target, high, low, payload @ ..] = bytes else {
        return;
    };
    let announced = usize::from(*high & 3) * 256 + usize::from(*low);
    let _ = dbr::class_name(payload);
    let from = match Dbr::from_code((code % 40).into()) {
        Some(Dbr::Value(form, kind)) => dbr::decode(form, kind, announced, payload)
            .ok()
            .map(|told| (form, kind, told.sample, told.metadata)),
        _ => dbr::acknowledgement(payload).ok().map(|(sample, ack)| {
            acknowledged(&sample, ack);
            (Form::Status, ValueKind::String, sample, metadata())
        }),
    };
    let Some((form, kind, sample, metadata)) = from else {
        return;
    };
    assert_eq!(sample.value.kind(), kind);
    let count = sample.value.count();
    sent(form, kind, count, &sample, &metadata);
    let other = Form::ALL[usize::from(*target) % 5];
    for kind in ValueKind::ALL {
        for count in [0, 1, count, usize::from(*target)] {
            sent(other, kind, count, &sample, &metadata);
        }
        if let Ok(put) = convert::put(&sample.value, kind, &metadata) {
            assert_eq!(put.kind(), kind);
        }
    }
}

/// Text with acknowledgement is read as it was sent.
fn acknowledged(sample: &Sample, ack: Acknowledgement) {
    let mut out = BytesMut::new();
    dbr::encode_stsack(sample, &metadata(), ack, &mut out).expect("it is text");
    let told = dbr::acknowledgement(&out).expect("it was sent so");
    assert_eq!(
        (&told.0.value, told.0.alarm, told.1),
        (&sample.value, sample.alarm, ack)
    );
}

/// What is sent has the size that was announced, and comes back as what is sent alike.
fn sent(form: Form, kind: ValueKind, count: usize, sample: &Sample, metadata: &Metadata) {
    let mut out = BytesMut::from(&b"before"[..]);
    if dbr::encode(form, kind, count, sample, metadata, &mut out).is_err() {
        assert_eq!(out, b"before"[..], "half of a payload");
        return;
    }
    let first = out.split_off(6);
    assert_eq!(
        first.len(),
        Dbr::Value(form, kind).size(count).next_multiple_of(8)
    );
    let mut second = BytesMut::new();
    let mut told = dbr::decode(form, kind, count, &first).expect("it was sent so");
    assert_eq!(
        (told.sample.value.kind(), told.sample.value.count()),
        (kind, count)
    );
    // Not all forms tell all of it.
    told.metadata.digits = metadata.digits;
    dbr::encode(form, kind, count, &told.sample, &told.metadata, &mut second)
        .expect("it was sent before");
    assert_eq!(first, second, "sent twice, not the same");
}

/// A name is split and put together; filters pass values of the kind and the number of elements that were announced.
pub fn name(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes);
    let (field, behind) = split(&name);
    assert_eq!(format!("{field}{behind}"), name);
    assert!(split(field).1.is_empty(), "a field with more behind it");
    let Some(modifiers) = Modifiers::parse(behind) else {
        return;
    };
    for value in [
        Value::Double(f64::NAN),
        Value::Long(i32::MIN),
        Value::from("some text"),
        Value::Array(Array::Char((*b"long text\0").into())),
        Value::Array(Array::Double([1.0, -2.0, f64::INFINITY].into())),
        Value::Array(Array::String(["a".into(), "b".into()].into())),
        Value::Array(Array::Short([].into())),
    ] {
        let mut filters = modifiers.filters.clone();
        let now = Timestamp {
            seconds: u32::MAX,
            nanos: 999_999_999,
        };
        let is_text = modifiers.long_string && value.kind() == ValueKind::Char;
        let most = u32::try_from(value.count().max(1)).expect("it is a few");
        let (kind, count) = filters.shape(value.kind(), most, is_text);
        for mask in [Mask::all(), Mask::VALUE, Mask::PROPERTY, Mask::empty()] {
            for occasion in [Occasion::Read, Occasion::Event(mask)] {
                if let Some(passed) = filters.pass(occasion, &sample(value.clone()), false, now) {
                    // Whole numbers are announced as doubles and have no point as text.
                    let whole = (passed.value.kind(), kind) == (ValueKind::Long, ValueKind::Double);
                    assert!(whole || passed.value.kind() == kind, "of {value:?}");
                    assert!(
                        passed.value.count() <= (count as usize).max(1),
                        "of {value:?}"
                    );
                }
            }
        }
    }
}

/// Whole messages, each padded to eight bytes.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = (Header, &[u8])> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let (header, head) = Header::decode(bytes).expect("a header");
        let size = header.payload as usize;
        assert!(size.is_multiple_of(8), "{header:?} is not padded");
        let payload = bytes.get(head..head + size).expect("a payload");
        bytes = &bytes[head + size..];
        Some((header, payload))
    })
}
