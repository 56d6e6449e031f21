//! What a twin says of itself.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_devices::Kind;
use beamtwin_devices::twin::Twin;
use beamtwin_pv::{Array, Value};
use beamtwin_sim::{Bench, PutRequest, Reason};

fn twin(settings: &str) -> Bench {
    let settings = toml::from_str(settings).unwrap();
    Bench::boxed(|surface| Twin::build(settings, surface))
}

fn itself(bench: &mut Bench, name: &str, value: impl Into<Value>) {
    let pv = bench.world().find(name).unwrap().pv;
    bench.world().put(PutRequest {
        pv,
        value: value.into(),
        by: None,
        complete: false,
    });
}

#[test]
fn it_says_that_it_is_a_simulation_and_of_what() {
    let bench = twin("pv = \"T:\"\ntitle = \"NSLS-II 11-BM\"");
    assert_eq!(bench.text("T:simulation"), "This is a simulation");
    let title = Array::Char((*b"NSLS-II 11-BM\0").into());
    assert_eq!(bench.value("T:title"), title.into());
    assert_eq!(bench.number("T:title.NELM"), 256.0);
}

#[test]
fn it_writes_its_state_itself() {
    let mut bench = twin("pv = \"T:\"");
    assert_eq!(bench.text("T:recording"), "off");
    itself(&mut bench, "T:recording", "lost");
    itself(&mut bench, "T:speed", 10.0);
    itself(&mut bench, "T:pace", "times 10");
    assert_eq!(bench.text("T:recording"), "lost");
    assert_eq!(bench.number("T:speed"), 10.0);
    assert_eq!(bench.text("T:pace"), "times 10");
}

#[test]
fn clients_only_read_it() {
    let mut bench = twin("pv = \"T:\"");
    for (name, value) in [("T:recording", 1), ("T:speed", 5)] {
        let put = bench.put(name, value);
        assert_eq!(bench.refused(put), Some(Reason::Rejected), "{name}");
    }
    let put = bench.put("T:simulation", "real");
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
    assert_eq!(bench.text("T:recording"), "off");
}
