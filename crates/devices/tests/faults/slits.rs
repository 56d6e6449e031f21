//! What goes wrong with slits on purpose.

use beamtwin_devices::slits::Slits;
use beamtwin_sim::Bench;

const BLADES: &str = "pv = \"s-\"\nsuffix = \"\"\ngap = [2, 2]";
const CENTERS: &str = "pv = \"s-\"\nsuffix = \"\"\ngap = [2, 2]\nmotors = \"centers\"";

fn bench(table: &str) -> Bench {
    crate::bench::<Slits>(table)
}

/// Whether centre and gap are those of the blades, in both directions.
fn agrees(s: &Bench) -> bool {
    let at = |axis: &str| s.number(&format!("s-{axis}.RBV"));
    [["I", "O", "XC", "XG"], ["B", "T", "YC", "YG"]]
        .iter()
        .all(|[low, high, center, gap]| {
            let (low, high) = (at(low), at(high));
            let off = at(center) - f64::midpoint(low, high);
            off.abs() < 1e-6 && (at(gap) - (high - low)).abs() < 1e-6
        })
}

fn recovers(s: &mut Bench) {
    s.fault("none");
    s.advance("30 s");
    let puts = [("s-XC", 1.0), ("s-YC", -1.0)].map(|(axis, to)| {
        let put = s.put_callback(axis, to);
        s.advance("30 s");
        assert_eq!(s.number(&format!("{axis}.RBV")), to);
        put
    });
    assert!(puts.into_iter().all(|put| s.finished(put)));
    assert!(agrees(s));
    assert_eq!(s.world().unfinished(), 0);
}

#[test]
fn a_stalled_blade_leaves_gap_and_center_wrong_and_the_put_of_the_axis_completes() {
    let mut s = bench(BLADES);
    s.fault("inboard stall");
    let put = s.put_callback("s-XG", 6.0);
    s.advance("60 s");
    assert!(s.finished(put), "as if all were well");
    assert_eq!(
        ["I", "O", "XG", "XC"].map(|axis| s.number(&format!("s-{axis}.RBV"))),
        [-1.0, 3.0, 4.0, 1.0]
    );
    assert_eq!([s.number("s-I.MISS"), s.number("s-O.MISS")], [1.0, 0.0]);
    assert!(agrees(&s));
    recovers(&mut s);
}

#[test]
fn a_blade_that_is_never_done_keeps_the_axis_moving() {
    let mut s = bench(BLADES);
    s.fault("top never done");
    let put = s.put_callback("s-YC", 1.0);
    s.advance("60 s");
    assert_eq!((s.number("s-YC.RBV"), s.number("s-YC.DMOV")), (1.0, 0.0));
    assert_eq!(s.number("s-XC.DMOV"), 1.0);
    assert!(!s.finished(put));
    recovers(&mut s);
    assert!(s.finished(put));
}

#[test]
fn one_fault_takes_the_place_of_another() {
    let mut s = bench(BLADES);
    s.fault("top off by 0.5");
    assert_eq!(s.number("s-YG.RBV"), 2.5);
    s.fault("bottom off by 0.5");
    assert_eq!((s.number("s-YG.RBV"), s.number("s-YC.RBV")), (1.5, 0.25));
    assert!(agrees(&s));
    recovers(&mut s);
}

#[test]
fn centers_and_gaps_that_are_motors_have_faults_by_their_names() {
    let mut s = bench(CENTERS);
    s.fault("x_gap stall");
    let put = s.put_callback("s-O", 3.0);
    s.advance("60 s");
    assert!(s.finished(put));
    assert_eq!(
        ["XG", "XC", "O"].map(|axis| s.number(&format!("s-{axis}.RBV"))),
        [2.0, 1.0, 2.0]
    );
    assert!(agrees(&s));
    recovers(&mut s);
}

#[test]
fn faults_are_saved_and_restored() {
    for table in [BLADES, CENTERS] {
        crate::same_after_a_restore::<Slits>(table, |s| {
            let to = 3.0 - s.number("s-XC.VAL");
            s.put_callback("s-XC", to);
            s.put_callback("s-YG", to + 1.0);
        });
    }
}
