//! What each command of the peer does.
//!
//! Where a peer errs, the C server either answers with an exception and goes on, or answers and
//! hangs up; which of the two is as its captures show.

use beamtwin_pv::{Array, Text, Value, ValueKind};

use super::monitors::{Monitor, Wish};
use super::{
    Access, Channel, ChannelId, Circuit, Demand, Filtered, Mask, Read, Search, Stall,
    SubscriptionId, Write,
};
use crate::dbr::{self, Dbr, Form};
use crate::filter::{self, Modifiers};
use crate::header::{Header, command};
use crate::limits::LONGEST_WITHOUT_EXTENSION;
use crate::message::{Malformed, Reply, Request};
use crate::status::Eca;

impl Circuit {
    /// Takes one message off the input; whether there was one.
    pub(super) fn step(&mut self) -> bool {
        let input = std::mem::take(&mut self.input);
        let taken = self.message(&input[self.at..]);
        self.input = input;
        let Some(size) = taken else {
            return false;
        };
        self.at += size;
        if self.at > self.input.len() {
            self.skip = self.at - self.input.len();
            self.at = self.input.len();
        }
        true
    }

    /// Obeys the first message; its size, unless it is incomplete or must wait.
    fn message(&mut self, input: &[u8]) -> Option<usize> {
        let (mut header, mut head) = Header::decode(input)?;
        if head == Header::LONG && self.minor < EXTENDED {
            head = Header::SHORT;
            header.payload = u16::MAX.into();
            header.count = u16::from_be_bytes([input[6], input[7]]).into();
        }
        let payload = header.payload as usize;
        let size = head + payload;
        if header.command != command::VERSION && self.minor < OLDEST {
            // To hang up would only make it connect again.
            let text = format!("CAS: Client version {} too old", self.minor);
            self.complain(&header, Eca::DEFUNCT, &text);
        } else if !payload.is_multiple_of(8) {
            self.complain(&header, Eca::INTERNAL, "CAS: Missaligned protocol rejected");
            self.closed = true;
        } else if payload > self.limits.payload {
            let text = format!(
                "CAS: Server unable to load large request message. Max bytes={}",
                self.limits.payload
            );
            self.complain(&header, Eca::TOLARGE, &text);
            self.too_large += 1;
            return Some(size);
        } else {
            let payload = input.get(head..size)?;
            match Request::decode(&header, payload) {
                Ok(request) => {
                    if !self.obey(&header, payload, request) {
                        return None;
                    }
                }
                Err(Malformed::UnknownCommand(_)) => {
                    self.complain(
                        &header,
                        Eca::INTERNAL,
                        "invalid (damaged?) request code from TCP",
                    );
                    self.closed = true;
                }
                Err(Malformed::Short(_)) => self.closed = true,
            }
        }
        Some(size)
    }

    /// Does what a request says; `false` if it must wait.
    fn obey(&mut self, header: &Header, payload: &[u8], request: Request<'_>) -> bool {
        match request {
            Request::ClearChannel { sid, .. } => {
                if self.forget(ChannelId(sid)).is_some() {
                    self.backlog.reply(|out| {
                        confirmation(header).encode(out);
                    });
                } else {
                    self.bad_channel(header);
                }
            }
            Request::ClientName { name } => self.identify(header, Some(name), None),
            Request::CreateChan { .. } | Request::Search { .. } if payload.is_empty() => {}
            Request::CreateChan { cid, minor, name } => self.open(cid, minor, name),
            Request::Echo => self.backlog.reply(|out| {
                header.encode(out);
                out.extend_from_slice(payload);
            }),
            Request::EventAdd {
                sid,
                subscription,
                data_type,
                count,
                mask,
            } => {
                self.subscribe(
                    header,
                    ChannelId(sid),
                    subscription,
                    (data_type, count),
                    mask,
                );
            }
            Request::EventCancel {
                sid, subscription, ..
            } => {
                self.unsubscribe(header, ChannelId(sid), subscription);
            }
            Request::EventsOff => self.backlog.hold(),
            Request::EventsOn => self.backlog.release(&self.limits),
            Request::HostName { name } => self.identify(header, None, Some(name)),
            Request::Read {
                sid,
                ioid,
                data_type,
                count,
                notify,
            } => {
                let channel = ChannelId(sid);
                let Some(dbr) = Dbr::from_code(data_type) else {
                    if !notify {
                        self.refuse(header, Eca::BADTYPE);
                    }
                    self.closed = true;
                    return true;
                };
                self.begin_read(
                    header,
                    Read {
                        channel,
                        dbr,
                        count,
                        ioid,
                        notify,
                    },
                );
            }
            Request::ReadSync => {
                self.backlog.reply(|out| {
                    confirmation(header).encode(out);
                });
            }
            Request::Search {
                cid,
                wants_refusal,
                name,
                ..
            } => {
                let &Header {
                    data_type, count, ..
                } = header;
                let search = Search {
                    cid,
                    wants_refusal,
                    data_type,
                    count,
                };
                self.demands.push_back(Demand::Search {
                    search,
                    // As in the C server, which looks at filters when the channel is opened.
                    name: filter::split(&text(name)).0.to_owned(),
                });
            }
            Request::Version {
                minor, priority, ..
            } => {
                self.speak(minor);
                self.closed |= minor < OLDEST || priority > HIGHEST_PRIORITY;
            }
            Request::Write {
                sid, ioid, notify, ..
            } => {
                let write = Write {
                    channel: ChannelId(sid),
                    notify,
                    ioid,
                    data_type: header.data_type,
                    count: header.count,
                    payload: header.payload,
                    serial: self.next_write,
                };
                return self.begin_write(header, write, payload);
            }
        }
        true
    }

