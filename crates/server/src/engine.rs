//! The world, its subscribers, and who waits for which put.
//!
//! The engine belongs to one thread. Circuits, the control channel and the pace task share it through
//! [`Shared`]; each call lets device time catch up, changes the world, records what happened, and only then
//! tells the subscribers.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use beamtwin_pv::{Metadata, Sample, SimTime, Timestamp, Value};
use beamtwin_sim::{Client, ClientId, Mask, Note, PutId, PutRequest, PvId, Reason, What, World};
use beamtwin_trace::{Header, Source};
use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::{error, info};

use crate::pace::{Mode, Pace};
use crate::recorder::Recorder;

/// The engine as its clients hold it.
#[derive(Clone)]
pub struct Shared(Rc<Inner>);

struct Inner {
    engine: RefCell<Engine>,
    /// Something may be due earlier than the pace task thinks.
    rescheduled: Notify,
    /// The session is to end.
    ended: Notify,
}

/// Somebody who hears of changes.
pub trait Listener {
    /// A value was committed that the subscription is for.
    fn post(&self, subscription: u32, sample: &Sample, metadata: &Metadata);
    /// A put that was asked for has ended.
    fn ended(&self, ticket: Ticket, outcome: Outcome);
}

/// What a client calls its put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What became of a put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was refused.
    Refused(Reason, String),
}

/// A subscription, to be given back to end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribed {
    pv: PvId,
    id: u64,
}

/// What the engine has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Facts told.
    pub facts: u64,
    /// Puts from clients.
    pub puts: u64,
    /// Values committed.
    pub posts: u64,
    /// Reads answered.
    pub reads: u64,
}

/// The world and everything that hears of it.
pub struct Engine {
    world: World,
    pace: Pace,
    recorder: Option<Recorder>,
    /// Why the recording was lost, if it was.
    lost: Option<String>,
    /// Looked up by what was committed; iterated only within one PV, in the order of subscription.
    listeners: HashMap<PvId, Vec<Entry>>,
    subscriptions: u64,
    waiting: HashMap<PutId, (Rc<dyn Listener>, Ticket)>,
    /// Names asked for and not served, and how often.
    missed: BTreeMap<String, u64>,
    counts: Counts,
    /// Where the twin shows what it does, if the file gave it PVs.
    status: Option<PvId>,
}

struct Entry {
    id: u64,
    subscription: u32,
    mask: Mask,
    listener: Rc<dyn Listener>,
}

/// How many names that are not served are remembered.
const MISSES: usize = 10_000;

impl Shared {
    /// Begins to run a world at this pace, from device time zero.
    #[must_use]
    pub fn new(world: World, mode: Mode) -> Self {
        Self(Rc::new(Inner {
            engine: RefCell::new(Engine {
                world,
                pace: Pace::new(mode, Instant::now()),
                recorder: None,
                lost: None,
                listeners: HashMap::new(),
                subscriptions: 0,
                waiting: HashMap::new(),
                missed: BTreeMap::new(),
                counts: Counts::default(),
                status: None,
            }),
            rescheduled: Notify::new(),
            ended: Notify::new(),
        }))
    }

