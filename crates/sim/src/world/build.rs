//! From devices and their surfaces to a world.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use beamtwin_pv::{Alarm, Epoch, Severity, SimTime};
use thiserror::Error;

use super::faults::Faults;
use super::snapshot::Snapshots;
use super::{Core, DeviceIx, PvId, RecordIx, World, core};
use crate::access::Rules;
use crate::agenda::Agenda;
use crate::beam::Beam;
use crate::device::Device;
use crate::directory::Directory;
use crate::fault::{Fault, UnknownFault};
use crate::noise::Noise;
use crate::notify::Notify;
use crate::share::Shares;
use crate::surface::{InputId, Surface};

/// Why devices do not make a world.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuildError {
    /// Devices that wait for each other's values.
    #[error("{} watch each other in a circle", .0.join(", "))]
    Circle(Vec<String>),
    /// Two records of one name.
    #[error("two records are called {name}: in {first} and in {second}")]
    Collision {
        /// The name.
        name: String,
        /// Who declared it first.
        first: String,
        /// Who declared it again.
        second: String,
    },
    /// What is to go wrong from the start is nothing that can.
    #[error("{device}: {why}")]
    Fault {
        /// Where.
        device: String,
        /// Why not.
        why: UnknownFault,
    },
    /// A place in the beam path that is no device.
    #[error("there is no device {0} for the beam to meet")]
    Path(String),
    /// An input that is no device, or one without a readback.
    #[error("{device}: {key}: there is nothing to watch in {target}")]
    Watch {
        /// Who watches.
        device: String,
        /// In which setting.
        key: String,
        /// What.
        target: String,
    },
}

/// Gathers devices, then checks and builds.
pub struct WorldBuilder {
    title: String,
    seed: u64,
    epoch: Epoch,
    source: Beam,
    path: Vec<String>,
    rules: Rules,
    devices: Vec<(String, Surface, Box<dyn Device>)>,
}

