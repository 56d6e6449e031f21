//! A device made of devices.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{
    Bench, Cx, Device, Field, InputId, Order, Part, Put, PutId, RecordType, Refusal, Slot, Surface,
    Timer, WorldBuilder,
};

static KEEPER: RecordType = RecordType::new("keeper", &[Field::double("VAL").command()]);

/// Keeps a number after a while, or that of what it watches.
#[derive(Clone)]
struct Late {
    val: Slot<f64>,
    wanted: f64,
    put: PutId,
}

impl Late {
    fn new(name: &str, surface: &mut Surface) -> Self {
        let val = surface.record(name, &KEEPER).val();
        Self {
            val,
            wanted: 0.0,
            put: PutId(0),
        }
    }
}

impl Device for Late {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        assert!(order.is(self.val));
        self.wanted = order.number();
        self.put = order.put;
        cx.wake_after(Timer(0), Duration::from_secs(1));
        Ok(Put::Started)
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        assert_eq!(timer, Timer(0));
        cx.post(self.val, self.wanted);
        cx.finish(self.put);
    }

    fn changed(&mut self, input: InputId, cx: &mut Cx<'_>) {
        assert_eq!(input, InputId(0));
        let value = cx.input(input).as_f64().unwrap();
        cx.post(self.val, value);
    }
}

#[derive(Clone)]
struct Pair {
    parts: [(Part, Late); 2],
    calls: Slot<f64>,
}

impl Pair {
    fn new(surface: &mut Surface) -> Self {
        let calls = surface.record("calls", &KEEPER).val();
        let parts = ["a", "b"].map(|name| {
            let mut own = Surface::default();
            let late = Late::new(name, &mut own);
            (surface.adopt(own), late)
        });
        Self { parts, calls }
    }
}

impl Device for Pair {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let calls = cx.get(self.calls);
        cx.post(self.calls, calls + 1.0);
        for (part, late) in &mut self.parts {
            if let Some(record) = part.inner(order.record) {
                return late.put(Order { record, ..order }, &mut cx.part(*part));
            }
        }
        cx.cancel(Timer(0));
        Ok(Put::Done)
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        for (part, late) in &mut self.parts {
            if let Some(timer) = part.timer(timer) {
                late.wake(timer, &mut cx.part(*part));
            }
        }
    }
}

#[test]
fn each_part_has_records_and_timers_of_its_own() {
    let mut bench = Bench::new(Pair::new);
    let first = bench.put_callback("a", 1.0);
    bench.advance("0.5 s");
    let second = bench.put_callback("b", 2.0);
    bench.put("calls", 0.0);
    bench.advance("5 s");
    let ms = |ms: u64| Some(SimTime::from_nanos(ms * 1_000_000));
    assert_eq!(bench.finished_at(first), ms(1000));
    assert_eq!(bench.finished_at(second), ms(1500));
    assert_eq!(bench.value("a"), Value::Double(1.0));
    assert_eq!(bench.value("b"), Value::Double(2.0));
    assert_eq!(bench.number("calls"), 3.0);
}

#[test]
fn a_part_has_inputs_of_its_own() {
    #[derive(Clone)]
    struct Follower(Part, Late);

    impl Device for Follower {
        fn changed(&mut self, input: InputId, cx: &mut Cx<'_>) {
            if let Some(input) = self.0.input(input) {
                self.1.changed(input, &mut cx.part(self.0));
            }
        }
    }

    let mut builder = WorldBuilder::new("parts");
    for name in ["x", "y"] {
        let mut surface = Surface::default();
        let late = Late::new(name, &mut surface);
        surface.readback(late.val);
        builder.add(name, surface, Box::new(late));
    }
    let mut surface = Surface::default();
    surface.watch("ours", "x");
    let mut own = Surface::default();
    own.watch("its", "y");
    let late = Late::new("copy", &mut own);
    let part = surface.adopt(own);
    builder.add("follower", surface, Box::new(Follower(part, late)));
    let mut bench = Bench::of(builder.build().unwrap());
    bench.put("x", 5.0);
    bench.put("y", 7.0);
    bench.advance("2 s");
    assert_eq!(bench.number("copy"), 7.0);
}

#[test]
fn the_mistakes_of_parts_are_those_of_the_whole_each_told_once() {
    let mut surface = Surface::default();
    for _ in 0..2 {
        let mut own = Surface::default();
        own.flaw("speed", "too fast");
        surface.adopt(own);
    }
    assert_eq!(surface.flaws().len(), 1);
}
