//! What becomes of a device that panics, and of the rest.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use beamtwin_pv::{Severity, SimTime, Value};
use beamtwin_sim::{
    ClientId, Cx, Device, Event, Field, InputId, Note, Order, Put, PutRequest, Reason, RecordType,
    Refusal, ShareId, Slot, Surface, Timer, What, World, WorldBuilder,
};

static PLAIN: RecordType = RecordType::new("plain", &[Field::double("VAL").setting()]);

/// When a device panics.
#[derive(Clone, Copy, PartialEq)]
enum When {
    Never,
    Start,
    Put,
    Wake,
    Changed,
}

/// Takes a second for each put and holds what it shares meanwhile.
#[derive(Clone)]
struct Toy {
    when: When,
    val: Slot<f64>,
    share: ShareId,
    puts: Vec<beamtwin_sim::PutId>,
}

impl Toy {
    fn bug(&self, now: When) {
        assert!(self.when != now, "a bug");
    }
}

impl Device for Toy {
    fn start(&mut self, _: &mut Cx<'_>) {
        self.bug(When::Start);
    }

    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if order.number() == 13.0 {
            self.bug(When::Put);
        }
        self.puts.push(order.put);
        cx.claim(self.share);
        cx.wake_after(Timer(0), Duration::from_secs(1));
        Ok(Put::Started)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        self.bug(When::Wake);
        cx.leave(self.share);
        for put in self.puts.drain(..) {
            cx.finish(put);
        }
    }

    fn turn(&mut self, _: ShareId, cx: &mut Cx<'_>) {
        let turns = cx.get(self.val);
        cx.post(self.val, turns + 100.0);
    }

    fn changed(&mut self, _: InputId, _: &mut Cx<'_>) {
        self.bug(When::Changed);
    }
}

/// `toy.a`, which panics at some time and watches `toy.b`, which never does.
fn world(when: When) -> World {
    let mut builder = WorldBuilder::new("bugs");
    for (name, when) in [("a", when), ("b", When::Never)] {
        let mut surface = Surface::default();
        let val = surface.record(name, &PLAIN).val();
        surface.readback(val);
        if name == "a" {
            surface.watch("of", "toy.b");
        }
        let share = surface.share("one at a time");
        let toy = Toy {
            when,
            val,
            share,
            puts: Vec::new(),
        };
        builder.add(format!("toy.{name}"), surface, Box::new(toy));
    }
    builder.build().unwrap()
}

fn put(world: &mut World, name: &str, value: f64) -> u64 {
    let pv = world.find(name).unwrap().pv;
    let put = world.put(PutRequest {
        pv,
        value: Value::Double(value),
        by: Some(ClientId(1)),
        complete: true,
    });
    put.0
}

fn drain(world: &mut World) -> Vec<Event> {
    std::iter::from_fn(|| world.poll_event()).collect()
}

fn said(events: &[Event]) -> Vec<&str> {
    let text = |event: &'_ Event| matches!(&event.what, What::Note(Note::Fault { device, .. }) if device == "toy.a");
    let faults = events.iter().filter(|event| text(event));
    let text = faults.filter_map(|event| match &event.what {
        What::Note(Note::Fault { text, .. }) => Some(text.as_str()),
        _ => None,
    });
    text.collect()
}

fn severity(world: &World, name: &str) -> Severity {
    world.read(world.find(name).unwrap().pv).alarm.severity
}

fn seconds(seconds: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(seconds)
}

/// Lets `toy.a` panic; what happened since before that.
fn provoke(when: When) -> (World, Vec<Event>) {
    let mut world = world(when);
    let mut events = drain(&mut world);
    match when {
        When::Never | When::Start => {}
        When::Put => _ = put(&mut world, "a", 13.0),
        When::Wake => {
            put(&mut world, "a", 1.0);
            world.advance_to(seconds(1));
        }
        When::Changed => _ = put(&mut world, "b", 1.0),
    }
    events.extend(drain(&mut world));
    (world, events)
}

#[test]
fn one_that_panics_is_told_goes_invalid_and_the_rest_serves_on() {
    for when in [When::Start, When::Put, When::Wake, When::Changed] {
        let (mut world, events) = provoke(when);
        assert_eq!(said(&events), ["lost to a bug: a bug"]);
        assert_eq!(severity(&world, "a"), Severity::Invalid);
        assert_eq!(severity(&world, "b"), Severity::None);
        world.advance_to(seconds(5));
        drain(&mut world);
        let refused = put(&mut world, "a", 2.0);
        let done = put(&mut world, "b", 2.0);
        world.advance_to(seconds(10));
        let events = drain(&mut world);
        let rejected = |event: &Event| matches!(&event.what, What::Refused(put, Reason::Rejected, text) if put.0 == refused && text == "toy.a was lost to a bug");
        assert!(events.iter().any(rejected), "{events:?}");
        assert!(
            events
                .iter()
                .any(|e| matches!(e.what, What::Done(put) if put.0 == done))
        );
        assert!(said(&events).is_empty(), "it is lost once");
        assert_eq!(world.unfinished(), 0);
    }
    assert!(said(&provoke(When::Never).1).is_empty());
}

#[test]
fn those_who_wait_for_it_hear_that_it_is_lost_each_once() {
    let mut world = world(When::Wake);
    let puts = [put(&mut world, "a", 1.0), put(&mut world, "a", 2.0)];
    let other = put(&mut world, "b", 3.0);
    world.advance_to(seconds(1));
    let events = drain(&mut world);
    let refused: Vec<u64> = events
        .iter()
        .filter_map(|event| match event.what {
            What::Refused(put, ..) => Some(put.0),
            _ => None,
        })
        .collect();
    assert_eq!(refused, puts);
    let turn = |event: &Event| matches!(&event.what, What::Post { value, .. } if *value == Value::Double(103.0));
    assert!(
        events.iter().any(turn),
        "what it held goes to the next: {events:?}"
    );
    let done = |event: &Event| matches!(event.what, What::Done(put) if put.0 == other);
    assert!(events.iter().any(done));
}

#[test]
fn a_fault_on_purpose_that_ends_leaves_it_invalid() {
    let (mut world, _) = provoke(When::Put);
    world.fault("toy.a", "alarm minor", None).unwrap();
    assert_eq!(severity(&world, "a"), Severity::Invalid);
    world.fault("toy.a", "none", None).unwrap();
    assert_eq!(severity(&world, "a"), Severity::Invalid);
}
