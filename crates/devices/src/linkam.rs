//! A Linkam thermal stage: a sample heated and cooled in straight ramps.
//!
//! PVs are those that the endstation of 11-BM uses. Temperatures are in degrees Celsius, ramp rates in
//! degrees a minute, and they mean it. While `STARTHEAT` is 1, `TEMP` moves at the ramp rate towards the
//! set-point and then holds it exactly; while it is 0, the stage drifts to the temperature of the room. The
//! bits of `STATUS` are those that the profile collection of 11-BM reads.

mod table;

use beamtwin_pv::SimTime;
use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Meaning, Order, Put, Refusal, Role, State, StateError, Surface, Timer,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::physics::thermal::{Course, Law};
use crate::records::{Panel, process};
use crate::settings::{self, Celsius, CelsiusRate, Wait};
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
    law: Law,
}

/// What stands in a `[linkam.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The prefix of all its PVs, with its colon: `"XF:11BM-ES:{LINKAM}:"`.
    pub pv: String,
    /// Another prefix that leads to the same PVs.
    #[serde(default)]
    pub alias: Option<String>,
    /// The lowest and the highest set-point; what is written beyond them is clipped.
    #[serde(default = "range")]
    pub range: (Celsius, Celsius),
    /// The ramp rate at first.
    #[serde(default = "ramp")]
    pub ramp: CelsiusRate,
    /// The fastest ramp; what is written beyond it is clipped.
    #[serde(default = "fastest")]
    pub fastest: CelsiusRate,
    /// The temperature at first.
    #[serde(default = "room")]
    pub start: Celsius,
    /// The temperature that the stage drifts to when nothing heats it.
    #[serde(default = "room")]
    pub room: Celsius,
    /// How long it takes, left alone, to come nearer to the room by a factor of e.
    #[serde(default = "cooling")]
    pub cooling: Wait,
    /// Whether clients may write `TEMP`, which no real stage allows: for scripts that reset a simulation.
    #[serde(default)]
    pub settable: bool,
    /// The time from one reading of the controller to the next.
    #[serde(default = "period")]
    pub period: Wait,
}

/// The next reading.
const READING: Timer = Timer(0);

/// The slowest ramp that the controller takes, in degrees a minute.
const SLOWEST: f64 = 0.01;
/// How near the temperature is to the set-point when it is said to be there.
const BAND: f64 = 0.05;
/// How far two temperatures may lie apart and still be called the same.
const TOLERANCE: f64 = 0.5;

/// The bits of `STATUS`.
const AT_SETPOINT: i32 = 2;
const HEATER: i32 = 4;
const PUMP: i32 = 8;
const AUTOMATIC: i32 = 16;

const fn range() -> (Celsius, Celsius) {
    (Celsius(-196.0), Celsius(350.0))
}

const fn ramp() -> CelsiusRate {
    CelsiusRate(10.0)
}

const fn fastest() -> CelsiusRate {
    CelsiusRate(150.0)
}

const fn room() -> Celsius {
    Celsius(25.0)
}

const fn cooling() -> Wait {
    Wait(std::time::Duration::from_secs(300))
}

const fn period() -> Wait {
    Wait(std::time::Duration::from_millis(500))
}

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
            law: Law::new(settings.start.0, SimTime::ZERO, Course::Hold),
        })
    }
}

impl Settings {
    fn check(&self, surface: &mut Surface) {
        let longest = "TST_JAW_TO_JAW_SIZE:SET";
        settings::record_name(surface, "pv", &format!("{}{longest}", self.pv));
        if let Some(alias) = &self.alias {
            settings::record_name(surface, "alias", &format!("{alias}{longest}"));
            if *alias == self.pv {
                surface.flaw("alias", "the alias is the same as pv; leave it out");
            }
        }
        let (low, high) = (self.range.0.0, self.range.1.0);
        if low >= high {
            let message = "the lowest and the highest temperature are wanted; write for example \
                           [\"-196 degC\", \"350 degC\"]";
            surface.flaw("range", message);
        } else {
            for (key, temperature) in [("start", self.start.0), ("room", self.room.0)] {
                if !(low..=high).contains(&temperature) {
                    let message =
                        format!("{temperature} degC lies outside the range {low} to {high} degC");
                    surface.flaw(key, message);
                }
            }
        }
        if self.fastest.0 <= SLOWEST {
            surface.flaw("fastest", format!("the slowest ramp is {SLOWEST} degC/min"));
        } else if !(SLOWEST..=self.fastest.0).contains(&self.ramp.0) {
            let message = format!(
                "{} degC/min is not from {SLOWEST} to {} degC/min; the upper end is the setting fastest",
                self.ramp.0, self.fastest.0
            );
            surface.flaw("ramp", message);
        }
        if self.cooling.0.is_zero() {
            surface.flaw(
                "cooling",
                "nothing cools in no time; write for example \"5 min\"",
            );
        }
        if self.period.0.as_millis() < 10 {
            surface.flaw(
                "period",
                "the shortest period is 10 ms; write for example \"500 ms\"",
            );
        }
    }
}

