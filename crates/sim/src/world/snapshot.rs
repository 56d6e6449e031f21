//! A world as it was at a moment, to go back to.
//!
//! What goes back is the world: values, devices, wakeups, random numbers, puts that wait, what goes wrong on
//! purpose, and what an onlooker remembers. What does not are clients, the numbers of facts, and device time as
//! everybody else knows it: for them the twin is from now on as it was then.

use std::collections::BTreeMap;
use std::mem::size_of_val;
use std::sync::Arc;

use beamtwin_pv::SimTime;
use beamtwin_pv::nearest::nearest;
use thiserror::Error;

use super::faults::Faults;
use super::{Core, PvId, RecordIx, World, core};
use crate::agenda::Agenda;
use crate::device::{Device, Reason};
use crate::event::{ClientId, Mask, Note, PutId, What};
use crate::noise::Noise;
use crate::notify::Notify;
use crate::onlooker::Looking;
use crate::record::val;
use crate::share::Shares;

/// The most snapshots that a world keeps.
const SNAPSHOTS: usize = 16;

/// The snapshots of a world, by their names.
#[derive(Default)]
pub(crate) struct Snapshots(BTreeMap<String, Snapshot>);

/// All that goes back with a world.
struct Snapshot {
    /// When it was taken, as everybody knows it.
    taken: SimTime,
    now: SimTime,
    records: Vec<core::Record>,
    noise: Vec<Noise>,
    agenda: Agenda,
    notify: Notify,
    shares: Shares,
    open: BTreeMap<PutId, core::Open>,
    faults: Faults,
    looking: Option<Looking>,
    devices: Vec<Option<Arc<dyn Device>>>,
}

/// What there is to know of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    /// Its name.
    pub name: &'a str,
    /// When it was taken.
    pub taken: SimTime,
    /// About how many bytes of memory it holds by itself. Devices that have not been called since are not
    /// counted, nor are texts and arrays: they are shared.
    pub bytes: usize,
}

/// Why a snapshot is not taken, or not gone back to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// There are as many as a world keeps.
    #[error(
        "there are {SNAPSHOTS} snapshots already, which is all that is kept; take one again under the name of another"
    )]
    Full,
    /// A snapshot without a name.
    #[error("a snapshot needs a name")]
    Nameless,
    /// No snapshot of this name.
    #[error("there is no snapshot `{name}`{}", near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// Which may have been meant.
        near: Option<String>,
    },
}

impl World {
    /// Takes a snapshot, in the place of one of the same name.
    ///
    /// # Errors
    /// If it has no name, or as many others are kept as can be.
    pub fn snapshot(&mut self, name: &str, by: Option<ClientId>) -> Result<(), SnapshotError> {
        let core = &mut self.core;
        if name.is_empty() {
            return Err(SnapshotError::Nameless);
        }
        if core.snapshots.0.len() >= SNAPSHOTS && !core.snapshots.0.contains_key(name) {
            return Err(SnapshotError::Full);
        }
        core.note(Note::Snapshot {
            name: name.to_owned(),
            by,
        });
        let snapshot = Snapshot {
            taken: core.outer(core.now),
            now: core.now,
            records: core.records.clone(),
            noise: core.noise.clone(),
            agenda: core.agenda.clone(),
            notify: core.notify.clone(),
            shares: core.shares.clone(),
            open: core.open.clone(),
            faults: core.faults.clone(),
            looking: core.looking.clone(),
            devices: self.devices.clone(),
        };
        core.snapshots.0.insert(name.to_owned(), snapshot);
        Ok(())
    }

