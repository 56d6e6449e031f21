//! What stands in a `[linkam.name]` table.

use beamtwin_sim::Surface;
use schemars::JsonSchema;
use serde::Deserialize;

use super::SLOWEST;
use super::units::{HeatCapacity, Section, Stiffness};
use crate::settings::{self, Celsius, CelsiusRate, Length, Wait};

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
    /// What the sample takes to warm by a degree: what `DSC` shows on a ramp.
    #[serde(default)]
    pub heat_capacity: HeatCapacity,
    /// How far the jaws of the tensile stage open.
    #[serde(default = "travel")]
    pub travel: Length,
    /// How stiff the sample between them is.
    #[serde(default)]
    pub stiffness: Stiffness,
    /// The cross-section of that sample, for `TST_STRESS`.
    #[serde(default = "section")]
    pub section: Section,
}

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

const fn travel() -> Length {
    Length(80.0)
}

const fn section() -> Section {
    Section(1.0)
}

impl Settings {
    pub(super) fn check(&self, surface: &mut Surface) {
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
        if self.travel.0 == 0.0 {
            surface.flaw("travel", "jaws open; write for example \"80 mm\"");
        }
        if self.section.0 == 0.0 {
            surface.flaw(
                "section",
                "a sample has a cross-section; write for example \"1 mm2\"",
            );
        }
    }
}
