//! A world saved at a moment, to be restored or forked.

use std::collections::BTreeMap;

use beamtwin_pv::SimTime;

use super::faults::Faults;
use super::{World, core};
use crate::access::Known;
use crate::agenda::Agenda;
use crate::device::{State, StateError};
use crate::event::{ClientId, PutId};
use crate::noise::Noise;
use crate::notify::Notify;
use crate::onlooker::Looking;
use crate::share::Shares;

/// All that tells a world from a fresh one of the same file.
#[derive(Clone, Debug)]
pub struct Snapshot {
    now: SimTime,
    facts: u64,
    clients: u32,
    who: BTreeMap<ClientId, Known>,
    records: Vec<core::Record>,
    noise: Vec<Noise>,
    agenda: Agenda,
    notify: Notify,
    shares: Shares,
    open: BTreeMap<PutId, core::Open>,
    faults: Faults,
    devices: Vec<State>,
    looking: Option<Looking>,
}

impl World {
    /// Saves the present state. Events not yet taken are not part of it.
    #[must_use]
    pub fn save(&self) -> Snapshot {
        let core = &self.core;
        Snapshot {
            now: core.now,
            facts: core.facts,
            clients: core.clients,
            who: core.who.clone(),
            records: core.records.clone(),
            noise: core.noise.clone(),
            agenda: core.agenda.clone(),
            notify: core.notify.clone(),
            shares: core.shares.clone(),
            open: core.open.clone(),
            faults: core.faults.clone(),
            devices: self
                .devices
                .iter()
                .flatten()
                .map(|device| device.save())
                .collect(),
            looking: core.looking.clone(),
        }
    }

    /// Takes back what [`save`](Self::save) gave, from a world of the same file.
    ///
    /// # Errors
    /// If the snapshot is of another file.
    pub fn restore(&mut self, snapshot: Snapshot) -> Result<(), StateError> {
        if snapshot.records.len() != self.core.records.len()
            || snapshot.devices.len() != self.devices.len()
        {
            return Err(StateError("the snapshot is of another beamline".to_owned()));
        }
        for (device, state) in self.devices.iter_mut().flatten().zip(snapshot.devices) {
            device.restore(state)?;
        }
        let core = &mut self.core;
        core.now = snapshot.now;
        core.facts = snapshot.facts;
        core.clients = snapshot.clients;
        core.who = snapshot.who;
        core.records = snapshot.records;
        core.noise = snapshot.noise;
        core.agenda = snapshot.agenda;
        core.notify = snapshot.notify;
        core.shares = snapshot.shares;
        core.open = snapshot.open;
        core.faults = snapshot.faults;
        core.looking = snapshot.looking;
        core.events.clear();
        Ok(())
    }
}
