//! What goes wrong with a diode on purpose.

use beamtwin_devices::Kind;
use beamtwin_devices::diode::Diode;
use beamtwin_devices::motor::Motor;
use beamtwin_pv::AlarmStatus;
use beamtwin_sim::{Beam, Bench, Surface, WorldBuilder};

/// A diode with a peak of 1000 counts along a motor that stands on it, and no noise.
fn bench() -> Bench {
    let mut builder = WorldBuilder::new("lit");
    let mut surface = Surface::default();
    let table = "pv = \"i0\"\nnoise = false\nbackground = \"100 counts/s\"\n\
        peak = { along = \"motor.x\", center = 0.0, width = 1.0, height = \"1e4 counts/s\" }";
    let diode = Diode::build(toml::from_str(table).expect("settings"), &mut surface);
    builder.add("diode", surface, diode);
    let mut surface = Surface::default();
    let motor = Motor::build(
        toml::from_str("pv = \"x\"").expect("settings"),
        &mut surface,
    );
    builder.add("motor.x", surface, motor);
    let beam = Beam {
        energy: 13_500.0,
        flux: 1e10,
    };
    Bench::of(
        builder
            .beam(beam, vec!["diode".to_owned()])
            .build()
            .expect("a world"),
    )
}

fn counts(d: &Bench) -> f64 {
    d.number("i0")
}

fn leaves_the_peak(d: &mut Bench) {
    d.put("x.VAL", 5.0);
    d.advance("10 s");
}

#[test]
fn a_frozen_diode_counts_what_it_counted() {
    let mut d = bench();
    assert_eq!(counts(&d), 1010.0);
    d.fault("frozen");
    leaves_the_peak(&mut d);
    assert_eq!(counts(&d), 1010.0);
    d.fault("none");
    assert_eq!(counts(&d), 10.0);
}

#[test]
fn a_dark_diode_counts_its_background() {
    let mut d = bench();
    d.fault("dark");
    assert_eq!(counts(&d), 10.0);
    d.fault("none");
    assert_eq!(counts(&d), 1010.0);
}

#[test]
fn a_saturated_diode_counts_no_more_than_so_much() {
    let mut d = bench();
    d.fault("saturated 500");
    assert_eq!(counts(&d), 500.0);
    leaves_the_peak(&mut d);
    assert_eq!(counts(&d), 10.0);
}

#[test]
fn an_offline_diode_shows_comm_and_its_last_counts() {
    let mut d = bench();
    d.fault("offline");
    leaves_the_peak(&mut d);
    assert_eq!(counts(&d), 1010.0);
    assert_eq!(d.number("i0.SEVR"), 3.0);
    assert_eq!(d.number("i0.STAT"), f64::from(AlarmStatus::Comm as u16));
    d.put("i0.PROC", 1.0);
    assert_eq!(d.number("i0.SEVR"), 3.0);
    d.fault("none");
    assert_eq!((counts(&d), d.number("i0.SEVR")), (10.0, 0.0));
}

#[test]
fn faults_are_saved_and_restored() {
    crate::same_after_a_restore::<Diode>("pv = \"i0\"", |d| {
        d.put("i0.PROC", 1.0);
    });
}
