//! What a client says.

use bytes::{Buf, BufMut, BytesMut};

use super::{Malformed, carrying, named, terminated};
use crate::header::{Header, command};

/// What a client says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are named as in the protocol")]
pub enum Request<'a> {
    /// Forget a channel.
    ClearChannel { sid: u32, cid: u32 },
    /// The login name of the user.
    ClientName { name: &'a [u8] },
    /// Open a channel.
    CreateChan {
        cid: u32,
        minor: u32,
        name: &'a [u8],
    },
    /// Say the same.
    Echo,
    /// Subscribe.
    EventAdd {
        sid: u32,
        subscription: u32,
        data_type: u16,
        count: u32,
        mask: u16,
    },
    /// End a subscription.
    EventCancel {
        sid: u32,
        subscription: u32,
        data_type: u16,
        count: u32,
    },
    /// Keep events back.
    EventsOff,
    /// Let events flow.
    EventsOn,
    /// The name of the client's machine.
    HostName { name: &'a [u8] },
    /// Read without an explicit status (deprecated, 3) or with one (`notify`, 15).
    Read {
        sid: u32,
        ioid: u32,
        data_type: u16,
        count: u32,
        notify: bool,
    },
    /// Say the same, for clients older than `Echo`.
    ReadSync,
    /// Who has this name?
    Search {
        cid: u32,
        minor: u32,
        wants_refusal: bool,
        name: &'a [u8],
    },
    /// The minor version, with a priority on TCP, or a sequence number on UDP.
    Version {
        minor: u32,
        priority: u16,
        sequence: u32,
    },
    /// Write, with a reply on completion if `notify`.
    Write {
        sid: u32,
        ioid: u32,
        data_type: u16,
        count: u32,
        notify: bool,
        payload: &'a [u8],
    },
}

impl<'a> Request<'a> {
    /// Reads a message.
    pub fn decode(header: &Header, payload: &'a [u8]) -> Result<Self, Malformed> {
        let &Header {
            data_type,
            count,
            p1,
            p2,
            ..
        } = header;
        Ok(match header.command {
            command::CLEAR_CHANNEL => Self::ClearChannel { sid: p1, cid: p2 },
            command::CLIENT_NAME => Self::ClientName {
                name: terminated(payload),
            },
            command::CREATE_CHAN => Self::CreateChan {
                cid: p1,
                minor: p2,
                name: terminated(payload),
            },
            command::ECHO => Self::Echo,
            command::EVENT_ADD => {
                // Three floats that nobody uses, then the mask.
                let mut mask = payload
                    .get(12..14)
                    .ok_or(Malformed::Short(header.command))?;
                let mask = mask.get_u16();
                Self::EventAdd {
                    sid: p1,
                    subscription: p2,
                    data_type,
                    count,
                    mask,
                }
            }
            command::EVENT_CANCEL => Self::EventCancel {
                sid: p1,
                subscription: p2,
                data_type,
                count,
            },
            command::EVENTS_OFF => Self::EventsOff,
            command::EVENTS_ON => Self::EventsOn,
            command::HOST_NAME => Self::HostName {
                name: terminated(payload),
            },
            command::READ => Self::Read {
                sid: p1,
                ioid: p2,
                data_type,
                count,
                notify: false,
            },
            command::READ_NOTIFY => Self::Read {
                sid: p1,
                ioid: p2,
                data_type,
                count,
                notify: true,
            },
            command::READ_SYNC => Self::ReadSync,
            command::SEARCH => Self::Search {
                cid: p2,
                minor: count,
                wants_refusal: data_type == DO_REPLY,
                name: terminated(payload),
            },
            command::VERSION => Self::Version {
                minor: count,
                priority: data_type,
                sequence: p1,
            },
            command::WRITE => Self::Write {
                sid: p1,
                ioid: p2,
                data_type,
                count,
                notify: false,
                payload,
            },
            command::WRITE_NOTIFY => Self::Write {
                sid: p1,
                ioid: p2,
                data_type,
                count,
                notify: true,
                payload,
            },
            other => return Err(Malformed::UnknownCommand(other)),
        })
    }

    /// Appends the message.
    pub fn encode(&self, out: &mut BytesMut) {
        let header = |command, data_type, count, p1, p2| Header {
            command,
            payload: 0,
            data_type,
            count,
            p1,
            p2,
        };
        match *self {
            Self::ClearChannel { sid, cid } => {
                header(command::CLEAR_CHANNEL, 0, 0, sid, cid).encode(out);
            }
            Self::ClientName { name } => {
                named(header(command::CLIENT_NAME, 0, 0, 0, 0), name, out);
            }
            Self::CreateChan { cid, minor, name } => {
                named(header(command::CREATE_CHAN, 0, 0, cid, minor), name, out);
            }
            Self::Echo => header(command::ECHO, 0, 0, 0, 0).encode(out),
            Self::EventAdd {
                sid,
                subscription,
                data_type,
                count,
                mask,
            } => {
                let header = header(command::EVENT_ADD, data_type, count, sid, subscription);
                Header {
                    payload: 16,
                    ..header
                }
                .encode(out);
                out.put_bytes(0, 12);
                out.put_u16(mask);
                out.put_u16(0);
            }
            Self::EventCancel {
                sid,
                subscription,
                data_type,
                count,
            } => {
                header(command::EVENT_CANCEL, data_type, count, sid, subscription).encode(out);
            }
            Self::EventsOff => header(command::EVENTS_OFF, 0, 0, 0, 0).encode(out),
            Self::EventsOn => header(command::EVENTS_ON, 0, 0, 0, 0).encode(out),
            Self::HostName { name } => named(header(command::HOST_NAME, 0, 0, 0, 0), name, out),
            Self::Read {
                sid,
                ioid,
                data_type,
                count,
                notify,
            } => {
                let command = if notify {
                    command::READ_NOTIFY
                } else {
                    command::READ
                };
                header(command, data_type, count, sid, ioid).encode(out);
            }
            Self::ReadSync => header(command::READ_SYNC, 0, 0, 0, 0).encode(out),
            Self::Search {
                cid,
                minor,
                wants_refusal,
                name,
            } => {
                let data_type = if wants_refusal { DO_REPLY } else { DONT_REPLY };
                named(
                    header(command::SEARCH, data_type, minor, cid, cid),
                    name,
                    out,
                );
            }
            Self::Version {
                minor,
                priority,
                sequence,
            } => {
                header(command::VERSION, priority, minor, sequence, 0).encode(out);
            }
            Self::Write {
                sid,
                ioid,
                data_type,
                count,
                notify,
                payload,
            } => {
                let command = if notify {
                    command::WRITE_NOTIFY
                } else {
                    command::WRITE
                };
                carrying(header(command, data_type, count, sid, ioid), payload, out);
            }
        }
    }
}

/// A search that wants to hear of a miss; hardly any client does.
const DO_REPLY: u16 = 10;
/// A search that does not.
const DONT_REPLY: u16 = 5;
