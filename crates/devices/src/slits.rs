//! Slits: four blades around an opening, by blade or by center and gap.
//!
//! Four of the eight axes are motors, each a whole `motor` with all its fields; the other four follow from
//! them, and what they are told goes to the two motors that they follow from. Light passes as far as a
//! Gaussian beam fits through the opening.
//!
//! | file | holds |
//! | --- | --- |
//! | `settings` | what stands in the file |
//! | `axis` | the axes that are no motors |
//! | `gauss` | how much light an opening lets through |

mod axis;
mod gauss;
mod settings;

use beamtwin_pv::Value;
use beamtwin_sim::{
    Beam, Cx, Device, FieldIx, LocalRecord, Look, Meaning, Optic, Order, Part, Put, PutId, Refusal,
    ShareId, Slot, State, StateError, Surface, Timer,
};
use serde::{Deserialize, Serialize};

pub use self::settings::{Motors, Names, Settings, Units};

use self::axis::{Axis, Pair, Wish, at, beyond, tidy};
use crate::motor::Motor;
use crate::records::motor::MOTOR;
use crate::{Kind, state};

/// The `slits` kind.
pub struct Slits {
    motors: Motors,
    /// Horizontal, then vertical; none where the settings have mistakes.
    directions: Vec<Direction>,
    /// Where the motors stood when those downstream were told last.
    told: Vec<f64>,
}

/// One direction of an opening.
struct Direction {
    motors: [Child; 2],
    /// Those of the other two axes that have PVs.
    axes: Vec<Axis>,
    /// The middle of the beam, and its standard deviation.
    center: f64,
    deviation: f64,
}

/// A motor, and where its record is.
struct Child {
    part: Part,
    device: Box<dyn Device>,
}

/// What no PV shows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    motors: Vec<State>,
    puts: Vec<Vec<u64>>,
    told: Vec<f64>,
}

/// When the axes that are no motors follow: after all motors have been looked at.
const FOLLOW: Timer = Timer(0);

/// The only record of a motor.
const RECORD: LocalRecord = LocalRecord(0);

/// A put that nobody made: the motors are not to finish that of an axis.
const NOBODY: PutId = PutId(0);

