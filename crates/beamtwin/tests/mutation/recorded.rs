//! Scripts done at a beamline in stepped time, and the traces recorded of that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use beamtwin_beamline::{Beamline, load};
use beamtwin_pv::{Epoch, SimTime, Value};
use beamtwin_server::Scribe;
use beamtwin_sim::{Client, ClientId, PutId, PutRequest, What as Happened, World};
use beamtwin_trace::{Header, Role, Trace, VERSION, What};

use crate::chance::Chance;
use crate::script::{ACQUIRE, CHANNELS, PHI, SHUTTER, Step, Way};

const EPOCH: &str = "2026-01-01T00:00:00Z";
const UNIX_EPOCH: u64 = 1_767_225_600_000_000_000;

/// What a step waits for at most, in seconds.
const PATIENCE: f64 = 3600.0;

static BEAMLINE: LazyLock<Beamline> = LazyLock::new(|| {
    let text = include_str!("beamline.toml");
    load(text).expect("the beamline is sound")
});

/// A trace, and of each event that a monitor of the requests saw the step it belongs to.
pub(crate) struct Session {
    pub(crate) trace: Trace,
    /// The steps by the numbers of their puts.
    pub(crate) steps: BTreeMap<u64, usize>,
    pub(crate) events: Vec<Option<usize>>,
}

/// Does a script at a fresh beamline and records it.
pub(crate) fn run(script: &[Step], chance: &mut Chance) -> Session {
    let mut user = User::new(chance);
    let mut place = 0;
    while place < script.len() {
        let together = script[place + 1..].iter().take_while(|it| it.at_once);
        let end = place + 1 + together.count();
        user.group(script, place..end);
        place = end;
    }
    user.finish()
}

/// A client that takes a while between one thing and the next.
struct User<'a> {
    chance: &'a mut Chance,
    world: World,
    scribe: Scribe,
    now: SimTime,
    me: ClientId,
    done: BTreeSet<PutId>,
    steps: BTreeMap<u64, usize>,
    /// How much slower the machine is than on other days.
    slowness: f64,
}

impl<'a> User<'a> {
    fn new(chance: &'a mut Chance) -> Self {
        let mut world = BEAMLINE.world(7, Epoch::from_unix_nanos(UNIX_EPOCH));
        let header = Header {
            version: VERSION,
            beamline: world.title().to_owned(),
            epoch: EPOCH.to_owned(),
            seed: 7,
            file: None,
            program: "test".to_owned(),
            paths: vec![world.path().map(str::to_owned).collect()],
        };
        let me = world.open_client(Client {
            user: "user".to_owned(),
            host: "beamline".to_owned(),
            addr: "127.0.0.1:5000".to_owned(),
        });
        let slowness = chance.between(1.0, 1.04);
        let start = chance.between(0.5, 5.0);
        let mut user = Self {
            chance,
            scribe: Scribe::new(&header, None),
            now: world.now(),
            world,
            me,
            done: BTreeSet::new(),
            steps: BTreeMap::new(),
            slowness,
        };
        user.pass(start);
        user
    }

    fn drain(&mut self) {
        while let Some(event) = self.world.poll_event() {
            if let Happened::Done(put) = event.what {
                self.done.insert(put);
            }
            self.scribe.record(&self.world, &event);
        }
    }

    fn to(&mut self, now: SimTime) {
        self.now = now;
        self.world.advance_to(now);
        self.drain();
    }

    fn pass(&mut self, seconds: f64) {
        let nanos = self.now.nanos() + (seconds * 1e9) as u64;
        self.to(SimTime::from_nanos(nanos));
    }

    /// What the machine takes for anything; now and then it does something else for a while.
    fn breathe(&mut self) {
        let mut pause = self.slowness * self.chance.between(0.004, 0.03);
        if self.chance.one_in(60) {
            pause += self.chance.between(0.1, 0.8);
        }
        self.pass(pause);
    }

