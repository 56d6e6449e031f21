//! What the temperature does, and what the controller tells of it.

use std::time::Duration;

use beamtwin_pv::SimTime;
use beamtwin_sim::Cx;

use super::{AT_SETPOINT, AUTOMATIC, BAND, ERROR, HEATER, Linkam, PUMP, READING};
use crate::fault::{Oven, UNREAD};
use crate::physics::thermal::{Course, Law};

impl Linkam {
    /// Whether the pump can run: a stage does not cool below the room, nor in a ramp, without it.
    fn has_nitrogen(&self, cx: &Cx<'_>) -> bool {
        let automatic = self.panel.number(cx, "LNP_MODE:SET") != 0.0;
        automatic || self.panel.number(cx, "LNP_SPEED:SET") > 0.0
    }

    /// What the temperature does from here on.
    fn course(&self, from: f64, cx: &Cx<'_>) -> Course {
        let alone = if from == self.room {
            Course::Hold
        } else {
            Course::Drift {
                room: self.room,
                time: self.cooling,
            }
        };
        if self.now.oven == Oven::Runaway {
            let (target, rate) = (self.highest, self.fastest);
            return if from < target {
                Course::Ramp { target, rate }
            } else {
                Course::Hold
            };
        }
        let target = self.panel.number(cx, "SETPOINT");
        let cold = match self.now.oven {
            Oven::HeaterDead => target >= self.room,
            Oven::SensorOpen => true,
            _ => false,
        };
        if cold || !self.now.heats {
            return alone;
        }
        let rate = self.panel.number(cx, "RAMPRATE");
        let needs_nitrogen = target < from || target == from && target < self.room;
        if !target.is_finite() || rate.is_nan() || rate <= 0.0 {
            Course::Hold
        } else if needs_nitrogen && !self.has_nitrogen(cx) {
            alone
        } else if target == from {
            Course::Hold
        } else {
            Course::Ramp { target, rate }
        }
    }

    /// Sets course after something was written.
    pub(super) fn steer(&mut self, cx: &mut Cx<'_>) {
        let from = self.now.law.at(cx.now());
        self.begin(from, cx);
    }

    pub(super) fn begin(&mut self, from: f64, cx: &mut Cx<'_>) {
        let course = self.course(from, cx);
        let target = self.panel.number(cx, "SETPOINT");
        let falls = matches!(course, Course::Drift { .. }) && self.now.heats;
        self.now.crossing = (falls && self.room < target && target < from).then(|| {
            let ratio = (from - self.room) / (target - self.room);
            let wait = Duration::try_from_secs_f64(self.cooling * ratio.ln());
            (cx.now() + wait.unwrap_or(Duration::MAX)).nanos()
        });
        self.now.law = Law::new(from, cx.now(), course);
        self.hold(cx);
        self.show(cx);
        self.schedule(cx);
    }

    /// Begins to count the time at the set-point, if it is there and there is time to count.
    pub(super) fn hold(&mut self, cx: &mut Cx<'_>) {
        let seconds = self.panel.number(cx, "HOLDTIME:SET");
        let target = self.panel.number(cx, "SETPOINT");
        let holds = self.now.heats && self.now.law.at(cx.now()) == target;
        self.now.hold = (holds && seconds > 0.0).then(|| {
            let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            (cx.now() + wait).nanos()
        });
        self.panel.set(cx, "HOLDTIME", tidy(seconds));
    }

    /// Takes on a temperature, as only a simulated stage can.
    pub(super) fn set(&mut self, temperature: f64, cx: &mut Cx<'_>) {
        if temperature.is_nan() {
            return;
        }
        let from = temperature.clamp(self.lowest, self.highest);
        self.panel.set(cx, "TEMP", from);
        self.begin(from, cx);
    }

    /// The next moment of the controller's clock.
    pub(super) fn tick(&self, cx: &Cx<'_>) -> SimTime {
        SimTime::from_nanos((cx.now().nanos() / self.period + 1).saturating_mul(self.period))
    }

