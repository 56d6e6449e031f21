//! A motor, as the EPICS motor record shows it.
//!
//! Positions, speeds and limits are in the motor's own units (`EGU`), as in its record. The device has three
//! parts: a controller of one axis that makes steps and is polled every 100 ms of device time
//! (`axis`), the record around it (`machine` and the files beside it), and this file, which tells the world
//! what the record posts and when a put is finished.
//!
//! | file | holds |
//! | --- | --- |
//! | `axis` | steps, switches, status |
//! | `registers` | the values of the fields |
//! | `flags` | the bits of `MIP` and `MSTA` |
//! | `machine` | what is marked, posted, and in which order |
//! | `put` | what a client may write |
//! | `process` | what happens at a put and at a poll |
//! | `work` | buttons, switches, targets |
//! | `pursue` | moves, backlash, homing |
//! | `couplings` | fields that change together |
//!
//! The oracle for all of it are the captures in `tests/motor`, taken from the C motor record.

mod axis;
mod couplings;
mod flags;
mod machine;
mod process;
mod pursue;
mod put;
mod registers;
mod work;

use beamtwin_pv::{Alarm, AlarmStatus, Severity, SimTime};
use beamtwin_sim::{
    Cx, Device, LocalRecord, Mask, Order, Put, PutId, Refusal, State, StateError, Surface, Timer,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::axis::Axis;
use self::machine::{Machine, Out};
use self::put::{MOTION, Written};
use self::registers::Registers;
use crate::records::motor::MOTOR;
use crate::settings::{self, Wait};
use crate::{Kind, state};

/// The `motor` kind.
#[derive(Debug)]
pub struct Motor {
    machine: Machine,
    /// The puts that finish when the motor is at rest.
    open: Vec<PutId>,
}

/// What stands in a `[motor.name]` table. Lengths are in `units`, speeds in units a second.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The record's name.
    pub pv: String,
    /// The soft limits, low and high (`LLM`, `HLM`); without them there are none.
    #[serde(default)]
    pub limits: Option<[f64; 2]>,
    /// The engineering units (`EGU`).
    #[serde(default = "millimetres")]
    pub units: String,
    /// The speed (`VELO`).
    #[serde(default = "one")]
    pub velocity: f64,
    /// The time from the base speed to the full speed (`ACCL`).
    #[serde(default = "acceleration")]
    pub acceleration: Wait,
    /// The speed at which it starts and stops abruptly (`VBAS`); 0.1, or the velocity if that is less.
    #[serde(default)]
    pub base_velocity: Option<f64>,
    /// Where it stands when the session begins.
    #[serde(default)]
    pub start: f64,
    /// Digits after the point (`PREC`).
    #[serde(default = "precision")]
    pub precision: u8,
    /// The size of a step (`MRES`).
    #[serde(default = "resolution")]
    pub resolution: f64,
    /// What it is (`DESC`).
    #[serde(default)]
    pub description: String,
    /// The way it goes back and forth to arrive from one side (`BDST`).
    #[serde(default)]
    pub backlash: f64,
    /// Whether user and dial coordinates run the same way (`DIR`).
    #[serde(default)]
    pub direction: Direction,
    /// User coordinates less dial coordinates (`OFF`).
    #[serde(default)]
    pub offset: f64,
    /// The limit switches at the ends of travel, low and high; without them there are none.
    #[serde(default)]
    pub switches: Option<[f64; 2]>,
}

/// Whether user and dial coordinates run the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// They do.
    #[default]
    Positive,
    /// One goes up as the other goes down.
    Negative,
}

fn millimetres() -> String {
    "mm".to_owned()
}

const fn one() -> f64 {
    1.0
}

const fn acceleration() -> Wait {
    Wait(std::time::Duration::from_millis(200))
}

const fn precision() -> u8 {
    4
}

const fn resolution() -> f64 {
    0.001
}

/// The base speed of a motor that does not say, in units a second.
const BASE: f64 = 0.1;

/// The most digits that a double has to show.
const DIGITS: u8 = 15;

