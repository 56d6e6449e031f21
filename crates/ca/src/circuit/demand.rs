//! What a circuit asks of the server, and the tokens that its answers carry.

use beamtwin_pv::{Text, Value};
use bitflags::bitflags;

#[cfg(doc)]
use super::Circuit;
use crate::dbr::Dbr;

/// Our number of a channel (`sid`), counted up from the circuit's first and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u32);

/// Our number of a monitor, counted up from 0 in each circuit and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub u32);

bitflags! {
    /// What a client may do with a channel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Access: u32 {
        /// It may read and subscribe.
        const READ = 0x1;
        /// It may write.
        const WRITE = 0x2;
    }

    /// Which changes a monitor wants to hear of.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Mask: u16 {
        /// The value moved by more than MDEL.
        const VALUE = 0x1;
        /// The value moved by more than ADEL.
        const LOG = 0x2;
        /// The alarm changed.
        const ALARM = 0x4;
        /// Units, limits or labels changed.
        const PROPERTY = 0x8;
    }
}

/// What the server must do for the peer.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// The peer said who it is; each time one of the two arrives, both are given.
    Identify {
        /// The login name, empty until told.
        user: Text,
        /// The host name, empty until told.
        host: Text,
    },
    /// Answer with [`Circuit::opened`], [`Circuit::not_found`] or [`Circuit::no_room_for_channel`].
    Open {
        /// Our number for the channel if it opens.
        channel: ChannelId,
        /// The name as written.
        name: String,
    },
    /// The channel is gone; its monitors were demanded off before. Nobody waits for puts to it any longer.
    Close {
        /// The channel.
        channel: ChannelId,
    },
    /// Answer with [`Circuit::read`].
    Read {
        /// What to answer to.
        read: Read,
    },
    /// Answer with [`Circuit::written`], when the put is complete if `write.notify`.
    Write {
        /// What to answer to.
        write: Write,
        /// A scalar if one element came, else an array; in the kind that the client chose.
        value: Value,
    },
    /// The peer was told that it may not write this; nothing is to be answered.
    Denied {
        /// The put.
        write: Write,
        /// The field of its record that it was for if it acknowledges an alarm: `ACKT` or `ACKS`.
        field: Option<&'static str>,
        /// What it would have written, as in [`Demand::Write`]; no elements if that cannot be told.
        value: Value,
    },
    /// Whether transient alarms need acknowledging (`ACKT`); answer with [`Circuit::written`].
    AcknowledgeTransient {
        /// What to answer to.
        write: Write,
        /// The new `ACKT`.
        required: bool,
    },
    /// Alarms up to this severity are acknowledged (`ACKS`); answer with [`Circuit::written`].
    AcknowledgeSeverity {
        /// What to answer to.
        write: Write,
        /// The severity's code.
        severity: u16,
    },
    /// The peer was told that this put failed, since it kept another waiting too long.
    ///
    /// [`Circuit::written`] for it no longer says anything.
    Abandon {
        /// The put.
        write: Write,
    },
    /// Post the present value now, then each change that the mask wants; or answer with
    /// [`Circuit::no_room_for_monitor`].
    Subscribe {
        /// The channel.
        channel: ChannelId,
        /// Our number of the monitor.
        subscription: SubscriptionId,
        /// Which changes.
        mask: Mask,
    },
    /// Post the present value once more: access rights changed.
    Refresh {
        /// The channel.
        channel: ChannelId,
        /// The monitor.
        subscription: SubscriptionId,
    },
    /// Post no more.
    Unsubscribe {
        /// The monitor.
        subscription: SubscriptionId,
    },
    /// A name search over TCP; answer with [`Circuit::found`] or [`Circuit::not_here`].
    Search {
        /// What to answer to.
        search: Search,
        /// The name as written.
        name: String,
    },
}

/// A read to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The channel.
    pub channel: ChannelId,
    /// The form and kind asked for.
    pub dbr: Dbr,
    /// Elements asked for; 0 for as many as there are.
    pub count: u32,
    /// The peer's number of the request.
    pub(crate) ioid: u32,
    /// Whether it is a `READ_NOTIFY`.
    pub(crate) notify: bool,
}

/// A write to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// The channel.
    pub channel: ChannelId,
    /// Whether the peer waits for completion.
    pub notify: bool,
    /// The peer's number of the request.
    pub(crate) ioid: u32,
    pub(crate) data_type: u16,
    pub(crate) count: u32,
    pub(crate) payload: u32,
    /// Tells apart what the peer does not.
    pub(crate) serial: u64,
}

/// A name search to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    pub(crate) cid: u32,
    pub(crate) wants_refusal: bool,
    pub(crate) data_type: u16,
    pub(crate) count: u32,
}
