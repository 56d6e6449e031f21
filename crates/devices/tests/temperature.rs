//! What a temperature controller promises.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use beamtwin_devices::Kind;
use beamtwin_devices::temperature::Temperature;
use beamtwin_pv::{SimTime, Value};
use beamtwin_sim::{Bench, Meaning, Reason};
use common::flaws;

const QUIET: &str = "noise = \"0 K\"\nunits = \"degC\"";
const T: &str = "t-Chan:A}T-I";
const SP: &str = "t-Out:1}T-SP";
const RAMPED: &str = "t-Out:1}T-RB";
const RAMPING: &str = "t-Out:1}Sts:Ramp-Sts";
const SETTLED: &str = "t-Out:1}Sts:Settled-Sts";
const HEATER: &str = "t-Out:1}Out-I";
const RANGE: &str = "t-Out:1}Val:Range-Sel";

fn controller(settings: &str) -> Bench {
    common::bench::<Temperature>(&format!("pv = \"t\"\n{settings}"))
}

const fn s(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn readings(bench: &Bench) -> Vec<f64> {
    let posts = bench.posts(T).into_iter();
    posts.map(|(_, value)| value.as_f64().unwrap()).collect()
}

#[test]
fn a_step_overshoots_and_comes_to_rest_on_the_set_point() {
    let mut bench = controller(QUIET);
    bench.put(SP, 100.0);
    bench.advance("20 min");
    let highest = readings(&bench).into_iter().fold(f64::MIN, f64::max);
    let overshoot = (highest - 100.0) / 75.0;
    assert!((0.03..0.06).contains(&overshoot), "{highest}: {overshoot}");
    assert!((bench.number(T) - 100.0).abs() < 0.01);
    // What holds 75 of the 400 degrees that full power makes.
    assert!((bench.number(HEATER) - 18.75).abs() < 0.1);
    assert_eq!(bench.number(SETTLED), 1.0);
}

#[test]
fn an_open_loop_follows_the_stated_equation() {
    let mut bench = controller(&format!(
        "{QUIET}\ntime = \"100 s\"\ndelay = \"3 s\"\nrise = \"200 K\""
    ));
    bench.put("t-Out:1}Out:Man-SP", 50.0);
    bench.put("t-Out:1}Mode-Sel", "Open Loop");
    // The first output is sent at the first reading, and felt three seconds later.
    bench.advance("3.5 s");
    assert_eq!(bench.number(T), 25.0);
    bench.advance("100 s");
    let wanted = 25.0 + 100.0 * (1.0 - (-1.0_f64).exp());
    assert!(
        (bench.number(T) - wanted).abs() < 0.002,
        "{}",
        bench.number(T)
    );
    assert_eq!(bench.number(HEATER), 50.0);
    assert_eq!(bench.number("t-Out:1}Out:Man-RB"), 50.0);
}

#[test]
fn a_ramp_moves_the_set_point_and_the_temperature_follows() {
    let mut bench = controller(&format!("{QUIET}\nramp = \"30 degC/min\""));
    bench.put(SP, 55.0);
    assert_eq!(bench.number(RAMPING), 1.0);
    assert_eq!(bench.number(RAMPED), 25.0);
    bench.advance("30 s");
    assert_eq!(bench.number(RAMPED), 40.0);
    assert!((bench.number(T) - 40.0).abs() < 5.0, "{}", bench.number(T));
    bench.advance("29 s");
    assert_eq!(bench.number(RAMPING), 1.0);
    bench.advance("1 s");
    assert_eq!(bench.number(RAMPED), 55.0);
    assert_eq!(bench.number(RAMPING), 0.0);
    assert_eq!(
        bench.posts(RAMPING),
        [(s(0), Value::Enum(1)), (s(60), Value::Enum(0))]
    );
}

#[test]
fn without_a_ramp_the_set_point_is_there_at_once_and_the_ramp_status_stays() {
    let mut bench = controller(QUIET);
    bench.put(SP, 60.0);
    assert_eq!(bench.number(RAMPED), 60.0);
    assert_eq!(bench.posts(RAMPING), []);
    bench.put("t-Out:1}Val:Ramp-SP", 10.0);
    bench.put("t-Out:1}Enbl:Ramp-Sel", 1);
    bench.put(SP, 70.0);
    bench.advance("30 s");
    assert_eq!(bench.number(RAMPED), 65.0);
    bench.put("t-Out:1}Enbl:Ramp-Sel", "Off");
    assert_eq!(
        bench.number(RAMPED),
        70.0,
        "a ramp that is switched off is over"
    );
    assert_eq!(bench.number("t-Out:1}Val:Ramp-RB"), 10.0);
}

#[test]
fn it_is_settled_after_it_stayed_within_the_band_for_a_while() {
    let mut bench = controller(&format!("{QUIET}\nband = \"1 K\"\nsettle = \"20 s\""));
    assert_eq!(bench.number(SETTLED), 1.0);
    bench.put(SP, 40.0);
    assert_eq!(bench.number(SETTLED), 0.0);
    bench.advance("30 min");
    let (settled, value) = bench.posts(SETTLED).pop().unwrap();
    assert_eq!(value, Value::Enum(1));
    let outside = bench
        .posts(T)
        .into_iter()
        .filter(|(_, t)| (t.as_f64().unwrap() - 40.0).abs() > 1.0);
    let last = outside.last().unwrap().0;
    let waited = settled.since(last).as_secs_f64();
    assert!((20.0..21.1).contains(&waited), "{waited}");
}

#[test]
fn a_set_point_completes_at_once_unless_it_is_to_wait() {
    let mut bench = controller(QUIET);
    let put = bench.put_callback(SP, 40.0);
    assert_eq!(bench.finished_at(put), Some(s(0)));
    let mut bench = controller(&format!("{QUIET}\nwait = true"));
    let put = bench.put_callback(SP, 40.0);
    bench.advance("10 s");
    assert!(!bench.finished(put));
    bench.advance("30 min");
    let settled = bench.posts(SETTLED).pop().unwrap();
    assert_eq!(settled.1, Value::Enum(1));
    assert_eq!(bench.finished_at(put), Some(settled.0));
}

#[test]
fn a_range_limits_the_power_and_off_lets_it_fall_to_the_floor() {
    let mut bench = controller(&format!("{QUIET}\nrange = \"medium\""));
    bench.put(SP, 200.0);
    bench.advance("1 h");
    assert_eq!(bench.number(HEATER), 100.0);
    assert!(
        (bench.number(T) - 65.0).abs() < 0.01,
        "a tenth of 400 degrees above the floor"
    );
    assert_eq!(bench.number(SETTLED), 0.0);
    bench.put(RANGE, "Low");
    bench.advance("1 h");
    assert!((bench.number(T) - 29.0).abs() < 0.01);
    bench.put(RANGE, 0);
    bench.advance("1 h");
    assert_eq!(bench.number(T), 25.0);
    assert_eq!(bench.number(HEATER), 0.0);
    assert_eq!(
        bench.world().next_wake(),
        None,
        "cold and quiet, nothing is due"
    );
    bench.put(RANGE, "High");
    bench.advance("1 h");
    assert!((bench.number(T) - 200.0).abs() < 0.01);
}

#[test]
fn nothing_cools_it_below_its_floor() {
    let mut bench = controller(
        "noise = \"0 K\"\nfloor = \"10 K\"\nstart = \"10 K\"\nlimits = [\"4 K\", \"500 K\"]",
    );
    assert_eq!(bench.number(T), 10.0);
    bench.put(SP, 4.0);
    bench.advance("1 h");
    assert_eq!(bench.number(T), 10.0);
    assert_eq!(bench.number(HEATER), 0.0);
    bench.put(SP, 100.0);
    bench.advance("1 h");
    assert!((bench.number(T) - 100.0).abs() < 0.01);
    assert!((bench.number("t-Chan:A}T:C-I") + 173.15).abs() < 0.01);
}

#[test]
fn started_warm_it_holds_its_temperature() {
    let mut bench = controller(&format!("{QUIET}\nstart = \"125 degC\""));
    assert_eq!(bench.number(HEATER), 25.0);
    bench.advance("1 h");
    assert_eq!(bench.posts(T), []);
}

#[test]
fn readings_scatter_as_stated_and_the_same_way_again() {
    let run = || {
        let mut bench = controller("noise = \"20 mK\"");
        bench.advance("10 min");
        readings(&bench)
    };
    let all = run();
    assert!(all.len() > 1000);
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let variance = all.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / all.len() as f64;
    assert!(
        (variance.sqrt() - 0.02).abs() < 0.004,
        "{}",
        variance.sqrt()
    );
    assert_eq!(all, run());
}

#[test]
fn gains_are_echoed_and_matter() {
    let mut bench = controller(QUIET);
    bench.put("t-Out:1}Gain:P-SP", 0.5);
    bench.put("t-Out:1}Gain:I-SP", 0.0);
    bench.put("t-Out:1}Gain:D-SP", 2000.0);
    assert_eq!(bench.number("t-Out:1}Gain:P-RB"), 0.5);
    assert_eq!(bench.number("t-Out:1}Gain:D-RB"), 1000.0);
    bench.put("t-Out:1}Gain:D-SP", 0.0);
    bench.put(SP, 100.0);
    bench.advance("1 h");
    // With proportional gain alone: 0.5 % a degree of what is missing, 4 degrees a percent.
    assert!((bench.number(T) - 75.0).abs() < 0.01, "{}", bench.number(T));
}

#[test]
fn what_is_beyond_the_limits_is_clipped_and_what_cannot_be_fails() {
    let mut bench = controller("limits = [\"5 K\", \"400 K\"]");
    bench.put(SP, 1000.0);
    assert_eq!(bench.number(SP), 400.0);
    let put = bench.put(SP, f64::NAN);
    assert_eq!(bench.refused(put), Some(Reason::Rejected));
    let put = bench.put(RANGE, 9);
    assert_eq!(bench.refused(put), Some(Reason::Rejected));
    let put = bench.put(T, 300.0);
    assert_eq!(bench.refused(put), Some(Reason::NoWriteAccess));
    let pv = bench.world().find(T).unwrap().pv;
    let description = bench.world().describe(pv);
    assert_eq!(description.meaning, Meaning::Curve);
    assert_eq!(description.metadata.units, "K");
}

#[test]
fn names_are_what_the_file_says_and_some_may_be_left_out() {
    let names = "input = \"\"\noutput = \"\"\n[names]\nreading = \"I\"\nsetpoint = \"SP\"\ncelsius = \"\"\nmode = \"\"";
    let mut bench = controller(&format!("{QUIET}\n{names}"));
    bench.put("tSP", 60.0);
    bench.advance("1 h");
    assert!((bench.number("tI") - 60.0).abs() < 0.01);
    assert!(bench.world().find("tT:C-I").is_none());
    assert!(bench.world().find("tMode-Sel").is_none());
    assert!(bench.world().find("tGain:P-SP").is_some());
}

#[test]
fn saved_on_its_way_it_goes_on_as_it_would_have() {
    let mut bench = controller("wait = true\nramp = \"20 degC/min\"");
    bench.put_callback(SP, 350.0);
    bench.advance("40.3 s");
    bench.follows_again(|bench| {
        bench.advance("20 min");
        bench.put(RANGE, 0);
        bench.advance("20 min");
    });
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        flaws::<Temperature>(
            "pv = \"t\"\nlimits = [\"10 degC\", \"0 degC\"]\nstart = \"20 degC\"\nrise = \"0 K\"\ntime = \"0 s\"\n\
             period = \"1 ms\"\np = -1\nranges = [0.1, 0.1, 2]\n[names]\nsetpoint = \"\"\nramped = \"T.A\"\np = \"x\"\ni = \"x\""
        ),
        [
            "names.ramped: `t-Out:1}T.A` names a field; write the name of a record, without a dot",
            "names.i: `t-Out:1}x` is that of p already; each PV needs a name of its own",
            "names.setpoint: a controller shows its reading and its set-point; write for example \"T-SP\"",
            "limits: the lowest and the highest set-point are wanted; write for example [\"5 K\", \"500 K\"]",
            "start: 20 degC is below the floor, 25 degC; nothing is cooled so far",
            "rise: a heater heats; write for example \"400 K\"",
            "time: nothing warms in no time; write for example \"100 s\"",
            "period: the shortest period is 10 ms; write for example \"500 ms\"",
            "p: -1 is no gain; write 0 or more",
            "ranges: three rising shares of the full power are wanted; write for example [0.01, 0.1, 1.0]",
        ]
    );
    assert_eq!(
        flaws::<Temperature>("pv = \"t\"\nsetpoint = \"600 degC\"\ndelay = \"10 h\""),
        [
            "setpoint: 600 degC is outside the limits -273.15 to 500 degC",
            "delay: a dead time has at most 10000 periods; write for example \"2 s\"",
        ]
    );
    let wrong = toml::from_str::<<Temperature as Kind>::Settings>("pv = \"t\"\nband = \"3\"")
        .err()
        .unwrap();
    assert!(
        wrong.to_string().contains("write for example \"0.5 K\""),
        "{wrong}"
    );
}