    /// Goes back to a snapshot: from now on everything goes on as it did from there. Puts that were asked for since
    /// and are not finished fail; those that were not finished then go on, and the end of one that was told already
    /// is not told again. Every value that is another now is told.
    ///
    /// # Errors
    /// If there is no snapshot of this name.
    pub fn restore(&mut self, name: &str, by: Option<ClientId>) -> Result<(), SnapshotError> {
        let core = &mut self.core;
        let Some((name, snapshot)) = core.snapshots.0.remove_entry(name) else {
            let names = core.snapshots.0.keys().map(String::as_str);
            return Err(SnapshotError::Unknown {
                near: nearest(name, names).map(str::to_owned),
                name: name.to_owned(),
            });
        };
        // This moment is over.
        if let Some(looking) = &mut core.looking {
            let notes = looking.who.leave(core.now);
            core.note_seen(notes);
        }
        // Whoever looks on is told nothing of the way back.
        core.looking = None;
        core.note(Note::Restore {
            name: name.clone(),
            by,
        });
        core.ahead = core.outer(core.now).since(snapshot.now);
        core.now = snapshot.now;
        core.go_back_to_puts(&snapshot, &name);
        core.noise.clone_from(&snapshot.noise);
        core.agenda = snapshot.agenda.clone();
        core.shares = snapshot.shares.clone();
        core.go_back_to_faults(&snapshot.faults);
        for (at, before) in (0..).map(RecordIx).zip(&snapshot.records) {
            core.go_back_to_record(at, before);
        }
        core.looking = snapshot.looking.clone();
        self.devices.clone_from(&snapshot.devices);
        core.snapshots.0.insert(name, snapshot);
        Ok(())
    }

    /// The snapshots, by their names.
    pub fn snapshots(&self) -> impl Iterator<Item = Kept<'_>> {
        let all = self.core.snapshots.0.iter();
        all.map(|(name, snapshot)| Kept {
            name,
            taken: snapshot.taken,
            bytes: snapshot.bytes(),
        })
    }
}

impl Snapshot {
    fn bytes(&self) -> usize {
        let alone = |device: &&Arc<dyn Device>| Arc::strong_count(device) == 1;
        let devices = self.devices.iter().flatten().filter(alone);
        let devices: usize = devices.map(|device| size_of_val(&**device)).sum();
        let values: usize = self.records.iter().map(|it| it.values.bytes()).sum();
        size_of_val(&*self.records)
            + values
            + size_of_val(&*self.noise)
            + size_of_val(&*self.devices)
            + devices
    }
}

impl Core {
    /// Ends the puts that were not asked for then; those that were are as they were.
    fn go_back_to_puts(&mut self, snapshot: &Snapshot, name: &str) {
        self.notify = snapshot.notify.clone();
        let open = std::mem::replace(&mut self.open, snapshot.open.clone());
        for (put, own) in &mut self.open {
            own.answered |= open.get(put).is_none_or(|open| open.answered);
        }
        for (put, own) in open {
            if !self.open.contains_key(&put) && !own.answered {
                let text = format!("the twin went back to {name}, which is from before it");
                self.say(What::Refused(put, Reason::Rejected, text));
            }
        }
    }

    /// Takes a record back, and tells each of its values that is another now: its time stamp is now as well.
    fn go_back_to_record(&mut self, at: RecordIx, before: &core::Record) {
        let now = self.record(at);
        let alarm = now.shown_alarm();
        let shown = |record: &core::Record| (record.shown_alarm(), record.pending);
        if shown(now) == shown(before) && now.values.same(&before.values) {
            self.record_mut(at).alarm = before.alarm;
            self.record_mut(at).forced = before.forced;
            return;
        }
        let kind = self.directory.kind(at);
        let then: Vec<_> = kind.places().map(|place| self.view(at).at(place)).collect();
        let stamp = Some(self.outer(self.now));
        *self.record_mut(at) = core::Record {
            stamp,
            ..before.clone()
        };
        let main = [Some(val(kind)), self.readback_in(at)];
        let alarmed = alarm != before.shown_alarm();
        let mut described = false;
        for (field, then) in kind.places().zip(then) {
            let changed = !self.value(PvId { record: at, field }).same(&then);
            let mut mask = Mask::empty();
            if changed {
                mask |= Mask::CHANGE;
                described |= kind.properties.contains(&kind.field(field).name);
            }
            if alarmed && (changed || main.contains(&Some(field))) {
                mask |= Mask::ALARM;
            }
            if !mask.is_empty() {
                self.tell_again(at, field, mask, None);
            }
        }
        if described {
            self.tell(What::Again(at, Mask::PROPERTY));
        }
    }
}
