//! What goes wrong on purpose.

use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{AlarmStatus, SimTime};
use beamtwin_sim::{Bench, Device, Surface};

fn settings(table: &str) -> Settings {
    toml::from_str(&format!("pv = \"m\"\nvelocity = 2.0\n{table}")).expect("settings")
}

fn build(table: &str) -> (Surface, Box<dyn Device>) {
    let mut surface = Surface::default();
    let device = Motor::build(settings(table), &mut surface);
    (surface, device)
}

fn bench(table: &str) -> Bench {
    Bench::boxed(|surface| Motor::build(settings(table), surface))
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

fn alarm(m: &Bench) -> (f64, f64) {
    (m.number("m.SEVR"), m.number("m.STAT"))
}

/// After the fault is gone, the motor does what it is told.
fn recovers(m: &mut Bench) {
    m.fault("none");
    m.advance("20 s");
    let put = m.put_callback("m.VAL", -1.0);
    m.advance("30 s");
    assert!(m.finished(put));
    assert_eq!((m.number("m.RBV"), m.number("m.DMOV")), (-1.0, 1.0));
    assert_eq!(alarm(m), (0.0, 0.0));
}

#[test]
fn every_fault_of_a_motor_can_be_had_and_ended() {
    let mut m = bench("");
    let (_, device) = build("");
    for words in device.faults() {
        m.fault(&words.replace("NUMBER", "0.5"));
        m.put("m.VAL", 3.0);
        m.advance("5 s");
        recovers(&mut m);
    }
}

#[test]
fn a_stalled_motor_misses_its_target_and_its_put_completes() {
    let mut m = bench("");
    let put = m.put_callback("m.VAL", 5.0);
    m.advance("1 s");
    m.fault("stall");
    m.advance("5 s");
    assert!(m.finished(put));
    assert!(m.number("m.RBV") < 2.5);
    assert_eq!((m.number("m.MISS"), m.number("m.DMOV")), (1.0, 1.0));
    assert_eq!(alarm(&m), (2.0, f64::from(AlarmStatus::State as u16)));
    recovers(&mut m);
}

#[test]
fn a_limit_switch_that_closes_stops_the_motor_and_lets_it_go_the_other_way() {
    let mut m = bench("");
    let put = m.put_callback("m.VAL", 5.0);
    m.advance("1 s");
    m.fault("high limit");
    m.advance("2 s");
    assert!(m.finished(put));
    assert_eq!((m.number("m.HLS"), m.number("m.DMOV")), (1.0, 1.0));
    let up = m.put_callback("m.VAL", 6.0);
    m.advance("10 s");
    assert!(m.finished(up));
    assert!(m.number("m.RBV") < 3.0);
    let down = m.put_callback("m.VAL", 1.0);
    m.advance("10 s");
    assert!(m.finished(down));
    assert_eq!(m.number("m.RBV"), 1.0);
    m.fault("low limit");
    assert_eq!((m.number("m.HLS"), m.number("m.LLS")), (0.0, 1.0));
    recovers(&mut m);
}

#[test]
fn a_controller_that_is_never_done_keeps_dmov_down_and_the_put_waiting() {
    let mut m = bench("");
    m.fault("never done");
    let put = m.put_callback("m.VAL", 1.0);
    m.advance("10 min");
    assert!(!m.finished(put));
    assert_eq!((m.number("m.RBV"), m.number("m.DMOV")), (1.0, 0.0));
    m.fault("");
    m.advance("1 s");
    assert!(m.finished(put));
    recovers(&mut m);
}

#[test]
fn a_lost_completion_leaves_the_put_waiting_although_dmov_is_up() {
    let mut m = bench("");
    m.fault("lost completion");
    let put = m.put_callback("m.VAL", 1.0);
    m.advance("1 min");
    assert!(!m.finished(put));
    assert_eq!((m.number("m.RBV"), m.number("m.DMOV")), (1.0, 1.0));
    let plain = m.put("m.VAL", 2.0);
    m.advance("1 min");
    assert!(!m.finished(plain));
    assert_eq!(m.number("m.RBV"), 2.0);
    m.fault("none");
    assert!(m.finished(put) && m.finished(plain));
    recovers(&mut m);
}

#[test]
fn a_lost_completion_is_lost_for_a_put_of_the_present_place_too() {
    let mut m = bench("");
    m.fault("lost completion");
    let put = m.put_callback("m.VAL", 0.0);
    m.advance("1 min");
    assert!(!m.finished(put));
    recovers(&mut m);
    assert!(m.finished(put));
}

#[test]
fn a_frozen_readback_makes_it_try_again_and_miss() {
    let mut m = bench("");
    let put = m.put_callback("m.VAL", 5.0);
    m.advance("1.05 s");
    m.fault("frozen");
    let frozen = m.number("m.RBV");
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!((m.number("m.RBV"), m.number("m.MISS")), (frozen, 1.0));
    m.fault("none");
    m.advance("1 s");
    assert_eq!(m.number("m.RBV"), 5.0);
    recovers(&mut m);
}

#[test]
fn a_wrong_readback_is_off_in_user_units_whichever_way_the_motor_counts() {
    for table in ["", "direction = \"negative\"", "encoder = 0.0005"] {
        let mut m = bench(table);
        m.fault("off by 0.5");
        m.advance("1 s");
        assert_eq!(m.number("m.RBV"), 0.5, "{table}");
        recovers(&mut m);
    }
}

#[test]
fn a_drifting_readback_moves_at_rest() {
    let mut m = bench("");
    m.fault("drift 0.01");
    m.advance("10 s");
    assert!((m.number("m.RBV") - 0.1).abs() < 1e-9);
    assert_eq!(m.numbers("m.RBV").len(), 10);
    assert_eq!(m.number("m.VAL"), 0.0);
    recovers(&mut m);
}

#[test]
fn slow_replies_come_once_a_second() {
    let mut m = bench("");
    m.fault("slow");
    let put = m.put_callback("m.VAL", 2.0);
    m.advance("10 s");
    assert_eq!(m.finished_at(put), Some(at(2000)));
    assert_eq!(m.numbers("m.RBV").len(), 2);
    recovers(&mut m);
}

#[test]
fn a_controller_that_does_not_answer_is_a_communication_alarm_and_keeps_what_was_known() {
    let mut m = bench("");
    let put = m.put_callback("m.VAL", 5.0);
    m.advance("1.05 s");
    m.fault("offline");
    assert_eq!(alarm(&m), (3.0, f64::from(AlarmStatus::Comm as u16)));
    let known = m.number("m.RBV");
    m.put("m.STOP", 1.0);
    m.advance("20 s");
    assert!(!m.finished(put));
    assert_eq!((m.number("m.RBV"), m.number("m.DMOV")), (known, 0.0));
    m.fault("none");
    m.advance("1 s");
    assert!(m.finished(put));
    assert_eq!(m.number("m.RBV"), 5.0, "the stop did not reach it");
    recovers(&mut m);
}

#[test]
fn a_move_told_to_a_controller_that_does_not_answer_misses() {
    let mut m = bench("");
    m.fault("offline");
    let put = m.put_callback("m.VAL", 5.0);
    m.advance("20 s");
    assert!(m.finished(put));
    assert_eq!((m.number("m.RBV"), m.number("m.MISS")), (0.0, 1.0));
    recovers(&mut m);
}

#[test]
fn a_saved_faulty_motor_is_as_faulty_elsewhere() {
    for fault in [
        "stall",
        "frozen",
        "drift 0.02",
        "lost completion",
        "never done",
        "offline",
    ] {
        let mut m = bench("");
        m.put_callback("m.VAL", 3.0);
        m.advance("0.75 s");
        m.fault(fault);
        m.advance("0.75 s");
        m.follows_again(|m| {
            m.advance("10 s");
            m.fault("none");
            m.advance("10 s");
        });
    }
}

#[test]
fn with_a_wrong_readback_a_stepper_misses_and_an_encoder_shifts_the_stage() {
    let mut stepper = bench("");
    stepper.fault("off by 0.5");
    let put = stepper.put_callback("m.VAL", 2.0);
    stepper.advance("30 s");
    assert!(stepper.finished(put));
    assert_eq!(
        (stepper.number("m.RBV"), stepper.number("m.MISS")),
        (2.5, 1.0)
    );
    let mut encoded = bench("encoder = 0.001");
    encoded.fault("off by 0.5");
    let put = encoded.put_callback("m.VAL", 2.0);
    encoded.advance("30 s");
    assert!(encoded.finished(put));
    assert_eq!(
        (encoded.number("m.RBV"), encoded.number("m.RMP")),
        (2.0, 1500.0)
    );
}