impl Linkam {
    fn is_heating(&self, cx: &Cx<'_>) -> bool {
        self.panel.number(cx, "STARTHEAT") != 0.0
    }

    /// Sets course after something was written.
    fn steer(&mut self, cx: &mut Cx<'_>) {
        let from = self.law.at(cx.now());
        let course = if self.is_heating(cx) {
            let target = self.panel.number(cx, "SETPOINT");
            let rate = self.panel.number(cx, "RAMPRATE");
            if target.is_finite() && rate > 0.0 && target != from {
                Course::Ramp { target, rate }
            } else {
                Course::Hold
            }
        } else if from == self.room {
            Course::Hold
        } else {
            Course::Drift {
                room: self.room,
                time: self.cooling,
            }
        };
        self.law = Law::new(from, cx.now(), course);
        self.show(cx);
        self.schedule(cx);
    }

    /// Takes on a temperature, as only a simulated stage can.
    fn set(&mut self, temperature: f64, cx: &mut Cx<'_>) {
        if temperature.is_nan() {
            return;
        }
        let from = temperature.clamp(self.lowest, self.highest);
        self.panel.set(cx, "TEMP", from);
        self.law = Law::new(from, cx.now(), Course::Hold);
        self.steer(cx);
    }

    fn schedule(&self, cx: &mut Cx<'_>) {
        match self.law.arrival() {
            Some(arrival) => {
                let tick = (cx.now().nanos() / self.period + 1).saturating_mul(self.period);
                cx.wake_at(READING, arrival.min(SimTime::from_nanos(tick)));
            }
            None => cx.cancel(READING),
        }
    }

    /// What follows from temperature and settings.
    fn show(&self, cx: &mut Cx<'_>) {
        let temperature = self.law.at(cx.now());
        let heating = self.is_heating(cx);
        let automatic = self.panel.number(cx, "LNP_MODE:SET") != 0.0;
        let target = self.panel.number(cx, "SETPOINT");
        let cold = self.law.is_cooled() || target < self.room && temperature <= target + BAND;
        let speed = match (heating && cold, automatic) {
            (_, false) => self.panel.number(cx, "LNP_SPEED:SET"),
            (true, true) => 100.0,
            (false, true) => 0.0,
        };
        self.panel.set(cx, "LNP_SPEED", speed);
        let power = if heating && !self.law.is_cooled() && self.highest > self.room {
            (100.0 * (temperature - self.room) / (self.highest - self.room)).clamp(0.0, 100.0)
        } else {
            0.0
        };
        self.panel.set(cx, "POWER", tidy(power));
        let bit = |is: bool, bit: i32| if is { bit } else { 0 };
        let status = bit(heating && (temperature - target).abs() <= BAND, AT_SETPOINT)
            | bit(heating, HEATER)
            | bit(speed > 0.0, PUMP)
            | bit(automatic, AUTOMATIC);
        self.panel.set(cx, "STATUS", status.into());
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
            "SETPOINT:SET" | "RAMPRATE:SET" | "STARTHEAT" => self.steer(cx),
            "LNP_MODE:SET" | "LNP_SPEED:SET" => self.show(cx),
            _ => {}
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        let now = cx.now();
        self.panel.set(cx, "TEMP", tidy(self.law.at(now)));
        if self.law.arrival().is_some_and(|arrival| now >= arrival) {
            self.law = Law::new(self.law.at(now), now, Course::Hold);
        }
        self.show(cx);
        self.schedule(cx);
    }

    fn save(&self) -> State {
        state::save(&self.law)
    }

    fn restore(&mut self, state: State) -> Result<(), StateError> {
        self.law = state::restore(state)?;
        Ok(())
    }
}

/// Without the dust of binary fractions: to a millionth.
fn tidy(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
