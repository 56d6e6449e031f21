//! What a positioner promises.

mod common;

use beamtwin_devices::positioner::Positioner;
use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{Bench, ClientId, Meaning, Reason};
use common::flaws;

const GO: &str = "go = \"Cmd:Go-Cmd\"\nlimits = [-10, 10]\nvelocity = 2.0";
const SP: &str = "p-SP";
const RBV: &str = "p-I";
const MOVING: &str = "pSts:Moving-Sts";
const PROC: &str = "pCmd:Go-Cmd.PROC";
const STOP: &str = "pCmd:Stop-Cmd.PROC";

fn positioner(settings: &str) -> Bench {
    common::bench::<Positioner>(&format!("pv = \"p\"\n{settings}"))
}

const fn ms(ms: u64) -> SimTime {
    SimTime::from_nanos(ms * 1_000_000)
}

#[test]
fn a_set_point_is_kept_until_somebody_goes() {
    let mut bench = positioner(GO);
    let put = bench.put_callback(SP, 4.0);
    assert_eq!(bench.finished_at(put), Some(ms(0)));
    bench.advance("10 s");
    assert_eq!(bench.posts(RBV), []);
    assert_eq!(bench.number(MOVING), 0.0);
    let put = bench.put_callback(PROC, 1);
    assert_eq!(bench.number(MOVING), 1.0);
    // 0.2 s up, 1.8 s along, 0.2 s down.
    bench.advance("2.1 s");
    assert!(!bench.finished(put));
    bench.advance("1 s");
    assert_eq!(bench.finished_at(put), Some(ms(12_200)));
    assert_eq!(bench.number(RBV), 4.0);
    assert_eq!(bench.text(MOVING).as_str(), Some("Idle"));
}

#[test]
fn on_arrival_the_readback_comes_first_then_moving_then_completion() {
    let mut bench = positioner(GO);
    bench.put(SP, 1.0);
    let put = bench.put_callback(PROC, 0);
    bench.advance("10 s");
    let end = bench.finished_at(put).unwrap();
    let last: Vec<String> = bench
        .events()
        .iter()
        .filter(|e| e.t == end)
        .map(|e| format!("{:?}", e.what))
        .collect();
    assert_eq!(last.len(), 3, "{last:?}");
    assert!(last[0].contains("Double(1.0)"), "{last:?}");
    assert!(last[1].contains("Enum(0)"), "{last:?}");
    assert!(last[2].contains("Done"), "{last:?}");
}

#[test]
fn the_command_may_be_written_as_well_as_processed_and_nought_does_nothing() {
    let mut bench = positioner(GO);
    bench.put(SP, 1.0);
    let put = bench.put_callback("pCmd:Go-Cmd", 0);
    assert_eq!(bench.finished_at(put), Some(ms(0)));
    assert_eq!(bench.number(MOVING), 0.0);
    let put = bench.put_callback("pCmd:Go-Cmd", "Go");
    assert!(!bench.finished(put));
    bench.advance("5 s");
    assert!(bench.finished(put));
    assert_eq!(bench.number(RBV), 1.0);
    assert_eq!(bench.number("pCmd:Go-Cmd"), 1.0);
}

#[test]
fn without_a_go_command_writing_the_set_point_is_going() {
    let mut bench = positioner("");
    let put = bench.put_callback(SP, 1.0);
    assert_eq!(bench.number(MOVING), 1.0);
    bench.advance("1 s");
    assert!(!bench.finished(put));
    bench.advance("1 s");
    assert_eq!(bench.finished_at(put), Some(ms(1200)));
    assert_eq!(bench.number(RBV), 1.0);
    assert_eq!(bench.world().next_wake(), None, "at rest nothing is due");
}

#[test]
fn going_to_where_it_is_moves_for_one_look() {
    let mut bench = positioner("tolerance = 0.01\nstart = 1.0");
    let put = bench.put_callback(SP, 1.005);
    bench.advance("1 s");
    assert_eq!(bench.finished_at(put), Some(ms(100)));
    let moving = bench.posts(MOVING);
    assert_eq!(moving, [(ms(0), Value::Enum(1)), (ms(100), Value::Enum(0))]);
    assert_eq!(bench.number(RBV), 1.0, "so near is near enough");
}

#[test]
fn a_new_target_on_the_way_is_gone_to_at_once_and_those_who_waited_wait_on() {
    let mut bench = positioner(GO);
    bench.put(SP, 8.0);
    let first = bench.put_callback(PROC, 1);
    bench.advance("1 s");
    bench.put(SP, -2.0);
    bench.advance("1 s");
    assert!(bench.number(RBV) > 3.0, "the new set-point waits for go");
    bench.write(PROC, 1.into(), ClientId(2), false);
    bench.advance("10 s");
    assert!(bench.finished(first));
    assert_eq!(bench.number(RBV), -2.0);
    let moving = bench.posts(MOVING);
    assert_eq!(moving.len(), 2, "once to 1 and once to 0: {moving:?}");
}

