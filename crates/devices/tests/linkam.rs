//! What a Linkam stage promises.

mod common;

use beamtwin_devices::linkam::Linkam;
use beamtwin_pv::{Array, SimTime, Value};
use beamtwin_sim::{Bench, Meaning, Reason};
use common::flaws;

fn stage(settings: &str) -> Bench {
    common::bench::<Linkam>(&format!("pv = \"L:\"\n{settings}"))
}

const fn s(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn heat(bench: &mut Bench, target: f64, rate: f64) {
    bench.put("L:RAMPRATE:SET", rate);
    bench.put("L:SETPOINT:SET", target);
    bench.put("L:STARTHEAT", 1);
}

#[test]
fn a_degree_a_minute_is_a_degree_a_minute() {
    let mut bench = stage("");
    heat(&mut bench, 35.0, 10.0);
    bench.advance("6 s");
    assert_eq!(bench.number("L:TEMP"), 26.0);
    bench.advance("24 s");
    assert_eq!(bench.number("L:TEMP"), 30.0);
    bench.advance("30 s");
    assert_eq!(bench.number("L:TEMP"), 35.0);
    bench.advance("1 h");
    assert_eq!(bench.number("L:TEMP"), 35.0);
}

#[test]
fn the_last_step_lands_exactly_on_the_set_point_however_slow_the_ramp() {
    for (target, rate) in [(30.0, 0.5), (30.0, 1.0), (70.6, 7.3), (-12.3, 150.0)] {
        let mut bench = stage("");
        heat(&mut bench, target, rate);
        bench.advance("2 h");
        assert_eq!(bench.number("L:TEMP"), target);
        let (at, last) = bench.posts("L:TEMP").pop().unwrap();
        assert_eq!(last, Value::Double(target));
        let wanted = (target - 25.0).abs() / rate * 60.0;
        assert!(
            (at.as_secs_f64() - wanted).abs() < 1e-6,
            "{at} is not {wanted}"
        );
    }
}

#[test]
fn readings_come_at_the_controllers_period() {
    let mut bench = stage("period = \"2 s\"");
    heat(&mut bench, 26.0, 10.0);
    bench.advance("1 min");
    let times: Vec<SimTime> = bench.posts("L:TEMP").iter().map(|post| post.0).collect();
    assert_eq!(times, [s(2), s(4), s(6)]);
    assert_eq!(bench.world().next_wake(), None, "at its set-point it idles");
}

#[test]
fn status_tells_heater_set_point_pump_and_automatic() {
    let mut bench = stage("");
    assert_eq!(bench.value("L:STATUS"), Value::Long(16));
    heat(&mut bench, 35.0, 10.0);
    assert_eq!(bench.number("L:STATUS"), 20.0);
    bench.advance("2 min");
    assert_eq!(bench.number("L:STATUS"), 22.0);
    bench.put("L:SETPOINT:SET", -20.0);
    assert_eq!(bench.number("L:STATUS"), 28.0);
    assert_eq!(bench.number("L:LNP_SPEED"), 100.0);
    bench.advance("1 h");
    assert_eq!(bench.number("L:STATUS"), 30.0);
    bench.put("L:STARTHEAT", 0);
    assert_eq!(bench.number("L:STATUS"), 16.0);
    bench.put("L:LNP_MODE:SET", "Manual");
    assert_eq!(bench.number("L:STATUS"), 0.0);
}

#[test]
fn a_set_point_does_nothing_until_the_heater_is_on() {
    let mut bench = stage("");
    bench.put("L:SETPOINT:SET", 100.0);
    bench.advance("10 min");
    assert_eq!(bench.posts("L:TEMP"), []);
    assert_eq!(bench.number("L:SETPOINT"), 100.0);
}

#[test]
fn left_alone_it_drifts_to_the_room_and_then_idles() {
    let mut bench = stage("start = \"125 degC\"\ncooling = \"5 min\"");
    bench.advance("5 min");
    assert!((bench.number("L:TEMP") - 61.788).abs() < 0.01);
    bench.advance("2 h");
    assert_eq!(bench.number("L:TEMP"), 25.0);
    assert_eq!(bench.world().next_wake(), None);
}

#[test]
fn a_new_rate_or_set_point_counts_from_the_temperature_it_has() {
    let mut bench = stage("");
    heat(&mut bench, 100.0, 10.0);
    bench.advance("1 min");
    bench.put("L:RAMPRATE:SET", 20.0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:TEMP"), 55.0);
    bench.put("L:SETPOINT:SET", 45.0);
    bench.advance("15 s");
    assert_eq!(bench.number("L:TEMP"), 50.0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:TEMP"), 45.0);
}

#[test]
fn what_is_written_beyond_the_limits_is_clipped_as_an_output_clips() {
    let mut bench = stage("range = [\"-50 degC\", \"300 degC\"]\nfastest = \"30 degC/min\"");
    bench.put("L:SETPOINT:SET", 1000.0);
    bench.put("L:RAMPRATE:SET", 1000.0);
    assert_eq!(bench.number("L:SETPOINT:SET"), 300.0);
    assert_eq!(bench.number("L:SETPOINT"), 300.0);
    assert_eq!(bench.number("L:RAMPRATE:SET"), 30.0);
    bench.put("L:RAMPRATE:SET", 0.0);
    assert_eq!(bench.number("L:RAMPRATE"), 0.01);
    bench.put("L:SETPOINT:SET", f64::NAN);
    bench.put("L:STARTHEAT", 1);
    bench.advance("10 s");
    assert_eq!(bench.number("L:TEMP"), 25.0);
    bench.put("L:SETPOINT:SET", 0.0);
    bench.put("L:RAMPRATE:SET", f64::NAN);
    bench.advance("10 s");
    assert_eq!(bench.number("L:TEMP"), 25.0);
}

#[test]
fn readbacks_are_read_only_and_an_unchanged_put_tells_nobody() {
    let mut bench = stage("");
    for name in ["L:TEMP", "L:STATUS", "L:RAMPRATE", "L:MODEL"] {
        let put = bench.put(name, 1);
        assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess), "{name}");
    }
    let put = bench.put_callback("L:RAMPRATE:SET", 10.0);
    assert!(bench.finished(put));
    assert_eq!(bench.posts("L:RAMPRATE:SET"), []);
}

#[test]
fn texts_are_characters_with_a_terminator_and_other_settings_are_echoed() {
    let mut bench = stage("alias = \"M:\"");
    assert_eq!(
        bench.value("L:MODEL"),
        Array::Char((*b"T96\0").into()).into()
    );
    bench.put("L:HOLDTIME:SET", 5.0);
    bench.put("M:TST_MTR_VEL:SET", 3.0);
    assert_eq!(bench.number("L:HOLDTIME"), 5.0);
    assert_eq!(bench.number("L:TST_MTR_VEL"), 3.0);
}

#[test]
fn a_simulated_stage_may_be_set_to_a_temperature() {
    let mut bench = stage("settable = true");
    heat(&mut bench, 100.0, 10.0);
    bench.advance("1 min");
    bench.put("L:TEMP", 25.0);
    assert_eq!(bench.number("L:TEMP"), 25.0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:TEMP"), 35.0);
}

#[test]
fn its_temperature_is_a_curve() {
    let mut bench = stage("");
    let pv = bench.world().find("L:TEMP").unwrap().pv;
    let description = bench.world().describe(pv);
    assert_eq!(description.meaning, Meaning::Curve);
    assert_eq!(description.metadata.units, "degC");
    assert!(description.tolerance.is_some());
}

#[test]
fn saved_on_its_way_it_arrives_when_it_would_have() {
    let mut bench = stage("");
    heat(&mut bench, 35.0, 10.0);
    bench.advance("20.3 s");
    bench.follows_again(|bench| bench.advance("10 min"));
    assert_eq!(
        bench.posts("L:TEMP").pop().unwrap(),
        (s(660), Value::Double(35.0))
    );
}

#[test]
fn the_rest_of_a_ramp_is_told_in_seconds() {
    let mut bench = stage("");
    assert_eq!(bench.number("L:RAMPTIME"), 0.0);
    heat(&mut bench, 35.0, 10.0);
    assert_eq!(bench.number("L:RAMPTIME"), 60.0);
    bench.advance("45 s");
    assert_eq!(bench.number("L:RAMPTIME"), 15.0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:RAMPTIME"), 0.0);
    bench.put("L:STARTHEAT", 0);
    assert_eq!(bench.number("L:RAMPTIME"), 0.0, "drifting is no ramp");
}

#[test]
fn the_hold_time_is_counted_down_from_the_arrival() {
    let mut bench = stage("");
    bench.put("L:HOLDTIME:SET", 30.0);
    heat(&mut bench, 26.0, 10.0);
    bench.advance("5 s");
    assert_eq!(bench.number("L:HOLDTIME"), 30.0);
    bench.advance("11 s");
    assert_eq!(bench.number("L:HOLDTIME"), 20.0);
    assert_eq!(bench.number("L:STATUS"), 22.0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:HOLDTIME"), 0.0);
    assert_eq!(bench.posts("L:HOLDTIME").pop().unwrap().0, s(36));
    assert_eq!(bench.number("L:TEMP"), 26.0, "it is held on");
    assert_eq!(bench.world().next_wake(), None);
    bench.put("L:SETPOINT:SET", 27.0);
    assert_eq!(
        bench.number("L:HOLDTIME"),
        30.0,
        "a new set-point is held anew"
    );
}

#[test]
fn without_nitrogen_it_cools_by_itself_and_not_below_the_room() {
    let mut bench = stage("start = \"125 degC\"");
    bench.put("L:LNP_MODE:SET", "Manual");
    heat(&mut bench, 62.0, 100.0);
    bench.advance("10 s");
    assert!(bench.number("L:TEMP") > 120.0, "{}", bench.number("L:TEMP"));
    bench.advance("10 min");
    assert_eq!(bench.number("L:TEMP"), 62.0);
    let (at, _) = bench.posts("L:TEMP").pop().unwrap();
    let wanted = 300.0 * (100.0_f64 / 37.0).ln();
    assert!((at.as_secs_f64() - wanted).abs() < 1e-3, "{at}");
    bench.put("L:SETPOINT:SET", -50.0);
    bench.advance("5 h");
    assert_eq!(bench.number("L:TEMP"), 25.0);
    assert_eq!(bench.number("L:STATUS"), 4.0);
    bench.put("L:LNP_SPEED:SET", 300.0);
    assert_eq!(
        bench.number("L:LNP_SPEED"),
        100.0,
        "a pump runs at most at 100 %"
    );
    bench.advance("45 s");
    assert_eq!(bench.number("L:TEMP"), -50.0);
    assert_eq!(bench.number("L:STATUS"), 14.0);
    bench.put("L:LNP_SPEED:SET", 0.0);
    bench.advance("5 h");
    assert_eq!(bench.number("L:TEMP"), 25.0);
    assert_eq!(bench.world().next_wake(), None);
}

#[test]
fn calorimetry_tells_what_the_sample_takes_on_a_ramp() {
    let mut bench = stage("heat_capacity = \"30 mJ/K\"");
    heat(&mut bench, 35.0, 10.0);
    assert_eq!(bench.number("L:DSC"), 5.0);
    bench.advance("2 min");
    assert_eq!(bench.number("L:DSC"), 0.0);
    bench.put("L:SETPOINT:SET", 25.0);
    assert_eq!(bench.number("L:DSC"), -5.0);
}

#[test]
fn a_controller_that_is_disabled_is_not_read() {
    let mut bench = stage("");
    heat(&mut bench, 35.0, 10.0);
    bench.advance("30 s");
    bench.put("L:DISABLE", 1);
    bench.advance("1 min");
    assert_eq!(bench.number("L:TEMP"), 30.0);
    assert_eq!(bench.number("L:STATUS"), 20.0);
    bench.put("L:DISABLE", 0);
    assert_eq!(bench.number("L:TEMP"), 35.0);
    assert_eq!(bench.number("L:STATUS"), 22.0);
}

#[test]
fn jaws_go_the_distance_at_their_speed_and_pull_at_the_sample() {
    let mut bench = stage("stiffness = \"2 N/mm\"\nsection = \"0.5 mm2\"\ntravel = \"5 mm\"");
    assert_eq!(bench.number("L:TST_STATUS"), 5.0);
    bench.put("L:TST_JAW_TO_JAW_SIZE:SET", 10_000.0);
    bench.put("L:TST_MTR_DIST_SP:SET", 1000.0);
    bench.put("L:TST_MTR_VEL:SET", 100.0);
    bench.put("L:TST_START_MOTOR", 1);
    assert_eq!(bench.number("L:TST_STATUS"), 1.0, "at the zero limit still");
    bench.advance("5 s");
    assert_eq!(bench.number("L:TST_MOTOR_POS"), 500.0);
    assert_eq!(bench.number("L:TST_FORCE"), 1.0);
    assert_eq!(bench.number("L:TST_STRAIN"), 5.0);
    assert_eq!(bench.number("L:TST_STRESS"), 2.0);
    assert_eq!(bench.number("L:TST_STATUS"), 0.0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:TST_MOTOR_POS"), 1000.0);
    assert_eq!(bench.number("L:TST_STATUS"), 4.0);
    assert_eq!(bench.number("L:TST_START_MOTOR"), 0.0);
    assert_eq!(bench.world().next_wake(), None);
    bench.put("L:TST_TABLE_DIR:SET", 1);
    bench.put("L:TST_START_MOTOR", 1);
    bench.advance("2 s");
    bench.put("L:TST_START_MOTOR", 0);
    bench.advance("1 min");
    assert_eq!(bench.number("L:TST_MOTOR_POS"), 800.0);
    assert_eq!(bench.number("L:TST_STATUS"), 12.0);
    assert_eq!(bench.number("L:TST_MAX_FORCE"), 2.0);
    bench.put("L:TST_TABLE_DIR:SET", 0);
    bench.put("L:TST_MTR_DIST_SP:SET", 1e9);
    bench.put("L:TST_START_MOTOR", 1);
    bench.advance("1 h");
    assert_eq!(bench.number("L:TST_MOTOR_POS"), 5000.0);
    assert_eq!(bench.number("L:TST_STATUS"), 6.0);
    bench.put("L:TST_TABLE_MODE:SET", 4);
    bench.put("L:TST_TABLE_DIR:SET", 1);
    bench.put("L:TST_START_MOTOR", 1);
    bench.advance("1 min");
    assert_eq!(
        bench.number("L:TST_MOTOR_POS"),
        5000.0,
        "relaxing moves nothing"
    );
}

#[test]
fn saved_while_it_holds_and_pulls_it_goes_on_as_it_would_have() {
    let mut bench = stage("");
    bench.put("L:HOLDTIME:SET", 60.0);
    heat(&mut bench, 26.0, 10.0);
    bench.put("L:TST_MTR_DIST_SP:SET", 1000.0);
    bench.put("L:TST_MTR_VEL:SET", 10.0);
    bench.put("L:TST_START_MOTOR", 1);
    bench.advance("33.3 s");
    bench.follows_again(|bench| bench.advance("10 min"));
    assert_eq!(bench.posts("L:HOLDTIME").pop().unwrap().0, s(666));
    assert_eq!(
        bench.posts("L:TST_MOTOR_POS").pop().unwrap(),
        (s(700), Value::Double(1000.0))
    );
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        flaws::<Linkam>(
            "pv = \"L:\"\nalias = \"L:\"\nrange = [\"100 degC\", \"0 degC\"]\nramp = \"500 degC/min\"\n\
             cooling = \"0 s\"\nperiod = \"1 ms\""
        ),
        [
            "alias: the alias is the same as pv; leave it out",
            "range: the lowest and the highest temperature are wanted; write for example [\"-196 degC\", \"350 degC\"]",
            "ramp: 500 degC/min is not from 0.01 to 150 degC/min; the upper end is the setting fastest",
            "cooling: nothing cools in no time; write for example \"5 min\"",
            "period: the shortest period is 10 ms; write for example \"500 ms\"",
        ]
    );
    assert_eq!(
        flaws::<Linkam>("pv = \"L:\"\ntravel = \"0 mm\"\nsection = \"0 mm2\""),
        [
            "travel: jaws open; write for example \"80 mm\"",
            "section: a sample has a cross-section; write for example \"1 mm2\"",
        ]
    );
    assert_eq!(
        flaws::<Linkam>("pv = \"L:\"\nstart = \"400 degC\""),
        ["start: 400 degC lies outside the range -196 to 350 degC"]
    );
}
