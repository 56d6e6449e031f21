//! Deciding what to do: the stop switch, the buttons, and new targets from all their sources.

use std::ops::ControlFlow;

use super::flags::Phase;
use super::machine::{Machine, Out};
use super::process::{STATUS_BUSY, STATUS_OFF, STATUS_ON, Why, spmg};
use super::registers::at;

/// Whether to look for further work.
type Flow = ControlFlow<()>;

impl Machine {
    /// Examines everything that could ask for motion, and starts it.
    pub(super) fn work(&mut self, why: Why) {
        if self.r.stup == STATUS_ON {
            self.ask_for_status();
        }
        // A break means that what was found leaves nothing else to do.
        let _ = self.examine(why);
    }

    fn examine(&mut self, why: Why) -> Flow {
        self.obey_switches()?;
        self.apply_resolution()?;
        self.press_home()?;
        self.press_jog()?;
        self.collect_targets();
        self.redefine()?;
        if self.held() {
            return Flow::Break(());
        }
        if self.r.dval != self.r.ldvl || !self.r.dmov {
            self.pursue();
        } else if self.r.sync && self.r.mip.is_empty() {
            self.follow_readback();
            self.r.sync = false;
            self.post(at::SYNC);
        } else if why == Why::Put && self.r.stup == STATUS_OFF {
            self.ask_for_status();
        }
        Flow::Continue(())
    }

    /// Whether `SPMG` keeps it from moving.
    pub(super) const fn held(&self) -> bool {
        matches!(self.r.spmg, spmg::STOP | spmg::PAUSE)
    }

    fn ask_for_status(&mut self) {
        self.r.stup = STATUS_BUSY;
        self.mark(at::STUP);
        self.axis.inquire();
    }

    /// `STOP`, and changes of `SPMG`.
    fn obey_switches(&mut self) -> Flow {
        let stop = self.r.stop;
        if self.r.spmg != self.r.lspg {
            self.r.lspg = self.r.spmg;
        } else if stop {
            self.r.stop = false;
            self.mark(at::STOP);
        } else {
            return Flow::Continue(());
        }
        if stop || self.held() {
            self.halt(stop || self.r.spmg == spmg::STOP);
            return Flow::Break(());
        }
        if self.r.spmg == spmg::GO {
            if (self.r.jogf && !self.r.hls) || (self.r.jogr && !self.r.lls) {
                self.phase(Phase::JOG_WANTED);
            } else if self.r.mip == Phase::STOP {
                self.phase(Phase::empty());
            }
        } else {
            self.phase(Phase::empty());
            self.r.rcnt = 0;
            self.mark(at::RCNT);
        }
        Flow::Continue(())
    }

    /// Stops; for good, so that the target becomes where it stops, or until `SPMG` says go.
    fn halt(&mut self, for_good: bool) {
        if for_good {
            let idle = self.r.mip.is_empty();
            if idle || self.r.mip.intersects(Phase::STOP | Phase::RETRY) {
                if self.r.mip.contains(Phase::RETRY) {
                    self.phase(Phase::empty());
                    self.r.dmov = true;
                    self.mark(at::DMOV);
                }
                self.axis.stop(self.now);
                return;
            }
            if self.r.movn {
                self.r.pp = true;
                self.release_buttons();
            } else {
                self.follow_readback();
            }
        }
        if self.r.mip.intersects(Phase::HOME) {
            self.release_buttons();
        }
        if self.r.mip == Phase::JOG_WANTED && !self.held() {
            // A jog that was refused: nothing moves, so no stop would ever end.
            self.phase(Phase::empty());
        } else if !self.r.mip.contains(Phase::SETTLE) {
            self.phase(Phase::STOP);
        }
        self.axis.stop(self.now);
    }

    /// Another size of a step: the controller is told where it is in the new ones.
    fn apply_resolution(&mut self) -> Flow {
        if ![at::MRES, at::ERES, at::UEIP]
            .iter()
            .any(|&field| self.marked(field))
        {
            return Flow::Continue(());
        }
        self.widen_deadband();
        if self.defining() {
            self.r.pp = true;
            self.axis.inquire();
        } else if !self.r.mip.contains(Phase::LOAD) {
            self.load();
        }
        Flow::Break(())
    }

    fn press_home(&mut self) -> Flow {
        let (ahead, behind) = if self.sign() > 0.0 {
            (self.r.hls, self.r.lls)
        } else {
            (self.r.lls, self.r.hls)
        };
        let forward = self.r.homf && !self.r.mip.contains(Phase::HOME_FORWARD) && !ahead;
        let reverse = self.r.homr && !self.r.mip.contains(Phase::HOME_REVERSE) && !behind;
        if !(forward || reverse) {
            return Flow::Continue(());
        }
        if self.held() {
            self.r.dmov = false;
            self.mark(at::DMOV);
            return Flow::Break(());
        }
        let phase = if self.r.homf {
            Phase::HOME_FORWARD
        } else {
            Phase::HOME_REVERSE
        };
        self.r.pp = true;
        if self.r.movn {
            self.phase(phase | Phase::STOP);
            self.axis.stop(self.now);
        } else {
            self.phase(phase);
            self.go_home();
        }
        Flow::Break(())
    }

