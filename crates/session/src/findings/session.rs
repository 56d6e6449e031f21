//! The facts of a session, gathered one by one.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_align::worded;
use beamtwin_report::preflight::{Camera, Doing, Shutter};
use beamtwin_trace::{Channel, Datum, Fact, Post, Put, Time, Trace, What};

use super::Stage;
use super::channels::{TWIN, Tells, kind, shows_alarm};
use super::motion::Motion;
use super::spans::{self, Span, Spans};

/// What is known of a session so far.
pub(super) struct Session<'a> {
    pub(super) trace: &'a Trace,
    pub(super) stage: Stage<'a>,
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) motion: Motion,
    /// What each device did that takes time; complete after the last fact.
    pub(super) spans: BTreeMap<(String, Doing), Vec<Span>>,
    /// When a client waited for a completion; complete after the last fact.
    pub(super) waits: Vec<Span>,
    /// When each device was asked for something.
    pub(super) puts: BTreeMap<String, Vec<Time>>,
    /// Puts with completion that have none yet, by number.
    pub(super) open: BTreeMap<u64, Asked<'a>>,
    /// Things that happened, by what they are told as.
    pub(super) events: BTreeMap<Event, Happened<'a>>,
    /// The lines that puts came from, by number.
    lines: BTreeMap<u64, &'a str>,
    /// The put that all comes from that happens at a moment.
    cause: Option<(Time, u64)>,
    tells: BTreeMap<u32, Tells>,
    asked: BTreeMap<u64, Asked<'a>>,
    pub(super) cameras: BTreeMap<String, Exposing>,
    pub(super) shutters: BTreeMap<String, Opening>,
    heating: BTreeMap<String, BTreeMap<u32, Spans>>,
    /// The alarm that each record is in.
    alarms: BTreeMap<&'a str, &'a str>,
    minor: BTreeMap<&'a str, usize>,
}

/// What a client asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) t: Time,
    pub(super) put: &'a Put,
    pub(super) channel: &'a Channel,
    answered: bool,
    /// When its client gave up waiting.
    left: Option<Time>,
}

impl Asked<'_> {
    /// What was asked for, in words.
    pub(super) fn words(&self) -> String {
        worded(&self.put.value, self.channel)
    }
}

/// Something that happened and speaks against the session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A put was refused: device, channel, what was asked for, why.
    Refused(String, String, String, String),
    /// A put was taken with another value: device, channel, what was asked for, what came of it.
    Clipped(String, String, String, String),
    /// A record went into an alarm: device, record, severity, status.
    Alarm(String, String, String, String),
    /// Something failed: device, what.
    Fault(String, String),
    /// A rule was broken: which, what it says.
    Rule(String, String),
    /// A name was asked for that nobody serves.
    Miss(String),
    /// Something could not be recorded.
    Loss(String),
}

/// When something happened first, and how often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened<'a> {
    pub(super) t: Time,
    pub(super) n: u64,
    /// The line that it came from.
    pub(super) at: Option<&'a str>,
    pub(super) times: usize,
}

/// A camera at work.
#[derive(Debug, Default)]
pub(super) struct Exposing {
    pub(super) spans: Spans,
    /// The put that started or stopped it last.
    pub(super) by: Option<u64>,
    acquisitions: usize,
    counter: f64,
    frames: u64,
    size: Option<f64>,
    bytes: u64,
}

/// A shutter.
#[derive(Debug, Default)]
pub(super) struct Opening {
    pub(super) spans: Spans,
    openings: usize,
    /// The put that opened or closed it last.
    pub(super) by: Option<u64>,
}