    /// The peer speaks this minor version.
    fn speak(&mut self, minor: u32) {
        self.minor = minor;
        if minor < EXTENDED {
            let payload = &mut self.limits.payload;
            *payload = LONGEST_WITHOUT_EXTENSION.min(*payload);
        }
    }

    fn identify(&mut self, header: &Header, user: Option<&[u8]>, host: Option<&[u8]>) {
        let what = if user.is_some() { "user" } else { "host" };
        if !self.channels.is_empty() {
            let text = format!(
                "attempts to use protocol to set {what} name after creating first channel \
                 ignored by server"
            );
            self.complain(header, Eca::INTERNAL, &text);
            return;
        }
        let size = user.or(host).map_or(0, <[u8]>::len);
        if size > LONGEST_NAME || size >= header.payload as usize {
            let text = format!("a very long {what} name was specified");
            self.complain(header, Eca::INTERNAL, &text);
            self.closed = true;
            return;
        }
        if let Some(user) = user {
            self.user = Text::from_bytes(user);
        }
        if let Some(host) = host {
            self.host = Text::from_bytes(host);
        }
        let (user, host) = (self.user.clone(), self.host.clone());
        self.demands.push_back(Demand::Identify { user, host });
    }

    fn open(&mut self, cid: u32, minor: u32, name: &[u8]) {
        self.speak(minor);
        if minor < OLDEST {
            self.closed = true;
            return;
        }
        let id = ChannelId(self.next_channel);
        self.next_channel = self.next_channel.wrapping_add(1);
        let name = text(name);
        let (field, modifiers) = filter::split(&name);
        let Some(modifiers) = Modifiers::parse(modifiers) else {
            self.say(Reply::CreateFailed { cid });
            return;
        };
        let mut asked = field.to_owned();
        if modifiers.long_string {
            asked.push('$');
        }
        if modifiers.long_string || !modifiers.filters.is_empty() {
            let Modifiers {
                filters,
                long_string,
            } = modifiers;
            let filtered = Filtered {
                filters,
                long_string,
                count: 0,
            };
            self.dated |= filtered.filters.wants_date();
            self.filtered.insert(id, filtered);
        }
        let channel = Channel {
            cid,
            name: name.as_str().into(),
            access: None,
            busy: None,
            stalled: false,
            monitors: Vec::new(),
        };
        self.channels.insert(id, channel);
        self.demands.push_back(Demand::Open {
            channel: id,
            name: asked,
        });
    }

    fn begin_read(&mut self, header: &Header, read: Read) {
        let Some(access) = self.access(read.channel) else {
            self.bad_channel(header);
            return;
        };
        if !access.contains(Access::READ) {
            if read.notify {
                self.read(read, Err(Eca::NORDACCESS));
            } else {
                self.refuse(header, Eca::NORDACCESS);
            }
            return;
        }
        match read.dbr {
            Dbr::Value(..) | Dbr::ClassName | Dbr::StsackString => {
                self.demands.push_back(Demand::Read { read });
            }
            Dbr::PutAckt | Dbr::PutAcks if !read.notify => self.refuse(header, Eca::GETFAIL),
            Dbr::PutAckt | Dbr::PutAcks => self.read(read, Err(Eca::GETFAIL)),
        }
    }

