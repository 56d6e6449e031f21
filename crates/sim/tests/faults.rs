//! What goes wrong on purpose: asked for in the file, by a put, or of the world itself.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use beamtwin_pv::{Severity, SimTime, Value};
use beamtwin_sim::{
    Bench, BuildError, ClientId, Cx, Device, Event, Fault, Field, Note, Order, Put, PutRequest,
    Reason, RecordType, Refusal, Role, Slot, Surface, UnknownFault, What, World, WorldBuilder,
};

static NUMBER: RecordType = RecordType::new("number", &[Field::double("VAL").command()]);
static TEXT: RecordType = RecordType::new("text", &[Field::string("VAL").command()]);

/// Shows what is written, a tenth too much per unit of `bent NUMBER`; stuck, it shows nothing new.
#[derive(Clone)]
struct Dial {
    value: Slot<f64>,
    bent: f64,
    stuck: bool,
}

impl Device for Dial {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        assert!(order.is(self.value), "a put to a record of the world");
        if !self.stuck {
            cx.post(self.value, order.number() + self.bent / 10.0);
        }
        Ok(Put::Done)
    }

    fn faults(&self) -> &'static [&'static str] {
        &["bent NUMBER", "stuck"]
    }

    fn fault(&mut self, fault: Option<&Fault>, _: &mut Cx<'_>) {
        let is = |words: &str| fault.is_some_and(|fault| fault.words == words);
        self.bent = fault
            .filter(|_| is("bent NUMBER"))
            .map_or(0.0, |f| f.number);
        self.stuck = is("stuck");
    }
}

fn world(fault: &str) -> Result<World, Vec<BuildError>> {
    let mut surface = Surface::default();
    let value = surface.record("a", &NUMBER).val();
    let faults = surface
        .record("bad", &TEXT)
        .role(Role::Command)
        .with("VAL", "none")
        .id();
    surface.faults(faults);
    surface.fault(fault);
    let dial = Dial {
        value,
        bent: 0.0,
        stuck: false,
    };
    let mut builder = WorldBuilder::new("faults");
    builder.add("dial.a", surface, Box::new(dial));
    builder.build()
}

fn bench(fault: &str) -> Bench {
    Bench::of(world(fault).unwrap())
}

/// What was noted: when, what, and by whom.
fn notes(events: &[Event]) -> Vec<(SimTime, &str, Option<ClientId>)> {
    events
        .iter()
        .filter_map(|event| match &event.what {
            What::Note(Note::Fault { text, by, .. }) => Some((event.t, text.as_str(), *by)),
            _ => None,
        })
        .collect()
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(seconds)
}

#[test]
fn a_fault_from_the_file_is_there_from_the_start() {
    let mut b = bench("bent 2");
    assert_eq!(b.text("bad"), "bent 2");
    assert_eq!(notes(b.events()), [(at(0), "on purpose: bent 2", None)]);
    b.put("a", 1.0);
    assert_eq!(b.number("a"), 1.2);
}

#[test]
fn a_put_to_the_pv_of_faults_takes_the_words_and_shows_them() {
    let mut b = bench("");
    b.advance("1 s");
    b.put("bad", " bent 0.5 for 100 ms");
    assert_eq!(b.text("bad"), "bent 0.5 for 0.1 s");
    b.put("a", 1.0);
    assert_eq!(b.number("a"), 1.05);
    let done = b.put_callback("bad", "none");
    assert!(b.finished(done));
    b.put("a", 1.0);
    assert_eq!(b.number("a"), 1.0);
    let expected = [
        (at(1), "on purpose: bent 0.5 for 0.1 s", None),
        (at(1), "on purpose: none", None),
    ];
    assert_eq!(notes(b.events()), expected);
}

#[test]
fn words_that_are_no_fault_are_refused_and_change_nothing() {
    let mut b = bench("stuck");
    let put = b.put("bad", "gremlins");
    assert_eq!(b.refused(put), Some(Reason::Rejected));
    let told = b.events().iter().any(|event| {
        matches!(&event.what, What::Refused(_, _, text) if text.contains("bent NUMBER, stuck"))
    });
    assert!(told);
    assert_eq!(b.text("bad"), "stuck");
    b.put("a", 1.0);
    assert_eq!(b.number("a"), 0.0);
}

#[test]
fn other_fields_of_the_pv_of_faults_are_settings_that_the_device_never_hears_of() {
    let mut b = bench("");
    let put = b.put_callback("bad.DESC", "mind the gap");
    assert!(b.finished(put));
    assert_eq!(b.text("bad.DESC"), "mind the gap");
    let unfit = b.put("bad.DISV", "not a number");
    assert_eq!(b.refused(unfit), Some(Reason::Conversion));
}

#[test]
fn a_fault_with_an_end_ends_by_itself_in_device_time() {
    let mut b = bench("");
    b.fault("stuck for 10 s");
    b.advance("9.9 s");
    b.put("a", 1.0);
    assert_eq!(
        (b.number("a"), b.text("bad")),
        (0.0, "stuck for 10 s".into())
    );
    b.advance("0.1 s");
    b.put("a", 2.0);
    assert_eq!((b.number("a"), b.text("bad")), (2.0, "none".into()));
    assert_eq!(notes(b.events())[1], (at(10), "on purpose: none", None));
}

#[test]
fn a_fault_replaces_the_one_before_it_and_its_end() {
    let mut b = bench("");
    b.fault("stuck for 1 s");
    b.fault("bent 1");
    b.advance("2 s");
    b.put("a", 1.0);
    assert_eq!((b.number("a"), b.text("bad")), (1.1, "bent 1".into()));
}

