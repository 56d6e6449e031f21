//! Streams, split anywhere, to the server of `crates/ca/tests/pair`.

use std::time::Duration;

use beamtwin_ca::header::Header;
use beamtwin_ca::message::Reply;
use beamtwin_ca::{Access, Dbr, Eca, Limits, dbr};
use beamtwin_pv::{Array, Value};
use bytes::BytesMut;

use super::messages;
use crate::pair::Pair;

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
            event_bytes: 1 << 10,
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
            let mut out = BytesMut::new();
            if self.pair.circuit.transmit(&mut out) {
                self.said.unsplit(out);
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
        Dbr::StsackString if header.count > 0 => {
            dbr::acknowledgement(payload).expect("text with acknowledgement");
        }
        _ => {}
    }
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
