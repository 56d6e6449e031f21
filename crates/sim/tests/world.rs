//! What a world promises, shown with toy devices.

use std::time::Duration;

use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{
    Beam, Bench, BuildError, ClientId, Cx, Device, Event, Field, FieldIx, InputId, LocalRecord,
    Look, Mask, Optic, Order, Put, PutId, PutRequest, Reason, RecordType, Refusal, Slot, Surface,
    Timer, What, World, WorldBuilder,
};

static MOVER: RecordType = RecordType::new(
    "mover",
    &[
        Field::double("VAL").command(),
        Field::double("RBV"),
        Field::string("EGU").setting().says("mm"),
    ],
);
static PLAIN: RecordType = RecordType::new("plain", &[Field::double("VAL").setting()]);
static READING: RecordType = RecordType::new("reading", &[Field::double("VAL")]);

/// Moves one unit a second, in steps of 0.1 s.
#[derive(Clone)]
struct Mover {
    val: Slot<f64>,
    rbv: Slot<f64>,
    puts: Vec<PutId>,
}

impl Mover {
    fn new(surface: &mut Surface, name: &str) -> Self {
        let record = surface.record(name, &MOVER);
        let (val, rbv) = (record.slot("VAL"), record.slot("RBV"));
        surface.readback(rbv);
        Self {
            val,
            rbv,
            puts: Vec::new(),
        }
    }
}

impl Device for Mover {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if order.number() > 100.0 {
            return Err(Refusal::silent("beyond 100"));
        }
        cx.post(self.val, order.number());
        cx.wake_after(Timer(0), Duration::from_millis(100));
        self.puts.push(order.put);
        Ok(Put::Started)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        let (target, at) = (cx.get(self.val), cx.get(self.rbv));
        let next = at + (target - at).clamp(-0.1, 0.1);
        cx.post(
            self.rbv,
            if (next - target).abs() < 1e-9 {
                target
            } else {
                next
            },
        );
        if cx.get(self.rbv) == target {
            for put in self.puts.drain(..) {
                cx.finish(put);
            }
        } else {
            cx.wake_after(Timer(0), Duration::from_millis(100));
        }
    }

    fn optic(&self) -> Option<&dyn Optic> {
        Some(self)
    }
}

impl Optic for Mover {
    fn pass(&self, beam: Beam, look: &Look<'_>) -> Beam {
        beam.weakened(1.0 - look.get(self.rbv))
    }
}

/// Shows what it watches, noise included, and the light that arrives.
#[derive(Clone)]
struct Watcher {
    seen: Slot<f64>,
    input: InputId,
}

impl Watcher {
    fn new(surface: &mut Surface, name: &str, watched: &str) -> Self {
        let seen = surface.record(name, &READING).val();
        surface.readback(seen);
        Self {
            seen,
            input: surface.watch("along", watched),
        }
    }
}

impl Device for Watcher {
    fn changed(&mut self, input: InputId, cx: &mut Cx<'_>) {
        assert_eq!(input, self.input);
        let noise = cx.noise().normal(1e-3);
        let seen = cx.input(input).as_f64().expect("a number") + noise + cx.beam().flux;
        cx.post(self.seen, seen);
    }
}

fn mover() -> Bench {
    Bench::new(|surface| Mover::new(surface, "m"))
}

fn pair() -> World {
    let mut builder = WorldBuilder::new("pair").seed(7).beam(
        Beam {
            energy: 1e4,
            flux: 100.0,
        },
        vec!["mover".to_owned(), "watcher".to_owned()],
    );
    let mut surface = Surface::default();
    let device = Mover::new(&mut surface, "m");
    builder.add("mover", surface, Box::new(device));
    let mut surface = Surface::default();
    let device = Watcher::new(&mut surface, "w", "mover");
    builder.add("watcher", surface, Box::new(device));
    builder.build().expect("two devices build")
}

fn run(bench: &mut Bench) -> Vec<Event> {
    bench.put_callback("m", 0.5);
    bench.advance("0.25 s");
    bench.put("m", 0.2);
    bench.advance("3 s");
    bench.events().to_vec()
}

#[test]
fn a_put_with_completion_is_done_when_the_device_says_so() {
    let mut bench = mover();
    let put = bench.put_callback("m", 0.5);
    bench.advance("0.499 s");
    assert!(!bench.finished(put));
    bench.advance("0.001 s");
    assert_eq!(
        bench.finished_at(put),
        Some(SimTime::from_nanos(500_000_000))
    );
    assert_eq!(bench.number(".RBV"), 0.5);
}