impl<'a> Session<'a> {
    pub(super) fn new(trace: &'a Trace, stage: Stage<'a>, (from, to): Span) -> Self {
        let tells = trace.dictionary.iter();
        let tells = tells
            .map(|(&pv, channel)| (pv, Tells::of(channel)))
            .collect();
        let mut shutters = BTreeMap::new();
        for channel in trace.dictionary.values() {
            if Tells::of(channel) == Tells::Shutter {
                let device = channel.device.clone().unwrap_or_default();
                let mut opening = Opening::default();
                let is_open = stage.initial(&channel.name) == stage.open.get(&device).copied();
                opening.spans.switch(is_open, Time::ZERO);
                shutters.insert(device, opening);
            }
        }
        Self {
            trace,
            stage,
            from,
            to,
            motion: Motion::default(),
            spans: BTreeMap::new(),
            waits: Vec::new(),
            puts: BTreeMap::new(),
            open: BTreeMap::new(),
            events: BTreeMap::new(),
            lines: BTreeMap::new(),
            cause: None,
            tells,
            asked: BTreeMap::new(),
            cameras: BTreeMap::new(),
            shutters,
            heating: BTreeMap::new(),
            alarms: BTreeMap::new(),
            minor: BTreeMap::new(),
        }
    }

    /// Takes in what happened next.
    pub(super) fn fact(&mut self, fact: &'a Fact) {
        match &fact.what {
            What::Put(put) => self.put(fact, put),
            What::Post(post) => self.post(fact, post),
            What::Refused { put, reason } => {
                if let Some(asked) = self.asked.remove(put) {
                    let [device, channel] = named(asked.channel);
                    let event = Event::Refused(device, channel, asked.words(), reason.clone());
                    self.happened(event, fact, asked.put.at.as_deref());
                }
                self.settled(*put, fact.t);
            }
            What::Done { put } => self.settled(*put, fact.t),
            What::Fault { text, device, .. } => {
                let device = device.clone().unwrap_or_default();
                self.happened(Event::Fault(device, text.clone()), fact, None);
            }
            What::Broken { rule, text, .. } => {
                let cause = self.cause.filter(|&(t, _)| t == fact.t);
                let at = self.line(cause.map(|(_, put)| put));
                self.happened(Event::Rule(rule.clone(), text.clone()), fact, at);
            }
            What::Miss { name, at, .. } => {
                self.happened(Event::Miss(name.clone()), fact, at.as_deref());
            }
            What::Loss { text } => self.happened(Event::Loss(text.clone()), fact, None),
            What::Cancel { put } => {
                if let Some(asked) = self.open.get_mut(put) {
                    asked.left = Some(fact.t);
                }
            }
            What::Marker { .. }
            | What::Pace { .. }
            | What::Restore { .. }
            | What::Snapshot { .. } => {}
        }
    }

    /// Counts something that happened and speaks against the session.
    fn happened(&mut self, event: Event, fact: &Fact, at: Option<&'a str>) {
        let first = Happened {
            t: fact.t,
            n: fact.n,
            at,
            times: 0,
        };
        self.events.entry(event).or_insert(first).times += 1;
    }

