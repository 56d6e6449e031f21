//! Motors whose controller moves one axis at a time.

use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{Bench, ClientId, PutId, Surface, What, WorldBuilder};
use proptest::prelude::*;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Three motors of one controller, and one that has its own.
fn bench(more: &str) -> Bench {
    let mut builder = WorldBuilder::new("turns").seed(1);
    for name in NAMES.into_iter().chain(["free"]) {
        let controller = if name == "free" {
            ""
        } else {
            "controller = \"mc1\""
        };
        let table = format!("pv = \"{name}\"\nvelocity = 2.0\n{controller}\n{more}");
        let settings: Settings = toml::from_str(&table).expect("settings");
        let mut surface = Surface::default();
        let motor = Motor::build(settings, &mut surface);
        builder.add(name, surface, motor);
    }
    Bench::of(builder.build().expect("four motors"))
}

fn fault(bench: &mut Bench, device: &str, words: &str) {
    bench.world().fault(device, words, None).expect("a fault");
}

fn s(seconds: f64) -> SimTime {
    SimTime::ZERO + Duration::from_secs_f64(seconds)
}

fn moves(bench: &Bench, name: &str) -> bool {
    let status = bench.number(&format!("{name}.MSTA"));
    status.rem_euclid(2048.0) >= 1024.0
}

#[test]
fn the_second_axis_waits_with_dmov_down_and_moves_when_the_first_has_arrived() {
    let mut bench = bench("");
    let first = bench.put_callback("a", 4.0);
    let second = bench.put_callback("b", 2.0);
    bench.advance("1 s");
    assert!(moves(&bench, "a") && !moves(&bench, "b"));
    assert_eq!(bench.number("b.DMOV"), 0.0);
    assert_eq!(bench.number("b.MOVN"), 1.0, "the controller is not done");
    assert_eq!(bench.number("b.VAL"), 2.0);
    assert_eq!(bench.posts("b.RBV"), []);
    bench.advance("20 s");
    let [first, second] = [first, second].map(|put| bench.finished_at(put).expect("an end"));
    let alone = |way: f64| s(way / 2.0 + 0.2);
    assert!(first < alone(4.0) + Duration::from_millis(200), "{first}");
    assert!(second > first + Duration::from_secs(1));
    assert!(second < first + Duration::from_millis(1400), "{second}");
    assert_eq!(bench.number("b.RBV"), 2.0);
}

#[test]
fn an_axis_alone_on_its_controller_does_as_if_it_were_its_own() {
    let run = |name: &str| {
        let mut bench = bench("backlash = 0.5");
        let first = bench.put_callback(name, 4.0);
        bench.advance("1 s");
        bench.put(&format!("{name}.STOP"), 1.0);
        bench.advance("5 s");
        let second = bench.put_callback(name, -1.0);
        bench.advance("10 s");
        bench.put(&format!("{name}.JOGF"), 1.0);
        bench.advance("1 s");
        bench.put(&format!("{name}.JOGF"), 0.0);
        bench.advance("10 s");
        bench.put(&format!("{name}.HOMR"), 1.0);
        bench.advance("20 s");
        let posts = ["RBV", "DMOV", "MOVN", "MSTA", "VAL"]
            .map(|field| bench.posts(&format!("{name}.{field}")));
        (posts, bench.finished_at(first), bench.finished_at(second))
    };
    assert_eq!(run("a"), run("free"));
}

#[test]
fn motors_of_other_controllers_do_not_wait() {
    let mut bench = bench("");
    bench.put("a", 4.0);
    bench.put("free", 4.0);
    bench.advance("1 s");
    assert!(moves(&bench, "a") && moves(&bench, "free"));
}

#[test]
fn turns_are_taken_in_the_order_of_the_puts() {
    let mut bench = bench("");
    let puts = ["c", "a", "b"].map(|name| bench.put_callback(name, 2.0));
    bench.advance("20 s");
    let ends = puts.map(|put| bench.finished_at(put).expect("an end"));
    assert!(ends.is_sorted(), "{ends:?}");
}

