//! How a command goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use beamtwin_server::engine::Shared;
use beamtwin_sim::PvId;
use beamtwin_trace::Time;

/// How a command goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Device time since it began.
    pub device: Time,
    /// Time by the clock since it began.
    pub wall: Duration,
    /// The devices that move or expose.
    pub busy: Vec<String>,
}

/// The channels that tell whether something moves or exposes.
pub(super) struct Watched(Vec<(PvId, String, f64)>);

impl Watched {
    /// Those of a world.
    pub(super) fn of(engine: &Shared) -> Self {
        engine.look(|engine| {
            let world = engine.world();
            let records = world.records();
            let watched = records.filter_map(|record| {
                let name = world.directory().name(record);
                let motor = world.find(&format!("{name}.DMOV")).map(|it| (it.pv, 0.0));
                let camera = || {
                    let name = name.ends_with(":Acquire").then_some(name)?;
                    world.find(name).map(|it| (it.pv, 1.0))
                };
                let (pv, busy) = motor.or_else(camera)?;
                Some((pv, world.describe(pv).device, busy))
            });
            Self(watched.collect())
        })
    }

    /// How it goes now.
    pub(super) fn look(&self, engine: &Shared, device: Time, wall: Duration) -> Progress {
        let busy: BTreeSet<&str> = engine.look(|engine| {
            let world = engine.world();
            let now = self
                .0
                .iter()
                .filter(|(pv, _, busy)| world.read(*pv).value.as_f64() == Some(*busy));
            now.map(|(_, device, _)| device.as_str()).collect()
        });
        Progress {
            device,
            wall,
            busy: busy.into_iter().map(str::to_owned).collect(),
        }
    }
}
