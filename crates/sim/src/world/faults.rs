//! What goes wrong on purpose just now, and who asked for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use beamtwin_pv::nearest::nearest;
use beamtwin_pv::{Severity, SimTime, Value};

use super::{Core, DeviceIx, PvId, RecordIx, World};
use crate::agenda::Wakeup;
use crate::device::{Put, Refusal, Timer};
use crate::event::{ClientId, Mask, Note, PutId, What};
use crate::fault::{COMMON, Fault, ON_PURPOSE, UnknownFault, shown};
use crate::record::{FieldIx, val};

/// The timer of a device at whose moment its fault ends by itself.
pub(super) const OVER: Timer = Timer(u16::MAX);

/// The name by which faults of the twin as a whole are asked for.
const WHOLE: &str = "all";
/// The twin as a whole, among devices.
const ALL: DeviceIx = DeviceIx(u32::MAX);

/// The present faults, one at most a device, and the records in which they show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    now: BTreeMap<DeviceIx, Fault>,
    slots: BTreeMap<DeviceIx, RecordIx>,
    /// Devices that were lost to a bug.
    pub(super) lost: BTreeSet<DeviceIx>,
}

impl Faults {
    /// Faults of a device are asked for, and shown, in this record.
    pub(super) fn declare(&mut self, device: DeviceIx, record: RecordIx) {
        self.slots.insert(device, record);
    }

    /// Whether faults of a device are asked for in this record.
    pub(super) fn takes(&self, device: DeviceIx, record: RecordIx) -> bool {
        self.slots.get(&device) == Some(&record)
    }

    /// What goes wrong with the PVs of a device: its own fault, and that of the twin as a whole.
    fn with(&self, device: DeviceIx) -> impl Iterator<Item = &Fault> {
        [device, ALL].into_iter().filter_map(|at| self.now.get(&at))
    }
}

impl World {
    /// Makes something go wrong on purpose with a device, or ends it, in the words of
    /// [`Device::faults`](crate::Device::faults) or of [`COMMON`](crate::fault::COMMON); the latter with `all` as
    /// well, which is the twin as a whole. `motor.c` means `motor.c.x`, `motor.c.y` … where it is no device itself.
    ///
    /// # Errors
    /// If there is no such device, or one of those meant has no such fault.
    pub fn fault(
        &mut self,
        device: &str,
        words: &str,
        by: Option<ClientId>,
    ) -> Result<(), UnknownFault> {
        let mut asked = Vec::new();
        for at in self.meant(device)? {
            asked.push((at, Fault::parse(words, self.known_faults(at))?));
        }
        for (device, fault) in asked {
            self.break_down(device, fault, by, None);
            self.settle();
        }
        Ok(())
    }

    /// The devices that a name stands for.
    fn meant(&self, name: &str) -> Result<Vec<DeviceIx>, UnknownFault> {
        let names = &self.core.device_names;
        let ix = |at| u32::try_from(at).map_or(ALL, DeviceIx);
        if let Some(at) = names.iter().position(|it| it == name) {
            return Ok(vec![ix(at)]);
        }
        if name == WHOLE {
            return Ok(vec![ALL]);
        }
        let within = |it: &str| {
            let rest = it
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('.'));
            name.contains('.') && rest.is_some()
        };
        let members: Vec<_> = (0..names.len())
            .filter(|&at| within(&names[at]))
            .map(ix)
            .collect();
        if members.is_empty() {
            return Err(UnknownFault::Device {
                near: nearest(name, names.iter().map(String::as_str)).map(str::to_owned),
                name: name.to_owned(),
            });
        }
        Ok(members)
    }

    /// The devices with which something goes wrong now, what it is, and when it ends by itself.
    pub fn faults(&self) -> impl Iterator<Item = (&str, &Fault, Option<SimTime>)> {
        let core = &self.core;
        core.faults
            .now
            .iter()
            .map(|(&device, fault)| (core.named(device), fault, core.over(device)))
    }

    /// Whether somebody answers for a PV.
    #[must_use]
    pub fn is_served(&self, pv: PvId) -> bool {
        !self.is_down() && !self.core.troubles(pv).any(Fault::disconnects)
    }

    /// Whether nobody answers at all.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.core
            .faults
            .now
            .get(&ALL)
            .is_some_and(Fault::disconnects)
    }

    /// How late answers for a PV come.
    #[must_use]
    pub fn lateness(&self, pv: PvId) -> Duration {
        let late = self.core.troubles(pv).map(Fault::lateness);
        late.max().unwrap_or_default()
    }

    /// Whether a PV that clients could write can be read only.
    pub(super) fn is_protected(&self, pv: PvId) -> bool {
        self.core.troubles(pv).any(Fault::protects)
    }

    fn known_faults(&self, device: DeviceIx) -> &'static [&'static str] {
        let device = self.devices.get(device.0 as usize);
        device
            .and_then(Option::as_ref)
            .map_or(&[], |device| device.faults())
    }

    /// A put to a record in which faults are asked for.
    pub(super) fn order_fault(
        &mut self,
        device: DeviceIx,
        pv: PvId,
        value: &Value,
        put: PutId,
    ) -> Result<Put, Refusal> {
        if pv.field == val(self.core.directory.kind(pv.record)) {
            let text = value.as_text().map(ToString::to_string).unwrap_or_default();
            let fault = Fault::parse(&text, self.known_faults(device))
                .map_err(|error| Refusal::rejected(error.to_string()))?;
            self.break_down(device, fault, None, Some(put));
        }
        Ok(Put::Done)
    }

    /// From now on this goes wrong with a device, and nothing else does.
    pub(super) fn break_down(
        &mut self,
        device: DeviceIx,
        fault: Option<Fault>,
        by: Option<ClientId>,
        cause: Option<PutId>,
    ) {
        let core = &mut self.core;
        let words = shown(fault.as_ref());
        if let Some(&record) = core.faults.slots.get(&device) {
            core.record_mut(record).stamp = Some(core.outer(core.now));
            let field = val(core.directory.kind(record));
            let pv = PvId { record, field };
            let value = Value::from(words.as_str());
            if !core.value(pv).same(&value) {
                core.commit(pv, value, Mask::CHANGE, cause);
            }
        }
        core.note_fault(device, fault.as_ref(), by);
        core.agenda.cancel(device, OVER);
        if let Some(wait) = fault.as_ref().and_then(Fault::duration) {
            let wakeup = Wakeup {
                device,
                timer: OVER,
                cause: None,
            };
            core.agenda.set(core.now + wait, wakeup);
        }
        match fault {
            Some(fault) => core.faults.now.insert(device, fault),
            None => core.faults.now.remove(&device),
        };
        core.force_alarms(device, cause);
        core.tell(What::Faulted);
        if device != ALL {
            let own = fault.filter(|fault| !COMMON.contains(&fault.words));
            self.call(device, cause, |device, cx| device.fault(own.as_ref(), cx));
        }
    }
}

