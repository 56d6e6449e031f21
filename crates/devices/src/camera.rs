//! An area detector: its `cam1`, as areaDetector shows it.
//!
//! Two drivers are modelled, as captured from running servers: the simulated detector (`model = "sim"`)
//! and the Pilatus driver (all other models). Exposures end exactly after `AcquireTime` seconds of device
//! time, and the next begins `AcquirePeriod` seconds after the last began. Every record of the driver is
//! there; those that steer nothing keep what is written and mirror it to their `_RBV`.

mod family;
mod frame;
mod image;
mod listed;
mod model;
mod pattern;
mod plugin;
mod plugins;
mod roi;
mod run;
mod statistics;
mod stats;
mod transform;
mod view;

use std::time::Duration;

use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Fault, Order, Put, Refusal, Surface, Timer, Word,
};
use schemars::JsonSchema;
use serde::Deserialize;

pub use model::Model;
use listed::{STANDARD, listed};
use plugins::{Place, Plugins};
use run::Run;

use crate::records::Panel;
use crate::records::areadetector::cam;
use crate::records::process;
use crate::{Kind, settings};

/// The `camera` kind.
#[derive(Clone, Debug)]
pub struct Camera {
    panel: Panel,
    plugins: Plugins,
    run: Run,
}

/// What stands in a `[camera.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The prefix of all its PVs, with its colon: `"XF:11BMB-ES{Det:PIL2M}:"`.
    pub pv: String,
    /// What follows the prefix in the names of the driver's PVs.
    #[serde(default = "cam1")]
    pub cam: String,
    /// Which detector it is: its driver and its size.
    #[serde(default)]
    pub model: Model,
    /// Width and height in pixels, where they are not the model's.
    #[serde(default)]
    pub size: Option<(i64, i64)>,
    /// What `PortName_RBV` says, where it is not what the driver's example says.
    #[serde(default)]
    pub port: Option<String>,
    /// Its plugins, by what their PVs begin with: `"image1"`, or `"Stats1-5"` for five.
    #[serde(default = "standard")]
    pub plugins: Vec<String>,
}

/// An exposure or a pause ends.
const FRAME: Timer = Timer(0);
/// The frame rate is worked out, every second.
const RATE: Timer = Timer(1);
/// The most pixels a side can have.
const SIDE: i64 = 65_536;

fn cam1() -> String {
    "cam1:".to_owned()
}

fn standard() -> Vec<String> {
    STANDARD.map(str::to_owned).to_vec()
}

/// The longest exposure or period: a year, for those who write infinity.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A number of seconds as a duration: none if it is negative or no number.
fn seconds(number: f64) -> Duration {
    if number.is_nan() || number <= 0.0 {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(number).map_or(LONGEST, |duration| duration.min(LONGEST))
}

impl Kind for Camera {
    const NAME: &'static str = "camera";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        let prefix = format!("{}{}", settings.pv, settings.cam);
        settings::record_name(surface, "pv", &format!("{prefix}NumExposuresCounter_RBV"));
        let (width, height) = settings.size.unwrap_or(settings.model.size());
        if !(1..=SIDE).contains(&width) || !(1..=SIDE).contains(&height) {
            let message = format!(
                "width and height are wanted in pixels, each from 1 to {SIDE}; write for example \
                 [1475, 1679]"
            );
            surface.flaw("size", message);
        }
        let port = settings.port.as_deref();
        if port.is_some_and(|port| port.is_empty() || port.len() > 39) {
            surface.flaw("port", "a port's name has 1 to 39 bytes");
        }
        let own = if settings.model.is_pilatus() {
            cam::PILATUS
        } else {
            cam::SIMULATOR
        };
        let driver = port.unwrap_or(settings.model.port());
        let mut panel = Panel::default();
        for row in cam::COMMON.iter().chain(own) {
            let record = row.declare(&prefix, surface);
            let record = match row.suffix {
                "MaxSizeX_RBV" | "ArraySizeX_RBV" => record.with("VAL", width as f64),
                "MaxSizeY_RBV" | "ArraySizeY_RBV" => record.with("VAL", height as f64),
                "SizeX" => record.with("VAL", width as f64),
                "SizeY" => record.with("VAL", height as f64),
                "SizeX_RBV" if row.number != 0.0 => record.with("VAL", width as f64),
                "SizeY_RBV" if row.number != 0.0 => record.with("VAL", height as f64),
                "PortName_RBV" => record.with("VAL", driver),
                suffix => match run::meaning(suffix) {
                    Some(meaning) => record.means(meaning),
                    None => record,
                },
            };
            let id = record.id();
            panel.add(row.suffix, id, row.kind);
        }
        let mut plugins = Plugins::default();
        let side = |side| u32::try_from(side).unwrap_or(1);
        let place = Place {
            prefix: &settings.pv,
            driver,
            size: (side(width), side(height)),
        };
        match listed(settings.plugins.iter().map(String::as_str)) {
            Ok(listed) => {
                for it in listed {
                    plugins.declare(it, &place, surface);
                }
            }
            Err(wrong) => wrong.into_iter().for_each(|it| surface.flaw("plugins", it)),
        }
        Box::new(Self {
            panel,
            plugins,
            run: Run::new(settings.model.is_pilatus()),
        })
    }
}

impl Device for Camera {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if self.plugins.put(&order, cx) {
            return Ok(Put::Done);
        }
        let Some(pv) = self.panel.at(order.record) else {
            return Ok(Put::Done);
        };
        if order.field != val(pv.kind) {
            process::put(cx, pv.kind, order);
            return Ok(Put::Done);
        }
        let suffix = pv.suffix;
        match suffix {
            "Acquire" => return Ok(self.run.acquire(&self.panel, &order, cx)),
            "AcquireBusy" => {
                let done = order.number() == 0.0;
                self.panel.post(cx, suffix, order.value);
                if done {
                    self.run.let_go(cx);
                }
            }
            _ => {
                self.panel.keep(cx, suffix, order.value);
                if suffix == "ArrayCounter" {
                    self.run.count(cx);
                }
            }
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        match timer {
            RATE => self.run.rate(&self.panel, &mut self.plugins, cx),
            _ => self.run.step(&self.panel, &mut self.plugins, cx),
        }
    }

    fn faults(&self) -> &'static [&'static str] {
        run::FAULTS
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        self.run.fault(fault, &self.panel, &mut self.plugins, cx);
    }

    fn words(&self) -> Vec<Word> {
        let slot = |suffix| self.panel.slot(suffix);
        let words = [
            slot("Acquire").map(|it| Word::unless("acquiring", it, 0.0)),
            slot("DetectorState_RBV").map(|it| Word::when("exposing", it, run::ACQUIRE)),
            slot("ArrayCounter_RBV").map(|it| Word::number("frames", it)),
        ];
        words.into_iter().flatten().collect()
    }
}
