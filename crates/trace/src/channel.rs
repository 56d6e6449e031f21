//! What a trace says before its facts: the header, the dictionary, the clients.

use serde::Serialize;

use crate::Time;
use crate::epoch::{self, NotADate};

/// The format this crate writes.
pub const VERSION: Version = Version { major: 1, minor: 0 };

/// The version of the format: another major is refused, any minor is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Changes when old readers would misread.
    pub major: u32,
    /// Changes when old readers would only miss something.
    pub minor: u32,
}

/// The first line of a trace: what was recorded, and what a replay needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The format the trace was written in.
    pub version: Version,
    /// The title of the beamline.
    pub beamline: String,
    /// The date of time zero, as RFC 3339 text.
    pub epoch: String,
    /// The seed of everything random.
    pub seed: u64,
    /// A hash of the beamline file, such as `sha256:…`.
    pub file: Option<String>,
    /// The program that wrote the trace, with its version.
    pub program: String,
    /// The paths along which things pass, such as light: devices, upstream first. A device that two paths have
    /// in common stands in both. Empty where nothing is known of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Vec<String>>,
}

impl Header {
    /// The date of time zero as Unix time.
    pub fn unix_epoch(&self) -> Result<Time, NotADate> {
        epoch::unix(&self.epoch)
    }
}

/// The whole text of the beamline file, so that a trace can be replayed alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The name of the file.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What a channel means to a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What a client asks for: a set-point, a command.
    Request,
    /// What the beamline answers with, event by event.
    Readback,
    /// A condition that only the beamline changes.
    State,
    /// An image, or something counted in images.
    Frame,
    /// Samples of something continuous.
    Curve,
    /// A note.
    Marker,
}

impl Role {
    /// The word of the trace format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Readback => "readback",
            Self::State => "state",
            Self::Frame => "frame",
            Self::Curve => "curve",
            Self::Marker => "marker",
        }
    }

    /// The role of that word; a word from a newer minor version is a state, which nothing scores.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "request" => Self::Request,
            "readback" => Self::Readback,
            "frame" => Self::Frame,
            "curve" => Self::Curve,
            "marker" => Self::Marker,
            _ => Self::State,
        }
    }
}

/// A dictionary entry: what a comparison needs to know of a channel and must not guess.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Channel {
    /// The full name, with its field.
    pub name: String,
    /// The device that owns the channel.
    pub device: Option<String>,
    /// What the channel means to a comparison.
    pub role: Role,
    /// The type of its values: `double`, `float`, `long`, `short`, `char`, `enum`, `string`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The units of its values.
    pub units: Option<String>,
    /// How far two values may differ and still be the same.
    pub tolerance: Option<f64>,
    /// The names of an enumeration's values.
    pub labels: Vec<String>,
    /// How values between two samples are found.
    pub interp: Option<String>,
}

impl Channel {
    /// A channel of which nothing but its name and role is known.
    pub fn named(name: &str, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            device: None,
            role,
            kind: None,
            units: None,
            tolerance: None,
            labels: Vec::new(),
            interp: None,
        }
    }

    /// The name by which channels are compared: `m.VAL` and `m` are the same.
    pub fn plain_name(&self) -> &str {
        self.name.strip_suffix(".VAL").unwrap_or(&self.name)
    }

    /// The name of the record, which is the channel's name without its field.
    pub fn record(&self) -> &str {
        match self.name.rsplit_once('.') {
            Some((record, field)) if field.bytes().all(|b| b.is_ascii_alphanumeric()) => record,
            _ => &self.name,
        }
    }

    /// Whether its numbers are whole and are written without a point.
    pub fn is_whole(&self) -> bool {
        matches!(&self.kind, Some(kind) if !["double", "float", "string"].contains(&kind.as_str()))
    }
}

/// One who was connected while the trace was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Client {
    /// When it came.
    pub open: Time,
    /// When it went, if it went before the trace ended.
    pub close: Option<Time>,
    /// The user it named.
    pub user: Option<String>,
    /// The host it named.
    pub host: Option<String>,
    /// The address it came from.
    pub addr: Option<String>,
}
