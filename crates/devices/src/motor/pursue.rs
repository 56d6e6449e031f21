//! Going to a target, and what is left to do on arrival: backlash, and going home.

use beamtwin_pv::quantity::brief;

use super::axis::FARTHEST;
use super::flags::Phase;
use super::machine::{Machine, Out, nearest};
use super::process::{ARITHMETIC, GEOMETRIC, IN_POSITION};
use super::put::HUGE;
use super::registers::at;
use crate::physics::trapezoid::Pace;

/// `ACCU`: the acceleration counts, not its time.
pub(super) const USE_ACCELERATION: u16 = 1;

/// How long in seconds the ramp up to the base speed may be for a motor to set off at that speed.
const HIDDEN: f64 = 0.06;

/// Which speeds a move uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gear {
    /// `VELO` and `ACCL`.
    Slew,
    /// `BVEL` and `BACC`.
    Backlash,
}

/// Where a move goes, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// To there.
    At(f64),
    /// So far from where it rests.
    By(f64),
}

impl Machine {
    /// Sees to it that the motor gets to `DVAL`.
    pub(super) fn pursue(&mut self) {
        if self.r.dval != self.r.ldvl {
            self.mark(at::DVAL);
        }
        let diff = self.r.dval - self.r.drbv;
        if self.r.diff != diff {
            self.r.diff = diff;
            self.mark(at::DIFF);
        }
        self.r.rdif = self.step(diff);
        self.mark(at::RDIF);
        if self.defining() {
            if !self.r.mip.contains(Phase::LOAD) {
                self.load();
            }
            return;
        }
        self.r.val = self.user(self.r.dval);
        if self.r.val != self.r.lval {
            self.mark(at::VAL);
        }
        self.r.rval = self.step(self.r.dval);
        if self.r.rval != self.r.lrvl {
            self.mark(at::RVAL);
        }
        let retry = self.r.mip.contains(Phase::RETRY);
        if self.near_enough(retry) {
            if !self.r.dmov && (self.r.mip.is_empty() || self.r.mip == Phase::RETRY) {
                self.r.dmov = true;
                self.mark(at::DMOV);
                if !self.r.mip.is_empty() {
                    self.phase(Phase::empty());
                }
            }
            self.remember();
            return;
        }
        if !retry {
            if self.r.rcnt != 0 {
                self.mark(at::RCNT);
            }
            self.r.rcnt = 0;
        } else if self.r.rmod == IN_POSITION {
            return;
        }
        let upwards = if self.relative() {
            self.r.diff > 0.0
        } else {
            self.r.dval > self.r.ldvl
        };
        let preferred = upwards == (self.r.bdst > 0.0);
        if self.beyond_limits(preferred) {
            self.give_up();
        } else if self.r.mip.is_empty() || self.r.mip == Phase::RETRY {
            self.depart(preferred);
        }
    }

