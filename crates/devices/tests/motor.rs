//! What a motor does, in sentences.

use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{Severity, SimTime};
use beamtwin_sim::{Bench, ClientId, Note, PutId, Reason, Surface, What};

fn settings(table: &str) -> Settings {
    toml::from_str(&format!("pv = \"m\"\n{table}")).expect("settings")
}

/// A motor from the text of its table, without the name.
fn bench(table: &str) -> Bench {
    Bench::boxed(|surface| Motor::build(settings(table), surface))
}

/// The settings with flaws.
fn flaws(table: &str) -> Vec<String> {
    let mut surface = Surface::default();
    let _ = Motor::build(settings(table), &mut surface);
    surface
        .flaws()
        .iter()
        .map(|flaw| flaw.key.clone())
        .collect()
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

/// The places among all events of a field's posts of a value.
fn places(bench: &mut Bench, field: &str, value: f64) -> Vec<usize> {
    let wanted = bench
        .world()
        .find(&format!("m.{field}"))
        .expect("a field")
        .pv;
    let posted = |event: &What| match event {
        What::Post {
            pv, value: posted, ..
        } => *pv == wanted && posted.as_f64() == Some(value),
        _ => false,
    };
    (0..bench.events().len())
        .filter(|&place| posted(&bench.events()[place].what))
        .collect()
}

fn done(bench: &Bench, put: PutId) -> usize {
    let end = What::Done(put);
    let mut events = bench.events().iter();
    events.position(|event| event.what == end).expect("an end")
}

fn faults(bench: &Bench) -> usize {
    let is_fault = |what: &What| matches!(what, What::Note(Note::Fault { .. }));
    let events = bench.events().iter();
    events.filter(|event| is_fault(&event.what)).count()
}

#[test]
fn a_motor_boots_at_rest_where_it_was_put() {
    let m = bench("start = -17.2\nlimits = [-25, 25]\nunits = \"deg\"\ndescription = \"beamstop\"");
    for field in [".VAL", ".RBV", ".DVAL", ".DRBV"] {
        assert_eq!(m.number(field), -17.2, "{field}");
    }
    assert_eq!(m.number(".RVAL"), -17200.0);
    assert_eq!(m.number(".DMOV"), 1.0);
    assert_eq!((m.number(".HLM"), m.number(".LLM")), (25.0, -25.0));
    assert_eq!(m.text(".EGU"), "deg");
    assert_eq!(m.text("m.DESC"), "beamstop");
    assert_eq!(m.text(".RTYP"), "motor");
}

#[test]
fn a_move_completes_at_the_poll_after_its_trapezoid_ends() {
    let mut m = bench("velocity = 2.0\nlimits = [-40, 40]");
    let put = m.put_callback(".VAL", 2.0);
    // 0.2 s up, 0.79 s along, 0.2 s down: 1.19 s, seen at the poll at 1.2 s.
    m.advance("1.199 s");
    assert!(!m.finished(put));
    m.advance("1 s");
    assert_eq!(m.finished_at(put), Some(at(1200)));
    assert_eq!(m.number(".RBV"), 2.0);
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0]);
    assert_eq!(m.numbers(".MOVN"), [1.0, 0.0]);
    assert_eq!(m.numbers(".MIP"), [32.0, 0.0]);
    assert_eq!(m.numbers(".RBV").len(), 12);
}

#[test]
fn a_move_takes_as_long_as_its_distance_and_a_ramp_say() {
    let mut m =
        bench("velocity = 1.0\nbase_velocity = 0\nacceleration = \"100 ms\"\nresolution = 0.0001");
    let mut now = m.world().now();
    for tenths in 1..=60_u32 {
        let sign = if tenths % 2 == 0 { -1.0 } else { 1.0 };
        let target = m.number(".VAL") + sign * f64::from(tenths) / 10.0;
        let put = m.put_callback(".VAL", target);
        m.advance("7.3 s");
        let took = m.finished_at(put).unwrap() - now;
        assert_eq!(
            took,
            Duration::from_millis(100) * (tenths + 1),
            "to {target}"
        );
        now = m.world().now();
    }
}

#[test]
fn the_last_readback_comes_before_movn_before_dmov_before_completion() {
    let mut m = bench("");
    let put = m.put_callback(".VAL", 1.0);
    m.advance("5 s");
    let readback = *places(&mut m, "RBV", 1.0).last().unwrap();
    let movn = places(&mut m, "MOVN", 0.0)[0];
    let dmov = places(&mut m, "DMOV", 1.0)[0];
    assert!(readback < movn && movn < dmov && dmov < done(&m, put));
}

