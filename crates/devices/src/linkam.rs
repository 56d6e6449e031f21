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
//! | `tensile` | the jaws of a tensile stage |

mod settings;
mod table;
mod tensile;
mod units;

use std::time::Duration;

use beamtwin_pv::SimTime;
use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Meaning, Order, Put, Refusal, Role, State, StateError, Surface, Timer,
};
use serde::{Deserialize, Serialize};

pub use self::settings::Settings;
pub use self::units::{HeatCapacity, Section, Stiffness};

use self::tensile::{Jaws, Stage};
use crate::physics::thermal::{Course, Law};
use crate::records::{Panel, process};
use crate::{Kind, state};

/// The `linkam` kind.
#[derive(Debug)]
pub struct Linkam {
    panel: Panel,
    room: f64,
    /// Seconds after which a stage left alone is 1/e nearer to the room.
    cooling: f64,
    /// Nanoseconds between two readings.
    period: u64,
    lowest: f64,
    highest: f64,
    /// Millijoules a degree.
    heat_capacity: f64,
    stage: Stage,
    now: Running,
}

/// All that changes and that no PV shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Running {
    law: Law,
    /// Until when the present set-point is held, in nanoseconds.
    hold: Option<u64>,
    /// When a stage that cools by itself comes to its set-point, in nanoseconds.
    crossing: Option<u64>,
    jaws: Jaws,
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
            },
        })
    }
}

impl Linkam {
    fn is_heating(&self, cx: &Cx<'_>) -> bool {
        self.panel.number(cx, "STARTHEAT") != 0.0
    }

    /// Whether the pump can run: a stage does not cool below the room, nor in a ramp, without it.
    fn has_nitrogen(&self, cx: &Cx<'_>) -> bool {
        let automatic = self.panel.number(cx, "LNP_MODE:SET") != 0.0;
        automatic || self.panel.number(cx, "LNP_SPEED:SET") > 0.0
    }

    /// What the temperature does from here on.
    fn course(&self, from: f64, cx: &Cx<'_>) -> Course {
        let alone = if from == self.room {
            Course::Hold
        } else {
            Course::Drift {
                room: self.room,
                time: self.cooling,
            }
        };
        if !self.is_heating(cx) {
            return alone;
        }
        let target = self.panel.number(cx, "SETPOINT");
        let rate = self.panel.number(cx, "RAMPRATE");
        let needs_nitrogen = target < from || target == from && target < self.room;
        if !target.is_finite() || rate <= 0.0 {
            Course::Hold
        } else if needs_nitrogen && !self.has_nitrogen(cx) {
            alone
        } else if target == from {
            Course::Hold
        } else {
            Course::Ramp { target, rate }
        }
    }

    /// Sets course after something was written.
    fn steer(&mut self, cx: &mut Cx<'_>) {
        let from = self.now.law.at(cx.now());
        self.begin(from, cx);
    }

    fn begin(&mut self, from: f64, cx: &mut Cx<'_>) {
        let course = self.course(from, cx);
        let target = self.panel.number(cx, "SETPOINT");
        let falls = matches!(course, Course::Drift { .. }) && self.is_heating(cx);
        self.now.crossing = (falls && self.room < target && target < from).then(|| {
            let ratio = (from - self.room) / (target - self.room);
            let wait = Duration::try_from_secs_f64(self.cooling * ratio.ln());
            (cx.now() + wait.unwrap_or(Duration::MAX)).nanos()
        });
        self.now.law = Law::new(from, cx.now(), course);
        self.hold(cx);
        self.show(cx);
        self.schedule(cx);
    }

    /// Begins to count the time at the set-point, if it is there and there is time to count.
    fn hold(&mut self, cx: &mut Cx<'_>) {
        let seconds = self.panel.number(cx, "HOLDTIME:SET");
        let target = self.panel.number(cx, "SETPOINT");
        let holds = self.is_heating(cx) && self.now.law.at(cx.now()) == target;
        self.now.hold = (holds && seconds > 0.0).then(|| {
            let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            (cx.now() + wait).nanos()
        });
        self.panel.set(cx, "HOLDTIME", tidy(seconds));
    }

