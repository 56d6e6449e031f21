//! One task round one circuit.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use beamtwin_ca::{ChannelId, Circuit, Demand, Eca, SubscriptionId, Write};
use beamtwin_pv::{Metadata, Numbered, Sample, Value, ValueKind};
use beamtwin_sim::{Acknowledge, Client, ClientId, Mask, PutId, PutRequest, PvId, Reason, Target};
use bytes::BytesMut;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{Instrument, debug, debug_span, error, warn};

use super::admission::{Counted, Place};
use super::arrivals::Portion;
use super::long_string::{characters, text};
use super::pressure::{Pressed, Pressure};
use crate::engine::{Engine, Listener, Outcome, Shared, Subscribed, Ticket, Update};
use crate::jump::Inbox;

/// The most bytes that a circuit which has nothing to say keeps for what it will say.
const KEPT: usize = 16 << 10;

/// How soon to accept again after no circuit could be had.
const RETRY: Duration = Duration::from_millis(100);
/// How many demands of one circuit are met before others have their turn.
const TURN: u32 = 256;
/// How long a large message may not arrive any further while others wait for room.
const STALLED: Duration = Duration::from_secs(10);
/// How long a connection may be silent before the kernel asks whether the peer is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Accepts circuits, for ever.
pub async fn accept(listener: TcpListener, engine: Shared, port: u16) {
    let mut circuits = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (census, limits) = (engine.census(), engine.limits());
                    if census.circuits.get() >= limits.circuits as u64 {
                        // As the C server does where there is no memory for it.
                        census.refused.add(1);
                        let all = limits.circuits;
                        census.circuits_full.say(|unsaid| warn!(%peer, all, unsaid, "no room for another circuit"));
                        continue;
                    }
                    let place = Place::take(&engine);
                    let span = debug_span!("circuit", %peer);
                    circuits.spawn_local(serve(stream, peer, place, port).instrument(span));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to be closed.
                    engine.census().unaccepted.say(|unsaid| warn!(%error, unsaid, "no circuit accepted"));
                    tokio::time::sleep(RETRY).await;
                }
            },
            Some(ended) = circuits.join_next() => if let Err(error) = ended {
                error!(%error, "a circuit was lost to a bug");
            },
        }
    }
}

async fn serve(stream: TcpStream, addr: SocketAddr, place: Place, port: u16) {
    let engine = place.engine().clone();
    debug!("open");
    let peer = Rc::new(Peer {
        circuit: RefCell::new(Circuit::new(
            engine.limits().circuit.clone(),
            Duration::ZERO,
        )),
        woken: Notify::new(),
        writes: RefCell::default(),
        tickets: Cell::new(0),
        long: RefCell::default(),
        late: RefCell::default(),
        held: Cell::new(None),
        faulted: Cell::new(true),
        events: Cell::new(0),
        nothing: Metadata::default(),
        pressed: Rc::clone(engine.pressed()),
        pressure: Rc::default(),
        inbox: place.engine().inboxes().of_circuit(&stream, addr),
    });
    let mut session = Session {
        listener: Rc::clone(&peer) as Rc<dyn Listener>,
        peer,
        portion: engine.arrivals().portion(),
        engine,
        port,
        who: Client {
            addr: addr.to_string(),
            ..Client::default()
        },
        client: None,
        channels: Numbered::default(),
        monitors: Numbered::default(),
        counted: Counted::default(),
        attended: 0,
        writes: false,
        slow: false,
        waited: false,
    };
    let ended = session.run(stream).await;
    let squashed = session.circuit(|circuit| circuit.squashed());
    match ended {
        Ok(()) => debug!(squashed, "closed"),
        Err(error) => debug!(squashed, %error, "lost"),
    }
}

/// What others reach of a circuit: the engine posts into it.
pub(super) struct Peer {
    circuit: RefCell<Circuit>,
    woken: Notify,
    /// Puts whose end is awaited.
    writes: RefCell<BTreeMap<Ticket, Awaited>>,
    tickets: Cell<u32>,
    /// Monitors of text as arrays of characters.
    long: RefCell<HashSet<u32>>,
    /// Monitors whose events are late on purpose, and by how much.
    pub(super) late: RefCell<Numbered<u32, Duration>>,
    /// How late on purpose the next thing to be sent is.
    pub(super) held: Cell<Option<Duration>>,
    /// Whether something else goes wrong on purpose than was last shown.
    faulted: Cell<bool>,
    /// Events since they were last counted.
    events: Cell<u64>,
    /// What is told of values that are sent bare.
    nothing: Metadata,
    /// The circuits that a put fills.
    pressed: Rc<Pressed>,
    /// How this one keeps up.
    pressure: Rc<Pressure>,
    /// Whether there is something to do, where anybody wants to know.
    pub(super) inbox: Rc<Inbox>,
}

