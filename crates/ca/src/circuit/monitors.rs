//! What waits to be sent to one peer: replies in order, and events that squash.
//!
//! A monitor's events queue once the peer falls behind, a few per monitor; then each new one
//! replaces the last (pvxs calls it squashing). What is sent keeps the order in which it was given:
//! a reply never overtakes an event that was posted before it, so whoever waits for a put to
//! complete has seen what the put changed. `EVENTS_OFF` takes events out of that order and keeps
//! the latest of each monitor.

use std::collections::VecDeque;
use std::sync::Arc;

use beamtwin_pv::{Metadata, Numbered, Sample};
use bytes::BytesMut;

use super::{ChannelId, Mask, SubscriptionId, reply};
use crate::dbr::{Dbr, Elements};
use crate::limits::Limits;

/// What an `EVENT_ADD` asked for.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) channel: ChannelId,
    /// The peer's number of the channel.
    pub(super) cid: u32,
    pub(super) name: Arc<str>,
    /// The peer's number of the monitor.
    pub(super) subscription: u32,
    pub(super) dbr: Dbr,
    pub(super) count: u32,
    pub(super) mask: Mask,
}

/// One monitor.
#[derive(Debug)]
pub(super) struct Monitor {
    pub(super) wish: Wish,
    readable: bool,
    /// Whether the peer was told that it may not read.
    denied: bool,
    waiting: VecDeque<(Sample, Metadata)>,
    held: Option<Box<(Sample, Metadata)>>,
}

impl Monitor {
    pub(super) const fn new(wish: Wish, readable: bool) -> Self {
        Self {
            wish,
            readable,
            denied: false,
            waiting: VecDeque::new(),
            held: None,
        }
    }

    pub(super) const fn is_readable(&self) -> bool {
        self.readable
    }

    /// Access has changed: the peer is to be told again.
    pub(super) const fn set_readable(&mut self, readable: bool) {
        self.readable = readable;
        self.denied = false;
    }

    /// Bytes that a waiting event will take, roughly.
    fn weight(&self, sample: &Sample) -> usize {
        let count = match self.wish.count {
            0 => sample.value.count(),
            count => count as usize,
        };
        self.wish.dbr.size(count)
    }

    /// Whether an event that comes to `weight` bytes of others would replace another one.
    fn is_full(&self, weight: usize, limits: &Limits) -> bool {
        let most = limits.events_per_monitor.max(1);
        self.waiting.len() >= if weight < limits.event_bytes { most } else { 1 }
    }
}

/// Something that waits for its turn.
#[derive(Debug)]
enum Item {
    /// So many bytes of `Backlog::replies`.
    Replies(usize),
    /// The oldest waiting event of a monitor; nothing if it is gone.
    Event(SubscriptionId),
    /// The rest of a message whose beginning stands before it.
    Rest(Elements),
}

/// All that waits for one peer.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Bytes that are next.
    ready: BytesMut,
    /// What comes after those.
    order: VecDeque<Item>,
    /// Replies that stand behind events.
    replies: BytesMut,
    monitors: Numbered<SubscriptionId, Monitor>,
    /// Monitors that hold an event back since `EVENTS_OFF`, in the order they began to.
    holding: Vec<SubscriptionId>,
    off: bool,
    /// Bytes of messages that have begun, not yet encoded.
    rest: usize,
    /// Bytes of events not yet encoded, estimated.
    weight: usize,
    squashed: u64,
}

impl Backlog {
    /// Appends a reply.
    pub(super) fn reply(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        if self.order.is_empty() {
            encode(&mut self.ready);
            return;
        }
        let before = self.replies.len();
        encode(&mut self.replies);
        let added = self.replies.len() - before;
        if let Some(Item::Replies(size)) = self.order.back_mut() {
            *size += added;
        } else {
            self.order.push_back(Item::Replies(added));
        }
    }

    /// Appends the rest of a message, to be encoded when there is room.
    pub(super) fn follow(&mut self, rest: Option<Elements>) {
        if let Some(rest) = rest {
            self.rest += rest.len();
            self.order.push_back(Item::Rest(rest));
        }
    }

    /// Appends an event, or lets it wait.
    pub(super) fn post(
        &mut self,
        id: SubscriptionId,
        sample: &Sample,
        metadata: &Metadata,
        limits: &Limits,
    ) {
        let Some(monitor) = self.monitors.get_mut(&id) else {
            return;
        };
        // Who may not read hears of it once.
        if !monitor.readable && std::mem::replace(&mut monitor.denied, true) {
            return;
        }
        self.queue(id, sample, metadata, limits);
    }

    fn queue(&mut self, id: SubscriptionId, sample: &Sample, metadata: &Metadata, limits: &Limits) {
        let Some(monitor) = self.monitors.get_mut(&id) else {
            return;
        };
        if self.off {
            let held = Box::new((sample.clone(), metadata.clone()));
            if monitor.held.replace(held).is_some() {
                self.squashed += 1;
            } else {
                self.holding.push(id);
                self.forget_gone();
            }
        } else if self.order.is_empty()
            && self.ready.len() + monitor.weight(sample) < limits.event_backlog
        {
            let rest = reply::event(monitor, sample, metadata, limits, &mut self.ready);
            self.follow(rest);
        } else {
            self.wait(id, sample.clone(), metadata.clone(), limits);
        }
    }

    fn wait(&mut self, id: SubscriptionId, sample: Sample, metadata: Metadata, limits: &Limits) {
        let Some(monitor) = self.monitors.get_mut(&id) else {
            return;
        };
        if monitor.is_full(self.weight, limits)
            && let Some(last) = monitor.waiting.pop_back()
        {
            self.weight -= monitor.weight(&last.0);
            self.squashed += 1;
        } else {
            self.order.push_back(Item::Event(id));
        }
        self.weight += monitor.weight(&sample);
        monitor.waiting.push_back((sample, metadata));
    }

