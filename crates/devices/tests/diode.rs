//! What a point detector promises.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_devices::diode::{Diode, Settings};
use beamtwin_devices::records::base;
use beamtwin_devices::shutter::Shutter;
use beamtwin_devices::{KINDS, Kind};
use beamtwin_sim::{
    Beam, Bench, BuildError, Cx, Device, Look, Optic, Order, Put, Refusal, Slot, Surface, World,
    WorldBuilder,
};

/// A motor that is there at once.
#[derive(Clone)]
struct Stage;

impl Stage {
    fn new(surface: &mut Surface, name: &str) -> Self {
        let rbv: Slot<f64> = surface.record(name, &base::AO).val();
        surface.readback(rbv);
        Self
    }
}

impl Device for Stage {}

/// Lets a tenth through.
#[derive(Clone)]
struct Foil;

impl Device for Foil {
    fn optic(&self) -> Option<&dyn Optic> {
        Some(self)
    }

    fn put(&mut self, _: Order, _: &mut Cx<'_>) -> Result<Put, Refusal> {
        Ok(Put::Done)
    }
}

impl Optic for Foil {
    fn pass(&self, beam: Beam, _: &Look<'_>) -> Beam {
        beam.weakened(0.1)
    }
}

fn build(settings: &str, upstream: &[&str]) -> Result<World, Vec<BuildError>> {
    let mut builder = WorldBuilder::new("diode").seed(7);
    for name in ["x", "y"] {
        let mut surface = Surface::default();
        let stage = Stage::new(&mut surface, name);
        builder.add(format!("motor.{name}"), surface, Box::new(stage));
    }
    let mut surface = Surface::default();
    let shutter = toml::from_str("command = \"sh\"\ntravel = \"100 ms\"").unwrap();
    let shutter = Shutter::build(shutter, &mut surface);
    builder.add("shutter", surface, shutter);
    builder.add("foil", Surface::default(), Box::new(Foil));
    let mut surface = Surface::default();
    let diode = Diode::build(toml::from_str(settings).unwrap(), &mut surface);
    assert_eq!(surface.flaws(), []);
    builder.add("diode", surface, diode);
    let path = upstream.iter().chain(&["diode"]);
    let beam = Beam {
        energy: 13_500.0,
        flux: 1e11,
    };
    builder
        .beam(beam, path.map(|&name| name.to_owned()).collect())
        .build()
}

fn bench(settings: &str, upstream: &[&str]) -> Bench {
    Bench::of(build(settings, upstream).unwrap())
}

const QUIET: &str =
    "pv = \"i0\"\nnoise = false\npeak = { along = \"motor.x\", center = 2.5, width = 0.8 }";
const NOISY: &str = "pv = \"i0\"\npeak = { along = \"motor.x\", center = 2.5, width = 0.8 }";

#[test]
fn it_counts_most_at_the_center_and_half_of_that_half_a_width_away() {
    let mut bench = bench(QUIET, &[]);
    for (x, counts) in [(2.5, 1e4), (2.9, 5e3), (2.1, 5e3), (2.5, 1e4)] {
        bench.put("x", x);
        assert!(
            (bench.number("i0") - counts).abs() < 1e-6,
            "at {x}: {}",
            bench.number("i0")
        );
    }
    bench.put("x", -50.0);
    assert_eq!(bench.number("i0"), 0.0);
}

#[test]
fn what_is_read_right_after_a_move_belongs_to_the_new_position() {
    let mut bench = bench(NOISY, &[]);
    bench.put("x", 2.5);
    assert!((bench.number("i0") - 1e4).abs() < 600.0);
    bench.put("x", 12.5);
    assert_eq!(bench.number("i0"), 0.0);
}

#[test]
fn counts_scatter_as_counts_do() {
    let mut bench = bench(NOISY, &[]);
    bench.put("x", 2.5);
    bench.forget();
    bench.advance("100 s");
    let counts: Vec<f64> = bench
        .posts("i0")
        .iter()
        .map(|post| post.1.as_f64().unwrap())
        .collect();
    assert!(
        counts.len() > 950,
        "every period has its counts: {}",
        counts.len()
    );
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let square = |x: &f64| (x - mean).powi(2);
    let variance = counts.iter().map(square).sum::<f64>() / counts.len() as f64;
    assert!((mean - 1e4).abs() < 15.0, "{mean}");
    assert!((variance / mean - 1.0).abs() < 0.2, "{variance}");
}