    /// Steps that are asked for together, and what they wait for.
    fn group(&mut self, script: &[Step], places: std::ops::Range<usize>) {
        let first = script[places.start];
        self.pass(first.sleep);
        if let Some(temperature) = first.warm {
            self.poll(PATIENCE, |user| {
                user.read("XF:11BM-ES:{LINKAM}:TEMP") >= temperature - 0.1
            });
        }
        self.breathe();
        let mut order: Vec<usize> = places.collect();
        if self.chance.one_in(3) {
            order.reverse();
        }
        let mut puts = Vec::new();
        for place in order {
            let Step {
                channel,
                value,
                way,
                ..
            } = script[place];
            let put = self.world.put(PutRequest {
                pv: self.world.find(CHANNELS[channel]).unwrap().pv,
                value: Value::Double(value),
                by: Some(self.me),
                complete: way == Way::Complete,
            });
            self.steps.insert(put.0, place);
            self.drain();
            puts.push((put, script[place]));
            let apart = self.chance.between(0.0001, 0.0004);
            self.pass(apart);
        }
        for (put, step) in puts {
            self.wait(put, step);
        }
    }

    fn wait(&mut self, put: PutId, step: Step) {
        if step.way == Way::Complete {
            let end = self.now.nanos() + (PATIENCE * 1e9) as u64;
            while !self.done.contains(&put) {
                match self.world.next_wake() {
                    Some(wake) if wake.nanos() <= end => self.to(wake.max(self.now)),
                    _ => return,
                }
            }
        } else if step.channel <= PHI {
            let readback = format!("{}.RBV", CHANNELS[step.channel]);
            let near = |user: &Self| (user.read(&readback) - step.value).abs() < 0.01;
            self.poll(10.0, near);
        } else if step.channel == SHUTTER {
            let blade = |user: &Self| user.read("XF:11BM-ES{Psh_blade1}Pos") == step.value;
            self.poll(10.0, blade);
        } else if step.channel == ACQUIRE {
            self.poll(PATIENCE, |user| user.read(CHANNELS[ACQUIRE]) == 0.0);
        }
    }

    /// Looks every 50 ms or so, and gives up after a while.
    fn poll(&mut self, patience: f64, there: impl Fn(&Self) -> bool) {
        let end = self.now.nanos() + (patience * 1e9) as u64;
        while !there(self) && self.now.nanos() < end {
            let pause = self.slowness * self.chance.between(0.05, 0.056);
            self.pass(pause);
        }
    }

    fn read(&self, name: &str) -> f64 {
        let target = self.world.find(name).unwrap();
        match self.world.read(target.pv).value {
            Value::Double(value) => value,
            Value::Short(value) => f64::from(value),
            Value::Enum(value) => f64::from(value),
            other => panic!("{name} is {other:?}"),
        }
    }

    fn finish(mut self) -> Session {
        self.pass(1.0);
        self.scribe.complete(self.world.now());
        let bytes = self.scribe.take();
        let trace = Trace::read(bytes.as_slice()).unwrap();
        let events = events(&trace, &self.steps);
        Session {
            trace,
            steps: self.steps,
            events,
        }
    }
}

/// The steps that the posts of the requests come from; what the beamline does of itself has none.
fn events(trace: &Trace, steps: &BTreeMap<u64, usize>) -> Vec<Option<usize>> {
    let puts: BTreeMap<u64, u32> = trace
        .facts
        .iter()
        .filter_map(|fact| match &fact.what {
            What::Put(put) => Some((fact.n, put.pv)),
            _ => None,
        })
        .collect();
    let asked: BTreeSet<u32> = puts.values().copied().collect();
    let requested = |pv: u32| trace.dictionary[&pv].role == Role::Request && asked.contains(&pv);
    let posts = trace.facts.iter().filter_map(|fact| match &fact.what {
        What::Post(post) if requested(post.pv) => Some((fact.t, post)),
        _ => None,
    });
    let mut seen = BTreeSet::new();
    posts
        .map(|(_, post)| {
            let by = post.by.filter(|by| puts.get(by) == Some(&post.pv))?;
            seen.insert(by).then(|| steps[&by])
        })
        .collect()
}
