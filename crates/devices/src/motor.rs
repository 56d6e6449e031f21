//! A motor, as the EPICS motor record shows it.
//!
//! Positions, speeds and limits are in the motor's own units (`EGU`), as in its record. The device has three
//! parts: a controller of one axis that makes steps and is polled every 100 ms of device time
//! (`axis`), the record around it (`machine` and the files beside it), and this file, which tells the world
//! what the record posts and when a put is finished.
//!
//! | file | holds |
//! | --- | --- |
//! | `axis` | steps, switches, status |
//! | `stage` | what a real stage does and an ideal one does not |
//! | `fault` | what is made to go wrong on purpose |
//! | `turn` | a controller that moves one axis at a time |
//! | `settings` | what stands in the file |
//! | `check` | what cannot stand there |
//! | `registers` | the values of the fields |
//! | `flags` | the bits of `MIP` and `MSTA` |
//! | `machine` | what is marked, posted, and in which order |
//! | `put` | what a client may write |
//! | `process` | what happens at a put and at a poll |
//! | `work` | buttons, switches, targets |
//! | `pursue` | moves, backlash, homing |
//! | `couplings` | fields that change together |
//!
//! The oracle for all of it are the captures in `tests/motor`, taken from the C motor record.

mod axis;
mod check;
mod couplings;
mod fault;
mod flags;
mod machine;
mod process;
mod pursue;
mod put;
mod registers;
mod settings;
mod stage;
mod turn;
mod work;

pub use self::settings::{Direction, Settings};

use beamtwin_pv::SimTime;
use beamtwin_sim::{
    Cx, Device, FieldIx, LocalRecord, Mask, Order, Put, PutId, Refusal, ShareId, Slot,
    Surface, Timer, Word,
};

use self::axis::Axis;
use self::fault::Fault;
use self::machine::{Machine, Out};
use self::put::{MOTION, Written};
use self::registers::Registers;
use self::registers::at::STOP;
use self::stage::Stage;
use self::turn::Turn;
use crate::records::motor::MOTOR;
use crate::Kind;

/// The `motor` kind.
#[derive(Clone, Debug)]
pub struct Motor {
    machine: Machine,
    /// The controller, if it moves one axis at a time.
    controller: Option<ShareId>,
    /// The puts that finish when the motor is at rest.
    open: Vec<PutId>,
    /// The puts that failed, and whose clients are told so when the motor is at rest.
    failing: Vec<(PutId, String)>,
    /// When it is woken next, to look at the axis and when it has settled.
    armed: [Option<SimTime>; 2],
    /// Whether what happens next is because of the present put: a change of `TWV` on the way is not why a
    /// motor moves on.
    causes: bool,
    /// The puts whose completion was lost; they complete when the fault is gone.
    lost: Vec<PutId>,
}

impl Kind for Motor {
    const NAME: &'static str = "motor";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        Box::new(Self::new(settings, surface))
    }
}

impl Motor {
    /// A motor, which may be a part of another device.
    pub(crate) fn new(settings: Settings, surface: &mut Surface) -> Self {
        let machine = if settings.check(surface) {
            settings.machine()
        } else {
            // Never used, but something has to be returned beside the flaws.
            Machine::new(
                Registers::initial(),
                Axis::new(0.0, None, Stage::ideal(0.0)),
            )
        };
        let table = Registers::initial();
        let mut record = surface
            .record(&settings.pv, &MOTOR)
            .tolerance(settings.resolution.abs())
            .with("DESC", settings.description.as_str())
            .with("EGU", settings.units.as_str())
            .with("PREC", f64::from(settings.precision));
        for field in machine.r.differences(&table) {
            if let Some(value) = machine.r.get(field) {
                record = record.with(MOTOR.field(field).name, value);
            }
        }
        let rbv = record.slot::<f64>("RBV");
        surface.readback(rbv);
        let controller = settings.controller.map(|name| surface.share(name));
        Self {
            controller,
            lost: Vec::new(),
            machine,
            open: Vec::new(),
            failing: Vec::new(),
            armed: [None; 2],
            causes: false,
        }
    }
}

/// The motor's only record.
const RECORD: LocalRecord = LocalRecord(0);

/// When the axis is looked at.
const POLL: Timer = Timer(0);
/// When it has settled.
const SETTLED: Timer = Timer(1);

