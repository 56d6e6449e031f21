//! What goes wrong with a Linkam stage on purpose.

use beamtwin_devices::linkam::Linkam;
use beamtwin_pv::AlarmStatus;
use beamtwin_sim::Bench;

const TABLE: &str = "pv = \"L:\"\nramp = \"60 degC/min\"\nrange = [\"-100 degC\", \"200 degC\"]";

fn bench() -> Bench {
    crate::bench::<Linkam>(TABLE)
}

/// At 50 degC, and held there.
fn warm() -> Bench {
    let mut l = bench();
    heat(&mut l, 50.0);
    l.advance("1 min");
    assert_eq!((temperature(&l), status(&l)), (50.0, 22.0));
    l
}

fn heat(l: &mut Bench, to: f64) {
    l.put("L:SETPOINT:SET", to);
    l.put("L:STARTHEAT", 1);
}

fn temperature(l: &Bench) -> f64 {
    l.number("L:TEMP")
}

fn status(l: &Bench) -> f64 {
    l.number("L:STATUS")
}

fn severity(l: &Bench) -> [f64; 2] {
    [l.number("L:TEMP.SEVR"), l.number("L:TEMP.STAT")]
}

fn recovers(l: &mut Bench) {
    l.fault("none");
    heat(l, 60.0);
    l.advance("5 min");
    assert_eq!((temperature(l), status(l)), (60.0, 22.0));
    assert_eq!(severity(l), [0.0, 0.0]);
    assert_eq!(l.text("L:CTRLLR:ERR").to_string(), "None");
    l.put("L:STARTHEAT", 0);
    l.advance("3 h");
    assert_eq!((temperature(l), l.world().next_wake()), (25.0, None));
}

#[test]
fn a_dead_heater_lets_it_cool_with_the_heater_said_to_be_on() {
    let mut l = warm();
    l.fault("heater dead");
    l.advance("5 min");
    assert!(temperature(&l) < 40.0);
    assert_eq!(status(&l), 20.0, "heater, and automatic pump");
    l.advance("3 h");
    assert_eq!(temperature(&l), 25.0);
    recovers(&mut l);
}

#[test]
fn a_runaway_heats_to_the_end_whatever_it_is_told() {
    let mut l = warm();
    l.fault("runaway");
    l.put("L:STARTHEAT", 0);
    l.advance("10 min");
    assert_eq!((temperature(&l), l.number("L:POWER")), (200.0, 100.0));
    recovers(&mut l);
}

#[test]
fn one_that_never_settles_is_there_and_does_not_say_so() {
    let mut l = bench();
    l.fault("never settles");
    heat(&mut l, 50.0);
    l.advance("10 min");
    assert_eq!((temperature(&l), status(&l)), (50.0, 20.0));
    l.fault("none");
    assert_eq!(status(&l), 22.0);
    recovers(&mut l);
}

#[test]
fn an_open_sensor_is_told_and_ends_the_heating() {
    let mut l = warm();
    l.fault("sensor open");
    assert_eq!(severity(&l), [3.0, f64::from(AlarmStatus::Read as u16)]);
    assert_eq!(status(&l), 21.0, "error, heater, automatic");
    assert_eq!(l.text("L:CTRLLR:ERR").to_string(), "Sensor open");
    l.advance("5 min");
    assert_eq!(temperature(&l), 50.0, "the last reading");
    l.fault("none");
    assert!(temperature(&l) < 40.0);
    recovers(&mut l);
}

#[test]
fn a_sensor_that_lies_shows_another_temperature() {
    let mut l = warm();
    l.fault("off by 3");
    assert_eq!((temperature(&l), status(&l)), (53.0, 20.0));
    l.fault("drift -0.1");
    l.advance("10 s");
    assert!((temperature(&l) - 49.0).abs() < 1e-6, "at rest as well");
    l.fault("none");
    l.fault("frozen");
    heat(&mut l, 80.0);
    l.advance("1 min");
    assert_eq!((temperature(&l), status(&l)), (50.0, 20.0));
    l.fault("none");
    assert_eq!((temperature(&l), status(&l)), (80.0, 22.0));
    recovers(&mut l);
}

#[test]
fn offline_shows_comm_and_hears_nothing() {
    let mut l = warm();
    l.put("L:SETPOINT:SET", 80.0);
    l.fault("offline");
    assert_eq!(severity(&l), [3.0, f64::from(AlarmStatus::Comm as u16)]);
    let put = l.put_callback("L:SETPOINT:SET", 30.0);
    assert!(l.finished(put), "as if all were well");
    l.put("L:STARTHEAT", 0);
    l.advance("10 min");
    assert_eq!(temperature(&l), 50.0);
    l.fault("none");
    assert_eq!((temperature(&l), l.number("L:SETPOINT")), (80.0, 80.0));
    assert_eq!(
        l.number("L:SETPOINT:SET"),
        30.0,
        "what was written and never heard"
    );
    recovers(&mut l);
}

#[test]
fn faults_are_saved_and_restored() {
    crate::same_after_a_restore::<Linkam>(TABLE, |l| {
        let to = 60.0 - l.number("L:SETPOINT");
        heat(l, to);
        l.put("L:TST_MTR_DIST_SP:SET", 500.0);
        l.put("L:TST_MTR_VEL:SET", 40.0);
        l.put("L:TST_START_MOTOR", 1);
    });
}
