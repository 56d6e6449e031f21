//! TCP conversations.
//!
//! A stand-in for the server knows what the C server answered, and when: it decodes each captured
//! value and hands it to our circuit, which must say the same bytes again. What was decoded is
//! compared with what the annotator of the captures read, so that a mistake in both directions shows.

use std::collections::VecDeque;
use std::time::Duration;

use beamtwin_ca::dbr::{self, Dbr, Form};
use beamtwin_ca::header::Header;
use beamtwin_ca::message::{Reply, Request};
use beamtwin_ca::{Access, ChannelId, Circuit, Demand, Eca, Limits, Read, SubscriptionId, Write};
use beamtwin_pv::{Alarm, Metadata, Sample, Timestamp, Value, ValueKind};
use bytes::BytesMut;
use serde_json::Value as Json;

use crate::capture::{Capture, Frame, Message, all};
use crate::normal::normal;

/// How the client's bytes arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Split {
    /// As captured.
    Segments,
    /// All that the client says before it hears an answer it needs, in pieces of this size.
    Pieces(usize),
}

#[test]
fn circuits_answer_as_those_of_a_c_server() {
    let mut played = 0;
    for capture in all() {
        for client in clients(&capture) {
            let talk = Talk::new(&capture, &client);
            talk.play(Split::Segments);
            for size in [1, 2, 3, 5, 7, 11, 13, 17, 19, 23] {
                // Byte by byte, large arrays say nothing new and take long.
                if !talk.is_large() || size > 20 {
                    talk.play(Split::Pieces(size));
                }
            }
            played += 1;
        }
    }
    assert!(played > 75, "only {played} circuits");
}

fn clients(capture: &Capture) -> Vec<String> {
    let connected = |frame: &&Frame| frame.event.as_deref() == Some("connect");
    capture
        .frames
        .iter()
        .filter(connected)
        .map(|frame| frame.from.clone())
        .collect()
}

/// One circuit of a capture.
struct Talk<'a> {
    name: String,
    frames: Vec<&'a Frame>,
}

/// The server that our circuit serves.
struct Stand<'a> {
    circuit: Circuit,
    /// What the C server said and has not been used yet.
    answers: VecDeque<&'a Message>,
    /// Puts with completion that are not complete.
    writes: VecDeque<Write>,
    /// Channels: the client's number, ours.
    channels: Vec<(u32, ChannelId)>,
    monitors: Vec<(u32, SubscriptionId)>,
    heard: BytesMut,
}

impl<'a> Talk<'a> {
    fn new(capture: &'a Capture, client: &str) -> Self {
        let ours = |frame: &&Frame| !frame.udp && (frame.from == client || frame.to == client);
        Self {
            name: format!("{} {client}", capture.name),
            frames: capture.frames.iter().filter(ours).collect(),
        }
    }

