//! What happened, one fact a line.

use std::borrow::Cow;

use serde::Serialize;

use crate::{Datum, Time};

/// Something that happened at a moment of device time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Its number; facts are numbered from one in the order they were recorded.
    pub n: u64,
    /// When it happened.
    pub t: Time,
    /// What happened.
    pub what: What,
}

/// The kinds of fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// What a client asked for.
    Put(Put),
    /// The beamline would not do what put number `put` asked.
    Refused {
        /// The number of the put.
        put: u64,
        /// Why.
        reason: String,
    },
    /// What the beamline answered.
    Post(Post),
    /// What put number `put` had started is finished.
    Done {
        /// The number of the put.
        put: u64,
    },
    /// Who asked for put number `put` waits for it no longer.
    Cancel {
        /// The number of the put.
        put: u64,
    },
    /// A note.
    Marker {
        /// The note.
        text: String,
        /// The client who made it.
        by: Option<u32>,
    },
    /// Something was made to fail.
    Fault {
        /// What.
        text: String,
        /// Where.
        device: Option<String>,
        /// The client who made it fail; none when it followed from something else.
        by: Option<u32>,
    },
    /// A rule of the beamline file was broken.
    Broken {
        /// Which.
        rule: String,
        /// What it says when it is broken.
        text: String,
        /// How bad that is: `MINOR`, `MAJOR`.
        severity: String,
        /// Since when.
        since: Time,
    },
    /// The clock changed its pace.
    Pace {
        /// The new pace, in words.
        text: String,
    },
    /// A snapshot of the beamline was taken.
    Snapshot {
        /// Its name.
        name: String,
        /// The client who wanted it.
        by: Option<u32>,
    },
    /// The beamline went back to a snapshot; what is another value since then follows.
    Restore {
        /// The name of the snapshot.
        name: String,
        /// The client who wanted it.
        by: Option<u32>,
    },
    /// A name was asked for that nobody serves.
    Miss {
        /// The name.
        name: String,
        /// The client who asked.
        by: Option<u32>,
        /// The line of a script that asked first, if that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
    /// Something could not be recorded.
    Loss {
        /// What, in words.
        text: String,
    },
}

impl What {
    /// What somebody did to the session rather than to its devices, in words, and which client: a note, a snapshot
    /// or the way back to one.
    pub fn mark(&self) -> Option<(Cow<'_, str>, Option<u32>)> {
        match self {
            Self::Marker { text, by } => Some((text.into(), *by)),
            Self::Snapshot { name, by } => Some((format!("snapshot {name}").into(), *by)),
            Self::Restore { name, by } => Some((format!("back to snapshot {name}").into(), *by)),
            _ => None,
        }
    }
}

/// What a client asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Put {
    /// The channel, by its number in the dictionary.
    pub pv: u32,
    /// The value asked for, converted to the channel's type if it was accepted.
    pub value: Datum,
    /// The client who asked; none when the beamline itself or a script did.
    pub by: Option<u32>,
    /// Whether the client asked to be told of completion.
    pub complete: bool,
    /// The line of a script that asked, if that is known: `scan.py:42`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What the beamline answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Post {
    /// The channel, by its number in the dictionary.
    pub pv: u32,
    /// The new value.
    pub value: Datum,
    /// The severity of an alarm; none when there is no alarm.
    pub severity: Option<String>,
    /// The kind of the alarm; none when there is no alarm.
    pub status: Option<String>,
    /// The time stamp the value carries, where it is not the time of the fact.
    pub stamp: Option<Time>,
    /// The number of the put that caused it.
    pub by: Option<u64>,
}

impl Post {
    /// A post without alarm, stamped with the time of its fact, and of no known cause.
    pub fn plain(pv: u32, value: Datum) -> Self {
        Self {
            pv,
            value,
            severity: None,
            status: None,
            stamp: None,
            by: None,
        }
    }
}
