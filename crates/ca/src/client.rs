//! A minimal client half, for tests and benchmarks.
//!
//! [`Client`] builds requests and tells what replies mean. It keeps no state but its counters and
//! what has not been sent or understood yet: what a channel's number is, its user remembers.

use beamtwin_pv::{Metadata, Sample, Text, Value};
use bytes::BytesMut;

use crate::circuit::{Access, Mask};
use crate::dbr::{self, Dbr, Form};
use crate::header::Header;
use crate::message::{Malformed, Reply, Request};
use crate::status::Eca;

/// The client half of a circuit.
#[derive(Debug)]
pub struct Client {
    out: BytesMut,
    input: BytesMut,
    next: u32,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// What may be done with a channel.
    Access {
        /// The client's number of the channel.
        cid: u32,
        /// What may be done.
        access: Access,
    },
    /// A subscription has ended.
    Cancelled {
        /// The client's number of the subscription.
        subscription: u32,
    },
    /// A channel is forgotten.
    Cleared {
        /// The client's number of the channel.
        cid: u32,
    },
    /// The server took a channel away.
    Disconnected {
        /// The client's number of the channel.
        cid: u32,
    },
    /// As asked.
    Echo,
    /// A request failed that has no reply of its own.
    Error {
        /// The client's number of the channel, all ones for none.
        cid: u32,
        /// What is wrong.
        status: Eca,
        /// What the server says about it.
        text: Text,
    },
    /// A value for a subscription.
    Event {
        /// The client's number of the subscription.
        subscription: u32,
        /// Whether it could be had.
        status: Eca,
        /// The value, with what its form adds.
        sample: Sample,
        /// What `GR` and `CTRL` tell.
        metadata: Metadata,
    },
    /// A name is served.
    Found {
        /// The client's number of the search.
        cid: u32,
        /// The TCP port.
        port: u16,
    },
    /// There is no such channel.
    NotFound {
        /// The client's number of the channel.
        cid: u32,
    },
    /// A channel is open.
    Opened {
        /// The client's number of the channel.
        cid: u32,
        /// The server's number of the channel.
        sid: u32,
        /// Its native type.
        dbr: Option<Dbr>,
        /// Its native number of elements.
        count: u32,
    },
    /// The answer to a read.
    Read {
        /// The client's number of the read.
        ioid: u32,
        /// Whether it could be had.
        status: Eca,
        /// The value, with what its form adds.
        sample: Sample,
        /// What `GR` and `CTRL` tell.
        metadata: Metadata,
    },
    /// The minor version of the server.
    Version {
        /// It.
        minor: u32,
    },
    /// The answer to a write.
    Written {
        /// The client's number of the write.
        ioid: u32,
        /// What became of it.
        status: Eca,
    },
}

impl Default for Client {
    fn default() -> Self {
        Self::new("user", "workstation")
    }
}

impl Client {
    /// Introduces itself.
    #[must_use]
    pub fn new(user: &str, host: &str) -> Self {
        let mut client = Self {
            out: BytesMut::new(),
            input: BytesMut::new(),
            next: 1,
        };
        client.say(Request::Version {
            minor: crate::MINOR.into(),
            priority: 0,
            sequence: 0,
        });
        client.say(Request::ClientName {
            name: user.as_bytes(),
        });
        client.say(Request::HostName {
            name: host.as_bytes(),
        });
        client
    }

    /// Asks for a channel; gives the client's number of it.
    pub fn open(&mut self, name: &str) -> u32 {
        let cid = self.number();
        let minor = crate::MINOR.into();
        self.say(Request::CreateChan {
            cid,
            minor,
            name: name.as_bytes(),
        });
        cid
    }

    /// Forgets a channel.
    pub fn clear(&mut self, sid: u32, cid: u32) {
        self.say(Request::ClearChannel { sid, cid });
    }

    /// Reads; a `count` of 0 asks for as many elements as there are. Gives the number of the read.
    pub fn read(&mut self, sid: u32, dbr: Dbr, count: u32) -> u32 {
        let ioid = self.number();
        self.say(Request::Read {
            sid,
            ioid,
            data_type: dbr.code(),
            count,
            notify: true,
        });
        ioid
    }

    /// Writes, and asks to hear of completion if `notify`. Gives the number of the write.
    pub fn write(&mut self, sid: u32, value: &Value, notify: bool) -> u32 {
        let ioid = self.number();
        let mut payload = BytesMut::new();
        let sample = Sample {
            value: value.clone(),
            alarm: beamtwin_pv::Alarm::NONE,
            stamp: beamtwin_pv::Timestamp::UNDEFINED,
        };
        let (kind, count) = (value.kind(), value.count());
        // Nothing converts, so nothing fails.
        let _ = dbr::encode(
            Form::Plain,
            kind,
            count,
            &sample,
            &Metadata::default(),
            &mut payload,
        );
        self.say(Request::Write {
            sid,
            ioid,
            data_type: kind as u16,
            count: crate::message::bytes_u32(count),
            notify,
            payload: &payload,
        });
        ioid
    }

