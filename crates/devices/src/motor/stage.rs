//! What a real stage does and an ideal one does not: it lags, settles, jitters, has play, gets stuck.
//!
//! All of it is off unless the beamline file says otherwise. Lengths are in steps here, in the motor's units in
//! the file.

use std::time::Duration;

use beamtwin_sim::Surface;

use super::settings::Settings;

/// The imperfections of a stage, and what they have come to at the last look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stage {
    /// How far the readback lags, over the speed: seconds.
    lag: f64,
    /// How long after a motion the controller calls it over.
    pub(super) settle: Duration,
    /// The standard deviation of a readback.
    pub(super) noise: f64,
    /// The size of an encoder's count, if there is an encoder.
    pub(super) encoder: Option<f64>,
    /// How far the drive turns back before the load follows.
    play: f64,
    /// Where something is in the way.
    obstacle: Option<f64>,
    /// The low limit switch is where the high one should be.
    pub(super) swapped: bool,
    /// Where the home switch is, if it works.
    pub(super) home: Option<f64>,
    /// Where the load is.
    load: f64,
    /// How far the readback is off, by lag and by noise.
    off: f64,
}

impl Stage {
    /// A stage without fault, with its home switch at 0.
    pub(super) fn ideal(start: f64) -> Self {
        Self {
            lag: 0.0,
            settle: Duration::ZERO,
            noise: 0.0,
            encoder: None,
            play: 0.0,
            obstacle: None,
            swapped: false,
            home: Some(0.0),
            load: start,
            off: 0.0,
        }
    }

    /// Looks at it: the drive is at `place` and turns at `speed`; `jitter` is what noise comes to.
    pub(super) fn look(&mut self, place: f64, speed: f64, jitter: f64) {
        self.load = self.load.clamp(place, place + self.play);
        self.off = jitter - self.lag * speed;
    }

    /// Where a controller without an encoder believes to be.
    pub(super) fn steps(&self, place: f64) -> f64 {
        if self.encoder.is_some() {
            place
        } else {
            place + self.off
        }
    }

    /// Where the encoder says that the load is, in counts; `origin` is what the controller adds.
    pub(super) fn counts(&self, origin: f64) -> Option<f64> {
        self.encoder
            .map(|count| (self.load + self.off + origin) / count)
    }

    /// Where the drive gets stuck on its way, if it does: one step before what is in the way.
    pub(super) fn stuck(&self, before: f64, at: f64) -> Option<f64> {
        let obstacle = self.obstacle?;
        let (low, high) = (before.min(at), before.max(at));
        let way = (at - before).signum();
        (low < high && (low..=high).contains(&obstacle)).then_some(obstacle - way)
    }

    /// Whether the home switch was crossed.
    pub(super) fn crossed_home(&self, before: f64, at: f64) -> Option<f64> {
        self.home
            .filter(|home| (before - home) * (at - home) <= 0.0)
    }
}

impl Settings {
    /// Reports what no stage can do.
    pub(super) fn check_stage(&self, surface: &mut Surface) {
        let sizes = [
            ("following_error", self.following_error),
            ("noise", self.noise),
            ("play", self.play),
            ("encoder", self.encoder.unwrap_or_default()),
        ];
        for (key, size) in sizes {
            if !(size >= 0.0 && size.is_finite()) {
                surface.flaw(key, format!("{size} is no size: write 0.01"));
            }
        }
        let places = [("stall", self.stall), ("home", self.home)];
        for (key, place) in places {
            if place.is_some_and(|place| !place.is_finite()) {
                surface.flaw(key, "is no position");
            }
        }
        if self.encoder == Some(0.0) {
            surface.flaw("encoder", "a count has a size: write 0.001");
        }
        if self.play > 0.0 && self.encoder.is_none() {
            surface.flaw(
                "play",
                "shows only where something measures the stage: add encoder = 0.001",
            );
        }
        if self.stall == Some(self.start) {
            surface.flaw("stall", "is where the motor starts: it could never move");
        }
        if self.switches_swapped && self.switches.is_none() {
            surface.flaw(
                "switches_swapped",
                "there are none: add switches = [-10, 10]",
            );
        }
    }

    /// The stage as the file has it, standing at a step.
    pub(super) fn stage(&self, start: f64) -> Stage {
        let step = self.resolution.abs();
        let place = |user: f64| (self.dial(user) / self.resolution).round();
        let home = self.home.map_or(0.0, place);
        Stage {
            lag: self.following_error / self.velocity,
            settle: self.settle.0,
            noise: self.noise / step,
            encoder: self.encoder.map(|count| count / self.resolution),
            play: self.play / step,
            obstacle: self.stall.map(place),
            swapped: self.switches_swapped,
            home: self.home_found.then_some(home),
            ..Stage::ideal(start)
        }
    }
}
