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
    entries: Numbered<PvId, Entries>,
    subscribed: u64,
}

/// The subscriptions of one PV, by their numbers, among places of some that have ended.
#[derive(Default)]
struct Entries {
    all: Vec<Entry>,
    ended: usize,
}

struct Entry {
    id: u64,
    subscription: u32,
    mask: Mask,
    /// Nobody any more if the subscription has ended.
    listener: Option<Rc<dyn Listener>>,
}

impl Entries {
    const fn len(&self) -> usize {
        self.all.len() - self.ended
    }

    /// Ends a subscription. Its place is kept until half of all have ended, so that many that end together cost
    /// no more than each by itself.
    fn end(&mut self, id: u64) {
        let Ok(at) = self.all.binary_search_by_key(&id, |entry| entry.id) else {
            return;
        };
        if self.all[at].listener.take().is_some() {
            self.ended += 1;
        }
        if 2 * self.ended > self.all.len() {
            self.all.retain(|entry| entry.listener.is_some());
            self.ended = 0;
        }
    }
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
            listener: Some(listener),
        };
        self.entries.entry(pv).or_default().all.push(entry);
        Subscribed { pv, id }
    }

    pub(super) fn unsubscribe(&mut self, Subscribed { pv, id }: Subscribed) {
        if let Some(entries) = self.entries.get_mut(&pv) {
            entries.end(id);
            if entries.len() == 0 {
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
        let Some(entries) = self.entries.get(&pv) else {
            return;
        };
        let concerned = entries.all.iter();
        let mut concerned = concerned
            .filter(|entry| entry.mask.intersects(mask))
            .filter_map(|entry| Some((entry, entry.listener.as_ref()?)));
        let Some(first) = concerned.next() else {
            return;
        };
        let (sample, now) = what();
        for (entry, listener) in std::iter::once(first).chain(concerned) {
            let update = Update {
                sample: &sample,
                metadata,
                mask: entry.mask & mask,
                now,
            };
            listener.post(entry.subscription, update);
        }
    }

    /// Whether anybody has subscribed to a channel.
    pub(super) fn has(&self, pv: PvId) -> bool {
        self.entries.contains_key(&pv)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.values().map(Entries::len).sum()
    }
}
