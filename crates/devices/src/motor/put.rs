//! What a client writes, and what becomes of it.

use beamtwin_pv::{Alarm, AlarmStatus, Severity, Value};
use beamtwin_sim::{FieldIx, Mask, Refusal, Role};

use super::flags::Phase;
use super::machine::{Machine, Out};
use super::process::{STATUS_OFF, Why};
use super::registers::at;
use crate::records::motor::MOTOR;

/// What a put led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// The value is kept, and that is all.
    Kept,
    /// The record processed.
    Processed,
}

impl Machine {
    /// Takes a value that a client wrote, and processes.
    ///
    /// The put may have `failed`; one with completion processes all the same, and is answered when that has
    /// ended.
    pub(super) fn write(&mut self, field: FieldIx, value: &Value, complete: bool) -> Written {
        self.failed = self.take(field, value).err();
        if !PROCESSING.contains(&field) || (self.failed.is_some() && !complete) {
            return Written::Kept;
        }
        if self.disabled() {
            self.say_disabled();
            return Written::Kept;
        }
        // What the controller told a disabled record is news to it now.
        let why = if self.axis.news() {
            Why::News
        } else {
            Why::Put
        };
        self.process(why);
        self.hear();
        Written::Processed
    }

    /// Takes a value that a client wrote, with all that changes at once with it.
    fn take(&mut self, field: FieldIx, value: &Value) -> Result<(), Refusal> {
        self.admit(field)?;
        let disabled = self.disabled();
        if DRIVES.contains(&field) && self.r.dmov && !disabled {
            self.r.dmov = false;
            self.post(at::DMOV);
        }
        if self.unusable(field, value) {
            let name = MOTOR.field(field).name;
            self.refuse(format!("{value} is no value for {name}"));
            self.out.push(Out::Fault(format!(
                "{value} was written to {name}; a real motor record takes it and runs wild"
            )));
            self.shown.set(field, value);
            self.post(field);
        } else {
            self.r.set(field, value);
            if field == at::VAL {
                self.r.udf = 0;
            }
            self.couple(field)?;
            self.publish(field, value);
        }
        Ok(())
    }

    /// Whether the record does nothing (`DISA`).
    pub(super) const fn disabled(&self) -> bool {
        self.r.disa == self.r.disv
    }

    /// Somebody wrote what the field cannot be: `DMOV` is down by then, and only a put with completion
    /// processes and brings it up again (`odd_values`).
    pub(super) fn stumble(&mut self, field: FieldIx, complete: bool) -> Written {
        if self.disabled() {
            if complete && PROCESSING.contains(&field) {
                self.say_disabled();
            }
            return Written::Kept;
        }
        if DRIVES.contains(&field) && self.r.dmov {
            self.r.dmov = false;
            self.post(at::DMOV);
            if !complete {
                let name = MOTOR.field(field).name;
                self.out.push(Out::Fault(format!(
                    "what was written to {name} is no number; DMOV stays 0 until the record processes, as on a real \
                     motor"
                )));
            }
        }
        if !complete || !PROCESSING.contains(&field) {
            return Written::Kept;
        }
        self.process(Why::Put);
        self.hear();
        Written::Processed
    }

    /// A disabled record does not process; the first attempt sets its alarm, and posts `VAL` with it.
    pub(super) fn say_disabled(&mut self) {
        if self.alarm.status != AlarmStatus::Disable {
            let severity = Severity::from_code(self.r.diss).unwrap_or_default();
            let before = self.alarm.severity;
            self.alarm = Alarm::new(severity, AlarmStatus::Disable);
            self.out.push(Out::Alarm(self.alarm));
            if before == severity {
                let same = Value::Enum(severity as u16);
                self.out.push(Out::Post(at::SEVR, same, Mask::VALUE));
            }
            self.post_for(at::VAL, Mask::VALUE | Mask::ALARM);
        }
    }