    fn press_jog(&mut self) -> Flow {
        let wanted = self.r.mip.contains(Phase::JOG_WANTED);
        if wanted && !self.r.mip.intersects(Phase::JOG) && !self.held() {
            self.begin_jog();
            return Flow::Break(());
        }
        let jogging = Phase::JOG_FORWARD | Phase::JOG_REVERSE;
        if !wanted && self.r.mip.intersects(jogging) {
            self.r.pp = true;
            self.r.mip.insert(Phase::JOG_STOP);
            self.r.mip.remove(jogging);
            self.axis.stop(self.now);
            return Flow::Break(());
        }
        let ending = Phase::JOG_STOP | Phase::JOG_BACK | Phase::JOG_TAKE_UP;
        if self.r.mip.intersects(ending) {
            return Flow::Break(());
        }
        Flow::Continue(())
    }

    fn begin_jog(&mut self) {
        let high = self.r.jogf && self.r.val > self.r.hlm - self.r.jvel;
        let low = self.r.jogr && self.r.val < self.r.llm + self.r.jvel;
        if self.limited() && (high || low || self.r.dllm > self.r.dhlm) {
            self.r.lvio = true;
            self.mark(at::LVIO);
            self.refuse("a jog from here would run into a soft limit");
            for (held, field) in [(self.r.jogf, at::JOGF), (self.r.jogr, at::JOGR)] {
                if held {
                    self.mark(field);
                }
            }
            self.r.jogf = false;
            self.r.jogr = false;
            return;
        }
        if !self.r.jogf && !self.r.jogr {
            // The C record forgets to forget a jog that it refused (`jog_refused_then_move`).
            let text = "a jog was refused at a soft limit, so this put jogs in reverse, as on a real motor";
            self.out.push(Out::Fault(text.to_owned()));
        }
        let phase = if self.r.jogf {
            Phase::JOG_FORWARD
        } else {
            Phase::JOG_REVERSE
        };
        self.r.pp = true;
        if self.r.movn {
            self.phase(phase | Phase::STOP);
            self.axis.stop(self.now);
        } else {
            self.phase(phase);
            self.r.dmov = false;
            self.mark(at::DMOV);
            self.r.cdir = (self.r.jogf == (self.r.mres >= 0.0)) == (self.sign() > 0.0);
            self.jog();
        }
    }

    /// New targets by tweak, by distance, and in steps.
    fn collect_targets(&mut self) {
        if self.r.twf || self.r.twr {
            let sign = if self.r.twf { 1.0 } else { -1.0 };
            self.r.val += sign * self.r.twv;
            for (pressed, field) in [(self.r.twf, at::TWF), (self.r.twr, at::TWR)] {
                if pressed {
                    self.r.twf = self.r.twf && field != at::TWF;
                    self.r.twr = self.r.twr && field != at::TWR;
                    self.post(field);
                }
            }
        }
        if self.r.rlv != self.r.lrlv {
            self.r.val += self.r.rlv;
            self.r.rlv = 0.0;
            self.r.lrlv = 0.0;
            self.mark(at::RLV);
        }
        if self.r.rval != self.r.lrvl {
            self.r.dval = f64::from(self.r.rval) * self.r.mres;
        }
    }

    /// A new `VAL` is a new offset in `SET` mode, else a new place to go.
    fn redefine(&mut self) -> Flow {
        if self.r.val == self.r.lval {
            return Flow::Continue(());
        }
        if self.r.val.is_nan() {
            self.refuse("not a number is no position");
            self.r.val = self.r.lval;
            self.mark(at::VAL);
            return Flow::Continue(());
        }
        self.mark(at::VAL);
        if !(self.defining() && self.r.foff == 0) {
            self.r.dval = (self.r.val - self.r.off) * self.sign();
            return Flow::Continue(());
        }
        self.r.off = self.r.val - self.r.dval * self.sign();
        self.r.rbv = self.user(self.r.drbv);
        self.mark(at::OFF);
        self.mark(at::RBV);
        self.limits_from_dial();
        self.r.lval = self.r.val;
        self.phase(Phase::empty());
        self.r.dmov = true;
        self.mark(at::DMOV);
        Flow::Break(())
    }

    /// Where it is: by the encoder, by the readback link, which is empty and reads 0 (`encoder`), or by its steps.
    pub(super) fn locate(&mut self) {
        let mut size = self.r.mres;
        if self.r.ueip != 0 {
            self.r.rrbv = self.r.rep;
            size = self.r.eres;
        } else if self.r.urip != 0 {
            self.r.rrbv = 0;
        } else {
            self.r.rrbv = self.r.rmp;
        }
        self.r.drbv = f64::from(self.r.rrbv) * size;
        self.r.rbv = self.user(self.r.drbv);
    }

    /// The target becomes where it is.
    pub(super) fn follow_readback(&mut self) {
        self.locate();
        self.r.val = self.r.rbv;
        self.r.dval = self.r.drbv;
        self.r.rval = self.step(self.r.dval);
        self.remember();
        for field in [at::RRBV, at::DRBV, at::RBV, at::VAL, at::DVAL, at::RVAL] {
            self.mark(field);
        }
    }

    /// Notes why the present put is not carried out.
    pub(super) fn refuse(&mut self, why: impl Into<String>) {
        self.refused = Some(why.into());
    }
}
