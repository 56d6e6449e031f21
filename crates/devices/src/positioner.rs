//! A positioner behind a set-point and a readback, with a moving status and commands to go and to stop.
//!
//! The pattern of energies, undulators and virtual axes at NSLS-II: `…-SP`, `…-I`, `…Sts:Moving-Sts`,
//! `…Cmd:Go-Cmd.PROC`, `…Cmd:Stop-Cmd.PROC`. Where there is a go command, a set-point is kept until somebody
//! goes; without one, writing it is going. Motion is a trapezoid, looked at every `period`.

use std::time::Duration;

use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, LocalRecord, Meaning, Order, Put, PutId, RecordType, Refusal, Role, State,
    StateError, Surface, Timer,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::physics::trapezoid::{Motion, Pace, Point};
use crate::records::base::{AI, AO, BI, BO};
use crate::records::process;
use crate::settings::{self, Wait};
use crate::{Kind, state};

/// The `positioner` kind.
#[derive(Debug)]
pub struct Positioner {
    setpoint: LocalRecord,
    readback: LocalRecord,
    moving: Option<LocalRecord>,
    go: Option<LocalRecord>,
    pace: Pace,
    /// A way that is not worth going.
    tolerance: f64,
    /// Nanoseconds between two looks.
    period: u64,
    journey: Journey,
}

/// Where it is and where it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Journey {
    /// Where it rests, or where its motion began.
    rest: f64,
    /// How it moves, and since when, in nanoseconds.
    motion: Option<(u64, Motion)>,
    /// The puts that finish when it has arrived.
    puts: Vec<u64>,
}

/// What stands in a `[positioner.name]` table. Lengths are in `units`, speeds in units a second.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The prefix of all its PVs: `"XF:11BMA-OP{Mono:DMM}Enrgy"`.
    pub pv: String,
    /// What follows the prefix in the name of the set-point.
    #[serde(default = "setpoint")]
    pub setpoint: String,
    /// What follows the prefix in the name of the readback.
    #[serde(default = "readback")]
    pub readback: String,
    /// What follows the prefix in the name of the status that is 1 while it moves; empty for none.
    #[serde(default = "moving")]
    pub moving: String,
    /// What follows the prefix in the name of the command to go; without one, a set-point is gone to when
    /// it is written.
    #[serde(default)]
    pub go: Option<String>,
    /// What follows the prefix in the name of the command to stop; empty for none.
    #[serde(default = "stop")]
    pub stop: String,
    /// The lowest and the highest set-point; what is written beyond them is clipped.
    #[serde(default)]
    pub limits: Option<[f64; 2]>,
    /// The engineering units.
    #[serde(default = "units")]
    pub units: String,
    /// Digits after the point.
    #[serde(default = "precision")]
    pub precision: u8,
    /// The full speed.
    #[serde(default = "velocity")]
    pub velocity: f64,
    /// The time from standstill to the full speed.
    #[serde(default = "acceleration")]
    pub acceleration: Wait,
    /// Where it stands when the session begins.
    #[serde(default)]
    pub start: f64,
    /// A set-point so near to where it stands moves nothing.
    #[serde(default)]
    pub tolerance: f64,
    /// The time from one look at its position to the next.
    #[serde(default = "period")]
    pub period: Wait,
}

/// The next look.
const LOOK: Timer = Timer(0);

fn setpoint() -> String {
    "-SP".to_owned()
}

fn readback() -> String {
    "-I".to_owned()
}

fn moving() -> String {
    "Sts:Moving-Sts".to_owned()
}

fn stop() -> String {
    "Cmd:Stop-Cmd".to_owned()
}

fn units() -> String {
    "mm".to_owned()
}

const fn precision() -> u8 {
    3
}

const fn velocity() -> f64 {
    1.0
}

const fn acceleration() -> Wait {
    Wait(Duration::from_millis(200))
}

const fn period() -> Wait {
    Wait(Duration::from_millis(100))
}