impl Settings {
    /// Reports what cannot be; false if there was anything.
    fn check(&self, surface: &mut Surface) -> bool {
        let before = surface.flaws().len();
        settings::record_name(surface, "pv", &self.pv);
        let numbers = [
            ("velocity", self.velocity),
            ("base_velocity", self.base_velocity.unwrap_or_default()),
            ("start", self.start),
            ("resolution", self.resolution),
            ("backlash", self.backlash),
            ("offset", self.offset),
        ];
        for (key, number) in numbers {
            if !number.is_finite() {
                surface.flaw(key, format!("{number} is not a finite number"));
            }
        }
        self.check_range("limits", self.limits, surface);
        self.check_range("switches", self.switches, surface);
        if self.velocity <= 0.0 {
            surface.flaw(
                "velocity",
                format!(
                    "a motor moves faster than {}: write a speed above 0",
                    self.velocity
                ),
            );
        }
        if let Some(base) = self.base_velocity
            && !(0.0..=self.velocity).contains(&base)
        {
            surface.flaw(
                "base_velocity",
                format!(
                    "{base} is not between 0 and the velocity, {}",
                    self.velocity
                ),
            );
        }
        if self.acceleration.0.is_zero() {
            surface.flaw(
                "acceleration",
                "getting up to speed takes a moment: write \"100 ms\"",
            );
        }
        if self.resolution == 0.0 {
            surface.flaw("resolution", "a step has a size: write 0.001");
        }
        if self.precision > DIGITS {
            surface.flaw(
                "precision",
                format!(
                    "a number has at most {DIGITS} digits, not {}",
                    self.precision
                ),
            );
        }
        surface.flaws().len() == before
    }

    fn check_range(&self, key: &str, range: Option<[f64; 2]>, surface: &mut Surface) {
        let Some([low, high]) = range else {
            return;
        };
        if !(low.is_finite() && high.is_finite()) {
            surface.flaw(key, format!("[{low}, {high}] are not finite numbers"));
        } else if low > high {
            surface.flaw(
                key,
                format!("the low end {low} is above the high end {high}: write [{high}, {low}]"),
            );
        } else if !(low..=high).contains(&self.start) && (low, high) != (0.0, 0.0) {
            surface.flaw(
                "start",
                format!("{} is outside the {key} [{low}, {high}]", self.start),
            );
        }
    }

    /// Where a user coordinate is on the dial.
    fn dial(&self, user: f64) -> f64 {
        match self.direction {
            Direction::Positive => user - self.offset,
            Direction::Negative => self.offset - user,
        }
    }

    /// A range of user coordinates on the dial, low end first.
    fn dial_range(&self, range: [f64; 2]) -> (f64, f64) {
        let [a, b] = range.map(|user| self.dial(user));
        (a.min(b), a.max(b))
    }

    /// The record as it boots.
    fn machine(&self) -> Machine {
        let mut r = Registers::initial();
        r.off = self.offset;
        r.dir = u16::from(self.direction == Direction::Negative);
        r.mres = self.resolution;
        r.eres = self.resolution;
        r.urev = self.resolution * f64::from(r.srev);
        r.velo = self.velocity;
        r.vbas = self.base_velocity.unwrap_or(BASE.min(self.velocity));
        r.bvel = r.velo;
        r.jvel = r.velo;
        r.hvel = r.vbas;
        r.s = r.velo / r.urev.abs();
        r.sbas = r.vbas / r.urev.abs();
        r.sbak = r.bvel / r.urev.abs();
        r.accl = self.acceleration.0.as_secs_f64();
        r.bacc = r.accl;
        r.jar = r.velo / r.accl;
        r.bdst = self.backlash;
        r.rdbd = self.resolution.abs();
        let limits = self.limits.unwrap_or_default();
        if limits != [0.0, 0.0] {
            (r.dllm, r.dhlm) = self.dial_range(limits);
            [r.llm, r.hlm] = limits;
            let ends = [r.dllm / r.mres, r.dhlm / r.mres];
            r.rllm = ends[0].min(ends[1]);
            r.rhlm = ends[0].max(ends[1]);
        }
        let start = (self.dial(self.start) / self.resolution).round();
        let switches = self.switches.map(|range| {
            let (low, high) = self.dial_range(range);
            let ends = [low / self.resolution, high / self.resolution];
            (ends[0].min(ends[1]), ends[0].max(ends[1]))
        });
        let mut machine = Machine::new(r, Axis::new(start, switches));
        machine.boot();
        machine
    }
}

impl Kind for Motor {
    const NAME: &'static str = "motor";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        let machine = if settings.check(surface) {
            settings.machine()
        } else {
            // Never used, but something has to be returned beside the flaws.
            Machine::new(Registers::initial(), Axis::new(0.0, None))
        };
        let table = Registers::initial();
        let mut record = surface
            .record(&settings.pv, &MOTOR)
            .tolerance(settings.resolution.abs())
            .with("DESC", settings.description.as_str())
            .with("EGU", settings.units.as_str())
            .with("PREC", f64::from(settings.precision));
        for field in machine.r.differences(&table) {
            if let Some(value) = machine.r.get(field) {
                record = record.with(MOTOR.field(field).name, value);
            }
        }
        let rbv = record.slot::<f64>("RBV");
        surface.readback(rbv);
        Box::new(Self {
            machine,
            open: Vec::new(),
        })
    }
}

