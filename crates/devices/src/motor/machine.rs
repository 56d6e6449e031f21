//! The record around an axis: what it holds, what it has to post, and how that is told.
//!
//! Handling a call changes the registers and marks fields; at the end of processing the marked ones are posted
//! in the record's own order, with its time stamp set to now. A few are posted at once, before the time
//! stamp is set, as the C record does (`move_abs_callback`: `DMOV` 0 carries the old stamp).

use beamtwin_pv::{Alarm, AlarmStatus, Severity, SimTime, Value};
use beamtwin_sim::{FieldIx, Mask, Refusal};

use super::axis::Axis;
use super::fault::Fault;
use super::flags::{Phase, Status};
use super::registers::{Registers, at};

/// Something to be told to the world, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Out {
    /// The alarm changed.
    Alarm(Alarm),
    /// Something a script should not rely on.
    Fault(String),
    /// A field is posted.
    Post(FieldIx, Value, Mask),
    /// Processing ended at rest: whoever waits for the motor waits no longer.
    Settled,
    /// The time stamp is now.
    Stamp,
}

/// A motor record and its axis.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) r: Registers,
    /// What the world has of it.
    pub(super) shown: Registers,
    pub(super) axis: Axis,
    pub(super) now: SimTime,
    pub(super) alarm: Alarm,
    /// When settling ends (`DLY`).
    pub(super) settles: Option<SimTime>,
    pub(super) out: Vec<Out>,
    /// Why the present put was not carried out, if it was not.
    pub(super) refused: Option<String>,
    /// Why the present put failed, if it did.
    pub(super) failed: Option<Refusal>,
    marks: Vec<FieldIx>,
}

impl Machine {
    pub(super) fn new(r: Registers, axis: Axis) -> Self {
        Self {
            shown: r.clone(),
            r,
            axis,
            now: SimTime::ZERO,
            alarm: Alarm::NONE,
            settles: None,
            out: Vec::new(),
            refused: None,
            failed: None,
            marks: Vec::new(),
        }
    }

    /// Takes the controller's position as the first target, as at the start of an IOC.
    pub(super) fn boot(&mut self) {
        self.r.rmp = self.axis.steps();
        self.r.rep = self.axis.counts();
        self.r.msta = self.axis.status();
        self.r.accs = self.ramp(self.r.velo, self.r.accl);
        self.read_back();
        self.follow_readback();
        self.r.diff = 0.0;
        self.r.rdif = 0;
        self.marks.clear();
        self.shown.clone_from(&self.r);
    }

    /// Makes something go wrong on purpose.
    pub(super) fn inject(&mut self, fault: Fault) {
        let size = match fault {
            Fault::OffBy(size) | Fault::Drift(size) => size,
            _ => 0.0,
        };
        let steps = size * self.sign() / self.r.mres;
        self.axis.inject(fault, steps, self.now);
    }

    /// The sign between dial and user coordinates.
    pub(super) fn sign(&self) -> f64 {
        if self.r.dir == POSITIVE { 1.0 } else { -1.0 }
    }

    pub(super) fn user(&self, dial: f64) -> f64 {
        dial * self.sign() + self.r.off
    }

    /// The nearest whole step to a dial position.
    pub(super) fn step(&self, dial: f64) -> i32 {
        nearest(dial / self.r.mres)
    }

    /// Whether targets are checked against soft limits at all.
    pub(super) fn limited(&self) -> bool {
        !(self.r.dhlm == self.r.dllm && self.r.dllm == 0.0)
    }

    /// Whether puts define the position instead of moving (`SET`).
    pub(super) const fn defining(&self) -> bool {
        self.r.set != 0 && !self.r.igset
    }

    /// Whether the switch that motion runs against is closed.
    pub(super) const fn against_switch(&self) -> bool {
        (self.r.rhls && self.r.cdir) || (self.r.rlls && !self.r.cdir)
    }

    pub(super) fn phase(&mut self, phase: Phase) {
        self.r.mip = phase;
        self.mark(at::MIP);
    }

    /// Has a field posted at the end of processing.
    pub(super) fn mark(&mut self, field: FieldIx) {
        if !self.marks.contains(&field) {
            self.marks.push(field);
        }
    }

    pub(super) fn unmark(&mut self, field: FieldIx) {
        self.marks.retain(|&marked| marked != field);
    }

    pub(super) fn marked(&self, field: FieldIx) -> bool {
        self.marks.contains(&field)
    }

    /// Posts a field at once, with the time stamp as it is.
    pub(super) fn post(&mut self, field: FieldIx) {
        self.post_for(field, Mask::CHANGE);
    }

    pub(super) fn post_for(&mut self, field: FieldIx, mask: Mask) {
        if let Some(value) = self.r.get(field) {
            self.shown.set(field, &value);
            self.out.push(Out::Post(field, value, mask));
        }
    }

    /// Not at rest after all, and nobody is to be told that it was.
    pub(super) fn resume(&mut self) {
        self.r.dmov = false;
        self.unmark(at::DMOV);
    }

