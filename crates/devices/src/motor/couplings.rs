//! Fields that change with each other: speeds, accelerations, resolutions, limits and offsets.
//!
//! Captured one put at a time in `velocity_coupling`, `limits_mirror`, `mres_change` and `off_change`.

use beamtwin_sim::{FieldIx, Refusal};

use super::flags::{Phase, Status};
use super::machine::Machine;
use super::process::{STATUS_OFF, STATUS_ON};
use super::pursue::USE_ACCELERATION;
use super::registers::at;

impl Machine {
    /// Brings other fields in line with one that a client wrote.
    ///
    /// # Errors
    /// If the record takes the value back and lets the put fail.
    pub(super) fn couple(&mut self, field: FieldIx) -> Result<(), Refusal> {
        match field {
            at::VELO | at::S | at::VBAS | at::SBAS | at::VMAX | at::SMAX => {
                self.couple_speed(field);
            }
            at::BVEL => {
                self.r.bvel = self.in_range(at::BVEL, self.r.bvel, self.r.vbas, self.r.vmax);
                self.turns(at::SBAK, self.r.bvel);
            }
            at::SBAK => {
                self.r.sbak = self.in_range(at::SBAK, self.r.sbak, self.r.sbas, self.r.smax);
                self.adopt(at::BVEL, self.r.sbak * self.r.urev.abs());
            }
            at::JVEL => {
                self.r.jvel = self.in_range(at::JVEL, self.r.jvel, self.r.vbas, self.r.vmax);
                if self
                    .r
                    .mip
                    .intersects(Phase::JOG_FORWARD | Phase::JOG_REVERSE)
                {
                    self.jog();
                }
            }
            at::HVEL => {
                self.r.hvel = self.in_range(at::HVEL, self.r.hvel, self.r.vbas, self.r.vmax);
            }
            at::JAR if self.r.jar <= 0.0 => self.r.jar = self.r.jvel / 0.1,
            at::ACCL => {
                if self.r.accl <= 0.0 {
                    self.r.accl = 0.1;
                    self.post(at::ACCL);
                }
                self.adopt(at::ACCS, self.ramp(self.r.velo, self.r.accl));
            }
            at::ACCS => {
                if self.r.accs <= 0.0 {
                    self.adopt(at::ACCS, self.ramp(self.r.velo, self.r.accl));
                }
                self.time_from_acceleration();
            }
            at::BACC if self.r.bacc <= 0.0 => {
                self.r.bacc = 0.1;
                self.post(at::BACC);
            }
            at::FRAC => self.couple_fraction(),
            at::RDBD | at::BDST => self.widen_deadband(),
            at::MRES | at::UREV | at::SREV => self.couple_resolution(field),
            at::ERES => {
                if self.r.eres == 0.0 {
                    self.r.eres = self.r.mres;
                }
                self.mark(at::ERES);
            }
            at::UEIP if self.r.ueip != 0 && !self.r.msta.contains(Status::ENCODER) => {
                self.r.ueip = 0;
                self.mark(at::UEIP);
            }
            at::UEIP if self.r.ueip != 0 && self.r.urip != 0 => {
                self.r.urip = 0;
                self.post(at::URIP);
            }
            at::URIP if self.r.urip != 0 && self.r.ueip != 0 => {
                self.r.ueip = 0;
                self.mark(at::UEIP);
            }
            at::DIR | at::OFF => self.couple_frame(field),
            at::HLM | at::LLM => self.dial_limit_from_user(field == at::HLM),
            at::DHLM | at::DLLM => self.user_limit_from_dial(field == at::DHLM),
            at::JOGF => self.want_jog(self.r.jogf, self.r.hls),
            at::JOGR => self.want_jog(self.r.jogr, self.r.lls),
            at::SSET => self.switch(at::SET, 1),
            at::SUSE => self.switch(at::SET, 0),
            at::FOF => self.switch(at::FOFF, 1),
            at::VOF => self.switch(at::FOFF, 0),
            at::STUP if self.r.stup != STATUS_ON => {
                self.r.stup = STATUS_OFF;
                self.post(at::STUP);
                return Err(Refusal::rejected("STUP can only be switched on"));
            }
            at::NTMF if self.r.ntmf < 2 => {
                self.r.ntmf = 2;
                self.post(at::NTMF);
                return Err(Refusal::rejected("NTMF cannot be less than 2"));
            }
            _ => {}
        }
        Ok(())
    }

    fn switch(&mut self, field: FieldIx, state: u16) {
        if field == at::SET {
            self.r.set = state;
        } else {
            self.r.foff = state;
        }
        self.post(field);
    }

