//! Devices with a bug: one that panics is lost, and the rest goes on.

use std::any::Any;
use std::sync::Arc;

use super::{DeviceIx, Pending, PutId, World};
use crate::device::{Device, Refusal};
use crate::event::Note;
use crate::fault::BUG;
use crate::surface::ShareId;

/// What stands where a device was. Its values stay as they were.
#[derive(Clone)]
struct Lost;

impl Device for Lost {}

impl World {
    /// Goes on without a device that panicked: its records are invalid from now on, puts to them are refused,
    /// and it wakes no more. Light passes where it stood.
    pub(super) fn lose(&mut self, device: DeviceIx, cause: Option<PutId>, panic: &dyn Any) {
        self.devices[device.0 as usize] = Some(Arc::new(Lost));
        let core = &mut self.core;
        let name = core.device_names[device.0 as usize].clone();
        let refusal = Refusal::rejected(lost(&name));
        core.note(Note::Fault {
            device: name,
            text: format!("{BUG}{}", words(panic)),
            by: None,
        });
        core.agenda.forget(device);
        for share in core.shares.of(device).map(ShareId) {
            let next = core.shares.leave(device, share);
            core.pending.extend(next.map(Pending::Turn));
        }
        core.faults.lost.insert(device);
        core.force_alarms(device, cause);
        let started = core
            .open
            .iter()
            .filter(|(_, open)| open.started && core.record(open.record).device == device);
        let started: Vec<PutId> = started.map(|(&put, _)| put).collect();
        for put in started {
            core.refuse(put, refusal.clone());
        }
    }
}

/// Why puts to a device that was lost are refused.
pub(super) fn lost(device: &str) -> String {
    format!("{device} was lost to a bug")
}

/// What a panic said.
fn words(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}
