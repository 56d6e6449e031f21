//! The world, its subscribers, and who waits for which put.
//!
//! The engine belongs to one thread. Circuits, the control channel and the pace task share it through
//! [`Shared`]; each call lets device time catch up, changes the world, records what happened, and only then
//! tells the subscribers.
//!
//! | file | holds |
//! | --- | --- |
//! | `shared` | the handle, the pace task |
//! | `hub` | subscriptions |
//! | `lines` | which line of a script asked for what |
//! | `shown` | the PVs in which the twin tells of itself |
//! | `figures` | the PVs in which it tells what goes on over the network |

mod figures;
mod hub;
mod lines;
mod shared;
mod shown;

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant as RealInstant};

use beamtwin_pv::{Numbered, Sample, SimTime, Timestamp, Value};
use beamtwin_sim::fault::BUG;
use beamtwin_sim::{
    Acknowledge, Client, ClientId, Event, Mask, Note, PutId, PutRequest, PvId, SnapshotError,
    UnknownFault, What, World,
};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{error, info, warn};

use self::figures::Figures;
use self::hub::Hub;
pub use self::hub::{Described, Listener, Outcome, Subscribed, Ticket, Update};
pub use self::shared::Shared;
use self::shown::{Recording, Shown};
use crate::census::Census;
use crate::lines::Lines;
use crate::pace::{Mode, Pace};
use crate::recorder::Recorder;

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
    /// Names asked for and not served.
    pub misses: u64,
}

/// The world and everything that hears of it.
pub struct Engine {
    world: World,
    pace: Pace,
    /// Device time has not come to where the pace says it should be: there is more to do than time.
    behind: bool,
    recorder: Option<Recorder>,
    /// Why the recording was lost, if it was.
    lost: Option<String>,
    hub: Hub,
    /// Kept for the next time.
    told: Vec<Event>,
    /// Looked up, never iterated but to forget.
    waiting: Numbered<PutId, (Rc<dyn Listener>, Ticket)>,
    /// Names asked for and not served, and how often.
    missed: BTreeMap<String, u64>,
    counts: Counts,
    census: Rc<Census>,
    shown: Shown,
    figures: Figures,
    /// Which line of a script asks for what, where that is told.
    lines: Option<Lines>,
    /// Who is here, and how many puts they made.
    clients: BTreeMap<ClientId, (Client, u64)>,
    /// When the session began, by the clock on the wall.
    began: Instant,
    /// Changes with what goes wrong on purpose.
    faulted: watch::Sender<()>,
    /// Who shows that to a client.
    circuits: BTreeMap<u64, Weak<dyn Listener>>,
    /// How many there were.
    attended: u64,
}

/// How many names that are not served are remembered.
const MISSES: usize = 10_000;
/// The longest name that is remembered: EPICS base knows no longer ones than 60, and fields, and filters.
const LONGEST: usize = 256;
/// How long device time may be caught up with before others have their turn.
const TURN: Duration = Duration::from_millis(10);

impl Engine {
    fn new(world: World, mode: Mode, census: Rc<Census>) -> Self {
        Self {
            pace: Pace::new(mode, Instant::now(), world.now()),
            world,
            behind: false,
            recorder: None,
            lost: None,
            hub: Hub::default(),
            told: Vec::new(),
            waiting: Numbered::default(),
            missed: BTreeMap::new(),
            counts: Counts::default(),
            census,
            shown: Shown::default(),
            figures: Figures::default(),
            lines: None,
            clients: BTreeMap::new(),
            began: Instant::now(),
            faulted: watch::Sender::new(()),
            circuits: BTreeMap::new(),
            attended: 0,
        }
    }

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

    /// What goes on over the network.
    #[must_use]
    pub fn census(&self) -> &Census {
        &self.census
    }

    /// How long the session has lasted by the clock on the wall.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.began.elapsed()
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

