//! What stands in a `[temperature.name]` table.

use std::borrow::Cow;
use std::time::Duration;

use beamtwin_sim::Surface;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::settings::{self, Celsius, CelsiusRate, Wait};

/// What stands in a `[temperature.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The prefix of all its PVs: `"XF:11BM-ES{Env:01"`.
    pub pv: String,
    /// What follows the prefix in the names of what is measured.
    #[serde(default = "input")]
    pub input: String,
    /// What follows the prefix in the names of what is set.
    #[serde(default = "output")]
    pub output: String,
    /// How its PVs end; what is not said is as a Lakeshore 336 has it, and empty means that there is none.
    #[serde(default)]
    pub names: Names,
    /// The units of its PVs.
    #[serde(default)]
    pub units: Units,
    /// The lowest and the highest set-point; what is written beyond them is clipped.
    #[serde(default = "limits")]
    pub limits: (Celsius, Celsius),
    /// The temperature at first.
    #[serde(default = "room")]
    pub start: Celsius,
    /// The set-point at first; without it, the temperature at first.
    #[serde(default)]
    pub setpoint: Option<Celsius>,
    /// The temperature that it has without heat: nothing cools it further.
    #[serde(default = "room")]
    pub floor: Celsius,
    /// How far above the floor full power lifts it.
    #[serde(default = "rise")]
    pub rise: Difference,
    /// How long it takes to come nearer to where it goes by a factor of e.
    #[serde(default = "time")]
    pub time: Wait,
    /// How long it takes until heat is felt, to a whole number of periods.
    #[serde(default = "delay")]
    pub delay: Wait,
    /// The proportional gain at first, in percent a degree.
    #[serde(default = "p")]
    pub p: f64,
    /// The integral gain at first, in thousandths a second.
    #[serde(default = "i")]
    pub i: f64,
    /// The derivative gain at first, in seconds.
    #[serde(default)]
    pub d: f64,
    /// The heater range at first.
    #[serde(default)]
    pub range: Range,
    /// What share of the full power the ranges low, medium and high have.
    #[serde(default = "ranges")]
    pub ranges: [f64; 3],
    /// The ramp rate at first, and that the set-point is ramped; without it, ramping is off.
    #[serde(default)]
    pub ramp: Option<CelsiusRate>,
    /// How near to the set-point it is settled.
    #[serde(default = "band")]
    pub band: Difference,
    /// How long it has to stay that near until it is called settled.
    #[serde(default = "settle")]
    pub settle: Wait,
    /// Whether a put of the set-point with completion finishes when it has settled, not at once.
    #[serde(default)]
    pub wait: bool,
    /// The standard deviation of a reading.
    #[serde(default = "noise")]
    pub noise: Difference,
    /// The time from one reading to the next.
    #[serde(default = "period")]
    pub period: Wait,
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $place:ident = $default:literal),* $(,)?) => {
        /// How the PVs of a controller end.
        #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Names {
            $($(#[$doc])* pub $name: String,)*
        }

        impl Default for Names {
            fn default() -> Self {
                Self { $($name: $default.to_owned(),)* }
            }
        }

        impl Settings {
            /// The names of all PVs there are, by what they are.
            pub(super) fn names(&self) -> Vec<(&'static str, String)> {
                let mut names = Vec::new();
                $(if !self.names.$name.is_empty() {
                    let name = format!("{}{}{}", self.pv, self.$place, self.names.$name);
                    names.push((stringify!($name), name));
                })*
                names
            }
        }
    };
}

names! {
    /// The temperature, in `units`.
    reading: input = "T-I",
    /// The set-point.
    setpoint: output = "T-SP",
    /// The temperature, in degrees Celsius.
    celsius: input = "T:C-I",
    /// The state of the sensor; 0 is well.
    sensor_status: input = "T-Sts",
    /// The set-point as far as it has been ramped.
    ramped: output = "T-RB",
    /// Whether the set-point is on its way.
    ramping: output = "Sts:Ramp-Sts",
    /// Whether set-points are ramped.
    ramp_enable: output = "Enbl:Ramp-Sel",
    /// The ramp rate, in degrees a minute.
    ramp_rate: output = "Val:Ramp-SP",
    /// The ramp rate, echoed.
    ramp_rate_readback: output = "Val:Ramp-RB",
    /// The proportional gain.
    p: output = "Gain:P-SP",
    /// The proportional gain, echoed.
    p_readback: output = "Gain:P-RB",
    /// The integral gain.
    i: output = "Gain:I-SP",
    /// The integral gain, echoed.
    i_readback: output = "Gain:I-RB",
    /// The derivative gain.
    d: output = "Gain:D-SP",
    /// The derivative gain, echoed.
    d_readback: output = "Gain:D-RB",
    /// The heater range.
    range: output = "Val:Range-Sel",
    /// What decides about the output.
    mode: output = "Mode-Sel",
    /// The output in percent while the loop is open.
    manual: output = "Out:Man-SP",
    /// The output while the loop is open, echoed.
    manual_readback: output = "Out:Man-RB",
    /// The output, in percent of the range.
    heater: output = "Out-I",
    /// The state of the heater; 0 is well.
    heater_status: output = "Err:Htr-Sts",
    /// Whether it has settled.
    settled: output = "Sts:Settled-Sts",
}

/// The units of a controller's PVs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Units {
    /// Kelvin.
    #[default]
    K,
    /// Degrees Celsius.
    #[serde(rename = "degC")]
    Celsius,
}