#[test]
fn a_waiting_axis_that_is_stopped_has_never_moved() {
    let mut bench = bench("");
    let first = bench.put_callback("a", 4.0);
    let second = bench.put_callback("b", 2.0);
    let third = bench.put_callback("c", 2.0);
    bench.advance("1 s");
    bench.put("b.STOP", 1.0);
    assert_eq!(bench.finished_at(second), Some(s(1.0)));
    assert_eq!(bench.number("b.DMOV"), 1.0);
    assert_eq!(bench.number("b.VAL"), 0.0, "the target is where it stands");
    bench.advance("20 s");
    assert_eq!(bench.number("b.RBV"), 0.0);
    let [first, third] = [first, third].map(|put| bench.finished_at(put).expect("an end"));
    assert!(third < first + Duration::from_millis(1400), "{third}");
}

#[test]
fn who_is_stopped_lets_the_next_go() {
    let mut bench = bench("");
    bench.put("a", 40.0);
    let second = bench.put_callback("b", 2.0);
    bench.advance("1 s");
    bench.put("a.STOP", 1.0);
    bench.advance("2 s");
    assert!(bench.finished(second));
}

#[test]
fn a_stall_and_a_limit_switch_let_the_next_go() {
    for obstacle in ["stall = 1.0", "switches = [-1, 1]"] {
        let mut bench = bench(obstacle);
        let first = bench.put_callback("a", 4.0);
        let second = bench.put_callback("b", 0.5);
        bench.advance("60 s");
        assert!(bench.finished(first), "{obstacle}");
        assert!(bench.number("a.RBV") < 1.1, "{obstacle}");
        assert!(bench.finished(second), "{obstacle}");
        assert_eq!(bench.number("b.RBV"), 0.5);
    }
}

#[test]
fn jogs_and_searches_for_home_take_turns_too() {
    let mut bench = bench("home = -1");
    bench.put("a.JOGF", 1.0);
    bench.put("b.JOGR", 1.0);
    let home = bench.put_callback("c.HOMR", 1.0);
    bench.advance("2 s");
    assert!(bench.number("a.RBV") > 1.0);
    assert_eq!(bench.number("b.RBV"), 0.0);
    bench.put("a.JOGF", 0.0);
    bench.advance("2 s");
    assert!(bench.number("b.RBV") < -1.0);
    bench.put("b.JOGR", 0.0);
    bench.advance("1 s");
    assert!(moves(&bench, "c") && !bench.finished(home));
    bench.advance("30 s");
    assert!(bench.finished(home));
    assert_eq!(bench.number("c.RBV"), -1.0);
}

#[test]
fn a_jog_that_is_let_go_while_it_waits_never_moves() {
    let mut bench = bench("");
    bench.put("a", 4.0);
    bench.put("b.JOGF", 1.0);
    bench.advance("1 s");
    bench.put("b.JOGF", 0.0);
    assert_eq!(bench.number("b.DMOV"), 1.0);
    bench.advance("10 s");
    assert_eq!(bench.number("b.RBV"), 0.0);
}

#[test]
fn the_way_back_of_a_backlash_waits_for_those_who_came_before_it() {
    let mut bench = bench("backlash = 0.5");
    let first = bench.put_callback("a", -4.0);
    let second = bench.put_callback("b", 0.2);
    bench.advance("60 s");
    assert!(bench.finished_at(second) < bench.finished_at(first));
    assert_eq!((bench.number("a.RBV"), bench.number("b.RBV")), (-4.0, 0.2));
}

#[test]
fn a_new_target_for_a_waiting_axis_is_where_it_ends() {
    for (before, after) in [(2.0, 3.0), (2.0, -3.0)] {
        let mut bench = bench("");
        bench.put("a", 4.0);
        bench.put("b", before);
        bench.advance("1 s");
        bench.put("b", after);
        bench.advance("30 s");
        assert_eq!(bench.number("b.RBV"), after);
        assert_eq!(bench.number("b.DMOV"), 1.0);
    }
}

#[test]
fn one_that_is_never_done_holds_the_controller_until_that_is_mended() {
    let mut bench = bench("");
    fault(&mut bench, "a", "never done");
    bench.put("a", 2.0);
    let second = bench.put_callback("b", 2.0);
    bench.advance("60 s");
    assert_eq!((bench.number("a.RBV"), bench.number("b.RBV")), (2.0, 0.0));
    fault(&mut bench, "a", "none");
    bench.advance("5 s");
    assert!(bench.finished(second));
}