#[test]
fn the_same_seed_gives_the_same_counts() {
    let run = || {
        let mut bench = bench(NOISY, &[]);
        bench.put("x", 2.4);
        bench.advance("10 s");
        bench.posts("i0")
    };
    assert_eq!(run(), run());
}

#[test]
fn behind_a_closed_shutter_it_is_dark_and_idle() {
    let mut bench = bench(NOISY, &["shutter"]);
    bench.put("x", 2.5);
    assert_eq!(bench.number("i0"), 0.0);
    assert_eq!(bench.world().next_wake(), None);
    bench.put("sh", 1);
    bench.advance("99 ms");
    assert_eq!(bench.number("i0"), 0.0);
    bench.advance("1 ms");
    assert!(bench.number("i0") > 9e3);
    bench.put("sh", 0);
    assert_eq!(bench.number("i0"), 0.0);
    bench.advance("1 s");
    assert_eq!(bench.world().next_wake(), None);
}

#[test]
fn without_noise_it_idles_in_steady_light() {
    let mut bench = bench(QUIET, &[]);
    bench.put("x", 2.5);
    bench.advance("1 s");
    assert_eq!(bench.world().next_wake(), None);
}

#[test]
fn it_counts_what_the_devices_upstream_leave() {
    let mut bench = bench(QUIET, &["foil"]);
    bench.put("x", 2.5);
    assert!((bench.number("i0") - 1e3).abs() < 1e-6);
}

#[test]
fn the_dark_has_a_background() {
    let settings = "pv = \"i0\"\nnoise = false\nbackground = \"50 counts/s\"\nperiod = \"2 s\"";
    let bench = bench(settings, &["shutter"]);
    assert_eq!(bench.number("i0"), 100.0);
}

#[test]
fn without_a_peak_light_counts_anywhere() {
    let settings = "pv = \"i0\"\nnoise = false\nbright = \"2e4 counts/s\"";
    assert_eq!(bench(settings, &[]).number("i0"), 2e3);
}

#[test]
fn several_peaks_add_up() {
    let mut bench = bench(
        "pv = \"i0\"\nnoise = false\npeak = [\n\
         { along = \"motor.x\", center = 0, width = 1, height = \"1e4 counts/s\" },\n\
         { along = \"motor.x\", center = 5, width = 1, height = \"3e4 counts/s\" },\n\
         { along = \"motor.y\", center = 0, width = 1, height = \"100 counts/s\" }]",
        &[],
    );
    assert!((bench.number("i0") - 1010.0).abs() < 1e-6);
    bench.forget();
    bench.put("x", 5.0);
    assert!((bench.number("i0") - 3010.0).abs() < 1e-6);
    assert_eq!(bench.posts("i0").len(), 1, "one move, one reading");
}

#[test]
fn a_motor_that_is_not_there_is_named() {
    let settings = QUIET.replace("motor.x", "motor.z");
    let errors = build(&settings, &[]).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "diode: peak.along: there is nothing to watch in motor.z"
    );
}

#[test]
fn saved_and_restored_it_counts_the_same() {
    let mut bench = bench(NOISY, &[]);
    bench.put("x", 2.5);
    bench.advance("1.05 s");
    bench.follows_again(|bench| {
        bench.advance("5 s");
        bench.put("x", 9.0);
        bench.advance("5 s");
    });
    assert!(bench.posts("i0").len() > 40);
}

#[test]
fn mistakes_are_named() {
    let error = |text: &str| {
        toml::from_str::<Settings>(text)
            .unwrap_err()
            .message()
            .to_owned()
    };
    assert_eq!(
        error("pv = \"a\"\nbright = 1e5"),
        "invalid type: floating point `100000.0`, expected a string"
    );
    assert_eq!(
        error("pv = \"a\"\nbright = \"1e5\""),
        "`1e5` is no count rate; write for example \"1e5 counts/s\""
    );
    assert!(error("pv = \"a\"\npeak = 5").contains("a peak such as { along = \"motor.x\""));
    assert!(error("pv = \"a\"\npeak = { along = \"motor.x\" }").contains("missing field `center`"));
    let settings = toml::from_str(
        "pv = \"a b\"\nperiod = \"0 s\"\npeak = { along = \"motor.x\", center = nan, width = 0 }",
    );
    let mut surface = Surface::default();
    Diode::build(settings.unwrap(), &mut surface);
    let keys: Vec<&str> = surface
        .flaws()
        .iter()
        .map(|flaw| flaw.key.as_str())
        .collect();
    assert_eq!(keys, ["pv", "period", "peak.width", "peak.center"]);
    assert!(KINDS.contains(&"diode"));
}
