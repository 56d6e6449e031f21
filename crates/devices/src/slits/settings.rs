//! What stands in a `[slits.name]` table.

use std::time::Duration;

use beamtwin_sim::Surface;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::motor;
use crate::settings::{self, Length, Wait};

/// What stands in a `[slits.name]` table. Positions are in `units`, horizontal first, then vertical.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The prefix of all its PVs: `"XF:11BMB-OP{Slt:1-Ax:"`.
    pub pv: String,
    /// What the names of its PVs end with.
    #[serde(default = "suffix")]
    pub suffix: String,
    /// What stands between them, by axis.
    #[serde(default)]
    pub names: Names,
    /// Which axes are motors; the others follow from them.
    #[serde(default)]
    pub motors: Motors,
    /// Whether the axes that are no motors have PVs.
    #[serde(default = "yes")]
    pub derived: bool,
    /// Where the middles of the openings are at first.
    #[serde(default)]
    pub center: [f64; 2],
    /// How wide the openings are at first.
    #[serde(default = "gap")]
    pub gap: [f64; 2],
    /// The soft limits of motors, but for those of gaps.
    #[serde(default)]
    pub limits: Option<[f64; 2]>,
    /// The soft limits of gaps that are motors.
    #[serde(default)]
    pub gap_limits: Option<[f64; 2]>,
    /// The units of its axes.
    #[serde(default)]
    pub units: Units,
    /// The speed of its motors.
    #[serde(default = "velocity")]
    pub velocity: f64,
    /// The time from their base speed to their full speed.
    #[serde(default = "acceleration")]
    pub acceleration: Wait,
    /// The size of a step of its motors.
    #[serde(default = "resolution")]
    pub resolution: f64,
    /// The controller of its motors, by any name, if it moves one of them at a time.
    #[serde(default)]
    pub controller: Option<String>,
    /// Digits after the point.
    #[serde(default = "precision")]
    pub precision: u8,
    /// The full widths at half maximum of the beam, a Gaussian; without them, the beam has no width.
    #[serde(default)]
    pub beam: Option<[Length; 2]>,
    /// Where the middle of the beam is.
    #[serde(default)]
    pub beam_center: [f64; 2],
}

/// How the axes are called.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Names {
    /// The horizontal middle.
    pub x_center: String,
    /// The horizontal width.
    pub x_gap: String,
    /// The vertical middle.
    pub y_center: String,
    /// The vertical width.
    pub y_gap: String,
    /// The blade at smaller horizontal positions.
    pub inboard: String,
    /// The blade at greater horizontal positions.
    pub outboard: String,
    /// The blade at smaller vertical positions.
    pub bottom: String,
    /// The blade at greater vertical positions.
    pub top: String,
}

impl Default for Names {
    fn default() -> Self {
        let [x_center, x_gap, y_center, y_gap] = ["XC", "XG", "YC", "YG"].map(str::to_owned);
        let [inboard, outboard, bottom, top] = ["I", "O", "B", "T"].map(str::to_owned);
        Self {
            x_center,
            x_gap,
            y_center,
            y_gap,
            inboard,
            outboard,
            bottom,
            top,
        }
    }
}

/// Which axes of slits are motors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Motors {
    /// The four blades.
    #[default]
    Blades,
    /// Centers and gaps.
    Centers,
}

impl Motors {
    /// The names of the axes of a direction: of those that are motors, and of the others.
    pub(super) const fn keys(self, direction: usize) -> ([&'static str; 2], [&'static str; 2]) {
        let (blades, opening) = if direction == 0 {
            (["inboard", "outboard"], ["x_center", "x_gap"])
        } else {
            (["bottom", "top"], ["y_center", "y_gap"])
        };
        match self {
            Self::Blades => (blades, opening),
            Self::Centers => (opening, blades),
        }
    }

    /// The names of the motors, direction by direction.
    pub(super) const fn axes(self) -> [&'static str; 4] {
        let ([a, b], [c, d]) = (self.keys(0).0, self.keys(1).0);
        [a, b, c, d]
    }
}

/// The units of slits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Millimetres.
    #[default]
    Mm,
    /// Micrometres.
    Um,
}

impl Units {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mm => "mm",
            Self::Um => "um",
        }
    }

    /// How many of them are a millimetre.
    const fn in_millimetre(self) -> f64 {
        match self {
            Self::Mm => 1.0,
            Self::Um => 1e3,
        }
    }
}

fn suffix() -> String {
    "}Mtr".to_owned()
}

const fn yes() -> bool {
    true
}

const fn gap() -> [f64; 2] {
    [1.0, 1.0]
}

const fn velocity() -> f64 {
    1.0
}

const fn acceleration() -> Wait {
    Wait(Duration::from_millis(200))
}

const fn resolution() -> f64 {
    0.001
}

const fn precision() -> u8 {
    4
}

/// The full width at half maximum of a Gaussian, in standard deviations.
const WIDTH: f64 = 2.354_820_045_030_949;

impl Settings {
    /// The standard deviation of the beam in a direction, in our units.
    pub(super) fn deviation(&self, direction: usize) -> f64 {
        self.beam.map_or(0.0, |beam| {
            beam[direction].0 * self.units.in_millimetre() / WIDTH
        })
    }