    /// `false` if the put must wait for another on its channel.
    fn begin_write(&mut self, header: &Header, write: Write, payload: &[u8]) -> bool {
        let Some(access) = self.access(write.channel) else {
            self.bad_channel(header);
            return true;
        };
        let writable = access.contains(Access::WRITE);
        let Some(dbr) = Dbr::from_code(write.data_type) else {
            if write.notify || writable {
                self.refuse_write(header, write, Eca::BADTYPE);
                self.closed = true;
            } else {
                self.deny(header, write, None, payload);
            }
            return true;
        };
        if !writable {
            self.deny(header, write, Some(dbr), payload);
            return true;
        }
        if write.notify
            && let Some(wait) = self.limits.put_wait
            && self.is_busy(write.channel)
        {
            let until = self.now + wait;
            self.stall = Some(Stall {
                channel: write.channel,
                until,
            });
            return false;
        }
        let demand = match (dbr, payload) {
            // Of a value with what its form adds, the value counts, unless somebody waits for it.
            (Dbr::Value(form, kind), _)
                if form == Form::Plain
                    || !write.notify && dbr != Dbr::Value(Form::Time, ValueKind::String) =>
            {
                let elements = payload.get(dbr.layout().0..).unwrap_or_default();
                match dbr::value(kind, write.count as usize, elements) {
                    Ok(value) => Demand::Write { write, value },
                    Err(_) => {
                        self.refuse_write(header, write, Eca::BADCOUNT);
                        return true;
                    }
                }
            }
            (Dbr::PutAckt, [high, low, ..]) => Demand::AcknowledgeTransient {
                write,
                required: u16::from_be_bytes([*high, *low]) != 0,
            },
            (Dbr::PutAcks, [high, low, ..]) => Demand::AcknowledgeSeverity {
                write,
                severity: u16::from_be_bytes([*high, *low]),
            },
            _ => {
                self.refuse_write(header, write, Eca::PUTFAIL);
                return true;
            }
        };
        self.next_write += 1;
        if write.notify
            && let Some(channel) = self.channels.get_mut(&write.channel)
        {
            channel.busy = Some(write);
        }
        self.demands.push_back(demand);
        true
    }

    /// Says that the peer may not write this.
    fn deny(&mut self, header: &Header, write: Write, dbr: Option<Dbr>, payload: &[u8]) {
        self.refuse_write(header, write, Eca::NOWTACCESS);
        let (field, value) = match (dbr, payload) {
            (Some(dbr @ Dbr::Value(_, kind)), _) => {
                let elements = payload.get(dbr.layout().0..).unwrap_or_default();
                (None, dbr::value(kind, write.count as usize, elements).ok())
            }
            (Some(dbr @ (Dbr::PutAckt | Dbr::PutAcks)), [high, low, ..]) => {
                let field = if dbr == Dbr::PutAckt { "ACKT" } else { "ACKS" };
                let value = Value::Enum(u16::from_be_bytes([*high, *low]));
                (Some(field), Some(value))
            }
            _ => (None, None),
        };
        let value = value.unwrap_or_else(|| Value::Array(Array::empty(ValueKind::Double)));
        self.demands.push_back(Demand::Denied {
            write,
            field,
            value,
        });
    }

    fn refuse_write(&mut self, header: &Header, write: Write, status: Eca) {
        if write.notify {
            self.answer_write(write, status);
        } else {
            self.refuse(header, status);
        }
    }

