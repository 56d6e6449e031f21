//! An axis that is no motor: what it shows follows from two motors, and what it is told goes to both.

use beamtwin_pv::Value;
use beamtwin_sim::record::{number_as, place};
use beamtwin_sim::{Cx, FieldIx, LocalRecord, Mask, Order, PutId, Refusal, Slot};

use crate::records::motor::{FIELDS, MOTOR};

macro_rules! fields {
    ($($name:ident),*) => {
        /// The places of the fields that mean something here.
        pub(super) mod at {
            use super::{FIELDS, FieldIx, place};
            $(pub(in super::super) const $name: FieldIx = place(FIELDS, stringify!($name));)*
        }
    };
}

fields! {
    VAL, DVAL, RBV, DRBV, DMOV, MOVN, TDIR, LVIO, HLS, LLS, HLM, LLM, DHLM, DLLM, RLV, TWF, TWR, TWV, STOP, SET
}

/// What can be written and is kept, to no effect.
const KEPT: &[&str] = &[
    "VELO", "VBAS", "VMAX", "ACCL", "BVEL", "BACC", "JVEL", "HVEL", "JAR", "EGU", "PROC",
];

/// One of the two axes of a direction that are no motors.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) record: LocalRecord,
    /// How much of each motor's position is in its own.
    pub(super) weights: [f64; 2],
    /// The puts that finish when the motors rest.
    pub(super) puts: Vec<u64>,
}

/// What a client wants of an axis.
pub(super) enum Wish {
    /// To go there.
    Go(f64),
    /// To stop.
    Stop,
    /// Nothing that moves.
    Nothing,
}

/// What two motors show together.
pub(super) struct Pair {
    /// Where they were told to go.
    pub(super) targets: [f64; 2],
    /// Where they are.
    pub(super) positions: [f64; 2],
    pub(super) done: bool,
    pub(super) moving: bool,
    /// Whether each stands on its upper and on its lower limit switch.
    pub(super) switches: [[bool; 2]; 2],
}

impl Axis {
    pub(super) fn number(&self, cx: &Cx<'_>, field: FieldIx) -> f64 {
        cx.get(Slot::<f64>::new(self.record, field))
    }

    /// Shows a number, if it is another than before.
    pub(super) fn show(&self, cx: &mut Cx<'_>, field: FieldIx, number: f64) {
        let value = number_as(number, MOTOR.field(field).kind);
        cx.post(Slot::<Value>::new(self.record, field), value);
    }

    /// Where two motors together put it.
    pub(super) fn of(&self, [first, second]: [f64; 2]) -> f64 {
        tidy(self.weights[0] * first + self.weights[1] * second)
    }

    /// What a put asks for.
    ///
    /// # Errors
    /// If only a motor can do it, or if it is no position.
    pub(super) fn wish(&self, order: &Order, cx: &mut Cx<'_>) -> Result<Wish, Refusal> {
        let number = order.number();
        let here = self.number(cx, at::VAL);
        let target = match order.field {
            at::VAL | at::DVAL => number,
            at::RLV => here + number,
            at::TWF | at::TWR if number == 0.0 => return Ok(Wish::Nothing),
            at::TWF => here + self.number(cx, at::TWV),
            at::TWR => here - self.number(cx, at::TWV),
            at::STOP if number == 0.0 => return Ok(Wish::Nothing),
            at::STOP => return Ok(Wish::Stop),
            at::HLM | at::DHLM => {
                self.show(cx, at::HLM, number);
                self.show(cx, at::DHLM, number);
                return Ok(Wish::Nothing);
            }
            at::LLM | at::DLLM => {
                self.show(cx, at::LLM, number);
                self.show(cx, at::DLLM, number);
                return Ok(Wish::Nothing);
            }
            other => {
                let field = MOTOR.field(other);
                if KEPT.contains(&field.name) {
                    cx.commit(self.record, other, order.value.clone(), Mask::CHANGE);
                } else if field.role == beamtwin_sim::Role::Command {
                    let text = format!("{} is for motors, and this axis is none", field.name);
                    return Err(Refusal::rejected(text));
                }
                return Ok(Wish::Nothing);
            }
        };
        if self.number(cx, at::SET) != 0.0 {
            let text = "an axis that is no motor cannot be called another position";
            return Err(Refusal::rejected(text));
        }
        if !target.is_finite() {
            return Err(Refusal::rejected(format!("{target} is no position")));
        }
        Ok(Wish::Go(target))
    }

    /// Whether a target lies beyond its own soft limits.
    pub(super) fn is_beyond(&self, target: f64, cx: &Cx<'_>) -> bool {
        beyond(target, self.number(cx, at::LLM), self.number(cx, at::HLM))
    }

    /// Shows what follows from the motors; those who waited for them are done.
    pub(super) fn follow(&mut self, pair: &Pair, cx: &mut Cx<'_>) {
        let target = self.of(pair.targets);
        self.show(cx, at::VAL, target);
        self.show(cx, at::DVAL, target);
        let before = self.number(cx, at::RBV);
        let position = self.of(pair.positions);
        if position != before {
            self.show(cx, at::TDIR, f64::from(u8::from(position > before)));
        }
        self.show(cx, at::RBV, position);
        self.show(cx, at::DRBV, position);
        let touches = |upper: bool| {
            let of = |(weight, on): (f64, [bool; 2])| on[usize::from(upper != (weight > 0.0))];
            self.weights.into_iter().zip(pair.switches).any(of)
        };
        let (high, low) = (touches(true), touches(false));
        self.show(cx, at::HLS, f64::from(u8::from(high)));
        self.show(cx, at::LLS, f64::from(u8::from(low)));
        self.show(cx, at::MOVN, f64::from(u8::from(pair.moving)));
        self.show(cx, at::DMOV, f64::from(u8::from(pair.done)));
        if pair.done {
            for put in std::mem::take(&mut self.puts) {
                cx.finish(PutId(put));
            }
        }
    }
}

/// Whether a target lies beyond limits; equal ones are none.
pub(super) fn beyond(target: f64, low: f64, high: f64) -> bool {
    low < high && !(low..=high).contains(&target)
}

/// Without the dust of binary fractions.
pub(super) fn tidy(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}
