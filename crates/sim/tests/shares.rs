//! A thing that only one device can have at a time.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use beamtwin_pv::SimTime;
use beamtwin_sim::{
    Bench, Cx, Device, Field, Order, Part, Put, PutId, RecordType, Refusal, ShareId, Slot, Surface,
    Timer, What, WorldBuilder,
};

static BUTTON: RecordType = RecordType::new("button", &[Field::double("VAL").command()]);

/// Works for as many seconds as it is told, when it has the tool; 0 gives up.
#[derive(Clone)]
struct Worker {
    val: Slot<f64>,
    tool: ShareId,
    order: Option<(u64, f64)>,
}

impl Worker {
    fn new(name: &str, surface: &mut Surface) -> Self {
        let val = surface.record(name, &BUTTON).val();
        let tool = surface.share("tool");
        Self {
            val,
            tool,
            order: None,
        }
    }

    fn begin(&self, cx: &mut Cx<'_>) {
        let (_, seconds) = self.order.unwrap();
        cx.post(self.val, seconds);
        cx.wake_after(Timer(0), Duration::from_secs_f64(seconds));
    }

    fn end(&mut self, cx: &mut Cx<'_>) {
        cx.leave(self.tool);
        if let Some((put, _)) = self.order.take() {
            cx.finish(PutId(put));
        }
    }
}

impl Device for Worker {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if order.number() == 0.0 {
            self.end(cx);
            return Ok(Put::Done);
        }
        self.order = Some((order.put.0, order.number()));
        if cx.claim(self.tool) {
            self.begin(cx);
        }
        Ok(Put::Started)
    }

    fn turn(&mut self, share: ShareId, cx: &mut Cx<'_>) {
        assert_eq!(share, self.tool);
        assert!(cx.holds(share));
        self.begin(cx);
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        cx.post(self.val, 0.0);
        self.end(cx);
    }
}

/// Two workers in one device, and a third on its own.
#[derive(Clone)]
struct Pair([(Part, Worker); 2]);

impl Device for Pair {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        for (part, worker) in &mut self.0 {
            if let Some(record) = part.inner(order.record) {
                return worker.put(Order { record, ..order }, &mut cx.part(*part));
            }
        }
        Ok(Put::Done)
    }

    fn turn(&mut self, share: ShareId, cx: &mut Cx<'_>) {
        for (part, worker) in &mut self.0 {
            if let Some(share) = part.share(share) {
                worker.turn(share, &mut cx.part(*part));
            }
        }
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        for (part, worker) in &mut self.0 {
            if let Some(timer) = part.timer(timer) {
                worker.wake(timer, &mut cx.part(*part));
            }
        }
    }
}

fn bench() -> Bench {
    let mut builder = WorldBuilder::new("shares");
    let mut surface = Surface::default();
    let pair = ["a", "b"].map(|name| {
        let mut own = Surface::default();
        let worker = Worker::new(name, &mut own);
        (surface.adopt(own), worker)
    });
    builder.add("pair", surface, Box::new(Pair(pair)));
    let mut surface = Surface::default();
    let worker = Worker::new("c", &mut surface);
    builder.add("c", surface, Box::new(worker));
    Bench::of(builder.build().unwrap())
}

const fn s(s: u64) -> Option<SimTime> {
    Some(SimTime::from_nanos(s * 1_000_000_000))
}

#[test]
fn devices_and_parts_take_turns_in_the_order_in_which_they_asked() {
    let mut bench = bench();
    let puts = ["c", "b", "a"].map(|name| bench.put_callback(name, 2.0));
    assert_eq!(bench.number("b"), 0.0);
    bench.advance("2 s");
    assert_eq!([bench.number("a"), bench.number("b")], [0.0, 2.0]);
    bench.advance("9 s");
    let ends = puts.map(|put| bench.finished_at(put));
    assert_eq!(ends, [s(2), s(4), s(6)]);
}

#[test]
fn what_a_turn_does_is_because_of_the_put_that_waited() {
    let mut bench = bench();
    bench.put_callback("a", 1.0);
    let second = bench.put_callback("c", 1.0);
    bench.advance("9 s");
    let caused = bench.events().iter().filter(
        |event| matches!(event.what, What::Post { cause: Some(cause), .. } if cause == second),
    );
    assert_eq!(caused.count(), 2);
}

#[test]
fn who_gives_up_is_passed_over_and_who_has_it_lets_the_next_begin() {
    let mut bench = bench();
    let puts = ["a", "b", "c"].map(|name| bench.put_callback(name, 5.0));
    bench.advance("1 s");
    bench.put("b", 0.0);
    assert_eq!(bench.finished_at(puts[1]), s(1));
    bench.put("a", 0.0);
    assert_eq!(bench.number("c"), 5.0);
    bench.advance("9 s");
    assert_eq!(bench.finished_at(puts[2]), s(6));
}

#[test]
fn the_queue_is_saved_and_restored() {
    let mut bench = bench();
    for name in ["a", "c", "b"] {
        bench.put_callback(name, 2.0);
    }
    bench.advance("1 s");
    bench.follows_again(|bench| bench.advance("9 s"));
    assert_eq!(bench.world().unfinished(), 0);
}
