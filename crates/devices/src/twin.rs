//! What a twin says of itself: that it is a simulation, whether it is recorded, how fast its time runs, what
//! goes on over the network.
//!
//! Whoever loads a beamline file adds one of these. The program that serves the twin writes the PVs; clients
//! can only read them. Speed is in seconds of device time per second of the clock on the wall.

use beamtwin_sim::record::val;
use beamtwin_sim::{Cx, Device, Meaning, Order, Put, Refusal, Surface};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::records::base::{AI, MBBI, STRINGIN, WAVEFORM_CHAR};
use crate::records::{Panel, Row};
use crate::{Kind, settings};

/// The `twin` kind.
#[derive(Clone, Debug)]
pub struct Twin(Panel);

/// What stands in a `[twin.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The prefix of its PVs, with its colon: `"TWIN:"`.
    pub pv: String,
    /// What the twin is a twin of.
    #[serde(default)]
    pub title: String,
}

/// What `simulation` says, for everybody who wonders.
const SIMULATION: &str = "This is a simulation";

/// The PVs, those that the twin writes marked as outputs.
const ROWS: &[Row] = &[
    Row::new("simulation", &STRINGIN).text(SIMULATION),
    Row::new("pace", &STRINGIN).text("real").writable(),
    Row::new("recording", &MBBI)
        .states(&["off", "on", "lost"])
        .writable(),
    Row::new("speed", &AI).number(1.0).precision(3).writable(),
    Row::new("title", &WAVEFORM_CHAR).count(256).readonly(),
    figure("bytes_in").units("B"),
    figure("bytes_out").units("B"),
    figure("channels"),
    figure("circuits"),
    figure("events"),
    figure("memory").units("B"),
    figure("missed"),
    figure("puts"),
    figure("refused"),
    figure("squashed"),
    figure("subscriptions"),
    figure("uptime").units("s"),
];

/// A figure that the program which serves the twin answers for; it is never committed.
const fn figure(suffix: &'static str) -> Row {
    Row::new(suffix, &AI).readonly()
}

impl Kind for Twin {
    const NAME: &'static str = "twin";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings::record_name(surface, "pv", &format!("{}simulation", settings.pv));
        let mut panel = Panel::default();
        for row in ROWS {
            let mut record = row.declare(&settings.pv, surface).means(Meaning::State);
            if row.suffix == "title" && !settings.title.is_empty() {
                let title = crate::records::row::characters(&settings.title);
                let count = title.count();
                record = record
                    .with("VAL", title)
                    .with("NELM", count.max(row.count as usize) as f64)
                    .with("NORD", count as f64);
            }
            let id = record.id();
            panel.add(row.suffix, id, row.kind);
        }
        Box::new(Self(panel))
    }
}

impl Device for Twin {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let Some(pv) = self.0.at(order.record) else {
            return Ok(Put::Done);
        };
        if order.field != val(pv.kind) {
            return Ok(Put::Done);
        }
        if order.by.is_some() {
            let message = format!("{} is written by the twin itself", pv.suffix);
            return Err(Refusal::rejected(message));
        }
        self.0.post(cx, pv.suffix, order.value);
        Ok(Put::Done)
    }
}
