//! What goes wrong on purpose just now, and who asked for it.

use std::collections::BTreeMap;

use beamtwin_pv::{SimTime, Value};

use super::{DeviceIx, PvId, RecordIx, World};
use crate::agenda::Wakeup;
use crate::device::{Put, Refusal, Timer};
use crate::event::{ClientId, Mask, Note, PutId};
use crate::fault::{Fault, UnknownFault, shown};
use crate::record::val;

/// The timer of a device at whose moment its fault ends by itself.
pub(super) const OVER: Timer = Timer(u16::MAX);

/// The present faults, one at most a device, and the records in which they show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    now: BTreeMap<DeviceIx, Fault>,
    slots: BTreeMap<DeviceIx, RecordIx>,
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
}

impl World {
    /// Makes something go wrong on purpose with a device, or ends it, in the words of
    /// [`Device::faults`](crate::Device::faults).
    ///
    /// # Errors
    /// If there is no such device, or it has no such fault.
    pub fn fault(
        &mut self,
        device: &str,
        words: &str,
        by: Option<ClientId>,
    ) -> Result<(), UnknownFault> {
        let at = self.core.device_names.iter().position(|it| it == device);
        let unknown = || UnknownFault::Device(device.to_owned());
        let at = at.and_then(|at| u32::try_from(at).ok());
        let device = DeviceIx(at.ok_or_else(unknown)?);
        let fault = Fault::parse(words, self.known_faults(device))?;
        self.break_down(device, fault, by, None);
        self.settle();
        Ok(())
    }

    /// The devices with which something goes wrong now, what it is, and when it ends by itself.
    pub fn faults(&self) -> impl Iterator<Item = (&str, &Fault, Option<SimTime>)> {
        let core = &self.core;
        core.faults.now.iter().map(|(&device, fault)| {
            let name = &core.device_names[device.0 as usize];
            (name.as_str(), fault, core.agenda.when(device, OVER))
        })
    }

    fn known_faults(&self, device: DeviceIx) -> &'static [&'static str] {
        self.devices[device.0 as usize]
            .as_ref()
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
            core.record_mut(record).stamp = Some(core.now);
            let field = val(core.directory.kind(record));
            let pv = PvId { record, field };
            let value = Value::from(words.as_str());
            if !core.value(pv).same(&value) {
                core.commit(pv, value, Mask::CHANGE, cause);
            }
        }
        core.note(Note::Fault {
            device: core.device_names[device.0 as usize].clone(),
            text: format!("on purpose: {words}"),
            by,
        });
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
        self.call(device, cause, |device, cx| device.fault(fault.as_ref(), cx));
    }
}
