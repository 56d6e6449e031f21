//! Puts that wait for completion, queued as the C database does (`dbNotify`).
//!
//! A record carries out one put with completion at a time. Another one that comes meanwhile, from
//! whichever client, waits its turn; a plain put acts at once.

use std::collections::{BTreeMap, VecDeque};

use beamtwin_pv::Value;

use crate::event::{ClientId, PutId};
use crate::world::{PvId, RecordIx};

/// A put that waits its turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Which.
    pub put: PutId,
    /// Where.
    pub pv: PvId,
    /// What, converted.
    pub value: Value,
    /// Who.
    pub by: Option<ClientId>,
}

/// The puts with completion of all records that have any.
#[derive(Clone, Debug, Default)]
pub struct Notify {
    records: BTreeMap<RecordIx, Queue>,
}

#[derive(Clone, Debug)]
struct Queue {
    active: PutId,
    by: Option<ClientId>,
    waiting: VecDeque<Waiting>,
}

impl Notify {
    /// Makes a put the active one of its record, or lets it wait; true if it may start.
    pub fn begin(&mut self, waiting: Waiting) -> bool {
        let record = waiting.pv.record;
        if let Some(queue) = self.records.get_mut(&record) {
            queue.waiting.push_back(waiting);
            return false;
        }
        let (active, by) = (waiting.put, waiting.by);
        self.records.insert(
            record,
            Queue {
                active,
                by,
                waiting: VecDeque::new(),
            },
        );
        true
    }

    /// Whether a record is busy with a put.
    #[must_use]
    pub fn is_busy(&self, record: RecordIx) -> bool {
        self.records.contains_key(&record)
    }

    /// Ends the active put of a record; the next one, if any, is now active and to be started.
    pub fn end(&mut self, record: RecordIx, put: PutId) -> Option<Waiting> {
        let queue = self.records.get_mut(&record)?;
        if queue.active != put {
            return None;
        }
        let Some(next) = queue.waiting.pop_front() else {
            self.records.remove(&record);
            return None;
        };
        queue.active = next.put;
        queue.by = next.by;
        Some(next)
    }

    /// Forgets the puts of a client that went away: those that waited, and those that are active, so
    /// that their records are free for the next.
    pub fn forget(&mut self, client: ClientId) -> (Vec<PutId>, Vec<(RecordIx, PutId)>) {
        let mut gone = Vec::new();
        let mut active = Vec::new();
        for (&record, queue) in &mut self.records {
            queue.waiting.retain(|waiting| {
                let theirs = waiting.by == Some(client);
                if theirs {
                    gone.push(waiting.put);
                }
                !theirs
            });
            if queue.by == Some(client) {
                active.push((record, queue.active));
            }
        }
        (gone, active)
    }

    /// Forgets a put that waits its turn; true if it did.
    pub fn cancel(&mut self, record: RecordIx, put: PutId) -> bool {
        let Some(queue) = self.records.get_mut(&record) else {
            return false;
        };
        let before = queue.waiting.len();
        queue.waiting.retain(|waiting| waiting.put != put);
        queue.waiting.len() < before
    }

    /// How many puts wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.records.values().map(|queue| queue.waiting.len()).sum()
    }
}
