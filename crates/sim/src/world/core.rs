//! The world without its devices: what a device sees while it is called.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use beamtwin_pv::{Alarm, AlarmStatus, Epoch, Severity, SimTime, Value};

use super::faults::Faults;
use super::snapshot::Snapshots;
use super::{DeviceIx, PvId, RecordIx};
use crate::access::{Known, Rules};
use crate::agenda::Agenda;
use crate::beam::Beam;
use crate::device::{Reason, Refusal};
use crate::directory::Directory;
use crate::event::{ClientId, Event, Mask, Note, PutId, What};
use crate::noise::Noise;
use crate::notify::{Notify, Waiting};
use crate::onlooker::Looking;
use crate::record::{FieldIx, Meaning, Role, Values, View, common, val};
use crate::share::{Claim, Shares};
use crate::surface::{InputId, LocalRecord};

/// What changes of one record, and what its device said of it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) device: DeviceIx,
    pub(crate) local: u32,
    pub(crate) role: Option<Role>,
    pub(crate) meaning: Option<Meaning>,
    pub(crate) alarm: Alarm,
    /// The alarm that it will have at least when it processes next (`NSTA`, `NSEV`).
    pub(crate) pending: Alarm,
    /// The severity that it shows at least, on purpose.
    pub(crate) forced: Severity,
    pub(crate) mirror: Option<RecordIx>,
    pub(crate) stamp: Option<SimTime>,
    pub(crate) tolerance: Option<f64>,
    pub(crate) values: Values,
}

impl Record {
    /// The alarm that clients see.
    pub(crate) fn shown_alarm(&self) -> Alarm {
        if self.forced > self.alarm.severity {
            Alarm::new(self.forced, AlarmStatus::Soft)
        } else {
            self.alarm
        }
    }
}

/// A put that was accepted and is not finished.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) record: RecordIx,
    /// Whether its end is told: the client asked for it, or the device said that it takes time.
    pub(crate) complete: bool,
    /// Whether its turn has come.
    pub(crate) started: bool,
    /// Whether its end was told before the world went back to when it was not finished.
    pub(crate) answered: bool,
}

/// What is to be done when the present call returns.
#[derive(Clone, Debug)]
pub(crate) enum Pending {
    Changed {
        device: DeviceIx,
        input: InputId,
        cause: Option<PutId>,
    },
    Light {
        device: DeviceIx,
        cause: Option<PutId>,
    },
    Put(Waiting),
    Turn(Claim),
}

pub(crate) struct Core {
    pub(crate) title: String,
    pub(crate) seed: u64,
    pub(crate) epoch: Epoch,
    /// The time that devices, wakeups and onlookers know, which goes back with them.
    pub(crate) now: SimTime,
    /// How much later it is for everybody else, whose time never goes back.
    pub(crate) ahead: Duration,
    /// The number of the last fact.
    pub(crate) facts: u64,
    pub(crate) clients: u32,
    /// Who is here.
    pub(crate) who: BTreeMap<ClientId, Known>,
    pub(crate) rules: Rules,
    pub(crate) directory: Directory,
    pub(crate) records: Vec<Record>,
    pub(crate) device_names: Vec<String>,
    /// The first record of each device, and the end of the last.
    pub(crate) bases: Vec<u32>,
    /// What others see who watch a device.
    pub(crate) readbacks: Vec<Option<PvId>>,
    pub(crate) inputs: Vec<Vec<PvId>>,
    pub(crate) watchers: BTreeMap<PvId, Vec<(DeviceIx, InputId)>>,
    pub(crate) noise: Vec<Noise>,
    pub(crate) source: Beam,
    pub(crate) path: Vec<DeviceIx>,
    pub(crate) agenda: Agenda,
    pub(crate) notify: Notify,
    pub(crate) shares: Shares,
    pub(crate) open: BTreeMap<PutId, Open>,
    pub(crate) faults: Faults,
    pub(crate) pending: VecDeque<Pending>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) looking: Option<Looking>,
    pub(crate) snapshots: Snapshots,
}

impl Core {
    /// A time of the world's own as everybody else knows it.
    pub(crate) fn outer(&self, own: SimTime) -> SimTime {
        own + self.ahead
    }