    /// Lets go of all jog and home buttons.
    pub(super) fn release_buttons(&mut self) {
        for (held, field) in [
            (self.r.jogf, at::JOGF),
            (self.r.jogr, at::JOGR),
            (self.r.homf, at::HOMF),
            (self.r.homr, at::HOMR),
        ] {
            if held {
                self.mark(field);
            }
        }
        self.r.jogf = false;
        self.r.jogr = false;
        self.r.homf = false;
        self.r.homr = false;
    }

    /// Ends processing: time stamp, alarm, posts in the record's order, and completion.
    pub(super) fn report(&mut self) {
        self.out.push(Out::Stamp);
        let alarm = self.judge();
        let changed = alarm != self.alarm;
        let because = if changed { Mask::ALARM } else { Mask::empty() };
        if changed {
            self.alarm = alarm;
            self.out.push(Out::Alarm(alarm));
        }
        self.report_position(because);
        let marks = std::mem::take(&mut self.marks);
        for &field in OFTEN {
            if changed || marks.contains(&field) {
                self.post_for(field, because | change(marks.contains(&field)));
            }
        }
        if marks.iter().any(|mark| !OFTEN.contains(mark)) {
            for &field in SELDOM {
                if changed || marks.contains(&field) {
                    self.post_for(field, because | change(marks.contains(&field)));
                }
            }
        }
        if self.r.dmov {
            self.out.push(Out::Settled);
        }
    }

    /// Posts `RBV`, for displays and for archives if it moved by more than their dead-bands.
    fn report_position(&mut self, because: Mask) {
        let moved = self.marked(at::RBV);
        self.unmark(at::RBV);
        let mut mask = because;
        if moved {
            mask |= gate(self.r.rbv, &mut self.r.mlst, self.r.mdel, Mask::VALUE);
            mask |= gate(self.r.rbv, &mut self.r.alst, self.r.adel, Mask::LOG);
        }
        if !mask.is_empty() {
            self.post_for(at::RBV, mask);
        }
    }

    /// The alarm as limits and switches have it.
    fn judge(&self) -> Alarm {
        if self.r.udf != 0 {
            return Alarm::new(Severity::Invalid, AlarmStatus::Udf);
        }
        let severity = Severity::from_code(self.r.hlsv).unwrap_or(Severity::None);
        if severity != Severity::None {
            if self.r.hls || self.r.dval > self.r.dhlm {
                return Alarm::new(severity, AlarmStatus::High);
            }
            if self.r.lls || self.r.dval < self.r.dllm {
                return Alarm::new(severity, AlarmStatus::Low);
            }
        }
        if self.axis.fault() == Fault::Offline {
            return Alarm::new(Severity::Invalid, AlarmStatus::Comm);
        }
        if self.r.msta.intersects(Status::STALLED | Status::PROBLEM) {
            return Alarm::new(Severity::Major, AlarmStatus::State);
        }
        Alarm::NONE
    }
}

/// `DIR`: dial and user coordinates run the same way.
pub(super) const POSITIVE: u16 = 0;

/// The nearest whole step, as the low half of a 64-bit counter; none for what that can not hold (`inf_put`).
pub(super) fn nearest(place: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "as the C record does")]
    let step = place.round() as i64 as i32;
    if place.abs() < COUNTER { step } else { 0 }
}

/// About what a 64-bit counter holds.
const COUNTER: f64 = 9.2e18;

const fn change(marked: bool) -> Mask {
    if marked { Mask::CHANGE } else { Mask::empty() }
}

/// Whether a value passes a dead-band, measured from the last one that did.
fn gate(value: f64, last: &mut f64, band: f64, mask: Mask) -> Mask {
    if band == 0.0 {
        return mask;
    }
    if (*last - value).abs() > band {
        *last = value;
        return mask;
    }
    Mask::empty()
}

/// The fields that are looked at every time, in the record's order.
const OFTEN: &[FieldIx] = &[at::RRBV, at::DRBV, at::DIFF, at::RDIF, at::MSTA];

/// The fields that are looked at when there is anything else to post, in the record's order.
const SELDOM: &[FieldIx] = &[
    at::VAL,
    at::DVAL,
    at::RVAL,
    at::TDIR,
    at::MIP,
    at::HLM,
    at::LLM,
    at::SPMG,
    at::RCNT,
    at::RLV,
    at::OFF,
    at::DHLM,
    at::DLLM,
    at::HLS,
    at::RHLS,
    at::LLS,
    at::RLLS,
    at::ATHM,
    at::MRES,
    at::ERES,
    at::UEIP,
    at::LVIO,
    at::STOP,
    at::SBAS,
    at::SREV,
    at::UREV,
    at::VELO,
    at::VBAS,
    at::MISS,
    at::MOVN,
    at::DMOV,
    at::STUP,
    at::JOGF,
    at::JOGR,
    at::HOMF,
    at::HOMR,
    at::RHLM,
    at::RLLM,
];