#[test]
fn dmov_goes_down_with_the_time_stamp_of_before() {
    let mut m = bench("");
    m.advance("3 s");
    m.put_callback(".VAL", 1.0);
    let stamp = |bench: &mut Bench, field: &str, value: f64| {
        let place = places(bench, field, value)[0];
        match bench.events()[place].what {
            What::Post { stamp, .. } => stamp.unwrap(),
            _ => unreachable!("a post"),
        }
    };
    assert_eq!(stamp(&mut m, "DMOV", 0.0), SimTime::ZERO);
    assert_eq!(stamp(&mut m, "VAL", 1.0), at(3000));
    m.advance("5 s");
    assert_eq!(stamp(&mut m, "DMOV", 1.0), at(4200));
}

#[test]
fn a_put_of_the_present_position_blinks_dmov_and_completes_at_once() {
    let mut m = bench("start = 1.0");
    let put = m.put_callback(".VAL", 1.0);
    assert_eq!(m.finished_at(put), Some(at(0)));
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0]);
    assert!(m.numbers(".MOVN").is_empty());
}

#[test]
fn a_plain_put_is_told_to_be_done_when_the_motor_rests() {
    let mut m = bench("");
    let moved = m.put(".VAL", 1.0);
    assert!(!m.finished(moved));
    m.advance("2 s");
    assert_eq!(m.finished_at(moved), Some(at(1200)));
    let idle = m.put(".VAL", 1.0);
    m.advance("2 s");
    assert!(!m.finished(idle), "nothing was started");
}

#[test]
fn a_target_beyond_the_soft_limits_is_refused_in_silence() {
    let mut m = bench("limits = [-5, 5]\nstart = 1.0");
    let put = m.put_callback(".VAL", 5.001);
    assert_eq!(m.refused(put), Some(Reason::Silent));
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0]);
    assert_eq!(m.numbers(".VAL"), [1.0]);
    assert_eq!(m.numbers(".LVIO"), [1.0]);
    m.advance("1 s");
    assert_eq!(m.number(".RBV"), 1.0);
    let good = m.put_callback(".VAL", 5.0);
    m.advance("10 s");
    assert!(m.finished(good));
    assert_eq!(m.numbers(".LVIO"), [1.0, 0.0]);
}

