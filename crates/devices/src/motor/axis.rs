//! The controller of one axis: steps, switches, and a status that is polled ten times a second.
//!
//! Positions are in steps. `place` is where the axis is, counted from where the home switch is; what the
//! record sees is `place + origin`, so that loading a position moves nothing. Modelled on the simulated
//! controller behind the captures: it is looked at every 100 ms, notices its switches only then, and drives
//! back to a home switch that it has crossed (`home`), or to a limit switch (`hw_limit_move`), at the speed of
//! its last move.

use std::time::Duration;

use beamtwin_pv::SimTime;

use super::fault::Fault;
use super::flags::Status;
use super::stage::Stage;
use super::turn::{Job, Task, Turn};
use crate::physics::trapezoid::{Motion, Pace, Point};

/// How often a moving axis is looked at.
pub(super) const POLL: Duration = Duration::from_millis(100);

/// How often it is looked at when replies are slow, and at rest when its readback drifts.
const SELDOM: Duration = Duration::from_secs(1);

/// A stepper axis and its controller.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// Where it was when last looked at.
    place: f64,
    origin: f64,
    /// Where the limit switches are.
    switches: Option<(f64, f64)>,
    motion: Option<Motion>,
    /// When the present motion began.
    since: u64,
    /// When polling began; polls come in tenths of a second from here.
    polled: u64,
    /// When it was last looked at while it moved.
    looked: u64,
    pace: Pace,
    /// The speed of the last move, at which it comes back to a switch; a jog is none.
    slew: Option<f64>,
    /// It slows down, or goes back to a switch.
    halts: bool,
    homing: bool,
    /// The home switch has been found since it was last looked for.
    homed: bool,
    status: u32,
    /// It came to something that is in the way.
    stalled: bool,
    pub(super) turn: Turn,
    pub(super) stage: Stage,
    fault: Fault,
    /// By how many steps the readback is wrong on purpose, and how fast that grows.
    bias: [f64; 2],
    /// The steps and counts of a frozen readback.
    held: Option<(i32, i32)>,
    /// The record has not seen the status yet.
    news: bool,
}

impl Axis {
    pub(super) fn new(start: f64, switches: Option<(f64, f64)>, stage: Stage) -> Self {
        let mut axis = Self {
            place: start,
            origin: 0.0,
            switches,
            motion: None,
            since: 0,
            polled: 0,
            looked: 0,
            pace: Pace {
                base: 0.0,
                speed: 0.0,
                ramp: CREEP,
            },
            slew: None,
            halts: false,
            homing: false,
            homed: false,
            status: Status::DONE.bits(),
            stalled: false,
            turn: Turn::default(),
            stage,
            fault: Fault::None,
            bias: [0.0; 2],
            held: None,
            news: false,
        };
        axis.sense(0.0);
        axis
    }

