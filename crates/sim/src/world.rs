//! All devices, all values, the agenda, and the one commit point.

mod acknowledge;
mod bugs;
mod build;
mod core;
mod faults;
mod snapshot;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use beamtwin_pv::{
    Alarm, AlarmStatus, Array, Epoch, Metadata, Sample, Severity, SimTime, Timestamp, Value,
    ValueKind, convert,
};

pub use self::acknowledge::Acknowledge;
pub use self::build::{BuildError, WorldBuilder};
pub(crate) use self::core::{Core, Pending};
pub use self::snapshot::{Kept, SnapshotError};

use crate::access::{self, Access};
use crate::cx::Cx;
use crate::device::{Device, Order, Put, Reason, Refusal};
use crate::directory::{Directory, Target};
use crate::event::{Client, ClientId, Event, Mask, Note, PutId, What};
use crate::fault::Fault;
use crate::notify::Waiting;
use crate::onlooker::{Looking, Onlooker};
use crate::record::{Field, FieldIx, Meaning, Role, common};
use crate::surface::{LocalRecord, Part};
use crate::word::Says;

/// A record's number in the world, in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordIx(pub u32);

/// A device's number in the world, in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceIx(pub u32);

/// A field of a record: what a channel connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PvId {
    /// Which record.
    pub record: RecordIx,
    /// Which of its fields.
    pub field: FieldIx,
}

/// What a client wants written.
#[derive(Clone, Debug, PartialEq)]
pub struct PutRequest {
    /// Where.
    pub pv: PvId,
    /// What, in whatever type the client wrote.
    pub value: Value,
    /// Who; `None` for the twin itself.
    pub by: Option<ClientId>,
    /// Whether the client waits for completion.
    pub complete: bool,
}

/// What there is to know about a channel beside its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The name by which traces and listings know it.
    pub name: String,
    /// The device it belongs to, such as `motor.sample.X`.
    pub device: String,
    /// Its native type.
    pub kind: ValueKind,
    /// The most elements it can have.
    pub count: u32,
    /// What it means in a comparison.
    pub meaning: Meaning,
    /// How far two values may lie apart and still be called the same.
    pub tolerance: Option<f64>,
    /// Units, precision, limits, labels.
    pub metadata: Metadata,
}

/// A beamline under way.
///
/// Feed it with [`put`](Self::put), [`advance_to`](Self::advance_to), [`open_client`](Self::open_client),
/// [`close_client`](Self::close_client) and [`note`](Self::note); after each, drain
/// [`poll_event`](Self::poll_event) until it is empty. [`next_wake`](Self::next_wake) says when to advance
/// next. The events are a pure function of the file, the seed, the epoch, and the inputs in their order.
pub struct World {
    pub(crate) core: Core,
    /// Shared with the snapshots until they are called.
    pub(crate) devices: Vec<Option<Arc<dyn Device>>>,
}

