//! What a session did, before beamtime: the report of a preflight.
//!
//! The values are worked out elsewhere, of a trace; here they become a text, JSON, and a page.

mod page;
mod picture;
mod text;

use beamtwin_trace::Time;
use serde::Serialize;

pub use page::html;
pub use text::text_on;

use crate::words;

/// What a session did, and what speaks against doing it for real.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preflight {
    /// What it comes to.
    pub verdict: Verdict,
    /// The title of the beamline.
    pub beamline: String,
    /// What was run; none of a trace that was recorded otherwise.
    pub run: Option<Run>,
    /// What speaks against it, in the order of time.
    pub findings: Vec<Finding>,
    /// What device time went by with.
    pub time: Times,
    /// What moved.
    pub travels: Vec<Travel>,
    /// What the cameras did.
    pub cameras: Vec<Camera>,
    /// What the shutters did.
    pub shutters: Vec<Shutter>,
    /// What became of each rule of the beamline, in words: in a line, and by how much in more lines.
    pub rules: Vec<String>,
    /// The devices that nobody wrote to, of those that can be written to.
    pub unused: Vec<String>,
    /// How many posts were in a minor alarm, by channel.
    pub minor: Vec<(String, usize)>,
    /// When each device did something.
    pub lanes: Vec<Lane>,
}

/// What a session comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing speaks against it.
    Clear,
    /// Something does.
    Findings,
    /// The command failed.
    Failed,
}

/// A command that was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Device time when it began.
    pub began: Time,
    /// Device time when it ended.
    pub ended: Time,
    /// How long it took by the clock, in seconds.
    pub wall: f64,
    /// How fast device time ran, in words.
    pub pace: String,
    /// How it ended.
    pub end: Ended,
    /// The exception that nobody caught, if the Python side told of one.
    pub exception: Option<Exception>,
    /// What of the network it had.
    pub network: Network,
    /// Whom it tried to reach beside the twin.
    pub attempts: Vec<Attempt>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// By itself, with this code.
    Exit(i32),
    /// By this signal, which we did not send.
    Signal(i32),
    /// It was stopped after so much time; the words say of which clock.
    TimedOut(String),
    /// The user stopped it.
    Interrupted,
}

/// An exception that ended a Python script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// What it says: `RuntimeError: no film`.
    pub text: String,
    /// The innermost line of the user's own code on its way, if there is one.
    pub at: Option<String>,
}

/// What of the network a command had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// One of its own, in which there is nothing but the twin.
    Own,
    /// That of this machine, for this reason.
    Shared(String),
}

/// Something that a command tried to reach and could not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Attempt {
    /// An address with its port, or a name that was looked up.
    pub to: String,
    /// How: `TCP`, `UDP`, `name`, …
    pub how: &'static str,
    /// What usually listens there.
    pub what: Option<&'static str>,
    /// Device time of the first attempt.
    pub t: Time,
    /// The line of a script that tried first, if that is known.
    pub at: Option<String>,
    /// How often.
    pub times: usize,
}

/// Something that speaks against doing a session for real.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What sort of thing.
    pub kind: FindingKind,
    /// What, in words.
    pub text: String,
    /// When it happened first.
    pub t: Option<Time>,
    /// The number of the first fact in the trace.
    pub n: Option<u64>,
    /// The device.
    pub device: Option<String>,
    /// The line of a script that it came from first, if that is known: `scan.py:42`.
    pub at: Option<String>,
    /// How often it happened.
    pub times: usize,
}

/// Sorts of things that speak against a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// The command failed.
    Failed,
    /// The command took too long and was stopped.
    TimedOut,
    /// The user stopped it.
    Interrupted,
    /// A name was asked for that nobody serves.
    NotServed,
    /// A put was refused since it was beyond a limit.
    BeyondLimits,
    /// A put was refused for another reason.
    Refused,
    /// A put was taken with another value.
    Clipped,
    /// A channel went into an alarm.
    Alarm,
    /// Something failed.
    Fault,
    /// A shutter was left open.
    LeftOpen,
    /// Something was left moving.
    LeftMoving,
    /// A camera was left exposing.
    LeftExposing,
    /// A put never completed.
    NotFinished,
    /// It tried to reach something else than the twin.
    Outside,
    /// A rule was broken.
    Rule,
    /// It is not alike an earlier session.
    Different,
    /// The trace is not complete.
    NotRecorded,
}