    /// Whether the target is where it is, as far as steps and dead-bands can tell.
    fn near_enough(&self, retry: bool) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "far is far")]
        let step = |dial: f64| (dial / self.r.mres).round() as i64;
        let way = step(self.r.dval).abs_diff(step(self.r.drbv));
        if retry {
            return way < u64::from(self.step(self.r.rdbd).unsigned_abs());
        }
        way < 1 || (self.r.spdb > 0.0 && (self.r.dval - self.r.drbv).abs() < self.r.spdb)
    }

    /// Judges a target by the soft limits, and sets `LVIO`.
    fn beyond_limits(&mut self, preferred: bool) -> bool {
        let violated = self.r.lvio;
        let (low, high, dval, from) = (self.r.dllm, self.r.dhlm, self.r.dval, self.r.ldvl);
        let back_inside = (dval > high && dval < from) || (dval < low && dval > from);
        self.r.lvio = if !self.limited() {
            false
        } else if low > high {
            true
        } else if back_inside {
            false
        } else {
            let far = if preferred { dval } else { dval - self.r.bdst };
            far > high || far < low
        };
        if self.r.lvio != violated {
            self.mark(at::LVIO);
        }
        if self.r.lvio {
            let text = format!(
                "{} is beyond the soft limits {} to {}",
                self.r.val, self.r.llm, self.r.hlm
            );
            self.refuse(text);
        } else if dval.is_nan() || dval.abs() > HUGE {
            self.refuse(format!("{} is no place to go to", self.r.val));
            return true;
        } else if self.r.mres == 0.0 {
            let text = "a step has no size (MRES is 0), so nothing moves; a real motor runs wild";
            self.out.push(Out::Fault(text.to_owned()));
            self.refuse(text);
            return true;
        }
        self.r.lvio
    }

    /// Goes back to the last accepted target.
    fn give_up(&mut self) {
        self.r.val = self.r.lval;
        self.r.dval = self.r.ldvl;
        self.r.rval = self.r.lrvl;
        self.mark(at::VAL);
        self.mark(at::DVAL);
        self.mark(at::RVAL);
        if self.r.mip.contains(Phase::RETRY) {
            self.phase(Phase::empty());
        }
        if self.r.mip.is_empty() && !self.r.dmov {
            self.r.dmov = true;
            self.mark(at::DMOV);
        }
    }

    /// Sets off: straight to the target, or to one backlash distance before it.
    fn depart(&mut self, preferred: bool) {
        let mres = self.r.mres;
        if self.r.dval != self.r.ldvl || !self.r.mip.contains(Phase::RETRY) {
            self.mind_the_counter();
        }
        let from = self.r.ldvl / mres;
        let target = self.r.dval / mres;
        let short = 1.0 + (self.r.bdst / mres).abs();
        let same_speed = self.r.bvel == self.r.velo && self.r.bacc == self.r.accl;
        let relative = self.relative();
        let frac = f64::from(self.r.frac);
        // From where it is measured to be: to the target, and to one backlash distance before it.
        let (rest, before) = (
            self.portion((self.r.dval - self.r.drbv) / mres),
            self.portion((self.r.dval - self.r.bdst - self.r.drbv) / mres),
        );
        let near = if !relative {
            (target - from).abs() <= short
        } else if self.r.bdst >= 0.0 {
            before <= 1.0
        } else {
            before >= 1.0
        };
        let straight = if relative {
            Place::By(rest * frac)
        } else {
            Place::At(from + frac * (target - from))
        };
        let (gear, place) = if self.r.bdst.abs() < mres.abs() || (preferred && same_speed) {
            (Gear::Slew, straight)
        } else if preferred && near {
            (Gear::Backlash, straight)
        } else {
            self.r.pp = true;
            let place = if relative {
                Place::By(before)
            } else {
                self.place_before_backlash()
            };
            (Gear::Slew, place)
        };
        self.phase(self.r.mip | Phase::MOVE);
        if self.r.dmov {
            self.r.dmov = false;
            self.mark(at::DMOV);
        }
        self.remember();
        self.r.cdir = self.r.rdif >= 0;
        self.go(place, gear);
    }

    /// Says so where a target lies farther away than steps can be counted.
    fn mind_the_counter(&mut self) {
        let steps = self.r.dval / self.r.mres;
        if steps.abs() > FARTHEST {
            self.out.push(Out::Fault(format!(
                "{} is {steps:.1e} steps of {} from dial 0, and the controller counts 2^31 (2.1e9): the motor stops at the \
                 end of its counter",
                brief(self.r.val),
                brief(self.r.mres.abs())
            )));
        }
    }

    /// Tidies up after motion: buttons, targets, and what is left of a move or a jog.
    pub(super) fn tidy_up(&mut self) {
        self.r.pp = false;
        let targeted = Phase::MOVE | Phase::TAKE_UP | Phase::JOG_BACK | Phase::JOG_TAKE_UP;
        if self.r.omsl == 0 && !self.r.mip.intersects(targeted) {
            self.r.val = self.r.rbv;
            self.r.dval = self.r.drbv;
            self.r.rval = self.step(self.r.dval);
            self.r.diff = 0.0;
            self.r.rdif = 0;
            for field in [at::VAL, at::DVAL, at::RVAL, at::DIFF, at::RDIF] {
                self.mark(field);
            }
        }
        if self.r.mip.contains(Phase::LOAD) {
            self.r.mip = Phase::empty();
        } else if self.r.mip.intersects(Phase::HOME) {
            self.after_home();
        } else if self.r.mip.intersects(Phase::JOG_STOP | Phase::MOVE) {
            if self.r.bdst.abs() >= self.r.mres.abs() {
                if self.r.mip.contains(Phase::JOG_STOP) {
                    self.resume();
                    self.r.cdir = self.r.diff / self.r.mres >= 0.0;
                    self.go(self.place_before_backlash(), Gear::Slew);
                    self.r.mip = Phase::JOG_BACK;
                    self.r.pp = true;
                } else {
                    self.take_up(Phase::TAKE_UP);
                }
            }
            self.r.mip.remove(Phase::JOG_STOP | Phase::MOVE);
        } else if self.r.mip.contains(Phase::JOG_BACK) {
            self.take_up(Phase::JOG_TAKE_UP);
        }
        self.remember();
        self.phase(self.r.mip - Phase::STOP);
    }

    /// The last part of a move, in the preferred direction, at `BVEL`.
    fn take_up(&mut self, phase: Phase) {
        let frac = f64::from(self.r.frac);
        let place = if self.relative() {
            let rest = if phase == Phase::TAKE_UP {
                self.r.diff
            } else {
                self.r.bdst
            };
            Place::By(rest / self.r.mres * frac)
        } else {
            let before = (self.r.dval - self.r.bdst) / self.r.mres;
            let target = self.r.dval / self.r.mres;
            let place = before + frac * (target - before);
            self.r.rval = nearest(place);
            Place::At(place)
        };
        self.resume();
        self.r.cdir = self.r.diff / self.r.mres >= 0.0;
        self.go(place, Gear::Backlash);
        self.r.mip = phase;
        self.r.pp = true;
    }

    fn after_home(&mut self) {
        if self.r.mip.contains(Phase::STOP) {
            self.r.mip.remove(Phase::STOP);
            self.go_home();
            self.r.pp = true;
        } else if self.r.mip.contains(Phase::HOME_FORWARD) {
            self.r.mip.remove(Phase::HOME_FORWARD);
            self.r.homf = false;
            self.mark(at::HOMF);
        } else {
            self.r.mip.remove(Phase::HOME_REVERSE);
            self.r.homr = false;
            self.mark(at::HOMR);
        }
    }

    /// Sets off for the home switch.
    pub(super) fn go_home(&mut self) {
        let forward = self.r.mip.contains(Phase::HOME_FORWARD);
        let upwards = forward == (self.r.mres > 0.0);
        self.r.dmov = false;
        self.mark(at::DMOV);
        self.r.rcnt = 0;
        self.mark(at::RCNT);
        self.r.cdir = upwards;
        let pace = self.pace(self.r.hvel, self.ramp(self.r.hvel, self.r.accl));
        self.axis.home(upwards, pace, self.now);
    }

    /// Jogs at `JVEL` in the direction of the button.
    pub(super) fn jog(&mut self) {
        let forward = if self.r.jogf { 1.0 } else { -1.0 };
        let speed = forward * self.r.jvel * self.sign() / self.r.mres;
        let pace = self.pace(self.r.jvel, self.r.jar);
        self.axis.jog(speed, pace, self.now);
    }

    /// Tells the controller where it is, and makes the offset or the user position fit.
    pub(super) fn load(&mut self) {
        let place = self.r.dval / self.r.mres;
        if self.r.rval != nearest(place) {
            self.mark(at::RVAL);
        }
        self.r.rval = nearest(place);
        if self.r.foff != 0 {
            self.r.val = self.user(self.r.dval);
            self.mark(at::VAL);
        } else {
            self.r.off = self.r.val - self.r.dval * self.sign();
            self.mark(at::OFF);
            self.limits_from_dial();
        }
        self.remember();
        self.phase(Phase::LOAD);
        if self.r.dmov {
            self.r.dmov = false;
            self.mark(at::DMOV);
        }
        self.axis.load(place);
    }

    /// Whether moves count from where the stage is measured to be, so that tries come nearer.
    const fn relative(&self) -> bool {
        self.r.rtry != 0 && self.r.rmod != IN_POSITION && (self.r.ueip != 0 || self.r.urip != 0)
    }

    /// How much of a way this try goes: all of it, or less with each try (`RMOD`), but never less than a step.
    fn portion(&self, way: f64) -> f64 {
        if !self.r.mip.contains(Phase::RETRY) {
            return way;
        }
        let factor = match self.r.rmod {
            ARITHMETIC => {
                (f64::from(self.r.rtry) - f64::from(self.r.rcnt) + 1.0) / f64::from(self.r.rtry)
            }
            GEOMETRIC => 2.0_f64.powi(1 - i32::from(self.r.rcnt)),
            _ => return way,
        };
        let part = way * factor;
        if part.abs() < 1.0 {
            if part > 0.0 { 1.0 } else { -1.0 }
        } else {
            part
        }
    }

    fn place_before_backlash(&self) -> Place {
        let before = self.r.dval - self.r.bdst;
        if self.relative() {
            Place::By((before - self.r.drbv) / self.r.mres)
        } else {
            Place::At(before / self.r.mres)
        }
    }

    fn go(&mut self, place: Place, gear: Gear) {
        let pace = match gear {
            Gear::Slew => self.slew_pace(),
            Gear::Backlash => self.pace(self.r.bvel, self.ramp(self.r.bvel, self.r.bacc)),
        };
        match place {
            Place::At(place) => self.axis.travel(place, pace, self.now),
            Place::By(way) => self.axis.travel_by(way, pace, self.now),
        }
    }

    fn slew_ramp(&self) -> f64 {
        if self.r.accu == USE_ACCELERATION {
            self.r.accs
        } else {
            self.ramp(self.r.velo, self.r.accl)
        }
    }

    /// The change of speed that takes from `VBAS` to a speed in a time.
    pub(super) fn ramp(&self, speed: f64, seconds: f64) -> f64 {
        let rise = if speed > self.r.vbas {
            speed - self.r.vbas
        } else {
            speed
        };
        rise / seconds
    }

    /// The pace of a move to its target.
    ///
    /// A motor sets off at its base speed. The simulated controller behind the captures sets off from standstill,
    /// which takes so little longer that looking ten times a second hides it, unless the ramp up to the base speed
    /// is long (`vbas_high`); then so does this one.
    fn slew_pace(&self) -> Pace {
        let ramp = self.slew_ramp();
        let hidden = self.r.vbas <= ramp * HIDDEN;
        let base = if hidden { self.r.vbas } else { 0.0 };
        Pace {
            base: base / self.r.mres.abs(),
            ..self.pace(self.r.velo, ramp)
        }
    }

    /// Speeds in steps.
    fn pace(&self, speed: f64, ramp: f64) -> Pace {
        let mres = self.r.mres.abs();
        Pace {
            base: 0.0,
            speed: (speed / mres).abs(),
            ramp: (ramp / mres).max(0.0),
        }
    }
}