impl Core {
    /// What goes wrong on purpose is what went wrong then.
    pub(super) fn go_back_to_faults(&mut self, then: &Faults) {
        let now = std::mem::replace(&mut self.faults, then.clone());
        if now.now == then.now {
            return;
        }
        let devices: BTreeSet<DeviceIx> = now.now.keys().chain(then.now.keys()).copied().collect();
        for device in devices {
            let fault = then.now.get(&device);
            if now.now.get(&device) != fault {
                self.note_fault(device, fault, None);
            }
        }
        self.tell(What::Faulted);
    }

    fn note_fault(&mut self, device: DeviceIx, fault: Option<&Fault>, by: Option<ClientId>) {
        self.note(Note::Fault {
            device: self.named(device).to_owned(),
            text: format!("{ON_PURPOSE}{}", shown(fault)),
            by,
        });
    }

    /// When a fault ends by itself.
    fn over(&self, device: DeviceIx) -> Option<SimTime> {
        self.agenda.when(device, OVER).map(|at| self.outer(at))
    }

    /// The field of a record that others see who watch its device, if it is in this one.
    pub(super) fn readback_in(&self, record: RecordIx) -> Option<FieldIx> {
        let device = self.record(record).device;
        let readback = self.readbacks[device.0 as usize];
        readback.filter(|pv| pv.record == record).map(|pv| pv.field)
    }

    fn named(&self, device: DeviceIx) -> &str {
        let name = self.device_names.get(device.0 as usize);
        name.map_or(WHOLE, String::as_str)
    }

    /// What goes wrong with a PV. Where faults are asked for, nothing does.
    fn troubles(&self, pv: PvId) -> impl Iterator<Item = &Fault> {
        let device = self.record(pv.record).device;
        let none = self.faults.now.is_empty() || self.faults.takes(device, pv.record);
        let faults = (!none).then(|| self.faults.with(device));
        faults.into_iter().flatten()
    }

    /// Lets the records of a device, or all, show the alarm that is asked for now.
    pub(super) fn force_alarms(&mut self, device: DeviceIx, cause: Option<PutId>) {
        let at = device.0 as usize;
        let records = match self.bases.get(at..at + 2) {
            Some(ends) => ends[0]..ends[1],
            None => 0..u32::try_from(self.records.len()).unwrap_or(u32::MAX),
        };
        for at in records.map(RecordIx) {
            let field = val(self.directory.kind(at));
            let severity = self
                .troubles(PvId { record: at, field })
                .map(Fault::severity);
            let mut severity = severity.max().unwrap_or_default();
            if self.faults.lost.contains(&self.record(at).device) {
                severity = Severity::Invalid;
            }
            let before = self.record(at).shown_alarm();
            self.record_mut(at).forced = severity;
            self.tell_alarm(at, before, cause);
            let readback = self.readback_in(at).filter(|&it| it != field);
            if let Some(field) = readback.filter(|_| before != self.record(at).shown_alarm()) {
                // As the motor record tells its readback, whose alarm it is.
                self.tell_again(at, field, Mask::ALARM, cause);
            }
        }
    }
}
