//! What a device may do while it handles a call.

use std::sync::Arc;
use std::time::Duration;

use beamtwin_pv::{Alarm, SimTime, Timestamp, Value};

use crate::agenda::Wakeup;
use crate::beam::{Beam, Look};
use crate::device::{Device, Refusal, Timer};
use crate::event::{Mask, Note, PutId, What};
use crate::noise::Noise;
use crate::record::FieldIx;
use crate::share::Claim;
use crate::surface::{InputId, LocalRecord, Part, Scalar, ShareId, Slot};
use crate::world::{Core, DeviceIx, Pending, PvId};

/// The world as one device sees it during one call.
pub struct Cx<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) others: &'a [Option<Arc<dyn Device>>],
    pub(crate) device: DeviceIx,
    pub(crate) cause: Option<PutId>,
    pub(crate) part: Part,
}

impl Cx<'_> {
    /// The world as a part of this device sees it: its records, inputs, shares and timers are numbered from zero.
    ///
    /// Parts of parts have to be adopted by the whole device.
    pub const fn part(&mut self, part: Part) -> Cx<'_> {
        Cx {
            core: self.core,
            others: self.others,
            device: self.device,
            cause: self.cause,
            part,
        }
    }

    /// The device time of this call. It goes back with the device where the world does.
    #[must_use]
    pub const fn now(&self) -> SimTime {
        self.core.now
    }

    /// The date of this call: device time by the calendar of the session.
    #[must_use]
    pub fn date(&self) -> Timestamp {
        self.core.epoch.stamp(self.core.outer(self.core.now))
    }

    /// The value of one of our fields.
    #[must_use]
    pub fn get<T: Scalar>(&self, slot: Slot<T>) -> T {
        T::from_value(&self.value(slot.record(), slot.field()))
    }

    /// The value of one of our fields, by place.
    #[must_use]
    pub fn value(&self, record: LocalRecord, field: FieldIx) -> Value {
        self.core.local(self.device, self.part.outer(record), field)
    }

    /// The value of a declared input.
    #[must_use]
    pub fn input(&self, input: InputId) -> Value {
        let input = self.part.outer_input(input);
        let pv = self.core.inputs[self.device.0 as usize][usize::from(input.0)];
        self.core.value(pv)
    }

    /// Processes a record: its time stamp is now. Commits the value if it changed.
    pub fn post<T: Scalar>(&mut self, slot: Slot<T>, value: T) {
        self.stamp(slot.record());
        let value = value.into_value();
        if !self.value(slot.record(), slot.field()).same(&value) {
            self.commit(slot.record(), slot.field(), value, Mask::CHANGE);
        }
    }

    /// Commits a value, changed or not, with the record's time stamp as it is.
    ///
    /// Every change of a value ends here and in [`Core::commit`]. The value must have the field's kind.
    pub fn commit(&mut self, record: LocalRecord, field: FieldIx, value: Value, mask: Mask) {
        let pv = self.pv(record, field);
        self.core.commit(pv, value, mask, self.cause);
    }

    /// What one of our fields holds, if it was ever written, committed or kept.
    #[must_use]
    pub fn kept(&self, record: LocalRecord, field: FieldIx) -> Option<Value> {
        let pv = self.pv(record, field);
        self.core.record(pv.record).values.get(field).cloned()
    }

    /// Keeps a value of which nobody is ever told: what a record remembers for itself, as `MLST`.
    pub fn keep(&mut self, record: LocalRecord, field: FieldIx, value: Value) {
        let pv = self.pv(record, field);
        self.core.record_mut(pv.record).values.set(field, value);
    }

    /// Keeps nothing of a field any longer: it shows what it shows unwritten.
    pub fn forget(&mut self, record: LocalRecord, field: FieldIx) {
        let pv = self.pv(record, field);
        self.core.record_mut(pv.record).values.forget(field);
    }

    /// Tells subscribers of a field that shows what another holds; that is no fact of its own.
    pub fn tell_again(&mut self, record: LocalRecord, field: FieldIx, mask: Mask) {
        let pv = self.pv(record, field);
        self.core.tell(What::Shown(pv, mask));
    }

    /// Sets the time stamp of a record to now.
    pub fn stamp(&mut self, record: LocalRecord) {
        self.stamp_at(record, self.core.now);
    }

    /// Sets the time stamp of a record to another moment, such as that of a controller's last poll.
    pub fn stamp_at(&mut self, record: LocalRecord, at: SimTime) {
        let record = self.pv(record, FieldIx(0)).record;
        self.core.record_mut(record).stamp = Some(self.core.outer(at));
    }

    /// Sets the alarm of a record; if it changed, commits `SEVR`, `STAT` and `VAL`.
    pub fn alarm(&mut self, record: LocalRecord, alarm: Alarm) {
        let record = self.pv(record, FieldIx(0)).record;
        self.core.set_alarm(record, alarm, self.cause);
    }

    /// Sets the alarm of a record; if it changed, tells `SEVR`, `STAT`, `AMSG` and `ACKS`, and true.
    ///
    /// For devices that post the other fields themselves, in an order of their own.
    pub fn show_alarm(&mut self, record: LocalRecord, alarm: Alarm) -> bool {
        let record = self.pv(record, FieldIx(0)).record;
        let before = self.core.record(record).shown_alarm();
        self.core.record_mut(record).alarm = alarm;
        self.core.tell_status(record, before, self.cause)
    }

    /// The alarm that one of our records will have at least; it is no longer pending.
    pub fn take_pending(&mut self, record: LocalRecord) -> Alarm {
        let record = self.pv(record, FieldIx(0)).record;
        std::mem::replace(&mut self.core.record_mut(record).pending, Alarm::NONE)
    }

    /// The alarm of one of our records.
    #[must_use]
    pub fn alarm_of(&self, record: LocalRecord) -> Alarm {
        self.core.record(self.pv(record, FieldIx(0)).record).alarm
    }

    /// Asks for [`Device::wake`](crate::Device::wake) at a moment; one that has passed means at once.
    ///
    /// What that call does is attributed to the put that this call is attributed to.
    pub fn wake_at(&mut self, timer: Timer, at: SimTime) {
        let wakeup = Wakeup {
            device: self.device,
            timer: self.part.outer_timer(timer),
            cause: self.cause,
        };
        self.core.agenda.set(at.max(self.core.now), wakeup);
    }

    /// Asks for [`Device::wake`](crate::Device::wake) after a while.
    pub fn wake_after(&mut self, timer: Timer, wait: Duration) {
        self.wake_at(timer, self.core.now + wait);
    }

    /// Forgets a timer.
    pub fn cancel(&mut self, timer: Timer) {
        let timer = self.part.outer_timer(timer);
        self.core.agenda.cancel(self.device, timer);
    }

    /// Completes a put that was answered with [`Put::Started`](crate::Put::Started).
    pub fn finish(&mut self, put: PutId) {
        self.core.finish(put);
    }

    /// Tells that a put that was answered with [`Put::Started`](crate::Put::Started) has failed after all.
    pub fn refuse(&mut self, put: PutId, refusal: Refusal) {
        self.core.refuse(put, refusal);
    }

    /// Lets the next put with completion of the same record begin, although this one has not finished.
    ///
    /// As where the record that a client wrote to is done at once, and what its client waits for is
    /// another record that it set off: `Acquire` of a camera.
    pub fn release(&mut self, put: PutId) {
        if let Some(open) = self.core.open.get(&put) {
            let record = open.record;
            self.core.release(record, put);
        }
    }

    /// Asks for a shared thing; true if it is ours. If not, [`Device::turn`](crate::Device::turn) is called when
    /// it is: first come, first served. Asking again keeps the place in the queue.
    pub fn claim(&mut self, share: ShareId) -> bool {
        self.core.shares.claim(Claim {
            device: self.device,
            share: self.part.outer_share(share),
            cause: self.cause,
        })
    }

    /// Whether a shared thing is ours.
    #[must_use]
    pub fn holds(&self, share: ShareId) -> bool {
        let share = self.part.outer_share(share);
        self.core.shares.holds(self.device, share)
    }

    /// Gives a shared thing back, or waits for it no longer.
    pub fn leave(&mut self, share: ShareId) {
        let share = self.part.outer_share(share);
        if let Some(next) = self.core.shares.leave(self.device, share) {
            self.core.pending.push_back(Pending::Turn(next));
        }
    }

    /// The put that what happens now is attributed to.
    #[must_use]
    pub const fn cause(&self) -> Option<PutId> {
        self.cause
    }

    /// Attributes what happens from here on to another put, or to none.
    pub fn attribute(&mut self, put: Option<PutId>) {
        self.cause = put;
    }

    /// Our own stream of random numbers.
    pub fn noise(&mut self) -> &mut Noise {
        &mut self.core.noise[self.device.0 as usize]
    }

    /// Writes into the record of the session that something is wrong, or would be on the real thing.
    pub fn fault(&mut self, text: impl Into<String>) {
        let device = self.core.device_names[self.device.0 as usize].clone();
        self.core.note(Note::Fault {
            device,
            text: text.into(),
            by: None,
        });
    }

    /// The light that arrives here; none if we do not stand in the beam.
    #[must_use]
    pub fn beam(&self) -> Beam {
        let Some(place) = self
            .core
            .path
            .iter()
            .position(|&device| device == self.device)
        else {
            return Beam::DARK;
        };
        self.core.path[..place]
            .iter()
            .fold(self.core.source, |beam, &device| {
                let other = self.others[device.0 as usize].as_deref();
                match other.and_then(Device::optic) {
                    Some(optic) => optic.pass(
                        beam,
                        &Look {
                            core: self.core,
                            device,
                        },
                    ),
                    None => beam,
                }
            })
    }

    /// The light at its source, before anything stands in its way.
    #[must_use]
    pub const fn source(&self) -> Beam {
        self.core.source
    }

    /// Tells those downstream in the beam path that what we let through has changed.
    pub fn light_changed(&mut self) {
        let Some(place) = self
            .core
            .path
            .iter()
            .position(|&device| device == self.device)
        else {
            return;
        };
        for at in place + 1..self.core.path.len() {
            let device = self.core.path[at];
            self.core.pending.push_back(Pending::Light {
                device,
                cause: self.cause,
            });
        }
    }

    fn pv(&self, record: LocalRecord, field: FieldIx) -> PvId {
        self.core.pv(self.device, self.part.outer(record), field)
    }
}
