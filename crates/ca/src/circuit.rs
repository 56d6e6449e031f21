//! One TCP peer: channels, reads, writes, monitors.
//!
//! | file | holds |
//! | --- | --- |
//! | `demand` | what a circuit asks of the server |
//! | `requests` | what each command of the peer does |
//! | `reply` | replies that carry samples |
//! | `monitors` | what waits to be sent; squashing; `EVENTS_OFF` |

mod demand;
mod monitors;
mod reply;
mod requests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use beamtwin_pv::{Array, Metadata, Numbered, Sample, Text, Timestamp, Value, ValueKind};
use bytes::BytesMut;

pub use demand::{Access, ChannelId, Demand, Mask, Read, Search, SubscriptionId, Write};
use monitors::{Backlog, Wish};
use reply::TooLarge;

use crate::dbr::Dbr;
use crate::filter::{self, Filters, Occasion};
use crate::header::{Header, command, padded};
use crate::limits::Limits;
use crate::message::{Reply, bytes_u32};
use crate::status::Eca;

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
/// `poll` gives nothing while [`Limits::reply_backlog`] bytes of replies wait, so a peer that asks
/// and never listens costs bounded memory; it goes on after `transmit`. When `is_closed`, send
/// what `transmit` still gives and close the socket. While `is_stalled`, leave the socket unread.
#[derive(Debug)]
pub struct Circuit {
    limits: Limits,
    now: Duration,
    /// Bytes received, of which those before `at` are done with.
    input: Vec<u8>,
    at: usize,
    /// Bytes still to come of a message that is too large.
    skip: usize,
    /// The minor version of the peer; 0 until it says.
    minor: u32,
    user: Text,
    host: Text,
    channels: Numbered<ChannelId, Channel>,
    next_channel: u32,
    next_subscription: u32,
    next_write: u64,
    /// Demands that came of one request.
    demands: VecDeque<Demand>,
    backlog: Backlog,
    /// What the values of channels pass whose names ask for it.
    filtered: Numbered<ChannelId, Filtered>,
    /// Whether a filter of any channel so far wants the date of the present.
    dated: bool,
    /// That date.
    date: Timestamp,
    stall: Option<Stall>,
    /// Requests and replies that were too large.
    too_large: u64,
    closed: bool,
}

/// A name that the peer opened.
#[derive(Debug)]
struct Channel {
    /// The peer's number.
    cid: u32,
    name: Arc<str>,
    /// `None` until the server said that it exists.
    access: Option<Access>,
    /// The put that a `WRITE_NOTIFY` began.
    busy: Option<Write>,
    /// Whether it was told that the circuit stood still for its sake.
    stalled: bool,
    /// The peer's numbers of monitors, and ours.
    monitors: Vec<(u32, SubscriptionId)>,
}

/// What a name asked for behind its field.
#[derive(Debug)]
struct Filtered {
    filters: Filters,
    long_string: bool,
    /// The elements of the channel itself.
    count: u32,
}

/// A `WRITE_NOTIFY` that waits for another on its channel.
#[derive(Clone, Copy, Debug)]
struct Stall {
    channel: ChannelId,
    until: Duration,
}

impl Circuit {
    /// A peer has just connected; `now` is network time.
    ///
    /// There is something to transmit at once: a server says its version first.
    #[must_use]
    pub fn new(limits: Limits, now: Duration) -> Self {
        let mut circuit = Self {
            limits,
            now,
            input: Vec::new(),
            at: 0,
            skip: 0,
            minor: 0,
            user: Text::EMPTY,
            host: Text::EMPTY,
            channels: Numbered::default(),
            next_channel: 0,
            next_subscription: 0,
            next_write: 0,
            demands: VecDeque::new(),
            backlog: Backlog::default(),
            filtered: Numbered::default(),
            dated: false,
            date: Timestamp::UNDEFINED,
            stall: None,
            too_large: 0,
            closed: false,
        };
        circuit.say(Reply::Version {
            minor: crate::MINOR.into(),
        });
        circuit
    }

    /// Counts channels from here on: C servers count over all circuits.
    #[must_use]
    pub const fn numbered_from(mut self, first: ChannelId) -> Self {
        self.next_channel = first.0;
        self
    }

