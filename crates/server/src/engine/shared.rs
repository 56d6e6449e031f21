//! The engine as its clients hold it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use beamtwin_pv::SimTime;
use beamtwin_sim::World;
use tokio::sync::Notify;

use super::Engine;
use crate::ca::{Arrivals, Pressed};
use crate::census::Census;
use crate::jump::{Alarms, Inboxes};
use crate::limits::Limits;
use crate::pace::Mode;
use crate::recorder::Recorder;

/// The engine as its clients hold it.
#[derive(Clone)]
pub struct Shared(Rc<Inner>);

/// How much is read from a socket at a time.
const ROOM: usize = 64 << 10;

struct Inner {
    engine: RefCell<Engine>,
    limits: Limits,
    census: Rc<Census>,
    /// Where what comes from a socket is put for a moment.
    room: RefCell<Vec<u8>>,
    /// Circuits that the last put has filled.
    pressed: Rc<Pressed>,
    /// Room for large messages.
    arrivals: Arrivals,
    /// Where what clients send arrives, if anybody wants to know.
    inboxes: Inboxes,
    /// Who waits for device time, where it jumps.
    alarms: Alarms,
    /// Something may be due earlier than the pace task thinks.
    rescheduled: Notify,
    /// The session is to end.
    ended: Notify,
    /// Somebody panicked while acting: the world is not to be trusted any more.
    broken: Cell<bool>,
}

impl Shared {
    /// Begins to run a world at this pace, from device time zero.
    #[must_use]
    pub fn new(world: World, mode: Mode) -> Self {
        Self::limited(world, mode, Limits::default())
    }

    /// The same, with other limits on what clients may ask for.
    #[must_use]
    pub fn limited(world: World, mode: Mode, limits: Limits) -> Self {
        let census = Rc::new(Census::default());
        Self(Rc::new(Inner {
            engine: RefCell::new(Engine::new(world, mode, Rc::clone(&census))),
            limits,
            census,
            room: RefCell::new(vec![0; ROOM]),
            pressed: Rc::default(),
            arrivals: Arrivals::default(),
            inboxes: Inboxes::new(mode),
            alarms: Alarms::default(),
            rescheduled: Notify::new(),
            ended: Notify::new(),
            broken: Cell::new(false),
        }))
    }

    /// Records from the beginning of the session. Call it before anybody acts.
    pub fn start_recording(&self, recorder: Recorder) {
        self.0.engine.borrow_mut().recorder = Some(recorder);
    }

    /// The circuits that the last put has filled.
    pub(crate) fn pressed(&self) -> &Rc<Pressed> {
        &self.0.pressed
    }

    /// The room for large messages that are arriving.
    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.0.arrivals
    }

    /// Where what clients send arrives.
    pub(crate) fn inboxes(&self) -> &Inboxes {
        &self.0.inboxes
    }

    /// Who waits for device time, where it jumps.
    pub(crate) fn alarms(&self) -> &Alarms {
        &self.0.alarms
    }

    /// Waits for so long: in device time where that jumps, by the clock otherwise.
    pub(crate) async fn sleep(&self, by: Duration) {
        let (mode, now) = self.look(|engine| (engine.mode(), engine.world().now()));
        match mode {
            Mode::Jump => self.0.alarms.wait(now + by).await,
            Mode::Stepped | Mode::Times(_) => tokio::time::sleep(by).await,
        }
    }

    /// How much clients may ask for.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// What goes on over the network.
    #[must_use]
    pub fn census(&self) -> &Census {
        &self.0.census
    }

    /// Gives room for what comes from a socket, for a moment: all circuits share it.
    pub(crate) fn with_room<R>(&self, f: impl FnOnce(&mut [u8]) -> R) -> R {
        f(&mut self.0.room.borrow_mut())
    }

    /// Looks at the engine.
    pub fn look<R>(&self, f: impl FnOnce(&Engine) -> R) -> R {
        f(&self.0.engine.borrow())
    }

    /// Lets device time catch up, then acts.
    pub fn act<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        let _watch = Watch(&self.0);
        let mut engine = self.0.engine.borrow_mut();
        if !engine.is_behind() {
            engine.catch_up();
        }
        let before = engine.schedule();
        let answer = f(&mut engine);
        engine.drain();
        if engine.schedule() != before || engine.is_behind() {
            self.0.rescheduled.notify_one();
        }
        answer
    }

    /// Lets device time pass, where the pace is [`Mode::Stepped`]; others are served meanwhile.
    pub async fn step(&self, by: Duration) -> SimTime {
        self.act(|engine| engine.step(by));
        while self.look(Engine::is_behind) {
            self.work_off().await;
        }
        self.look(|engine| engine.world().now())
    }

    /// Ends the recording where it is, and says why; leaves the world alone.
    pub fn abort_recording(&self, reason: &str) {
        if let Some(recorder) = self.0.engine.borrow_mut().recorder.take() {
            recorder.abort(reason);
        }
    }

    /// Asks the session to end.
    pub fn end(&self) {
        self.0.ended.notify_one();
    }

    /// Waits until somebody asks the session to end.
    pub async fn ended(&self) {
        self.0.ended.notified().await;
    }

    /// Whether somebody panicked while acting, which ends the session.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.0.broken.get()
    }

    /// Waits until the disk has caught up: whoever writes asks before.
    pub async fn uncongested(&self) {
        /// How often to look.
        const PERIOD: Duration = Duration::from_millis(10);
        while self.look(Engine::congested) {
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Reaches each wakeup when its time has come, for ever.
    pub async fn run(&self) {
        loop {
            if self.look(Engine::is_behind) {
                self.work_off().await;
                continue;
            }
            let rescheduled = self.0.rescheduled.notified();
            match self.look(Engine::due) {
                Some(due) => tokio::select! {
                    () = tokio::time::sleep_until(due) => {
                        self.act(|_| ());
                        // A world that wakes all the time leaves time for its clients.
                        tokio::task::yield_now().await;
                    }
                    () = rescheduled => {}
                },
                None => rescheduled.await,
            }
        }
    }

    /// Looks after the recording, for ever: a failure is to be said soon, even if nobody writes.
    pub async fn watch_recorder(&self) {
        /// Often enough to say it soon, seldom enough to cost nothing.
        const PERIOD: Duration = Duration::from_millis(250);
        while self.look(Engine::is_recording) {
            tokio::time::sleep(PERIOD).await;
            let failure = self.look(|engine| engine.recorder.as_ref().and_then(Recorder::failure));
            if let Some(failure) = failure {
                self.act(|engine| engine.lose(&failure));
            }
        }
    }

    /// Comes nearer to the device time that it should be, then lets others have their turn.
    async fn work_off(&self) {
        self.act(|engine| {
            if engine.is_behind() {
                engine.catch_up();
            }
        });
        tokio::task::yield_now().await;
    }
}

/// Notices a panic.
struct Watch<'a>(&'a Inner);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.set(true);
            self.0.ended.notify_one();
        }
    }
}