    /// Whether the session is being recorded.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// How many subscriptions there are.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.hub.len()
    }

    /// How many puts somebody waits for.
    #[must_use]
    pub fn awaited(&self) -> usize {
        self.waiting.len()
    }

    /// Whether device time lags behind what the pace says, since there is more to do than time to do it.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.behind
    }

    /// Whether those who write should be held back until the disk has caught up.
    #[must_use]
    pub fn congested(&self) -> bool {
        self.recorder.as_ref().is_some_and(Recorder::congested)
    }

    /// Shows from now on what the twin does: in `recording` (an `mbbi` of off, on, lost), `pace` and `speed`
    /// below a prefix, and what goes on over the network, where there are such records.
    pub fn show_below(&mut self, prefix: &str) {
        self.shown = Shown::below(prefix, &self.world);
        self.figures = Figures::below(prefix, &self.world);
        self.show_itself();
    }

    fn show_itself(&mut self) {
        let recording = match (&self.recorder, &self.lost) {
            (Some(_), _) => Recording::On,
            (None, Some(_)) => Recording::Lost,
            (None, None) => Recording::Off,
        };
        self.show(self.shown.recording(recording));
        self.show(self.shown.pace(self.pace.mode()));
    }

    /// Ends the recording, if there was to be one.
    ///
    /// # Errors
    /// If it could not be written to its end, or was lost before.
    pub fn finish_recording(&mut self) -> Result<(), String> {
        let now = self.world.now();
        match (self.recorder.take(), self.lost.take()) {
            (Some(recorder), _) => recorder.close(now),
            (None, Some(lost)) => Err(lost),
            (None, None) => Ok(()),
        }
    }

    /// A client comes.
    pub fn open_client(&mut self, client: Client) -> ClientId {
        let id = self.world.open_client(client.clone());
        self.clients.insert(id, (client, 0));
        id
    }

    /// A client goes.
    pub fn close_client(&mut self, client: ClientId) {
        self.clients.remove(&client);
        if let Some(lines) = &mut self.lines {
            lines.close(client);
        }
        self.world.close_client(client);
    }

    /// Who is here, in the order of their coming, and how many puts they made.
    pub fn clients(&self) -> impl Iterator<Item = (&Client, u64)> {
        self.clients.values().map(|(who, puts)| (who, *puts))
    }

    fn count_put(&mut self, by: Option<ClientId>) {
        self.counts.puts += 1;
        let client = by.and_then(|client| self.clients.get_mut(&client));
        if let Some((_, puts)) = client {
            *puts += 1;
        }
    }

    /// The present value.
    pub fn read(&mut self, pv: PvId) -> Sample {
        self.counts.reads += 1;
        self.figure(pv).unwrap_or_else(|| self.world.read(pv))
    }

    /// Writes, and lets the listener know what became of it; gives what [`Self::cancel`] takes.
    pub fn put(
        &mut self,
        request: PutRequest,
        listener: &Rc<dyn Listener>,
        ticket: Ticket,
    ) -> PutId {
        self.count_put(request.by);
        self.line_of_put(request.pv, request.by);
        let complete = request.complete;
        let put = self.world.put(request);
        self.await_end(put, complete, listener, ticket)
    }

    /// Acknowledges the alarm of a record, and lets the listener know what became of that, as of a put.
    pub fn acknowledge(
        &mut self,
        pv: PvId,
        what: Acknowledge,
        (by, complete): (ClientId, bool),
        listener: &Rc<dyn Listener>,
        ticket: Ticket,
    ) -> PutId {
        self.count_put(Some(by));
        self.line_of_put(pv, Some(by));
        let put = self.world.acknowledge(pv, what, Some(by), complete);
        self.await_end(put, complete, listener, ticket)
    }

    /// Nobody waits any longer for a put.
    pub fn cancel(&mut self, put: PutId) {
        if self.waiting.remove(&put).is_some() {
            self.world.cancel(put);
        }
    }

    fn await_end(
        &mut self,
        put: PutId,
        complete: bool,
        listener: &Rc<dyn Listener>,
        ticket: Ticket,
    ) -> PutId {
        self.waiting.insert(put, (Rc::clone(listener), ticket));
        self.drain();
        if !complete && let Some((listener, ticket)) = self.waiting.remove(&put) {
            listener.ended(ticket, Outcome::Done);
        }
        put
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
        self.figures.subscribed(pv);
        self.hub.subscribe(pv, mask, listener, subscription)
    }

    /// Ends a subscription.
    pub fn unsubscribe(&mut self, subscribed: Subscribed) {
        self.hub.unsubscribe(subscribed);
    }

    /// Forgets what a listener waits for.
    pub fn forget(&mut self, listener: &Rc<dyn Listener>) {
        self.waiting
            .retain(|_, (waiting, _)| !Rc::ptr_eq(waiting, listener));
    }

    /// Somebody asked for a name that is not served. The first time it is a fact of the session.
    pub fn miss(&mut self, name: &str, by: Option<ClientId>) {
        self.counts.misses += 1;
        if name.len() > LONGEST {
            return;
        }
        if let Some(count) = self.missed.get_mut(name) {
            *count += 1;
        } else if self.missed.len() < MISSES {
            info!(name, "asked for, not served");
            self.missed.insert(name.to_owned(), 1);
            self.line_of_miss(name);
            self.world.note(Note::Miss {
                name: name.to_owned(),
                by,
            });
        }
    }

    /// Makes something go wrong on purpose with a device, or ends it.
    ///
    /// # Errors
    /// If there is no such device, or it has no such fault.
    pub fn fault(
        &mut self,
        device: &str,
        words: &str,
        by: Option<ClientId>,
    ) -> Result<(), UnknownFault> {
        self.world.fault(device, words, by)
    }

    /// Takes a snapshot of the twin, to go back to.
    ///
    /// # Errors
    /// If it has no name, or there are too many.
    pub fn snapshot(&mut self, name: &str, by: Option<ClientId>) -> Result<(), SnapshotError> {
        self.world.snapshot(name, by)
    }

    /// Goes back to a snapshot. Circuits, recording, pace and device time go on as they are.
    ///
    /// # Errors
    /// If there is no such snapshot.
    pub fn restore(&mut self, name: &str, by: Option<ClientId>) -> Result<(), SnapshotError> {
        self.world.restore(name, by)?;
        self.show_itself();
        Ok(())
    }

    /// Tells a circuit when something else goes wrong on purpose than before, until [`Self::neglect`] is called
    /// with the number that this gives.
    pub fn attend(&mut self, circuit: &Rc<dyn Listener>) -> u64 {
        self.attended += 1;
        self.circuits.insert(self.attended, Rc::downgrade(circuit));
        self.attended
    }

    /// Tells a circuit no more. What is left of it holds memory until then.
    pub fn neglect(&mut self, attended: u64) {
        self.circuits.remove(&attended);
    }

    /// Hears when something else goes wrong on purpose than before.
    pub fn faulted(&self) -> watch::Receiver<()> {
        self.faulted.subscribe()
    }

    /// Writes a remark into the record of the session.
    pub fn mark(&mut self, text: String, by: Option<ClientId>) {
        self.world.note(Note::Marker { text, by });
    }

    /// Lets device time run differently, from where it is.
    pub fn change_pace(&mut self, mode: Mode) {
        self.pace.change(mode, Instant::now(), self.world.now());
        self.behind = false;
        self.world.note(Note::Pace(mode.to_string()));
        self.show(self.shown.pace(mode));
        info!(pace = %mode, "pace");
    }

    /// Lets device time pass, where the pace is [`Mode::Stepped`]; begins to, if that takes long.
    fn step(&mut self, by: Duration) {
        self.pace.step(by);
        self.catch_up();
    }

    /// Where the pace is [`Mode::Jump`]: goes to a later device time; begins to, if that takes long.
    pub(crate) fn jump(&mut self, to: SimTime) {
        self.pace.step(to.since(self.world.now()));
        self.catch_up();
    }

    /// Where the pace is [`Mode::Jump`]: lets time pass by the clock from now on, or stand still.
    pub(crate) fn flow(&mut self, flows: bool) {
        self.pace.flow(flows, Instant::now(), self.world.now());
    }

    /// When the next wakeup comes, and how fast time runs until then.
    fn schedule(&self) -> (Option<SimTime>, Mode, bool) {
        (self.world.next_wake(), self.pace.mode(), self.pace.flows())
    }

    /// The wall time of the next wakeup.
    fn due(&self) -> Option<Instant> {
        self.world.next_wake().and_then(|at| self.pace.wall(at))
    }

    /// Lets device time come to where the pace says it should be, or as near as one turn allows.
    ///
    /// What happens at one moment is recorded before the next one begins. So the dictionary of a trace
    /// describes its channels as they were at their first appearance, however late we are.
    fn catch_up(&mut self) {
        self.drain();
        let until = self.pace.now(Instant::now());
        let mut began = None;
        while let Some(at) = self.world.next_wake().filter(|&at| at <= until) {
            let began = *began.get_or_insert_with(RealInstant::now);
            self.behind = began.elapsed() > TURN;
            if self.behind {
                return;
            }
            self.world.advance_to(at);
            self.drain();
        }
        self.behind = false;
        self.world.advance_to(until);
    }

    /// Records what happened, then tells it.
    fn drain(&mut self) {
        let mut told = std::mem::take(&mut self.told);
        while let Some(event) = self.world.poll_event() {
            if let Some(recorder) = &mut self.recorder {
                recorder.record(&self.world, &event);
            }
            told.push(event);
        }
        if let Some(recorder) = self.recorder.as_mut().filter(|_| !told.is_empty()) {
            recorder.hand_over();
        }
        for event in told.drain(..) {
            self.counts.facts = event.n;
            self.tell(event.t, event.what);
        }
        self.told = told;
    }

    fn tell(&mut self, at: SimTime, what: What) {
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
                let world = &self.world;
                let described = Described::of(world, pv);
                self.hub.post(pv, mask, &described, || {
                    let stamp = stamp.map_or(Timestamp::UNDEFINED, |at| world.epoch().stamp(at));
                    let sample = Sample {
                        value,
                        alarm,
                        stamp,
                    };
                    (sample, world.epoch().stamp(at))
                });
            }
            What::Again(record, mask) => {
                let world = &self.world;
                for field in world.directory().kind(record).places() {
                    let pv = PvId { record, field };
                    let described = Described::of(world, pv);
                    self.hub.post(pv, mask, &described, || {
                        (world.read(pv), world.epoch().stamp(at))
                    });
                }
            }
            What::Shown(pv, mask) => {
                let world = &self.world;
                let described = Described::of(world, pv);
                self.hub.post(pv, mask, &described, || {
                    (world.read(pv), world.epoch().stamp(at))
                });
            }
            What::Done(put) => self.end(put, Outcome::Done),
            What::Faulted => {
                self.faulted.send_replace(());
                for circuit in self.circuits.values().filter_map(Weak::upgrade) {
                    circuit.faulted();
                }
            }
            What::Refused(put, reason, text) => {
                info!(put = put.0, reason = %text, "put refused");
                self.end(put, Outcome::Refused(reason, text));
            }
            What::Note(Note::Fault { device, text, .. }) if text.starts_with(BUG) => {
                error!(device, "{text}; it is left out, the beamline runs on");
            }
            What::Note(Note::Broken {
                rule, text, since, ..
            }) => {
                warn!(rule, since = since.as_secs_f64(), "rule broken: {text}");
            }
            What::Cancelled(_)
            | What::Closed(_)
            | What::Note(_)
            | What::Opened(..)
            | What::Put { .. } => {}
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
        recorder.give_up(failure);
        self.lost = Some(failure.to_owned());
        self.show(self.shown.recording(Recording::Lost));
    }

    /// Writes what the twin shows, where it is not shown already.
    fn show(&mut self, shown: impl Iterator<Item = (PvId, Value)>) {
        for (pv, value) in shown {
            if !self.world.read(pv).value.same(&value) {
                self.write(pv, value);
            }
        }
    }
}
