//! What is heated, and the loop that heats it.
//!
//! The plant is of first order with dead time: `τ·dT/dt = floor − T + rise·h(t − θ)`, where `h` is the heater's
//! share of its full power. Between two readings `h` is constant, so every step is exact. The loop is
//! `u = P·(e + I/1000·∫e dt − D·dT/dt)` in percent, held between 0 and 100; the integral stands still while
//! that would drive the output further beyond its end.

use std::collections::VecDeque;


/// What is heated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plant {
    /// The temperature without heat, in degrees Celsius.
    pub(super) floor: f64,
    /// By how much full power lifts it, in degrees.
    pub(super) rise: f64,
    /// Seconds after which the distance to where it goes is down to 1/e.
    pub(super) time: f64,
    /// The dead time, in readings.
    pub(super) delay: usize,
    /// Seconds from one reading to the next.
    pub(super) step: f64,
}

/// The gains of the loop, as its PVs show them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gains {
    /// Percent a degree.
    pub(super) p: f64,
    /// Thousandths a second.
    pub(super) i: f64,
    /// Seconds.
    pub(super) d: f64,
}

/// The state of both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heat {
    /// The true temperature, in degrees Celsius.
    pub(super) temperature: f64,
    /// Shares of full power on their way, the oldest first.
    under_way: VecDeque<f64>,
    /// The integral part of the output, in percent.
    integral: f64,
    /// The reading, smoothed for its derivative.
    smooth: f64,
    /// The output, in percent of the range.
    pub(super) output: f64,
}

impl Plant {
    /// At rest at a temperature, with the share of full power that holds it, as far as a range goes.
    pub(super) fn rest(&self, temperature: f64, range: f64) -> Heat {
        let needed = ((temperature - self.floor) / self.rise).clamp(0.0, range);
        let output = if range > 0.0 {
            100.0 * needed / range
        } else {
            0.0
        };
        Heat {
            temperature,
            under_way: std::iter::repeat_n(needed, self.delay + 1).collect(),
            integral: output,
            smooth: temperature,
            output,
        }
    }

    /// Lets the time from one reading to the next pass.
    pub(super) fn advance(&self, heat: &mut Heat) {
        let power = heat.under_way.pop_front().unwrap_or_default();
        let goes = self.floor + self.rise * power;
        heat.temperature = goes + (heat.temperature - goes) * (-self.step / self.time).exp();
        if (heat.temperature - self.floor).abs() < NEAR && power == 0.0 {
            heat.temperature = self.floor;
        }
    }

    /// Whether nothing will change by itself.
    pub(super) fn is_cold(&self, heat: &Heat) -> bool {
        heat.temperature == self.floor && heat.under_way.iter().all(|&power| power == 0.0)
    }
}

/// How near to its floor a temperature counts as there.
const NEAR: f64 = 1e-4;

/// How much faster than `D` the derivative is smoothed.
const SMOOTH: f64 = 8.0;

impl Heat {
    /// What the loop gives out after a reading.
    pub(super) fn regulate(&mut self, gains: Gains, error: f64, reading: f64, step: f64) {
        let lag = (gains.d / SMOOTH).max(step);
        let slope = (reading - self.smooth) / lag;
        self.smooth += (reading - self.smooth) * (1.0 - (-step / lag).exp());
        let grown = self.integral + gains.p * gains.i / 1000.0 * error * step;
        let wanted = gains.p * (error - gains.d * slope) + grown;
        let winds_up = wanted > 100.0 && error > 0.0 || wanted < 0.0 && error < 0.0;
        if !winds_up {
            self.integral = grown.clamp(0.0, 100.0);
        }
        self.output = wanted.clamp(0.0, 100.0);
    }

    /// What is given out whatever the reading.
    pub(super) fn give(&mut self, output: f64, reading: f64) {
        self.output = output.clamp(0.0, 100.0);
        self.integral = self.output;
        self.smooth = reading;
    }

    /// Sends a share of the full power on its way.
    pub(super) fn send(&mut self, power: f64) {
        self.under_way.push_back(power);
    }
}
