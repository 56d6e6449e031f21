//! Processing: what happens when somebody wrote, and when the controller was looked at.

use super::flags::{Phase, Status};
use super::machine::{Machine, Out};
use super::registers::at;

/// Why the record processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The controller has news.
    News,
    /// Somebody wrote.
    Put,
}

/// Whether there may be something to do after looking at the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Report, and no more.
    Leave,
    /// See whether there is work.
    Work,
}

/// `STUP`: nobody asked for the status.
pub(super) const STATUS_OFF: u16 = 0;
/// `STUP`: somebody asks for the status.
pub(super) const STATUS_ON: u16 = 1;
/// `STUP`: the status has been asked for.
pub(super) const STATUS_BUSY: u16 = 2;

/// `RMOD`: each try goes a smaller part of what is left, in equal steps.
pub(super) const ARITHMETIC: u16 = 1;
/// `RMOD`: each try goes half the part of the one before.
pub(super) const GEOMETRIC: u16 = 2;
/// `RMOD`: the controller finds its position by itself.
pub(super) const IN_POSITION: u16 = 3;

/// `SPMG`: its four states.
pub(super) mod spmg {
    pub(in crate::motor) const STOP: u16 = 0;
    pub(in crate::motor) const PAUSE: u16 = 1;
    pub(in crate::motor) const MOVE: u16 = 2;
    pub(in crate::motor) const GO: u16 = 3;
}

impl Machine {
    /// Looks at the axis, as ten times a second while it moves.
    ///
    /// `jitter` is what noise adds to what is read, in steps.
    pub(super) fn poll(&mut self, jitter: f64) {
        self.axis.poll(self.now, jitter);
        self.hear();
    }

    /// The settling time (`DLY`) is over.
    pub(super) fn settle(&mut self) {
        self.settles = None;
        if self.r.mip.contains(Phase::SETTLE) {
            self.r.mip.remove(Phase::SETTLE);
            self.r.mip.insert(Phase::SETTLED);
            if !self.disabled() {
                self.process(Why::Put);
            }
            self.hear();
        }
    }

    /// Processes for as long as the controller has news.
    pub(super) fn hear(&mut self) {
        // Each round either ends or waits for the axis; two follow each other where a move is told to a
        // motor that has just stopped.
        for _ in 0..ROUNDS {
            if self.disabled() {
                self.overhear();
                return;
            }
            if !self.axis.news() {
                return;
            }
            self.process(Why::News);
        }
        self.out.push(Out::Fault(
            "the record and its controller keep each other busy".to_owned(),
        ));
    }

    /// A disabled record does not process, but whoever waits for it waits no longer.
    fn overhear(&mut self) {
        if self.axis.told() {
            self.say_disabled();
            self.out.push(Out::Settled);
        }
    }

    pub(super) fn process(&mut self, why: Why) {
        let violated = self.r.lvio;
        let mut why = why;
        if why == Why::News {
            self.take_status();
        }
        let mut then = Then::Work;
        if why == Why::News || self.r.mip.contains(Phase::SETTLED) {
            why = Why::News;
            self.read_back();
            if self.r.movn {
                self.on_the_way();
            } else if self.r.stup != STATUS_BUSY {
                then = self.at_rest();
            }
        }
        if then == Then::Work {
            self.mind_the_limits(violated);
            if self.r.stop
                || matches!(self.r.spmg, spmg::STOP | spmg::PAUSE)
                || why == Why::Put
                || self.r.dmov
                || self.r.mip.contains(Phase::RETRY)
            {
                self.work(why);
            }
        }
        if why == Why::News && self.r.stup == STATUS_BUSY {
            self.r.stup = STATUS_OFF;
            self.mark(at::STUP);
        }
        self.report();
    }

    /// Takes position and status from the controller.
    fn take_status(&mut self) {
        let steps = self.axis.steps();
        if self.r.rmp != steps {
            self.r.rmp = steps;
            self.post(at::RMP);
        }
        let counts = self.axis.counts();
        if self.r.rep != counts {
            self.r.rep = counts;
            self.post(at::REP);
        }
        if self.r.msta != self.axis.status() {
            self.r.msta = self.axis.status();
            self.mark(at::MSTA);
        }
    }