impl FindingKind {
    /// The word of the reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Interrupted => "interrupted",
            Self::NotServed => "not served",
            Self::BeyondLimits => "beyond limits",
            Self::Refused => "refused",
            Self::Clipped => "clipped",
            Self::Alarm => "alarm",
            Self::Fault => "fault",
            Self::LeftOpen => "left open",
            Self::LeftMoving => "left moving",
            Self::LeftExposing => "left exposing",
            Self::NotFinished => "not finished",
            Self::Outside => "outside",
            Self::Rule => "rule broken",
            Self::Different => "different",
            Self::NotRecorded => "not recorded",
        }
    }
}

/// What device time went by with; every moment counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Times {
    /// When the session began.
    pub from: Time,
    /// When it ended.
    pub to: Time,
    /// A camera exposed.
    pub exposing: Time,
    /// Something moved, and no camera exposed.
    pub moving: Time,
    /// A client waited for a completion, or a temperature was on its way.
    pub waiting: Time,
    /// None of these.
    pub idle: Time,
}

/// Where something went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Travel {
    /// The device.
    pub device: String,
    /// The channel that tells where it is.
    pub channel: String,
    /// The units of its positions.
    pub units: String,
    /// Where it was at first, if that is known.
    pub from: Option<f64>,
    /// Where it was at last.
    pub to: f64,
    /// The lowest that it came.
    pub low: f64,
    /// The highest that it came.
    pub high: f64,
    /// How far it went in all.
    pub distance: f64,
    /// How often it set out; none where no status tells.
    pub moves: Option<usize>,
}

/// What a camera did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Camera {
    /// The device.
    pub device: String,
    /// How often it was started.
    pub acquisitions: usize,
    /// How many frames it took.
    pub frames: u64,
    /// How long it was exposing.
    pub exposing: Time,
    /// The bytes of all frames, where it tells how many a frame has.
    pub bytes: Option<u64>,
}

/// What a shutter did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shutter {
    /// The device.
    pub device: String,
    /// How often it was opened.
    pub openings: usize,
    /// How long it was open.
    pub open: Time,
    /// How much of that was without an exposure, where there is a camera.
    pub unexposed: Option<Time>,
    /// Whether it was open at the end.
    pub left_open: bool,
}

/// When a device did something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lane {
    /// The device.
    pub device: String,
    /// What it does in its spans.
    pub doing: Doing,
    /// From when to when.
    pub spans: Vec<(Time, Time)>,
    /// When it was asked for something.
    pub puts: Vec<Time>,
    /// When something happened that speaks against the session.
    pub findings: Vec<Time>,
}

/// What a device does that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Doing {
    /// A camera exposes.
    Exposing,
    /// A motor moves.
    Moving,
    /// A shutter is open.
    Open,
    /// A temperature is on its way, or a put of something else is not finished.
    Busy,
}

impl Doing {
    /// The word of the reports.
    const fn word(self) -> &'static str {
        match self {
            Self::Exposing => "exposing",
            Self::Moving => "moving",
            Self::Open => "open",
            Self::Busy => "busy",
        }
    }

    /// The letter of the picture in a terminal.
    const fn letter(self) -> char {
        match self {
            Self::Exposing => '#',
            Self::Moving => '=',
            Self::Open => '-',
            Self::Busy => '~',
        }
    }
}

/// The report as a JSON object.
pub fn json(preflight: &Preflight) -> String {
    words::json(preflight)
}

/// A duration as one would say it.
fn duration(t: Time) -> String {
    let seconds = t.seconds();
    match seconds {
        ..60.0 => format!("{seconds:.1} s"),
        60.0..3600.0 => format!(
            "{:.0} min {:02.0} s",
            (seconds / 60.0).floor(),
            (seconds % 60.0).floor()
        ),
        _ => format!(
            "{:.0} h {:02.0} min",
            (seconds / 3600.0).floor(),
            (seconds % 3600.0 / 60.0).floor()
        ),
    }
}

/// A number of bytes as one would say it.
fn bytes(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if size < 1000.0 {
            let digits = usize::from(unit != "B" && size < 100.0);
            return format!("{size:.digits$} {unit}");
        }
        size /= 1000.0;
    }
    format!("{size:.1} TB")
}

/// A position: six digits are enough for anybody.
fn position(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