#[test]
fn stopping_slows_down_and_completes() {
    let mut bench = positioner("velocity = 1.0\nacceleration = \"1 s\"");
    let put = bench.put_callback(SP, 100.0);
    bench.advance("5 s");
    bench.put(STOP, 1);
    bench.advance("10 s");
    assert_eq!(bench.finished_at(put), Some(ms(6000)));
    assert_eq!(
        bench.number(RBV),
        5.0,
        "half a unit up, four along, half a unit down"
    );
    assert_eq!(bench.number(SP), 100.0);
    let idle = bench.put_callback(STOP, 1);
    assert!(bench.finished(idle));
    assert_eq!(bench.number(MOVING), 0.0);
}

#[test]
fn what_is_beyond_the_limits_is_clipped_and_what_is_no_number_fails() {
    let mut bench = positioner(GO);
    bench.put(SP, 11.0);
    assert_eq!(bench.number(SP), 10.0);
    bench.put(SP, f64::NEG_INFINITY);
    assert_eq!(bench.number(SP), -10.0);
    let put = bench.put(SP, f64::NAN);
    assert_eq!(bench.refused(put), Some(Reason::Rejected));
    assert_eq!(bench.number(SP), -10.0);
    let put = bench.put(RBV, 1.0);
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
    let mut free = positioner("");
    let put = free.put(SP, f64::INFINITY);
    assert_eq!(free.refused(put), Some(Reason::Rejected));
    assert_eq!(free.number(MOVING), 0.0);
}

#[test]
fn limits_units_and_digits_show_in_its_metadata() {
    let mut bench =
        positioner("limits = [5, 20]\nstart = 10\nunits = \"keV\"\nprecision = 5\ntolerance = 0.1");
    for name in [SP, RBV] {
        let pv = bench.world().find(name).unwrap().pv;
        let description = bench.world().describe(pv);
        assert_eq!(description.metadata.units, "keV");
        assert_eq!(description.metadata.precision, 5);
        assert_eq!(description.metadata.display.low, 5.0);
        assert_eq!(description.metadata.display.high, 20.0);
        assert_eq!(description.tolerance, Some(0.1));
        let meaning = if name == SP {
            Meaning::Request
        } else {
            Meaning::Curve
        };
        assert_eq!(description.meaning, meaning);
    }
}

#[test]
fn names_are_what_the_file_says_and_some_may_be_left_out() {
    let mut bench =
        positioner("setpoint = \":set\"\nreadback = \":get\"\nmoving = \"\"\nstop = \"\"");
    bench.put("p:set", 1.0);
    bench.advance("5 s");
    assert_eq!(bench.number("p:get"), 1.0);
    let names: Vec<_> = bench.world().records().collect();
    assert_eq!(names.len(), 2);
}

#[test]
fn saved_on_its_way_it_arrives_when_it_would_have() {
    let mut bench = positioner(GO);
    bench.put(SP, 4.0);
    let put = bench.put_callback(PROC, 1);
    bench.advance("0.75 s");
    bench.follows_again(|bench| bench.advance("1 min"));
    assert_eq!(bench.finished_at(put), Some(ms(2200)));
    assert_eq!(bench.number(RBV), 4.0);
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        flaws::<Positioner>(
            "pv = \"p\"\nreadback = \"-SP\"\ngo = \"a.b\"\nvelocity = 0\nacceleration = \"0 s\"\nperiod = \"1 ms\"\n\
             tolerance = -1\nprecision = 16\nlimits = [3, 1]"
        ),
        [
            "readback: `-SP` is that of setpoint already; each PV needs a name of its own",
            "go: `pa.b` names a field; write the name of a record, without a dot",
            "velocity: 0 is no speed; write one above 0",
            "acceleration: getting up to speed takes a moment; write for example \"200 ms\"",
            "period: the shortest period is 10 ms; write for example \"100 ms\"",
            "tolerance: -1 is no distance; write 0 or more",
            "precision: a number has at most 15 digits, not 16",
            "limits: [3, 1] are not a lower and a higher limit; write for example [0, 10]",
        ]
    );
    assert_eq!(
        flaws::<Positioner>("pv = \"p\"\nlimits = [0, 1]\nstart = 2"),
        ["start: 2 is outside the limits [0, 1]"]
    );
}