    /// Works out where it is, whether it moves, and which switches are closed.
    pub(super) fn read_back(&mut self) {
        let before = self.r.clone();
        if !self.r.msta.contains(Status::ENCODER) {
            self.r.ueip = 0;
        }
        self.locate();
        let status = self.r.msta;
        self.r.tdir = status.contains(Status::UPWARDS);
        // The home switch is the encoder's (`home`).
        self.r.athm = self.r.ueip != 0 && status.contains(Status::AT_HOME);
        self.r.rhls = status.contains(Status::HIGH_SWITCH);
        self.r.rlls = status.contains(Status::LOW_SWITCH);
        let same_way = (self.sign() > 0.0) == (self.r.mres >= 0.0);
        (self.r.hls, self.r.lls) = if same_way {
            (self.r.rhls, self.r.rlls)
        } else {
            (self.r.rlls, self.r.rhls)
        };
        let against = self.against_switch();
        self.r.movn = !(against || status.intersects(Status::DONE | Status::PROBLEM));
        if against || status.contains(Status::PROBLEM) {
            self.release_buttons();
        }
        self.r.diff = self.r.dval - self.r.drbv;
        self.r.rdif = self.step(self.r.diff);
        for field in [
            at::UEIP,
            at::RRBV,
            at::DRBV,
            at::RBV,
            at::TDIR,
            at::MOVN,
            at::ATHM,
        ] {
            if before.get(field) != self.r.get(field) {
                self.mark(field);
            }
        }
        let raw = |high: bool| if high == same_way { at::RHLS } else { at::RLLS };
        if before.hls != self.r.hls {
            self.mark(at::HLS);
            self.mark(raw(true));
        }
        if before.lls != self.r.lls {
            self.mark(at::LLS);
            self.mark(raw(false));
        }
        self.mark(at::DIFF);
        self.mark(at::RDIF);
    }

    /// It moves.
    fn on_the_way(&mut self) {
        if self.r.dmov {
            self.r.dmov = false;
            self.mark(at::DMOV);
            self.phase(self.r.mip | Phase::EXTERNAL);
            self.r.pp = true;
        }
        // A new target behind it: stop, then try again (`NTM`).
        let band = f64::from(self.r.ntmf) * (self.r.bdst.abs() + self.r.rdbd);
        let behind = (self.r.rdif >= 0) != self.r.cdir && self.r.diff.abs() > band;
        let moving = self.r.mip.intersects(Phase::RETRY | Phase::MOVE);
        if self.r.ntm != 0 && behind && moving && !self.r.mip.contains(Phase::STOP) {
            self.axis.stop(self.now);
            self.phase(self.r.mip | Phase::STOP);
            self.r.pp = false;
        }
    }

    /// It stands still.
    fn at_rest(&mut self) -> Then {
        if !self.r.dmov {
            self.r.dmov = true;
            self.mark(at::DMOV);
            if self.r.mip == Phase::JOG_FORWARD || self.r.mip == Phase::JOG_REVERSE {
                self.phase(Phase::empty());
                self.release_buttons();
                self.r.pp = true;
            }
        }
        if !self.r.mip.is_empty() && self.against_switch() {
            // Look once more after running against a switch.
            self.resume();
            self.axis.inquire();
            self.r.pp = true;
            self.phase(Phase::empty());
            return Then::Leave;
        }
        if self.r.pp {
            let stopping = Phase::STOP | Phase::JOG_STOP;
            if self.r.val != self.r.lval && !self.r.mip.intersects(stopping) {
                // There is a new target already: nothing to tidy up after the old one.
                if self.r.mip == Phase::HOME_FORWARD || self.r.mip == Phase::HOME_REVERSE {
                    self.release_buttons();
                }
                self.r.mip = Phase::empty();
                return Then::Work;
            }
            self.tidy_up();
        }
        if self.against_switch() || self.r.mip == Phase::LOAD {
            self.phase(Phase::empty());
        } else if self.r.dmov {
            return self.arrive();
        }
        Then::Work
    }

