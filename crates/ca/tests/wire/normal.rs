//! Makes equal what may differ between a C server and ours.

use std::ops::Range;

use beamtwin_ca::dbr::{Dbr, Form, element};
use beamtwin_ca::header::{Header, command};
use beamtwin_pv::ValueKind;

/// A message of the server with its pads cleared.
pub(crate) fn normal(bytes: &[u8]) -> Vec<u8> {
    let (header, head) = Header::decode(bytes).unwrap();
    let mut bytes = bytes.to_vec();
    let payload = &mut bytes[head..];
    match header.command {
        command::EVENT_ADD | command::READ_NOTIFY if !payload.is_empty() => {
            let dbr = Dbr::from_code(header.data_type).unwrap();
            clear(dbr, header.count as usize, payload);
        }
        command::ERROR => {
            // The C server adds where in its source it complains.
            let text = &payload[Header::SHORT..];
            if text.starts_with(BAD_RESOURCE) {
                let end = Header::SHORT + BAD_RESOURCE.len();
                bytes.truncate(head + end);
                bytes[2..4].fill(0);
            }
        }
        _ => {}
    }
    bytes
}

const BAD_RESOURCE: &[u8] = b"Bad Resource ID";

fn clear(dbr: Dbr, count: usize, payload: &mut [u8]) {
    let (offset, size) = dbr.layout();
    if let Dbr::Value(form, kind) = dbr {
        if let Some(pad) = pad(form, kind) {
            payload[pad].fill(0);
        }
        if matches!(form, Form::Graphic | Form::Control) {
            match kind {
                ValueKind::Enum => {
                    for label in payload[6..422].chunks_mut(26) {
                        terminate(label);
                    }
                }
                ValueKind::Double | ValueKind::Float => terminate(&mut payload[8..16]),
                ValueKind::Char | ValueKind::Long | ValueKind::Short => {
                    terminate(&mut payload[4..12]);
                }
                ValueKind::String => {}
            }
        }
    }
    if size == element(ValueKind::String) {
        let end = (offset + count * size).min(payload.len());
        for text in payload[offset..end].chunks_mut(size) {
            terminate(text);
        }
    }
    let end = (offset + count * size).min(payload.len());
    payload[end..].fill(0);
}

/// The pad before the value, or between the precision and the units.
fn pad(form: Form, kind: ValueKind) -> Option<Range<usize>> {
    match (form, kind) {
        (Form::Status, ValueKind::Char) => Some(4..5),
        (Form::Status, ValueKind::Double) => Some(4..8),
        (Form::Time, ValueKind::Enum | ValueKind::Short) => Some(12..14),
        (Form::Time, ValueKind::Char) => Some(12..15),
        (Form::Time, ValueKind::Double) => Some(12..16),
        (Form::Graphic, ValueKind::Char) => Some(18..19),
        (Form::Control, ValueKind::Char) => Some(20..21),
        (Form::Graphic | Form::Control, ValueKind::Double | ValueKind::Float) => Some(6..8),
        _ => None,
    }
}

/// Clears what follows the first zero.
fn terminate(text: &mut [u8]) {
    if let Some(end) = text.iter().position(|&c| c == 0) {
        text[end..].fill(0);
    }
}