    /// Records from the beginning of the session. Call it before anybody acts.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn start_recording(
        &self,
        path: &Path,
        header: &Header,
        source: Option<&Source>,
    ) -> io::Result<()> {
        self.0.engine.borrow_mut().recorder = Some(Recorder::create(path, header, source)?);
        Ok(())
    }

    /// Looks at the engine.
    pub fn look<R>(&self, f: impl FnOnce(&Engine) -> R) -> R {
        f(&self.0.engine.borrow())
    }

    /// Lets device time catch up, then acts.
    pub fn act<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        let mut engine = self.0.engine.borrow_mut();
        engine.catch_up();
        let schedule = |engine: &Engine| (engine.world.next_wake(), engine.pace.mode());
        let before = schedule(&engine);
        let answer = f(&mut engine);
        engine.drain();
        if schedule(&engine) != before {
            self.0.rescheduled.notify_one();
        }
        answer
    }

    /// Asks the session to end.
    pub fn end(&self) {
        self.0.ended.notify_one();
    }

    /// Waits until somebody asks the session to end.
    pub async fn ended(&self) {
        self.0.ended.notified().await;
    }

    /// Reaches each wakeup when its time has come, for ever.
    pub async fn run(&self) {
        loop {
            let due = {
                let engine = self.0.engine.borrow();
                engine.world.next_wake().and_then(|at| engine.pace.wall(at))
            };
            let rescheduled = self.0.rescheduled.notified();
            match due {
                Some(due) => tokio::select! {
                    () = tokio::time::sleep_until(due) => self.act(|_| ()),
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
        while self.look(|engine| engine.recorder.is_some()) {
            tokio::time::sleep(PERIOD).await;
            let failure = self.look(|engine| engine.recorder.as_ref().and_then(Recorder::failure));
            if let Some(failure) = failure {
                self.act(|engine| engine.lose(&failure));
            }
        }
    }
}

impl Engine {
    /// The world, to be looked at.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// How fast device time runs.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.pace.mode()
    }

    /// What has been done so far.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Names asked for and not served, and how often.
    #[must_use]
    pub const fn missed(&self) -> &BTreeMap<String, u64> {
        &self.missed
    }

    /// Where the session is recorded, and why it no longer is.
    #[must_use]
    pub fn recording(&self) -> (Option<&Path>, Option<&str>) {
        (
            self.recorder.as_ref().map(Recorder::path),
            self.lost.as_deref(),
        )
    }

    /// How many subscriptions there are.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.listeners.values().map(Vec::len).sum()
    }

    /// Whether those who write should be held back until the disk has caught up.
    #[must_use]
    pub fn congested(&self) -> bool {
        self.recorder.as_ref().is_some_and(Recorder::congested)
    }

    /// Names the PV (an `mbbi` of off, on, lost) that shows whether the session is recorded.
    pub fn show_recording(&mut self, pv: PvId) {
        self.status = Some(pv);
        self.show(if self.recorder.is_some() {
            RECORDING
        } else {
            OFF
        });
    }

    /// Ends the recording, if there is one.
    ///
    /// # Errors
    /// If it could not be written to its end.
    pub fn finish_recording(&mut self) -> Result<(), String> {
        let now = self.world.now();
        self.recorder
            .take()
            .map_or(Ok(()), |recorder| recorder.close(now))
    }

    /// A client comes.
    pub fn open_client(&mut self, client: Client) -> ClientId {
        self.world.open_client(client)
    }

    /// A client goes.
    pub fn close_client(&mut self, client: ClientId) {
        self.world.close_client(client);
    }

    /// The present value.
    pub fn read(&mut self, pv: PvId) -> Sample {
        self.counts.reads += 1;
        self.world.read(pv)
    }

    /// Writes, and lets the listener know what became of it.
    pub fn put(&mut self, request: PutRequest, listener: &Rc<dyn Listener>, ticket: Ticket) {
        self.counts.puts += 1;
        let complete = request.complete;
        let put = self.world.put(request);
        self.waiting.insert(put, (Rc::clone(listener), ticket));
        self.drain();
        if !complete && let Some((listener, ticket)) = self.waiting.remove(&put) {
            listener.ended(ticket, Outcome::Done);
        }
    }

    /// Writes as the twin itself.
    pub fn write(&mut self, pv: PvId, value: Value) {
        self.world.put(PutRequest {
            pv,
            value,
            by: None,
            complete: false,
        });
    }

    /// Tells a listener of all changes of a channel that the mask is for.
    pub fn subscribe(
        &mut self,
        pv: PvId,
        mask: Mask,
        listener: Rc<dyn Listener>,
        subscription: u32,
    ) -> Subscribed {
        self.subscriptions += 1;
        let id = self.subscriptions;
        self.listeners.entry(pv).or_default().push(Entry {
            id,
            subscription,
            mask,
            listener,
        });
        Subscribed { pv, id }
    }

    /// Ends a subscription.
    pub fn unsubscribe(&mut self, subscribed: Subscribed) {
        if let Some(entries) = self.listeners.get_mut(&subscribed.pv) {
            entries.retain(|entry| entry.id != subscribed.id);
            if entries.is_empty() {
                self.listeners.remove(&subscribed.pv);
            }
        }
    }

    /// Forgets what a listener waits for.
    pub fn forget(&mut self, listener: &Rc<dyn Listener>) {
        self.waiting
            .retain(|_, (waiting, _)| !Rc::ptr_eq(waiting, listener));
    }

    /// Somebody asked for a name that is not served. The first time it is a fact of the session.
    pub fn miss(&mut self, name: &str, by: Option<ClientId>) {
        if let Some(count) = self.missed.get_mut(name) {
            *count += 1;
        } else if self.missed.len() < MISSES {
            info!(name, "asked for, not served");
            self.missed.insert(name.to_owned(), 1);
            self.world.note(Note::Miss {
                name: name.to_owned(),
                by,
            });
        }
    }

    /// Writes a remark into the record of the session.
    pub fn mark(&mut self, text: String, by: Option<ClientId>) {
        self.world.note(Note::Marker { text, by });
    }

    /// Lets device time run differently.
    pub fn change_pace(&mut self, mode: Mode) {
        self.pace.change(mode, Instant::now());
        self.world.note(Note::Pace(mode.to_string()));
        info!(pace = %mode, "pace");
    }

    /// Lets device time pass, where the pace is [`Mode::Stepped`].
    pub fn step(&mut self, by: Duration) -> SimTime {
        self.pace.step(by);
        self.catch_up();
        self.world.now()
    }

    fn catch_up(&mut self) {
        self.world.advance_to(self.pace.now(Instant::now()));
        self.drain();
    }

    /// Records what happened, then tells it.
    fn drain(&mut self) {
        let mut told = Vec::new();
        while let Some(event) = self.world.poll_event() {
            if let Some(recorder) = &mut self.recorder {
                recorder.record(&self.world, &event);
            }
            told.push(event);
        }
        if told.is_empty() {
            return;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.hand_over();
        }
        for event in told {
            self.counts.facts = event.n;
            self.tell(event.what);
        }
    }

    fn tell(&mut self, what: What) {
        match what {
            What::Post {
                pv,
                value,
                alarm,
                stamp,
                mask,
                ..
            } => {
                self.counts.posts += 1;
                let Some(entries) = self.listeners.get(&pv) else {
                    return;
                };
                let stamp = stamp.map_or(Timestamp::UNDEFINED, |at| self.world.epoch().stamp(at));
                let sample = Sample {
                    value,
                    alarm,
                    stamp,
                };
                let metadata = self.world.metadata(pv);
                for entry in entries.iter().filter(|entry| entry.mask.intersects(mask)) {
                    entry.listener.post(entry.subscription, &sample, &metadata);
                }
            }
            What::Done(put) => self.end(put, Outcome::Done),
            What::Refused(put, reason, text) => {
                info!(put = put.0, reason = %text, "put refused");
                self.end(put, Outcome::Refused(reason, text));
            }
            What::Closed(_) | What::Note(_) | What::Opened(..) | What::Put { .. } => {}
        }
    }

    fn end(&mut self, put: PutId, outcome: Outcome) {
        if let Some((listener, ticket)) = self.waiting.remove(&put) {
            listener.ended(ticket, outcome);
        }
    }

    /// The recording is over before its time. The beamline runs on.
    fn lose(&mut self, failure: &str) {
        let Some(recorder) = self.recorder.take() else {
            return;
        };
        error!(file = %recorder.path().display(), reason = failure, "RECORDING LOST, the beamline runs on");
        self.lost = Some(failure.to_owned());
        self.show(LOST);
    }

    fn show(&mut self, state: u16) {
        if let Some(pv) = self.status {
            self.write(pv, Value::Enum(state));
        }
    }
}

/// The states of the PV that shows whether the session is recorded.
const OFF: u16 = 0;
const RECORDING: u16 = 1;
const LOST: u16 = 2;
