//! One direction of an opening: two motors, and the axes that follow from them.

use beamtwin_pv::Value;
use beamtwin_sim::{
    Cx, Device, FieldIx, LocalRecord, Meaning, Order, Part, PutId, Refusal, Slot, Surface,
};

use super::axis::{Axis, Pair, at, beyond, tidy};
use super::settings::{Motors, Settings};
use crate::motor::Motor;
use crate::records::motor::MOTOR;

/// One direction of an opening.
#[derive(Clone)]
pub(super) struct Direction {
    pub(super) motors: [Child; 2],
    /// Those of the other two axes that have PVs.
    pub(super) axes: Vec<Axis>,
    /// The middle of the beam, and its standard deviation.
    pub(super) center: f64,
    pub(super) deviation: f64,
}

/// A motor, and where its record is.
#[derive(Clone)]
pub(super) struct Child {
    pub(super) part: Part,
    pub(super) device: Motor,
}

/// The only record of a motor.
pub(super) const RECORD: LocalRecord = LocalRecord(0);

/// A put that nobody made: the motors are not to finish that of an axis.
const NOBODY: PutId = PutId(0);

/// How much of each motor is in each of the other axes.
const fn weights(motors: Motors) -> [[f64; 2]; 2] {
    match motors {
        Motors::Blades => [[0.5, 0.5], [-1.0, 1.0]],
        Motors::Centers => [[1.0, -0.5], [1.0, 0.5]],
    }
}

/// Where motors have to go for the other axes to be somewhere.
fn resolve(motors: Motors, [first, second]: [f64; 2]) -> [f64; 2] {
    match motors {
        Motors::Blades => [first - second / 2.0, first + second / 2.0],
        Motors::Centers => [(first + second) / 2.0, second - first],
    }
}

/// Declares the record of an axis that is no motor.
fn declare(
    settings: &Settings,
    name: String,
    weights: [f64; 2],
    starts: [f64; 2],
    surface: &mut Surface,
) -> Axis {
    let mut axis = Axis {
        record: RECORD,
        weights,
        puts: Vec::new(),
    };
    let start = axis.of(starts);
    let mut record = surface
        .record(name, &MOTOR)
        .tolerance(settings.resolution.abs())
        .with("DESC", "follows from two motors")
        .with("EGU", settings.units.name())
        .with("PREC", f64::from(settings.precision))
        .with("VELO", settings.velocity)
        .with("DMOV", 1)
        .means(Meaning::Request);
    for field in ["VAL", "DVAL", "RBV", "DRBV"] {
        record = record.with(field, start);
    }
    if let [Some(first), Some(second)] = settings.ranges() {
        let ends = |weight: f64, [low, high]: [f64; 2]| {
            let (a, b) = (weight * low, weight * high);
            [a.min(b), a.max(b)]
        };
        let (a, b) = (ends(weights[0], first), ends(weights[1], second));
        let (low, high) = (tidy(a[0] + b[0]), tidy(a[1] + b[1]));
        record = record.with("LLM", low).with("DLLM", low);
        record = record.with("HLM", high).with("DHLM", high);
    }
    axis.record = record.id();
    axis
}

impl Child {
    pub(super) fn slot<T>(&self, field: FieldIx) -> Slot<T> {
        Slot::new(self.part.outer(RECORD), field)
    }

    /// Writes to one of its fields.
    pub(super) fn order(&mut self, field: FieldIx, value: impl Into<Value>, cx: &mut Cx<'_>) {
        let order = Order {
            put: NOBODY,
            record: RECORD,
            field,
            value: value.into(),
            by: None,
            complete: false,
        };
        // What it refuses shows in its own record; nothing more comes of it.
        let _ = self.device.put(order, &mut cx.part(self.part));
    }
}

impl Direction {
    /// Declares the axes of a direction, and makes its motors.
    pub(super) fn build(settings: &Settings, direction: usize, surface: &mut Surface) -> Self {
        let (blades, opening) = settings.named(direction);
        let (names, others) = match settings.motors {
            Motors::Blades => (blades, opening),
            Motors::Centers => (opening, blades),
        };
        let (keys, other_keys) = settings.motors.keys(direction);
        let (starts, ranges) = (settings.starts(direction), settings.ranges());
        let motors = [0, 1].map(|which| {
            let mut own = Surface::default();
            let motor = settings.motor(&names[which], starts[which], ranges[which]);
            let device = Motor::new(motor, &mut own);
            let part = surface.adopt(own);
            let child = Child { part, device };
            surface.readback_of(keys[which], child.slot::<f64>(at::RBV));
            child
        });
        let mut axes = Vec::new();
        if settings.derived {
            let weights = weights(settings.motors);
            for ((name, key), weights) in others.into_iter().zip(other_keys).zip(weights) {
                let axis = declare(settings, name, weights, starts, surface);
                surface.readback_of(key, Slot::<f64>::new(axis.record, at::RBV));
                axes.push(axis);
            }
        }
        Self {
            motors,
            axes,
            center: settings.beam_center[direction],
            deviation: settings.deviation(direction),
        }
    }

    pub(super) fn pair(&self, cx: &Cx<'_>) -> Pair {
        let read = |field| {
            let of = |which: usize| cx.get::<f64>(self.motors[which].slot(field));
            [of(0), of(1)]
        };
        let [highs, lows] = [at::HLS, at::LLS].map(read);
        Pair {
            targets: read(at::VAL),
            positions: read(at::RBV),
            done: read(at::DMOV).iter().all(|&done| done != 0.0),
            moving: read(at::MOVN).iter().any(|&moving| moving != 0.0),
            switches: [0, 1].map(|which| [highs[which] != 0.0, lows[which] != 0.0]),
        }
    }

    /// Sends the motors to where an axis is to be, the other axis staying where it was sent.
    pub(super) fn go(
        &mut self,
        which: usize,
        target: f64,
        motors: Motors,
        cx: &mut Cx<'_>,
    ) -> Result<(), Refusal> {
        let targets = self.pair(cx).targets;
        let mut wanted = [self.axes[0].of(targets), self.axes[1].of(targets)];
        wanted[which] = target;
        let wanted = resolve(motors, wanted).map(tidy);
        let limit = |child: &Child, field| cx.get::<f64>(child.slot(field));
        let mut children = self.motors.iter().zip(wanted);
        let stuck =
            children.any(|(child, to)| beyond(to, limit(child, at::LLM), limit(child, at::HLM)));
        let axis = &self.axes[which];
        if stuck || axis.is_beyond(target, cx) {
            axis.show(cx, at::LVIO, 1.0);
            let text = format!("{target} is beyond the soft limits of the axis or of its motors");
            return Err(Refusal::silent(text));
        }
        axis.show(cx, at::LVIO, 0.0);
        axis.show(cx, at::VAL, target);
        axis.show(cx, at::DMOV, 0.0);
        for (child, to) in self.motors.iter_mut().zip(wanted) {
            child.order(at::VAL, to, cx);
        }
        Ok(())
    }

    pub(super) fn follow(&mut self, cx: &mut Cx<'_>) {
        let pair = self.pair(cx);
        for axis in &mut self.axes {
            axis.follow(&pair, cx);
        }
    }
}