impl Kind for Slits {
    const NAME: &'static str = "slits";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        let mut slits = Self {
            motors: settings.motors,
            directions: Vec::new(),
            told: Vec::new(),
        };
        if !settings.check(surface) {
            return Box::new(slits);
        }
        for direction in [0, 1] {
            let (blades, opening) = settings.named(direction);
            let (names, others) = match settings.motors {
                Motors::Blades => (blades, opening),
                Motors::Centers => (opening, blades),
            };
            let (starts, ranges) = (settings.starts(direction), settings.ranges());
            let motors = [0, 1].map(|which| {
                let mut own = Surface::default();
                let motor = settings.motor(&names[which], starts[which], ranges[which]);
                let device = Motor::build(motor, &mut own);
                Child {
                    part: surface.adopt(own),
                    device,
                }
            });
            let axes = if settings.derived {
                let weights = weights(settings.motors);
                let axis = |(name, weights)| declare(&settings, name, weights, starts, surface);
                others.into_iter().zip(weights).map(axis).collect()
            } else {
                Vec::new()
            };
            slits.told.extend(starts);
            slits.directions.push(Direction {
                motors,
                axes,
                center: settings.beam_center[direction],
                deviation: settings.deviation(direction),
            });
        }
        Box::new(slits)
    }
}

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
    fn slot<T>(&self, field: FieldIx) -> Slot<T> {
        Slot::new(self.part.outer(RECORD), field)
    }

    /// Writes to one of its fields.
    fn order(&mut self, field: FieldIx, value: impl Into<Value>, cx: &mut Cx<'_>) {
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
    fn pair(&self, cx: &Cx<'_>) -> Pair {
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
    fn go(
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

    fn follow(&mut self, cx: &mut Cx<'_>) {
        let pair = self.pair(cx);
        for axis in &mut self.axes {
            axis.follow(&pair, cx);
        }
    }
}

impl Slits {
    fn children(&mut self) -> impl Iterator<Item = &mut Child> {
        self.directions.iter_mut().flat_map(|d| &mut d.motors)
    }

    /// Shows what follows from the motors, and tells those downstream if they moved.
    fn follow(&mut self, cx: &mut Cx<'_>) {
        let mut positions = Vec::new();
        for direction in &mut self.directions {
            direction.follow(cx);
            positions.extend(direction.pair(cx).positions);
        }
        if positions != self.told {
            self.told = positions;
            cx.light_changed();
        }
    }

    /// Carries out a put to an axis that is no motor.
    fn drive(&mut self, order: &Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let motors = self.motors;
        for direction in &mut self.directions {
            let own = |axis: &Axis| axis.record == order.record;
            let Some(which) = direction.axes.iter().position(own) else {
                continue;
            };
            match direction.axes[which].wish(order, cx)? {
                Wish::Nothing => return Ok(Put::Done),
                Wish::Stop => {
                    for child in &mut direction.motors {
                        child.order(at::STOP, 1, cx);
                    }
                    return Ok(Put::Done);
                }
                Wish::Go(target) => direction.go(which, target, motors, cx)?,
            }
            if direction.pair(cx).done {
                return Ok(Put::Done);
            }
            direction.axes[which].puts.push(order.put.0);
            return Ok(Put::Started);
        }
        Ok(Put::Done)
    }
}

impl Device for Slits {
    fn start(&mut self, cx: &mut Cx<'_>) {
        for child in self.children() {
            child.device.start(&mut cx.part(child.part));
        }
    }

    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let child = self
            .children()
            .find_map(|child| Some((child.part.inner(order.record)?, child)));
        let answer = match child {
            Some((record, child)) => {
                let order = Order { record, ..order };
                child.device.put(order, &mut cx.part(child.part))
            }
            None => self.drive(&order, cx),
        };
        self.follow(cx);
        answer
    }

    fn unfit(&mut self, record: LocalRecord, field: FieldIx, complete: bool, cx: &mut Cx<'_>) {
        for child in self.children() {
            if let Some(record) = child.part.inner(record) {
                let cx = &mut cx.part(child.part);
                child.device.unfit(record, field, complete, cx);
            }
        }
        self.follow(cx);
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        if timer == FOLLOW {
            self.follow(cx);
            return;
        }
        for child in self.children() {
            if let Some(timer) = child.part.timer(timer) {
                child.device.wake(timer, &mut cx.part(child.part));
            }
        }
        // Motors that are looked at together are shown together.
        cx.wake_at(FOLLOW, cx.now());
    }

    fn turn(&mut self, share: ShareId, cx: &mut Cx<'_>) {
        for child in self.children() {
            if let Some(share) = child.part.share(share) {
                child.device.turn(share, &mut cx.part(child.part));
            }
        }
        self.follow(cx);
    }

    fn optic(&self) -> Option<&dyn Optic> {
        Some(self)
    }

    fn save(&self) -> State {
        let motors = self.directions.iter().flat_map(|d| &d.motors);
        let axes = self.directions.iter().flat_map(|d| &d.axes);
        state::save(&Saved {
            motors: motors.map(|child| child.device.save()).collect(),
            puts: axes.map(|axis| axis.puts.clone()).collect(),
            told: self.told.clone(),
        })
    }

    fn restore(&mut self, state: State) -> Result<(), StateError> {
        let saved: Saved = state::restore(state)?;
        let axes = self.directions.iter_mut().flat_map(|d| &mut d.axes);
        for (axis, puts) in axes.zip(saved.puts) {
            axis.puts = puts;
        }
        self.told = saved.told;
        for (child, state) in self.children().zip(saved.motors) {
            child.device.restore(state)?;
        }
        Ok(())
    }
}

impl Optic for Slits {
    fn pass(&self, beam: Beam, look: &Look<'_>) -> Beam {
        let mut passed = 1.0;
        for direction in &self.directions {
            let at = |which: usize| look.get::<f64>(direction.motors[which].slot(at::RBV));
            let at = [at(0), at(1)];
            let edges = match self.motors {
                Motors::Blades => at,
                Motors::Centers => [at[0] - at[1] / 2.0, at[0] + at[1] / 2.0],
            };
            passed *= gauss::share(edges, direction.center, direction.deviation);
        }
        if passed > 0.0 {
            beam.weakened(passed)
        } else {
            Beam::DARK
        }
    }
}