#[test]
fn events_carry_the_put_that_caused_them() {
    let mut bench = mover();
    let first = bench.put("m", 0.2);
    bench.advance("1 s");
    let second = bench.put("m", 0.0);
    bench.advance("1 s");
    let causes: Vec<_> = bench
        .events()
        .iter()
        .filter_map(|event| {
            if let What::Post { cause, .. } = event.what {
                cause
            } else {
                None
            }
        })
        .collect();
    assert_eq!(causes, [first, first, first, second, second, second]);
    assert_eq!(first, PutId(1), "a put is named by the number of its fact");
}

#[test]
fn a_put_with_completion_waits_behind_another_clients() {
    let mut bench = mover();
    let first = bench.write("m", Value::Double(0.3), ClientId(1), true);
    let second = bench.write("m", Value::Double(0.1), ClientId(2), true);
    assert_eq!(bench.number("m"), 0.3);
    bench.advance("0.3 s");
    assert_eq!(
        (bench.finished(first), bench.finished(second)),
        (true, false)
    );
    assert_eq!(
        bench.number("m"),
        0.1,
        "the second begins when the first has ended"
    );
    bench.advance("0.2 s");
    assert!(bench.finished(second));
}

#[test]
fn a_plain_put_acts_at_once() {
    let mut bench = mover();
    let first = bench.write("m", Value::Double(0.3), ClientId(1), true);
    bench.advance("0.1 s");
    bench.write("m", Value::Double(0.1), ClientId(2), false);
    bench.advance("0.1 s");
    assert_eq!(
        bench.finished_at(first),
        Some(SimTime::from_nanos(200_000_000))
    );
}

#[test]
fn a_client_that_goes_leaves_its_turn_to_the_next() {
    let mut bench = mover();
    bench.write("m", Value::Double(5.0), ClientId(1), true);
    let queued = bench.write("m", Value::Double(1.0), ClientId(1), true);
    let other = bench.write("m", Value::Double(0.2), ClientId(2), true);
    bench.world().close_client(ClientId(1));
    bench.advance("0.2 s");
    assert_eq!(bench.refused(queued), Some(Reason::Gone));
    assert!(bench.finished(other));
}

#[test]
fn a_put_that_nobody_waits_for_any_longer_keeps_nobody_waiting() {
    let mut bench = mover();
    let first = bench.write("m", Value::Double(5.0), ClientId(1), true);
    let second = bench.write("m", Value::Double(1.0), ClientId(1), true);
    let third = bench.write("m", Value::Double(0.2), ClientId(2), true);
    bench.world().cancel(second);
    assert_eq!(bench.number("m"), 5.0);
    bench.world().cancel(first);
    bench.advance("0.2 s");
    assert_eq!(bench.refused(second), Some(Reason::Gone), "it never began");
    assert_eq!(bench.refused(first), None, "it began");
    assert!(bench.finished(third));
    let before = bench.events().len();
    bench.world().cancel(third);
    bench.advance("1 s");
    assert_eq!(bench.events().len(), before, "it is over");
}

#[test]
fn a_refused_put_changes_nothing_and_says_why() {
    let mut bench = mover();
    let put = bench.put_callback("m", 101.0);
    assert_eq!(bench.refused(put), Some(Reason::Silent));
    assert_eq!(bench.number("m"), 0.0);
    let next = bench.put_callback("m", 0.1);
    bench.advance("0.1 s");
    assert!(bench.finished(next), "the record is free again");
}

#[test]
fn a_readback_cannot_be_written() {
    let mut bench = mover();
    let put = bench.put(".RBV", 1.0);
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
}

#[test]
fn a_put_that_waits_is_judged_by_disp_when_its_turn_comes() {
    let mut bench = mover();
    let first = bench.put_callback("m", 0.1);
    let second = bench.put_callback("m", 0.2);
    bench.put(".DISP", 1u8);
    let third = bench.put_callback("m", 0.3);
    assert_eq!((bench.refused(second), bench.refused(third)), (None, None));
    bench.advance("1 s");
    assert!(bench.finished(first));
    for late in [second, third] {
        assert_eq!(bench.refused(late), Some(Reason::Disabled));
    }
    bench.put(".DISP", 0u8);
    let fourth = bench.put_callback("m", 0.0);
    bench.put(".DISP", 1u8);
    let fifth = bench.put_callback("m", 0.4);
    bench.put(".DISP", 0u8);
    bench.advance("1 min");
    assert!(bench.finished(fourth));
    assert!(bench.finished(fifth));
}

#[test]
fn a_disabled_record_refuses_all_but_its_enabling() {
    let mut bench = mover();
    bench.put(".DISP", 1u8);
    let refused = bench.put("m", 0.1);
    assert_eq!(bench.refused(refused), Some(Reason::Disabled));
    bench.put(".DISP", 0u8);
    let accepted = bench.put("m", 0.1);
    assert_eq!(bench.refused(accepted), None);
}

