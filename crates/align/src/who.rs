//! Who asked.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::Trace;

use crate::sequence::Sequence;

/// The clients that asked for anything, by number, in words: as much as the trace tells, and of several their numbers.
pub(crate) fn asked(trace: &Trace, sequence: &Sequence<'_>) -> BTreeMap<u32, String> {
    let vain = sequence.vain.iter().map(|it| &it.asked);
    let steps = sequence.asked.iter().chain(vain);
    let clients: BTreeSet<u32> = steps.filter_map(|it| it.by).collect();
    let several = clients.len() > 1;
    let name = |number: u32| {
        let client = trace.clients.get(&number)?;
        let parts = [&client.user, &client.host];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join("@"))
    };
    let word = |number: u32| match name(number) {
        Some(name) if several => format!("{name} (client {number})"),
        Some(name) => name,
        None => format!("client {number}"),
    };
    clients.into_iter().map(|it| (it, word(it))).collect()
}
