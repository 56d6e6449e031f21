//! A temperature controller: a set-point, a ramp, a PID loop, a heater, and what it heats.
//!
//! | file | holds |
//! | --- | --- |
//! | `settings` | what stands in the file, and the names of its PVs |
//! | `table` | its records |
//! | `plant` | the equations of what is heated and of the loop |
//! | `reading` | what happens at a reading |
//!
//! At every whole `period` of device time the temperature is read, the set-point ramped, and the output
//! worked out anew. Names are those of a Lakeshore 336 at NSLS-II unless the file says others. The model
//! reckons in degrees Celsius whatever the units of its PVs.

mod plant;
mod reading;
mod settings;
mod table;

use std::time::Duration;

use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Fault, Order, Put, Refusal, Surface, Timer, Word,
};

pub use self::settings::{Difference, Names, Range, Settings, Units};

use self::plant::{Gains, Heat, Plant};

use crate::fault::{Oven, Sensor};
use crate::records::{Panel, process};
use crate::Kind;

/// The `temperature` kind.
#[derive(Clone, Debug)]
pub struct Temperature {
    panel: Panel,
    plant: Plant,
    /// The share of the full power of each range.
    shares: [f64; 4],
    /// What is added to degrees Celsius to have the units of the PVs.
    zero: f64,
    band: f64,
    /// Nanoseconds.
    settle: u64,
    wait: bool,
    noise: f64,
    /// Nanoseconds from one reading to the next.
    period: u64,
    now: Running,
}

/// All that changes.
#[derive(Clone, Debug, PartialEq)]
struct Running {
    heat: Heat,
    gains: Gains,
    /// Where to, in degrees Celsius, and how far the ramp has come.
    target: f64,
    ramped: f64,
    /// Degrees a minute.
    rate: f64,
    ramps: bool,
    range: usize,
    mode: u16,
    manual: f64,
    /// Since when the reading lies within the band, in nanoseconds.
    within: Option<u64>,
    settled: bool,
    oven: Oven,
    sensor: Sensor,
    /// The puts that finish when it has settled.
    puts: Vec<u64>,
}

/// The next reading.
const READING: Timer = Timer(0);

const CLOSED: u16 = 1;
const ZONE: u16 = 2;
const OPEN: u16 = 3;

/// The ramp rate of a file that has none, in degrees a minute.
const RATE: f64 = 5.0;
impl Kind for Temperature {
    const NAME: &'static str = "temperature";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings.check(surface);
        let zero = match settings.units {
            Units::K => 273.15,
            Units::Celsius => 0.0,
        };
        let target = settings.setpoint.unwrap_or(settings.start).0;
        let range = settings.range as usize;
        let plant = Plant {
            floor: settings.floor.0,
            rise: settings.rise.0,
            time: settings.time.0.as_secs_f64(),
            delay: settings.dead().clamp(0.0, 1e6) as usize,
            step: settings.period.0.as_secs_f64(),
        };
        let shares = [0, 1, 2, 3].map(|range| settings.share(range));
        let heat = plant.rest(settings.start.0, shares[range]);
        let band = settings.band.0;
        let settled = (settings.start.0 - target).abs() <= band;
        let now = Running {
            gains: Gains {
                p: settings.p,
                i: settings.i,
                d: settings.d,
            },
            target,
            ramped: target,
            rate: settings.ramp.map_or(RATE, |ramp| ramp.0),
            ramps: settings.ramp.is_some(),
            range,
            mode: CLOSED,
            manual: 0.0,
            within: settled.then_some(0),
            settled,
            oven: Oven::Fine,
            sensor: Sensor::True,
            puts: Vec::new(),
            heat,
        };
        let mut panel = Panel::default();
        for (key, name) in settings.names() {
            table::declare(key, name, &settings, &now, zero, &mut panel, surface);
        }
        Box::new(Self {
            panel,
            plant,
            shares,
            zero,
            band,
            settle: nanos(settings.settle.0),
            wait: settings.wait,
            noise: settings.noise.0,
            period: nanos(settings.period.0).max(1),
            now,
        })
    }
}

impl Temperature {
    /// Takes over what was written; the number is that which the record took.
    fn take(&mut self, key: &str, number: f64, cx: &mut Cx<'_>) {
        let now = &mut self.now;
        match key {
            "setpoint" => self.aim(number - self.zero, cx),
            "ramp_rate" => {
                now.rate = number;
                self.panel.set(cx, "ramp_rate_readback", number);
            }
            "ramp_enable" => {
                now.ramps = number != 0.0;
                if !now.ramps {
                    now.ramped = now.target;
                    self.show(cx);
                }
            }
            "p" => {
                now.gains.p = number;
                self.panel.set(cx, "p_readback", number);
            }
            "i" => {
                now.gains.i = number;
                self.panel.set(cx, "i_readback", number);
            }
            "d" => {
                now.gains.d = number;
                self.panel.set(cx, "d_readback", number);
            }
            "manual" => {
                now.manual = number;
                self.panel.set(cx, "manual_readback", number);
            }
            "range" => now.range = (number as usize).min(self.shares.len() - 1),
            "mode" => now.mode = number as u16,
            _ => {}
        }
    }
}

impl Device for Temperature {
    fn start(&mut self, cx: &mut Cx<'_>) {
        self.schedule(cx);
    }

    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let Some(pv) = self.panel.at(order.record) else {
            return Ok(Put::Done);
        };
        if self.now.oven == Oven::Offline {
            process::put_unanswered(cx, pv.kind, order);
            return Ok(Put::Done);
        }
        if order.field != val(pv.kind) {
            process::put(cx, pv.kind, order);
            return Ok(Put::Done);
        }
        let number = order.number();
        if !number.is_finite() {
            return Err(Refusal::rejected(format!("{number} is nothing to set")));
        }
        if pv.kind.find("ZRST").is_some() && !self.panel.is_a_state(cx, pv.suffix, number as u16) {
            return Err(Refusal::rejected(format!("there is no state {number}")));
        }
        let put = order.put;
        let kept = self.panel.post(cx, pv.suffix, order.value);
        self.take(pv.suffix, kept.as_f64().unwrap_or_default(), cx);
        self.schedule(cx);
        if pv.suffix == "setpoint" && self.wait {
            self.now.puts.push(put.0);
            return Ok(Put::Started);
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        self.read(cx);
    }

    fn faults(&self) -> &'static [&'static str] {
        Oven::WORDS
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let before = (self.now.oven, self.now.sensor);
        let shown = self.panel.number(cx, "reading") - self.zero;
        self.now.oven = Oven::with(fault);
        self.now.sensor = Sensor::with(fault, shown, cx.now());
        if before != (self.now.oven, self.now.sensor) {
            self.panel.silence(self.now.oven == Oven::Offline, cx);
            self.diagnose(cx);
            self.schedule(cx);
        }
    }

    fn words(&self) -> Vec<Word> {
        let number = |name, key| Some(Word::number(name, self.panel.slot(key)?));
        let flag = |name, key| Some(Word::unless(name, self.panel.slot(key)?, 0.0));
        let words = [
            number("temperature", "reading"),
            number("setpoint", "setpoint"),
            flag("ramping", "ramping"),
            flag("settled", "settled"),
        ];
        words.into_iter().flatten().collect()
    }
}

/// To a thousandth, which is what such a controller resolves.
fn tidy(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
