//! A point detector in the beam: it counts what arrives, and peaks where motors stand right.
//!
//! Counts are those of one `period`. Their expectation is
//! `(background + transmission · Σ height · exp(−4 ln 2 · ((x − center) / width)²)) · period`, where `x` is the
//! present readback of the motor that a peak lies along, `width` its full width at half maximum, and the
//! transmission is what the devices upstream leave of the source's flux. The numbers drawn are Poisson
//! distributed. That peaks are Gaussian is an assumption, not a measurement.

mod peak;

use beamtwin_pv::Value;
use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Fault, InputId, LocalRecord, Order, Put, Refusal, Slot, Surface,
    Timer, Word,
};
use schemars::JsonSchema;
use serde::Deserialize;

pub use peak::{Peak, Peaks};

use crate::fault::{FROZEN, OFFLINE, UNANSWERED};
use crate::records::{base, process};
use crate::settings::{self, CountRate, Wait};
use crate::Kind;

/// The `diode` kind.
#[derive(Clone, Debug)]
pub struct Diode {
    record: LocalRecord,
    peaks: Vec<(InputId, Shape)>,
    bright: f64,
    background: f64,
    /// Seconds.
    period: f64,
    every: Wait,
    noise: bool,
    trouble: Trouble,
}

/// What goes wrong on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Trouble {
    #[default]
    None,
    Frozen,
    Dark,
    /// It never counts more.
    Saturated(f64),
    Offline,
}

/// The words for what can go wrong.
const FAULTS: &[&str] = &[FROZEN, "dark", SATURATED, OFFLINE];
const SATURATED: &str = "saturated NUMBER";

impl Trouble {
    fn with(fault: Option<&Fault>) -> Self {
        match fault {
            Some(fault) if fault.words == FROZEN => Self::Frozen,
            Some(fault) if fault.words == "dark" => Self::Dark,
            Some(fault) if fault.words == SATURATED => Self::Saturated(fault.number),
            Some(fault) if fault.words == OFFLINE => Self::Offline,
            _ => Self::None,
        }
    }
}

/// A peak along one motor.
#[derive(Clone, Copy, Debug)]
struct Shape {
    center: f64,
    width: f64,
    height: f64,
}

/// What stands in a `[diode.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The PV that shows the counts.
    pub pv: String,
    /// A peak along a motor, or a list of peaks that add up; without one, light counts `bright` anywhere.
    #[serde(default)]
    pub peak: Peaks,
    /// What the full beam counts: the height of a peak that does not say its own.
    #[serde(default = "bright")]
    pub bright: CountRate,
    /// What is counted in the dark.
    #[serde(default = "background")]
    pub background: CountRate,
    /// How long it counts.
    #[serde(default = "period")]
    pub period: Wait,
    /// Whether counts scatter as counts do.
    #[serde(default = "noise")]
    pub noise: bool,
}

/// The end of a period.
const PERIOD: Timer = Timer(0);

/// Expectations from here on are shown without noise, which would be beyond a double's digits.
const CERTAIN: f64 = 1e15;

const fn bright() -> CountRate {
    CountRate(1e5)
}

const fn background() -> CountRate {
    CountRate(0.0)
}

const fn period() -> Wait {
    Wait(std::time::Duration::from_millis(100))
}

const fn noise() -> bool {
    true
}

impl Kind for Diode {
    const NAME: &'static str = "diode";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings.check(surface);
        let mut watched: Vec<(String, InputId)> = Vec::new();
        let mut peaks = Vec::new();
        for peak in &settings.peak.0 {
            let known = watched.iter().find(|(along, _)| *along == peak.along);
            let input = match known {
                Some(&(_, input)) => input,
                None => {
                    let input = surface.watch("peak.along", peak.along.as_str());
                    watched.push((peak.along.clone(), input));
                    input
                }
            };
            let shape = Shape {
                center: peak.center,
                width: peak.width,
                height: peak.height.unwrap_or(settings.bright).0,
            };
            peaks.push((input, shape));
        }
        let record = surface.record(settings.pv, &base::AI).with("EGU", "counts");
        let (id, counts) = (record.id(), record.val::<f64>());
        surface.readback(counts);
        Box::new(Self {
            record: id,
            peaks,
            bright: settings.bright.0,
            background: settings.background.0,
            period: settings.period.0.as_secs_f64(),
            every: settings.period,
            noise: settings.noise,
            trouble: Trouble::None,
        })
    }
}