    /// Subscribes; gives the client's number of the subscription.
    pub fn subscribe(&mut self, sid: u32, dbr: Dbr, count: u32, mask: Mask) -> u32 {
        let subscription = self.number();
        let (data_type, mask) = (dbr.code(), mask.bits());
        self.say(Request::EventAdd {
            sid,
            subscription,
            data_type,
            count,
            mask,
        });
        subscription
    }

    /// Ends a subscription.
    pub fn cancel(&mut self, sid: u32, subscription: u32) {
        self.say(Request::EventCancel {
            sid,
            subscription,
            data_type: 0,
            count: 0,
        });
    }

    /// Asks who has a name, over TCP.
    pub fn search(&mut self, name: &str, wants_refusal: bool) -> u32 {
        let cid = self.number();
        let minor = crate::MINOR.into();
        self.say(Request::Search {
            cid,
            minor,
            wants_refusal,
            name: name.as_bytes(),
        });
        cid
    }

    /// Asks for a sign of life.
    pub fn echo(&mut self) {
        self.say(Request::Echo);
    }

    /// Tells the server to keep events back, or to let them flow.
    pub fn events(&mut self, on: bool) {
        self.say(if on {
            Request::EventsOn
        } else {
            Request::EventsOff
        });
    }

    /// Says anything.
    pub fn say(&mut self, request: Request<'_>) {
        request.encode(&mut self.out);
    }

    /// Moves bytes to be sent to the end of `out`.
    pub fn transmit(&mut self, out: &mut BytesMut) {
        out.unsplit(self.out.split());
    }

    /// Takes bytes of the stream, split anywhere.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    /// The next thing that the server said.
    pub fn poll(&mut self) -> Result<Option<Heard>, Malformed> {
        let Some((header, head)) = Header::decode(&self.input) else {
            return Ok(None);
        };
        let size = head + header.payload as usize;
        if self.input.len() < size {
            return Ok(None);
        }
        let message = self.input.split_to(size);
        let reply = Reply::decode(&header, &message[head..])?;
        heard(&header, reply).map(Some)
    }

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        number
    }
}

fn heard(header: &Header, reply: Reply<'_>) -> Result<Heard, Malformed> {
    let value = |data_type, count: u32, payload: &[u8]| {
        let short = Malformed::Short(header.command);
        match Dbr::from_code(data_type) {
            Some(Dbr::Value(form, kind)) => {
                dbr::decode(form, kind, count as usize, payload).map_err(|_| short)
            }
            _ => Err(short),
        }
    };
    Ok(match reply {
        Reply::AccessRights { cid, access } => Heard::Access {
            cid,
            access: Access::from_bits_truncate(access),
        },
        Reply::ClearChannel { cid, .. } => Heard::Cleared { cid },
        Reply::CreateChan {
            cid,
            sid,
            data_type,
            count,
        } => Heard::Opened {
            cid,
            sid,
            dbr: Dbr::from_code(data_type),
            count,
        },
        Reply::CreateFailed { cid } | Reply::NotFound { cid, .. } => Heard::NotFound { cid },
        Reply::Echo => Heard::Echo,
        Reply::Error {
            cid, status, text, ..
        } => Heard::Error {
            cid,
            status,
            text: Text::from_bytes(text),
        },
        Reply::Event {
            subscription,
            payload: [],
            ..
        } => Heard::Cancelled { subscription },
        Reply::Event {
            subscription,
            status,
            data_type,
            count,
            payload,
        } => {
            let decoded = value(data_type, count, payload)?;
            let dbr::Decoded { sample, metadata } = decoded;
            Heard::Event {
                subscription,
                status,
                sample,
                metadata,
            }
        }
        Reply::Read {
            ioid,
            status,
            data_type,
            count,
            payload,
        } => {
            let dbr::Decoded { sample, metadata } = value(data_type, count, payload)?;
            Heard::Read {
                ioid,
                status,
                sample,
                metadata,
            }
        }
        Reply::ReadPlain {
            ioid,
            data_type,
            count,
            payload,
            ..
        } => {
            let dbr::Decoded { sample, metadata } = value(data_type, count, payload)?;
            Heard::Read {
                ioid,
                status: Eca::NORMAL,
                sample,
                metadata,
            }
        }
        Reply::Search { cid, port, .. } => Heard::Found { cid, port },
        Reply::ServerDisconnect { cid } => Heard::Disconnected { cid },
        Reply::Version { minor } => Heard::Version { minor },
        Reply::Write { ioid, status, .. } => Heard::Written { ioid, status },
    })
}
