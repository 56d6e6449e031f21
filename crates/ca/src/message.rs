//! What peers say to each other: one variant per command and direction.

use bytes::{Buf, BufMut, BytesMut};
use thiserror::Error;

use crate::header::{Header, command, padded};
use crate::status::Eca;

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

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// Nobody says this.
    #[error("command {0:#x} does not exist")]
    UnknownCommand(u16),
    /// The payload lacks what the command needs.
    #[error("the payload of command {0:#x} is too short")]
    Short(u16),
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
                let quoted = if request.is_extended() {
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
                request.encode(out);
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

/// A search that wants to hear of a miss; hardly any client does.
const DO_REPLY: u16 = 10;
/// A search that does not.
const DONT_REPLY: u16 = 5;

/// Text up to its terminator.
fn terminated(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&c| c == 0).unwrap_or(bytes.len());
    &bytes[..end]
}

fn named(header: Header, name: &[u8], out: &mut BytesMut) {
    let size = padded(name.len() + 1);
    Header {
        payload: bytes_u32(size),
        ..header
    }
    .encode(out);
    out.put_slice(name);
    out.put_bytes(0, size - name.len());
}

fn carrying(header: Header, payload: &[u8], out: &mut BytesMut) {
    let size = padded(payload.len());
    Header {
        payload: bytes_u32(size),
        ..header
    }
    .encode(out);
    out.put_slice(payload);
    out.put_bytes(0, size - payload.len());
}

/// A size for a header; no payload comes near 4 GiB.
pub(crate) fn bytes_u32(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        vec(1_u8.., 0..80)
    }

    /// A payload of whole eights, as all are on the wire.
    fn payload() -> impl Strategy<Value = Vec<u8>> {
        (0_usize..10).prop_flat_map(|n| vec(any::<u8>(), n * 8))
    }

    fn requests<'a>(
        (a, b, c, d, e, flag): (u32, u32, u16, u32, u16, bool),
        text: &'a [u8],
        payload: &'a [u8],
    ) -> Vec<Request<'a>> {
        vec![
            Request::ClearChannel { sid: a, cid: b },
            Request::ClientName { name: text },
            Request::CreateChan {
                cid: a,
                minor: b,
                name: text,
            },
            Request::Echo,
            Request::EventAdd {
                sid: a,
                subscription: b,
                data_type: c,
                count: d,
                mask: e,
            },
            Request::EventCancel {
                sid: a,
                subscription: b,
                data_type: c,
                count: d,
            },
            Request::EventsOff,
            Request::EventsOn,
            Request::HostName { name: text },
            Request::Read {
                sid: a,
                ioid: b,
                data_type: c,
                count: d,
                notify: flag,
            },
            Request::ReadSync,
            Request::Search {
                cid: a,
                minor: b,
                wants_refusal: flag,
                name: text,
            },
            Request::Version {
                minor: a,
                priority: c,
                sequence: d,
            },
            Request::Write {
                sid: a,
                ioid: b,
                data_type: c,
                count: d,
                notify: flag,
                payload,
            },
        ]
    }

    fn replies<'a>(
        (a, b, c, d, e, _): (u32, u32, u16, u32, u16, bool),
        text: &'a [u8],
        payload: &'a [u8],
    ) -> Vec<Reply<'a>> {
        let status = Eca::from_code(b);
        let request = Header {
            command: e,
            payload: d,
            data_type: c,
            count: a,
            p1: d,
            p2: b,
        };
        vec![
            Reply::AccessRights { cid: a, access: b },
            Reply::ClearChannel { sid: a, cid: b },
            Reply::CreateChan {
                cid: a,
                sid: b,
                data_type: c,
                count: d,
            },
            Reply::CreateFailed { cid: a },
            Reply::Echo,
            Reply::Error {
                cid: a,
                status,
                request,
                text,
            },
            Reply::Event {
                subscription: a,
                status,
                data_type: c,
                count: d,
                payload,
            },
            Reply::NotFound {
                cid: a,
                data_type: c,
                count: d,
            },
            Reply::Read {
                ioid: a,
                status,
                data_type: c,
                count: d,
                payload,
            },
            Reply::ReadPlain {
                cid: a,
                ioid: b,
                data_type: c,
                count: d,
                payload,
            },
            Reply::Search {
                cid: a,
                port: c,
                address: b,
            },
            Reply::ServerDisconnect { cid: a },
            Reply::Version { minor: a },
            Reply::Write {
                ioid: a,
                status,
                data_type: c,
                count: d,
            },
        ]
    }

    proptest! {
        #[test]
        fn decoding_gives_back_what_was_encoded(
            numbers: (u32, u32, u16, u32, u16, bool), text in text(), payload in payload(),
        ) {
            let mut out = BytesMut::new();
            for request in requests(numbers, &text, &payload) {
                out.clear();
                request.encode(&mut out);
                let (header, size) = Header::decode(&out).unwrap();
                prop_assert_eq!(size + header.payload as usize, out.len());
                prop_assert_eq!(Request::decode(&header, &out[size..]), Ok(request));
            }
            for reply in replies(numbers, &text, &payload) {
                out.clear();
                reply.encode(&mut out);
                let (header, size) = Header::decode(&out).unwrap();
                prop_assert_eq!(size + header.payload as usize, out.len());
                prop_assert_eq!(Reply::decode(&header, &out[size..]), Ok(reply));
            }
        }

        #[test]
        fn any_bytes_decode_or_are_refused(command in 0_u16..40, bytes: Vec<u8>) {
            let header = Header { command, ..Header::default() };
            let _ = Request::decode(&header, &bytes);
            let _ = Reply::decode(&header, &bytes);
        }
    }
}
