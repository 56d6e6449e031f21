//! The two halves and what is between them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use beamtwin_ca::{
    Access, ChannelId, Circuit, Client, Dbr, Demand, Eca, Form, Heard, Limits, Mask,
    SubscriptionId, Write,
};
use beamtwin_pv::{Alarm, Array, Metadata, Sample, Timestamp, Value, ValueKind};
use bytes::BytesMut;

/// A client, a circuit, and a server with a few PVs that puts change at once.
///
/// | name | is |
/// | --- | --- |
/// | `x` | a double |
/// | `text` | a string |
/// | `state` | an enum of Off and On |
/// | `wave` | an array of up to 1000 longs |
/// | `slow` | a double whose puts the test completes |
/// | `deaf` | a double that may be read only |
/// | `mute` | a double that may be written only |
pub(crate) struct Pair {
    pub(crate) client: Client,
    pub(crate) circuit: Circuit,
    pub(crate) now: Duration,
    /// Bytes that cross at once.
    pub(crate) split: usize,
    /// Puts to `slow` that are not complete.
    pub(crate) started: VecDeque<Write>,
    /// Demands as they came, but for reads and writes.
    pub(crate) demands: Vec<Demand>,
    pub(crate) values: BTreeMap<String, Sample>,
    pub(crate) channels: BTreeMap<ChannelId, String>,
    pub(crate) monitors: BTreeMap<SubscriptionId, String>,
}

pub(crate) const TIME_DOUBLE: Dbr = Dbr::Value(Form::Time, ValueKind::Double);
pub(crate) const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);
pub(crate) const ALL: Mask = Mask::VALUE.union(Mask::LOG).union(Mask::ALARM);

pub(crate) fn sample(value: impl Into<Value>) -> Sample {
    Sample {
        value: value.into(),
        alarm: Alarm::NONE,
        stamp: Timestamp {
            seconds: 1,
            nanos: 2,
        },
    }
}

pub(crate) fn metadata() -> Metadata {
    Metadata {
        units: "mm".into(),
        precision: 3,
        labels: ["Off".into(), "On".into()].into(),
        class: "ao",
        ..Metadata::default()
    }
}

fn metadata_of(name: &str) -> Metadata {
    Metadata {
        as_array: name.starts_with("r:mbbo"),
        ..metadata()
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Pair {
    pub(crate) fn new(limits: Limits) -> Self {
        let values = [
            ("x", Value::Double(0.0)),
            ("text", Value::from("hello")),
            ("state", Value::Enum(1)),
            ("wave", Value::Array(Array::Long([1, 2, 3].into()))),
            ("slow", Value::Double(0.0)),
            ("deaf", Value::Double(1.0)),
            ("mute", Value::Double(2.0)),
        ];
        Self {
            client: Client::default(),
            circuit: Circuit::new(limits, Duration::ZERO),
            now: Duration::ZERO,
            split: usize::MAX,
            started: VecDeque::new(),
            demands: Vec::new(),
            values: values
                .into_iter()
                .map(|(name, v)| (name.to_owned(), sample(v)))
                .collect(),
            channels: BTreeMap::new(),
            monitors: BTreeMap::new(),
        }
    }

    /// Lets both talk until neither has more to say; what the client heard.
    pub(crate) fn drive(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        loop {
            let (mut up, mut down) = (BytesMut::new(), BytesMut::new());
            self.client.transmit(&mut up);
            for piece in up.chunks(self.split) {
                self.circuit.receive(piece, self.now);
                self.serve();
            }
            self.serve();
            let spoke = self.circuit.transmit(&mut down);
            for piece in down.chunks(self.split) {
                self.client.receive(piece);
                while let Some(next) = self.client.poll().unwrap() {
                    heard.push(next);
                }
            }
            if up.is_empty() && !spoke {
                return heard;
            }
        }
    }

    /// Lets the server answer, and nobody hear it.
    pub(crate) fn serve(&mut self) {
        while let Some(demand) = self.circuit.poll() {
            self.answer(demand);
        }
    }

    /// Sends what the client has to say, and lets nobody hear the answers.
    pub(crate) fn shout(&mut self) {
        let mut up = BytesMut::new();
        self.client.transmit(&mut up);
        self.circuit.receive(&up, self.now);
        self.serve();
    }

    /// Opens a channel; the server's number of it.
    pub(crate) fn open(&mut self, name: &str) -> u32 {
        let number = self.client.open(name);
        self.drive()
            .into_iter()
            .find_map(|heard| match heard {
                Heard::Opened { cid, sid, .. } if cid == number => Some(sid),
                _ => None,
            })
            .unwrap()
    }

    /// The server changes a value.
    pub(crate) fn change(&mut self, name: &str, value: impl Into<Value>) {
        let sample = sample(value);
        for (id, _) in self.monitors.iter().filter(|(_, watched)| *watched == name) {
            self.circuit
                .post(*id, Mask::VALUE, &sample, &metadata_of(name));
        }
        self.values.insert(name.to_owned(), sample);
    }

    pub(crate) fn answer(&mut self, demand: Demand) {
        match demand {
            Demand::Open { channel, ref name } => match self.values.get(name) {
                None => self.circuit.not_found(channel),
                Some(sample) => {
                    let access = match name.as_str() {
                        "deaf" => Access::READ,
                        "mute" => Access::WRITE,
                        _ => Access::all(),
                    };
                    let count = match name.as_str() {
                        "wave" => 1000,
                        "r:ao.DESC$" => 41,
                        "r:stringout.VAL$" => 40,
                        _ => u32::try_from(sample.value.count()).unwrap(),
                    };
                    self.circuit
                        .opened(channel, sample.value.kind(), count, access);
                    self.channels.insert(channel, name.clone());
                }
            },
            Demand::Read { read } => {
                let name = &self.channels[&read.channel];
                let sample = &self.values[name];
                self.circuit.read(read, Ok((sample, &metadata_of(name))));
            }
            Demand::Write { write, ref value } => {
                let name = self.channels[&write.channel].clone();
                self.change(&name, value.clone());
                if name == "slow" && write.notify {
                    self.started.push_back(write);
                } else {
                    self.circuit.written(write, Eca::NORMAL);
                }
            }
            Demand::Subscribe {
                channel,
                subscription,
                ..
            }
            | Demand::Refresh {
                channel,
                subscription,
            } => {
                let name = &self.channels[&channel];
                self.monitors.insert(subscription, name.clone());
                self.circuit
                    .show(subscription, &self.values[name], &metadata_of(name));
            }
            Demand::Unsubscribe { subscription } => {
                self.monitors.remove(&subscription);
            }
            Demand::Search { search, ref name } => {
                if self.values.contains_key(name) {
                    self.circuit.found(search, 5064);
                } else {
                    self.circuit.not_here(search);
                }
            }
            Demand::Abandon { .. }
            | Demand::Close { .. }
            | Demand::Denied { .. }
            | Demand::Identify { .. } => {}
            Demand::AcknowledgeTransient { write, .. }
            | Demand::AcknowledgeSeverity { write, .. } => self.circuit.written(write, Eca::NORMAL),
        }
        if !matches!(demand, Demand::Read { .. } | Demand::Write { .. }) {
            self.demands.push(demand);
        }
    }
}

/// The numbers that events carried.
pub(crate) fn events(heard: &[Heard]) -> Vec<f64> {
    heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Event { sample, .. } => sample.value.as_f64(),
            _ => None,
        })
        .collect()
}