    fn want_jog(&mut self, pressed: bool, barred: bool) {
        if !pressed {
            self.r.mip.remove(Phase::JOG_WANTED);
        } else if self.r.mip.is_empty() && !barred {
            self.r.mip.insert(Phase::JOG_WANTED);
        }
    }

    fn couple_fraction(&mut self) {
        let frac = self.r.frac.clamp(0.1, 1.5);
        if frac != self.r.frac {
            self.r.frac = frac;
            self.post(at::FRAC);
        }
    }

    /// A dead-band for retries can not be less than a step.
    pub(super) fn widen_deadband(&mut self) {
        let least = self.r.mres.abs();
        if self.r.rdbd < least {
            self.r.rdbd = least;
            self.post(at::RDBD);
        }
    }

    /// Gives a field a value, and posts it if that is a change.
    fn adopt(&mut self, field: FieldIx, value: f64) {
        if self.take_number(field, value) {
            self.post(field);
        }
    }

    fn take_number(&mut self, field: FieldIx, value: f64) -> bool {
        let value = beamtwin_pv::Value::Double(value);
        let changed = self.r.get(field).is_some_and(|old| !old.same(&value));
        changed && self.r.set(field, &value)
    }

    /// A speed in turns a second, from one in units a second.
    fn turns(&mut self, field: FieldIx, speed: f64) {
        if self.r.urev != 0.0 {
            self.adopt(field, speed / self.r.urev.abs());
        }
    }

    /// A speed within its range, which is posted if it had to be brought there.
    fn in_range(&mut self, field: FieldIx, value: f64, low: f64, high: f64) -> f64 {
        let mut within = value.max(low);
        if high != 0.0 {
            within = within.min(high);
        }
        if within != value {
            self.r.set(field, &beamtwin_pv::Value::Double(within));
            self.post(field);
        }
        within
    }

    fn time_from_acceleration(&mut self) {
        if self.r.accs > 0.0 {
            self.adopt(at::ACCL, self.ramp(self.r.velo, self.r.accs));
        }
    }

    /// After a change of speed, acceleration and its time fit again.
    fn refit_acceleration(&mut self) {
        if self.r.accu == USE_ACCELERATION {
            self.time_from_acceleration();
        } else {
            self.adopt(at::ACCS, self.ramp(self.r.velo, self.r.accl));
        }
    }

    fn couple_speed(&mut self, field: FieldIx) {
        let turn = self.r.urev.abs();
        match field {
            at::VELO => {
                self.r.velo = self.in_range(at::VELO, self.r.velo, self.r.vbas, self.r.vmax);
                self.refit_acceleration();
                self.turns(at::S, self.r.velo);
            }
            at::S => {
                self.r.s = self.in_range(at::S, self.r.s, self.r.sbas, self.r.smax);
                self.adopt(at::VELO, self.r.s * turn);
                self.refit_acceleration();
            }
            at::VBAS => {
                self.r.vbas = self.in_range(at::VBAS, self.r.vbas, 0.0, 0.0);
                self.turns(at::SBAS, self.r.vbas);
                self.refit_acceleration();
                if self.r.vmax != 0.0 && self.r.vbas > self.r.vmax {
                    self.r.vmax = self.r.vbas;
                    self.r.smax = self.r.sbas;
                    self.post(at::VMAX);
                    self.post(at::SMAX);
                }
                self.recheck_speeds();
            }
            at::SBAS => {
                self.r.sbas = self.in_range(at::SBAS, self.r.sbas, 0.0, 0.0);
                self.adopt(at::VBAS, self.r.sbas * turn);
                self.refit_acceleration();
                if self.r.vmax != 0.0 && self.r.vbas > self.r.vmax {
                    self.r.vmax = self.r.vbas;
                    self.r.smax = self.r.sbas;
                    self.post(at::VMAX);
                    self.post(at::SMAX);
                }
                self.recheck_speeds();
            }
            at::VMAX => {
                self.r.vmax = self.in_range(at::VMAX, self.r.vmax, 0.0, 0.0);
                self.turns(at::SMAX, self.r.vmax);
                self.lower_base();
                self.recheck_speeds();
            }
            _ => {
                self.r.smax = self.in_range(at::SMAX, self.r.smax, 0.0, 0.0);
                self.adopt(at::VMAX, self.r.smax * turn);
                self.lower_base();
                self.recheck_speeds();
            }
        }
    }

    /// The base speed does not exceed the greatest one.
    fn lower_base(&mut self) {
        if self.r.vmax != 0.0 && self.r.vmax < self.r.vbas {
            self.r.vbas = self.r.vmax;
            self.r.sbas = self.r.smax;
            self.mark(at::VBAS);
            self.mark(at::SBAS);
        }
    }

