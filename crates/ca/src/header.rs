//! 16- and 24-byte headers.

use bytes::{Buf, BufMut, BytesMut};

/// What stands before each payload.
///
/// `p1` and `p2` mean something else in each command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// One of [`command`].
    pub command: u16,
    /// Bytes of payload that follow.
    pub payload: u32,
    /// A `DBR` type, usually.
    pub data_type: u16,
    /// A number of elements, usually.
    pub count: u32,
    /// First parameter.
    pub p1: u32,
    /// Second parameter.
    pub p2: u32,
}

/// The commands that exist.
#[expect(missing_docs, reason = "the names are those of the protocol")]
pub mod command {
    pub const VERSION: u16 = 0x00;
    pub const EVENT_ADD: u16 = 0x01;
    pub const EVENT_CANCEL: u16 = 0x02;
    pub const READ: u16 = 0x03;
    pub const WRITE: u16 = 0x04;
    pub const SEARCH: u16 = 0x06;
    pub const EVENTS_OFF: u16 = 0x08;
    pub const EVENTS_ON: u16 = 0x09;
    pub const READ_SYNC: u16 = 0x0a;
    pub const ERROR: u16 = 0x0b;
    pub const CLEAR_CHANNEL: u16 = 0x0c;
    pub const RSRV_IS_UP: u16 = 0x0d;
    pub const NOT_FOUND: u16 = 0x0e;
    pub const READ_NOTIFY: u16 = 0x0f;
    pub const REPEATER_CONFIRM: u16 = 0x11;
    pub const CREATE_CHAN: u16 = 0x12;
    pub const WRITE_NOTIFY: u16 = 0x13;
    pub const CLIENT_NAME: u16 = 0x14;
    pub const HOST_NAME: u16 = 0x15;
    pub const ACCESS_RIGHTS: u16 = 0x16;
    pub const ECHO: u16 = 0x17;
    pub const REPEATER_REGISTER: u16 = 0x18;
    pub const CREATE_CH_FAIL: u16 = 0x1a;
    pub const SERVER_DISCONN: u16 = 0x1b;
}

impl Header {
    /// Bytes of a header without extension.
    pub const SHORT: usize = 16;
    /// Bytes of a header with extension.
    pub const LONG: usize = 24;

    /// Reads a header and how many bytes it took; `None` if more bytes are needed.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut short = bytes.get(..Self::SHORT)?;
        let mut header = Self {
            command: short.get_u16(),
            payload: short.get_u16().into(),
            data_type: short.get_u16(),
            count: short.get_u16().into(),
            p1: short.get_u32(),
            p2: short.get_u32(),
        };
        if header.payload != EXTENDED {
            return Some((header, Self::SHORT));
        }
        let mut long = bytes.get(Self::SHORT..Self::LONG)?;
        header.payload = long.get_u32();
        header.count = long.get_u32();
        Some((header, Self::LONG))
    }

    /// Appends the header, extended if payload or count need it.
    pub fn encode(&self, out: &mut BytesMut) {
        self.encode_as(self.is_extended(), out);
    }

    /// Appends the header; without extension it has the low half of a payload or count that needs one, as in the C server.
    #[expect(clippy::cast_possible_truncation, reason = "meant where it happens")]
    pub(crate) fn encode_as(&self, extended: bool, out: &mut BytesMut) {
        out.put_u16(self.command);
        if extended {
            out.put_u16(0xffff);
            out.put_u16(self.data_type);
            out.put_u16(0);
        } else {
            out.put_u16(self.payload as u16);
            out.put_u16(self.data_type);
            out.put_u16(self.count as u16);
        }
        out.put_u32(self.p1);
        out.put_u32(self.p2);
        if extended {
            out.put_u32(self.payload);
            out.put_u32(self.count);
        }
    }

    /// Whether payload or count need the extension.
    #[must_use]
    pub const fn is_extended(&self) -> bool {
        self.payload >= EXTENDED || self.count >= EXTENDED
    }
}

/// The payload size that announces an extension.
const EXTENDED: u32 = 0xffff;

/// Rounds up to the eight bytes that all payloads are padded to.
#[must_use]
pub const fn padded(size: usize) -> usize {
    size.next_multiple_of(8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_large_count_extends_the_header() {
        // caget_large_array: READ_NOTIFY of 200000 elements.
        let header = Header {
            command: command::READ_NOTIFY,
            data_type: 20,
            count: 200_000,
            p1: 0x4c,
            p2: 1,
            payload: 0,
        };
        let mut out = BytesMut::new();
        header.encode(&mut out);
        assert_eq!(
            out[..],
            [
                0x00, 0x0f, 0xff, 0xff, 0x00, 0x14, 0x00, 0x00, 0, 0, 0, 0x4c, 0, 0, 0, 1, //
                0, 0, 0, 0, 0x00, 0x03, 0x0d, 0x40,
            ]
        );
    }

    proptest! {
        #[test]
        fn decoding_gives_back_what_was_encoded(
            command: u16, payload: u32, data_type: u16, count: u32, p1: u32, p2: u32,
        ) {
            let header = Header { command, payload, data_type, count, p1, p2 };
            let mut out = BytesMut::new();
            header.encode(&mut out);
            prop_assert_eq!(Header::decode(&out), Some((header, out.len())));
            for end in 0..out.len() {
                prop_assert_eq!(Header::decode(&out[..end]), None);
            }
        }
    }
}