impl Kind for Positioner {
    const NAME: &'static str = "positioner";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings.check(surface);
        let named = |suffix: &str| format!("{}{suffix}", settings.pv);
        let number = |kind: &'static RecordType, suffix: &str, surface: &mut Surface| {
            let mut record = surface
                .record(named(suffix), kind)
                .with("VAL", settings.start)
                .with("EGU", settings.units.as_str())
                .with("PREC", f64::from(settings.precision))
                .tolerance(settings.tolerance);
            if let Some([low, high]) = settings.limits {
                record = record.with("LOPR", low).with("HOPR", high);
                if kind.find("DRVL").is_some() {
                    record = record.with("DRVL", low).with("DRVH", high);
                }
            }
            if kind.find("DRVL").is_some() {
                record.role(Role::Command).id()
            } else {
                record.means(Meaning::Curve).id()
            }
        };
        let setpoint = number(&AO, &settings.setpoint, surface);
        let readback = number(&AI, &settings.readback, surface);
        surface.readback(beamtwin_sim::Slot::<f64>::new(readback, val(&AI)));
        let moving = (!settings.moving.is_empty()).then(|| {
            let record = surface.record(named(&settings.moving), &BI);
            let record = record.with("ZNAM", "Idle").with("ONAM", "Moving");
            record.means(Meaning::State).id()
        });
        let command = |suffix: &str, label: &str, surface: &mut Surface| {
            let record = surface.record(named(suffix), &BO).with("ONAM", label);
            record.role(Role::Command).id()
        };
        let go = settings.go.as_ref();
        let go = go.map(|suffix| command(suffix, "Go", surface));
        if !settings.stop.is_empty() {
            command(&settings.stop, "Stop", surface);
        }
        Box::new(Self {
            setpoint,
            readback,
            moving,
            go,
            pace: Pace {
                base: 0.0,
                speed: settings.velocity,
                ramp: settings.velocity / settings.acceleration.0.as_secs_f64(),
            },
            tolerance: settings.tolerance,
            period: u64::try_from(settings.period.0.as_nanos()).unwrap_or(u64::MAX),
            journey: Journey {
                rest: settings.start,
                motion: None,
                puts: Vec::new(),
            },
        })
    }
}

impl Settings {
    fn check(&self, surface: &mut Surface) {
        let suffixes = [
            ("setpoint", Some(&self.setpoint)),
            ("readback", Some(&self.readback)),
            ("moving", Some(&self.moving).filter(|name| !name.is_empty())),
            ("go", self.go.as_ref()),
            ("stop", Some(&self.stop).filter(|name| !name.is_empty())),
        ];
        let mut used: Vec<&String> = Vec::new();
        for (key, suffix) in suffixes {
            let Some(suffix) = suffix else {
                continue;
            };
            settings::record_name(surface, key, &format!("{}{suffix}", self.pv));
            if used.contains(&suffix) {
                let message = format!("`{suffix}` is used twice; each PV needs a name of its own");
                surface.flaw(key, message);
            }
            used.push(suffix);
        }
        if !(self.velocity > 0.0 && self.velocity.is_finite()) {
            let message = format!("{} is no speed; write one above 0", self.velocity);
            surface.flaw("velocity", message);
        }
        if self.acceleration.0.is_zero() {
            let message = "getting up to speed takes a moment; write for example \"200 ms\"";
            surface.flaw("acceleration", message);
        }
        if self.period.0.as_millis() < 10 {
            let message = "the shortest period is 10 ms; write for example \"100 ms\"";
            surface.flaw("period", message);
        }
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            let message = format!("{} is no distance; write 0 or more", self.tolerance);
            surface.flaw("tolerance", message);
        }
        if self.precision > 15 {
            let message = format!("a number has at most 15 digits, not {}", self.precision);
            surface.flaw("precision", message);
        }
        if !self.start.is_finite() {
            surface.flaw("start", format!("{} is no position", self.start));
        }
        match self.limits {
            Some([low, high]) if !(low.is_finite() && high.is_finite() && low < high) => {
                let message = format!(
                    "[{low}, {high}] are not a lower and a higher limit; write for example [0, 10]"
                );
                surface.flaw("limits", message);
            }
            Some([low, high]) if !(low..=high).contains(&self.start) => {
                let message = format!("{} is outside the limits [{low}, {high}]", self.start);
                surface.flaw("start", message);
            }
            _ => {}
        }
    }
}