    fn recheck_speeds(&mut self) {
        let (low, high) = (self.r.vbas, self.r.vmax);
        self.r.velo = self.in_range(at::VELO, self.r.velo, low, high);
        self.turns(at::S, self.r.velo);
        self.r.bvel = self.in_range(at::BVEL, self.r.bvel, low, high);
        self.turns(at::SBAK, self.r.bvel);
        self.r.jvel = self.in_range(at::JVEL, self.r.jvel, low, high);
        self.r.hvel = self.in_range(at::HVEL, self.r.hvel, low, high);
    }

    fn couple_resolution(&mut self, field: FieldIx) {
        if field == at::SREV {
            if self.r.srev <= 0 {
                self.r.srev = 200;
                self.mark(at::SREV);
            }
            if self.take_number(at::MRES, self.r.urev / f64::from(self.r.srev)) {
                self.mark(at::MRES);
            }
            return;
        }
        if field == at::MRES {
            self.mark(at::MRES);
            if self.take_number(at::UREV, self.r.mres * f64::from(self.r.srev)) {
                self.mark(at::UREV);
            }
        } else if self.take_number(at::MRES, self.r.urev / f64::from(self.r.srev)) {
            self.mark(at::MRES);
        }
        // The speed of the shaft stays; what it is in units changes.
        let turn = self.r.urev.abs();
        if self.take_number(at::VELO, self.r.s * turn) {
            self.mark(at::VELO);
        }
        if self.take_number(at::VBAS, self.r.sbas * turn) {
            self.mark(at::VBAS);
        }
        self.adopt(at::BVEL, self.r.sbak * turn);
        self.adopt(at::VMAX, self.r.smax * turn);
        let ends = (self.r.rllm * self.r.mres, self.r.rhlm * self.r.mres);
        if self.r.mres > 0.0 {
            self.adopt(at::DLLM, ends.0);
            self.adopt(at::DHLM, ends.1);
        } else {
            self.adopt(at::DHLM, ends.0);
            self.adopt(at::DLLM, ends.1);
            self.limits_from_dial();
            self.post(at::HLM);
            self.post(at::LLM);
        }
        self.limits_from_dial();
        self.post(at::HLM);
        self.post(at::LLM);
    }

    fn couple_frame(&mut self, field: FieldIx) {
        if field == at::OFF {
            self.r.val = self.user(self.r.dval);
            self.r.lval = self.user(self.r.ldvl);
            self.mark(at::VAL);
        } else if self.r.foff != 0 {
            self.r.val = self.user(self.r.dval);
            self.mark(at::VAL);
        } else {
            self.r.off = self.r.val - self.r.dval * self.sign();
            self.mark(at::OFF);
        }
        self.r.rbv = self.user(self.r.drbv);
        self.mark(at::RBV);
        self.limits_from_dial();
    }

    /// Soft limits in user coordinates, from those of the dial.
    pub(super) fn limits_from_dial(&mut self) {
        let ends = [self.user(self.r.dllm), self.user(self.r.dhlm)];
        let [low, high] = if self.sign() > 0.0 {
            ends
        } else {
            [ends[1], ends[0]]
        };
        self.r.llm = low;
        self.r.hlm = high;
        self.mark(at::HLM);
        self.mark(at::LLM);
    }

    fn dial_limit_from_user(&mut self, high: bool) {
        let user = if high { self.r.hlm } else { self.r.llm };
        let dial = (user - self.r.off) * self.sign();
        let dial_high = high == (self.sign() > 0.0);
        if dial_high {
            self.r.dhlm = dial;
            self.mark(at::DHLM);
        } else {
            self.r.dllm = dial;
            self.mark(at::DLLM);
        }
        self.raw_limit(dial_high, dial);
        self.mark(if high { at::HLM } else { at::LLM });
    }

    fn user_limit_from_dial(&mut self, dial_high: bool) {
        let dial = if dial_high { self.r.dhlm } else { self.r.dllm };
        let user = self.user(dial);
        if dial_high == (self.sign() > 0.0) {
            self.r.hlm = user;
            self.mark(at::HLM);
        } else {
            self.r.llm = user;
            self.mark(at::LLM);
        }
        self.raw_limit(dial_high, dial);
        self.mark(if dial_high { at::DHLM } else { at::DLLM });
    }

    fn raw_limit(&mut self, dial_high: bool, dial: f64) {
        if self.r.mres == 0.0 {
            return;
        }
        let raw = dial / self.r.mres;
        if dial_high == (self.r.mres >= 0.0) {
            self.r.rhlm = raw;
            self.mark(at::RHLM);
        } else {
            self.r.rllm = raw;
            self.mark(at::RLLM);
        }
    }
}
