//! Slits: four blades around an opening, by blade or by center and gap.
//!
//! Four of the eight axes are motors, each a whole `motor` with all its fields; the other four follow from
//! them, and what they are told goes to the two motors that they follow from. Light passes as far as a
//! Gaussian beam fits through the opening.
//!
//! | file | holds |
//! | --- | --- |
//! | `settings` | what stands in the file |
//! | `direction` | two motors and what follows from them |
//! | `axis` | the axes that are no motors |
//! | `gauss` | how much light an opening lets through |

mod axis;
mod direction;
mod gauss;
mod settings;

use std::sync::LazyLock;

use beamtwin_sim::{
    Beam, Cx, Device, Fault, FieldIx, LocalRecord, Look, Optic, Order, Put, PutId, Refusal,
    ShareId, Slot, Surface, Timer, Word,
};

pub use self::settings::{Motors, Names, Settings, Units};

use self::axis::{Axis, Wish, at};
use self::direction::{Child, Direction};
use crate::motor::Motor;
use crate::Kind;

/// The `slits` kind.
#[derive(Clone)]
pub struct Slits {
    motors: Motors,
    /// Horizontal, then vertical; none where the settings have mistakes.
    directions: Vec<Direction>,
    /// Where the motors stood when those downstream were told last.
    told: Vec<f64>,
    /// The motor with which something goes wrong on purpose.
    broken: Option<usize>,
}

/// The words for what can go wrong with blades that are motors.
static BLADES: LazyLock<Vec<&'static str>> = LazyLock::new(|| words(Motors::Blades));
/// The words for what can go wrong with centers and gaps that are motors.
static CENTERS: LazyLock<Vec<&'static str>> = LazyLock::new(|| words(Motors::Centers));

/// Those of a motor, each behind the axis that it is of.
fn words(motors: Motors) -> Vec<&'static str> {
    let axes = motors.axes().into_iter();
    let words = axes.flat_map(|axis| {
        Motor::FAULTS
            .iter()
            .map(move |words| format!("{axis} {words}"))
    });
    words.map(|words| &*words.leak()).collect()
}

/// When the axes that are no motors follow: after all motors have been looked at.
const FOLLOW: Timer = Timer(0);

impl Kind for Slits {
    const NAME: &'static str = "slits";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        let mut slits = Self {
            motors: settings.motors,
            directions: Vec::new(),
            told: Vec::new(),
            broken: None,
        };
        if !settings.check(surface) {
            return Box::new(slits);
        }
        for direction in [0, 1] {
            slits.told.extend(settings.starts(direction));
            slits
                .directions
                .push(Direction::build(&settings, direction, surface));
        }
        Box::new(slits)
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

    fn unfit(
        &mut self,
        record: LocalRecord,
        field: FieldIx,
        complete: Option<PutId>,
        cx: &mut Cx<'_>,
    ) -> Put {
        let mut answer = Put::Done;
        for child in self.children() {
            if let Some(record) = child.part.inner(record) {
                let cx = &mut cx.part(child.part);
                answer = child.device.unfit(record, field, complete, cx);
            }
        }
        self.follow(cx);
        answer
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

    fn faults(&self) -> &'static [&'static str] {
        match self.motors {
            Motors::Blades => &BLADES,
            Motors::Centers => &CENTERS,
        }
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let axes = self.motors.axes();
        let own = |axis: &str| {
            let words = fault?.words.strip_prefix(axis)?.strip_prefix(' ')?;
            fault.map(|&fault| Fault { words, ..fault })
        };
        let before = self.broken.take();
        let mut broken = None;
        for ((at, axis), child) in axes.iter().enumerate().zip(self.children()) {
            let fault = own(axis);
            if fault.is_some() || before == Some(at) {
                let cx = &mut cx.part(child.part);
                child.device.fault(fault.as_ref(), cx);
            }
            broken = broken.or(fault.map(|_| at));
        }
        self.broken = broken;
        self.follow(cx);
    }

    fn optic(&self) -> Option<&dyn Optic> {
        Some(self)
    }

    fn words(&self) -> Vec<Word> {
        let directions = self.directions.iter().enumerate();
        let words = directions.flat_map(|(at, direction)| {
            let (motors, axes) = self.motors.keys(at);
            let motors = motors.into_iter().zip(&direction.motors);
            let motors = motors.map(|(key, child)| Word::number(key, child.slot::<f64>(at::RBV)));
            let axes = axes.into_iter().zip(&direction.axes);
            let axes =
                axes.map(|(key, axis)| Word::number(key, Slot::<f64>::new(axis.record, at::RBV)));
            motors.chain(axes)
        });
        words.collect()
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
