//! What stands in a `[motor.name]` table, and the record it makes.
//!
//! Positions are user coordinates in the motor's units, speeds are units a second.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::machine::Machine;
use super::registers::Registers;
use super::turn::Turn;
use crate::settings::Wait;

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
    /// The highest speed that clients may set (`VMAX`); without it there is none, and ophyd-async does not fly the motor.
    #[serde(default)]
    pub max_velocity: Option<f64>,
    /// The speed at which it looks for home (`HVEL`); the base speed if not said.
    #[serde(default)]
    pub home_velocity: Option<f64>,
    /// The time from the base speed to the full speed (`ACCL`).
    #[serde(default = "acceleration")]
    pub acceleration: Wait,
    /// The base speed (`VBAS`), at which it sets off; 0.1, or the velocity if that is less.
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
    /// How often it tries again where it came to rest too far from its target (`RTRY`).
    #[serde(default = "retries")]
    pub retries: u8,
    /// Whether user and dial coordinates run the same way (`DIR`).
    #[serde(default)]
    pub direction: Direction,
    /// User coordinates less dial coordinates (`OFF`).
    #[serde(default)]
    pub offset: f64,
    /// The limit switches at the ends of travel, low and high; without them there are none.
    #[serde(default)]
    pub switches: Option<[f64; 2]>,
    /// Whether the limit switches are wired the wrong way round.
    #[serde(default)]
    pub switches_swapped: bool,
    /// Where the home switch is; at dial 0 if not said.
    #[serde(default)]
    pub home: Option<f64>,
    /// Whether the home switch works.
    #[serde(default = "yes")]
    pub home_found: bool,
    /// How far the readback lags behind at full speed.
    #[serde(default)]
    pub following_error: f64,
    /// How long after its motion the controller calls a move over.
    #[serde(default = "at_once")]
    pub settle: Wait,
    /// The standard deviation of what is read while it moves, and on arrival.
    #[serde(default)]
    pub noise: f64,
    /// The size of an encoder's count (`ERES`); the encoder is used (`UEIP`).
    #[serde(default)]
    pub encoder: Option<f64>,
    /// How far the drive turns back before the stage follows: mechanical backlash.
    #[serde(default)]
    pub play: f64,
    /// The controller, by any name, if it moves one axis at a time: motors with the same one take turns.
    #[serde(default)]
    pub controller: Option<String>,
    /// Where something is in the way: the motor stalls there, from whichever side it comes.
    #[serde(default)]
    pub stall: Option<f64>,
}

/// Whether user and dial coordinates run the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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

const fn yes() -> bool {
    true
}

const fn one() -> f64 {
    1.0
}

const fn acceleration() -> Wait {
    Wait(std::time::Duration::from_millis(200))
}

const fn at_once() -> Wait {
    Wait(std::time::Duration::ZERO)
}

const fn retries() -> u8 {
    10
}

const fn precision() -> u8 {
    4
}

const fn resolution() -> f64 {
    0.001
}

/// The base speed of a motor that does not say, in units a second.
const BASE: f64 = 0.1;

impl Settings {
    /// Where a user coordinate is on the dial.
    pub(super) fn dial(&self, user: f64) -> f64 {
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

    /// The base speed.
    pub(super) fn base(&self) -> f64 {
        self.base_velocity.unwrap_or(BASE.min(self.velocity))
    }

    /// The record as it boots.
    pub(super) fn machine(&self) -> Machine {
        let mut r = Registers::initial();
        r.off = self.offset;
        r.dir = u16::from(self.direction == Direction::Negative);
        r.mres = self.resolution;
        r.eres = self.encoder.unwrap_or(self.resolution);
        r.ueip = self.encoder.is_some().into();
        r.urev = self.resolution * f64::from(r.srev);
        r.velo = self.velocity;
        r.vmax = self.max_velocity.unwrap_or_default();
        r.smax = r.vmax / r.urev.abs();
        r.vbas = self.base();
        r.bvel = r.velo;
        r.jvel = r.velo;
        r.hvel = self.home_velocity.unwrap_or(r.vbas);
        r.s = r.velo / r.urev.abs();
        r.sbas = r.vbas / r.urev.abs();
        r.sbak = r.bvel / r.urev.abs();
        r.accl = self.acceleration.0.as_secs_f64();
        r.bacc = r.accl;
        r.jar = r.velo / r.accl;
        r.bdst = self.backlash;
        r.rtry = self.retries.into();
        r.rdbd = self.resolution.abs().max(self.encoder.unwrap_or_default());
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
        let mut machine = Machine::new(r, Axis::new(start, switches, self.stage(start)));
        if self.controller.is_some() {
            machine.axis.turn = Turn::Rest;
        }
        machine.boot();
        // The record has seen it.
        let _ = machine.axis.news();
        machine
    }
}