    fn name(&self, axis: &str) -> String {
        format!("{}{axis}{}", self.pv, self.suffix)
    }

    /// The names of a direction's blades, lower and upper, and those of its center and gap.
    pub(super) fn named(&self, direction: usize) -> ([String; 2], [String; 2]) {
        let n = &self.names;
        let (blades, opening) = if direction == 0 {
            ([&n.inboard, &n.outboard], [&n.x_center, &n.x_gap])
        } else {
            ([&n.bottom, &n.top], [&n.y_center, &n.y_gap])
        };
        (
            blades.map(|axis| self.name(axis)),
            opening.map(|axis| self.name(axis)),
        )
    }

    /// Where the motors of a direction are at first.
    pub(super) fn starts(&self, direction: usize) -> [f64; 2] {
        let (center, gap) = (self.center[direction], self.gap[direction]);
        match self.motors {
            Motors::Blades => [center - gap / 2.0, center + gap / 2.0],
            Motors::Centers => [center, gap],
        }
    }

    /// The limits of the motors of a direction.
    pub(super) fn ranges(&self) -> [Option<[f64; 2]>; 2] {
        match self.motors {
            Motors::Blades => [self.limits; 2],
            Motors::Centers => [self.limits, self.gap_limits],
        }
    }

    /// What the motor of a name is made of.
    pub(super) fn motor(
        &self,
        name: &str,
        start: f64,
        limits: Option<[f64; 2]>,
    ) -> motor::Settings {
        let mut settings = json!({
            "pv": name,
            "units": self.units.name(),
            "velocity": self.velocity,
            "acceleration": format!("{} s", self.acceleration.0.as_secs_f64()),
            "resolution": self.resolution,
            "precision": self.precision,
            "controller": self.controller,
            "start": start,
        });
        if let Some(limits) = limits {
            settings["limits"] = json!(limits);
        }
        serde_json::from_value(settings).expect("a motor has these settings")
    }

    /// Reports what cannot be; false if there was anything.
    pub(super) fn check(&self, surface: &mut Surface) -> bool {
        let before = surface.flaws().len();
        self.check_names(surface);
        let mut numbers = vec![("velocity", self.velocity), ("resolution", self.resolution)];
        for direction in [0, 1] {
            numbers.push(("center", self.center[direction]));
            numbers.push(("gap", self.gap[direction]));
            numbers.push(("beam_center", self.beam_center[direction]));
        }
        for (key, number) in numbers {
            if !number.is_finite() {
                surface.flaw(key, format!("{number} is not a finite number"));
            }
        }
        for (key, number) in [("velocity", self.velocity), ("resolution", self.resolution)] {
            if number <= 0.0 {
                surface.flaw(
                    key,
                    format!("{number} is not above 0; write for example 0.5"),
                );
            }
        }
        if self.acceleration.0.is_zero() {
            let message = "getting up to speed takes a moment; write for example \"200 ms\"";
            surface.flaw("acceleration", message);
        }
        if self.precision > 15 {
            let message = format!("a number has at most 15 digits, not {}", self.precision);
            surface.flaw("precision", message);
        }
        if self.gap_limits.is_some() && self.motors == Motors::Blades {
            let message = "the gaps are no motors; leave it out, or write motors = \"centers\"";
            surface.flaw("gap_limits", message);
        }
        if let Some([low, high]) = self.limits.filter(|range| !rising(*range)) {
            surface.flaw("limits", unordered(low, high));
        }
        if let Some([low, high]) = self.gap_limits.filter(|range| !rising(*range)) {
            surface.flaw("gap_limits", unordered(low, high));
        }
        for direction in [0, 1] {
            let keys = match self.motors {
                Motors::Blades => ["gap", "gap"],
                Motors::Centers => ["center", "gap"],
            };
            for ((start, range), key) in self
                .starts(direction)
                .into_iter()
                .zip(self.ranges())
                .zip(keys)
            {
                if let Some([low, high]) = range.filter(|range| rising(*range))
                    && start.is_finite()
                    && !(low..=high).contains(&start)
                {
                    let message = format!(
                        "a motor would start at {start}, outside its limits [{low}, {high}]"
                    );
                    surface.flaw(key, message);
                }
            }
        }
        surface.flaws().len() == before
    }

    fn check_names(&self, surface: &mut Surface) {
        let n = &self.names;
        let axes = [
            ("x_center", &n.x_center),
            ("x_gap", &n.x_gap),
            ("y_center", &n.y_center),
            ("y_gap", &n.y_gap),
            ("inboard", &n.inboard),
            ("outboard", &n.outboard),
            ("bottom", &n.bottom),
            ("top", &n.top),
        ];
        for (at, (key, axis)) in axes.into_iter().enumerate() {
            let key = format!("names.{key}");
            settings::record_name(surface, &key, &self.name(axis));
            if let Some((other, _)) = axes[..at].iter().find(|(_, known)| *known == axis) {
                let message = format!("`{axis}` is that of {other} already; each axis needs a name of its own");
                surface.flaw(key, message);
            }
        }
    }
}

fn rising([low, high]: [f64; 2]) -> bool {
    low.is_finite() && high.is_finite() && low < high
}

fn unordered(low: f64, high: f64) -> String {
    format!("[{low}, {high}] are not a lower and a higher limit; write for example [-10, 10]")
}