impl Settings {
    fn check(&self, surface: &mut Surface) {
        settings::record_name(surface, "pv", &self.pv);
        if self.period.0.as_millis() < 1 {
            surface.flaw(
                "period",
                "the shortest period is 1 ms; write for example \"100 ms\"",
            );
        }
        for peak in &self.peak.0 {
            if !(peak.width > 0.0 && peak.width.is_finite()) {
                let message = format!(
                    "a peak's width is its full width at half maximum, more than 0; {} is not",
                    peak.width
                );
                surface.flaw("peak.width", message);
            }
            if !peak.center.is_finite() {
                surface.flaw("peak.center", "a peak's center is a position of its motor");
            }
        }
    }
}

impl Diode {
    /// How many counts a period is expected to bring.
    fn expected(&self, cx: &Cx<'_>) -> f64 {
        let (beam, source) = (cx.beam(), cx.source());
        let sees = self.trouble != Trouble::Dark;
        let light = if sees && beam.flux > 0.0 && source.flux > 0.0 {
            let here = if self.peaks.is_empty() {
                self.bright
            } else {
                self.peaks
                    .iter()
                    .map(|(input, shape)| {
                        let x = cx.input(*input).as_f64().unwrap_or(f64::NAN);
                        shape.at(x)
                    })
                    .sum()
            };
            beam.flux / source.flux * here
        } else {
            0.0
        };
        (self.background + light) * self.period
    }

    /// Counts, and asks for the next period if that may bring other counts.
    fn count(&self, cx: &mut Cx<'_>) {
        if matches!(self.trouble, Trouble::Frozen | Trouble::Offline) {
            cx.cancel(PERIOD);
            return;
        }
        let expected = self.expected(cx);
        let scatters = self.noise && expected > 0.0;
        let counts = if scatters && expected < CERTAIN {
            cx.noise().poisson(expected)
        } else {
            expected
        };
        let counts = match self.trouble {
            Trouble::Saturated(most) => counts.min(most),
            _ => counts,
        };
        process::process(cx, self.record, &base::AI, Value::Double(counts));
        if scatters {
            cx.wake_after(PERIOD, self.every.0);
        } else {
            cx.cancel(PERIOD);
        }
    }
}

impl Shape {
    fn at(&self, x: f64) -> f64 {
        let distance = (x - self.center) / self.width;
        let height = self.height * (-4.0 * std::f64::consts::LN_2 * distance * distance).exp();
        if height.is_nan() { 0.0 } else { height }
    }
}

impl Device for Diode {
    fn start(&mut self, cx: &mut Cx<'_>) {
        self.count(cx);
    }

    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if self.trouble == Trouble::Offline {
            process::put_unanswered(cx, &base::AI, order);
        } else {
            process::put(cx, &base::AI, order);
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        cx.attribute(None);
        self.count(cx);
    }

    fn changed(&mut self, _: InputId, cx: &mut Cx<'_>) {
        self.count(cx);
    }

    fn light(&mut self, cx: &mut Cx<'_>) {
        self.count(cx);
    }

    fn faults(&self) -> &'static [&'static str] {
        FAULTS
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let before = std::mem::replace(&mut self.trouble, Trouble::with(fault));
        if before == self.trouble {
            return;
        }
        let value = cx.value(self.record, val(&base::AI));
        if self.trouble == Trouble::Offline {
            process::fail(cx, self.record, &base::AI, value, UNANSWERED);
        } else if self.trouble == Trouble::Frozen {
            process::process(cx, self.record, &base::AI, value);
        }
        self.count(cx);
    }

    fn words(&self) -> Vec<Word> {
        vec![Word::number(
            "counts",
            Slot::<f64>::new(self.record, val(&base::AI)),
        )]
    }
}