    /// Where the record is told it is, in whole steps.
    pub(super) fn steps(&self) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, as steps do")]
        let steps = (self.stage.steps(self.place) + self.origin + self.bias()).round() as i32;
        self.held.map_or(steps, |(steps, _)| steps)
    }

    /// By how much the steps are wrong; with an encoder, it is the encoder that is.
    const fn bias(&self) -> f64 {
        if self.stage.encoder.is_some() {
            0.0
        } else {
            self.bias[0]
        }
    }

    /// What the record is told of its encoder; without one it is told the steps.
    pub(super) fn counts(&self) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, as counts do")]
        let counts = |counts: f64| counts.round() as i32;
        let now = self
            .stage
            .counts(self.origin + self.bias[0])
            .map_or_else(|| self.steps(), counts);
        self.held.map_or(now, |(_, counts)| counts)
    }

    /// Makes something go wrong, instead of what did; `steps` is how far or how fast, if that is asked.
    pub(super) fn inject(&mut self, fault: Fault, steps: f64, now: SimTime) {
        let held = (self.steps(), self.counts());
        let steps = if near(steps) { steps } else { 0.0 };
        self.bias = match fault {
            Fault::OffBy(_) => [steps, 0.0],
            Fault::Drift(_) => [0.0, steps],
            _ => [0.0; 2],
        };
        self.held = matches!(fault, Fault::Frozen | Fault::Offline).then_some(held);
        self.fault = fault;
        if self.motion.is_none() {
            self.rest(now);
        }
        self.news = true;
    }

    pub(super) const fn fault(&self) -> Fault {
        self.fault
    }

    fn offline(&self) -> bool {
        self.fault == Fault::Offline
    }

    pub(super) const fn status(&self) -> Status {
        Status::from_bits_retain(self.status)
    }

    /// Whether there is something the record has not seen; it is asked once.
    pub(super) fn news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Whether there is something the record has not seen.
    pub(super) const fn told(&self) -> bool {
        self.news
    }

    /// Asks for the status, changed or not.
    pub(super) const fn inquire(&mut self) {
        self.news = true;
    }

    /// Whether there is motion to look at; whoever waits for its turn is told when that comes.
    pub(super) const fn moves(&self) -> bool {
        !self.turn.waits() && (self.moving() || !self.status().contains(Status::DONE))
    }

    pub(super) const fn moving(&self) -> bool {
        self.motion.is_some()
    }

    /// The next moment to look at it.
    pub(super) fn next_poll(&self, now: SimTime) -> Option<SimTime> {
        let drifts = self.bias[1] != 0.0;
        let every = if self.fault == Fault::Slow || !self.moves() {
            SELDOM
        } else {
            POLL
        };
        let every = u64::try_from(every.as_nanos()).unwrap_or(u64::MAX);
        let passed = (now.nanos() - self.polled) / every;
        let next = SimTime::from_nanos(self.polled + (passed + 1) * every);
        let end = self.end().filter(|&end| end > now && end < next);
        (self.moves() || drifts).then(|| end.unwrap_or(next))
    }

    /// When the present motion ends, if its controller tells that within a millisecond: the end of a move is
    /// seen at the next look.
    fn end(&self) -> Option<SimTime> {
        let slow = matches!(self.fault, Fault::Slow | Fault::NeverDone);
        let motion = self.motion.as_ref().filter(|_| self.halts && !slow)?;
        let millis = motion.duration()?.as_nanos().div_ceil(1_000_000);
        let took = Duration::from_millis(u64::try_from(millis).ok()?);
        Some(SimTime::from_nanos(self.since) + took + self.stage.settle)
    }

    /// Moves to a position; refused if it lies beyond the switch that the axis stands on.
    pub(super) fn travel(&mut self, target: f64, pace: Pace, now: SimTime) {
        self.travel_to(target - self.origin, pace, now);
    }

    /// Moves on from where it rests.
    pub(super) fn travel_by(&mut self, way: f64, pace: Pace, now: SimTime) {
        self.travel_to(self.place + way, pace, now);
    }

    fn travel_to(&mut self, target: f64, pace: Pace, now: SimTime) {
        // It comes to rest where its counter ends.
        let target = if near(target) {
            target.clamp(-FARTHEST - self.origin, FARTHEST - self.origin)
        } else {
            target
        };
        let task = Task::Travel(target);
        self.begin(Job { task, pace }, now);
    }

    /// Moves on and on; the sign of `speed` is the direction.
    pub(super) fn jog(&mut self, speed: f64, pace: Pace, now: SimTime) {
        let task = Task::Jog(speed);
        self.begin(Job { task, pace }, now);
    }

    /// Looks for the home switch.
    pub(super) fn home(&mut self, upwards: bool, pace: Pace, now: SimTime) {
        let task = Task::Home(if upwards { pace.speed } else { -pace.speed });
        self.homed = false;
        self.begin(Job { task, pace }, now);
    }

    /// Sets off, unless a switch is in the way or it has to wait for its turn.
    pub(super) fn begin(&mut self, job: Job, now: SimTime) {
        let Job { task, pace } = job;
        let from = self.point(now);
        let (number, way) = match task {
            Task::Travel(target) => (target, target - from.at),
            Task::Jog(speed) | Task::Home(speed) => (speed, speed),
        };
        if self.blocked(way) || !sane(number, pace) {
            self.balk(now);
            return;
        }
        if !self.turn.may_move() {
            self.turn = Turn::Asks(job);
            return;
        }
        // What it is told as 0 stays as it was (`velo_zero`).
        self.pace = Pace {
            ramp: some(pace.ramp).unwrap_or(self.pace.ramp),
            ..pace
        };
        let motion = if let Task::Travel(target) = task {
            self.slew = some(pace.speed).or(self.slew);
            Motion::travel(from, target, self.slewing(CREEP))
        } else if number == 0.0 {
            Motion::stop(from, self.pace)
        } else {
            Motion::jog(from, number, self.pace)
        };
        self.homing = matches!(task, Task::Home(_)) || (self.homing && self.moving());
        self.set(motion, now);
        self.news = true;
    }

    /// Does not move, but says that it is not done until it is looked at.
    fn balk(&mut self, now: SimTime) {
        if !self.moves() && !self.offline() {
            self.polled = now.nanos();
            self.looked = now.nanos();
            self.status &= !Status::DONE.bits();
        }
        self.news = true;
    }

    /// Stands still from now on, and tells so.
    pub(super) fn rest(&mut self, now: SimTime) {
        self.sense(0.0);
        self.polled = now.nanos();
        self.looked = now.nanos();
        self.news = true;
    }

    pub(super) fn stop(&mut self, now: SimTime) {
        if self.turn.waits() && !self.offline() {
            self.turn = Turn::Rest;
            self.rest(now);
        }
        if self.motion.is_some() && !self.offline() {
            let from = self.point(now);
            let creeps = from.speed.abs() <= self.pace.base * (1.0 + 1e-9);
            let pace = if creeps {
                self.pace
            } else {
                Self::to_rest(self.pace)
            };
            self.halt(Motion::stop(from, pace), now);
        }
    }

    /// Calls the present place by another number.
    pub(super) fn load(&mut self, position: f64) {
        if near(position) {
            self.origin = position - self.place;
        }
        self.news = true;
    }

    /// Looks at the axis; `jitter` is what noise adds to what is read.
    pub(super) fn poll(&mut self, now: SimTime, jitter: f64) {
        let before = self.place;
        let at = self.point(now);
        let done = |motion: &Motion| {
            let elapsed = self.elapsed(now).saturating_sub(self.stage.settle);
            motion.over(elapsed) && self.fault != Fault::NeverDone
        };
        let over = self.motion.as_ref().is_none_or(done);
        self.bias[0] += self.bias[1] * (now - SimTime::from_nanos(self.looked)).as_secs_f64();
        self.looked = now.nanos();
        self.place = at.at;
        let mut speed = at.speed;
        let jammed = self.fault == Fault::Stall && self.motion.is_some();
        let stuck = self.stage.stuck(before, at.at);
        if let Some(place) = stuck.or(jammed.then_some(before)) {
            self.place = place;
            self.stalled = true;
            self.motion = None;
        } else if over {
            self.motion = None;
        } else {
            self.mind_the_switches(before, at, now);
        }
        if self.motion.is_none() {
            self.homing = false;
            self.turn.over();
            speed = 0.0;
        }
        self.stage.look(self.place, speed, jitter);
        self.sense(speed);
        self.news = true;
    }

    /// Turns back to the home switch when it was crossed; stops beyond a limit switch.
    fn mind_the_switches(&mut self, before: f64, at: Point, now: SimTime) {
        if self.homing
            && let Some(home) = self.stage.crossed_home(before, at.at)
        {
            self.homed = true;
            let near = (at.at - home).abs() <= CREPT;
            let pace = self.slewing(if near { CREEP } else { self.pace.speed });
            self.halt(Motion::travel(at, home, Self::to_rest(pace)), now);
            return;
        }
        let ways = [(Fault::HighLimit, 1.0), (Fault::LowLimit, -1.0)];
        let closed = ways.iter().find(|(fault, _)| *fault == self.fault);
        if closed.is_some_and(|(_, way)| way * at.speed > 0.0) {
            self.halt(Motion::stop(at, Self::to_rest(self.pace)), now);
            return;
        }
        let Some((low, high)) = self.switches else {
            return;
        };
        let switch = if at.at > high && at.speed > 0.0 {
            high
        } else if at.at < low && at.speed < 0.0 {
            low
        } else {
            return;
        };
        if self.stage.swapped {
            // The controller minds the other one when it goes this way.
            return;
        }
        if self.homing && self.stage.home.is_some() {
            let speed = -self.pace.speed.abs().copysign(at.speed);
            self.set(Motion::jog(at, speed, self.pace), now);
        } else {
            let pace = Self::to_rest(self.slewing(CREEP));
            self.halt(Motion::travel(at, switch, pace), now);
        }
    }

    /// A pace that slows down to nothing, as the simulated controller does when it is told to stop.
    const fn to_rest(pace: Pace) -> Pace {
        Pace { base: 0.0, ..pace }
    }

    /// The pace of the last move; if there was none, at a speed.
    fn slewing(&self, speed: f64) -> Pace {
        Pace {
            speed: self.slew.unwrap_or(speed),
            ..self.pace
        }
    }

    /// Writes the status as the switches and the speed are.
    fn sense(&mut self, speed: f64) {
        if self.offline() {
            return;
        }
        let mut status = Status::empty();
        status.set(Status::HOMED, self.homed);
        status.set(Status::UPWARDS, speed > 0.0);
        status.set(Status::AT_HOME, self.stage.home == Some(self.place));
        status.set(Status::ENCODER, self.stage.encoder.is_some());
        status.set(Status::STALLED | Status::PROBLEM, self.stalled);
        status.set(Status::DONE, !self.moving() && !self.turn.waits());
        status.set(Status::MOVING, self.moving());
        let (low, high) = self.closed();
        status.set(Status::LOW_SWITCH, low);
        status.set(Status::HIGH_SWITCH, high);
        self.status = status.bits();
    }

    /// Which switches are closed, as they are wired: the low one, the high one.
    fn closed(&self) -> (bool, bool) {
        let (low, high) = self.switches.map_or((false, false), |(low, high)| {
            (self.place <= low, self.place >= high)
        });
        let (low, high) = if self.stage.swapped {
            (high, low)
        } else {
            (low, high)
        };
        let forced = |fault| self.fault == fault;
        (
            low || forced(Fault::LowLimit),
            high || forced(Fault::HighLimit),
        )
    }

    fn blocked(&self, way: f64) -> bool {
        let (low, high) = self.closed();
        (high && way > 0.0) || (low && way < 0.0) || self.offline()
    }

    fn set(&mut self, motion: Motion, now: SimTime) {
        if self.motion.is_none() && self.status().contains(Status::DONE) {
            self.polled = now.nanos();
            self.looked = now.nanos();
        }
        self.since = now.nanos();
        self.motion = Some(motion);
        self.halts = false;
        self.stalled = false;
        let over = Status::DONE | Status::STALLED | Status::PROBLEM;
        self.status &= !over.bits();
    }

    /// Slows down, or goes back to a switch; it looks for its home switch no longer.
    fn halt(&mut self, motion: Motion, now: SimTime) {
        self.homing = false;
        self.set(motion, now);
        self.halts = true;
    }

    fn elapsed(&self, now: SimTime) -> Duration {
        now - SimTime::from_nanos(self.since)
    }

    fn point(&self, now: SimTime) -> Point {
        let elapsed = self.elapsed(now);
        self.motion.as_ref().map_or(
            Point {
                at: self.place,
                speed: 0.0,
            },
            |motion| motion.after(elapsed),
        )
    }
}

/// How many steps from 0 its counter reaches.
pub(super) const FARTHEST: f64 = i32::MAX as f64;

/// The speed in steps a second of an axis that was never told one, and the change of it in a second.
const CREEP: f64 = 1.0;

/// How many steps it creeps back to its home switch at most; from further away that would take minutes.
const CREPT: f64 = 20.0;

/// A number, unless it is 0.
fn some(number: f64) -> Option<f64> {
    (number > 0.0).then_some(number)
}

/// Whether an order means anything: where a step has no size, or a speed no end, it does not.
const fn sane(number: f64, pace: Pace) -> bool {
    near(number) && near(pace.base) && near(pace.speed) && near(pace.ramp)
}

/// Whether sums and squares of a number are numbers.
const fn near(number: f64) -> bool {
    number.abs() < 1e60
}