/// A heater range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Range {
    /// No heat.
    Off,
    /// The least.
    Low,
    /// More.
    Medium,
    /// The most.
    #[default]
    High,
}

/// A difference of two temperatures, in degrees: `"0.5 K"`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Difference(pub f64);

impl From<Difference> for String {
    fn from(difference: Difference) -> Self {
        format!("{} K", difference.0)
    }
}

impl TryFrom<String> for Difference {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let trimmed = text.trim();
        [("mK", 1e-3), ("K", 1.0), ("degC", 1.0)]
            .iter()
            .find_map(|(unit, scale)| Some((trimmed.strip_suffix(unit)?, scale)))
            .and_then(|(number, scale)| Some(number.trim().parse::<f64>().ok()? * scale))
            .filter(|number| number.is_finite() && *number >= 0.0)
            .map(Self)
            .ok_or_else(|| {
                format!("`{text}` is no difference of temperatures; write for example \"0.5 K\"")
            })
    }
}

impl JsonSchema for Difference {
    fn schema_name() -> Cow<'static, str> {
        "Difference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A difference of two temperatures with its unit.",
            "examples": ["0.5 K"],
        })
    }
}

fn input() -> String {
    "-Chan:A}".to_owned()
}

fn output() -> String {
    "-Out:1}".to_owned()
}

const fn limits() -> (Celsius, Celsius) {
    (Celsius(-273.15), Celsius(500.0))
}

const fn room() -> Celsius {
    Celsius(25.0)
}

const fn rise() -> Difference {
    Difference(400.0)
}

const fn time() -> Wait {
    Wait(Duration::from_secs(100))
}

const fn delay() -> Wait {
    Wait(Duration::from_secs(2))
}

const fn p() -> f64 {
    3.0
}

const fn i() -> f64 {
    60.0
}

const fn ranges() -> [f64; 3] {
    [0.01, 0.1, 1.0]
}

const fn band() -> Difference {
    Difference(0.5)
}

const fn settle() -> Wait {
    Wait(Duration::from_secs(10))
}

const fn noise() -> Difference {
    Difference(0.005)
}

const fn period() -> Wait {
    Wait(Duration::from_millis(500))
}

/// The most readings of dead time.
const LONGEST: f64 = 10_000.0;

impl Settings {
    /// The share of the full power that a range has: 0 for off.
    pub(super) fn share(&self, range: usize) -> f64 {
        range
            .checked_sub(1)
            .and_then(|at| self.ranges.get(at))
            .copied()
            .unwrap_or_default()
    }

    /// The dead time, in readings.
    pub(super) fn dead(&self) -> f64 {
        (self.delay.0.as_secs_f64() / self.period.0.as_secs_f64()).round()
    }

    pub(super) fn check(&self, surface: &mut Surface) {
        let names = self.names();
        for (at, (key, name)) in names.iter().enumerate() {
            settings::record_name(surface, &format!("names.{key}"), name);
            if let Some((other, _)) = names[..at].iter().find(|(_, known)| known == name) {
                let message = format!("`{name}` is that of {other} already; each PV needs a name of its own");
                surface.flaw(format!("names.{key}"), message);
            }
        }
        for (key, name) in [
            ("setpoint", &self.names.setpoint),
            ("reading", &self.names.reading),
        ] {
            if name.is_empty() {
                let message =
                    "a controller shows its reading and its set-point; write for example \"T-SP\"";
                surface.flaw(format!("names.{key}"), message);
            }
        }
        self.check_temperatures(surface);
        if self.rise.0 == 0.0 {
            surface.flaw("rise", "a heater heats; write for example \"400 K\"");
        }
        if self.time.0.is_zero() {
            surface.flaw(
                "time",
                "nothing warms in no time; write for example \"100 s\"",
            );
        }
        if self.period.0.as_millis() < 10 {
            let message = "the shortest period is 10 ms; write for example \"500 ms\"";
            surface.flaw("period", message);
        } else if self.dead() > LONGEST {
            let message =
                format!("a dead time has at most {LONGEST} periods; write for example \"2 s\"");
            surface.flaw("delay", message);
        }
        for (key, gain) in [("p", self.p), ("i", self.i), ("d", self.d)] {
            if !(gain >= 0.0 && gain.is_finite()) {
                surface.flaw(key, format!("{gain} is no gain; write 0 or more"));
            }
        }
        let rising = self.ranges.is_sorted_by(|a, b| a < b);
        if !(rising && self.ranges[0] > 0.0 && self.ranges[2] <= 1.0) {
            let message = "three rising shares of the full power are wanted; write for example [0.01, 0.1, 1.0]";
            surface.flaw("ranges", message);
        }
    }

    fn check_temperatures(&self, surface: &mut Surface) {
        let (low, high) = (self.limits.0.0, self.limits.1.0);
        if low >= high {
            let message = "the lowest and the highest set-point are wanted; write for example [\"5 K\", \"500 K\"]";
            surface.flaw("limits", message);
        } else if let Some(setpoint) = self.setpoint.filter(|t| !(low..=high).contains(&t.0)) {
            let message = format!(
                "{} degC is outside the limits {low} to {high} degC",
                setpoint.0
            );
            surface.flaw("setpoint", message);
        }
        if self.start.0 < self.floor.0 {
            let message = format!(
                "{} degC is below the floor, {} degC; nothing is cooled so far",
                self.start.0, self.floor.0
            );
            surface.flaw("start", message);
        }
    }
}
