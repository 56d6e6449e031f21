//! The PVs in which the twin shows what goes on over the network.
//!
//! How clients behave depends on the network and on the clock on the wall. So these figures are served as they
//! are when somebody asks, and once a second to those who subscribe; they are neither committed nor recorded.

use std::rc::Rc;
use std::time::Duration;

use beamtwin_pv::{Alarm, Sample, Value};
use beamtwin_sim::{Mask, PvId, RecordIx, World};
use tokio::sync::Notify;

use super::{Described, Engine, Shared};

/// What a PV tells.
#[derive(Clone, Copy, Debug)]
enum Figure {
    BytesIn,
    BytesOut,
    Channels,
    Circuits,
    Events,
    Memory,
    Missed,
    Puts,
    Refused,
    Squashed,
    Subscriptions,
    Uptime,
}

/// The names of the PVs, below the prefix of the twin.
const NAMES: &[(&str, Figure)] = &[
    ("bytes_in", Figure::BytesIn),
    ("bytes_out", Figure::BytesOut),
    ("channels", Figure::Channels),
    ("circuits", Figure::Circuits),
    ("events", Figure::Events),
    ("memory", Figure::Memory),
    ("missed", Figure::Missed),
    ("puts", Figure::Puts),
    ("refused", Figure::Refused),
    ("squashed", Figure::Squashed),
    ("subscriptions", Figure::Subscriptions),
    ("uptime", Figure::Uptime),
];

/// How often those who subscribe are told.
const PERIOD: Duration = Duration::from_secs(1);

/// Where the figures are, and what was told of them last.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Their records; a twin declares them one after the other.
    first: u32,
    end: u32,
    known: Vec<(PvId, Figure, f64)>,
    /// Somebody has subscribed to one.
    wanted: Rc<Notify>,
}

impl Figures {
    /// The records below a prefix.
    pub(super) fn below(prefix: &str, world: &World) -> Self {
        let known = NAMES.iter().filter_map(|&(name, figure)| {
            let target = world.find(&format!("{prefix}{name}"))?;
            Some((target.pv, figure, f64::NAN))
        });
        let known: Vec<_> = known.collect();
        let records = || known.iter().map(|(pv, ..)| pv.record.0);
        Self {
            first: records().min().unwrap_or_default(),
            end: records().max().map_or(0, |last| last + 1),
            known,
            wanted: Rc::default(),
        }
    }

    fn find(&self, pv: PvId) -> Option<Figure> {
        let PvId {
            record: RecordIx(record),
            ..
        } = pv;
        if record < self.first || record >= self.end {
            return None;
        }
        let known = self.known.iter().find(|(known, ..)| *known == pv);
        known.map(|&(_, figure, _)| figure)
    }

    /// Takes note that somebody subscribes.
    pub(super) fn subscribed(&self, pv: PvId) {
        if self.find(pv).is_some() {
            self.wanted.notify_one();
        }
    }
}

impl Engine {
    /// The present figure behind a PV, if it is one.
    pub(super) fn figure(&self, pv: PvId) -> Option<Sample> {
        let value = self.measure(self.figures.find(pv)?)?;
        Some(self.told(value))
    }

    fn told(&self, value: f64) -> Sample {
        Sample {
            value: Value::Double(value),
            alarm: Alarm::NONE,
            stamp: self.world.epoch().stamp(self.world.now()),
        }
    }

    /// The present figure; none where this system does not tell.
    fn measure(&self, figure: Figure) -> Option<f64> {
        let census = &self.census;
        let count = match figure {
            Figure::BytesIn => census.received.get(),
            Figure::BytesOut => census.sent.get(),
            Figure::Channels => census.channels.get(),
            Figure::Circuits => census.circuits.get(),
            Figure::Events => census.events.get(),
            Figure::Memory => memory()?,
            Figure::Missed => self.counts.misses,
            Figure::Puts => self.counts.puts,
            Figure::Refused => census.refused.get(),
            Figure::Squashed => census.squashed.get(),
            Figure::Subscriptions => census.subscriptions.get(),
            Figure::Uptime => self.uptime().as_secs(),
        };
        Some(count as f64)
    }

    /// Tells what has changed to those who subscribed; whether there is anybody.
    fn tell_figures(&mut self) -> bool {
        let mut anybody = false;
        for at in 0..self.figures.known.len() {
            let (pv, figure, told) = self.figures.known[at];
            if !self.hub.has(pv) {
                continue;
            }
            anybody = true;
            if let Some(value) = self.measure(figure).filter(|&value| value != told) {
                self.figures.known[at].2 = value;
                let sample = self.told(value);
                let stamp = sample.stamp;
                let described = Described::of(&self.world, pv);
                self.hub
                    .post(pv, Mask::CHANGE, &described, || (sample, stamp));
            }
        }
        anybody
    }
}

impl Shared {
    /// Tells the figures to those who subscribe, for ever; while nobody does, it sleeps.
    pub async fn tell_figures(&self) {
        let wanted = self.look(|engine| Rc::clone(&engine.figures.wanted));
        loop {
            wanted.notified().await;
            while self.act(Engine::tell_figures) {
                tokio::time::sleep(PERIOD).await;
            }
        }
    }
}

/// Bytes of memory in use, as far as the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}