#[test]
fn every_record_has_the_common_fields() {
    let bench = mover();
    assert_eq!(bench.text(".NAME"), "m");
    assert_eq!(bench.text(".RTYP"), "mover");
    assert_eq!(bench.text(".SEVR"), "NO_ALARM");
}

#[test]
fn a_name_leads_to_a_field_and_a_dollar_only_to_text() {
    let mut bench = mover();
    let world = bench.world();
    assert_eq!(world.find("m"), world.find("m.VAL"));
    assert!(world.find("m.EGU$").unwrap().long_string);
    assert_eq!(world.find("m.RBV$"), None);
    assert_eq!(world.find("m.XYZ"), None);
    assert_eq!(world.find("n"), None);
}

#[test]
fn an_unchanged_setting_is_not_posted_again() {
    #[derive(Clone)]
    struct Keeper;
    impl Device for Keeper {}
    let mut bench = Bench::new(|surface| {
        let shown = surface.record("a_RBV", &READING).id();
        surface.record("a", &PLAIN).mirrored_by(shown);
        Keeper
    });
    bench.put("a", 2.0);
    bench.put("a", 2.0);
    assert_eq!(bench.posts("a").len(), 1);
    assert_eq!(bench.posts("a_RBV").len(), 1);
    assert_eq!(bench.number("a_RBV"), 2.0);
}

#[test]
fn the_same_inputs_give_the_same_events() {
    assert_eq!(run(&mut Bench::of(pair())), run(&mut Bench::of(pair())));
}

#[test]
fn a_watcher_sees_every_change_and_the_light_that_is_left() {
    let mut bench = Bench::of(pair());
    bench.put("m", 0.3);
    bench.advance("1 s");
    let seen = bench.posts("w");
    assert_eq!(seen.len(), 3);
    assert!((seen[2].1.as_f64().unwrap() - 70.3).abs() < 0.1, "{seen:?}");
}

#[test]
fn a_world_that_went_back_goes_on_as_it_did() {
    let mut bench = Bench::of(pair());
    bench.put_callback("m", 0.5);
    bench.advance("0.25 s");
    bench.follows_again(|bench| bench.advance("3 s"));
    assert_eq!(bench.world().unfinished(), 0);
}

#[test]
fn time_never_goes_back_and_facts_are_numbered_without_a_gap() {
    let events = run(&mut Bench::of(pair()));
    assert!(events.windows(2).all(|pair| pair[0].t <= pair[1].t));
    assert!(events.iter().zip(1..).all(|(event, n)| event.n == n));
}

#[test]
fn devices_that_watch_each_other_are_found_out() {
    let mut builder = WorldBuilder::new("circle");
    for (name, watched) in [("a", "b"), ("b", "a")] {
        let mut surface = Surface::default();
        let device = Watcher::new(&mut surface, &format!("pv:{name}"), watched);
        builder.add(name, surface, Box::new(device));
    }
    let errors = builder.build().unwrap_err();
    assert!(
        matches!(&errors[..], [BuildError::Circle(names)] if names.len() == 2),
        "{errors:?}"
    );
}

#[test]
fn two_records_of_one_name_are_found_out() {
    let mut builder = WorldBuilder::new("collision");
    for name in ["a", "b"] {
        let mut surface = Surface::default();
        let device = Mover::new(&mut surface, "m");
        builder.add(name, surface, Box::new(device));
    }
    let errors = builder.build().unwrap_err();
    assert!(
        matches!(&errors[..], [BuildError::Collision { name, first, second }]
            if (&**name, &**first, &**second) == ("m", "a", "b")),
        "{errors:?}"
    );
}

/// Its first put finishes a second after its second, and does not keep it waiting.
#[derive(Clone)]
struct Patient {
    val: Slot<f64>,
    first: Option<PutId>,
}

impl Device for Patient {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        cx.post(self.val, order.number());
        if let Some(first) = self.first.take() {
            cx.finish(first);
            return Ok(Put::Done);
        }
        self.first = Some(order.put);
        cx.release(order.put);
        Ok(Put::Started)
    }
}

#[test]
fn a_released_put_keeps_nobody_waiting_and_still_finishes_once() {
    let mut bench = Bench::new(|surface| {
        let record = surface.record("m", &MOVER);
        Patient {
            val: record.val(),
            first: None,
        }
    });
    let first = bench.write("m", 1.0.into(), ClientId(1), true);
    assert!(!bench.finished(first));
    let second = bench.write("m", 2.0.into(), ClientId(2), true);
    assert!(bench.finished(first) && bench.finished(second));
    let third = bench.write("m", 3.0.into(), ClientId(2), true);
    assert!(!bench.finished(third));
    let ends = bench.events().iter();
    assert_eq!(
        ends.filter(|event| matches!(event.what, What::Done(_)))
            .count(),
        2
    );
    assert_eq!(
        (bench.world().waiting(), bench.world().unfinished()),
        (0, 1)
    );
}

