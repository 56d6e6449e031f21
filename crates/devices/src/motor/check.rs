//! What is wrong with a `[motor.name]` table.

use beamtwin_pv::quantity::brief;
use beamtwin_sim::Surface;

use super::axis::FARTHEST;
use super::settings::Settings;
use crate::settings::record_name;

/// The most digits that a double has to show.
const DIGITS: u8 = 15;

impl Settings {
    /// Reports what cannot be; false if there was anything.
    pub(super) fn check(&self, surface: &mut Surface) -> bool {
        let before = surface.flaws().len();
        record_name(surface, "pv", &self.pv);
        let numbers = [
            ("velocity", self.velocity),
            ("base_velocity", self.base_velocity.unwrap_or_default()),
            ("start", self.start),
            ("resolution", self.resolution),
            ("backlash", self.backlash),
            ("offset", self.offset),
        ];
        for (key, number) in numbers {
            if !number.is_finite() {
                surface.flaw(key, format!("{number} is not a finite number"));
            }
        }
        self.check_range("limits", self.limits, surface);
        self.check_range("switches", self.switches, surface);
        if self.velocity <= 0.0 {
            surface.flaw(
                "velocity",
                format!(
                    "a motor moves faster than {}: write a speed above 0",
                    self.velocity
                ),
            );
        }
        if let Some(most) = self.max_velocity
            && !(most.is_finite() && most >= self.velocity)
        {
            surface.flaw(
                "max_velocity",
                format!("{most} is not a speed of at least the velocity, {}", self.velocity),
            );
        }
        if let Some(base) = self.base_velocity
            && !(0.0..=self.velocity).contains(&base)
        {
            surface.flaw(
                "base_velocity",
                format!(
                    "{base} is not between 0 and the velocity, {}",
                    self.velocity
                ),
            );
        }
        let (base, most) = (self.base(), self.max_velocity.unwrap_or(f64::INFINITY));
        if let Some(home) = self.home_velocity
            && !(home.is_finite() && home > 0.0 && (base..=most).contains(&home))
        {
            let most = self.max_velocity.map(|most| format!(" and at most {most}, max_velocity"));
            surface.flaw(
                "home_velocity",
                format!(
                    "{} is not a speed of at least {base}, the base speed{}",
                    brief(home),
                    most.unwrap_or_default()
                ),
            );
        }
        if self.acceleration.0.is_zero() {
            surface.flaw(
                "acceleration",
                "getting up to speed takes a moment: write \"100 ms\"",
            );
        }
        if self.resolution == 0.0 {
            surface.flaw("resolution", "a step has a size: write 0.001");
        }
        if self.precision > DIGITS {
            surface.flaw(
                "precision",
                format!(
                    "a number has at most {DIGITS} digits, not {}",
                    self.precision
                ),
            );
        }
        self.check_stage(surface);
        self.check_reach(surface);
        if self.controller.as_deref().is_some_and(str::is_empty) {
            surface.flaw("controller", "a controller has a name: write \"mc1\"");
        }
        surface.flaws().len() == before
    }

    fn check_range(&self, key: &str, range: Option<[f64; 2]>, surface: &mut Surface) {
        let Some([low, high]) = range else {
            return;
        };
        if !(low.is_finite() && high.is_finite()) {
            surface.flaw(key, format!("[{low}, {high}] are not finite numbers"));
        } else if low > high {
            surface.flaw(
                key,
                format!("the low end {low} is above the high end {high}: write [{high}, {low}]"),
            );
        } else if !(low..=high).contains(&self.start) && (low, high) != (0.0, 0.0) {
            surface.flaw(
                "start",
                format!("{} is outside the {key} [{low}, {high}]", self.start),
            );
        }
    }

    /// Reports places that the counter of the controller, or that of the encoder, does not reach.
    fn check_reach(&self, surface: &mut Surface) {
        let (key, step) = match self.encoder {
            Some(count) if count < self.resolution.abs() => ("encoder", count),
            _ => ("resolution", self.resolution.abs()),
        };
        if !(step > 0.0 && step.is_finite()) {
            return;
        }
        let of = |range: Option<[f64; 2]>| range.into_iter().flatten().collect();
        let all: [(&str, Vec<f64>); 5] = [
            ("limits", of(self.limits.filter(|&range| range != [0.0; 2]))),
            ("switches", of(self.switches)),
            ("home", self.home.into_iter().collect()),
            ("stall", self.stall.into_iter().collect()),
            ("start", vec![self.start]),
        ];
        for (place, users) in all {
            let far = |&user: &f64| self.dial(user).abs() > FARTHEST * step;
            let farthest = users
                .into_iter()
                .filter(|user| self.dial(*user).is_finite())
                .filter(far)
                .max_by(|a, b| self.dial(*a).abs().total_cmp(&self.dial(*b).abs()));
            if let Some(user) = farthest {
                let least = rounded_up(self.dial(user).abs() / FARTHEST);
                surface.flaw(
                    place,
                    format!(
                        "{} is out of reach: a position is at most 2^31 steps of {} from dial 0, which is {}; write {key} = \
                         {} or more",
                        brief(user),
                        brief(step),
                        brief(FARTHEST * step),
                        brief(least)
                    ),
                );
            }
        }
    }
}

/// The next number above with one digit.
fn rounded_up(number: f64) -> f64 {
    let text = format!("{number:.0e}");
    let near: f64 = text.parse().unwrap_or(number);
    if near >= number {
        return near;
    }
    let (digit, power) = text.split_once('e').unwrap_or((&text, "0"));
    let digit: u8 = digit.parse().unwrap_or_default();
    format!("{}e{power}", digit + 1).parse().unwrap_or(number)
}
