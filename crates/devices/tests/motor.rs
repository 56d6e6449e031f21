//! What a motor does, in sentences.

use std::time::Duration;

use beamtwin_devices::Kind;
use beamtwin_devices::motor::{Motor, Settings};
use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{Bench, ClientId, PutId, Reason, Surface, What};

/// A motor from the text of its table, without the name.
fn bench(table: &str) -> Bench {
    let settings: Settings = toml::from_str(&format!("pv = \"m\"\n{table}")).expect("settings");
    Bench::boxed(|surface| Motor::build(settings, surface))
}

fn flaws(table: &str) -> Vec<(String, String)> {
    let settings: Settings = toml::from_str(&format!("pv = \"m\"\n{table}")).expect("settings");
    let mut surface = Surface::default();
    let _ = Motor::build(settings, &mut surface);
    surface
        .flaws()
        .iter()
        .map(|flaw| (flaw.key.clone(), flaw.message.clone()))
        .collect()
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

fn numbers(bench: &Bench, field: &str) -> Vec<f64> {
    bench
        .posts(field)
        .into_iter()
        .filter_map(|(_, value)| value.as_f64())
        .collect()
}

/// The place of a post among all events.
fn order(bench: &Bench, put: PutId) -> usize {
    bench
        .events()
        .iter()
        .position(|event| event.what == What::Done(put))
        .expect("it finished")
}

#[test]
fn a_move_completes_at_the_poll_after_its_trapezoid_ends() {
    let mut m = bench("velocity = 2.0\nlimits = [-40, 40]");
    let put = m.put_callback(".VAL", 2.0);
    // 0.2 s up, 0.79 s along, 0.2 s down: 1.19 s, seen at the poll at 1.2 s.
    m.advance("1.199 s");
    assert!(!m.finished(put));
    m.advance("1 s");
    assert_eq!(m.finished_at(put), Some(at(1200)));
    assert_eq!(m.number(".RBV"), 2.0);
    assert_eq!(numbers(&m, ".DMOV"), [0.0, 1.0]);
    assert_eq!(numbers(&m, ".MOVN"), [1.0, 0.0]);
    assert_eq!(numbers(&m, ".MIP"), [32.0, 0.0]);
    assert_eq!(numbers(&m, ".RBV").len(), 12);
}
