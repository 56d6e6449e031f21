//! Replies that carry samples, encoded in place.

use beamtwin_pv::{Array, Metadata, Sample, Value};
use bytes::{BufMut, BytesMut};

use super::Read;
use super::monitors::Monitor;
use crate::dbr::{self, Acknowledgement, Dbr, Elements};
use crate::header::{Header, command, padded};
use crate::limits::{LONGEST_WITHOUT_EXTENSION, Limits};
use crate::message::{Reply, bytes_u32};
use crate::status::Eca;

/// Why a sample was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Appends the answer to a `READ_NOTIFY`; a failure sends zeros with its status. Gives what is to follow.
pub(super) fn read_notify(
    read: &Read,
    answer: Result<(&Sample, &Metadata), Eca>,
    limits: &Limits,
    out: &mut BytesMut,
) -> Result<Option<Elements>, TooLarge> {
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

/// Appends an event; a failure sends zeros with its status. Gives what is to follow.
pub(super) fn event(
    monitor: &Monitor,
    post: &Sample,
    metadata: &Metadata,
    limits: &Limits,
    out: &mut BytesMut,
) -> Option<Elements> {
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
    sample(header, wish.dbr, answer, limits, out).unwrap_or_else(|TooLarge| {
        let request = Header {
            p1: wish.channel.0,
            payload: 16,
            ..header
        };
        too_large(wish.cid, request, super::record(&wish.name), limits, out);
        None
    })
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
    let extended = limits.payload != LONGEST_WITHOUT_EXTENSION;
    let status = if extended {
        Eca::TOLARGE
    } else {
        Eca::ARRAYCLIENT16K
    };
    let text = text.as_bytes();
    Reply::Error {
        cid,
        status,
        request,
        text,
    }
    .encode_for(extended, out);
}

fn sample(
    header: Header,
    dbr: Dbr,
    answer: Result<(&Sample, &Metadata), Eca>,
    limits: &Limits,
    out: &mut BytesMut,
) -> Result<Option<Elements>, TooLarge> {
    let asked = header.count;
    let count = match answer {
        Ok((sample, _)) if asked == 0 && matches!(dbr, Dbr::Value(..)) => {
            bytes_u32(sample.value.count())
        }
        Ok(_) => asked.max(1),
        Err(_) => asked,
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
    if let (Dbr::Value(form, kind), Ok((sample, metadata))) = (dbr, answer)
        && let Some(elements) = Elements::of(dbr, count as usize, size, &sample.value)
    {
        header.encode(out);
        dbr::head(form, kind, sample, metadata, out);
        return Ok(Some(elements));
    }
    let start = out.len();
    let encoded = answer.and_then(|told| {
        header.encode(out);
        payload(dbr, count, told, out)
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
    Ok(None)
}

/// Appends the answer to a deprecated `READ`: scalar text no longer than it must be.
pub(super) fn read_plain(
    read: &Read,
    cid: u32,
    answer: (&Sample, &Metadata),
    limits: &Limits,
    out: &mut BytesMut,
) -> Result<(), Eca> {
    if padded(read.dbr.size(read.count as usize)) > limits.payload {
        return Err(Eca::TOLARGE);
    }
    let mut told = BytesMut::new();
    let (sample, metadata) = answer;
    // Of no elements all that is said of them can be read.
    let none = match read.dbr {
        Dbr::Value(_, kind) if read.count == 0 => Some(Sample {
            value: Value::Array(Array::empty(kind)),
            ..sample.clone()
        }),
        _ => None,
    };
    let sample = none.as_ref().unwrap_or(sample);
    payload(read.dbr, read.count, (sample, metadata), &mut told)?;
    if read.dbr.code() == 0 && read.count == 1 {
        let text = told.iter().position(|&c| c == 0).unwrap_or(told.len());
        told.truncate(padded(text + 1));
    }
    Header {
        command: command::READ,
        data_type: read.dbr.code(),
        count: read.count,
        p1: cid,
        p2: read.ioid,
        payload: bytes_u32(told.len()),
    }
    .encode(out);
    out.extend_from_slice(&told);
    Ok(())
}

/// Appends what a type tells of a sample, as so many elements; one without a form tells one, and zeros follow it.
fn payload(
    dbr: Dbr,
    count: u32,
    (sample, metadata): (&Sample, &Metadata),
    out: &mut BytesMut,
) -> Result<(), Eca> {
    let count = count as usize;
    let end = out.len() + padded(dbr.size(count));
    let told = match dbr {
        Dbr::Value(form, kind) => dbr::encode(form, kind, count, sample, metadata, out),
        Dbr::StsackString => {
            let ack = Acknowledgement {
                transient: metadata.transient,
                severity: metadata.unacknowledged,
            };
            dbr::encode_stsack(sample, metadata, ack, out)
        }
        Dbr::ClassName => {
            dbr::encode_class_name(metadata.class, out);
            Ok(())
        }
        Dbr::PutAckt | Dbr::PutAcks => return Err(Eca::GETFAIL),
    };
    told.map_err(|_| Eca::GETFAIL)?;
    out.resize(end, 0);
    Ok(())
}
