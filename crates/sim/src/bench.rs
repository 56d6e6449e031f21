//! A world of one device, for tests that read like sentences.

use beamtwin_pv::quantity::Seconds;
use beamtwin_pv::{SimTime, Text, Value};

use crate::device::{Device, Reason};
use crate::event::{ClientId, Event, PutId, What};
use crate::surface::Surface;
use crate::world::{Acknowledge, PutRequest, PvId, World, WorldBuilder};

/// One device, a client, and a clock that moves when told.
///
/// A name that begins with a dot is a field of the device's first record.
pub struct Bench {
    world: World,
    main: String,
    events: Vec<Event>,
}

impl Bench {
    /// Puts a device on the bench.
    ///
    /// # Panics
    /// If it does not build.
    pub fn new<D: Device + 'static>(build: impl FnOnce(&mut Surface) -> D) -> Self {
        Self::boxed(|surface| Box::new(build(surface)))
    }

    /// Puts a device of a type not known here on the bench.
    ///
    /// # Panics
    /// If it does not build.
    pub fn boxed(build: impl FnOnce(&mut Surface) -> Box<dyn Device>) -> Self {
        let mut surface = Surface::default();
        let device = build(&mut surface);
        assert_eq!(surface.flaws(), [], "the device has flaws");
        let mut builder = WorldBuilder::new("bench").seed(1);
        builder.add("device", surface, device);
        Self::of(builder.build().expect("one device builds"))
    }

    /// Puts a whole world on the bench.
    #[must_use]
    pub fn of(world: World) -> Self {
        let main = world.records().next().map_or_else(String::new, |first| {
            world.directory().name(first).to_owned()
        });
        let mut bench = Self {
            world,
            main,
            events: Vec::new(),
        };
        bench.drain();
        bench
    }

    /// Writes without waiting.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) -> PutId {
        self.write(name, value.into(), ClientId(1), false)
    }

    /// Writes and asks for completion.
    pub fn put_callback(&mut self, name: &str, value: impl Into<Value>) -> PutId {
        self.write(name, value.into(), ClientId(1), true)
    }

    /// Writes as one of several clients.
    pub fn write(&mut self, name: &str, value: Value, by: ClientId, complete: bool) -> PutId {
        let pv = self.pv(name);
        let put = self.world.put(PutRequest {
            pv,
            value,
            by: Some(by),
            complete,
        });
        self.drain();
        put
    }

    /// Acknowledges the alarm of a record.
    pub fn acknowledge(&mut self, name: &str, what: Acknowledge) -> PutId {
        let pv = self.pv(name);
        let put = self.world.acknowledge(pv, what, Some(ClientId(1)), false);
        self.drain();
        put
    }

    /// Makes something go wrong on purpose with the device that has the first record.
    ///
    /// # Panics
    /// If it has no such fault.
    pub fn fault(&mut self, words: &str) {
        let first = self.world.devices().first().cloned().unwrap_or_default();
        self.world
            .fault(&first, words, None)
            .unwrap_or_else(|error| panic!("{error}"));
        self.drain();
    }

    /// Lets time pass: `"2.4 s"`.
    ///
    /// # Panics
    /// If the text is no duration.
    pub fn advance(&mut self, wait: &str) {
        let wait = wait
            .parse::<Seconds>()
            .ok()
            .and_then(Seconds::duration)
            .expect("a duration");
        let then = self.world.now() + wait;
        self.advance_to(then);
    }

    /// Lets time pass until a moment.
    pub fn advance_to(&mut self, then: SimTime) {
        self.world.advance_to(then);
        self.drain();
    }

    /// Whether what follows from now on follows again after going back to now.
    ///
    /// The numbers of puts and the time are others then, and the end of a put is told once; all else is the same.
    ///
    /// # Panics
    /// If something else follows.
    pub fn follows_again(&mut self, act: impl Fn(&mut Self)) {
        const NOW: &str = "now";
        self.world.snapshot(NOW, None).expect("room for one");
        let first = self.following(&act);
        self.world.restore(NOW, None).expect("just taken");
        assert_eq!(self.following(&act), first);
    }

    /// What follows, with its time and the puts that are asked for counted from now.
    fn following(&mut self, act: impl Fn(&mut Self)) -> Vec<String> {
        self.drain();
        let (began, earlier) = (self.world.now(), self.events.len());
        let known = self.events.last().map_or(0, |event| event.n);
        act(self);
        self.drain();
        let mut puts = Vec::new();
        let mut all = Vec::new();
        for event in &self.events[earlier..] {
            let mut what = event.what.clone();
            let count = |put: &mut PutId| {
                let place = puts.iter().rposition(|&own| own == put.0);
                put.0 = place.map_or(put.0, |place| u64::MAX - place as u64);
            };
            match &mut what {
                What::Done(put) | What::Refused(put, ..) | What::Cancelled(put)
                    if put.0 <= known =>
                {
                    continue;
                }
                What::Done(put) | What::Refused(put, ..) | What::Cancelled(put) => count(put),
                What::Post { stamp, cause, .. } => {
                    cause.iter_mut().for_each(count);
                    *stamp = stamp.map(|at| SimTime::ZERO + at.since(began));
                }
                What::Put { .. } => puts.push(event.n),
                _ => {}
            }
            all.push(format!("{:?} {what:?}", event.t.since(began)));
        }
        all
    }

    /// Whether a put has finished.
    #[must_use]
    pub fn finished(&self, put: PutId) -> bool {
        self.finished_at(put).is_some()
    }

    /// When a put finished.
    #[must_use]
    pub fn finished_at(&self, put: PutId) -> Option<SimTime> {
        self.events
            .iter()
            .find(|event| event.what == What::Done(put))
            .map(|event| event.t)
    }

    /// Why a put was refused.
    #[must_use]
    pub fn refused(&self, put: PutId) -> Option<Reason> {
        self.events.iter().find_map(|event| match event.what {
            What::Refused(refused, reason, _) if refused == put => Some(reason),
            _ => None,
        })
    }

    /// The present value.
    #[must_use]
    pub fn value(&self, name: &str) -> Value {
        self.world.read(self.pv(name)).value
    }

    /// The present number; NaN if it is a text.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        self.value(name).as_f64().unwrap_or(f64::NAN)
    }

    /// The present text, or the label of the present state.
    #[must_use]
    pub fn text(&self, name: &str) -> Text {
        let pv = self.pv(name);
        match self.world.read(pv).value {
            Value::String(text) => text,
            Value::Enum(index) => {
                let labels = self.world.metadata(pv).labels;
                labels.get(usize::from(index)).cloned().unwrap_or_default()
            }
            other => other.to_string().into(),
        }
    }

    /// All posts of a field so far: when, and what.
    #[must_use]
    pub fn posts(&self, name: &str) -> Vec<(SimTime, Value)> {
        let wanted = self.pv(name);
        self.events
            .iter()
            .filter_map(|event| match &event.what {
                What::Post { pv, value, .. } if *pv == wanted => Some((event.t, value.clone())),
                _ => None,
            })
            .collect()
    }

    /// The numbers that a field was posted with so far.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let posts = self.posts(name).into_iter();
        posts.filter_map(|(_, value)| value.as_f64()).collect()
    }

    /// Everything that happened so far.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Forgets what happened so far.
    pub fn forget(&mut self) {
        self.events.clear();
    }

    /// The world itself.
    pub const fn world(&mut self) -> &mut World {
        &mut self.world
    }

    fn drain(&mut self) {
        while let Some(event) = self.world.poll_event() {
            self.events.push(event);
        }
    }

    fn pv(&self, name: &str) -> PvId {
        let full = if name.starts_with('.') {
            format!("{}{name}", self.main)
        } else {
            name.to_owned()
        };
        self.world
            .find(&full)
            .unwrap_or_else(|| panic!("nothing is called {full}"))
            .pv
    }
}
