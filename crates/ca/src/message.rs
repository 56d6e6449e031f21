//! What peers say to each other: one variant per command and direction.

mod reply;
mod request;

use bytes::{BufMut, BytesMut};
use thiserror::Error;

pub use reply::Reply;
pub use request::Request;

use crate::header::{Header, padded};

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
mod tests;