/// Takes orders from the twin itself only.
#[derive(Clone)]
struct Loyal(Slot<f64>);

impl Device for Loyal {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if order.by.is_some() {
            return Err(Refusal::rejected("not from you"));
        }
        cx.post(self.0, order.number());
        Ok(Put::Done)
    }
}

#[test]
fn a_device_knows_who_gave_an_order() {
    let mut bench = Bench::new(|surface| Loyal(surface.record("m", &MOVER).val()));
    let theirs = bench.put("m", 1.0);
    assert_eq!(bench.refused(theirs), Some(Reason::Rejected));
    let pv = bench.world().find("m").unwrap().pv;
    bench.world().put(PutRequest {
        pv,
        value: 2.0.into(),
        by: None,
        complete: false,
    });
    assert_eq!(bench.number("m"), 2.0);
}

#[test]
fn a_text_field_holds_as_much_as_epics_gives_it() {
    let mut bench = mover();
    let long = "x".repeat(100);
    for (field, size) in [(".DESC", 40), (".EGU", 15), (".ASG", 28)] {
        bench.put(field, long.as_str());
        assert_eq!(bench.text(field).len(), size, "{field}");
    }
}

#[test]
fn a_change_of_units_is_a_property_event_and_no_fact() {
    let mut bench = mover();
    bench.put(".DESC", "a");
    let told = |bench: &Bench| {
        let properties = |event: &&Event| matches!(event.what, What::Again(_, Mask::PROPERTY));
        bench.events().iter().filter(properties).count()
    };
    assert_eq!(told(&bench), 0);
    bench.put(".EGU", "cm");
    assert_eq!(told(&bench), 1);
    assert_eq!(bench.events().last().map(|event| event.n), Some(4));
}

#[test]
fn a_setting_beside_the_value_does_not_stamp_its_record() {
    let mut bench = mover();
    bench.advance("1 s");
    bench.put(".DESC", "a");
    let stamps = bench.events().iter().filter_map(|event| match event.what {
        What::Post { stamp, .. } => Some(stamp),
        _ => None,
    });
    assert_eq!(stamps.collect::<Vec<_>>(), [Some(SimTime::ZERO)]);
}

#[test]
fn a_device_hears_of_what_its_field_cannot_be() {
    #[derive(Clone)]
    struct Stumbler(Slot<f64>);
    impl Device for Stumbler {
        fn unfit(
            &mut self,
            _: LocalRecord,
            field: FieldIx,
            complete: Option<PutId>,
            cx: &mut Cx<'_>,
        ) -> Put {
            assert_eq!(field, self.0.field());
            cx.post(self.0, if complete.is_some() { 2.0 } else { 1.0 });
            Put::Done
        }
    }
    let mut bench = Bench::new(|surface| Stumbler(surface.record("m", &MOVER).slot::<f64>("VAL")));
    for (complete, seen) in [(false, 1.0), (true, 2.0)] {
        let put = bench.write("m", "abc".into(), ClientId(1), complete);
        assert_eq!(bench.refused(put), Some(Reason::Conversion));
        assert_eq!(bench.number("m"), seen);
    }
    let put = bench.write("m.RBV", "abc".into(), ClientId(1), false);
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
    assert_eq!(bench.number("m"), 2.0);
}

#[test]
fn a_put_that_has_started_can_fail_and_lets_the_next_begin() {
    #[derive(Clone)]
    struct Late(Vec<PutId>);
    impl Device for Late {
        fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
            self.0.push(order.put);
            cx.wake_after(Timer(0), Duration::from_secs(1));
            Ok(Put::Started)
        }

        fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
            cx.refuse(self.0.remove(0), Refusal::rejected("it did not work"));
        }
    }
    let mut bench = Bench::new(|surface| {
        surface.record("m", &MOVER);
        Late(Vec::new())
    });
    let first = bench.write("m", 1.0.into(), ClientId(1), true);
    let second = bench.write("m", 2.0.into(), ClientId(2), true);
    assert_eq!((bench.refused(first), bench.world().waiting()), (None, 1));
    bench.advance("1 s");
    assert_eq!(bench.refused(first), Some(Reason::Rejected));
    assert_eq!((bench.refused(second), bench.world().waiting()), (None, 0));
    bench.advance("1 s");
    assert_eq!(bench.refused(second), Some(Reason::Rejected));
}
