//! What goes wrong with a shutter on purpose.

use beamtwin_devices::shutter::Shutter;
use beamtwin_devices::{Kind, diode};
use beamtwin_sim::{Beam, Bench, Surface, WorldBuilder};

const TABLE: &str = "command = \"c\"\nreadback = [\"r1\", \"r2\"]\ntravel = \"100 ms\"";

/// A shutter in the beam, and behind it a diode that counts 1000 where light arrives.
fn bench() -> Bench {
    let mut builder = WorldBuilder::new("lit");
    let mut surface = Surface::default();
    let shutter = Shutter::build(toml::from_str(TABLE).expect("settings"), &mut surface);
    builder.add("shutter", surface, shutter);
    let mut surface = Surface::default();
    let table = "pv = \"eye\"\nnoise = false\nbright = \"1e4 counts/s\"";
    let eye = diode::Diode::build(toml::from_str(table).expect("settings"), &mut surface);
    builder.add("diode", surface, eye);
    let beam = Beam {
        energy: 13_500.0,
        flux: 1e10,
    };
    let path = ["shutter", "diode"].map(str::to_owned).to_vec();
    Bench::of(builder.beam(beam, path).build().expect("a world"))
}

/// What light is counted, and what the blades tell.
fn seen(s: &Bench) -> [f64; 3] {
    ["eye", "r1", "r2"].map(|name| s.number(name))
}

const OPEN: [f64; 3] = [1000.0, 1.0, 1.0];
const CLOSED: [f64; 3] = [0.0, 0.0, 0.0];

fn recovers(s: &mut Bench) {
    s.fault("none");
    s.advance("2 s");
    for (command, wanted) in [(0.0, CLOSED), (1.0, OPEN), (0.0, CLOSED)] {
        let put = s.put_callback("c", command);
        s.advance("1 s");
        assert!(s.finished(put));
        assert_eq!(seen(s), wanted);
    }
    assert_eq!(s.world().unfinished(), 0);
}

#[test]
fn stuck_closed_stays_dark_and_its_puts_complete_as_if_all_were_well() {
    let mut s = bench();
    s.fault("stuck closed");
    let put = s.put_callback("c", 1.0);
    s.advance("1 s");
    assert!(s.finished(put));
    assert_eq!(s.number("c"), 1.0);
    assert_eq!(seen(&s), CLOSED, "only the blades tell");
    recovers(&mut s);
}

#[test]
fn an_open_shutter_that_is_stuck_closed_falls_shut_and_opens_again_when_mended() {
    let mut s = bench();
    s.put("c", 1.0);
    s.advance("1 s");
    s.fault("stuck closed");
    assert_eq!(seen(&s), CLOSED);
    s.fault("none");
    assert_eq!(seen(&s), OPEN, "it was told to be open");
    recovers(&mut s);
}

#[test]
fn stuck_open_lets_light_through_whatever_it_is_told() {
    let mut s = bench();
    s.fault("stuck open");
    assert_eq!(seen(&s), OPEN);
    s.put("c", 1.0);
    let put = s.put_callback("c", 0.0);
    s.advance("1 s");
    assert!(s.finished(put));
    assert_eq!(s.number("c"), 0.0);
    assert_eq!(seen(&s), OPEN);
    recovers(&mut s);
}

#[test]
fn a_slow_shutter_takes_ten_times_as_long() {
    let mut s = bench();
    s.fault("slow");
    let put = s.put_callback("c", 1.0);
    s.advance("0.9 s");
    assert_eq!(seen(&s), CLOSED);
    assert!(!s.finished(put));
    s.advance("0.1 s");
    assert_eq!(seen(&s), OPEN);
    assert!(s.finished(put));
    recovers(&mut s);
}

#[test]
fn a_slow_shutter_that_is_mended_goes_the_rest_of_its_way_at_its_speed() {
    let mut s = bench();
    s.fault("slow");
    let put = s.put_callback("c", 1.0);
    s.advance("0.5 s");
    s.fault("none");
    s.advance("49 ms");
    assert!(!s.finished(put));
    s.advance("1 ms");
    assert!(s.finished(put));
    recovers(&mut s);
}

#[test]
fn one_that_never_confirms_opens_and_nobody_is_told() {
    let mut s = bench();
    s.fault("never confirms");
    let put = s.put_callback("c", 1.0);
    s.advance("1 min");
    assert_eq!(seen(&s), [1000.0, 0.0, 0.0]);
    assert!(!s.finished(put));
    s.fault("none");
    assert!(s.finished(put));
    assert_eq!(seen(&s), OPEN);
    recovers(&mut s);
}

#[test]
fn faults_are_saved_and_restored() {
    crate::same_after_a_restore::<Shutter>(TABLE, |s| {
        let opens = 1.0 - s.number("c");
        s.put_callback("c", opens);
    });
}
