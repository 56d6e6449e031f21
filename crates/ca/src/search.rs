//! UDP name requests in, replies out.

use bytes::{BufMut, BytesMut};

use crate::filter::split;
use crate::header::{Header, command};
use crate::message::{Reply, Request};

/// Answers searches: pure but for its counters.
#[derive(Clone, Debug)]
pub struct Responder {
    port: u16,
    counts: Counts,
}

/// What came in over UDP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams received.
    pub datagrams: u64,
    /// Datagrams that were not, or not wholly, Channel Access.
    pub malformed: u64,
    /// Names asked for and known.
    pub hits: u64,
    /// Names asked for and not known.
    pub misses: u64,
}

impl Responder {
    /// Sends clients to this TCP port of ours.
    #[must_use]
    pub fn new(port: u16) -> Self {
        Self {
            port,
            counts: Counts::default(),
        }
    }

    /// Reads one datagram and appends the datagram that answers it to `out`, which stays as it is
    /// if there is nothing to say.
    ///
    /// `knows` tells whether a field can be opened at once; filters are looked at when that is done, as in the C server. A burst of names in one datagram is
    /// answered in one: a reply is never longer than its request. Nobody hears of a miss, whatever
    /// its reply flag says; and names without a version before them are not looked at.
    pub fn receive(
        &mut self,
        datagram: &[u8],
        mut knows: impl FnMut(&str) -> bool,
        out: &mut BytesMut,
    ) {
        self.counts.datagrams += 1;
        let start = out.len();
        let mut spoken = None;
        let mut rest = datagram;
        while !rest.is_empty() {
            let Some((request, size)) = first(rest) else {
                self.counts.malformed += 1;
                return;
            };
            rest = &rest[size..];
            match request {
                Request::Version {
                    minor, sequence, ..
                } if minor >= OLDEST => {
                    spoken = Some((minor, sequence));
                }
                Request::Search {
                    cid, minor, name, ..
                } if minor >= OLDEST => {
                    let Some((minor, sequence)) = spoken else {
                        return;
                    };
                    let known = std::str::from_utf8(name).is_ok_and(|name| knows(split(name).0));
                    if !known {
                        self.counts.misses += 1;
                        continue;
                    }
                    self.counts.hits += 1;
                    if out.len() == start && minor >= NUMBERED {
                        version(sequence, out);
                    }
                    self.answer(cid, out);
                }
                // The C server looks no further, either.
                _ => return,
            }
        }
    }

    /// What came in so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// A hit: our port, "the address this came from", and our minor version.
    fn answer(&self, cid: u32, out: &mut BytesMut) {
        let at = out.len();
        Reply::Search {
            cid,
            port: self.port,
            address: u32::MAX,
        }
        .encode(out);
        // Over UDP the reply has a payload.
        out[at + 3] = 8;
        out.put_u16(crate::MINOR);
        out.put_bytes(0, 6);
    }
}

fn version(sequence: u32, out: &mut BytesMut) {
    Header {
        command: command::VERSION,
        data_type: SEQUENCE_IS_VALID,
        count: crate::MINOR.into(),
        p1: sequence,
        ..Header::default()
    }
    .encode(out);
}

/// The first message of a datagram and its size.
fn first(datagram: &[u8]) -> Option<(Request<'_>, usize)> {
    let (header, head) = Header::decode(datagram)?;
    let size = head.checked_add(header.payload as usize)?;
    let payload = datagram.get(head..size)?;
    if !payload.len().is_multiple_of(8) {
        return None;
    }
    Some((Request::decode(&header, payload).ok()?, size))
}

/// The flag that says that a version carries a sequence number.
const SEQUENCE_IS_VALID: u16 = 1;
/// The oldest minor version that is answered.
const OLDEST: u32 = 4;
/// The first minor version whose datagrams carry a sequence number.
const NUMBERED: u32 = 11;