    /// Refuses what the record does not even look at.
    fn admit(&self, field: FieldIx) -> Result<(), Refusal> {
        let text = match field {
            at::HOMF | at::HOMR if self.r.mip.intersects(Phase::HOME) => "it is homing already",
            at::STUP if self.r.stup != STATUS_OFF => "the status has been asked for already",
            at::OUT => "there is no other controller",
            _ => return Ok(()),
        };
        Err(Refusal::rejected(text))
    }

    /// Whether a number would spoil what is computed from it.
    ///
    /// Infinite targets are left to the soft limits where these judge them at once.
    fn unusable(&self, field: FieldIx, value: &Value) -> bool {
        let number = match value {
            Value::Double(number) => *number,
            Value::Float(number) => f64::from(*number),
            _ => return false,
        };
        // A step may have no size (`velocity_coupling`), but hardly next to none.
        if matches!(field, at::MRES | at::UREV) && number != 0.0 && number.abs() < SMALLEST {
            return true;
        }
        let ready = self.r.mip.is_empty() && !self.held() && !self.disabled();
        let target = matches!(field, at::VAL | at::DVAL | at::RLV) && !self.defining() && ready;
        let known = self.r.get(field).is_some();
        known && (number.is_nan() || (number.abs() > HUGE && !target))
    }

    /// Posts a field that was written, unless the world has, or processing will.
    fn publish(&mut self, field: FieldIx, value: &Value) {
        if field == at::VAL {
            // Posted by processing, if at all.
        } else if MOTOR.field(field).role == Role::Setting {
            self.shown.set(field, value);
        } else if let Some(kept) = self.r.get(field) {
            // A button that was written 5 says 5.
            let pressed = matches!((&kept, value), (Value::Short(1), Value::Short(_)));
            let value = if pressed { value.clone() } else { kept };
            self.shown.set(field, &value);
            self.out.push(Out::Post(field, value, Mask::CHANGE));
        } else {
            let value = match value.as_text() {
                Some(text) if field == at::EGU => {
                    let short: String = text.to_string().chars().take(UNITS).collect();
                    Value::String(short.into())
                }
                _ => value.clone(),
            };
            self.out.push(Out::Post(field, value, Mask::CHANGE));
        }
    }
}

/// Further than anything; what is computed from more might be no number.
pub(super) const HUGE: f64 = 1e100;

/// No step is smaller, nor is a turn of them.
const SMALLEST: f64 = 1e-30;

/// The most characters of `EGU`.
const UNITS: usize = 15;

/// The fields that ask for a target; `DMOV` blinks when they are written.
const DRIVES: &[FieldIx] = &[at::VAL, at::DVAL, at::RVAL, at::RLV, at::TWF, at::TWR];

/// The fields that ask for motion.
pub(super) const MOTION: &[FieldIx] = &[
    at::VAL,
    at::DVAL,
    at::RVAL,
    at::RLV,
    at::TWF,
    at::TWR,
    at::JOGF,
    at::JOGR,
    at::HOMF,
    at::HOMR,
    at::SPMG,
];

/// The fields that make the record process when they are written.
const PROCESSING: &[FieldIx] = &[
    at::PROC,
    at::UDF,
    at::OFF,
    at::DIR,
    at::SREV,
    at::UREV,
    at::MRES,
    at::ERES,
    at::UEIP,
    at::URIP,
    at::HLM,
    at::LLM,
    at::DHLM,
    at::DLLM,
    at::HIHI,
    at::LOLO,
    at::HIGH,
    at::LOW,
    at::HHSV,
    at::LLSV,
    at::HSV,
    at::LSV,
    at::HLSV,
    at::SPMG,
    at::STOP,
    at::HOMF,
    at::HOMR,
    at::JOGF,
    at::JOGR,
    at::TWF,
    at::TWR,
    at::VAL,
    at::DVAL,
    at::RVAL,
    at::RLV,
    at::CNEN,
    at::STUP,
    at::SYNC,
];