    fn said(&self) -> impl Iterator<Item = &'a Message> {
        let frames: Vec<_> = self
            .frames
            .iter()
            .copied()
            .filter(|frame| frame.from == "server")
            .collect();
        frames.into_iter().flat_map(|frame| &frame.messages)
    }

    fn is_large(&self) -> bool {
        self.said().any(|message| message.bytes.len() > 10_000)
    }

    /// The first channel number that the C server gave away.
    fn first_channel(&self) -> ChannelId {
        let sid = self
            .said()
            .find_map(|m| match Reply::decode(&m.header, m.payload()) {
                Ok(Reply::CreateChan { sid, .. }) => Some(sid),
                _ => None,
            });
        ChannelId(sid.unwrap_or_default())
    }

    fn play(&self, split: Split) {
        let mut stand = Stand {
            circuit: Circuit::new(Limits::default(), Duration::ZERO)
                .numbered_from(self.first_channel()),
            answers: self.said().collect(),
            writes: VecDeque::new(),
            channels: Vec::new(),
            monitors: Vec::new(),
            heard: BytesMut::new(),
        };
        let mut hung_up = false;
        for frame in &self.frames {
            let now = Duration::from_secs_f64(frame.at);
            if frame.from == "server" {
                hung_up |= matches!(frame.event.as_deref(), Some("close" | "reset"));
                for message in &frame.messages {
                    stand.act(message);
                }
            } else if frame.event.as_deref() == Some("close") {
                break;
            } else {
                let bytes: Vec<u8> = frame
                    .messages
                    .iter()
                    .flat_map(|m| m.bytes.clone())
                    .collect();
                let size = match split {
                    Split::Segments => bytes.len().max(1),
                    Split::Pieces(size) => size,
                };
                for piece in bytes.chunks(size) {
                    stand.circuit.receive(piece, now);
                    stand.serve();
                }
            }
        }
        assert_eq!(
            stand.circuit.is_closed(),
            hung_up,
            "{} {split:?}",
            self.name
        );
        self.compare(&stand.heard, split);
    }

    fn compare(&self, heard: &[u8], split: Split) {
        let mut ours = Vec::new();
        let mut rest = heard;
        while let Some((header, head)) = Header::decode(rest) {
            let size = head + header.payload as usize;
            ours.push(rest[..size].to_vec());
            rest = &rest[size..];
        }
        assert!(rest.is_empty());
        let theirs: Vec<_> = self.said().collect();
        // Events travel apart from replies; compare each by itself.
        for events in [false, true] {
            let is_event = |bytes: &[u8]| (bytes[..2] == [0, 1]) == events;
            let ours: Vec<_> = ours.iter().filter(|bytes| is_event(bytes)).collect();
            let theirs: Vec<_> = theirs.iter().filter(|m| is_event(&m.bytes)).collect();
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(
                    hex(&normal(ours)),
                    hex(&normal(&theirs.bytes)),
                    "{} {split:?}: {}",
                    self.name,
                    theirs.meaning
                );
            }
            assert_eq!(ours.len(), theirs.len(), "{} {split:?}", self.name);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(1000)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl<'a> Stand<'a> {
    /// Answers what the circuit demands, with what the C server answered.
    fn serve(&mut self) {
        loop {
            while let Some(demand) = self.circuit.poll() {
                self.answer(demand);
            }
            if !self.circuit.transmit(&mut self.heard) {
                break;
            }
        }
    }

    fn answer(&mut self, demand: Demand) {
        match demand {
            Demand::Open { channel, .. } => self.open(channel),
            Demand::Read { read } => self.read(read),
            Demand::Subscribe {
                subscription,
                channel,
                ..
            } => {
                assert!(self.channels.iter().any(|(_, ours)| *ours == channel));
                // The client's number is that of the first event nobody has claimed.
                let first = self.take(|reply| match reply {
                    Reply::Event { subscription, .. } => Some(subscription),
                    _ => None,
                });
                if let Some((message, theirs)) = first {
                    self.monitors.push((theirs, subscription));
                    self.post(message, subscription);
                }
            }
            Demand::Write { write, .. } if !write.notify => {
                let refused = self.take(|reply| match reply {
                    Reply::Error {
                        status, request, ..
                    } => (request.p1 == write.channel.0).then_some(status),
                    _ => None,
                });
                self.circuit
                    .written(write, refused.map_or(Eca::NORMAL, |(_, status)| status));
            }
            Demand::Write { write, .. }
            | Demand::AcknowledgeTransient { write, .. }
            | Demand::AcknowledgeSeverity { write, .. } => self.writes.push_back(write),
            Demand::Search { search, .. } => {
                let answer = self.take(|reply| match reply {
                    Reply::Search { port, .. } => Some(port),
                    _ => None,
                });
                match answer {
                    Some((_, port)) => self.circuit.found(search, port),
                    None => self.circuit.not_here(search),
                }
            }
            Demand::Identify { .. }
            | Demand::Denied { .. }
            | Demand::Close { .. }
            | Demand::Refresh { .. }
            | Demand::Unsubscribe { .. } => {}
            Demand::Abandon { .. } => panic!("no captured put was given up"),
        }
    }

    fn open(&mut self, channel: ChannelId) {
        let answer = self.take(|reply| match reply {
            Reply::CreateChan {
                cid,
                data_type,
                count,
                ..
            } => Some((cid, ValueKind::ALL[usize::from(data_type)], count)),
            Reply::CreateFailed { cid } => Some((cid, ValueKind::String, u32::MAX)),
            _ => None,
        });
        match answer {
            Some((_, (_, _, u32::MAX))) | None => self.circuit.not_found(channel),
            Some((_, (cid, kind, count))) => {
                let access = self.take(|reply| match reply {
                    Reply::AccessRights { cid: of, access } if of == cid => Some(access),
                    _ => None,
                });
                let access = Access::from_bits(access.unwrap().1).unwrap();
                self.channels.push((cid, channel));
                self.circuit.opened(channel, kind, count, access);
            }
        }
    }

    fn read(&mut self, read: Read) {
        let answer = self.take(|reply| match reply {
            Reply::Read { status, .. } => Some(status),
            _ => None,
        });
        let Some((message, status)) = answer else {
            return;
        };
        assert_eq!(status, Eca::NORMAL);
        let (sample, metadata) = decoded(message);
        self.circuit.read(read, Ok((&sample, &metadata)));
    }

    fn post(&mut self, message: &Message, subscription: SubscriptionId) {
        let (sample, metadata) = decoded(message);
        self.circuit.show(subscription, &sample, &metadata);
    }

    /// Does what made the C server say this, unless it was done on demand or is the circuit's to say.
    fn act(&mut self, message: &'a Message) {
        let Some(at) = self.answers.iter().position(|m| std::ptr::eq(*m, message)) else {
            return;
        };
        self.answers.remove(at);
        match Reply::decode(&message.header, message.payload()).unwrap() {
            Reply::AccessRights { cid, access } => {
                let known = self.channels.iter().find(|(theirs, _)| *theirs == cid);
                let access = Access::from_bits(access).unwrap();
                self.circuit.access_changed(known.unwrap().1, access);
            }
            Reply::Event {
                subscription,
                payload,
                ..
            } if !payload.is_empty() => {
                let known = self
                    .monitors
                    .iter()
                    .find(|(theirs, _)| *theirs == subscription);
                self.post(message, known.unwrap().1);
            }
            Reply::Write { status, .. } => {
                self.circuit
                    .written(self.writes.pop_front().unwrap(), status);
            }
            _ => {}
        }
        self.serve();
    }

    /// The first thing the C server has yet to say that `wanted` picks.
    fn take<T>(&mut self, wanted: impl Fn(Reply<'_>) -> Option<T>) -> Option<(&'a Message, T)> {
        let picked = self.answers.iter().enumerate().find_map(|(at, message)| {
            let reply = Reply::decode(&message.header, message.payload()).unwrap();
            wanted(reply).map(|picked| (at, picked))
        });
        let (at, picked) = picked?;
        Some((self.answers.remove(at)?, picked))
    }
}

/// The sample in a captured reply, checked against what the annotator read.
fn decoded(message: &Message) -> (Sample, Metadata) {
    let (form, kind) = match Dbr::from_code(message.header.data_type) {
        Some(Dbr::Value(form, kind)) => (form, kind),
        Some(Dbr::ClassName) => return class(message),
        Some(Dbr::StsackString) => return acknowledged(message),
        _ => panic!("{}", message.meaning),
    };
    let count = message.header.count as usize;
    let decoded = dbr::decode(form, kind, count, message.payload()).unwrap();
    check(
        form,
        kind,
        &decoded.sample,
        &decoded.metadata,
        &message.meaning,
    );
    (decoded.sample, decoded.metadata)
}

/// What a payload of `DBR_CLASS_NAME` says; it has no value.
fn class(message: &Message) -> (Sample, Metadata) {
    let class = dbr::class_name(message.payload()).unwrap();
    let class = class.as_str().unwrap().to_owned().leak();
    let sample = Sample {
        value: Value::from(""),
        alarm: Alarm::NONE,
        stamp: Timestamp::UNDEFINED,
    };
    let metadata = Metadata {
        class,
        ..Metadata::default()
    };
    (sample, metadata)
}

fn acknowledged(message: &Message) -> (Sample, Metadata) {
    let (sample, ack) = dbr::acknowledgement(message.payload()).unwrap();
    let metadata = Metadata {
        transient: ack.transient,
        unacknowledged: ack.severity,
        ..Metadata::default()
    };
    (sample, metadata)
}

fn check(form: Form, kind: ValueKind, sample: &Sample, metadata: &Metadata, meaning: &str) {
    let Some(json) = meaning
        .find('{')
        .and_then(|at| serde_json::from_str::<Json>(&meaning[at..]).ok())
    else {
        return;
    };
    let number = |key: &str| match &json[key] {
        Json::String(text) if text == "NaN" => f64::NAN,
        json => json.as_f64().unwrap(),
    };
    let same = |key: &str, ours: f64| {
        let theirs = number(key);
        assert!(
            ours == theirs || (ours.is_nan() && theirs.is_nan()),
            "{key} of {meaning}"
        );
    };
    match (&sample.value, &json["value"]) {
        (Value::String(text), theirs) => assert_eq!(text.as_str(), theirs.as_str(), "{meaning}"),
        (Value::Array(array), Json::Array(theirs)) => {
            for (ours, theirs) in array.iter().zip(theirs).take_while(|(_, t)| t.is_number()) {
                assert_eq!(ours.as_f64(), theirs.as_f64(), "{meaning}");
            }
        }
        (value, theirs) => assert_eq!(value.as_f64(), theirs.as_f64(), "{meaning}"),
    }
    if form == Form::Plain {
        return;
    }
    assert_eq!(
        Some(sample.alarm.status.to_string().as_str()),
        json["status"].as_str()
    );
    assert_eq!(
        Some(sample.alarm.severity.to_string().as_str()),
        json["severity"].as_str()
    );
    if form == Form::Time {
        assert_eq!(
            u64::from(sample.stamp.seconds),
            json["stamp"][0].as_u64().unwrap()
        );
        assert_eq!(
            u64::from(sample.stamp.nanos),
            json["stamp"][1].as_u64().unwrap()
        );
    }
    if form < Form::Graphic || kind == ValueKind::String {
        return;
    }
    if kind == ValueKind::Enum {
        let labels: Vec<_> = json["enum_strs"].as_array().unwrap().iter().collect();
        assert_eq!(labels.len(), metadata.labels.len());
        assert!(
            labels
                .iter()
                .zip(&*metadata.labels)
                .all(|(t, o)| t.as_str() == o.as_str())
        );
        return;
    }
    assert_eq!(metadata.units.as_str(), json["units"].as_str());
    if matches!(kind, ValueKind::Double | ValueKind::Float) {
        same("precision", metadata.precision.into());
    }
    same("upper_disp", metadata.display.high);
    same("lower_disp", metadata.display.low);
    same("upper_alarm", metadata.alarm.high);
    same("upper_warning", metadata.warning.high);
    same("lower_warning", metadata.warning.low);
    same("lower_alarm", metadata.alarm.low);
    if form == Form::Control {
        same("upper_ctrl", metadata.control.high);
        same("lower_ctrl", metadata.control.low);
    }
}

#[test]
fn requests_read_and_written_again_are_the_same() {
    for capture in all() {
        for frame in capture
            .frames
            .iter()
            .filter(|frame| !frame.udp && frame.to == "server")
        {
            for message in &frame.messages {
                let Ok(request) = Request::decode(&message.header, message.payload()) else {
                    continue;
                };
                let mut out = BytesMut::new();
                request.encode(&mut out);
                let end = message.captured;
                // A TCP search is told apart by more than we keep, and short texts by their pads.
                if !matches!(request, Request::Search { .. }) {
                    assert_eq!(out[..end], message.bytes[..end], "{}", message.meaning);
                }
            }
        }
    }
}
