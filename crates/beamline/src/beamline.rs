//! A beamline file that has been read and found to be sound.

use beamtwin_devices::visit;
use beamtwin_pv::Epoch;
use beamtwin_rules::Rule;
use beamtwin_sim::{Beam, BuildError, World, WorldBuilder};

use crate::assemble::Build;
use crate::explain::{Explanation, Source};
use crate::plan::{Clients, Limits, Ruled};
use crate::registry::TWIN;
use crate::{rules, watchman};

/// A beamline, ready to be built, as often as wanted: a replay needs a fresh world.
#[derive(Clone, Debug)]
pub struct Beamline {
    pub(crate) title: String,
    pub(crate) source: Option<Beam>,
    pub(crate) path: Vec<String>,
    pub(crate) clients: Clients,
    pub(crate) rules: Vec<Ruled>,
    pub(crate) devices: Vec<Ready>,
}

/// What a file says to whoever serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The prefix of the PVs that tell of the twin itself, if there are any.
    pub twin_pv: Option<String>,
    /// Whether a client is not heard while a put with completion waits for another one on the same channel.
    pub puts_in_turn: bool,
    /// How much clients may ask for.
    pub limits: Limits,
}

/// A device whose settings have been checked.
#[derive(Clone, Debug)]
pub struct Ready {
    /// `motor.sample.theta`.
    pub device: String,
    /// `motor`.
    pub kind: &'static str,
    /// The line that makes it; `None` for the one that the loader adds.
    pub line: Option<usize>,
    pub(crate) settings: toml::Table,
    /// Who said each of the settings.
    pub(crate) sources: Vec<Source>,
}

impl Beamline {
    /// What the beamline is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The devices, in the order of the file; the one that the loader adds comes last.
    pub fn devices(&self) -> impl Iterator<Item = &Ready> {
        self.devices.iter()
    }

    /// The names of the devices that the beam meets, in order.
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// What must never or always hold, over the process variables of a world of this beamline.
    ///
    /// # Panics
    /// If the world is of another beamline.
    #[must_use]
    pub fn rules(&self, world: &World) -> Vec<Rule> {
        rules::bind(&self.rules, world).expect("the loader has read the same rules before")
    }

    /// What the file says to whoever serves it.
    #[must_use]
    pub fn serving(&self) -> Serving {
        let twin = self.devices().find(|known| known.device == TWIN);
        let twin_pv = twin.and_then(|twin| twin.settings.get("pv")?.as_str());
        Serving {
            twin_pv: twin_pv.map(str::to_owned),
            puts_in_turn: self.clients.puts_in_turn,
            limits: self.clients.limits.clone(),
        }
    }

    /// Each setting of a device, its value, and the line that set it; `None` if there is no such device.
    #[must_use]
    pub fn explain(&self, device: &str) -> Option<Explanation> {
        self.devices()
            .find(|known| known.device == device)
            .map(Explanation::of)
    }

    /// Builds a fresh world at device time zero.
    #[must_use]
    pub fn world(&self, seed: u64, epoch: Epoch) -> World {
        let built = self.clone().build(seed, epoch);
        let mut world = built.expect("the loader has built the same world before");
        let rules = self.rules(&world);
        watchman::watch(&mut world, rules);
        world
    }

    pub(crate) fn build(self, seed: u64, epoch: Epoch) -> Result<World, Vec<BuildError>> {
        let builder = WorldBuilder::new(self.title).seed(seed).epoch(epoch);
        let mut builder = builder.access(self.clients.rules);
        if let Some(source) = self.source {
            builder = builder.beam(source, self.path);
        }
        for device in self.devices {
            let (surface, built) = visit(device.kind, Build(device.settings))
                .expect("the loader has found this kind before");
            builder.add(device.device, surface, built);
        }
        builder.build()
    }
}