    /// Moves what is next to the end of `out`, about `limits.event_backlog` bytes; of large arrays a piece.
    pub(super) fn transmit(&mut self, limits: &Limits, out: &mut BytesMut) {
        let before = out.len();
        if out.is_empty() && self.ready.len() > LARGE {
            std::mem::swap(out, &mut self.ready);
        } else {
            out.extend_from_slice(&self.ready);
            self.ready.clear();
        }
        while out.len() - before < limits.event_backlog.max(1) {
            match self.order.pop_front() {
                None => break,
                Some(Item::Replies(size)) => out.unsplit(self.replies.split_to(size)),
                Some(Item::Event(id)) => {
                    if let Some(monitor) = self.monitors.get_mut(&id)
                        && let Some((sample, metadata)) = monitor.waiting.pop_front()
                    {
                        self.weight -= monitor.weight(&sample);
                        if let Some(rest) = reply::event(monitor, &sample, &metadata, limits, out) {
                            self.rest += rest.len();
                            self.order.push_front(Item::Rest(rest));
                        }
                    }
                }
                Some(Item::Rest(mut rest)) => {
                    self.rest -= rest.len();
                    if rest.encode(out) {
                        self.rest += rest.len();
                        self.order.push_front(Item::Rest(rest));
                    }
                }
            }
        }
    }

    /// Whether the next event of a monitor would replace another.
    pub(super) fn is_full(&self, id: SubscriptionId, limits: &Limits) -> bool {
        // Most of the time nothing waits.
        !self.order.is_empty()
            && self
                .monitors
                .get(&id)
                .is_some_and(|monitor| monitor.is_full(self.weight, limits))
    }

    /// Whether so little waits that events are encoded at once.
    pub(super) fn has_room(&self, limits: &Limits) -> bool {
        self.order.is_empty() && self.ready.len() < limits.event_backlog
    }

    /// `EVENTS_OFF`.
    pub(super) fn hold(&mut self) {
        self.off = true;
    }

    /// `EVENTS_ON`: what was held back goes on its way.
    pub(super) fn release(&mut self, limits: &Limits) {
        self.off = false;
        for id in std::mem::take(&mut self.holding) {
            let held = self
                .monitors
                .get_mut(&id)
                .and_then(|monitor| monitor.held.take());
            if let Some(held) = held {
                let (sample, metadata) = *held;
                self.queue(id, &sample, &metadata, limits);
            }
        }
    }

    /// Takes monitors that are gone off the list of those that hold, once they may be most of it.
    fn forget_gone(&mut self) {
        if self.holding.len() > 2 * self.monitors.len() {
            self.holding.retain(|id| self.monitors.contains_key(id));
        }
    }

    /// Bytes that wait, events estimated.
    pub(super) fn len(&self) -> usize {
        self.replies() + self.weight
    }

    /// Bytes of replies that wait, and of messages that have begun.
    pub(super) fn replies(&self) -> usize {
        self.ready.len() + self.replies.len() + self.rest
    }

    pub(super) const fn squashed(&self) -> u64 {
        self.squashed
    }

    pub(super) fn monitors(&self) -> usize {
        self.monitors.len()
    }

    /// What a monitor asked for.
    pub(super) fn wish(&self, id: SubscriptionId) -> Option<&Wish> {
        self.monitors.get(&id).map(|monitor| &monitor.wish)
    }

    pub(super) fn monitor(&mut self, id: SubscriptionId) -> Option<&mut Monitor> {
        self.monitors.get_mut(&id)
    }

    pub(super) fn insert(&mut self, id: SubscriptionId, monitor: Monitor) {
        self.monitors.insert(id, monitor);
    }

    /// Forgets a monitor with all that waits for it.
    pub(super) fn remove(&mut self, id: SubscriptionId) -> Option<Monitor> {
        let monitor = self.monitors.remove(&id)?;
        let waiting = monitor
            .waiting
            .iter()
            .map(|(sample, _)| monitor.weight(sample));
        self.weight -= waiting.sum::<usize>();
        Some(monitor)
    }
}

/// Bytes above which a buffer is handed over instead of copied.
const LARGE: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use beamtwin_pv::{Alarm, Timestamp, Value, ValueKind};

    use super::*;
    use crate::dbr::Form;

    #[test]
    fn monitors_that_come_and_go_while_events_are_off_leave_nothing_behind() {
        let (limits, metadata) = (Limits::default(), Metadata::default());
        let sample = Sample {
            value: Value::Double(1.0),
            alarm: Alarm::NONE,
            stamp: Timestamp::UNDEFINED,
        };
        let mut backlog = Backlog::default();
        backlog.hold();
        for id in (0..10_000).map(SubscriptionId) {
            let wish = Wish {
                channel: ChannelId(0),
                cid: 0,
                name: "x".into(),
                subscription: id.0,
                dbr: Dbr::Value(Form::Plain, ValueKind::Double),
                count: 1,
                mask: Mask::VALUE,
            };
            backlog.insert(id, Monitor::new(wish, true));
            backlog.post(id, &sample, &metadata, &limits);
            if id.0 >= 3 {
                backlog.remove(id);
            }
            assert!(backlog.holding.len() <= 8, "{}", backlog.holding.len());
        }
        backlog.release(&limits);
        assert_eq!(
            backlog.len(),
            3 * (16 + 8),
            "the events of those that stayed"
        );
    }
}
