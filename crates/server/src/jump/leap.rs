//! The rule by which time jumps.

use std::io;
use std::time::{Duration, Instant};

use beamtwin_pv::SimTime;
use nix::poll::ppoll;
use nix::sys::time::TimeSpec;

use super::memory::clock;
use super::owner::{Owner, owner};
use super::roll::Says;
use super::{Account, Jump};
use crate::engine::{Engine, Shared};

/// How soon it is looked again who does what, at first and at last.
const SOON: Duration = Duration::from_micros(20);
const LATER: Duration = Duration::from_millis(1);
/// How long all have to wait for something else than device time before it passes by the clock.
const ELSEWHERE: Duration = Duration::from_millis(2);
/// How long a channel is looked for that may be one that nobody serves, and if all are served that were asked for.
const MAY_BE_MISSING: Duration = Duration::from_secs(2);
const IS_SERVED: Duration = Duration::from_secs(20);
/// The same where nothing lies ahead.
const NOTHING: Duration = Duration::from_millis(100);
/// How long a client may compute while something lies ahead: it may look again and again whether that has happened.
const COMPUTES: Duration = Duration::from_secs(10);

/// What to do next.
enum Next {
    /// Time stands still.
    Stand,
    /// Somebody does something: time stands still, but not for ever.
    Busy,
    /// Time passes by the clock, for this reason, once that has lasted so long.
    Flow(String, Duration),
    /// All wait: time jumps.
    Leap(SimTime),
    /// The time of some clients has come.
    Wake,
}

/// Lets time jump, for ever.
pub(super) struct Leaper {
    jump: Jump,
    engine: Shared,
    /// How long to wait before looking again.
    pause: Duration,
    /// Since when there was reason to let time pass by the clock.
    reason: Option<Instant>,
    /// Since when somebody has done something without a pause.
    busy: Option<Instant>,
    /// Why time passes by the clock, and since which device time.
    flows: Option<(String, SimTime)>,
}

impl Leaper {
    pub(super) const fn new(jump: Jump, engine: Shared) -> Self {
        Self {
            jump,
            engine,
            pause: SOON,
            reason: None,
            busy: None,
            flows: None,
        }
    }

    /// # Errors
    /// If clients cannot be told the time.
    pub(super) async fn run(mut self) -> io::Result<()> {
        loop {
            // All that has come is seen to before.
            tokio::task::yield_now().await;
            match self.next()? {
                Next::Stand => {
                    self.stand()?;
                    self.reason = None;
                    self.rest();
                }
                Next::Busy => {
                    let since = *self.busy.get_or_insert_with(Instant::now);
                    if since.elapsed() >= COMPUTES && self.is_awaited() {
                        self.flow(COMPUTED.to_owned())?;
                    } else {
                        self.stand()?;
                    }
                    self.reason = None;
                    self.rest();
                }
                Next::Flow(why, after) => {
                    self.busy = None;
                    let since = *self.reason.get_or_insert_with(Instant::now);
                    if since.elapsed() >= after {
                        self.flow(why)?;
                    }
                    self.rest();
                }
                Next::Leap(to) => {
                    self.stand()?;
                    self.reason = None;
                    self.busy = None;
                    self.pause = SOON;
                    self.leap(to)?;
                }
                Next::Wake => {
                    self.stand()?;
                    self.busy = None;
                    self.pause = SOON;
                    self.wake()?;
                }
            }
        }
    }

    fn next(&mut self) -> io::Result<Next> {
        let changed = self.jump.roll.call(&self.jump.memory)?;
        if let Some(who) = self.stranger(changed) {
            return Ok(Next::Flow(
                format!("{who} has no client clock"),
                Duration::ZERO,
            ));
        }
        if self.engine.look(Engine::is_behind) || self.jump.roll.is_empty() {
            return Ok(Next::Stand);
        }
        let creep = Duration::from_millis(self.jump.roll.creep());
        if !creep.is_zero() && self.flows.is_none() {
            self.leap(self.now() + creep)?;
            self.wake()?;
            return Ok(Next::Stand);
        }
        let inboxes = self.engine.inboxes();
        let arrives = !inboxes.rest() || !inboxes.are_empty();
        if self.jump.roll.is_held(clock(), self.patience()) {
            self.busy = None;
            return Ok(Next::Stand);
        }
        if arrives {
            return Ok(Next::Busy);
        }
        let says = self
            .jump
            .roll
            .listen(&self.jump.memory, || inboxes.are_empty())?;
        // What a client wanted before it was seen asleep it may have changed since.
        if self.jump.roll.is_held(clock(), self.patience()) {
            return Ok(Next::Stand);
        }
        let deadline = match says {
            Says::Busy => return Ok(Next::Busy),
            Says::Elsewhere => return Ok(Next::Flow(UNPATCHED.to_owned(), ELSEWHERE)),
            Says::Wait(deadline) => deadline,
        };
        let now = self.now();
        let last = self.jump.account.borrow().last;
        if last.is_some_and(|last| last <= now) {
            return Ok(Next::Stand);
        }
        let next = self.ahead().into_iter().chain(deadline).min();
        let nothing = self.reason.is_some_and(|since| since.elapsed() >= FOR_EVER);
        Ok(match (next, last) {
            (Some(next), _) if next <= now => Next::Wake,
            (Some(next), last) => Next::Leap(last.map_or(next, |last| last.min(next))),
            (None, Some(last)) if nothing => Next::Leap(last),
            (None, _) => Next::Flow(WAITED.to_owned(), NOTHING),
        })
    }

