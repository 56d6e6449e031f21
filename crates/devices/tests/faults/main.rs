//! What goes wrong on purpose, kind by kind; motors have a file of their own.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod camera;
mod diode;
mod linkam;
mod positioner;
mod shutter;
mod slits;
mod temperature;

use beamtwin_devices::Kind;
use beamtwin_sim::{Bench, Device, Surface};

fn build<K: Kind>(table: &str, surface: &mut Surface) -> Box<dyn Device> {
    K::build(toml::from_str(table).expect("settings"), surface)
}

/// A device of a kind on the bench.
fn bench<K: Kind>(table: &str) -> Bench {
    Bench::boxed(|surface| build::<K>(table, surface))
}

/// With every fault of a device, the same follows again after going back.
fn same_after_a_restore<K: Kind>(table: &str, act: impl Fn(&mut Bench)) {
    let device = build::<K>(table, &mut Surface::default());
    assert!(!device.faults().is_empty());
    for words in device.faults() {
        let words = words.replace("NUMBER", "0.5");
        let mut bench = bench::<K>(table);
        act(&mut bench);
        bench.advance("1 s");
        bench.fault(&words);
        bench.advance("1 s");
        bench.follows_again(|bench| {
            bench.advance("3 s");
            bench.fault("none");
            act(bench);
            bench.advance("1 min");
        });
    }
}
