//! What a shutter promises.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use beamtwin_devices::Kind;
use beamtwin_devices::shutter::Shutter;
use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{Beam, Bench, ClientId, Cx, Device, Reason, Slot, Surface, WorldBuilder};
use common::flaws;

const PLAIN: &str = "command = \"sh\"\nreadback = [\"b1\", \"b2\"]\ntravel = \"100 ms\"";

fn bench(settings: &str) -> Bench {
    common::bench::<Shutter>(settings)
}

const fn ms(ms: u64) -> SimTime {
    SimTime::from_nanos(ms * 1_000_000)
}

/// Shows the flux that arrives.
#[derive(Clone)]
struct Eye(Slot<f64>);

impl Eye {
    fn new(surface: &mut Surface) -> Self {
        Self(
            surface
                .record("eye", &beamtwin_devices::records::base::AI)
                .val(),
        )
    }
}

impl Device for Eye {
    fn light(&mut self, cx: &mut Cx<'_>) {
        let flux = cx.beam().flux;
        cx.post(self.0, flux);
    }
}

fn lit(settings: &str) -> Bench {
    let mut builder = WorldBuilder::new("lit");
    let mut surface = Surface::default();
    let shutter = Shutter::build(toml::from_str(settings).unwrap(), &mut surface);
    builder.add("shutter", surface, shutter);
    let mut surface = Surface::default();
    let eye = Eye::new(&mut surface);
    builder.add("eye", surface, Box::new(eye));
    let path = vec!["shutter".to_owned(), "eye".to_owned()];
    let beam = Beam {
        energy: 13_500.0,
        flux: 1e11,
    };
    Bench::of(builder.beam(beam, path).build().unwrap())
}

#[test]
fn it_is_closed_at_first() {
    let bench = bench(PLAIN);
    assert_eq!(bench.value("sh"), Value::Short(0));
    assert_eq!(bench.value("b1"), Value::Short(0));
}

#[test]
fn the_blades_arrive_after_their_travel_and_then_the_put_completes() {
    let mut bench = bench(PLAIN);
    let put = bench.put_callback("sh", 1);
    assert_eq!(bench.value("sh"), Value::Short(1));
    bench.advance("99 ms");
    assert_eq!(bench.number("b1"), 0.0);
    bench.advance("1 s");
    assert_eq!(bench.finished_at(put), Some(ms(100)));
    assert_eq!(bench.posts("b1"), [(ms(100), Value::Short(1))]);
    assert_eq!(bench.posts("b2"), [(ms(100), Value::Short(1))]);
    let blades: Vec<_> = bench.events().iter().filter(|e| e.t == ms(100)).collect();
    assert_eq!(blades.len(), 3, "two blades and one completion: {blades:?}");
}

#[test]
fn a_put_of_what_it_is_already_completes_at_once() {
    let mut bench = bench(PLAIN);
    let put = bench.put_callback("sh", 0);
    assert_eq!(bench.finished_at(put), Some(ms(0)));
    assert_eq!(bench.posts("sh"), []);
}

#[test]
fn turned_round_on_the_way_it_goes_back_from_where_it_is() {
    let mut bench = bench(PLAIN);
    let opened = bench.put_callback("sh", 1);
    bench.advance("30 ms");
    bench.write("sh", 0.into(), ClientId(2), false);
    bench.advance("1 s");
    assert_eq!(bench.finished_at(opened), Some(ms(60)));
    assert_eq!(bench.posts("b1"), []);
    assert_eq!(bench.number("sh"), 0.0);
}

#[test]
fn a_second_client_who_wants_the_same_waits_for_the_same_arrival() {
    let mut bench = bench(PLAIN);
    bench.put("sh", 1);
    bench.advance("40 ms");
    let put = bench.write("sh", 1.into(), ClientId(2), true);
    bench.advance("1 s");
    assert_eq!(bench.finished_at(put), Some(ms(100)));
}

#[test]
fn a_value_that_is_neither_is_refused() {
    let mut bench = bench(PLAIN);
    let put = bench.put_callback("sh", 2);
    assert_eq!(bench.refused(put), Some(Reason::Rejected));
    assert_eq!(bench.number("sh"), 0.0);
    let put = bench.put("b1", 1);
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
}

#[test]
fn light_passes_only_while_it_rests_open() {
    let mut bench = lit(PLAIN);
    bench.put("sh", 1);
    bench.advance("99 ms");
    assert_eq!(bench.number("eye"), 0.0);
    bench.advance("1 ms");
    assert_eq!(bench.number("eye"), 1e11);
    bench.put("sh", 0);
    assert_eq!(bench.number("eye"), 0.0);
    bench.advance("20 ms");
    bench.put("sh", 1);
    bench.advance("19 ms");
    assert_eq!(bench.number("eye"), 0.0);
    bench.advance("1 ms");
    assert_eq!(bench.number("eye"), 1e11);
}

#[test]
fn it_may_start_open_and_count_the_other_way_round() {
    let mut bench = lit(
        "command = \"sh\"\nopen = 0\nclosed = 1\nstart = \"open\"\ntype = \"long\"\nreadback = \"b\"",
    );
    assert_eq!(bench.value("sh"), Value::Long(0));
    assert_eq!(bench.value("b"), Value::Long(0));
    bench.put("sh", 1);
    bench.advance("1 s");
    assert_eq!(bench.value("b"), Value::Long(1));
    assert_eq!(bench.number("eye"), 0.0);
    bench.put("sh", 0);
    bench.advance("1 s");
    assert_eq!(bench.number("eye"), 1e11);
}

#[test]
fn saved_on_the_way_it_arrives_when_it_would_have() {
    let mut bench = bench(PLAIN);
    let put = bench.put_callback("sh", 1);
    bench.advance("60 ms");
    bench.follows_again(|bench| bench.advance("5 s"));
    assert_eq!(bench.finished_at(put), Some(ms(100)));
    assert_eq!(bench.number("b2"), 1.0);
}

#[test]
fn it_idles_when_nothing_moves() {
    let mut bench = bench(PLAIN);
    bench.put("sh", 1);
    bench.advance("1 s");
    assert_eq!(bench.world().next_wake(), None);
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        flaws::<Shutter>(
            "command = \"a b\"\nreadback = [\"b\", \"b\"]\nopen = 70000\nclosed = 70000"
        ),
        [
            "command: a PV name holds no white space",
            "readback: `b` is used twice; each PV needs a name of its own",
            "open: open and closed are the same value; write for example open = 1",
            "open: 70000 does not fit 16 bits; write type = \"long\"",
            "closed: 70000 does not fit 16 bits; write type = \"long\"",
        ]
    );
    let error =
        toml::from_str::<beamtwin_devices::shutter::Settings>("command = \"a\"\ntravel = 1");
    assert!(error.is_err());
}