    /// A time that everybody knows as the world's own.
    pub(crate) fn inner(&self, time: SimTime) -> SimTime {
        SimTime::ZERO + time.since(SimTime::ZERO + self.ahead)
    }

    pub(crate) fn record(&self, at: RecordIx) -> &Record {
        &self.records[at.0 as usize]
    }

    pub(crate) fn record_mut(&mut self, at: RecordIx) -> &mut Record {
        &mut self.records[at.0 as usize]
    }

    pub(crate) fn view(&self, at: RecordIx) -> View<'_> {
        let record = self.record(at);
        View {
            kind: self.directory.kind(at),
            name: self.directory.name(at),
            values: &record.values,
            alarm: record.shown_alarm(),
            pending: record.pending,
            stamp: record.stamp,
        }
    }

    pub(crate) fn value(&self, pv: PvId) -> Value {
        self.view(pv.record).at(pv.field)
    }

    pub(crate) fn pv(&self, device: DeviceIx, record: LocalRecord, field: FieldIx) -> PvId {
        PvId {
            record: RecordIx(self.bases[device.0 as usize] + record.0),
            field,
        }
    }

    pub(crate) fn local(&self, device: DeviceIx, record: LocalRecord, field: FieldIx) -> Value {
        self.value(self.pv(device, record, field))
    }

    pub(crate) fn role(&self, pv: PvId) -> Role {
        let field = self.directory.kind(pv.record).field(pv.field);
        let own = if field.name == "VAL" {
            self.record(pv.record).role
        } else {
            None
        };
        own.unwrap_or(field.role)
    }

    pub(crate) fn count(&self, pv: PvId) -> u32 {
        if !self.directory.kind(pv.record).field(pv.field).array {
            return 1;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "NELM is a count"
        )]
        let count = self.view(pv.record).number("NELM").max(1.0) as u32;
        count
    }

    /// The one place where a value changes: stores it, tells it, and reminds those who watch it.
    ///
    /// # Panics
    /// If the value is not of the field's kind: a mistake in a device.
    pub(crate) fn commit(&mut self, pv: PvId, value: Value, mask: Mask, cause: Option<PutId>) {
        let field = self.directory.kind(pv.record).field(pv.field);
        assert_eq!(
            value.kind(),
            field.kind,
            "{} holds another kind",
            field.name
        );
        let record = &mut self.records[pv.record.0 as usize];
        record.values.set(pv.field, value.clone());
        let forced = record.forced != Severity::None;
        let value = match pv.field {
            // What the device does not know.
            common::SEVR | common::STAT if forced => self.value(pv),
            _ => value,
        };
        let record = self.record(pv.record);
        let (alarm, stamp, mirror) = (record.shown_alarm(), record.stamp, record.mirror);
        self.say(What::Post {
            pv,
            value: value.clone(),
            alarm,
            stamp,
            mask,
            cause,
        });
        if let Some(watchers) = self.watchers.get(&pv) {
            for &(device, input) in watchers {
                self.pending.push_back(Pending::Changed {
                    device,
                    input,
                    cause,
                });
            }
        }
        if let Some(mirror) = mirror.filter(|_| field.name == "VAL") {
            self.records[mirror.0 as usize].stamp = stamp;
            let twin = PvId {
                record: mirror,
                field: val(self.directory.kind(mirror)),
            };
            if !self.value(twin).same(&value) {
                self.commit(twin, value, mask, cause);
            }
        }
    }

    pub(crate) fn set_alarm(&mut self, at: RecordIx, alarm: Alarm, cause: Option<PutId>) {
        let before = self.record(at).shown_alarm();
        self.record_mut(at).alarm = alarm;
        self.tell_alarm(at, before, cause);
    }

    /// Tells the alarm of a record and its value, if the alarm is another than before.
    pub(crate) fn tell_alarm(&mut self, at: RecordIx, before: Alarm, cause: Option<PutId>) {
        if self.tell_status(at, before, cause) {
            let field = val(self.directory.kind(at));
            self.tell_again(at, field, Mask::ALARM, cause);
        }
    }

    /// Tells the alarm of a record, if it is another than before, as `recGblResetAlarms` of EPICS base; whether
    /// it is.
    pub(crate) fn tell_status(
        &mut self,
        at: RecordIx,
        before: Alarm,
        cause: Option<PutId>,
    ) -> bool {
        let alarm = self.record(at).shown_alarm();
        if alarm.status == AlarmStatus::Disable && before.status != alarm.status {
            // It is not processing that finds it disabled (`dbProcess`).
            self.tell_again(at, common::STAT, Mask::VALUE, cause);
            self.tell_again(at, common::SEVR, Mask::VALUE, cause);
            return true;
        }
        let mut mask = Mask::empty();
        if before.severity != alarm.severity {
            self.tell_again(at, common::SEVR, Mask::VALUE, cause);
            mask |= Mask::ALARM;
        }
        if before.status != alarm.status {
            mask |= Mask::VALUE;
        }
        if mask.is_empty() {
            return false;
        }
        self.tell_again(at, common::STAT, mask, cause);
        self.tell_again(at, common::AMSG, mask, cause);
        let pv = |field| PvId { record: at, field };
        let number = |value: Value| value.as_f64().unwrap_or_default();
        let severity = alarm.severity as u16;
        let transient = number(self.value(pv(common::ACKT))) != 0.0;
        if !transient || f64::from(severity) >= number(self.value(pv(common::ACKS))) {
            let acks = Value::Enum(severity);
            self.commit(pv(common::ACKS), acks, Mask::VALUE, cause);
        }
        true
    }

    /// Tells a value that is as it was, for something else has changed.
    pub(crate) fn tell_again(
        &mut self,
        record: RecordIx,
        field: FieldIx,
        mask: Mask,
        cause: Option<PutId>,
    ) {
        let pv = PvId { record, field };
        let value = self.value(pv);
        let record = self.record(record);
        self.say(What::Post {
            pv,
            value,
            alarm: record.shown_alarm(),
            stamp: record.stamp,
            mask,
            cause,
        });
    }

    /// Numbers a fact and tells it.
    pub(crate) fn say(&mut self, what: What) -> u64 {
        self.facts += 1;
        if let (Some(looking), What::Post { pv, value, .. }) = (&mut self.looking, &what)
            && let Some(&place) = looking.pvs.get(pv)
        {
            looking.who.told(place, self.now, value);
        }
        self.tell(what);
        self.facts
    }

    /// Tells something that is not a fact of its own.
    pub(crate) fn tell(&mut self, what: What) {
        self.events.push_back(Event {
            n: self.facts,
            t: self.outer(self.now),
            what,
        });
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.say(What::Note(note));
    }

    /// Writes down what an onlooker says.
    pub(crate) fn note_seen(&mut self, notes: Vec<Note>) {
        for mut note in notes {
            if let Note::Broken { since, .. } = &mut note {
                *since = self.outer(*since);
            }
            self.note(note);
        }
    }

    /// Ends a put: tells it if somebody wants to know, and lets the next one of its record begin.
    pub(crate) fn finish(&mut self, put: PutId) {
        let Some(open) = self.open.remove(&put) else {
            return;
        };
        if open.complete && !open.answered {
            self.say(What::Done(put));
        }
        self.release(open.record, put);
    }

    /// Ends a put that was not carried out.
    pub(crate) fn refuse(&mut self, put: PutId, refusal: Refusal) {
        let open = self.open.remove(&put);
        if !open.is_some_and(|open| open.answered) {
            self.say(What::Refused(put, refusal.reason, refusal.text));
        }
        if let Some(open) = open {
            self.release(open.record, put);
        }
    }

    /// Drops a put that waits its turn, which is told if its end was not.
    pub(crate) fn drop_waiting(&mut self, put: PutId, why: &str) {
        let open = self.open.remove(&put);
        if !open.is_some_and(|open| open.answered) {
            let text = format!("{why} before its turn came");
            self.say(What::Refused(put, Reason::Gone, text));
        }
    }

    /// Lets the next put with completion of a record begin, if `put` was the active one.
    pub(crate) fn release(&mut self, record: RecordIx, put: PutId) {
        if let Some(next) = self.notify.end(record, put) {
            self.pending.push_back(Pending::Put(next));
        }
    }
}
