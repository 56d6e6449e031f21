//! One TCP peer: channels, reads, writes, monitors.

use std::time::Duration;

use beamtwin_pv::{Metadata, Sample, Text, Value, ValueKind};
use bitflags::bitflags;
use bytes::BytesMut;

use crate::dbr::{Acknowledgement, Dbr};
use crate::limits::Limits;
use crate::status::Eca;

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
    /// Answer with [`Circuit::opened`] or [`Circuit::not_found`].
    Open {
        /// Our number for the channel if it opens.
        channel: ChannelId,
        /// The name as written.
        name: String,
    },
    /// The channel is gone; its monitors were demanded off before.
    Close {
        /// The channel.
        channel: ChannelId,
    },
    /// Answer with [`Circuit::read`].
    Read {
        /// What to answer to.
        read: Read,
    },
    /// Answer with [`Circuit::class_name`].
    ClassName {
        /// What to answer to.
        read: Read,
    },
    /// Answer with [`Circuit::stsack`].
    Stsack {
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
    /// Post the present value now, then each change that the mask wants.
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

/// One TCP peer.
///
/// The contract: after each call that puts something in (`receive`, `tick`, an answer, `post`),
/// alternate `poll` and `transmit` until both give nothing:
///
/// ```text
/// loop {
///     while let Some(demand) = circuit.poll() { … answer, now or later … }
///     if !circuit.transmit(&mut out) { break }
///     socket.write_all(&out); out.clear();
/// }
/// ```
///
/// `poll` gives nothing while [`Limits::reply_backlog`] bytes wait, so a peer that asks and never
/// listens costs bounded memory; it goes on after `transmit`. When `is_closed`, send what
/// `transmit` still gives and close the socket. While `is_stalled`, leave the socket unread.
#[derive(Debug)]
pub struct Circuit {
    limits: Limits,
}

impl Circuit {
    /// A peer has just connected; `now` is network time.
    #[must_use]
    pub fn new(limits: Limits, _now: Duration) -> Self {
        Self { limits }
    }

    /// Counts channels from here on: C servers count over all circuits.
    #[must_use]
    pub fn numbered_from(self, _first: ChannelId) -> Self {
        self
    }

    /// Takes bytes of the stream, split anywhere.
    pub fn receive(&mut self, _bytes: &[u8], _now: Duration) {
        let _ = &self.limits;
    }

    /// What the server must do next.
    pub fn poll(&mut self) -> Option<Demand> {
        None
    }

    /// Moves bytes to be sent to the end of `out`; whether there were any.
    pub fn transmit(&mut self, _out: &mut BytesMut) -> bool {
        false
    }

    /// Bytes that wait to be sent, with an estimate for events that wait unencoded.
    #[must_use]
    pub fn backlog(&self) -> usize {
        0
    }

    /// Events that replaced another unsent event of their monitor.
    #[must_use]
    pub fn squashed(&self) -> u64 {
        0
    }

    /// Tells the time, at or after [`Self::deadline`].
    pub fn tick(&mut self, _now: Duration) {}

    /// When to call [`Self::tick`].
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Whether a put waits for another on its channel, and with it all that follows.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        false
    }

    /// Whether the peer broke the protocol: close the socket once all is sent.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        false
    }

    /// The channel exists.
    pub fn opened(&mut self, _channel: ChannelId, _kind: ValueKind, _count: u32, _access: Access) {}

    /// There is no such channel.
    pub fn not_found(&mut self, _channel: ChannelId) {}

    /// The PV went away; the peer may search again.
    pub fn disconnect(&mut self, _channel: ChannelId) {}

    /// What the peer may do has changed; its monitors are demanded to be refreshed.
    pub fn access_changed(&mut self, _channel: ChannelId, _access: Access) {}

    /// Answers a read.
    pub fn read(&mut self, _read: Read, _answer: Result<(&Sample, &Metadata), Eca>) {}

    /// Answers a read of the record type.
    pub fn class_name(&mut self, _read: Read, _class: &str) {}

    /// Answers a read of text with acknowledgement.
    pub fn stsack(
        &mut self,
        _read: Read,
        _sample: &Sample,
        _metadata: &Metadata,
        _ack: Acknowledgement,
    ) {
    }

    /// The write is done, or refused.
    pub fn written(&mut self, _write: Write, _outcome: Eca) {}

    /// A value for a monitor.
    pub fn post(&mut self, _subscription: SubscriptionId, _sample: &Sample, _metadata: &Metadata) {}

    /// The name searched for is served on this TCP port.
    pub fn found(&mut self, _search: Search, _port: u16) {}

    /// The name searched for is not served.
    pub fn not_here(&mut self, _search: Search) {}
}