impl Listener for Peer {
    fn post(&self, subscription: u32, update: Update<'_>) {
        let mut circuit = self.circuit.borrow_mut();
        if circuit.wants_date() {
            circuit.set_date(update.now);
        }
        let id = SubscriptionId(subscription);
        let changed = beamtwin_ca::Mask::from_bits_truncate(update.mask.bits().into());
        let metadata = if circuit.is_bare(id, update.sample.value.kind()) {
            // To gather it costs more than all the rest.
            &self.nothing
        } else {
            update.metadata.get()
        };
        if self.long.borrow().contains(&subscription) {
            circuit.post(id, changed, &characters(update.sample), metadata);
        } else {
            circuit.post(id, changed, update.sample, metadata);
        }
        if circuit.is_full(id) {
            self.pressed.add(&self.pressure);
        }
        if let Some(&late) = self.late.borrow().get(&subscription) {
            self.held.set(Some(late));
        }
        self.events.set(self.events.get() + 1);
        self.wake();
    }

    fn ended(&self, ticket: Ticket, outcome: Outcome) {
        if let Some(ended) = self.writes.borrow_mut().remove(&ticket) {
            self.circuit
                .borrow_mut()
                .written(ended.write, eca(&outcome));
            self.wake();
        }
    }

    fn faulted(&self) {
        self.faulted.set(true);
        self.wake();
    }
}

impl Peer {
    /// The world knows a put by this number, if it has not ended already.
    fn begun(&self, ticket: Ticket, put: PutId) {
        if let Some(awaited) = self.writes.borrow_mut().get_mut(&ticket) {
            awaited.put = Some(put);
        }
    }

    /// There is something to do.
    fn wake(&self) {
        self.inbox.works();
        self.woken.notify_one();
    }

    /// Counts what is about to be sent.
    fn count(&self, engine: &Shared, out: &[u8]) {
        let census = engine.census();
        census.events.add(self.events.take());
        census.sent.add(out.len() as u64);
    }
}

/// A put whose end is awaited.
struct Awaited {
    write: Write,
    /// What the world calls it.
    put: Option<PutId>,
}

/// What the puts to a channel are called: it stands in the upper half.
fn tickets(ChannelId(channel): ChannelId) -> RangeInclusive<Ticket> {
    let first = u64::from(channel) << 32;
    Ticket(first)..=Ticket(first | u64::from(u32::MAX))
}

#[derive(Clone, Copy)]
pub(super) struct Channel {
    pub(super) pv: PvId,
    pub(super) long: bool,
}

pub(super) struct Session {
    pub(super) peer: Rc<Peer>,
    /// The same peer, as the engine knows it.
    pub(super) listener: Rc<dyn Listener>,
    pub(super) engine: Shared,
    /// Room for a large message.
    portion: Portion,
    port: u16,
    pub(super) who: Client,
    pub(super) client: Option<ClientId>,
    pub(super) channels: Numbered<ChannelId, Channel>,
    pub(super) monitors: Numbered<SubscriptionId, Subscribed>,
    pub(super) counted: Counted,
    /// What the engine knows the circuit by.
    attended: u64,
    /// Whether it ever wrote: only those who do are held back when the disk is slow.
    pub(super) writes: bool,
    /// Whether answers for any PV are late on purpose.
    pub(super) slow: bool,
    /// Whether what is at hand has been waited for.
    pub(super) waited: bool,
}