/// The motor's only record.
const RECORD: LocalRecord = LocalRecord(0);

/// When the axis is looked at.
const POLL: Timer = Timer(0);
/// When it has settled.
const SETTLED: Timer = Timer(1);

impl Motor {
    /// Tells the world what the record has to say; true if it came to rest.
    fn tell(&mut self, cx: &mut Cx<'_>) -> bool {
        let mut settled = false;
        for out in std::mem::take(&mut self.machine.out) {
            match out {
                Out::Alarm(alarm) => show_alarm(alarm, cx),
                Out::Fault(text) => cx.fault(text),
                Out::Post(field, value, mask) => cx.commit(RECORD, field, value, mask),
                Out::Settled => {
                    settled = true;
                    for put in self.open.drain(..) {
                        cx.finish(put);
                    }
                }
                Out::Stamp => cx.stamp(RECORD),
            }
        }
        // The record changes some fields without telling those who watch; those who read see it.
        let machine = &mut self.machine;
        for field in machine.r.differences(&machine.shown) {
            if let Some(value) = machine.r.get(field) {
                cx.commit(RECORD, field, value, Mask::empty());
            }
        }
        machine.shown.clone_from(&machine.r);
        match machine.axis.next_poll(cx.now()) {
            Some(at) => cx.wake_at(POLL, at),
            None => cx.cancel(POLL),
        }
        match machine.settles {
            Some(at) => cx.wake_at(SETTLED, at),
            None => cx.cancel(SETTLED),
        }
        settled
    }
}

/// Changes the record's alarm as the C record does: severity and status are posted, then its fields.
fn show_alarm(alarm: Alarm, cx: &mut Cx<'_>) {
    let before = cx.alarm_of(RECORD);
    cx.set_alarm(RECORD, alarm);
    let [severity, status] = [MOTOR.find("SEVR"), MOTOR.find("STAT")];
    if let Some(field) = severity.filter(|_| before.severity != alarm.severity) {
        let value = (alarm.severity as u16).into();
        cx.commit(RECORD, field, value, Mask::VALUE);
    }
    if let Some(field) = status.filter(|_| before.status != alarm.status) {
        cx.commit(RECORD, field, (alarm.status as u16).into(), Mask::VALUE);
    }
}

impl Device for Motor {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        self.machine.now = cx.now();
        self.machine.refused = None;
        let written = self.machine.write(order.field, &order.value);
        let rest = self.tell(cx);
        let written = written?;
        let refused = self.machine.refused.take().map(Refusal::silent);
        if rest || written == Written::Kept {
            return refused.map_or(Ok(Put::Done), Err);
        }
        // A put that waits for completion waits until the motor rests, whatever it wrote.
        if order.complete {
            if let Some(refusal) = refused {
                cx.fault(refusal.text);
            }
            self.open.push(order.put);
            return Ok(Put::Started);
        }
        if let Some(refusal) = refused {
            return Err(refusal);
        }
        if MOTION.contains(&order.field) && !self.machine.r.dmov {
            self.open.push(order.put);
            return Ok(Put::Started);
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        self.machine.now = cx.now();
        if timer == POLL {
            self.machine.poll();
        } else {
            self.machine.settle();
        }
        self.tell(cx);
    }

    fn save(&self) -> State {
        let machine = &self.machine;
        state::save(&Saved {
            registers: machine.r.bits(),
            axis: machine.axis.clone(),
            alarm: (machine.alarm.severity as u16, machine.alarm.status as u16),
            settles: machine.settles.map(SimTime::nanos),
            open: self.open.iter().map(|put| put.0).collect(),
        })
    }

    fn restore(&mut self, state: State) -> Result<(), StateError> {
        let saved: Saved = state::restore(state)?;
        let machine = &mut self.machine;
        if !machine.r.take(&saved.registers) {
            return Err(StateError("a motor has other fields".to_owned()));
        }
        machine.shown.clone_from(&machine.r);
        machine.axis = saved.axis;
        machine.alarm = Alarm::new(
            Severity::from_code(saved.alarm.0).unwrap_or_default(),
            AlarmStatus::from_code(saved.alarm.1).unwrap_or_default(),
        );
        machine.settles = saved.settles.map(SimTime::from_nanos);
        self.open = saved.open.into_iter().map(PutId).collect();
        Ok(())
    }
}

/// What no PV shows, and the values by which the motor decides, as bits.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    registers: Vec<u64>,
    axis: Axis,
    alarm: (u16, u16),
    settles: Option<u64>,
    open: Vec<u64>,
}