impl WorldBuilder {
    /// A world of this title, without devices and without light.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            seed: 0,
            epoch: Epoch::default(),
            source: Beam::DARK,
            path: Vec::new(),
            rules: Rules::default(),
            devices: Vec::new(),
        }
    }

    /// Sets the seed of all randomness.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Dates device time zero.
    #[must_use]
    pub fn epoch(self, epoch: Epoch) -> Self {
        Self { epoch, ..self }
    }

    /// Switches the light on, and says which devices it meets, in order.
    #[must_use]
    pub fn beam(self, source: Beam, path: Vec<String>) -> Self {
        Self {
            source,
            path,
            ..self
        }
    }

    /// Says who may read and write what.
    #[must_use]
    pub fn access(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// Adds a device.
    pub fn add(&mut self, name: impl Into<String>, surface: Surface, device: Box<dyn Device>) {
        self.devices.push((name.into(), surface, device));
    }

    /// Builds the world and starts its devices.
    ///
    /// # Errors
    /// Everything that does not fit, not just the first.
    pub fn build(mut self) -> Result<World, Vec<BuildError>> {
        let mut errors = Vec::new();
        let total = self.devices.iter().map(|(_, own, _)| own.records.len());
        let total = total.sum();
        let mut directory = Directory::with_capacity(total);
        let mut records: Vec<core::Record> = Vec::with_capacity(total);
        let mut bases = vec![0];
        for at in 0..self.devices.len() {
            let base = *bases.last().expect("starts with one");
            // One by one, since a large beamline need not be there twice.
            let declared = std::mem::take(&mut self.devices[at].1.records);
            for (local, spec) in (0u32..).zip(declared) {
                let index =
                    RecordIx(u32::try_from(records.len()).expect("fewer than 2^32 records"));
                let collision = |name: String, first: RecordIx| {
                    // A record's own name may be among its aliases; it is not there yet.
                    let first = records.get(first.0 as usize);
                    let first = first.map_or(at, |record| record.device.0 as usize);
                    BuildError::Collision {
                        name,
                        first: self.devices[first].0.clone(),
                        second: self.devices[at].0.clone(),
                    }
                };
                if let Some(first) = directory.record(&spec.name) {
                    errors.push(collision(spec.name, first));
                    continue;
                }
                directory.add(spec.name, spec.kind);
                for alias in spec.aliases {
                    if let Some(first) = directory.record(&alias) {
                        errors.push(collision(alias, first));
                    } else {
                        directory.alias(alias, index);
                    }
                }
                records.push(core::Record {
                    device: device_ix(at),
                    local,
                    role: spec.role,
                    meaning: spec.meaning,
                    alarm: spec.alarm,
                    forced: Severity::None,
                    pending: Alarm::NONE,
                    mirror: spec.mirror.map(|twin| RecordIx(base + twin.0)),
                    stamp: Some(SimTime::ZERO),
                    tolerance: spec.tolerance,
                    values: spec.values,
                });
            }
            bases.push(u32::try_from(records.len()).expect("fewer than 2^32 records"));
        }
        let find = |name: &str| self.devices.iter().position(|(known, ..)| known == name);
        let mut path = Vec::new();
        for name in &self.path {
            match find(name) {
                Some(at) => path.push(device_ix(at)),
                None => errors.push(BuildError::Path(name.clone())),
            }
        }
        let readbacks = self
            .devices
            .iter()
            .enumerate()
            .map(|(at, (_, surface, _))| {
                let (record, field) = surface.readback?;
                let record = RecordIx(bases[at] + record.0);
                Some(PvId { record, field })
            });
        let readbacks: Vec<Option<PvId>> = readbacks.collect();
        let mut inputs: Vec<Vec<PvId>> = Vec::new();
        let mut watchers: BTreeMap<PvId, Vec<(DeviceIx, InputId)>> = BTreeMap::new();
        let mut edges: Vec<Vec<usize>> = vec![Vec::new(); self.devices.len()];
        for (at, (name, surface, _)) in self.devices.iter().enumerate() {
            let mut resolved = Vec::new();
            for (input, watch) in (0u16..).zip(&surface.watches) {
                let whole = || {
                    let target = find(&watch.device)?;
                    Some((target, readbacks[target]?))
                };
                let axis = || {
                    let (target, axis) = watch.device.rsplit_once('.')?;
                    let target = find(target)?;
                    let mut axes = self.devices[target].1.readbacks.iter();
                    let &(_, record, field) = axes.find(|(known, ..)| *known == axis)?;
                    let record = RecordIx(bases[target] + record.0);
                    Some((target, PvId { record, field }))
                };
                let Some((target, pv)) = whole().or_else(axis) else {
                    errors.push(BuildError::Watch {
                        device: name.clone(),
                        key: watch.key.clone(),
                        target: watch.device.clone(),
                    });
                    continue;
                };
                edges[at].push(target);
                watchers
                    .entry(pv)
                    .or_default()
                    .push((device_ix(at), InputId(input)));
                resolved.push(pv);
            }
            inputs.push(resolved);
        }
        if let Some(circle) = circle(&edges) {
            let names = circle
                .into_iter()
                .map(|at| self.devices[at].0.clone())
                .collect();
            errors.push(BuildError::Circle(names));
        }
        let mut slots = Faults::default();
        let mut faults = Vec::new();
        for (at, (name, surface, device)) in self.devices.iter().enumerate() {
            if let Some(record) = surface.faults {
                slots.declare(device_ix(at), RecordIx(bases[at] + record.0));
            }
            match Fault::parse(&surface.fault, device.faults()) {
                Ok(fault) => faults.extend(fault.map(|fault| (device_ix(at), fault))),
                Err(why) => errors.push(BuildError::Fault {
                    device: name.clone(),
                    why,
                }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let noise = self
            .devices
            .iter()
            .map(|(name, ..)| Noise::new(self.seed, name))
            .collect();
        let shares = Shares::new(self.devices.iter().map(|(_, own, _)| own.shares.as_slice()));
        let (device_names, devices) = self
            .devices
            .into_iter()
            .map(|(name, _, device)| (name, Some(Arc::from(device))))
            .unzip();
        let core = Core {
            title: self.title,
            seed: self.seed,
            epoch: self.epoch,
            now: SimTime::ZERO,
            ahead: Duration::ZERO,
            facts: 0,
            clients: 0,
            who: BTreeMap::new(),
            rules: self.rules,
            directory,
            records,
            device_names,
            bases,
            readbacks,
            inputs,
            watchers,
            noise,
            source: self.source,
            path,
            agenda: Agenda::default(),
            notify: Notify::default(),
            shares,
            open: BTreeMap::new(),
            faults: slots,
            pending: VecDeque::new(),
            events: VecDeque::new(),
            looking: None,
            snapshots: Snapshots::default(),
        };
        let mut world = World { core, devices };
        world.start(faults);
        Ok(world)
    }
}

fn device_ix(at: usize) -> DeviceIx {
    DeviceIx(u32::try_from(at).expect("fewer than 2^32 devices"))
}

/// Finds nodes that reach themselves.
fn circle(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Fresh,
        Open,
        Closed,
    }
    fn visit(at: usize, edges: &[Vec<usize>], marks: &mut [Mark], trail: &mut Vec<usize>) -> bool {
        match marks[at] {
            Mark::Closed => return false,
            Mark::Open => {
                let start = trail
                    .iter()
                    .position(|&seen| seen == at)
                    .unwrap_or_default();
                trail.drain(..start);
                return true;
            }
            Mark::Fresh => {}
        }
        marks[at] = Mark::Open;
        trail.push(at);
        if edges[at]
            .iter()
            .any(|&next| visit(next, edges, marks, trail))
        {
            return true;
        }
        trail.pop();
        marks[at] = Mark::Closed;
        false
    }
    let mut marks = vec![Mark::Fresh; edges.len()];
    let mut trail = Vec::new();
    (0..edges.len())
        .find(|&at| visit(at, edges, &mut marks, &mut trail))
        .map(|_| trail)
}
