//! Going back to a snapshot.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use beamtwin_pv::{Alarm, AlarmStatus, Epoch, Severity, SimTime, Value};
use beamtwin_sim::{
    Bench, ClientId, Cx, Device, Event, Field, Mask, Note, Order, Put, PutId, Reason, RecordType,
    Refusal, Slot, SnapshotError, Surface, Timer, What,
};

static MOVER: RecordType = RecordType::new(
    "mover",
    &[
        Field::double("VAL").command(),
        Field::double("RBV"),
        Field::string("EGU").setting(),
    ],
);

/// Moves one unit a second, in steps of 0.1 s; beyond 3 it is in alarm.
#[derive(Clone)]
struct Mover {
    val: Slot<f64>,
    rbv: Slot<f64>,
    puts: Vec<PutId>,
}

impl Device for Mover {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if !order.is(self.val) {
            return Ok(Put::Done);
        }
        cx.post(self.val, order.number());
        cx.wake_after(Timer(0), Duration::from_millis(100));
        self.puts.push(order.put);
        Ok(Put::Started)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        let (target, at) = (cx.get(self.val), cx.get(self.rbv));
        let next = at + (target - at).clamp(-0.1, 0.1);
        let next = (next * 10.0).round() / 10.0;
        cx.post(self.rbv, next);
        let alarm = if next > 3.0 {
            Alarm::new(Severity::Major, AlarmStatus::High)
        } else {
            Alarm::NONE
        };
        cx.alarm(self.val.record(), alarm);
        if next == target {
            for put in self.puts.drain(..) {
                cx.finish(put);
            }
        } else {
            cx.wake_after(Timer(0), Duration::from_millis(100));
        }
    }
}

fn mover() -> Bench {
    Bench::new(|surface: &mut Surface| {
        let record = surface.record("m", &MOVER).with("EGU", "mm");
        let (val, rbv) = (record.slot("VAL"), record.slot("RBV"));
        surface.readback(rbv);
        let puts = Vec::new();
        Mover { val, rbv, puts }
    })
}

fn snapshot(bench: &mut Bench, name: &str) {
    bench.world().snapshot(name, None).unwrap();
    bench.advance("0 s");
}

fn restore(bench: &mut Bench, name: &str) {
    bench.world().restore(name, None).unwrap();
    bench.advance("0 s");
}

/// How often the end of a put was told.
fn ends(bench: &Bench, put: PutId) -> usize {
    let is_end = |event: &&Event| match &event.what {
        What::Done(ended) | What::Refused(ended, ..) => *ended == put,
        _ => false,
    };
    bench.events().iter().filter(is_end).count()
}

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + Duration::from_secs_f64(seconds)
}

#[test]
fn values_go_back_and_time_does_not() {
    let mut bench = mover();
    let epoch = Epoch::from_unix_nanos(1_800_000_000_000_000_000);
    bench.world().set_epoch(epoch);
    bench.put("m", 1.0);
    bench.advance("2 s");
    snapshot(&mut bench, "one");
    bench.put("m", 2.0);
    bench.advance("3 s");
    bench.forget();
    restore(&mut bench, "one");
    assert_eq!((bench.number("m"), bench.number(".RBV")), (1.0, 1.0));
    assert_eq!(bench.world().now(), at(5.0));
    assert_eq!(bench.posts("m"), [(at(5.0), Value::Double(1.0))]);
    assert_eq!(bench.posts(".RBV"), [(at(5.0), Value::Double(1.0))]);
    let pv = bench.world().find("m").unwrap().pv;
    assert_eq!(bench.world().read(pv).stamp, epoch.stamp(at(5.0)));
}

#[test]
fn what_is_as_it_was_is_not_told() {
    let mut bench = mover();
    bench.put("m", 1.0);
    bench.advance("2 s");
    snapshot(&mut bench, "one");
    bench.advance("2 s");
    let pv = bench.world().find("m").unwrap().pv;
    let stamp = bench.world().read(pv).stamp;
    bench.forget();
    restore(&mut bench, "one");
    let told: Vec<&What> = bench.events().iter().map(|event| &event.what).collect();
    let name = "one".to_owned();
    assert_eq!(told, [&What::Note(Note::Restore { name, by: None })]);
    assert_eq!(bench.world().read(pv).stamp, stamp);
}

#[test]
fn a_move_goes_on_from_half_way_as_often_as_one_goes_back() {
    let mut bench = mover();
    bench.put("m", 1.0);
    bench.advance("0.55 s");
    snapshot(&mut bench, "half");
    for began in [0.55, 10.55, 20.55] {
        bench.forget();
        bench.advance("10 s");
        let arrived = bench.posts(".RBV").pop().unwrap();
        assert_eq!(arrived, (at(began + 0.45), Value::Double(1.0)));
        assert_eq!(bench.posts(".RBV").len(), 5);
        restore(&mut bench, "half");
        assert_eq!(bench.number(".RBV"), 0.5);
    }
}

#[test]
fn a_put_that_waits_goes_on_to_wait() {
    let mut bench = mover();
    let put = bench.put_callback("m", 1.0);
    bench.advance("0.5 s");
    snapshot(&mut bench, "half");
    bench.advance("0.2 s");
    restore(&mut bench, "half");
    bench.advance("0.4 s");
    assert_eq!(ends(&bench, put), 0);
    bench.advance("0.1 s");
    assert_eq!(bench.finished_at(put), Some(at(1.2)));
}

