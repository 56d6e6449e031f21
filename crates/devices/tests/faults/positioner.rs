//! What goes wrong with a positioner on purpose.

use beamtwin_devices::positioner::Positioner;
use beamtwin_pv::AlarmStatus;
use beamtwin_sim::Bench;

const TABLE: &str = "pv = \"e\"\nvelocity = 2.0";

fn bench() -> Bench {
    crate::bench::<Positioner>(TABLE)
}

fn position(e: &Bench) -> f64 {
    e.number("e-I")
}

fn moving(e: &Bench) -> f64 {
    e.number("eSts:Moving-Sts")
}

fn alarm(e: &Bench, name: &str) -> [f64; 2] {
    ["SEVR", "STAT"].map(|field| e.number(&format!("{name}.{field}")))
}

/// After the fault is gone, it does what it is told.
fn recovers(e: &mut Bench) {
    e.fault("none");
    e.advance("20 s");
    let put = e.put_callback("e-SP", -1.0);
    e.advance("30 s");
    assert!(e.finished(put));
    assert_eq!((position(e), moving(e)), (-1.0, 0.0));
    assert_eq!(alarm(e, "e-I"), [0.0, 0.0]);
    assert_eq!(e.world().unfinished(), 0);
    assert_eq!(e.world().next_wake(), None);
}

#[test]
fn a_stall_ends_the_move_where_it_is_and_the_put_completes() {
    let mut e = bench();
    let put = e.put_callback("e-SP", 10.0);
    e.advance("2 s");
    e.fault("stall");
    e.advance("1 s");
    assert!(e.finished(put));
    assert!(position(&e) > 3.0 && position(&e) < 4.0);
    assert_eq!(moving(&e), 0.0);
    let again = e.put_callback("e-SP", 5.0);
    assert_eq!(moving(&e), 1.0);
    e.advance("1 s");
    assert!(e.finished(again) && position(&e) < 4.0);
    recovers(&mut e);
}

#[test]
fn never_done_arrives_and_goes_on_moving() {
    let mut e = bench();
    e.fault("never done");
    let put = e.put_callback("e-SP", 2.0);
    e.advance("60 s");
    assert_eq!((position(&e), moving(&e)), (2.0, 1.0));
    assert!(!e.finished(put));
    e.fault("none");
    assert!(e.finished(put) && moving(&e) == 0.0);
    recovers(&mut e);
}

#[test]
fn a_lost_completion_leaves_only_the_put_open() {
    let mut e = bench();
    e.fault("lost completion");
    let put = e.put_callback("e-SP", 2.0);
    e.advance("60 s");
    assert_eq!((position(&e), moving(&e)), (2.0, 0.0));
    assert!(!e.finished(put));
    e.fault("none");
    assert!(e.finished(put));
    recovers(&mut e);
}

#[test]
fn a_frozen_readback_stays_while_the_positioner_goes_and_is_done() {
    let mut e = bench();
    e.fault("frozen");
    let put = e.put_callback("e-SP", 2.0);
    e.advance("10 s");
    assert!(e.finished(put));
    assert_eq!((position(&e), moving(&e)), (0.0, 0.0));
    e.fault("none");
    assert_eq!(position(&e), 2.0);
    recovers(&mut e);
}

#[test]
fn a_wrong_readback_is_off_by_as_much_as_was_said() {
    let mut e = bench();
    e.fault("off by 0.5");
    assert_eq!(position(&e), 0.5);
    e.put("e-SP", 2.0);
    e.advance("10 s");
    assert_eq!(position(&e), 2.5);
    e.fault("drift 0.1");
    assert_eq!(position(&e), 2.0);
    e.advance("10 s");
    assert!((position(&e) - 3.0).abs() < 1e-9, "at rest as well");
    recovers(&mut e);
}

#[test]
fn offline_shows_comm_and_hears_nothing() {
    let mut e = bench();
    let first = e.put_callback("e-SP", 4.0);
    e.advance("1 s");
    let before = position(&e);
    e.fault("offline");
    let comm = [3.0, f64::from(AlarmStatus::Comm as u16)];
    for name in ["e-SP", "e-I", "eSts:Moving-Sts"] {
        assert_eq!(alarm(&e, name), comm, "{name}");
    }
    e.put("eCmd:Stop-Cmd", 1.0);
    let second = e.put_callback("e-SP", 8.0);
    e.advance("10 s");
    assert_eq!((position(&e), moving(&e)), (before, 1.0));
    assert!(
        !e.finished(first) && !e.finished(second),
        "the second waits its turn"
    );
    assert_eq!(e.number("e-SP"), 4.0);
    e.fault("none");
    assert_eq!(position(&e), 4.0, "the move went on unseen");
    assert!(e.finished(first));
    e.advance("10 s");
    assert_eq!(position(&e), 8.0);
    recovers(&mut e);
}

#[test]
fn what_is_written_while_offline_is_kept_and_comes_to_nothing() {
    let mut e = bench();
    e.fault("offline");
    let put = e.put_callback("e-SP", 8.0);
    assert!(e.finished(put), "as if all were well");
    assert_eq!((e.number("e-SP"), alarm(&e, "e-SP")[0]), (8.0, 3.0));
    e.advance("10 s");
    e.fault("none");
    e.advance("10 s");
    assert_eq!((position(&e), e.number("e-SP")), (0.0, 8.0));
    recovers(&mut e);
}

#[test]
fn faults_are_saved_and_restored() {
    crate::same_after_a_restore::<Positioner>(TABLE, |e| {
        e.put_callback("e-SP", 4.0);
    });
}
