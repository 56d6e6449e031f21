//! A move as a stepper controller makes it: up to speed, along, and down again.
//!
//! Lengths are in whatever the caller measures them, speeds in that a second. A motor starts and stops
//! abruptly at its base speed and changes speed at a constant rate above it; a move too short to reach
//! full speed turns round at its peak. Captured from the simulated controller of the C motor record
//! (`move_abs_callback`, `sub_step`, `jog`), which however starts from zero speed.

use std::time::Duration;

/// How fast, and how fast to get there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The speed below which there is no ramp.
    pub base: f64,
    /// The full speed.
    pub speed: f64,
    /// The change of speed in a second.
    pub ramp: f64,
}

impl Pace {
    /// The speed a move is made at: never nothing, or it would not end in this world.
    fn cruise(self) -> f64 {
        self.speed.abs().max(SLOWEST)
    }

    fn floor(self) -> f64 {
        self.base.abs().min(self.cruise())
    }

    fn rate(self) -> f64 {
        if self.ramp.abs() > 0.0 {
            self.ramp.abs()
        } else {
            f64::INFINITY
        }
    }
}

/// The least speed: a move at none takes very long instead of forever.
const SLOWEST: f64 = 1e-6;

/// The longest a motion is computed for, in seconds; some three hundred years.
const LONGEST: f64 = 1e10;

/// Where a motion is and how fast it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where.
    pub at: f64,
    /// How fast; negative towards smaller positions.
    pub speed: f64,
}

/// A stretch of constant change of speed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Leg {
    /// Seconds from the start of the motion.
    from: f64,
    at: f64,
    speed: f64,
    ramp: f64,
}

impl Leg {
    fn after(&self, seconds: f64) -> Point {
        let t = seconds - self.from;
        Point {
            at: self.at + t * (self.speed + 0.5 * self.ramp * t),
            speed: self.speed + self.ramp * t,
        }
    }
}

/// A motion from its start to its end, if it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    legs: Vec<Leg>,
    /// When it ends, in seconds from its start, and where; a jog has no end.
    end: Option<(f64, f64)>,
}

impl Motion {
    /// From a point to rest at `target`.
    #[must_use]
    pub fn travel(from: Point, target: f64, pace: Pace) -> Self {
        let mut plan = Plan::new(from);
        let ahead = target - from.at;
        let towards = ahead * from.speed >= 0.0;
        if from.speed != 0.0 && (!towards || plan.stopping(pace) > ahead.abs()) {
            plan.brake(pace);
        }
        plan.cover(target, pace);
        plan.end(target)
    }

    /// From a point to a standstill, wherever that is.
    #[must_use]
    pub fn stop(from: Point, pace: Pace) -> Self {
        let mut plan = Plan::new(from);
        plan.brake(pace);
        let rest = plan.now.at;
        plan.end(rest)
    }

    /// From a point to a speed, for ever; the sign of `speed` is the direction.
    #[must_use]
    pub fn jog(from: Point, speed: f64, pace: Pace) -> Self {
        let mut plan = Plan::new(from);
        if from.speed * speed <= 0.0 {
            plan.brake(pace);
            plan.now.speed = speed.signum() * pace.base.abs().min(speed.abs());
        }
        plan.change(speed, pace.rate());
        plan.legs.push(Leg {
            from: plan.clock,
            at: plan.now.at,
            speed,
            ramp: 0.0,
        });
        Self {
            legs: plan.legs,
            end: None,
        }
    }

    /// How long it takes; `None` if it does not end by itself.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.end
            .map(|(seconds, _)| Duration::from_secs_f64(seconds.clamp(0.0, LONGEST)))
    }

    /// Whether it is over after a while: at its end, within a nanosecond and the error of its arithmetic.
    #[must_use]
    pub fn over(&self, elapsed: Duration) -> bool {
        self.end.is_some_and(|(seconds, _)| {
            let slack = 1e-9 + seconds * 1e-12;
            elapsed.as_secs_f64() + slack >= seconds.min(LONGEST)
        })
    }

    /// Where it is after a while, and how fast.
    #[must_use]
    pub fn after(&self, elapsed: Duration) -> Point {
        if let Some((_, rest)) = self.end.filter(|_| self.over(elapsed)) {
            return Point {
                at: rest,
                speed: 0.0,
            };
        }
        let seconds = elapsed.as_secs_f64();
        let leg = self.legs.iter().rev().find(|leg| leg.from <= seconds);
        match leg.or_else(|| self.legs.first()) {
            Some(leg) => leg.after(seconds),
            None => Point {
                at: self.end.map_or(0.0, |(_, rest)| rest),
                speed: 0.0,
            },
        }
    }
}

/// A motion being laid out.
struct Plan {
    legs: Vec<Leg>,
    clock: f64,
    now: Point,
}

impl Plan {
    const fn new(from: Point) -> Self {
        Self {
            legs: Vec::new(),
            clock: 0.0,
            now: from,
        }
    }

    /// The way it takes to stop.
    fn stopping(&self, pace: Pace) -> f64 {
        let (v, base) = (self.now.speed.abs(), pace.floor());
        if v <= base {
            0.0
        } else {
            (v * v - base * base) / (2.0 * pace.rate())
        }
    }

    /// Goes on at the present speed for a while.
    fn coast(&mut self, seconds: f64) {
        if seconds > 0.0 {
            self.lay(seconds, 0.0);
        }
    }

    /// Changes to a speed of the same direction.
    fn change(&mut self, speed: f64, rate: f64) {
        let seconds = (speed - self.now.speed).abs() / rate;
        if seconds > 0.0 {
            self.lay(seconds, (speed - self.now.speed) / seconds);
        }
        self.now.speed = speed;
    }

    /// Slows down to the base speed, and stops there.
    fn brake(&mut self, pace: Pace) {
        let base = pace.floor();
        if self.now.speed.abs() > base {
            self.change(base.copysign(self.now.speed), pace.rate());
        }
        self.now.speed = 0.0;
    }

    /// Goes to a place that can be stopped at, without turning round.
    fn cover(&mut self, target: f64, pace: Pace) {
        let way = target - self.now.at;
        if way == 0.0 {
            return;
        }
        let (floor, rate) = (pace.floor(), pace.rate());
        let start = self.now.speed.abs().max(floor);
        // The speed from which it can just stop in time, if it speeds up now.
        let peak = ((start * start + floor * floor) / 2.0 + rate * way.abs()).sqrt();
        let top = if start > pace.cruise() {
            pace.cruise()
        } else {
            peak.min(pace.cruise())
        };
        let ramps = |a: f64, b: f64| (a * a - b * b).abs() / (2.0 * rate);
        let rest = way.abs() - ramps(top, start) - ramps(top, floor);
        self.now.speed = start.copysign(way);
        self.change(top.copysign(way), rate);
        self.coast(rest.max(0.0) / top);
        self.change(floor.copysign(way), rate);
        self.now = Point {
            at: target,
            speed: 0.0,
        };
    }

    fn lay(&mut self, seconds: f64, ramp: f64) {
        let leg = Leg {
            from: self.clock,
            at: self.now.at,
            speed: self.now.speed,
            ramp,
        };
        self.clock += seconds;
        self.now = leg.after(self.clock);
        self.legs.push(leg);
    }

    fn end(self, rest: f64) -> Motion {
        Motion {
            end: Some((self.clock, rest)),
            legs: self.legs,
        }
    }
}

#[cfg(test)]
mod tests;
