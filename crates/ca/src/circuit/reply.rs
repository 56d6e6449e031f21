//! Replies that carry samples, encoded in place.

use beamtwin_pv::{Array, Metadata, Sample, Value};
use bytes::{BufMut, BytesMut};

use super::Read;
use super::monitors::Monitor;
use crate::dbr::{self, Dbr};
use crate::header::{Header, command, padded};
use crate::limits::{LONGEST_WITHOUT_EXTENSION, Limits};
use crate::message::{Reply, bytes_u32};
use crate::status::Eca;

/// Why a sample was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Appends the answer to a `READ_NOTIFY`; a failure sends zeros with its status.
pub(super) fn read_notify(
    read: &Read,
    answer: Result<(&Sample, &Metadata), Eca>,
    limits: &Limits,
    out: &mut BytesMut,
) -> Result<(), TooLarge> {
    let header = Header {
        command: command::READ_NOTIFY,
        data_type: read.dbr.code(),
        count: read.count,
        p1: Eca::NORMAL.code(),
        p2: read.ioid,
        payload: 0,
    };
    sample(header, read.dbr, answer, limits, out)
}

/// Appends an event; a failure sends zeros with its status.
pub(super) fn event(
    monitor: &Monitor,
    post: &Sample,
    metadata: &Metadata,
    limits: &Limits,
    out: &mut BytesMut,
) {
    let wish = &monitor.wish;
    let header = Header {
        command: command::EVENT_ADD,
        data_type: wish.dbr.code(),
        count: wish.count,
        p1: Eca::NORMAL.code(),
        p2: wish.subscription,
        payload: 0,
    };
    let answer = if monitor.is_readable() {
        Ok((post, metadata))
    } else {
        Err(Eca::NORDACCESS)
    };
    if sample(header, wish.dbr, answer, limits, out).is_err() {
        let request = Header {
            p1: wish.channel.0,
            payload: 16,
            ..header
        };
        too_large(wish.cid, request, super::record(&wish.name), limits, out);
    }
}

/// Appends what is said instead of a value that is larger than it may be.
pub(super) fn too_large(
    cid: u32,
    request: Header,
    name: &str,
    limits: &Limits,
    out: &mut BytesMut,
) {
    let text = format!(
        "server unable to load read (or subscription update) response into protocol buffer \
         PV=\"{name}\" max bytes={}",
        limits.payload
    );
    let status = if limits.payload == LONGEST_WITHOUT_EXTENSION {
        Eca::ARRAYCLIENT16K
    } else {
        Eca::TOLARGE
    };
    let text = text.as_bytes();
    Reply::Error {
        cid,
        status,
        request,
        text,
    }
    .encode(out);
}

fn sample(
    header: Header,
    dbr: Dbr,
    answer: Result<(&Sample, &Metadata), Eca>,
    limits: &Limits,
    out: &mut BytesMut,
) -> Result<(), TooLarge> {
    let asked = header.count;
    let count = match answer {
        Ok((sample, _)) if header.count == 0 => bytes_u32(sample.value.count()),
        _ => header.count,
    };
    let size = padded(dbr.size(count as usize));
    if size > limits.payload {
        return Err(TooLarge);
    }
    let header = Header {
        payload: bytes_u32(size),
        count,
        ..header
    };
    let start = out.len();
    let encoded = answer.and_then(|(sample, metadata)| {
        let Dbr::Value(form, kind) = dbr else {
            return Err(Eca::GETFAIL);
        };
        header.encode(out);
        dbr::encode(form, kind, count as usize, sample, metadata, out).map_err(|_| Eca::GETFAIL)
    });
    if let Err(status) = encoded {
        // Who asked for as many as there are gets none, who asked for a number gets zeros.
        let size = padded(dbr.size(asked as usize));
        out.truncate(start);
        Header {
            p1: status.code(),
            count: asked,
            payload: bytes_u32(size),
            ..header
        }
        .encode(out);
        out.put_bytes(0, size);
    }
    Ok(())
}

/// Appends the answer to a deprecated `READ`: scalar text no longer than it must be.
pub(super) fn read_plain(
    read: &Read,
    cid: u32,
    answer: (&Sample, &Metadata),
    limits: &Limits,
    out: &mut BytesMut,
) -> Result<(), Eca> {
    let Dbr::Value(form, kind) = read.dbr else {
        return Err(Eca::GETFAIL);
    };
    if padded(read.dbr.size(read.count as usize)) > limits.payload {
        return Err(Eca::TOLARGE);
    }
    let mut payload = BytesMut::new();
    let (sample, metadata) = answer;
    let count = read.count as usize;
    // Of no elements all that is said of them can be read.
    let none = (count == 0).then(|| Sample {
        value: Value::Array(Array::empty(kind)),
        ..sample.clone()
    });
    let sample = none.as_ref().unwrap_or(sample);
    dbr::encode(form, kind, count, sample, metadata, &mut payload).map_err(|_| Eca::GETFAIL)?;
    if read.dbr.code() == 0 && read.count == 1 {
        let text = payload
            .iter()
            .position(|&c| c == 0)
            .unwrap_or(payload.len());
        payload.truncate(padded(text + 1));
    }
    Header {
        command: command::READ,
        data_type: read.dbr.code(),
        count: read.count,
        p1: cid,
        p2: read.ioid,
        payload: bytes_u32(payload.len()),
    }
    .encode(out);
    out.extend_from_slice(&payload);
    Ok(())
}

/// Appends the answer to a read of a type that has no form: one element, and zeros if more were asked for.
pub(super) fn special(
    read: &Read,
    cid: u32,
    limits: &Limits,
    out: &mut BytesMut,
    encode: impl FnOnce(&mut BytesMut) -> Result<(), Eca>,
) -> Result<(), Eca> {
    let size = |count| padded(read.dbr.size(count as usize));
    let header = |count, status: Eca| Header {
        payload: bytes_u32(size(count)),
        count,
        p1: if read.notify { status.code() } else { cid },
        ..read.header()
    };
    let count = if read.notify {
        read.count.max(1)
    } else {
        read.count
    };
    if size(count) > limits.payload {
        return Err(Eca::TOLARGE);
    }
    let start = out.len();
    header(count, Eca::NORMAL).encode(out);
    let body = out.len();
    let mut end = body + size(count);
    if let Err(status) = encode(out) {
        out.truncate(start);
        if !read.notify {
            return Err(status);
        }
        header(read.count, status).encode(out);
        end = out.len() + size(read.count);
    }
    out.resize(end, 0);
    Ok(())
}