#[test]
fn the_end_of_a_put_is_told_once() {
    let mut bench = mover();
    let first = bench.write("m", 1.0.into(), ClientId(1), true);
    let second = bench.write("m", 0.5.into(), ClientId(2), true);
    bench.advance("0.5 s");
    snapshot(&mut bench, "half");
    bench.advance("5 s");
    for _ in 0..2 {
        restore(&mut bench, "half");
        assert_eq!(bench.world().unfinished(), 2);
        bench.advance("0.5 s");
        assert_eq!(bench.number("m"), 0.5, "the second has its turn again");
        bench.advance("5 s");
        assert_eq!(bench.world().unfinished(), 0);
    }
    assert_eq!((ends(&bench, first), ends(&bench, second)), (1, 1));
}

#[test]
fn a_client_that_goes_hears_once_of_what_it_waited_for() {
    let mut bench = mover();
    bench.write("m", 1.0.into(), ClientId(1), true);
    let second = bench.write("m", 0.5.into(), ClientId(2), true);
    snapshot(&mut bench, "both");
    bench.advance("5 s");
    restore(&mut bench, "both");
    bench.world().close_client(ClientId(2));
    bench.advance("5 s");
    assert_eq!(ends(&bench, second), 1);
}

#[test]
fn a_put_from_after_the_snapshot_fails() {
    let mut bench = mover();
    snapshot(&mut bench, "rest");
    let put = bench.put_callback("m", 1.0);
    let queued = bench.put_callback("m", 2.0);
    bench.advance("0.5 s");
    restore(&mut bench, "rest");
    for put in [put, queued] {
        assert_eq!(bench.refused(put), Some(Reason::Rejected));
    }
    bench.advance("60 s");
    assert_eq!(bench.number(".RBV"), 0.0);
    let again = bench.put_callback("m", 0.1);
    bench.advance("0.1 s");
    assert!(bench.finished(again), "the record is free");
    assert_eq!((ends(&bench, put), ends(&bench, queued)), (1, 1));
}

#[test]
fn an_alarm_goes_back_and_is_told() {
    let mut bench = mover();
    bench.put("m", 3.0);
    bench.advance("5 s");
    snapshot(&mut bench, "well");
    bench.put("m", 3.1);
    bench.advance("1 s");
    assert_eq!(bench.text(".SEVR"), "MAJOR");
    bench.forget();
    restore(&mut bench, "well");
    assert_eq!(bench.text(".SEVR"), "NO_ALARM");
    let masks = |name: &str| {
        let wanted = bench_pv(&mut mover(), name);
        let masks = bench.events().iter().filter_map(|event| match event.what {
            What::Post { pv, mask, .. } if pv == wanted => Some(mask),
            _ => None,
        });
        masks.collect::<Vec<_>>()
    };
    for name in [".SEVR", ".STAT", "m", ".RBV"] {
        assert_eq!(masks(name), [Mask::CHANGE | Mask::ALARM], "{name}");
    }
}

fn bench_pv(bench: &mut Bench, name: &str) -> beamtwin_sim::PvId {
    let name = name.replace('.', "m.");
    bench.world().find(&name).unwrap().pv
}

#[test]
fn what_is_known_of_a_value_goes_back_and_is_told() {
    let mut bench = mover();
    snapshot(&mut bench, "mm");
    bench.put(".EGU", "um");
    bench.forget();
    restore(&mut bench, "mm");
    assert_eq!(bench.text(".EGU"), "mm");
    let property = |event: &Event| matches!(event.what, What::Again(_, Mask::PROPERTY));
    assert!(bench.events().iter().any(property));
}

#[test]
fn time_and_numbers_never_go_back() {
    let mut bench = mover();
    snapshot(&mut bench, "now");
    for _ in 0..3 {
        bench.put_callback("m", 1.0);
        bench.advance("0.35 s");
        snapshot(&mut bench, "now");
        bench.put_callback("m", 0.5);
        bench.advance("0.25 s");
        restore(&mut bench, "now");
    }
    let events = bench.events();
    assert!(events.windows(2).all(|pair| pair[0].t <= pair[1].t));
    let step = |pair: &[Event]| pair[1].n - pair[0].n;
    assert!(
        events
            .windows(2)
            .all(|pair| pair[0].n <= pair[1].n && step(pair) <= 1)
    );
}

#[test]
fn a_wakeup_is_due_when_it_comes_for_everybody() {
    let mut bench = mover();
    bench.put("m", 1.0);
    bench.advance("0.55 s");
    snapshot(&mut bench, "half");
    bench.advance("10 s");
    assert_eq!(bench.world().next_wake(), None);
    restore(&mut bench, "half");
    assert_eq!(bench.world().next_wake(), Some(at(10.6)));
}

#[test]
fn so_many_snapshots_are_kept_and_no_more() {
    let mut bench = mover();
    for number in 0..16 {
        snapshot(&mut bench, &format!("s{number:02}"));
    }
    let world = bench.world();
    assert_eq!(world.snapshot("another", None), Err(SnapshotError::Full));
    assert_eq!(world.snapshot("", None), Err(SnapshotError::Nameless));
    world.advance_to(at(1.0));
    world.snapshot("s05", None).unwrap();
    let kept: Vec<_> = world
        .snapshots()
        .map(|kept| (kept.name, kept.taken))
        .collect();
    assert_eq!(kept.len(), 16);
    assert_eq!(kept[4..6], [("s04", at(0.0)), ("s05", at(1.0))]);
    assert!(world.snapshots().all(|kept| kept.bytes > 0));
}

#[test]
fn there_is_no_way_back_to_what_was_never_taken() {
    let mut bench = mover();
    snapshot(&mut bench, "start");
    bench.forget();
    let error = bench.world().restore("strat", None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no snapshot `strat`; did you mean `start`?"
    );
    bench.advance("0 s");
    assert_eq!(bench.events(), []);
}