impl Journey {
    fn at(&self, now: SimTime) -> Point {
        match &self.motion {
            Some((since, motion)) => motion.after(now.since(SimTime::from_nanos(*since))),
            None => Point {
                at: self.rest,
                speed: 0.0,
            },
        }
    }
}

impl Positioner {
    /// Sets out for where the set-point is.
    fn depart(&mut self, cx: &mut Cx<'_>) {
        let target = cx.value(self.setpoint, val(&AO)).as_f64();
        let here = self.journey.at(cx.now());
        let there = target.unwrap_or(here.at);
        let near = here.speed == 0.0 && (there - here.at).abs() <= self.tolerance;
        let there = if near { here.at } else { there };
        self.follow(Motion::travel(here, there, self.pace), cx);
    }

    /// Slows down and stays where that leads.
    fn halt(&mut self, cx: &mut Cx<'_>) {
        if self.journey.motion.is_some() {
            let here = self.journey.at(cx.now());
            self.follow(Motion::stop(here, self.pace), cx);
        }
    }

    fn follow(&mut self, motion: Motion, cx: &mut Cx<'_>) {
        self.journey.motion = Some((cx.now().nanos(), motion));
        self.say(true, cx);
        cx.wake_after(LOOK, Duration::from_nanos(self.period));
    }

    fn say(&self, moving: bool, cx: &mut Cx<'_>) {
        if let Some(record) = self.moving {
            process::process(cx, record, &BI, Value::Enum(moving.into()));
        }
    }

    /// Whether the set-point has limits.
    fn clips(&self, cx: &Cx<'_>) -> bool {
        let limit = |name| AO.find(name).map(|at| cx.value(self.setpoint, at).as_f64());
        limit("DRVL") < limit("DRVH")
    }

    /// Lets a put finish when it has arrived.
    fn wait(&mut self, put: PutId) -> Put {
        self.journey.puts.push(put.0);
        Put::Started
    }
}

/// Whether a put to a command means it: 1, or processing the record.
fn commands(order: &Order) -> bool {
    order.field == PROC || order.field == val(&BO) && order.number() == 1.0
}

const PROC: beamtwin_sim::FieldIx = beamtwin_sim::record::place(&[], "PROC");

impl Device for Positioner {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let (record, put) = (order.record, order.put);
        if record == self.setpoint {
            let is_val = order.field == val(&AO);
            let goes = self.go.is_none() && (is_val || order.field == PROC);
            if is_val && !order.number().is_finite() && (order.number().is_nan() || !self.clips(cx))
            {
                let text = format!("{} is no position", order.number());
                return Err(Refusal::rejected(text));
            }
            process::put(cx, &AO, order);
            if goes {
                self.depart(cx);
                return Ok(self.wait(put));
            }
        } else if record == self.readback {
            process::put(cx, &AI, order);
        } else if Some(record) == self.moving {
            process::put(cx, &BI, order);
        } else {
            let meant = commands(&order);
            process::put(cx, &BO, order);
            if meant && Some(record) == self.go {
                self.depart(cx);
                return Ok(self.wait(put));
            }
            if meant {
                self.halt(cx);
            }
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        let Some((since, motion)) = &self.journey.motion else {
            return;
        };
        let elapsed = cx.now().since(SimTime::from_nanos(*since));
        let over = motion.over(elapsed);
        let here = motion.after(elapsed).at;
        let shown = if over { here } else { tidy(here) };
        process::process(cx, self.readback, &AI, Value::Double(shown));
        if !over {
            cx.wake_after(LOOK, Duration::from_nanos(self.period));
            return;
        }
        self.journey.rest = here;
        self.journey.motion = None;
        self.say(false, cx);
        for put in std::mem::take(&mut self.journey.puts) {
            cx.finish(PutId(put));
        }
    }

    fn save(&self) -> State {
        state::save(&self.journey)
    }

    fn restore(&mut self, state: State) -> Result<(), StateError> {
        self.journey = state::restore(state)?;
        Ok(())
    }
}

/// Without the dust of binary fractions.
fn tidy(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}
