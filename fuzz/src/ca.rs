//! Channel Access: datagrams, streams, payloads, names.
//!
//! [`stream`] talks to the server of `crates/ca/tests/pair`.

use std::time::Duration;

use beamtwin_ca::filter::{Modifiers, Occasion, split};
use beamtwin_ca::header::Header;
use beamtwin_ca::message::Reply;
use beamtwin_ca::{Access, Acknowledgement, Dbr, Eca, Form, Limits, Mask, Responder, dbr};
use beamtwin_pv::{Array, Metadata, Sample, Timestamp, Value, ValueKind, convert};
use bytes::BytesMut;

use crate::pair::{Pair, metadata, sample};

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
                if let Some(passed) = filters.pass(occasion, &sample(value.clone()), now) {
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

/// A stream is survived and answered in whole replies; how it was split changes nothing, whatever else happens
/// meanwhile, and nothing is left waiting at its end.
///
/// The first byte says how it is split and what becomes of puts that keep others waiting.
pub fn stream(bytes: &[u8]) {
    let Some((&how, bytes)) = bytes.split_first() else {
        return;
    };
    let roomy = Limits {
        payload: if how & 0x80 == 0 { 1 << 12 } else { 0x1_4000 },
        event_backlog: usize::MAX,
        ..Limits::default()
    };
    let mut whole = Talk::new(how, roomy.clone());
    whole.hear(bytes);
    let mut pieces = Talk::new(how, roomy);
    for piece in pieces.chance.clone().split(bytes) {
        pieces.hear(piece);
    }
    assert_eq!(
        whole.end(),
        pieces.end(),
        "the way it was split changes what is said"
    );

    let mut busy = Talk::new(
        how,
        Limits {
            payload: 1 << 12,
            event_backlog: 256,
            events_per_monitor: 2,
            reply_backlog: 512,
            put_wait: (how & 0x20 == 0).then_some(WAIT),
        },
    );
    for piece in busy.chance.clone().split(bytes) {
        busy.disturb();
        busy.hear(piece);
    }
    busy.end();
}

/// How long a put may keep another waiting.
const WAIT: Duration = Duration::from_secs(60);

/// A server and what it said.
struct Talk {
    pair: Pair,
    said: BytesMut,
    chance: Chance,
    /// Whether who waits too long is told so, instead of puts being completed.
    gives_up: bool,
    disturbed: bool,
    heard: usize,
    demands: usize,
}

impl Talk {
    fn new(how: u8, limits: Limits) -> Self {
        let mut pair = Pair::new(limits);
        for (name, like) in [
            ("x.", "x"),
            ("x.VAL", "x"),
            ("wave.", "wave"),
            ("text.VAL$", "text"),
        ] {
            let held = pair.values[like].clone();
            pair.values.insert(name.to_owned(), held);
        }
        Self {
            pair,
            said: BytesMut::new(),
            chance: Chance(u64::from(how) * 2 + 1),
            gives_up: how & 0x40 != 0,
            disturbed: false,
            heard: 0,
            demands: 0,
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.heard += bytes.len();
        self.pair.circuit.receive(bytes, self.pair.now);
        self.settle();
    }

    /// Until nothing more is said.
    fn settle(&mut self) {
        loop {
            while let Some(demand) = self.pair.circuit.poll() {
                self.demands += 1;
                self.pair.answer(demand);
            }
            if self.pair.circuit.transmit(&mut self.said) {
                continue;
            }
            if !self.pair.circuit.is_stalled() {
                return;
            }
            if self.gives_up
                && let Some(deadline) = self.pair.circuit.deadline()
            {
                self.pair.now = deadline;
                self.pair.circuit.tick(deadline);
            } else {
                let write = self.pair.started.pop_front();
                let write = write.expect("nothing stalls but for a put that was started");
                self.pair.circuit.written(write, Eca::NORMAL);
            }
            self.demands += 1;
        }
    }

    /// Things happen that are not of the peer's doing.
    fn disturb(&mut self) {
        let at = self.chance.below(8);
        let channel = self.pair.channels.keys().nth(at).copied();
        match (self.chance.below(7), channel) {
            (0, _) => {
                let value = self.pair.values["wave"].value.clone();
                self.pair.change("x", value);
            }
            (1, _) => self.pair.change("text", "other"),
            (2, _) => {
                let long: Vec<i32> = (0..300).collect();
                self.pair
                    .change("wave", Value::Array(Array::Long(long.into())));
            }
            (3, Some(channel)) => {
                let access = Access::from_bits_truncate(at as u32);
                self.pair.circuit.access_changed(channel, access);
            }
            (4, Some(channel)) => self.pair.circuit.disconnect(channel),
            (5, _) => {
                self.pair.now += WAIT;
                self.pair.circuit.tick(self.pair.now);
            }
            _ => {
                if let Some(write) = self.pair.started.pop_back() {
                    self.pair.circuit.written(write, Eca::PUTFAIL);
                }
            }
        }
        self.disturbed = true;
    }

    /// All that was said, which is replies.
    fn end(mut self) -> BytesMut {
        self.settle();
        assert_eq!(self.pair.circuit.backlog(), 0, "something waits for ever");
        assert!(
            self.disturbed || self.demands <= self.heard / 4,
            "{} demands of {} bytes",
            self.demands,
            self.heard
        );
        for (header, payload) in messages(&self.said) {
            reply(&header, payload);
        }
        self.said
    }
}

/// A reply is one that a client can read.
fn reply(header: &Header, payload: &[u8]) {
    let status = match Reply::decode(header, payload).expect("a reply") {
        // The end of a subscription.
        Reply::Event { payload: [], .. } => return,
        Reply::Event { status, .. } | Reply::Read { status, .. } => status,
        Reply::ReadPlain { .. } => Eca::NORMAL,
        _ => return,
    };
    if !status.is_success() {
        assert!(
            payload.iter().all(|&byte| byte == 0),
            "a value with {status:?}"
        );
        return;
    }
    match Dbr::from_code(header.data_type).expect("a type") {
        Dbr::Value(form, kind) => {
            dbr::decode(form, kind, header.count as usize, payload).expect("a value");
        }
        Dbr::StsackString => {
            dbr::acknowledgement(payload).expect("text with acknowledgement");
        }
        Dbr::ClassName | Dbr::PutAckt | Dbr::PutAcks => {}
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

/// Numbers that follow from the first.
#[derive(Clone)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// Pieces of all sizes, one byte among them.
    fn split(mut self, mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let largest = 1 << self.below(9);
        std::iter::from_fn(move || {
            let size = (1 + self.below(largest)).min(bytes.len());
            let (piece, rest) = bytes.split_at(size);
            bytes = rest;
            (size > 0).then_some(piece)
        })
    }
}