impl Motor {
    /// The words for what can go wrong with a motor.
    pub(crate) const FAULTS: &'static [&'static str] = Fault::WORDS;

    /// Tells the world what the record has to say; true if it came to rest.
    fn tell(&mut self, cx: &mut Cx<'_>) -> bool {
        let mut settled = self.say(cx);
        while self.take_turn(cx) {
            settled |= self.say(cx);
        }
        self.look_later(cx);
        settled
    }

    /// Gives back a controller that moves one axis at a time, or asks for it; true if there is more to say.
    fn take_turn(&mut self, cx: &mut Cx<'_>) -> bool {
        let Some(controller) = self.controller else {
            return false;
        };
        let axis = &mut self.machine.axis;
        if axis.turn == Turn::Rest {
            cx.leave(controller);
        }
        let Turn::Asks(_) = axis.turn else {
            return false;
        };
        if cx.holds(controller) {
            // The next part of a move waits for those who came before it.
            cx.leave(controller);
        }
        if cx.claim(controller) {
            axis.proceed(cx.now());
        } else {
            axis.wait(cx.now());
        }
        self.machine.hear();
        true
    }

    /// Passes on what the record has to say; true if it came to rest.
    fn say(&mut self, cx: &mut Cx<'_>) -> bool {
        let mut settled = false;
        for out in std::mem::take(&mut self.machine.out) {
            match out {
                Out::Alarm(alarm) => {
                    cx.show_alarm(RECORD, alarm);
                }
                Out::Fault(text) => cx.fault(text),
                Out::Post(field, value, mask) => cx.commit(RECORD, field, value, mask),
                Out::Settled => {
                    settled = true;
                    if self.machine.axis.fault() == Fault::LostCompletion {
                        self.lost.append(&mut self.open);
                    }
                    for put in self.open.drain(..) {
                        cx.finish(put);
                    }
                    for (put, why) in self.failing.drain(..) {
                        cx.refuse(put, Refusal::rejected(why));
                    }
                }
                Out::Stamp => cx.stamp(RECORD),
            }
        }
        // The record changes some fields without telling those who watch; those who read see it.
        let machine = &mut self.machine;
        for field in machine.r.differences(&machine.shown) {
            if let Some(value) = machine.r.get(field) {
                cx.commit(RECORD, field, value, Mask::empty());
            }
        }
        machine.shown.clone_from(&machine.r);
        settled
    }

    /// Asks to be woken when the axis is to be looked at, and when it has settled.
    fn look_later(&mut self, cx: &mut Cx<'_>) {
        let machine = &self.machine;
        let due = [machine.axis.next_poll(cx.now()), machine.settles];
        for ((timer, armed), due) in [POLL, SETTLED].into_iter().zip(&mut self.armed).zip(due) {
            match due {
                Some(at) if *armed != due || self.causes => cx.wake_at(timer, at),
                Some(_) => {}
                None => cx.cancel(timer),
            }
            *armed = due;
        }
    }
}

impl Device for Motor {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        self.machine.now = cx.now();
        self.machine.refused = None;
        self.causes = order.field == STOP || MOTION.contains(&order.field);
        let written = self
            .machine
            .write(order.field, &order.value, order.complete);
        let rest = self.tell(cx);
        if let Some(failure) = self.machine.failed.take() {
            if rest || written == Written::Kept {
                return Err(failure);
            }
            self.failing.push((order.put, failure.text));
            return Ok(Put::Started);
        }
        let refused = self.machine.refused.take().map(Refusal::silent);
        let lost = self.machine.axis.fault() == Fault::LostCompletion;
        if rest && lost && order.complete && refused.is_none() {
            self.lost.push(order.put);
            return Ok(Put::Started);
        }
        if rest || written == Written::Kept {
            return refused.map_or(Ok(Put::Done), Err);
        }
        // A put that waits for completion waits until the motor rests, whatever it wrote.
        if order.complete {
            if let Some(refusal) = refused {
                cx.fault(refusal.text);
            }
            self.open.push(order.put);
            return Ok(Put::Started);
        }
        if let Some(refusal) = refused {
            return Err(refusal);
        }
        if MOTION.contains(&order.field) && !self.machine.r.dmov {
            self.open.push(order.put);
            return Ok(Put::Started);
        }
        Ok(Put::Done)
    }

    fn unfit(
        &mut self,
        _: LocalRecord,
        field: FieldIx,
        complete: Option<PutId>,
        cx: &mut Cx<'_>,
    ) -> Put {
        self.machine.now = cx.now();
        self.causes = false;
        let written = self.machine.stumble(field, complete.is_some());
        let rest = self.tell(cx);
        match complete {
            Some(put) if written == Written::Processed && !rest => {
                let name = MOTOR.field(field).name;
                let why = format!("what was written to {name} is no value for it");
                self.failing.push((put, why));
                Put::Started
            }
            _ => Put::Done,
        }
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        self.machine.now = cx.now();
        self.causes = false;
        if timer == POLL {
            self.armed[0] = None;
            let deviation = self.machine.axis.stage.noise;
            let jitter = if deviation > 0.0 {
                cx.noise().normal(deviation)
            } else {
                0.0
            };
            self.machine.poll(jitter);
        } else {
            self.armed[1] = None;
            self.machine.settle();
        }
        self.tell(cx);
    }

    fn faults(&self) -> &'static [&'static str] {
        Fault::WORDS
    }

    fn fault(&mut self, fault: Option<&beamtwin_sim::Fault>, cx: &mut Cx<'_>) {
        self.machine.now = cx.now();
        self.causes = false;
        let fault = Fault::asked(fault);
        self.machine.inject(fault);
        self.machine.hear();
        if fault != Fault::LostCompletion {
            for put in self.lost.drain(..) {
                cx.finish(put);
            }
        }
        self.tell(cx);
    }

    fn turn(&mut self, _: ShareId, cx: &mut Cx<'_>) {
        self.machine.now = cx.now();
        self.causes = false;
        self.machine.axis.proceed(cx.now());
        self.machine.hear();
        self.tell(cx);
    }

    fn words(&self) -> Vec<Word> {
        let field = |name| Slot::<f64>::new(RECORD, MOTOR.find(name).expect("motors have it"));
        vec![
            Word::number("position", field("RBV")),
            Word::number("setpoint", field("VAL")),
            Word::when("moving", field("DMOV"), 0.0),
        ]
    }
}
