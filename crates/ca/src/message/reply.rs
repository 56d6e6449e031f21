//! What a server says.

use bytes::{BufMut, BytesMut};

use super::{Malformed, bytes_u32, carrying, terminated};
use crate::header::{Header, command, padded};
use crate::status::Eca;

/// What a server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are named as in the protocol")]
pub enum Reply<'a> {
    /// What the client may do with a channel.
    AccessRights { cid: u32, access: u32 },
    /// A channel is forgotten.
    ClearChannel { sid: u32, cid: u32 },
    /// A channel is open.
    CreateChan {
        cid: u32,
        sid: u32,
        data_type: u16,
        count: u32,
    },
    /// There is no such channel.
    CreateFailed { cid: u32 },
    /// As asked.
    Echo,
    /// A request failed that has no reply of its own.
    Error {
        cid: u32,
        status: Eca,
        request: Header,
        text: &'a [u8],
    },
    /// A value for a subscription; without payload it ends one, and `status` is a channel's number.
    Event {
        subscription: u32,
        status: Eca,
        data_type: u16,
        count: u32,
        payload: &'a [u8],
    },
    /// The name is not here.
    NotFound {
        cid: u32,
        data_type: u16,
        count: u32,
    },
    /// The answer to a `READ_NOTIFY`.
    Read {
        ioid: u32,
        status: Eca,
        data_type: u16,
        count: u32,
        payload: &'a [u8],
    },
    /// The answer to a deprecated `READ`.
    ReadPlain {
        cid: u32,
        ioid: u32,
        data_type: u16,
        count: u32,
        payload: &'a [u8],
    },
    /// The name is served at a TCP port, by the host that sent this if `address` is all ones.
    Search { cid: u32, port: u16, address: u32 },
    /// The server took a channel away.
    ServerDisconnect { cid: u32 },
    /// The minor version.
    Version { minor: u32 },
    /// The answer to a `WRITE_NOTIFY`.
    Write {
        ioid: u32,
        status: Eca,
        data_type: u16,
        count: u32,
    },
}

impl<'a> Reply<'a> {
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
            command::ACCESS_RIGHTS => Self::AccessRights {
                cid: p1,
                access: p2,
            },
            command::CLEAR_CHANNEL => Self::ClearChannel { sid: p1, cid: p2 },
            command::CREATE_CHAN => Self::CreateChan {
                cid: p1,
                sid: p2,
                data_type,
                count,
            },
            command::CREATE_CH_FAIL => Self::CreateFailed { cid: p1 },
            command::ECHO | command::READ_SYNC => Self::Echo,
            command::ERROR => {
                let (request, size) =
                    Header::decode(payload).ok_or(Malformed::Short(header.command))?;
                let text = terminated(&payload[size..]);
                Self::Error {
                    cid: p1,
                    status: Eca::from_code(p2),
                    request,
                    text,
                }
            }
            command::EVENT_ADD => Self::Event {
                subscription: p2,
                status: Eca::from_code(p1),
                data_type,
                count,
                payload,
            },
            command::NOT_FOUND => Self::NotFound {
                cid: p2,
                data_type,
                count,
            },
            command::READ => Self::ReadPlain {
                cid: p1,
                ioid: p2,
                data_type,
                count,
                payload,
            },
            command::READ_NOTIFY => Self::Read {
                ioid: p2,
                status: Eca::from_code(p1),
                data_type,
                count,
                payload,
            },
            command::SEARCH => Self::Search {
                cid: p2,
                port: data_type,
                address: p1,
            },
            command::SERVER_DISCONN => Self::ServerDisconnect { cid: p1 },
            command::VERSION => Self::Version { minor: count },
            command::WRITE_NOTIFY => Self::Write {
                ioid: p2,
                status: Eca::from_code(p1),
                data_type,
                count,
            },
            other => return Err(Malformed::UnknownCommand(other)),
        })
    }

    /// Appends the message, as it goes over TCP.
    pub fn encode(&self, out: &mut BytesMut) {
        self.encode_for(true, out);
    }

    /// The same for a peer that may not know extended headers: an error quotes its request in one that it knows.
    pub(crate) fn encode_for(&self, extended: bool, out: &mut BytesMut) {
        let header = |command, data_type, count, p1, p2| Header {
            command,
            payload: 0,
            data_type,
            count,
            p1,
            p2,
        };
        match *self {
            Self::AccessRights { cid, access } => {
                header(command::ACCESS_RIGHTS, 0, 0, cid, access).encode(out);
            }
            Self::ClearChannel { sid, cid } => {
                header(command::CLEAR_CHANNEL, 0, 0, sid, cid).encode(out);
            }
            Self::CreateChan {
                cid,
                sid,
                data_type,
                count,
            } => {
                header(command::CREATE_CHAN, data_type, count, cid, sid).encode(out);
            }
            Self::CreateFailed { cid } => {
                header(command::CREATE_CH_FAIL, 0, 0, cid, 0).encode(out);
            }
            Self::Echo => header(command::ECHO, 0, 0, 0, 0).encode(out),
            Self::Error {
                cid,
                status,
                request,
                text,
            } => {
                let extended = extended && request.is_extended();
                let quoted = if extended {
                    Header::LONG
                } else {
                    Header::SHORT
                };
                let size = padded(quoted + text.len() + 1);
                let header = header(command::ERROR, 0, 0, cid, status.code());
                Header {
                    payload: bytes_u32(size),
                    ..header
                }
                .encode(out);
                request.encode_as(extended, out);
                out.put_slice(text);
                out.put_bytes(0, size - quoted - text.len());
            }
            Self::Event {
                subscription,
                status,
                data_type,
                count,
                payload,
            } => {
                let header = header(
                    command::EVENT_ADD,
                    data_type,
                    count,
                    status.code(),
                    subscription,
                );
                carrying(header, payload, out);
            }
            Self::NotFound {
                cid,
                data_type,
                count,
            } => {
                header(command::NOT_FOUND, data_type, count, cid, cid).encode(out);
            }
            Self::Read {
                ioid,
                status,
                data_type,
                count,
                payload,
            } => {
                let header = header(command::READ_NOTIFY, data_type, count, status.code(), ioid);
                carrying(header, payload, out);
            }
            Self::ReadPlain {
                cid,
                ioid,
                data_type,
                count,
                payload,
            } => {
                carrying(
                    header(command::READ, data_type, count, cid, ioid),
                    payload,
                    out,
                );
            }
            Self::Search { cid, port, address } => {
                header(command::SEARCH, port, 0, address, cid).encode(out);
            }
            Self::ServerDisconnect { cid } => {
                header(command::SERVER_DISCONN, 0, 0, cid, 0).encode(out);
            }
            Self::Version { minor } => header(command::VERSION, 0, minor, 0, 0).encode(out),
            Self::Write {
                ioid,
                status,
                data_type,
                count,
            } => {
                header(command::WRITE_NOTIFY, data_type, count, status.code(), ioid).encode(out);
            }
        }
    }
}
