//! Events of a world into lines of a trace, and the puts of a trace back into values.

use beamtwin_pv::{Alarm, Array, Numbered, SimTime, Text, Value, ValueKind};
use beamtwin_sim::{Event, Meaning, Note, PvId, What, World, record};
use beamtwin_trace::{
    Channel, Client, Datum, Digest, Header, Post, Put, Role, Source, Time, Writer,
};

/// Arrays longer than this are posted as digests. Puts are inputs and kept whole.
pub const DIGEST_ABOVE: usize = 64;

/// Turns events into lines, in memory.
#[derive(Debug)]
pub struct Scribe {
    writer: Writer<Vec<u8>>,
    /// The numbers of channels in the dictionary, from 1 in the order of their first appearance.
    /// Looked up, never iterated.
    known: Numbered<PvId, u32>,
    /// The line that asks for what is recorded next.
    at: Option<String>,
}

impl Scribe {
    /// Begins a trace with its header and the file that the world was made from.
    #[must_use]
    pub fn new(header: &Header, source: Option<&Source>) -> Self {
        let mut scribe = Self {
            writer: Writer::new(Vec::new()),
            known: Numbered::default(),
            at: None,
        };
        scribe.write(|writer| {
            writer.header(header)?;
            source.map_or(Ok(()), |source| writer.source(source))
        });
        scribe
    }

    /// The next put to be recorded, or name that nobody serves, was asked for by this line of a script.
    pub fn at(&mut self, line: String) {
        self.at = Some(line);
    }

    /// Writes what happened.
    pub fn record(&mut self, world: &World, event: &Event) {
        let t = time(event.t);
        match &event.what {
            What::Opened(client, who) => {
                let text = |s: &String| (!s.is_empty()).then(|| s.clone());
                let line = Client {
                    open: t,
                    close: None,
                    user: text(&who.user),
                    host: text(&who.host),
                    addr: text(&who.addr),
                };
                self.write(|writer| writer.open(client.0, &line));
            }
            What::Closed(client) => self.write(|writer| writer.close(client.0, t)),
            What::Put {
                pv,
                value,
                by,
                complete,
            } => {
                let line = Put {
                    pv: self.channel(world, *pv),
                    value: datum(value, usize::MAX),
                    by: by.map(|client| client.0),
                    complete: *complete,
                    at: self.at.take(),
                };
                self.fact(event, |writer| writer.put(t, &line));
            }
            What::Post {
                pv,
                value,
                alarm,
                stamp,
                cause,
                ..
            } => {
                let alarmed = *alarm != Alarm::NONE;
                let line = Post {
                    pv: self.channel(world, *pv),
                    value: datum(value, DIGEST_ABOVE),
                    severity: alarmed.then(|| alarm.severity.to_string()),
                    status: alarmed.then(|| alarm.status.to_string()),
                    stamp: stamp.map(time).filter(|&stamp| stamp != t),
                    by: cause.map(|put| put.0),
                };
                self.fact(event, |writer| writer.post(t, &line));
            }
            What::Cancelled(put) => self.fact(event, |writer| writer.cancel(t, put.0)),
            What::Done(put) => self.fact(event, |writer| writer.done(t, put.0)),
            What::Refused(put, _, reason) => {
                self.fact(event, |writer| writer.refused(t, put.0, reason));
            }
            What::Again(..) | What::Faulted | What::Shown(..) => {}
            What::Note(note) => {
                let is_miss = matches!(note, Note::Miss { .. });
                let at = self.at.take_if(|_| is_miss);
                self.fact(event, |writer| match note {
                    Note::Broken {
                        rule,
                        text,
                        severity,
                        since,
                    } => writer.broken(t, rule, text, &severity.to_string(), time(*since)),
                    Note::Fault { device, text, by } => {
                        writer.fault(t, text, Some(device), by.map(|client| client.0))
                    }
                    Note::Loss(text) => writer.loss(t, text),
                    Note::Marker { text, by } => writer.marker(t, text, by.map(|client| client.0)),
                    Note::Miss { name, by } => {
                        writer.miss(t, name, by.map(|client| client.0), at.as_deref())
                    }
                    Note::Pace(text) => writer.pace(t, text),
                    Note::Restore { name, by } => {
                        writer.restore(t, name, by.map(|client| client.0))
                    }
                    Note::Snapshot { name, by } => {
                        writer.snapshot(t, name, by.map(|client| client.0))
                    }
                });
            }
        }
    }

    /// Ends the trace as complete.
    pub fn complete(&mut self, now: SimTime) {
        self.write(|writer| writer.complete(time(now)));
    }