    pub(super) fn schedule(&self, cx: &mut Cx<'_>) {
        let own = [self.now.crossing, self.now.hold].map(|at| at.map(SimTime::from_nanos));
        let ends = own.into_iter().chain([self.now.law.arrival()]).flatten();
        match ends.min() {
            Some(end) => cx.wake_at(READING, end.min(self.tick(cx))),
            None if self.now.sensor.drifts() => cx.wake_at(READING, self.tick(cx)),
            None => cx.cancel(READING),
        }
    }

    /// What follows from temperature and settings.
    fn show(&self, cx: &mut Cx<'_>) {
        if self.panel.number(cx, "DISABLE") != 0.0 {
            return;
        }
        let law = &self.now.law;
        let temperature = law.at(cx.now());
        let heating = self.now.heats;
        let automatic = self.panel.number(cx, "LNP_MODE:SET") != 0.0;
        let target = self.panel.number(cx, "SETPOINT");
        let cold = law.is_cooled() || target < self.room && temperature <= target + BAND;
        let speed = match (heating && cold, automatic) {
            (_, false) => self.panel.number(cx, "LNP_SPEED:SET"),
            (true, true) => 100.0,
            (false, true) => 0.0,
        };
        self.panel.set(cx, "LNP_SPEED", speed);
        let power = if self.now.oven == Oven::Runaway {
            100.0
        } else if heating && !law.is_cooled() && self.highest > self.room {
            (100.0 * (temperature - self.room) / (self.highest - self.room)).clamp(0.0, 100.0)
        } else {
            0.0
        };
        self.panel.set(cx, "POWER", tidy(power));
        let slope = self.slope(target, temperature, cx);
        self.panel.set(cx, "DSC", tidy(self.heat_capacity * slope));
        let ramps = matches!(self.course(temperature, cx), Course::Ramp { .. });
        let arrival = law.arrival().filter(|_| ramps);
        let left = arrival.map_or(0.0, |at| at.since(cx.now()).as_secs_f64());
        self.panel.set(cx, "RAMPTIME", tidy(left));
        let bit = |is: bool, bit: i32| if is { bit } else { 0 };
        let reading = self.now.sensor.read(temperature, cx.now());
        let (open, never) = match self.now.oven {
            Oven::SensorOpen => (true, true),
            oven => (false, oven == Oven::NeverSettles),
        };
        let arrived = heating && !never && (reading - target).abs() <= BAND;
        self.panel.say(cx, "CTRLLR:ERR", if open { "Sensor open" } else { "None" });
        let status = bit(open, ERROR)
            | bit(arrived, AT_SETPOINT)
            | bit(heating, HEATER)
            | bit(speed > 0.0, PUMP)
            | bit(automatic, AUTOMATIC);
        self.panel.set(cx, "STATUS", status.into());
    }

    /// Takes a reading, unless the controller is not to be read.
    pub(super) fn read(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        if self.now.hold.is_some_and(|until| now.nanos() >= until) {
            self.now.hold = None;
            self.panel.set(cx, "HOLDTIME", 0.0);
        }
        if self.panel.number(cx, "DISABLE") != 0.0 {
            return;
        }
        if let Some(until) = self.now.hold {
            let left = SimTime::from_nanos(until).since(now).as_secs_f64();
            self.panel.set(cx, "HOLDTIME", tidy(left));
        }
        if self.now.oven == Oven::SensorOpen {
            self.panel.fail(cx, "TEMP", UNREAD);
        } else {
            let reading = self.now.sensor.read(self.now.law.at(now), now);
            self.panel.set(cx, "TEMP", tidy(reading));
        }
        self.show(cx);
    }

    /// How fast the temperature changes, in degrees a second.
    fn slope(&self, target: f64, temperature: f64, cx: &Cx<'_>) -> f64 {
        match self.course(temperature, cx) {
            Course::Hold => 0.0,
            Course::Ramp { rate, .. } => (rate / 60.0).copysign(target - temperature),
            Course::Drift { room, time } => (room - temperature) / time,
        }
    }
}

/// Without the dust of binary fractions: to a millionth.
fn tidy(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