    /// It has come to rest where it was sent: settles, and sees whether that was close enough.
    fn arrive(&mut self) -> Then {
        let settled = self.r.mip.contains(Phase::SETTLED);
        if settled && !self.r.mip.contains(Phase::SETTLE) {
            self.r.mip.insert(Phase::DELAY);
            self.axis.inquire();
            self.resume();
            return Then::Leave;
        }
        if settled || self.r.dly <= 0.0 {
            if self.r.stup != STATUS_ON && !self.r.mip.is_empty() {
                self.phase(self.r.mip - Phase::DELAY);
                self.compare();
                if self.r.mip == Phase::RETRY && self.r.rmod == IN_POSITION {
                    self.wait_to_settle();
                }
            }
        } else if self.marked(at::DMOV) {
            if !self.r.mip.contains(Phase::SETTLE) {
                self.wait_to_settle();
            }
            self.resume();
            return Then::Leave;
        }
        Then::Work
    }

    fn wait_to_settle(&mut self) {
        self.phase(self.r.mip | Phase::SETTLE);
        let wait = beamtwin_pv::quantity::Seconds(self.r.dly.max(0.0));
        self.settles = Some(self.now + wait.duration().unwrap_or_default());
    }

    /// Compares target and position, and tries again if they differ by more than `RDBD`.
    fn compare(&mut self) {
        let forward = if (self.sign() > 0.0) == (self.r.mres >= 0.0) {
            self.r.cdir
        } else {
            !self.r.cdir
        };
        let barred = (self.r.hls && forward) || (self.r.lls && !forward);
        let near = self.r.diff.abs() < self.r.rdbd || barred;
        if near {
            self.r.mip &= Phase::JOG_WANTED;
            if self.r.miss != 0 {
                self.r.miss = 0;
                self.mark(at::MISS);
            }
            if self.r.spmg == spmg::MOVE {
                self.r.spmg = spmg::PAUSE;
                self.mark(at::SPMG);
            }
        } else if self.r.rtry == 0 {
            self.r.mip &= Phase::JOG_WANTED;
        } else {
            self.r.rcnt = self.r.rcnt.saturating_add(1);
            self.mark(at::RCNT);
            if self.r.rcnt > self.r.rtry {
                self.r.mip = Phase::empty();
                if (self.r.jogf && !self.r.hls) || (self.r.jogr && !self.r.lls) {
                    self.r.mip = Phase::JOG_WANTED;
                }
                self.remember();
                self.r.miss = 1;
                self.mark(at::MISS);
            } else {
                self.resume();
                self.r.mip = Phase::RETRY;
            }
        }
        self.mark(at::MIP);
    }

    /// Stops a jog that comes too near a soft limit, and keeps `LVIO` while jogging.
    fn mind_the_limits(&mut self, violated: bool) {
        if !self.limited() {
            self.r.lvio = false;
        } else if self.r.mip.intersects(Phase::JOG) {
            self.r.lvio = (self.r.jogf && self.r.rbv > self.r.hlm - self.r.jvel)
                || (self.r.jogr && self.r.rbv < self.r.llm + self.r.jvel)
                || self.r.dllm > self.r.dhlm;
        } else if self.r.mip.intersects(Phase::HOME) {
            self.r.lvio = false;
        }
        if self.r.lvio != violated {
            self.mark(at::LVIO);
            if self.r.lvio && self.r.set == 0 && !self.r.igset {
                self.r.stop = true;
                self.mark(at::STOP);
                self.release_buttons();
            }
        }
    }

    /// The present target is the accepted one.
    pub(super) fn remember(&mut self) {
        self.r.lval = self.r.val;
        self.r.ldvl = self.r.dval;
        self.r.lrvl = self.r.rval;
    }
}

/// More rounds than any sequence of commands needs.
const ROUNDS: usize = 16;