    /// Whether a client may wait for what happens to a device.
    fn is_awaited(&self) -> bool {
        let connected = self.engine.census().circuits.get() > 0;
        connected && self.ahead().is_some()
    }

    /// How long time is held for a channel that is looked for.
    fn patience(&self) -> Duration {
        let missed = self
            .engine
            .look(|engine| !engine.missed().is_empty() || engine.world().faults().next().is_some());
        if missed { MAY_BE_MISSING } else { IS_SERVED }
    }

    /// When something happens next.
    fn ahead(&self) -> Option<SimTime> {
        let device = self.engine.look(|engine| engine.world().next_wake());
        device.into_iter().chain(self.engine.alarms().next()).min()
    }

    /// A client without a clock.
    fn stranger(&self, changed: bool) -> Option<String> {
        let mut registered = None;
        let mut stranger = None;
        for circuit in self.engine.inboxes().circuits() {
            let mut known = circuit.owner.borrow_mut();
            if known.is_none() || changed {
                let registered = registered.get_or_insert_with(|| self.jump.roll.processes());
                *known = Some(owner(circuit.peer, registered));
            }
            if let Some(Owner::Stranger(who)) = &*known {
                stranger.get_or_insert_with(|| who.clone());
            }
        }
        stranger
    }

    fn now(&self) -> SimTime {
        self.engine.look(|engine| engine.world().now())
    }

    /// Goes to a later time, which clients see before anything is sent to them. What happens at a moment comes
    /// before those are woken whose time it is.
    fn leap(&mut self, to: SimTime) -> io::Result<()> {
        let ahead = self.ahead();
        self.jump.memory.set(to, false)?;
        self.engine.act(|engine| engine.jump(to));
        self.engine.alarms().ring(to);
        if ahead.is_none_or(|at| at > to) {
            self.wake()?;
        }
        Ok(())
    }

    fn wake(&mut self) -> io::Result<()> {
        let now = self.now();
        self.jump.roll.wake(&self.jump.memory, now)
    }

    /// Lets time pass by the clock.
    fn flow(&mut self, why: String) -> io::Result<()> {
        let now = self.engine.act(|engine| engine.world().now());
        self.engine.alarms().ring(now);
        if self.flows.as_ref().is_some_and(|it| it.0 == why) {
            return self.jump.roll.wake(&self.jump.memory, now);
        }
        self.stand()?;
        self.engine.act(|engine| engine.flow(true));
        self.flows = Some((why, now));
        self.jump.memory.set(now, true)
    }

    /// Lets time stand still.
    fn stand(&mut self) -> io::Result<()> {
        let Some((why, since)) = self.flows.take() else {
            return Ok(());
        };
        self.engine.act(|engine| engine.flow(false));
        let now = self.now();
        self.jump.account.borrow_mut().add(why, now.since(since));
        self.jump.memory.set(now, false)
    }

    /// Waits a moment, or until something comes.
    fn rest(&mut self) {
        let pause = self.pause;
        self.pause = (2 * pause).min(LATER);
        self.engine.inboxes().with_sockets(|sockets| {
            let mut sockets = [sockets, &self.jump.roll.sockets()].concat();
            // Whatever comes of it, it is looked at next.
            let _ = ppoll(&mut sockets, Some(TimeSpec::from(pause)), None);
        });
    }
}

/// After so long, nothing comes of it: time goes to its end.
const FOR_EVER: Duration = Duration::from_secs(1);

/// Why time passes by the clock.
const UNPATCHED: &str = "the main thread waited for something that has no device time";
const COMPUTED: &str = "the script computed for 10 s without a pause while something was under way";
const WAITED: &str = "all waited and nothing lay ahead";

impl Account {
    fn add(&mut self, why: String, passed: Duration) {
        *self.by_clock.entry(why).or_default() += passed;
    }
}