    /// Takes on a temperature, as only a simulated stage can.
    fn set(&mut self, temperature: f64, cx: &mut Cx<'_>) {
        if temperature.is_nan() {
            return;
        }
        let from = temperature.clamp(self.lowest, self.highest);
        self.panel.set(cx, "TEMP", from);
        self.begin(from, cx);
    }

    /// The next moment of the controller's clock.
    fn tick(&self, cx: &Cx<'_>) -> SimTime {
        SimTime::from_nanos((cx.now().nanos() / self.period + 1).saturating_mul(self.period))
    }

    fn schedule(&self, cx: &mut Cx<'_>) {
        let own = [self.now.crossing, self.now.hold].map(|at| at.map(SimTime::from_nanos));
        let ends = own.into_iter().chain([self.now.law.arrival()]).flatten();
        match ends.min() {
            Some(end) => cx.wake_at(READING, end.min(self.tick(cx))),
            None => cx.cancel(READING),
        }
    }

    /// What follows from temperature and settings.
    fn show(&self, cx: &mut Cx<'_>) {
        if self.panel.number(cx, "DISABLE") != 0.0 {
            return;
        }
        let law = &self.now.law;
        let temperature = law.at(cx.now());
        let heating = self.is_heating(cx);
        let automatic = self.panel.number(cx, "LNP_MODE:SET") != 0.0;
        let target = self.panel.number(cx, "SETPOINT");
        let cold = law.is_cooled() || target < self.room && temperature <= target + BAND;
        let speed = match (heating && cold, automatic) {
            (_, false) => self.panel.number(cx, "LNP_SPEED:SET"),
            (true, true) => 100.0,
            (false, true) => 0.0,
        };
        self.panel.set(cx, "LNP_SPEED", speed);
        let power = if heating && !law.is_cooled() && self.highest > self.room {
            (100.0 * (temperature - self.room) / (self.highest - self.room)).clamp(0.0, 100.0)
        } else {
            0.0
        };
        self.panel.set(cx, "POWER", tidy(power));
        let slope = self.slope(target, temperature, cx);
        self.panel.set(cx, "DSC", tidy(self.heat_capacity * slope));
        let ramps = matches!(self.course(temperature, cx), Course::Ramp { .. });
        let arrival = law.arrival().filter(|_| ramps);
        let left = arrival.map_or(0.0, |at| at.since(cx.now()).as_secs_f64());
        self.panel.set(cx, "RAMPTIME", tidy(left));
        let bit = |is: bool, bit: i32| if is { bit } else { 0 };
        let status = bit(heating && (temperature - target).abs() <= BAND, AT_SETPOINT)
            | bit(heating, HEATER)
            | bit(speed > 0.0, PUMP)
            | bit(automatic, AUTOMATIC);
        self.panel.set(cx, "STATUS", status.into());
    }

    /// Takes a reading, unless the controller is not to be read.
    fn read(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        if self.now.hold.is_some_and(|until| now.nanos() >= until) {
            self.now.hold = None;
            self.panel.set(cx, "HOLDTIME", 0.0);
        }
        if self.panel.number(cx, "DISABLE") != 0.0 {
            return;
        }
        if let Some(until) = self.now.hold {
            let left = SimTime::from_nanos(until).since(now).as_secs_f64();
            self.panel.set(cx, "HOLDTIME", tidy(left));
        }
        self.panel.set(cx, "TEMP", tidy(self.now.law.at(now)));
        self.show(cx);
    }

    /// How fast the temperature changes, in degrees a second.
    fn slope(&self, target: f64, temperature: f64, cx: &Cx<'_>) -> f64 {
        match self.course(temperature, cx) {
            Course::Hold => 0.0,
            Course::Ramp { rate, .. } => (rate / 60.0).copysign(target - temperature),
            Course::Drift { room, time } => (room - temperature) / time,
        }
    }

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
            self.panel.post(cx, readback, kept);
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

    fn save(&self) -> State {
        state::save(&self.now)
    }

    fn restore(&mut self, state: State) -> Result<(), StateError> {
        self.now = state::restore(state)?;
        Ok(())
    }
}

/// Without the dust of binary fractions: to a millionth.
fn tidy(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