    /// The line that a put came from.
    pub(super) fn line(&self, put: Option<u64>) -> Option<&'a str> {
        self.lines.get(&put?).copied()
    }

    fn put(&mut self, fact: &'a Fact, put: &'a Put) {
        self.lines.extend(put.at.as_deref().map(|at| (fact.n, at)));
        self.cause = Some((fact.t, fact.n));
        let Some(channel) = self.trace.channel(put.pv).filter(|it| !is_twin(it)) else {
            return;
        };
        if put.by.is_none() {
            return;
        }
        let device = channel.device.clone().unwrap_or_default();
        self.puts.entry(device).or_default().push(fact.t);
        let asked = Asked {
            t: fact.t,
            put,
            channel,
            answered: false,
            left: None,
        };
        self.asked.insert(fact.n, asked);
        if put.complete {
            self.open.insert(fact.n, asked);
        }
    }

    /// A put needs no completion any more.
    fn settled(&mut self, put: u64, t: Time) {
        if let Some(asked) = self.open.remove(&put) {
            let wait = (asked.t.max(self.from), asked.left.unwrap_or(t));
            self.waits.extend(Some(wait).filter(|(from, to)| to > from));
        }
    }

    fn post(&mut self, fact: &'a Fact, post: &'a Post) {
        let Some(channel) = self.trace.channel(post.pv).filter(|it| !is_twin(it)) else {
            return;
        };
        self.cause = post.by.map(|put| (fact.t, put));
        self.alarm(fact, post, channel);
        self.answer(fact, post, channel);
        let Datum::Number(value) = post.value else {
            return;
        };
        let device = || channel.device.clone().unwrap_or_default();
        let t = fact.t;
        match self.tells.get(&post.pv) {
            Some(Tells::Done) => self.motion.status(channel, value == 0.0, t, post.by),
            Some(Tells::Moving) => self.motion.status(channel, value != 0.0, t, post.by),
            Some(Tells::Position) => {
                let first = self.stage.initial(&channel.name);
                self.motion.position(channel, value, first, post.by);
            }
            Some(Tells::Ramping) => self.heat(device(), post.pv, value > 0.0, t),
            Some(Tells::Settled) => self.heat(device(), post.pv, value == 0.0, t),
            Some(Tells::Acquire) => {
                let camera = self.cameras.entry(device()).or_default();
                camera.by = post.by;
                camera.acquisitions += usize::from(camera.spans.switch(value != 0.0, t));
            }
            Some(Tells::Frames) => {
                let size = self.frame_size(channel);
                let camera = self.cameras.entry(device()).or_default();
                // Written back to 0, it counts on from there.
                let frames = (value - camera.counter).max(0.0) as u64;
                camera.counter = value;
                camera.frames += frames;
                camera.bytes += frames * camera.size.or(size).unwrap_or_default() as u64;
                camera.size = camera.size.or(size);
            }
            Some(Tells::FrameSize) => {
                self.cameras.entry(device()).or_default().size = Some(value);
            }
            Some(Tells::Shutter) => {
                let opens = self.stage.open.get(&device()) == Some(&value);
                let shutter = self.shutters.entry(device()).or_default();
                shutter.openings += usize::from(shutter.spans.switch(opens, t));
                shutter.by = post.by;
            }
            Some(Tells::Nothing) | None => {}
        }
    }

    /// The bytes of a frame of the camera that counts frames in this channel, before it tells them itself.
    fn frame_size(&self, counter: &Channel) -> Option<f64> {
        let prefix = counter.name.strip_suffix("ArrayCounter_RBV")?;
        let size = self.stage.initial(&format!("{prefix}ArraySize_RBV"));
        size.filter(|&size| size > 0.0)
    }

    fn heat(&mut self, device: String, pv: u32, on: bool, t: Time) {
        let channels = self.heating.entry(device).or_default();
        channels.entry(pv).or_default().switch(on, t);
    }

    /// A record that goes into an alarm.
    fn alarm(&mut self, fact: &'a Fact, post: &'a Post, channel: &'a Channel) {
        if shows_alarm(&channel.name) {
            return;
        }
        let severity = post.severity.as_deref().unwrap_or_default();
        let before = self.alarms.insert(channel.record(), severity);
        match severity {
            "MAJOR" | "INVALID" if before != Some(severity) => {
                let [device, _] = named(channel);
                let status = post.status.clone().unwrap_or_default();
                let record = channel.record().to_owned();
                let event = Event::Alarm(device, record, severity.to_owned(), status);
                self.happened(event, fact, self.line(post.by));
            }
            "MINOR" => *self.minor.entry(channel.record()).or_default() += 1,
            _ => {}
        }
    }

    /// What came of a put, if another value than the one that was asked for.
    fn answer(&mut self, fact: &'a Fact, post: &'a Post, channel: &'a Channel) {
        let Some(asked) = post.by.and_then(|put| self.asked.get_mut(&put)) else {
            return;
        };
        if asked.put.pv != post.pv || std::mem::replace(&mut asked.answered, true) {
            return;
        }
        // The fields of a motor mean what they say only for a moment.
        let device = channel.device.as_deref().unwrap_or_default();
        if !matches!(
            kind(device),
            "linkam" | "temperature" | "camera" | "positioner"
        ) {
            return;
        }
        if let (Datum::Number(wanted), Datum::Number(got)) = (&asked.put.value, &post.value)
            && (wanted - got).abs() > 1e-6 * wanted.abs().max(got.abs())
        {
            let words = [asked.words(), worded(&post.value, channel)];
            let ([device, name], [wanted, got]) = (named(channel), words);
            let at = asked.put.at.as_deref();
            self.happened(Event::Clipped(device, name, wanted, got), fact, at);
        }
    }

    /// There are no more facts.
    pub(super) fn end(&mut self) {
        let bounds = (self.from, self.to);
        for (_, axis) in self.motion.axes() {
            let spans = self.spans.entry((axis.device.clone(), Doing::Moving));
            spans.or_default().extend(axis.moving.within(bounds));
        }
        for (device, camera) in &self.cameras {
            let spans = camera.spans.within(bounds);
            self.spans.insert((device.clone(), Doing::Exposing), spans);
        }
        for (device, shutter) in &self.shutters {
            let spans = shutter.spans.within(bounds);
            self.spans.insert((device.clone(), Doing::Open), spans);
        }
        for (device, channels) in &self.heating {
            let spans = channels.values().flat_map(|it| it.within(bounds));
            let spans = spans::union(spans);
            self.spans.insert((device.clone(), Doing::Busy), spans);
        }
        let (from, to) = bounds;
        let left = self.open.values();
        let left = left.map(|asked| (asked.t.max(from), asked.left.unwrap_or(to)));
        self.waits.extend(left.filter(|(from, to)| to > from));
    }

    /// What the cameras did.
    pub(super) fn cameras(&self) -> Vec<Camera> {
        let cameras = self.cameras.iter().filter(|(_, it)| it.acquisitions > 0);
        let camera = |(device, it): (&String, &Exposing)| Camera {
            device: device.clone(),
            acquisitions: it.acquisitions,
            frames: it.frames,
            exposing: spans::length(&it.spans.within((self.from, self.to))),
            bytes: it.size.is_some().then_some(it.bytes),
        };
        cameras.map(camera).collect()
    }

    /// What the shutters did.
    pub(super) fn shutters(&self) -> Vec<Shutter> {
        let bounds = (self.from, self.to);
        let exposures = self.cameras.values();
        let exposing = spans::union(exposures.flat_map(|it| it.spans.within(bounds)));
        let has_camera = self.stage.devices().any(|it| kind(it) == "camera");
        let shutters = self.shutters.iter().map(|(device, it)| {
            let open = it.spans.within(bounds);
            let either = spans::union(open.iter().chain(&exposing).copied());
            let unexposed = spans::length(&either) - spans::length(&exposing);
            Shutter {
                device: device.clone(),
                openings: it.openings,
                open: spans::length(&open),
                unexposed: has_camera.then_some(unexposed),
                left_open: it.spans.since.is_some(),
            }
        });
        shutters.collect()
    }

    /// The devices that nobody wrote to, of those that can be written to.
    pub(super) fn unused(&self) -> Vec<String> {
        let written: BTreeSet<&str> = self.puts.keys().map(String::as_str).collect();
        let devices = self.stage.devices();
        devices
            .filter(|device| kind(device) != "diode" && !written.contains(device))
            .map(str::to_owned)
            .collect()
    }

    /// How many posts were in a minor alarm, by record.
    pub(super) fn minor(&self) -> Vec<(String, usize)> {
        let minor = self.minor.iter();
        minor
            .map(|(record, &posts)| ((*record).to_owned(), posts))
            .collect()
    }
}

fn is_twin(channel: &Channel) -> bool {
    channel.device.as_deref() == Some(TWIN)
}

/// The device and the channel, as texts.
fn named(channel: &Channel) -> [String; 2] {
    [
        channel.device.clone().unwrap_or_default(),
        channel.plain_name().to_owned(),
    ]
}
