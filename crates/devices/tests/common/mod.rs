//! What the tests of kinds share: a device from the text of its table, and what is wrong with one.

#![allow(dead_code, reason = "not every test uses all of it")]

use beamtwin_devices::Kind;
use beamtwin_sim::{Bench, Surface};

/// A device of a kind on the bench.
pub(crate) fn bench<K: Kind>(table: &str) -> Bench {
    let settings = toml::from_str(table).expect("settings");
    Bench::boxed(|surface| K::build(settings, surface))
}

/// The flaws of a table, each as `key: message`.
pub(crate) fn flaws<K: Kind>(table: &str) -> Vec<String> {
    let mut surface = Surface::default();
    let _ = K::build(toml::from_str(table).expect("settings"), &mut surface);
    let flaws = surface.flaws().iter();
    flaws
        .map(|flaw| format!("{}: {}", flaw.key, flaw.message))
        .collect()
}
