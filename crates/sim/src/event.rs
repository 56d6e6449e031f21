//! What happened, in the order in which it happened.

use beamtwin_pv::{Alarm, Severity, SimTime, Value};
use bitflags::bitflags;

use crate::device::Reason;
use crate::world::{PvId, RecordIx};

bitflags! {
    /// Which subscriptions an event is for (`DBE_*` of Channel Access).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Mask: u8 {
        /// The value changed by more than the monitor dead-band.
        const VALUE = 1;
        /// The value changed by more than the archive dead-band.
        const LOG = 2;
        /// The alarm changed.
        const ALARM = 4;
        /// Units, limits, labels or precision changed.
        const PROPERTY = 8;
    }
}

impl Mask {
    /// What most changes are: for displays and for archives.
    pub const CHANGE: Self = Self::VALUE.union(Self::LOG);
}

/// A client of this session, numbered from 1 in the order of their coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// A put, named by the number of the fact that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PutId(pub u64);

/// Who a client says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The user's name.
    pub user: String,
    /// The name of the client's machine.
    pub host: String,
    /// Where it connected from.
    pub addr: String,
}

/// One thing that happened at one device time.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The number of this fact, from 1; what is not counted (clients coming and going, properties) carries
    /// the last.
    pub n: u64,
    /// When.
    pub t: SimTime,
    /// What.
    pub what: What,
}

/// The kinds of things that happen.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Something that is no value of its own may have changed of all fields of a record: for these subscriptions.
    Again(RecordIx, Mask),
    /// A client waits for a put no longer, and does not hear what becomes of it.
    Cancelled(PutId),
    /// A client closed its connection.
    Closed(ClientId),
    /// A put that started something has finished; so has every put whose completion was asked for.
    Done(PutId),
    /// What goes wrong on purpose is something else now: see [`World::is_served`](crate::World::is_served),
    /// [`World::access`](crate::World::access), [`World::lateness`](crate::World::lateness).
    Faulted,
    /// Something a person or a tool wrote into the record of the session.
    Note(Note),
    /// A client connected.
    Opened(ClientId, Client),
    /// A value was committed.
    Post {
        /// Where.
        pv: PvId,
        /// The new value.
        value: Value,
        /// The alarm of its record.
        alarm: Alarm,
        /// The EPICS time of its record; `None` before it ever processed.
        stamp: Option<SimTime>,
        /// For which subscriptions.
        mask: Mask,
        /// The put that caused it.
        cause: Option<PutId>,
    },
    /// A client wrote.
    Put {
        /// Where.
        pv: PvId,
        /// What: converted to the field's type, or as the client wrote it where that failed.
        value: Value,
        /// Who; `None` for the twin itself.
        by: Option<ClientId>,
        /// Whether the client waits for completion.
        complete: bool,
    },
    /// A field shows what another holds, of which this has changed.
    Shown(PvId, Mask),
    /// A put was refused.
    Refused(PutId, Reason, String),
}

/// Facts that are not about a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A rule of the file was broken.
    Broken {
        /// Which, by its name in the file.
        rule: String,
        /// What the rule says when it is broken.
        text: String,
        /// How bad that is.
        severity: Severity,
        /// Since when.
        since: SimTime,
    },
    /// A device was made to misbehave, or noticed that a script runs into a known trap.
    Fault {
        /// Which, by its name in the file.
        device: String,
        /// In words.
        text: String,
        /// Who made it so, where somebody asked the twin itself; what follows from a put, from the file or
        /// from the passing of time is nobody's.
        by: Option<ClientId>,
    },
    /// Facts may be missing from here on.
    Loss(String),
    /// A remark.
    Marker {
        /// In words.
        text: String,
        /// Who made it.
        by: Option<ClientId>,
    },
    /// A name was asked for that is not served.
    Miss {
        /// The name.
        name: String,
        /// Who asked, where that is known.
        by: Option<ClientId>,
    },
    /// The clock runs differently from here on.
    Pace(String),
    /// The world went back to a snapshot.
    Restore {
        /// The name of the snapshot.
        name: String,
        /// Who wanted it.
        by: Option<ClientId>,
    },
    /// A snapshot was taken.
    Snapshot {
        /// Its name.
        name: String,
        /// Who wanted it.
        by: Option<ClientId>,
    },
}