impl Session {
    async fn run(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        // A peer whose power went off says nothing, for ever.
        SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
        let start = Instant::now();
        let (read, mut write) = stream.into_split();
        // Circuits that rest are many: they keep no room for what they may say one day.
        let mut out = BytesMut::new();
        let peer = Rc::clone(&self.peer);
        let mut met = 0;
        let mut received = start;
        self.attended = self.engine.act(|engine| engine.attend(&self.listener));
        loop {
            loop {
                if peer.faulted.take() && !self.face_faults() {
                    return Ok(());
                }
                while let Some(demand) = self.circuit(Circuit::poll) {
                    let late = self.lateness(&demand);
                    if !self.be_late(late).await {
                        return Ok(());
                    }
                    let writes = matches!(demand, Demand::Write { .. });
                    if writes {
                        peer.pressed.clear();
                    }
                    self.meet(demand);
                    if writes && !peer.pressed.is_empty() {
                        let readers = peer.pressed.take();
                        // This circuit may be one of them.
                        while self.transmit(&mut write, &mut out).await? {}
                        readers.wait(self.engine.limits().patience).await;
                    }
                    met += 1;
                    if met == TURN {
                        met = 0;
                        tokio::task::yield_now().await;
                    }
                }
                if !self.be_late(peer.held.take()).await {
                    return Ok(());
                }
                if !self.transmit(&mut write, &mut out).await? {
                    self.count();
                    if out.capacity() > KEPT {
                        out = BytesMut::new();
                    }
                    break;
                }
            }
            if peer.circuit.borrow().is_closed() {
                debug!("the peer broke the protocol");
                return write.shutdown().await;
            }
            let stalled = peer.circuit.borrow().is_stalled();
            if let Some(name) = peer.circuit.borrow_mut().newly_stalled() {
                debug!(
                    name,
                    "the circuit is not read until a put with completion is done"
                );
            }
            let held_back = self.writes && self.engine.look(Engine::congested);
            let arriving = peer.circuit.borrow().arriving();
            let fits = self.portion.fit(arriving);
            // What came while others were waited for has waited as well.
            if std::mem::take(&mut self.waited) && !stalled && fits {
                match self.receive(&read, start.elapsed())? {
                    Some(0) => return Ok(()),
                    Some(_) => {
                        self.waited = true;
                        continue;
                    }
                    None => {}
                }
            }
            let deadline = peer.circuit.borrow().deadline();
            let tick = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(start + at).await,
                    None => std::future::pending().await,
                }
            };
            peer.inbox.rests(!stalled && !held_back && fits);
            tokio::select! {
                biased;
                () = peer.woken.notified() => {}
                ready = read.readable(), if !stalled && !held_back && fits => {
                    ready?;
                    if self.receive(&read, start.elapsed())? == Some(0) {
                        return Ok(());
                    }
                    received = Instant::now();
                }
                () = tick => peer.circuit.borrow_mut().tick(start.elapsed()),
                () = self.engine.uncongested(), if held_back => {}
                () = self.portion.freed(), if !fits => received = Instant::now(),
                () = tokio::time::sleep_until(received + STALLED), if self.portion.is_large() => {
                    if fits && !held_back && self.portion.is_wanted() && received.elapsed() >= STALLED {
                        warn!(client = self.who.addr, bytes = arriving, "a large message stopped arriving; others wait for its room");
                        return Ok(());
                    }
                    received = Instant::now();
                }
            }
            peer.inbox.works();
        }
    }

    /// Takes what has come; how much that was, 0 at the end, or nothing if there is nothing yet.
    fn receive(&self, read: &OwnedReadHalf, now: Duration) -> io::Result<Option<usize>> {
        self.engine.with_room(|room| match read.try_read(room) {
            Ok(got) => {
                self.engine.census().received.add(got as u64);
                self.peer.circuit.borrow_mut().receive(&room[..got], now);
                Ok(Some(got))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Sends what waits, or some of it; whether there was anything.
    async fn transmit(&self, write: &mut OwnedWriteHalf, out: &mut BytesMut) -> io::Result<bool> {
        if !self.circuit(|circuit| circuit.transmit(out)) {
            return Ok(false);
        }
        self.peer.count(&self.engine, out);
        write.write_all(out).await?;
        out.clear();
        let (room, all) = self.circuit(|circuit| (circuit.has_room(), circuit.backlog() == 0));
        self.peer.pressure.sent(room, all);
        if !all {
            // Of much that is to be sent a piece, then others have their turn.
            tokio::task::yield_now().await;
        }
        Ok(true)
    }

    /// Does what the circuit asks for.
    fn meet(&mut self, demand: Demand) {
        match demand {
            Demand::Identify { user, host } => self.identify(&user, &host),
            Demand::Open { channel, name } => {
                if self.has_room_for_channel(channel) {
                    self.open(channel, &name);
                    self.count();
                }
            }
            Demand::Close { channel } => {
                self.abandon(channel, |_| true);
                self.channels.remove(&channel);
                self.count();
            }
            Demand::Denied {
                write,
                field,
                value,
            } => self.denied(write, field, value),
            Demand::Read { read } => {
                let Some(&channel) = self.channels.get(&read.channel) else {
                    return;
                };
                let (sample, metadata) = self.sample(channel, |kind| read.dbr.is_bare(kind));
                self.circuit(|circuit| circuit.read(read, Ok((&sample, &metadata))));
            }
            Demand::Write { write, value } => self.write(write, value),
            Demand::AcknowledgeTransient { write, required } => {
                self.acknowledge(write, Acknowledge::Transient(required));
            }
            Demand::AcknowledgeSeverity { write, severity } => {
                self.acknowledge(write, Acknowledge::Severity(severity));
            }
            Demand::Abandon { write } => {
                self.abandon(write.channel, |awaited| *awaited == write);
            }
            Demand::Subscribe {
                channel,
                subscription,
                mask,
            } => {
                if self.has_room_for_monitor(subscription) {
                    self.subscribe(channel, subscription, mask);
                    self.count();
                }
            }
            Demand::Refresh {
                channel,
                subscription,
            } => self.refresh(channel, subscription),
            Demand::Unsubscribe { subscription } => {
                if let Some(subscribed) = self.monitors.remove(&subscription) {
                    self.engine.act(|engine| engine.unsubscribe(subscribed));
                    self.count();
                }
                self.peer.long.borrow_mut().remove(&subscription.0);
                self.peer.late.borrow_mut().remove(&subscription.0);
            }
            Demand::Search { search, name } => {
                let served = self.engine.look(|engine| {
                    let target = engine.world().find(&name)?;
                    Some(engine.world().is_served(target.pv))
                });
                if served == Some(true) {
                    let port = self.port;
                    self.circuit(|circuit| circuit.found(search, port));
                    return;
                }
                if served.is_none() {
                    self.engine.act(|engine| engine.miss(&name, None));
                }
                self.circuit(|circuit| circuit.not_here(search));
            }
        }
    }

    fn open(&mut self, channel: ChannelId, name: &str) {
        let client = self.client();
        let found = self.engine.look(|engine| {
            let world = engine.world();
            let Target { pv, long_string } = world.find(name)?;
            let (kind, count) = if long_string {
                (ValueKind::Char, world.text_size(pv))
            } else {
                (world.field(pv).kind, world.count(pv))
            };
            Some((pv, long_string, kind, count, self.rights(engine, pv)))
        });
        let Some((pv, long, kind, count, access)) = found else {
            self.engine.act(|engine| engine.miss(name, Some(client)));
            self.circuit(|circuit| circuit.not_found(channel));
            return;
        };
        if !self.engine.look(|engine| engine.world().is_served(pv)) {
            self.circuit(|circuit| circuit.not_found(channel));
            return;
        }
        self.channels.insert(channel, Channel { pv, long });
        self.circuit(|circuit| circuit.opened(channel, kind, count, access));
    }

    fn write(&mut self, write: Write, value: Value) {
        let Some(&channel) = self.channels.get(&write.channel) else {
            return;
        };
        self.writes = true;
        let client = self.client();
        let value = if channel.long { text(value) } else { value };
        let ticket = self.ticket(write);
        let request = PutRequest {
            pv: channel.pv,
            value,
            by: Some(client),
            complete: write.notify,
        };
        let put = self
            .engine
            .act(|engine| engine.put(request, &self.listener, ticket));
        self.peer.begun(ticket, put);
    }

    fn acknowledge(&mut self, write: Write, what: Acknowledge) {
        let Some(&channel) = self.channels.get(&write.channel) else {
            return;
        };
        self.writes = true;
        let by = (self.client(), write.notify);
        let ticket = self.ticket(write);
        let put = self
            .engine
            .act(|engine| engine.acknowledge(channel.pv, what, by, &self.listener, ticket));
        self.peer.begun(ticket, put);
    }

    /// Waits no longer for these writes to a channel.
    fn abandon(&self, channel: ChannelId, concerned: impl Fn(&Write) -> bool) {
        let abandoned: Vec<(Ticket, Option<PutId>)> = {
            let writes = self.peer.writes.borrow();
            let concerned = writes
                .range(tickets(channel))
                .filter(|(_, awaited)| concerned(&awaited.write));
            concerned.map(|(&ticket, it)| (ticket, it.put)).collect()
        };
        for (ticket, put) in abandoned {
            self.peer.writes.borrow_mut().remove(&ticket);
            if let Some(put) = put {
                self.engine.act(|engine| engine.cancel(put));
            }
        }
    }

    /// Remembers a write until its end is told.
    fn ticket(&self, write: Write) -> Ticket {
        let serial = self.peer.tickets.get();
        self.peer.tickets.set(serial.wrapping_add(1));
        let ticket = Ticket(tickets(write.channel).start().0 | u64::from(serial));
        let awaited = Awaited { write, put: None };
        self.peer.writes.borrow_mut().insert(ticket, awaited);
        ticket
    }

    fn subscribe(
        &mut self,
        channel: ChannelId,
        subscription: SubscriptionId,
        mask: beamtwin_ca::Mask,
    ) {
        let Some(&known) = self.channels.get(&channel) else {
            return;
        };
        if known.long {
            self.peer.long.borrow_mut().insert(subscription.0);
        }
        let mask = Mask::from_bits_truncate(u8::try_from(mask.bits()).unwrap_or_default());
        let listener = Rc::clone(&self.listener);
        let subscribed = self
            .engine
            .act(|engine| engine.subscribe(known.pv, mask, listener, subscription.0));
        self.monitors.insert(subscription, subscribed);
        self.expect_late(subscription, known.pv);
        self.refresh(channel, subscription);
    }

    /// Posts the present value to one monitor.
    fn refresh(&mut self, channel: ChannelId, subscription: SubscriptionId) {
        let Some(&known) = self.channels.get(&channel) else {
            return;
        };
        let is_bare = |kind| self.circuit(|circuit| circuit.is_bare(subscription, kind));
        let (sample, metadata) = self.sample(known, is_bare);
        self.circuit(|circuit| circuit.show(subscription, &sample, &metadata));
    }

    /// The present value of a channel, in the shape that it was opened in, and unless it is sent bare what
    /// there is to know about it.
    fn sample(
        &self,
        channel: Channel,
        is_bare: impl FnOnce(ValueKind) -> bool,
    ) -> (Sample, Metadata) {
        let dated = self.circuit(|circuit| circuit.wants_date());
        self.engine.act(|engine| {
            if dated {
                let now = engine.world().epoch().stamp(engine.world().now());
                self.circuit(|circuit| circuit.set_date(now));
            }
            let sample = engine.read(channel.pv);
            let metadata = if is_bare(sample.value.kind()) {
                Metadata::default()
            } else {
                engine.world().metadata(channel.pv)
            };
            if !channel.long {
                return (sample, metadata);
            }
            // Characters have neither labels nor limits, but a record.
            let metadata = Metadata {
                class: metadata.class,
                transient: metadata.transient,
                unacknowledged: metadata.unacknowledged,
                ..Metadata::default()
            };
            (characters(&sample), metadata)
        })
    }

    pub(super) fn circuit<R>(&self, f: impl FnOnce(&mut Circuit) -> R) -> R {
        f(&mut self.peer.circuit.borrow_mut())
    }
}

impl Drop for Session {
    /// However a circuit ends, nothing of it stays behind.
    fn drop(&mut self) {
        self.peer.pressure.ease();
        if self.engine.is_broken() {
            return;
        }
        self.engine.act(|engine| {
            for (_, subscribed) in self.monitors.drain() {
                engine.unsubscribe(subscribed);
            }
            engine.forget(&self.listener);
            engine.neglect(self.attended);
            if let Some(client) = self.client {
                engine.close_client(client);
            }
        });
        self.channels.clear();
        self.count();
    }
}

/// What a client is told.
const fn eca(outcome: &Outcome) -> Eca {
    match outcome {
        Outcome::Done | Outcome::Refused(Reason::Silent, _) => Eca::NORMAL,
        Outcome::Refused(Reason::NoWriteAccess, _) => Eca::NOWTACCESS,
        Outcome::Refused(
            Reason::Conversion | Reason::Disabled | Reason::Gone | Reason::Rejected,
            _,
        ) => Eca::PUTFAIL,
    }
}
