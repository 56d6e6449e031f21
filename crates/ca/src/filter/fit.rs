//! What is left of an array in a reply.

use beamtwin_pv::{Array, ValueKind};

use crate::dbr::Dbr;

/// Cuts an array to what a client that wants so many elements gets, 0 for all there are, as `read_reply` of EPICS base does.
///
/// Of all there are no more are sent than the channel has without its filters.
pub(crate) fn fit(array: &mut Array, wanted: u32, count: u32) {
    if wanted == 0
        && array.len() > count as usize
        && let Some(cut) = Array::collect(array.kind(), array.iter().take(count as usize))
    {
        *array = cut;
    }
}

/// The same of a text as characters, as `dbGet` does: zeros fill its room; read as characters it ends with its terminator,
/// which is the last of those wanted at the latest.
pub(crate) fn fit_text(bytes: &[u8], dbr: Dbr, wanted: u32, room: usize) -> Array {
    let size = match wanted {
        0 => room,
        wanted => room.min(wanted as usize),
    };
    let byte = |at| bytes.get(at).copied().unwrap_or_default();
    let mut text: Vec<u8> = (0..size).map(byte).collect();
    if matches!(dbr, Dbr::Value(_, ValueKind::Char)) {
        if let Some(last) = text.last_mut() {
            *last = 0;
        }
        let end = text.iter().position(|&byte| byte == 0);
        text.truncate(end.map_or(0, |end| end + 1));
    }
    Array::Char(text.into())
}
