//! What happens at a reading: the ramp, the loop, and whether it has settled.

use beamtwin_pv::SimTime;
use beamtwin_sim::{Cx, PutId};

use super::{CLOSED, OPEN, READING, Temperature, ZONE, tidy};
use crate::fault::{Oven, UNREAD};

/// What the status of a sensor is that reads more than can be.
const OVERRANGE: f64 = 128.0;
/// What the status of a heater is that nothing is connected to.
const OPEN_LOAD: f64 = 1.0;

impl Temperature {
    /// Takes a new set-point: ramped to, or there at once.
    pub(super) fn aim(&mut self, target: f64, cx: &mut Cx<'_>) {
        let now = &mut self.now;
        now.target = target;
        if !(now.ramps && now.rate > 0.0) {
            now.ramped = target;
        }
        now.within = None;
        now.settled = false;
        self.show(cx);
        self.panel.set(cx, "settled", 0.0);
    }

    /// What follows from the set-point.
    pub(super) fn show(&self, cx: &mut Cx<'_>) {
        let now = &self.now;
        self.panel.set(cx, "ramped", tidy(now.ramped + self.zero));
        let ramping = now.ramped != now.target;
        self.panel.set(cx, "ramping", f64::from(u8::from(ramping)));
    }

    /// Asks for the next reading.
    pub(super) fn schedule(&self, cx: &mut Cx<'_>) {
        let tick = (cx.now().nanos() / self.period + 1).saturating_mul(self.period);
        cx.wake_at(READING, SimTime::from_nanos(tick));
    }

    /// Whether the next reading would be as the last.
    fn is_idle(&self) -> bool {
        let now = &self.now;
        self.noise == 0.0
            && !now.sensor.drifts()
            && self.plant.is_cold(&now.heat)
            && now.heat.output == 0.0
            && now.ramped == now.target
            && now.within.is_some() == now.settled
    }

    /// Works out the output after a reading.
    fn regulate(&mut self, reading: f64) {
        let now = &mut self.now;
        let step = self.plant.step;
        match now.mode {
            _ if now.oven == Oven::SensorOpen => now.heat.give(0.0, reading),
            CLOSED | ZONE if now.range > 0 => {
                now.heat
                    .regulate(now.gains, now.ramped - reading, reading, step);
            }
            OPEN if now.range > 0 => now.heat.give(now.manual, reading),
            _ => now.heat.give(0.0, reading),
        }
        let power = match now.oven {
            Oven::HeaterDead => 0.0,
            Oven::Runaway => 1.0,
            _ => now.heat.output / 100.0 * self.shares[now.range],
        };
        now.heat.send(power);
    }

    /// Whether it has settled after a reading; lets those who waited go.
    fn judge(&mut self, reading: f64, cx: &mut Cx<'_>) {
        let time = cx.now().nanos();
        let now = &mut self.now;
        let tells = !matches!(now.oven, Oven::NeverSettles | Oven::SensorOpen);
        let near = tells && now.ramped == now.target && (reading - now.target).abs() <= self.band;
        now.within = near.then(|| now.within.unwrap_or(time));
        now.settled = now.within.is_some_and(|since| time - since >= self.settle);
        self.panel
            .set(cx, "settled", f64::from(u8::from(now.settled)));
        if now.settled && now.oven != Oven::Offline {
            for put in std::mem::take(&mut now.puts) {
                cx.finish(PutId(put));
            }
        }
    }

    /// Shows a reading, if there is one.
    fn report(&self, reading: f64, cx: &mut Cx<'_>) {
        if self.now.oven == Oven::SensorOpen {
            self.panel.fail(cx, "reading", UNREAD);
            self.panel.fail(cx, "celsius", UNREAD);
        } else {
            self.panel.set(cx, "reading", tidy(reading + self.zero));
            self.panel.set(cx, "celsius", tidy(reading));
        }
    }

    /// Shows what the controller knows of what is wrong.
    pub(super) fn diagnose(&self, cx: &mut Cx<'_>) {
        let (sensor, heater) = match self.now.oven {
            Oven::SensorOpen => (OVERRANGE, 0.0),
            Oven::HeaterDead => (0.0, OPEN_LOAD),
            _ => (0.0, 0.0),
        };
        self.panel.set(cx, "sensor_status", sensor);
        self.panel.set(cx, "heater_status", heater);
    }

    /// Takes a reading, and works out what follows from it.
    pub(super) fn read(&mut self, cx: &mut Cx<'_>) {
        self.plant.advance(&mut self.now.heat);
        let error = if self.noise > 0.0 {
            cx.noise().normal(self.noise)
        } else {
            0.0
        };
        let truth = self.now.heat.temperature + error;
        let reading = self.now.sensor.read(truth, cx.now());
        let left = self.now.target - self.now.ramped;
        if left != 0.0 {
            let step = self.now.rate / 60.0 * self.plant.step;
            if left.abs() <= step {
                self.now.ramped = self.now.target;
            } else {
                self.now.ramped += step.copysign(left);
            }
            self.show(cx);
        }
        self.regulate(reading);
        self.report(reading, cx);
        self.panel.set(cx, "heater", tidy(self.now.heat.output));
        self.judge(reading, cx);
        if !self.is_idle() {
            self.schedule(cx);
        }
    }
}