    /// Takes bytes of the stream, split anywhere.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) {
        self.now = now;
        if self.closed {
            return;
        }
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.input.drain(..self.at);
        self.at = 0;
        if self.input.is_empty() && self.input.capacity() > LARGE {
            self.input = Vec::new();
        }
        let arriving = self.arriving();
        if arriving > self.input.capacity() {
            // A buffer that grows by itself grows to twice of what it needs.
            self.input.reserve_exact(arriving - self.input.len());
        }
        self.input.extend_from_slice(&bytes[skipped..]);
    }

    /// Bytes of the message that has begun to arrive, and is not wholly there; 0 if there is none, or if it is
    /// skipped.
    #[must_use]
    pub fn arriving(&self) -> usize {
        let input = &self.input[self.at..];
        let Some((header, head)) = Header::decode(input) else {
            return 0;
        };
        let (payload, size) = (header.payload as usize, head + header.payload as usize);
        if payload > self.limits.payload || size <= input.len() {
            0
        } else {
            size
        }
    }

    /// What the server must do next.
    pub fn poll(&mut self) -> Option<Demand> {
        loop {
            if let Some(demand) = self.demands.pop_front() {
                return Some(demand);
            }
            let full = self.backlog.replies() > self.limits.reply_backlog;
            if self.closed || full || self.stall.is_some() || !self.step() {
                return None;
            }
        }
    }

    /// Moves bytes to be sent to the end of `out`; whether there were any.
    pub fn transmit(&mut self, out: &mut BytesMut) -> bool {
        let before = out.len();
        self.backlog.transmit(&self.limits, out);
        out.len() > before
    }

    /// Bytes that wait to be sent, with an estimate for events that wait unencoded.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }

    /// Whether the next event of a monitor would replace another.
    #[must_use]
    pub fn is_full(&self, subscription: SubscriptionId) -> bool {
        self.backlog.is_full(subscription, &self.limits)
    }

    /// Whether so little waits that events are encoded at once.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.backlog.has_room(&self.limits)
    }

    /// Events that replaced another unsent event of their monitor.
    #[must_use]
    pub const fn squashed(&self) -> u64 {
        self.backlog.squashed()
    }

    /// The numbers of channels and of monitors.
    #[must_use]
    pub fn census(&self) -> (usize, usize) {
        (self.channels.len(), self.backlog.monitors())
    }

    /// Tells the time, at or after [`Self::deadline`].
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
        let Some(stall) = self.stall.filter(|stall| stall.until <= now) else {
            return;
        };
        self.stall = None;
        let channel = self.channels.get_mut(&stall.channel);
        if let Some(write) = channel.and_then(|channel| channel.busy.take()) {
            self.answer_write(write, Eca::PUTCBINPROG);
            self.demands.push_back(Demand::Abandon { write });
        }
    }

    /// When to call [`Self::tick`].
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.stall.map(|stall| stall.until)
    }

    /// Requests and replies that were larger than [`Limits::payload`].
    #[must_use]
    pub const fn too_large(&self) -> u64 {
        self.too_large
    }

    /// Whether a put waits for another on its channel, and with it all that follows.
    #[must_use]
    pub const fn is_stalled(&self) -> bool {
        self.stall.is_some()
    }

    /// The name of the channel on which the circuit stands still for the first time, once: for a log.
    pub fn newly_stalled(&mut self) -> Option<&str> {
        let channel = self.channels.get_mut(&self.stall?.channel)?;
        let told = std::mem::replace(&mut channel.stalled, true);
        (!told).then_some(&*channel.name)
    }

    /// Whether the peer broke the protocol: close the socket once all is sent.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether a filter stamps values with the present time, or did, so that [`Self::set_date`] matters.
    #[must_use]
    pub const fn wants_date(&self) -> bool {
        self.dated
    }

    /// Tells the present as the time stamp of a record that processes now.
    pub const fn set_date(&mut self, now: Timestamp) {
        self.date = now;
    }

    /// The channel exists, and is of this type.
    pub fn opened(&mut self, channel: ChannelId, kind: ValueKind, count: u32, access: Access) {
        let Some(opened) = self.channels.get_mut(&channel) else {
            return;
        };
        opened.access = Some(access);
        let cid = opened.cid;
        let (kind, count) = match self.filtered.get_mut(&channel) {
            Some(Filtered {
                filters,
                long_string,
                count: own,
            }) => {
                *own = count;
                filters.shape(kind, count, *long_string)
            }
            None => (kind, count),
        };
        self.say(Reply::AccessRights {
            cid,
            access: access.bits(),
        });
        let data_type = kind as u16;
        // What an older peer is told needs no extended header.
        let count = if self.minor < requests::EXTENDED {
            count.min(0xfffe)
        } else {
            count
        };
        self.say(Reply::CreateChan {
            cid,
            sid: channel.0,
            data_type,
            count,
        });
    }

    /// There is no such channel.
    pub fn not_found(&mut self, channel: ChannelId) {
        self.filtered.remove(&channel);
        if let Some(Channel { cid, .. }) = self.channels.remove(&channel) {
            self.say(Reply::CreateFailed { cid });
        }
    }

    /// The channel would be one too many. The C server says so as well, and then hangs up.
    pub fn no_room_for_channel(&mut self, channel: ChannelId) {
        self.filtered.remove(&channel);
        let Some(Channel { cid, name, .. }) = self.channels.remove(&channel) else {
            return;
        };
        let request = Header {
            command: command::CREATE_CHAN,
            payload: bytes_u32(padded(name.len() + 1)),
            p1: cid,
            p2: self.minor,
            ..Header::default()
        };
        self.complain(&request, Eca::ALLOCMEM, &name);
        self.say(Reply::CreateFailed { cid });
    }

    /// The monitor would be one too many: says so and hangs up, as the C server does.
    pub fn no_room_for_monitor(&mut self, subscription: SubscriptionId) {
        if let Some(monitor) = self.backlog.remove(subscription) {
            let wish = monitor.wish;
            let request = Header {
                command: command::EVENT_ADD,
                payload: 16,
                data_type: wish.dbr.code(),
                count: wish.count,
                p1: wish.channel.0,
                p2: wish.subscription,
            };
            self.complain(&request, Eca::ALLOCMEM, &wish.name);
            self.closed = true;
        }
    }

    /// The PV went away; the peer may search again.
    pub fn disconnect(&mut self, channel: ChannelId) {
        if let Some(cid) = self.forget(channel) {
            self.say(Reply::ServerDisconnect { cid });
        }
    }

    /// What the peer may do has changed; its monitors are demanded to be refreshed.
    pub fn access_changed(&mut self, channel: ChannelId, access: Access) {
        let Some(changed) = self.channels.get_mut(&channel) else {
            return;
        };
        let cid = changed.cid;
        if changed.access.replace(access) == Some(access) {
            return;
        }
        for &(_, subscription) in &changed.monitors {
            if let Some(monitor) = self.backlog.monitor(subscription) {
                monitor.set_readable(access.contains(Access::READ));
            }
            self.demands.push_back(Demand::Refresh {
                channel,
                subscription,
            });
        }
        self.say(Reply::AccessRights {
            cid,
            access: access.bits(),
        });
    }

    /// Answers a read.
    pub fn read(&mut self, read: Read, answer: Result<(&Sample, &Metadata), Eca>) {
        let passed;
        let answer = match answer {
            Ok((sample, metadata)) if self.filtered.contains_key(&read.channel) => {
                passed = self.pass(
                    read.channel,
                    Occasion::Read,
                    (sample, metadata),
                    (read.dbr, read.count),
                );
                Ok((passed.as_ref().unwrap_or(sample), metadata))
            }
            answer => answer,
        };
        if read.notify {
            let limits = &self.limits;
            let mut sent = Ok(None);
            self.backlog
                .reply(|out| sent = reply::read_notify(&read, answer, limits, out));
            match sent {
                Ok(rest) => self.backlog.follow(rest),
                Err(TooLarge) => self.reply_too_large(&read),
            }
            return;
        }
        let Some(Channel { cid, .. }) = self.channels.get(&read.channel) else {
            return;
        };
        let (cid, limits) = (*cid, &self.limits);
        let mut sent = Ok(());
        self.backlog.reply(|out| {
            sent = answer.and_then(|answer| reply::read_plain(&read, cid, answer, limits, out));
        });
        match sent {
            Ok(()) => {}
            Err(Eca::TOLARGE) => self.reply_too_large(&read),
            Err(status) => self.refuse(&read.header(), status),
        }
    }

    /// The write is done, or refused.
    pub fn written(&mut self, write: Write, outcome: Eca) {
        if !write.notify {
            if !outcome.is_success() {
                self.refuse(&write.header(), outcome);
            }
            return;
        }
        let Some(channel) = self.channels.get_mut(&write.channel) else {
            return;
        };
        // A put that was given up has had its answer.
        if self.limits.put_wait.is_some() && channel.busy != Some(write) {
            return;
        }
        channel.busy = None;
        if self
            .stall
            .is_some_and(|stall| stall.channel == write.channel)
        {
            self.stall = None;
        }
        self.answer_write(write, outcome);
    }

    /// The present value for a monitor that was subscribed, or is to be refreshed.
    pub fn show(&mut self, subscription: SubscriptionId, sample: &Sample, metadata: &Metadata) {
        self.post(subscription, Mask::all(), sample, metadata);
    }

    /// Whether a monitor tells values of this kind, as they are, and nothing of what there is to know about them.
    #[must_use]
    pub fn is_bare(&self, subscription: SubscriptionId, kind: ValueKind) -> bool {
        let wish = self.backlog.wish(subscription);
        self.filtered.is_empty() && wish.is_some_and(|wish| wish.dbr.is_bare(kind))
    }

    /// A value for a monitor, of which this has changed.
    pub fn post(
        &mut self,
        subscription: SubscriptionId,
        changed: Mask,
        sample: &Sample,
        metadata: &Metadata,
    ) {
        let passed;
        let mut sample = sample;
        if !self.filtered.is_empty()
            && let Some(&Wish {
                channel,
                mask,
                dbr,
                count,
                ..
            }) = self.backlog.wish(subscription)
            && self.filtered.contains_key(&channel)
        {
            let occasion = Occasion::Event(changed & mask);
            passed = self.pass(channel, occasion, (sample, metadata), (dbr, count));
            let Some(passed) = &passed else {
                return;
            };
            sample = passed;
        }
        self.backlog
            .post(subscription, sample, metadata, &self.limits);
    }

    /// What the name of a channel makes of a value that is sent as so many elements of a type.
    fn pass(
        &mut self,
        channel: ChannelId,
        occasion: Occasion,
        (sample, metadata): (&Sample, &Metadata),
        (dbr, wanted): (Dbr, u32),
    ) -> Option<Sample> {
        let filtered = self.filtered.get_mut(&channel)?;
        let filters = &mut filtered.filters;
        let (mut passed, is_part) =
            match filters.pass(occasion, sample, metadata.as_array, self.date) {
                // A read that is held back gets the value as it is.
                None if occasion == Occasion::Read => (sample.clone(), false),
                passed => (passed?, filters.take_a_part()),
            };
        match &mut passed.value {
            Value::Array(Array::Char(bytes)) if filtered.long_string => {
                let room = if is_part {
                    bytes.len()
                } else {
                    filtered.count as usize
                };
                passed.value = filter::fit_text(bytes, dbr, wanted, room).into();
            }
            Value::Array(array) => filter::fit(array, wanted, filtered.count),
            _ => {}
        }
        Some(passed)
    }

    /// The name searched for is served on this TCP port.
    pub fn found(&mut self, search: Search, port: u16) {
        self.say(Reply::Search {
            cid: search.cid,
            port,
            address: u32::MAX,
        });
    }

    /// The name searched for is not served.
    pub fn not_here(&mut self, search: Search) {
        if search.wants_refusal {
            let Search {
                cid,
                data_type,
                count,
                ..
            } = search;
            self.say(Reply::NotFound {
                cid,
                data_type,
                count,
            });
        }
    }

    fn say(&mut self, reply: Reply<'_>) {
        let extended = self.minor >= requests::EXTENDED;
        self.backlog.reply(|out| reply.encode_for(extended, out));
    }

    fn answer_write(&mut self, write: Write, status: Eca) {
        let Write {
            ioid,
            data_type,
            count,
            ..
        } = write;
        self.say(Reply::Write {
            ioid,
            status,
            data_type,
            count,
        });
    }

    /// Says that a request on a channel failed, with the name of the channel.
    fn refuse(&mut self, request: &Header, status: Eca) {
        if let Some(channel) = self.channels.get(&ChannelId(request.p1)) {
            let (cid, text) = (channel.cid, record(&channel.name).as_bytes());
            let reply = Reply::Error {
                cid,
                status,
                request: *request,
                text,
            };
            let extended = self.minor >= requests::EXTENDED;
            self.backlog.reply(|out| reply.encode_for(extended, out));
        }
    }

    fn reply_too_large(&mut self, read: &Read) {
        self.too_large += 1;
        if let Some(channel) = self.channels.get(&read.channel) {
            let (cid, request, name, limits) = (
                channel.cid,
                read.header(),
                record(&channel.name),
                &self.limits,
            );
            self.backlog
                .reply(|out| reply::too_large(cid, request, name, limits, out));
        }
    }

    /// Drops a channel and its monitors; gives the peer's number of it.
    fn forget(&mut self, id: ChannelId) -> Option<u32> {
        let channel = self.channels.remove(&id)?;
        self.filtered.remove(&id);
        for (_, subscription) in channel.monitors {
            self.backlog.remove(subscription);
            self.demands.push_back(Demand::Unsubscribe { subscription });
        }
        self.demands.push_back(Demand::Close { channel: id });
        if self.stall.is_some_and(|stall| stall.channel == id) {
            self.stall = None;
        }
        Some(channel.cid)
    }
}

/// The record of a channel, by which errors call it.
fn record(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Bytes of input above which the buffer is not kept for the next message.
const LARGE: usize = 1 << 20;