#[test]
fn who_asks_the_world_is_noted() {
    let mut world = world("").unwrap();
    world
        .fault("dial.a", "stuck for 3 s", Some(ClientId(7)))
        .unwrap();
    let faults: Vec<_> = world
        .faults()
        .map(|(name, fault, over)| (name.to_owned(), fault.to_string(), over))
        .collect();
    let expected = ("dial.a".to_owned(), "stuck for 3 s".to_owned(), Some(at(3)));
    assert_eq!(faults, [expected]);
    world.advance_to(at(3));
    assert_eq!(world.faults().count(), 0);
    let events: Vec<Event> = std::iter::from_fn(|| world.poll_event()).collect();
    let expected = [
        (at(0), "on purpose: stuck for 3 s", Some(ClientId(7))),
        (at(3), "on purpose: none", None),
    ];
    assert_eq!(notes(&events), expected);
    let wrong = world.fault("dial.b", "stuck", None);
    let unknown = UnknownFault::Device {
        name: "dial.b".to_owned(),
        near: Some("dial.a".to_owned()),
    };
    assert_eq!(
        unknown.to_string(),
        "there is no device `dial.b`; did you mean `dial.a`?"
    );
    assert_eq!(wrong, Err(unknown));
    // A kind is no device, nor a group of them.
    assert!(world.fault("dial", "stuck", None).is_err());
    assert!(world.fault("dial.a", "gremlins", None).is_err());
}

#[test]
fn words_in_the_file_that_are_no_fault_build_no_world() {
    let errors = world("stuk").unwrap_err();
    assert!(matches!(&errors[..], [BuildError::Fault { device, .. }] if device == "dial.a"));
}

#[test]
fn a_fault_is_saved_with_the_world_and_ends_where_it_was_to_end() {
    let mut bench = bench("");
    bench.fault("stuck for 10 s");
    bench.advance("4 s");
    bench.world().snapshot("stuck", None).unwrap();
    bench.fault("none");
    bench.advance("60 s");
    bench.world().restore("stuck", None).unwrap();
    assert_eq!(bench.world().faults().count(), 1);
    bench.advance("5.9 s");
    assert_eq!(bench.text("bad"), "stuck for 10 s");
    bench.advance("0.1 s");
    assert_eq!(bench.text("bad"), "none");
    assert_eq!(bench.value("a"), Value::Double(0.0));
}

#[test]
fn whose_pvs_are_disconnected_answers_nobody_but_where_faults_are_asked_for() {
    let mut world = world("").unwrap();
    let [a, bad] = ["a", "bad"].map(|name| world.find(name).unwrap().pv);
    world.fault("dial.a", "disconnected for 2 s", None).unwrap();
    assert_eq!((world.is_served(a), world.is_served(bad)), (false, true));
    assert!(!world.is_down());
    world.advance_to(at(2));
    assert!(world.is_served(a));
    world.fault("all", "disconnected", None).unwrap();
    assert!(world.is_down() && !world.is_served(a) && !world.is_served(bad));
    world.fault("dial.a", "stuck", None).unwrap();
    assert!(world.is_down());
    let names: Vec<&str> = world.faults().map(|(name, ..)| name).collect();
    assert_eq!(names, ["dial.a", "all"]);
    world.fault("all", "none", None).unwrap();
    assert!(world.is_served(a));
}

#[test]
fn replies_are_as_late_as_the_later_of_device_and_whole() {
    let mut world = world("slow replies 2 s").unwrap();
    let a = world.find("a").unwrap().pv;
    assert_eq!(world.lateness(a), Duration::from_secs(2));
    world.fault("all", "slow replies 500 ms", None).unwrap();
    assert_eq!(world.lateness(a), Duration::from_secs(2));
    world.fault("dial.a", "none", None).unwrap();
    assert_eq!(world.lateness(a), Duration::from_millis(500));
}

#[test]
fn what_is_read_only_can_be_written_by_nobody_but_the_twin() {
    let mut b = bench("read-only");
    let put = b.put("a", 1.0);
    assert_eq!(b.refused(put), Some(Reason::NoWriteAccess));
    let pv = b.world().find("a").unwrap().pv;
    assert!(!b.world().access(pv).write);
    let (value, by, complete) = (Value::Double(2.0), None, false);
    b.world().put(PutRequest {
        pv,
        value,
        by,
        complete,
    });
    assert_eq!(b.number("a"), 2.0);
    b.put("bad", "none");
    b.put("a", 3.0);
    assert_eq!(b.number("a"), 3.0);
}

#[test]
fn an_alarm_on_purpose_shows_unless_there_is_a_worse_one() {
    let mut b = bench("");
    b.fault("alarm major");
    assert_eq!((b.number("a.SEVR"), b.number("bad.SEVR")), (2.0, 0.0));
    assert_eq!(b.text("a.STAT"), "SOFT");
    let alarm = |b: &Bench| {
        let mut latest = b.events().iter().rev();
        latest.find_map(|event| match &event.what {
            What::Post { alarm, .. } => Some(alarm.severity),
            _ => None,
        })
    };
    assert_eq!(alarm(&b), Some(Severity::Major));
    b.put("a", 1.0);
    assert_eq!(alarm(&b), Some(Severity::Major));
    b.world().fault("all", "alarm minor", None).unwrap();
    assert_eq!(b.number("a.SEVR"), 2.0);
    b.fault("none");
    assert_eq!(b.number("a.SEVR"), 1.0);
    assert_eq!(b.numbers("a.SEVR"), [2.0, 1.0]);
}