#[test]
fn without_limits_it_goes_anywhere() {
    let mut m = bench("velocity = 100");
    let put = m.put_callback(".VAL", 1e4);
    m.advance("200 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 1e4);
}

#[test]
fn a_stopped_motor_completes_its_put_and_stays_where_it_stopped() {
    let mut m = bench("velocity = 2.0");
    let put = m.put_callback(".VAL", 10.0);
    m.advance("1.55 s");
    m.write(".STOP", 1.0.into(), ClientId(2), false);
    m.advance("5 s");
    // It slows down for 0.21 s from 1.55 s.
    assert_eq!(m.finished_at(put), Some(at(1761)));
    let place = m.number(".RBV");
    assert!((2.9..3.2).contains(&place), "{place}");
    assert_eq!(m.number(".VAL"), place);
    assert_eq!(m.number(".STOP"), 0.0);
}

#[test]
fn puts_of_several_clients_wait_for_each_other() {
    let mut m = bench("velocity = 2.0");
    let first = m.write(".VAL", 2.0.into(), ClientId(1), true);
    let second = m.write(".VAL", 0.0.into(), ClientId(2), true);
    m.advance("1.3 s");
    assert_eq!(m.finished_at(first), Some(at(1200)));
    assert!(!m.finished(second));
    m.advance("5 s");
    assert_eq!(m.finished_at(second), Some(at(2400)));
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_plain_put_turns_a_moving_motor_round() {
    let mut m = bench("velocity = 2.0");
    let first = m.put_callback(".VAL", 10.0);
    m.advance("1 s");
    let second = m.put(".VAL", -1.0);
    m.advance("20 s");
    assert_eq!(m.number(".RBV"), -1.0);
    assert_eq!(m.finished_at(first), m.finished_at(second));
    assert_eq!(m.numbers(".RCNT"), [1.0]);
}

#[test]
fn pause_holds_the_motor_and_go_resumes_it() {
    let mut m = bench("velocity = 2.0");
    let put = m.put_callback(".VAL", 6.0);
    m.advance("1 s");
    m.put(".SPMG", "Pause");
    m.advance("10 s");
    assert!(!m.finished(put));
    let held = m.number(".RBV");
    assert!(held < 3.0);
    m.put(".SPMG", "Go");
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 6.0);
}

#[test]
fn a_settling_time_delays_completion() {
    let mut m = bench("velocity = 2.0");
    m.put(".DLY", 1.0);
    let put = m.put_callback(".VAL", 2.0);
    m.advance("5 s");
    assert_eq!(m.finished_at(put), Some(at(2200)));
}

#[test]
fn what_is_no_number_is_refused_and_noted() {
    let mut m = bench("start = 1.0");
    for (count, field) in [".VAL", ".DVAL", ".RLV", ".VELO", ".OFF"]
        .iter()
        .enumerate()
    {
        let put = m.put_callback(field, f64::NAN);
        assert_eq!(m.refused(put), Some(Reason::Silent), "{field}");
        assert_eq!(faults(&m), count + 1, "{field}");
    }
    let far = m.put_callback(".VAL", f64::INFINITY);
    assert_eq!(m.refused(far), Some(Reason::Silent));
    let put = m.put_callback(".VAL", 2.0);
    m.advance("5 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".RBV"), 2.0);
}

#[test]
fn a_change_of_velocity_counts_from_the_next_move() {
    let mut m = bench("base_velocity = 0.0");
    m.put(".VELO", 10.0);
    assert_eq!(m.number(".S"), 50.0);
    let put = m.put_callback(".VAL", 10.0);
    m.advance("5 s");
    assert_eq!(m.finished_at(put), Some(at(1200)));
}

#[test]
fn a_negative_direction_mirrors_limits_and_steps() {
    let mut m = bench("direction = \"negative\"\noffset = 1.0\nlimits = [-3, 5]");
    assert_eq!((m.number(".DLLM"), m.number(".DHLM")), (-4.0, 4.0));
    let put = m.put_callback(".VAL", 5.0);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!((m.number(".RBV"), m.number(".RRBV")), (5.0, -4000.0));
}

#[test]
fn backlash_is_taken_out_in_two_legs() {
    let mut m = bench("velocity = 2.0\nbacklash = 0.5");
    let put = m.put_callback(".VAL", -2.0);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!(m.numbers(".MOVN"), [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(m.numbers(".DMOV"), [0.0, 1.0]);
    let lowest = m.numbers(".RBV").into_iter().fold(0.0, f64::min);
    assert_eq!(lowest, -2.5);
}

#[test]
fn a_limit_switch_stops_it_with_an_alarm_if_one_is_set() {
    let mut m = bench("velocity = 2.0\nswitches = [-5, 5]");
    m.put(".HLSV", "MAJOR");
    let put = m.put_callback(".VAL", 20.0);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!(m.number(".HLS"), 1.0);
    assert!(m.number(".RBV") < 5.6);
    assert_eq!(m.number(".SEVR"), f64::from(Severity::Major as u16));
}

#[test]
fn a_motor_on_its_way_goes_on_as_it_did_after_going_back() {
    let mut m = bench("velocity = 2.0\nlimits = [-40, 40]\nbacklash = 0.5");
    m.put_callback(".VAL", -3.0);
    m.write(".VAL", 4.0.into(), ClientId(2), true);
    m.put(".DLY", 0.5);
    m.advance("0.75 s");
    m.follows_again(|m| {
        m.advance("1 s");
        m.put(".VELO", 1.0);
        m.advance("20 s");
    });
    assert_eq!(m.number(".RBV"), 4.0);
}

#[test]
fn motion_is_attributed_to_the_put_that_caused_it() {
    let mut m = bench("velocity = 2.0");
    let first = m.put_callback(".VAL", 10.0);
    m.advance("1.05 s");
    m.put(".TWV", 5.0);
    m.put(".DESC", "on the way");
    m.advance("1 s");
    let stop = m.write(".STOP", 1.0.into(), ClientId(2), false);
    m.advance("5 s");
    let rbv = m.world().find("m.RBV").expect("a field").pv;
    let causes: Vec<(SimTime, PutId)> = m
        .events()
        .iter()
        .filter_map(|event| match event.what {
            What::Post { pv, cause, .. } if pv == rbv => Some((event.t, cause.unwrap())),
            _ => None,
        })
        .collect();
    for (t, cause) in causes {
        let expected = if t < at(2050) { first } else { stop };
        assert_eq!(cause, expected, "at {t}");
    }
}

#[test]
fn settings_that_cannot_be_are_named() {
    assert_eq!(flaws("limits = [5, -5]"), ["limits"]);
    assert_eq!(flaws("velocity = 0.0"), ["velocity"]);
    assert_eq!(flaws("velocity = -1.0"), ["velocity"]);
    assert_eq!(flaws("limits = [0, 5]\nstart = -1.0"), ["start"]);
    assert_eq!(flaws("resolution = 0.0"), ["resolution"]);
    assert_eq!(flaws("base_velocity = 3.0"), ["base_velocity"]);
    assert_eq!(flaws("acceleration = \"0 s\""), ["acceleration"]);
    assert_eq!(flaws("precision = 40"), ["precision"]);
    assert_eq!(flaws("offset = nan"), ["offset"]);
    assert_eq!(flaws("limits = [nan, 1]"), ["limits"]);
    assert_eq!(flaws("switches = [2, 1]"), ["switches"]);
    assert_eq!(flaws("limits = [0, 0]\nstart = 4.0"), [""; 0]);
    assert_eq!(flaws("resolution = -0.001\nlimits = [-1, 2]"), [""; 0]);
}

#[test]
fn places_that_the_counter_does_not_reach_are_named() {
    let fine = "resolution = 1e-10\n";
    for key in ["limits", "switches"] {
        assert_eq!(flaws(&format!("{fine}{key} = [-1e6, 0.1]")), [key]);
        assert_eq!(flaws(&format!("{fine}{key} = [-0.2, 0.2147]")), [""; 0]);
    }
    for key in ["home", "stall", "start"] {
        assert_eq!(flaws(&format!("{fine}{key} = 0.215")), [key]);
        assert_eq!(flaws(&format!("{fine}{key} = 0.2147")), [""; 0]);
    }
    // It is the dial that is counted.
    assert_eq!(
        flaws(&format!("{fine}offset = 5\nstart = 5.1\nhome = 4.9")),
        [""; 0]
    );
    assert_eq!(
        flaws(&format!("{fine}offset = 5\nstart = 5.1\nhome = 0")),
        ["home"]
    );
    // The counter of an encoder ends as well.
    assert_eq!(flaws("encoder = 1e-10\nstart = 1.0"), ["start"]);
    let mut surface = Surface::default();
    let _ = Motor::build(
        settings("resolution = 1e-10\nlimits = [-1e6, 1e6]"),
        &mut surface,
    );
    let said = &surface.flaws()[0].message;
    assert!(
        said.ends_with("; write resolution = 0.0005 or more"),
        "{said}"
    );
}

#[test]
fn a_target_beyond_the_counter_is_told_and_given_up() {
    for (table, target) in [
        ("resolution = 1e-10", 1.1235),
        ("velocity = 1e9", 1e12),
        ("velocity = 1e9", -3e9),
        ("velocity = 1e9\nbacklash = 1.0", 1e15),
        ("velocity = 1e9\nencoder = 0.001", 1e18),
        ("velocity = 1e9", 1e50),
    ] {
        let mut m = bench(table);
        let put = m.put_callback(".VAL", target);
        assert_eq!(faults(&m), 1, "{table}");
        m.advance("60 s");
        assert!(m.finished(put), "{table}, to {target}");
        assert_eq!(
            (m.number(".DMOV"), m.number(".MISS")),
            (1.0, 1.0),
            "{table}, to {target}"
        );
        assert_eq!(faults(&m), 1, "{table}");
    }
}

#[test]
fn a_target_within_the_counter_is_gone_to_after_one_beyond() {
    let mut m = bench("velocity = 1e9");
    m.put_callback(".VAL", 1e12);
    m.advance("0.05 s");
    // Another one on the way is told as well.
    m.put(".VAL", -1e12);
    m.advance("60 s");
    assert_eq!((faults(&m), m.number(".DMOV")), (2, 1.0));
    let put = m.put_callback(".VAL", 5.0);
    m.advance("60 s");
    assert!(m.finished(put));
    assert_eq!((m.number(".RBV"), m.number(".MISS")), (5.0, 0.0));
    assert_eq!(faults(&m), 2);
}

#[test]
fn a_motor_tries_again_and_goes_home_as_its_file_says() {
    let m = bench("");
    assert_eq!((m.number(".RTRY"), m.number(".HVEL")), (10.0, 0.1));
    let m = bench("velocity = 0.05");
    assert_eq!(m.number(".HVEL"), 0.05);
    let mut m = bench("retries = 3\nhome_velocity = 0.5\nstall = 1.0");
    assert_eq!((m.number(".RTRY"), m.number(".HVEL")), (3.0, 0.5));
    let put = m.put_callback(".VAL", 2.0);
    m.advance("10 s");
    assert!(m.finished(put));
    assert_eq!((m.number(".RCNT"), m.number(".MISS")), (4.0, 1.0));
    let mut m = bench("home_velocity = 0.5\nstart = -2.0");
    m.put(".HOMF", 1.0);
    // From -2 to the switch at 0 at half a unit a second, ramps aside.
    m.advance("3.5 s");
    assert_eq!(m.number(".HOMF"), 1.0);
    m.advance("2 s");
    assert_eq!((m.number(".HOMF"), m.number(".RBV")), (0.0, 0.0));
    assert_eq!(flaws("home_velocity = 0.05"), ["home_velocity"]);
    assert_eq!(
        flaws("home_velocity = 0.0\nbase_velocity = 0.0"),
        ["home_velocity"]
    );
    assert_eq!(
        flaws("home_velocity = 3.0\nmax_velocity = 2.0"),
        ["home_velocity"]
    );
    assert_eq!(flaws("home_velocity = 2.0\nmax_velocity = 2.0"), [""; 0]);
}