#[test]
fn one_that_goes_offline_while_it_waits_is_passed_over() {
    let mut bench = bench("");
    bench.put("a", 4.0);
    let second = bench.put_callback("b", 2.0);
    let third = bench.put_callback("c", 2.0);
    bench.advance("1 s");
    fault(&mut bench, "b", "offline");
    bench.advance("20 s");
    assert!(bench.finished(third));
    assert_eq!(bench.number("b.RBV"), 0.0);
    assert!(!bench.finished(second));
    fault(&mut bench, "b", "none");
    bench.advance("20 s");
    assert!(bench.finished(second), "the record tries again");
    assert_eq!(bench.number("b.RBV"), 2.0);
}

#[test]
fn the_turns_are_saved_and_restored() {
    let mut bench = bench("backlash = 0.5");
    for name in NAMES {
        bench.put_callback(name, -2.0);
    }
    bench.advance("1 s");
    bench.follows_again(|bench| bench.advance("60 s"));
    assert_eq!(bench.world().unfinished(), 0);
}

/// Something a client does, and how long it waits before the next.
#[derive(Clone, Debug)]
struct Act {
    field: String,
    value: f64,
    complete: bool,
    millis: u32,
}

fn act() -> impl Strategy<Value = Act> {
    let field = prop_oneof![
        8 => Just("VAL"),
        2 => Just("RLV"),
        3 => Just("STOP"),
        2 => Just("JOGF"),
        1 => Just("HOMR"),
        1 => Just("DLY"),
    ];
    let name = prop::sample::select(&NAMES[..]);
    (name, field, -6.0..6.0_f64, any::<bool>(), 0..1500_u32).prop_map(
        |(name, field, value, complete, millis)| Act {
            field: format!("{name}.{field}"),
            value: match field {
                "STOP" | "HOMR" => 1.0,
                "JOGF" => f64::from(u8::from(value > 0.0)),
                "DLY" => value.abs() / 12.0,
                _ => (value * 100.0).round() / 100.0,
            },
            complete,
            millis,
        },
    )
}

const STAGES: &[&str] = &[
    "",
    "backlash = 0.25\nsettle = \"70 ms\"",
    "encoder = 0.001\nplay = 0.1",
    "stall = 2.0",
    "switches = [-3, 3]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_follows_a_snapshot_follows_again(
        before in prop::collection::vec(act(), 1..8),
        after in prop::collection::vec(act(), 1..8),
        stage in prop::sample::select(STAGES),
    ) {
        let mut bench = bench(stage);
        let carry_out = |bench: &mut Bench, acts: &[Act]| {
            for Act { field, value, complete, millis } in acts {
                bench.write(field, Value::Double(*value), ClientId(1), *complete);
                bench.advance(&format!("{millis} ms"));
            }
        };
        carry_out(&mut bench, &before);
        bench.follows_again(|bench| {
            carry_out(bench, &after);
            bench.advance("10 s");
        });
    }

    #[test]
    fn never_two_of_one_controller_in_motion_and_everything_ends(
        acts in prop::collection::vec(act(), 1..16),
        stage in prop::sample::select(STAGES),
    ) {
        let mut bench = bench(stage);
        let mut puts: Vec<(PutId, bool)> = Vec::new();
        for Act { field, value, complete, millis } in &acts {
            puts.push((bench.write(field, Value::Double(*value), ClientId(1), *complete), *complete));
            for _ in 0..*millis / 50 {
                let moving = NAMES.iter().filter(|name| moves(&bench, name)).count();
                prop_assert!(moving <= 1, "{moving} move");
                bench.advance("50 ms");
            }
        }
        let buttons = acts.iter().any(|act| act.field.ends_with("JOGF") || act.field.ends_with("HOMR"));
        for _ in 0..3 * acts.len() + 2 {
            for name in NAMES.into_iter().filter(|_| buttons) {
                bench.put(&format!("{name}.JOGF"), 0.0);
                bench.put(&format!("{name}.STOP"), 1.0);
            }
            bench.advance("100 s");
        }
        prop_assert_eq!(bench.world().unfinished(), 0);
        for (put, complete) in puts {
            let ends = bench.events().iter().filter(|event| match &event.what {
                What::Done(done) => *done == put,
                What::Refused(refused, ..) => *refused == put,
                _ => false,
            });
            let ends = ends.count();
            prop_assert!(ends <= 1, "{put:?} ended {ends} times");
            prop_assert!(ends == 1 || !complete, "{put:?} never ended");
        }
        for name in NAMES {
            prop_assert_eq!(bench.number(&format!("{name}.DMOV")), 1.0);
            prop_assert!(!moves(&bench, name));
        }
        prop_assert_eq!(bench.world().next_wake(), None, "at rest nothing is due");
    }
}
