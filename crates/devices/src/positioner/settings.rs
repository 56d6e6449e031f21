//! What stands in a `[positioner.name]` table.

use std::time::Duration;

use beamtwin_sim::Surface;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settings::{self, Wait};

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

impl Settings {
    /// Reports what cannot be.
    pub(super) fn check(&self, surface: &mut Surface) {
        let suffixes = [
            ("setpoint", Some(&self.setpoint)),
            ("readback", Some(&self.readback)),
            ("moving", Some(&self.moving).filter(|name| !name.is_empty())),
            ("go", self.go.as_ref()),
            ("stop", Some(&self.stop).filter(|name| !name.is_empty())),
        ];
        let mut used: Vec<(&str, &String)> = Vec::new();
        for (key, suffix) in suffixes {
            let Some(suffix) = suffix else {
                continue;
            };
            settings::record_name(surface, key, &format!("{}{suffix}", self.pv));
            if let Some((other, _)) = used.iter().find(|(_, known)| *known == suffix) {
                let message = format!("`{suffix}` is that of {other} already; each PV needs a name of its own");
                surface.flaw(key, message);
            }
            used.push((key, suffix));
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

