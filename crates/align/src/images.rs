//! How many images what was asked for has made.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Role, Time, Trace, What};

/// How many images each put has made: posts on a channel of its own device whose role is `frame`, later than the
/// put; of several such channels, of the one with most. None where the trace knows no causes.
pub(crate) fn of(trace: &Trace) -> Option<BTreeMap<u64, usize>> {
    let device = |pv: u32| trace.channel(pv).and_then(|it| it.device.as_deref());
    let frames = trace
        .dictionary
        .values()
        .filter(|it| it.role == Role::Frame);
    let detectors: BTreeSet<&str> = frames.filter_map(|it| it.device.as_deref()).collect();
    let mut asked: BTreeMap<u64, (Time, u32)> = BTreeMap::new();
    let mut counted: BTreeMap<(u64, u32), usize> = BTreeMap::new();
    let mut tells = false;
    for fact in &trace.facts {
        match &fact.what {
            What::Put(put) if device(put.pv).is_some_and(|it| detectors.contains(it)) => {
                asked.insert(fact.n, (fact.t, put.pv));
            }
            What::Post(post) => {
                let Some(by) = post.by else { continue };
                tells = true;
                let is_frame = |pv: u32| trace.channel(pv).is_some_and(|it| it.role == Role::Frame);
                let made =
                    |&(start, pv): &(Time, u32)| fact.t > start && device(pv) == device(post.pv);
                if is_frame(post.pv) && asked.get(&by).is_some_and(made) {
                    *counted.entry((by, post.pv)).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    let mut made: BTreeMap<u64, usize> = BTreeMap::new();
    for ((put, _), count) in counted {
        let most = made.entry(put).or_default();
        *most = count.max(*most);
    }
    tells.then_some(made)
}
