//! What goes wrong with a temperature controller on purpose.

use beamtwin_devices::temperature::Temperature;
use beamtwin_pv::AlarmStatus;
use beamtwin_sim::Bench;

const TABLE: &str = "pv = \"T\"\nunits = \"degC\"\nnoise = \"0 K\"\nwait = true";

/// At 50 degC, and settled there.
fn warm() -> Bench {
    let mut t = crate::bench::<Temperature>(TABLE);
    t.put("T-Out:1}T-SP", 50.0);
    t.advance("10 min");
    assert!((reading(&t) - 50.0).abs() < 0.1);
    assert_eq!(settled(&t), 1.0);
    t
}

fn reading(t: &Bench) -> f64 {
    t.number("T-Chan:A}T-I")
}

fn settled(t: &Bench) -> f64 {
    t.number("T-Out:1}Sts:Settled-Sts")
}

fn heater(t: &Bench) -> f64 {
    t.number("T-Out:1}Out-I")
}

fn alarm(t: &Bench) -> [f64; 2] {
    ["SEVR", "STAT"].map(|field| t.number(&format!("T-Chan:A}}T-I.{field}")))
}

fn statuses(t: &Bench) -> [f64; 2] {
    [t.number("T-Chan:A}T-Sts"), t.number("T-Out:1}Err:Htr-Sts")]
}

fn recovers(t: &mut Bench) {
    t.fault("none");
    let put = t.put_callback("T-Out:1}T-SP", 60.0);
    t.advance("30 min");
    assert!(t.finished(put));
    assert!((reading(t) - 60.0).abs() < 0.1);
    assert_eq!(
        (settled(t), alarm(t), statuses(t)),
        (1.0, [0.0; 2], [0.0; 2])
    );
    assert_eq!(t.world().unfinished(), 0);
}

#[test]
fn a_dead_heater_gives_all_and_it_cools() {
    let mut t = warm();
    t.fault("heater dead");
    assert_eq!(statuses(&t), [0.0, 1.0]);
    let put = t.put_callback("T-Out:1}T-SP", 55.0);
    t.advance("30 min");
    assert_eq!((reading(&t), heater(&t), settled(&t)), (25.0, 100.0, 0.0));
    assert!(!t.finished(put));
    recovers(&mut t);
    assert!(t.finished(put));
}

#[test]
fn a_runaway_heats_with_all_it_has_while_the_loop_gives_nothing() {
    let mut t = warm();
    t.fault("runaway");
    t.put("T-Out:1}Val:Range-Sel", 0);
    t.advance("30 min");
    assert!(reading(&t) > 420.0, "{}", reading(&t));
    assert_eq!((heater(&t), settled(&t)), (0.0, 0.0));
    t.put("T-Out:1}Val:Range-Sel", 3);
    recovers(&mut t);
}

#[test]
fn one_that_never_settles_is_there_and_does_not_say_so() {
    let mut t = warm();
    t.fault("never settles");
    let put = t.put_callback("T-Out:1}T-SP", 55.0);
    t.advance("30 min");
    assert!((reading(&t) - 55.0).abs() < 0.1);
    assert_eq!(settled(&t), 0.0);
    assert!(!t.finished(put));
    t.fault("none");
    t.advance("1 min");
    assert!(t.finished(put));
    recovers(&mut t);
}

#[test]
fn an_open_sensor_is_told_and_ends_the_heating() {
    let mut t = warm();
    t.fault("sensor open");
    t.advance("30 min");
    assert_eq!(alarm(&t), [3.0, f64::from(AlarmStatus::Read as u16)]);
    assert_eq!(
        (statuses(&t), heater(&t), settled(&t)),
        ([128.0, 0.0], 0.0, 0.0)
    );
    assert!((reading(&t) - 50.0).abs() < 0.1, "the last reading");
    t.fault("none");
    t.advance("1 s");
    assert!(reading(&t) < 26.0);
    recovers(&mut t);
}

#[test]
fn a_sensor_that_lies_leads_the_loop_astray() {
    let mut t = warm();
    t.fault("off by 5");
    t.advance("10 min");
    assert!(
        (reading(&t) - 50.0).abs() < 0.1,
        "the loop holds what it is shown"
    );
    t.fault("none");
    t.advance("1 s");
    assert!((reading(&t) - 45.0).abs() < 0.2, "{}", reading(&t));
    t.advance("10 min");
    t.fault("drift 0.05");
    t.advance("5 min");
    let shown = reading(&t);
    assert!((49.0..54.0).contains(&shown), "{shown}");
    t.fault("none");
    t.advance("1 s");
    assert!(reading(&t) < 40.0);
    recovers(&mut t);
}

#[test]
fn a_frozen_reading_leads_to_full_power() {
    let mut t = warm();
    t.fault("frozen");
    let shown = reading(&t);
    t.put("T-Out:1}T-SP", 55.0);
    t.advance("20 min");
    assert_eq!((reading(&t), heater(&t)), (shown, 100.0));
    t.fault("none");
    t.advance("1 s");
    assert!(reading(&t) > 400.0);
    recovers(&mut t);
}

#[test]
fn offline_shows_comm_and_hears_nothing() {
    let mut t = warm();
    let first = t.put_callback("T-Out:1}T-SP", 60.0);
    t.fault("offline");
    assert_eq!(alarm(&t), [3.0, f64::from(AlarmStatus::Comm as u16)]);
    let before = reading(&t);
    t.put("T-Out:1}T-SP", 30.0);
    t.advance("30 min");
    assert_eq!(reading(&t), before);
    assert!(!t.finished(first));
    t.fault("none");
    t.advance("1 s");
    assert!((reading(&t) - 60.0).abs() < 0.1, "it went on unseen");
    assert!(t.finished(first));
    recovers(&mut t);
}

#[test]
fn faults_are_saved_and_restored() {
    crate::same_after_a_restore::<Temperature>(TABLE, |t| {
        let to = 60.0 - t.number("T-Out:1}T-SP");
        t.put_callback("T-Out:1}T-SP", to);
    });
}
