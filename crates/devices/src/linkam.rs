//! A Linkam thermal stage: a sample heated and cooled in straight ramps.
//!
//! PVs are those that the endstation of 11-BM uses. Temperatures are in degrees Celsius, ramp rates in
//! degrees a minute, and they mean it. While `STARTHEAT` is 1, `TEMP` moves at the ramp rate towards the
//! set-point and then holds it exactly; while it is 0, the stage drifts to the temperature of the room. The
//! bits of `STATUS` are those that the profile collection of 11-BM reads.
//!
//! | file | holds |
//! | --- | --- |
//! | `settings`, `units` | what stands in the file |
//! | `table` | its records |
//! | `heat` | what the temperature does |
//! | `tensile` | the jaws of a tensile stage |

mod heat;
mod settings;
mod table;
mod tensile;
mod units;

use beamtwin_pv::SimTime;
use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Fault, Meaning, Order, Put, Refusal, Role, Surface, Timer, Word,
};

pub use self::settings::Settings;
pub use self::units::{HeatCapacity, Section, Stiffness};

use self::tensile::{Jaws, Stage};
use crate::fault::{Oven, Sensor};
use crate::physics::thermal::{Course, Law};
use crate::records::{Panel, process};
use crate::Kind;

/// The `linkam` kind.
#[derive(Clone, Debug)]
pub struct Linkam {
    panel: Panel,
    room: f64,
    /// Seconds after which a stage left alone is 1/e nearer to the room.
    cooling: f64,
    /// Nanoseconds between two readings.
    period: u64,
    lowest: f64,
    highest: f64,
    /// Degrees a minute.
    fastest: f64,
    /// Millijoules a degree.
    heat_capacity: f64,
    stage: Stage,
    now: Running,
}

/// All that changes and that no PV shows.
#[derive(Clone, Debug, PartialEq)]
struct Running {
    law: Law,
    /// Until when the present set-point is held, in nanoseconds.
    hold: Option<u64>,
    /// When a stage that cools by itself comes to its set-point, in nanoseconds.
    crossing: Option<u64>,
    jaws: Jaws,
    /// Whether the controller has been told to heat.
    heats: bool,
    oven: Oven,
    sensor: Sensor,
}

/// The next reading.
const READING: Timer = Timer(0);
/// The next reading of the tensile stage.
const JAWS: Timer = Timer(1);

/// The slowest ramp that the controller takes, in degrees a minute.
const SLOWEST: f64 = 0.01;
/// How near the temperature is to the set-point when it is said to be there.
const BAND: f64 = 0.05;
/// The longest hold, in seconds.
const LONGEST: f64 = 1e6;
/// How far two temperatures may lie apart and still be called the same.
const TOLERANCE: f64 = 0.5;

/// The bits of `STATUS`.
const ERROR: i32 = 1;
const AT_SETPOINT: i32 = 2;
const HEATER: i32 = 4;
const PUMP: i32 = 8;
const AUTOMATIC: i32 = 16;

impl Kind for Linkam {
    const NAME: &'static str = "linkam";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings.check(surface);
        let (low, high) = (settings.range.0.0, settings.range.1.0);
        let mut panel = Panel::default();
        for row in table::ROWS {
            let mut record = row.declare(&settings.pv, surface);
            if let Some(alias) = &settings.alias {
                record = record.alias(format!("{alias}{}", row.suffix));
            }
            record = match row.suffix {
                "SETPOINT:SET" => record
                    .with("VAL", settings.start.0)
                    .with("DRVL", low)
                    .with("DRVH", high)
                    .with("LOPR", low)
                    .with("HOPR", high),
                "SETPOINT" => record.with("VAL", settings.start.0),
                "RAMPRATE:SET" => record
                    .with("VAL", settings.ramp.0)
                    .with("DRVL", SLOWEST)
                    .with("DRVH", settings.fastest.0)
                    .with("LOPR", SLOWEST)
                    .with("HOPR", settings.fastest.0),
                "RAMPRATE" => record.with("VAL", settings.ramp.0),
                "TEMP" => record
                    .with("VAL", settings.start.0)
                    .with("LOPR", low)
                    .with("HOPR", high)
                    .means(Meaning::Curve)
                    .tolerance(TOLERANCE),
                "LNP_SPEED:SET" => record
                    .with("DRVH", 100.0)
                    .with("LOPR", 0.0)
                    .with("HOPR", 100.0),
                "HOLDTIME:SET" => record.with("DRVH", LONGEST),
                "TST_STATUS" => record.with("VAL", 5),
                "STATUS" => record.with("VAL", AUTOMATIC).means(Meaning::State),
                _ => record,
            };
            let id = record.id();
            if row.suffix == "TEMP" && settings.settable {
                record = record.role(Role::Command);
            }
            if row.suffix == "TEMP" {
                let temperature = record.val::<f64>();
                surface.readback(temperature);
            }
            panel.add(row.suffix, id, row.kind);
        }
        Box::new(Self {
            panel,
            room: settings.room.0,
            cooling: settings.cooling.0.as_secs_f64(),
            period: u64::try_from(settings.period.0.as_nanos()).unwrap_or(u64::MAX),
            lowest: low,
            highest: high,
            fastest: settings.fastest.0,
            heat_capacity: settings.heat_capacity.0,
            stage: Stage {
                travel: settings.travel.0 * 1000.0,
                stiffness: settings.stiffness.0,
                section: settings.section.0,
            },
            now: Running {
                law: Law::new(settings.start.0, SimTime::ZERO, Course::Hold),
                hold: None,
                crossing: None,
                jaws: Jaws::default(),
                heats: false,
                oven: Oven::Fine,
                sensor: Sensor::True,
            },
        })
    }
}