impl World {
    /// The title from the file.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.core.title
    }

    /// The seed of all randomness.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.core.seed
    }

    /// The date of device time zero.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.core.epoch
    }

    /// Gives device time zero another date: that of the moment when all is loaded, say.
    pub const fn set_epoch(&mut self, epoch: Epoch) {
        self.core.epoch = epoch;
    }

    /// The present device time. It never goes back, whatever the world does.
    #[must_use]
    pub fn now(&self) -> SimTime {
        self.core.outer(self.core.now)
    }

    /// When something happens next, if nobody does anything.
    #[must_use]
    pub fn next_wake(&self) -> Option<SimTime> {
        let looking = self.core.looking.as_ref();
        let later = self.core.now + Duration::from_nanos(1);
        let said = looking.and_then(|it| it.who.next()).map(|at| at.max(later));
        let next = self.core.agenda.next().into_iter().chain(said).min();
        next.map(|at| self.core.outer(at))
    }

    /// From now on somebody looks on, and is told of these channels. What their values are now is for them to
    /// [`read`](Self::read). There is one onlooker; another takes the place of the one before.
    pub fn look_on(&mut self, onlooker: Box<dyn Onlooker>, pvs: Vec<PvId>) {
        let pvs = pvs.into_iter().enumerate();
        self.core.looking = Some(Looking {
            who: onlooker,
            pvs: pvs.map(|(place, pv)| (pv, place)).collect(),
        });
    }

    /// The names that can be asked for.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.core.directory
    }

    /// The names of the devices, in the order of the file.
    #[must_use]
    pub fn devices(&self) -> &[String] {
        &self.core.device_names
    }

    /// The records, in the order of the file.
    pub fn records(&self) -> impl Iterator<Item = RecordIx> + use<> {
        (0..u32::try_from(self.core.directory.len()).unwrap_or(u32::MAX)).map(RecordIx)
    }

    /// What a client's name leads to.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Target> {
        self.core.directory.find(name)
    }

    /// The table row behind a channel.
    #[must_use]
    pub fn field(&self, pv: PvId) -> &'static Field {
        self.core.directory.kind(pv.record).field(pv.field)
    }

    /// The bytes that a text channel can hold, its terminator included.
    #[must_use]
    pub fn text_size(&self, pv: PvId) -> u32 {
        common::text_size(self.field(pv).name)
    }

    /// Whether writing to a channel changes what there is to say about others of its record.
    fn is_property(&self, pv: PvId) -> bool {
        let kind = self.core.directory.kind(pv.record);
        kind.properties.contains(&kind.field(pv.field).name)
    }

    /// The most elements a channel can have.
    #[must_use]
    pub fn count(&self, pv: PvId) -> u32 {
        self.core.count(pv)
    }

    /// The present value, with alarm and time stamp.
    #[must_use]
    pub fn read(&self, pv: PvId) -> Sample {
        let record = self.core.record(pv.record);
        Sample {
            value: self.core.value(pv),
            alarm: record.shown_alarm(),
            stamp: record
                .stamp
                .map_or(Timestamp::UNDEFINED, |at| self.core.epoch.stamp(at)),
        }
    }

    /// Units, precision, limits and labels; the type of the record, and what of its alarms is to be acknowledged.
    #[must_use]
    pub fn metadata(&self, pv: PvId) -> Metadata {
        let view = self.core.view(pv.record);
        let (transient, unacknowledged) = self.unacknowledged(pv);
        Metadata {
            class: view.kind().name,
            transient,
            unacknowledged,
            ..(view.kind().describe)(&view, self.field(pv))
        }
    }

    /// What can be done with a channel by whoever may do everything.
    #[must_use]
    pub fn access(&self, pv: PvId) -> Access {
        let write = self.is_writable(pv) && !self.is_protected(pv);
        Access { read: true, write }
    }

    /// What a client may do with a channel, as the rules have it; one that never came is in this process.
    #[must_use]
    pub fn allowed(&self, pv: PvId, client: ClientId) -> Access {
        let Some(who) = self.core.who.get(&client) else {
            return Access::WRITE;
        };
        let record = self.core.directory.name(pv.record);
        let rules = &self.core.rules;
        rules.access(who, record, self.field(pv).name)
    }

    fn is_writable(&self, pv: PvId) -> bool {
        matches!(self.core.role(pv), Role::Command | Role::Setting)
    }

    /// The name by which traces and listings know a channel: without `.VAL` where the record is plain.
    #[must_use]
    pub fn name(&self, pv: PvId) -> String {
        let record = self.core.directory.name(pv.record);
        let kind = self.core.directory.kind(pv.record);
        match kind.field(pv.field).name {
            "VAL" if !kind.spelled => record.to_owned(),
            field => format!("{record}.{field}"),
        }
    }

    /// All there is to know about a channel beside its value.
    #[must_use]
    pub fn describe(&self, pv: PvId) -> Description {
        let field = self.field(pv);
        let record = self.core.record(pv.record);
        let is_val = field.name == "VAL";
        let meaning = if is_val { record.meaning } else { None }
            .or(field.meaning)
            .unwrap_or(match self.core.role(pv) {
                Role::Command | Role::Setting => Meaning::Request,
                Role::Readback => Meaning::Readback,
                Role::Constant => Meaning::State,
            });
        let positional = is_val || matches!(meaning, Meaning::Curve);
        Description {
            name: self.name(pv),
            device: self.core.device_names[record.device.0 as usize].clone(),
            kind: field.kind,
            count: self.count(pv),
            meaning,
            tolerance: if positional { record.tolerance } else { None },
            metadata: self.metadata(pv),
        }
    }

    /// Whether there is anything that a pattern of a rule means.
    #[must_use]
    pub fn is_meant(&self, pattern: &str) -> bool {
        let directory = &self.core.directory;
        self.records().any(|record| {
            let fields = directory.kind(record).fields.iter();
            let fields = fields.map(|field| field.name);
            access::means(pattern, directory.name(record), fields)
        })
    }

    /// What rules may say of a device, by its name; `None` if there is no such device.
    #[must_use]
    pub fn words(&self, device: &str) -> Option<Vec<(&'static str, PvId, Says)>> {
        let ix = self.device(device)?;
        let words = self.devices[ix.0 as usize].as_ref().map(|it| it.words());
        let words = words.into_iter().flatten().map(|word| {
            let pv = self.core.pv(ix, word.record, word.field);
            (word.name, pv, word.says)
        });
        Some(words.collect())
    }

    /// A field of the first record of a device.
    #[must_use]
    pub fn main_field(&self, device: &str, field: &str) -> Option<PvId> {
        let ix = self.device(device)?.0 as usize;
        let (record, end) = (self.core.bases[ix], self.core.bases[ix + 1]);
        let record = (record < end).then_some(RecordIx(record))?;
        let field = self.core.directory.kind(record).find(field)?;
        Some(PvId { record, field })
    }

    fn device(&self, name: &str) -> Option<DeviceIx> {
        let at = self.core.device_names.iter().position(|it| it == name)?;
        u32::try_from(at).ok().map(DeviceIx)
    }

    /// A client comes.
    pub fn open_client(&mut self, client: Client) -> ClientId {
        self.core.clients += 1;
        let id = ClientId(self.core.clients);
        self.core.who.insert(id, client.clone().into());
        self.core.tell(What::Opened(id, client));
        id
    }

    /// A client goes. What it waited for and had not yet begun is dropped; what moves, moves on.
    pub fn close_client(&mut self, client: ClientId) {
        let (gone, active) = self.core.notify.forget(client);
        for put in gone {
            self.core.drop_waiting(put, "the client went away");
        }
        for (record, put) in active {
            self.core.release(record, put);
        }
        self.core.who.remove(&client);
        self.core.tell(What::Closed(client));
        self.settle();
    }

    /// A client waits for a put no longer, as `dbNotifyCancel` of EPICS base has it: one that waits its turn is dropped;
    /// one that has begun goes on, and does not keep the next one waiting.
    pub fn cancel(&mut self, put: PutId) {
        let Some(record) = self.core.open.get(&put).map(|open| open.record) else {
            return;
        };
        self.core.say(What::Cancelled(put));
        if self.core.notify.cancel(record, put) {
            self.core.drop_waiting(put, "its channel was cleared");
        } else {
            self.core.release(record, put);
        }
        self.settle();
    }

    /// Writes a fact that is not about a value into the record of the session.
    pub fn note(&mut self, note: Note) {
        self.core.note(note);
    }

    /// A client writes. What becomes of it is among the events: [`What::Put`] first, then what it caused,
    /// and [`What::Done`] or [`What::Refused`] if there is more to say.
    pub fn put(&mut self, request: PutRequest) -> PutId {
        let PutRequest {
            pv,
            value,
            by,
            complete,
        } = request;
        let busy = complete && self.core.notify.is_busy(pv.record);
        let accepted = self.permit(pv, by).and_then(|()| {
            if !busy {
                self.enabled(pv)?;
            }
            self.convert(pv, &value)
        });
        let nothing = self.is_nothing(pv, &value);
        if accepted.is_ok() && nothing && !self.metadata(pv).as_array {
            // As `dbPut`, which takes the value of an `mbbo` for an array: the record hears of it when it processes next.
            self.core.record_mut(pv.record).pending =
                Alarm::new(Severity::Invalid, AlarmStatus::Link);
        }
        // That nothing was written has an effect of its own, so that is what is told, not the value that stays.
        let recorded = match &accepted {
            Ok(taken) if !nothing => taken.clone(),
            _ => value,
        };
        let put = PutId(self.core.say(What::Put {
            pv,
            value: recorded,
            by,
            complete,
        }));
        match accepted {
            Err(refusal) => {
                let record = self.core.record(pv.record);
                let (device, local) = (record.device, LocalRecord(record.local));
                let theirs = !self.core.faults.takes(device, pv.record);
                let mut answer = Put::Done;
                if refusal.reason == Reason::Conversion && theirs {
                    let complete = complete.then_some(put);
                    let unfit = self.call(device, Some(put), |device, cx| {
                        device.unfit(local, pv.field, complete, cx)
                    });
                    answer = unfit.unwrap_or(answer);
                }
                if answer == Put::Done {
                    self.core.refuse(put, refusal);
                }
                self.settle();
            }
            Ok(value) => {
                self.core.open.insert(
                    put,
                    core::Open {
                        record: pv.record,
                        complete,
                        started: false,
                        answered: false,
                    },
                );
                if !complete
                    || self.core.notify.begin(Waiting {
                        put,
                        pv,
                        value: value.clone(),
                        by,
                    })
                {
                    self.carry_out(put, pv, value, by, complete);
                    self.settle();
                }
            }
        }
        put
    }

    /// Lets device time pass, up to and including `now`.
    pub fn advance_to(&mut self, now: SimTime) {
        let now = self.core.inner(now);
        loop {
            let next = self.core.agenda.next().filter(|&at| at <= now);
            self.leave(next.unwrap_or(now));
            let Some((at, wakeup)) = self.core.agenda.pop(now) else {
                break;
            };
            self.core.now = at.max(self.core.now);
            if wakeup.timer == faults::OVER {
                self.break_down(wakeup.device, None, None, None);
            } else {
                self.call(wakeup.device, wakeup.cause, |device, cx| {
                    device.wake(wakeup.timer, cx);
                });
            }
            self.settle();
        }
        self.core.now = now.max(self.core.now);
    }

    /// The present moment is over, and so is every other until then at which an onlooker has something to say.
    fn leave(&mut self, until: SimTime) {
        while self.core.now < until
            && let Some(looking) = &mut self.core.looking
        {
            let notes = looking.who.leave(self.core.now);
            let next = looking.who.next();
            self.core.note_seen(notes);
            match next.filter(|&next| self.core.now < next && next < until) {
                Some(next) => self.core.now = next,
                None => return,
            }
        }
    }

    /// Takes the next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.core.events.pop_front()
    }

    /// How many puts with completion wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.core.notify.waiting()
    }

    /// How many puts have started and not finished.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.core.open.len()
    }

    /// Starts all devices, then lets go wrong what is to go wrong from the start.
    pub(crate) fn start(&mut self, faults: Vec<(DeviceIx, Fault)>) {
        for device in 0..self.devices.len() {
            let device = DeviceIx(u32::try_from(device).expect("few devices"));
            self.call(device, None, |device, cx| device.start(cx));
            self.settle();
        }
        for (device, fault) in faults {
            self.break_down(device, Some(fault), None, None);
            self.settle();
        }
    }

    /// Whether a client may write at all.
    fn permit(&self, pv: PvId, by: Option<ClientId>) -> Result<(), Refusal> {
        if pv.field == common::RTYP {
            let name = self.name(pv);
            return Err(Refusal::rejected(format!("{name} does not change")));
        }
        let protected = by.is_some() && self.is_protected(pv);
        if protected || !self.is_writable(pv) {
            let text = format!("{} is read-only", self.name(pv));
            return Err(Refusal {
                reason: Reason::NoWriteAccess,
                text,
            });
        }
        if by.is_some_and(|client| !self.allowed(pv, client).write) {
            return Err(Refusal {
                reason: Reason::NoWriteAccess,
                text: format!("[access] does not allow to write {}", self.name(pv)),
            });
        }
        Ok(())
    }

    /// Whether a record takes puts now; one with completion is asked when its turn comes.
    fn enabled(&self, pv: PvId) -> Result<(), Refusal> {
        let device = self.core.record(pv.record).device;
        if self.core.faults.lost.contains(&device) {
            let name = &self.core.device_names[device.0 as usize];
            return Err(Refusal::rejected(bugs::lost(name)));
        }
        let disp = PvId {
            field: common::DISP,
            ..pv
        };
        if pv.field == common::DISP || self.core.value(disp).as_f64() == Some(0.0) {
            return Ok(());
        }
        let name = self.core.directory.name(pv.record);
        Err(Refusal {
            reason: Reason::Disabled,
            text: format!("puts to {name} are disabled (DISP)"),
        })
    }

    /// Whether no elements at all were written to a field that has one.
    fn is_nothing(&self, pv: PvId, value: &Value) -> bool {
        matches!(value, Value::Array(array) if array.is_empty()) && !self.field(pv).array
    }

    /// The value as the field would hold it, or why it cannot.
    fn convert(&self, pv: PvId, value: &Value) -> Result<Value, Refusal> {
        let field = self.field(pv);
        // To gather all there is to know costs more than all the rest, and only text and labels ask for it.
        let is_text = |kind| kind == ValueKind::String;
        let metadata = if is_text(value.kind()) != is_text(field.kind) {
            self.metadata(pv)
        } else {
            Metadata {
                integer: field.integer,
                ..Metadata::default()
            }
        };
        let conversion = |error: convert::Conversion| Refusal {
            reason: Reason::Conversion,
            text: error.to_string(),
        };
        if field.array {
            let limit = self.core.count(pv) as usize;
            let array = match value {
                Value::Array(array) if array.len() <= limit => array.clone(),
                Value::Array(array) => Array::collect(array.kind(), array.iter().take(limit))
                    .expect("elements of one kind"),
                scalar => Array::collect(scalar.kind(), [scalar.clone()]).expect("one scalar"),
            };
            return convert::put(&Value::Array(array), field.kind, &metadata).map_err(conversion);
        }
        if self.is_nothing(pv, value) {
            return Ok(self.core.value(pv));
        }
        // A scalar field takes the first element.
        let scalar = match value {
            Value::Array(array) => array.element(0).unwrap_or_else(|| array.kind().zero()),
            scalar => scalar.clone(),
        };
        if let (Value::String(text), ValueKind::String) = (&scalar, field.kind) {
            let room = common::text_size(field.name) as usize - 1;
            return Ok(Value::String(text.truncated(room)));
        }
        if matches!(value, Value::Array(_))
            && let Some(array) = Array::collect(scalar.kind(), [scalar.clone()])
        {
            // The database takes the first of many in the way that it takes arrays.
            let metadata = Metadata {
                as_array: metadata.states > 0,
                ..metadata
            };
            let put = convert::put(&Value::Array(array), field.kind, &metadata);
            let first = put.map_err(conversion)?;
            return Ok(match first {
                Value::Array(first) => first.element(0).unwrap_or(scalar),
                first => first,
            });
        }
        convert::put(&scalar, field.kind, &metadata).map_err(conversion)
    }

    fn carry_out(
        &mut self,
        put: PutId,
        pv: PvId,
        value: Value,
        by: Option<ClientId>,
        complete: bool,
    ) {
        let record = self.core.record(pv.record);
        let (device, local) = (record.device, record.local);
        if self.core.role(pv) == Role::Setting {
            // As dbPut: an unchanged VAL is not posted, any other field is; only VAL processes its record.
            let is_val = self.field(pv).name == "VAL";
            let changed = !self.core.value(pv).same(&value) || matches!(value, Value::Array(_));
            if is_val {
                let now = self.now();
                self.core.record_mut(pv.record).stamp = Some(now);
            }
            if changed || !is_val {
                self.core.commit(pv, value.clone(), Mask::CHANGE, Some(put));
            }
            if self.is_property(pv) {
                self.core.tell(What::Again(pv.record, Mask::PROPERTY));
            }
        }
        if let Some(open) = self.core.open.get_mut(&put) {
            open.started = true;
        }
        let answer = if self.core.faults.takes(device, pv.record) {
            Some(self.order_fault(device, pv, &value, put))
        } else {
            let order = Order {
                put,
                record: LocalRecord(local),
                field: pv.field,
                value,
                by,
                complete,
            };
            self.call(device, Some(put), |device, cx| device.put(order, cx))
        };
        let Some(answer) = answer else { return };
        if answer.is_ok() && self.core.role(pv) != Role::Setting && self.is_property(pv) {
            self.core.tell(What::Again(pv.record, Mask::PROPERTY));
        }
        match answer {
            Ok(Put::Started) => {
                if let Some(open) = self.core.open.get_mut(&put) {
                    open.complete = true;
                }
            }
            Ok(Put::Done) => self.core.finish(put),
            Err(refusal) => self.core.refuse(put, refusal),
        }
    }

    /// Calls a device; nothing comes back of one that panics, which is lost.
    fn call<R>(
        &mut self,
        device: DeviceIx,
        cause: Option<PutId>,
        f: impl FnOnce(&mut dyn Device, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        let mut taken = self.devices[device.0 as usize]
            .take()
            .expect("a device is never called from itself");
        let own = own(&mut taken);
        let mut cx = Cx {
            core: &mut self.core,
            others: &self.devices,
            device,
            cause,
            part: Part::default(),
        };
        // What a device can leave half done is its own state, which goes with it: the core commits whole values.
        match catch_unwind(AssertUnwindSafe(|| f(own, &mut cx))) {
            Ok(answer) => {
                self.devices[device.0 as usize] = Some(taken);
                Some(answer)
            }
            Err(panic) => {
                self.lose(device, cause, &*panic);
                None
            }
        }
    }

    /// Carries out what calls have left to do, until nothing is left.
    fn settle(&mut self) {
        while let Some(pending) = self.core.pending.pop_front() {
            match pending {
                Pending::Changed {
                    device,
                    input,
                    cause,
                } => {
                    self.call(device, cause, |device, cx| device.changed(input, cx));
                }
                Pending::Light { device, cause } => {
                    self.call(device, cause, |device, cx| device.light(cx));
                }
                Pending::Turn(claim) => {
                    // It may have been given back meanwhile.
                    if self.core.shares.holds(claim.device, claim.share) {
                        self.call(claim.device, claim.cause, |device, cx| {
                            device.turn(claim.share, cx);
                        });
                    }
                }
                Pending::Put(Waiting { put, pv, value, by }) => match self.enabled(pv) {
                    Ok(()) => self.carry_out(put, pv, value, by, true),
                    Err(refusal) => self.core.refuse(put, refusal),
                },
            }
        }
    }
}

/// The device, alone: a copy of it if a snapshot has it as well.
fn own(device: &mut Arc<dyn Device>) -> &mut dyn Device {
    if Arc::get_mut(device).is_none() {
        *device = device.fork();
    }
    Arc::get_mut(device).expect("nobody else has it")
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("title", &self.core.title)
            .field("now", &self.now())
            .field("devices", &self.devices.len())
            .field("records", &self.core.directory.len())
            .finish_non_exhaustive()
    }
}