    /// Takes the bytes written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.get_mut())
    }

    /// The bytes written since the last time.
    #[must_use]
    pub fn written(&mut self) -> &[u8] {
        self.writer.get_mut()
    }

    /// How many bytes there are to take.
    #[must_use]
    pub fn pending(&mut self) -> usize {
        self.writer.get_mut().len()
    }

    /// The number of a channel, introduced by a dictionary line at its first appearance.
    fn channel(&mut self, world: &World, pv: PvId) -> u32 {
        if let Some(&number) = self.known.get(&pv) {
            return number;
        }
        let number = u32::try_from(self.known.len() + 1).expect("fewer than 2^32 channels");
        self.known.insert(pv, number);
        let channel = dictionary(world, pv);
        self.write(|writer| writer.channel(number, &channel));
        number
    }

    fn fact(
        &mut self,
        event: &Event,
        f: impl FnOnce(&mut Writer<Vec<u8>>) -> std::io::Result<u64>,
    ) {
        let n = f(&mut self.writer).expect("memory does not fail");
        debug_assert_eq!(n, event.n, "the trace misses a fact");
    }

    fn write(&mut self, f: impl FnOnce(&mut Writer<Vec<u8>>) -> std::io::Result<()>) {
        f(&mut self.writer).expect("memory does not fail");
    }
}

/// The dictionary line of a channel.
fn dictionary(world: &World, pv: PvId) -> Channel {
    let known = world.describe(pv);
    let (role, interp) = match known.meaning {
        Meaning::Curve => (Role::Curve, Some("linear".to_owned())),
        Meaning::Frame => (Role::Frame, None),
        Meaning::Marker => (Role::Marker, None),
        Meaning::Readback => (Role::Readback, None),
        Meaning::Request => (Role::Request, None),
        Meaning::State => (Role::State, None),
    };
    // Flags and counts beside the value of a record are not in its units, though Channel Access says so.
    let is_whole = !matches!(known.kind, ValueKind::Double | ValueKind::Float);
    let has_units = world.field(pv).name == "VAL" || !is_whole;
    let units = known.metadata.units.lossy().into_owned();
    Channel {
        name: known.name,
        device: Some(known.device),
        role,
        kind: Some(known.kind.name().to_owned()),
        units: (has_units && !units.is_empty()).then_some(units),
        tolerance: known.tolerance,
        labels: known
            .metadata
            .labels
            .iter()
            .map(ToString::to_string)
            .collect(),
        interp,
    }
}

/// A value as a trace keeps it.
fn datum(value: &Value, digest_above: usize) -> Datum {
    match value {
        Value::String(text) => Datum::Text(text.as_bytes().to_vec().into()),
        Value::Array(array) if array.len() > digest_above => {
            let numbers: Vec<f64> = array
                .iter()
                .map(|v| v.as_f64().unwrap_or(f64::NAN))
                .collect();
            Datum::Digest(Box::new(Digest::of(&numbers, array.kind().name())))
        }
        Value::Array(array) => Datum::List(
            array
                .iter()
                .map(|element| datum(&element, usize::MAX))
                .collect(),
        ),
        number => Datum::Number(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// The value that a put of a trace wrote, in the kind of its field where it fits.
#[must_use]
pub fn value(datum: &Datum, kind: ValueKind) -> Option<Value> {
    Some(match datum {
        Datum::Number(number) => {
            let narrow = record::number_as(*number, kind);
            let fits = kind != ValueKind::String && narrow.same_number(*number);
            if fits { narrow } else { Value::Double(*number) }
        }
        Datum::Text(text) => Value::String(Text::from_bytes(text.bytes())),
        Datum::Flag(flag) => Value::Short((*flag).into()),
        Datum::List(items) => {
            let array = |kind| {
                let values: Option<Vec<Value>> = items.iter().map(|i| value(i, kind)).collect();
                let values = values?;
                Array::collect(values.first().map_or(kind, Value::kind), values)
            };
            // A refused array is kept as its client wrote it, and need not fit the field.
            Value::Array(array(kind).or_else(|| array(ValueKind::Double))?)
        }
        Datum::Digest(_) => return None,
    })
}

/// Device time as a trace has it.
#[must_use]
pub fn time(at: SimTime) -> Time {
    Time::from_nanos(i64::try_from(at.nanos()).unwrap_or(i64::MAX))
}

trait SameNumber {
    fn same_number(&self, number: f64) -> bool;
}

impl SameNumber for Value {
    fn same_number(&self, number: f64) -> bool {
        self.as_f64()
            .is_some_and(|own| own == number || (own.is_nan() && number.is_nan()))
    }
}