    fn subscribe(
        &mut self,
        header: &Header,
        channel: ChannelId,
        subscription: u32,
        (data_type, count): (u16, u32),
        mask: u16,
    ) {
        let Some(dbr) = Dbr::from_code(data_type) else {
            self.closed = true;
            return;
        };
        let Some(access) = self.access(channel) else {
            self.bad_channel(header);
            return;
        };
        let mask = Mask::from_bits_truncate(mask);
        let Some(subscribed) = self.channels.get_mut(&channel) else {
            return;
        };
        if mask.is_empty() {
            let text = format!(
                "subscription install into record {} failed",
                super::record(&subscribed.name)
            );
            self.complain(header, Eca::ALLOCMEM, &text);
            self.closed = true;
            return;
        }
        let id = SubscriptionId(self.next_subscription);
        self.next_subscription = self.next_subscription.wrapping_add(1);
        subscribed.monitors.push((subscription, id));
        let readable = access.contains(Access::READ);
        let (cid, name) = (subscribed.cid, subscribed.name.clone());
        let wish = Wish {
            channel,
            cid,
            name,
            subscription,
            dbr,
            count,
            mask,
        };
        let monitor = Monitor::new(wish, readable);
        self.backlog.insert(id, monitor);
        self.demands.push_back(Demand::Subscribe {
            channel,
            subscription: id,
            mask,
        });
    }

    fn unsubscribe(&mut self, header: &Header, channel: ChannelId, subscription: u32) {
        let Some(subscribed) = self.channels.get_mut(&channel) else {
            self.bad_channel(header);
            return;
        };
        let monitors = &mut subscribed.monitors;
        let Some(at) = monitors
            .iter()
            .position(|(theirs, _)| *theirs == subscription)
        else {
            self.refuse(header, Eca::BADMONID);
            self.closed = true;
            return;
        };
        let (_, id) = monitors.remove(at);
        if let Some(Monitor { wish, .. }) = self.backlog.remove(id) {
            // The status field carries the channel, and nothing follows it.
            self.say(Reply::Event {
                subscription,
                status: Eca::from_code(wish.channel.0),
                data_type: wish.dbr.code(),
                count: wish.count,
                payload: &[],
            });
        }
        self.demands
            .push_back(Demand::Unsubscribe { subscription: id });
    }

    /// What the peer may do with a channel, if it is open.
    fn access(&self, channel: ChannelId) -> Option<Access> {
        self.channels.get(&channel)?.access
    }

    fn is_busy(&self, channel: ChannelId) -> bool {
        self.channels
            .get(&channel)
            .is_some_and(|channel| channel.busy.is_some())
    }

    fn bad_channel(&mut self, header: &Header) {
        self.complain(header, Eca::INTERNAL, "Bad Resource ID");
        self.closed = true;
    }

    /// Says that a request failed, naming the channel if it is on one.
    pub(super) fn complain(&mut self, header: &Header, status: Eca, text: &str) {
        let cid = match header.command {
            command::EVENT_ADD
            | command::EVENT_CANCEL
            | command::READ
            | command::READ_NOTIFY
            | command::WRITE
            | command::WRITE_NOTIFY => self
                .channels
                .get(&ChannelId(header.p1))
                .map_or(NOBODY, |channel| channel.cid),
            command::SEARCH => header.p1,
            _ => NOBODY,
        };
        let text = &text.as_bytes()[..text.len().min(511)];
        self.say(Reply::Error {
            cid,
            status,
            request: *header,
            text,
        });
    }
}

impl Read {
    /// The request, as exceptions quote it.
    pub(super) const fn header(&self) -> Header {
        Header {
            command: if self.notify {
                command::READ_NOTIFY
            } else {
                command::READ
            },
            payload: 0,
            data_type: self.dbr.code(),
            count: self.count,
            p1: self.channel.0,
            p2: self.ioid,
        }
    }
}

impl Write {
    /// The request, as exceptions quote it.
    pub(super) const fn header(&self) -> Header {
        Header {
            command: if self.notify {
                command::WRITE_NOTIFY
            } else {
                command::WRITE
            },
            payload: self.payload,
            data_type: self.data_type,
            count: self.count,
            p1: self.channel.0,
            p2: self.ioid,
        }
    }
}

/// A request as it is sent back to say that it was done.
const fn confirmation(request: &Header) -> Header {
    Header {
        payload: 0,
        ..*request
    }
}

/// A name as the server looks it up.
fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// The first minor version that knows extended headers.
pub(super) const EXTENDED: u32 = 9;
/// The oldest minor version that is served, as in EPICS base.
const OLDEST: u32 = 4;
/// The highest priority that the protocol knows.
const HIGHEST_PRIORITY: u16 = 99;
/// Bytes of the longest user or host name.
const LONGEST_NAME: usize = 511;
/// The channel number of an exception that is on no channel.
const NOBODY: u32 = u32::MAX;
