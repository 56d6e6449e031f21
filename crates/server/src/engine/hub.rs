//! Who hears of which change.

use std::cell::OnceCell;
use std::rc::Rc;

use beamtwin_pv::{Metadata, Numbered, Sample, Timestamp};
use beamtwin_sim::{Mask, PvId, Reason, World};

/// Somebody who hears of changes.
///
/// It is called while the engine is busy: it takes note, wakes whoever is concerned, and does not act on
/// the engine itself.
pub trait Listener {
    /// A value was committed that the subscription is for.
    fn post(&self, subscription: u32, update: Update<'_>);
    /// A put that was asked for has ended.
    fn ended(&self, ticket: Ticket, outcome: Outcome);
    /// Something else goes wrong on purpose than before.
    fn faulted(&self) {}
}

/// What a subscription is told.
#[derive(Clone, Copy)]
pub struct Update<'a> {
    /// The value, with its alarm and time stamp.
    pub sample: &'a Sample,
    /// Units, precision, limits and labels.
    pub metadata: &'a Described<'a>,
    /// What changed, of what the subscription asked for.
    pub mask: Mask,
    /// The date of the change, which need not be that of the record.
    pub now: Timestamp,
}

/// What there is to know about a value, gathered when somebody asks.
pub struct Described<'a> {
    world: &'a World,
    pv: PvId,
    metadata: OnceCell<Metadata>,
}

impl<'a> Described<'a> {
    pub(super) const fn of(world: &'a World, pv: PvId) -> Self {
        Self {
            world,
            pv,
            metadata: OnceCell::new(),
        }
    }

    /// Units, precision, limits and labels.
    #[must_use]
    pub fn get(&self) -> &Metadata {
        self.metadata.get_or_init(|| self.world.metadata(self.pv))
    }
}

/// What a client calls its put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What became of a put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was refused.
    Refused(Reason, String),
}

/// A subscription, to be given back to end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribed {
    pv: PvId,
    id: u64,
}

impl Subscribed {
    /// What it is a subscription of.
    #[must_use]
    pub const fn pv(self) -> PvId {
        self.pv
    }
}

/// All subscriptions.
#[derive(Default)]
pub(super) struct Hub {
    /// Looked up by what was committed; iterated only within one PV, in the order of subscription.
    entries: Numbered<PvId, Vec<Entry>>,
    subscribed: u64,
}

struct Entry {
    id: u64,
    subscription: u32,
    mask: Mask,
    listener: Rc<dyn Listener>,
}

impl Hub {
    pub(super) fn subscribe(
        &mut self,
        pv: PvId,
        mask: Mask,
        listener: Rc<dyn Listener>,
        subscription: u32,
    ) -> Subscribed {
        self.subscribed += 1;
        let id = self.subscribed;
        let entry = Entry {
            id,
            subscription,
            mask,
            listener,
        };
        self.entries.entry(pv).or_default().push(entry);
        Subscribed { pv, id }
    }

    pub(super) fn unsubscribe(&mut self, Subscribed { pv, id }: Subscribed) {
        if let Some(entries) = self.entries.get_mut(&pv) {
            entries.retain(|entry| entry.id != id);
            if entries.is_empty() {
                self.entries.remove(&pv);
            }
        }
    }

    /// Tells those who subscribed; `what` is asked for only if there is anybody.
    pub(super) fn post(
        &self,
        pv: PvId,
        mask: Mask,
        metadata: &Described<'_>,
        what: impl FnOnce() -> (Sample, Timestamp),
    ) {
        let concerned = |entry: &&Entry| entry.mask.intersects(mask);
        let mut entries = self.entries.get(&pv).into_iter().flatten();
        let Some(first) = entries.find(concerned) else {
            return;
        };
        let (sample, now) = what();
        for entry in std::iter::once(first).chain(entries.filter(concerned)) {
            let update = Update {
                sample: &sample,
                metadata,
                mask: entry.mask & mask,
                now,
            };
            entry.listener.post(entry.subscription, update);
        }
    }

    /// Whether anybody has subscribed to a channel.
    pub(super) fn has(&self, pv: PvId) -> bool {
        self.entries.contains_key(&pv)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }
}