impl Linkam {
    /// Reads the jaws, and again while they move.
    fn pull(&mut self, cx: &mut Cx<'_>) {
        self.now.jaws.show(&self.stage, &self.panel, cx);
        if self.now.jaws.is_moving() {
            cx.wake_at(JAWS, self.tick(cx));
        } else {
            cx.cancel(JAWS);
        }
    }
}

impl Device for Linkam {
    fn start(&mut self, cx: &mut Cx<'_>) {
        self.steer(cx);
    }

    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let Some(pv) = self.panel.at(order.record) else {
            return Ok(Put::Done);
        };
        if self.now.oven == Oven::Offline {
            process::put_unanswered(cx, pv.kind, order);
            return Ok(Put::Done);
        }
        if order.field != val(pv.kind) {
            process::put(cx, pv.kind, order);
            return Ok(Put::Done);
        }
        if pv.suffix == "TEMP" {
            self.set(order.number(), cx);
            return Ok(Put::Done);
        }
        let kept = self.panel.post(cx, pv.suffix, order.value);
        if let Some(readback) = pv.suffix.strip_suffix(":SET")
            && readback != "LNP_SPEED"
        {
            self.panel.post(cx, readback, kept.clone());
        }
        if pv.suffix == "STARTHEAT" {
            self.now.heats = kept.as_f64() != Some(0.0);
        }
        match pv.suffix {
            "SETPOINT:SET" | "RAMPRATE:SET" | "STARTHEAT" | "LNP_MODE:SET" | "LNP_SPEED:SET" => {
                self.steer(cx);
            }
            "HOLDTIME:SET" => {
                self.hold(cx);
                self.schedule(cx);
            }
            "DISABLE" | "INIT" => self.read(cx),
            "TST_START_MOTOR" | "TST_TABLE_DIR:SET" | "TST_TABLE_MODE:SET" => {
                self.now.jaws.steer(&self.stage, &self.panel, cx);
                self.pull(cx);
            }
            "TST_JAW_TO_JAW_SIZE:SET" => self.now.jaws.clamp(&self.stage, &self.panel, cx),
            _ => {}
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        if timer == JAWS {
            self.pull(cx);
            return;
        }
        let now = cx.now();
        let crossed = self.now.crossing.is_some_and(|at| now.nanos() >= at);
        let arrived = self.now.law.arrival().is_some_and(|at| now >= at);
        if !crossed && !arrived {
            self.read(cx);
            self.schedule(cx);
            return;
        }
        let at = if crossed {
            self.panel.number(cx, "SETPOINT")
        } else {
            self.now.law.at(now)
        };
        self.now.law = Law::new(at, now, Course::Hold);
        self.read(cx);
        self.begin(at, cx);
    }

    fn faults(&self) -> &'static [&'static str] {
        Oven::WORDS
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let before = (self.now.oven, self.now.sensor);
        let shown = self.panel.number(cx, "TEMP");
        self.now.oven = Oven::with(fault);
        self.now.sensor = Sensor::with(fault, shown, cx.now());
        if before != (self.now.oven, self.now.sensor) {
            self.panel.silence(self.now.oven == Oven::Offline, cx);
            self.read(cx);
            self.steer(cx);
        }
    }

    fn words(&self) -> Vec<Word> {
        let word = |name, suffix| Some(Word::number(name, self.panel.slot(suffix)?));
        let words = [word("temperature", "TEMP"), word("setpoint", "SETPOINT")];
        words.into_iter().flatten().collect()
    }
}
