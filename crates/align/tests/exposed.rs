//! In what state exposures were taken: what gates were asked for meanwhile, what moved, whether they finished.

use beamtwin_align::{Aspect, Comparison, Settings, compare};
use beamtwin_trace::Trace;

const HEAD: &str = r#"{"trace":"1.0","beamline":"T","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x","device":"motor.x","role":"request","type":"double","units":"mm"}
{"pv":2,"name":"S:XF:Psh{fs}Cmd","device":"shutter.fs","role":"request","type":"enum","labels":["Closed","Open"]}
{"pv":3,"name":"c:cam1:Acquire","device":"camera.c","role":"request","type":"enum","labels":["Done","Acquire"]}
{"pv":4,"name":"d:Go","device":"camera.d","role":"request","type":"short"}
{"pv":5,"name":"d:Time","device":"camera.d","role":"request","type":"double"}
{"pv":6,"name":"S:scaler.CNT","device":"scaler.a","role":"request","type":"enum","labels":["Done","Count"]}
"#;

const X: u32 = 1;
const SHUTTER: u32 = 2;
const ACQUIRE: u32 = 3;
const GO: u32 = 4;
const TIME: u32 = 5;
const COUNT: u32 = 6;

/// A put: when, on which channel, of what, and when it was done.
type Step = (f64, u32, f64, Option<f64>);

fn session(steps: &[Step]) -> Trace {
    ended(steps, true)
}

fn ended(steps: &[Step], complete: bool) -> Trace {
    let mut facts: Vec<(f64, Option<usize>, String)> = Vec::new();
    for (place, &(t, pv, value, done)) in steps.iter().enumerate() {
        let put = format!(r#""put":{pv},"value":{value:?}"#);
        facts.push((t, None, put));
        facts.extend(done.map(|end| (end, Some(place), String::new())));
    }
    facts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let puts: Vec<usize> = (1..)
        .zip(&facts)
        .filter(|(_, fact)| fact.1.is_none())
        .map(|(n, _)| n)
        .collect();
    let mut text = HEAD.to_owned();
    for (n, (t, done, put)) in (1..).zip(&facts) {
        let what = match done {
            Some(place) => format!(r#""done":{}"#, puts[*place]),
            None => put.clone(),
        };
        text += &format!("{{\"n\":{n},\"t\":{t:.6},{what}}}\n");
    }
    if complete {
        let records = facts.len();
        text += &format!("{{\"end\":{{\"t\":100.0,\"records\":{records},\"complete\":true}}}}\n");
    }
    Trace::read(text.as_bytes()).expect("a trace")
}

fn compared(one: &[Step], other: &[Step]) -> Comparison {
    compare(&session(one), &session(other), &Settings::default())
}

fn at(t: f64, channel: u32, value: f64, lasts: f64) -> Step {
    (t, channel, value, Some(t + lasts))
}

#[test]
fn a_shutter_that_closes_during_an_exposure_is_told() {
    let closed = |t: f64| {
        [
            at(0.0, SHUTTER, 1.0, 0.1),
            at(1.0, ACQUIRE, 1.0, 1.0),
            at(t, SHUTTER, 0.0, 0.1),
        ]
    };
    let comparison = compared(&closed(2.01), &closed(1.01));
    assert!(!comparison.alike);
    assert_eq!(
        comparison.reasons,
        [
            "1 exposure was taken from 1.0 s on with shutter.fs 1 (Open), then 0 (Closed) instead of 1 (Open)"
        ]
    );
    let back = compared(&closed(1.01), &closed(2.01));
    assert_eq!((back.alike, back.score), (false, comparison.score));
    assert!(compared(&closed(1.01), &closed(1.2)).alike);
    // Nearly over, as where a script sleeps for as long as an exposure takes.
    assert!(compared(&closed(2.01), &closed(1.98)).alike);
}

#[test]
fn an_exposure_that_never_finished_is_told_if_the_other_did() {
    let finished = [at(0.0, X, 1.0, 0.5), at(1.0, ACQUIRE, 1.0, 1.0)];
    let never = [at(0.0, X, 1.0, 0.5), (1.0, ACQUIRE, 1.0, None)];
    let comparison = compared(&finished, &never);
    assert_eq!(
        comparison.reasons,
        ["1 exposure was taken from 1.0 s on and never finished, where the reference's did"]
    );
    assert_eq!(comparison.rows[1].gates[0].aspect, Aspect::Finished);
    assert_eq!(
        compared(&never, &finished).reasons,
        ["1 exposure was taken from 1.0 s on and finished, where the reference's never did"]
    );
    assert!(compared(&never, &never).alike);
    // Of what lies beyond the end of a trace nothing is known.
    let cut = compare(
        &session(&finished),
        &ended(&never, false),
        &Settings::default(),
    );
    assert!(cut.alike, "{:?}", cut.reasons);
}

/// Three images at three places, of which the script waits for moves or not.
fn scan(waits: bool) -> Vec<Step> {
    let mut t = 0.0;
    let mut steps = Vec::new();
    for value in [1.0, 3.0, 5.0] {
        let cut_off = !waits && value < 5.0;
        steps.push((t, X, value, Some(t + 1.2).filter(|_| !cut_off)));
        t += if waits { 1.21 } else { 0.001 };
        steps.push(at(t, ACQUIRE, 1.0, 1.0));
        t += 1.01;
    }
    steps
}

#[test]
fn an_exposure_during_a_move_that_was_not_waited_for_is_told() {
    let (right, wrong) = (scan(true), scan(false));
    let comparison = compared(&right, &wrong);
    assert_eq!(
        comparison.reasons,
        [
            "3 exposures were taken from 0.001 s on while motor.x was still moving to 1 mm or elsewhere"
        ]
    );
    let back = compared(&wrong, &right);
    assert_eq!(back.score, comparison.score);
    assert_eq!(
        back.reasons,
        [
            "3 exposures were taken from 1.21 s on with motor.x at rest instead of still moving to 1 mm or elsewhere"
        ]
    );
    assert!(compared(&wrong, &wrong).alike);
    let one = compared(&right[..2], &[right[0], at(0.001, ACQUIRE, 1.0, 1.0)]);
    assert_eq!(
        one.reasons,
        ["1 exposure was taken from 0.001 s on while motor.x was still moving to 1 mm"]
    );
}

#[test]
fn a_move_that_begins_during_an_exposure_is_told() {
    let then = |t: f64| [at(0.0, ACQUIRE, 1.0, 1.0), at(t, X, 2.0, 3.0)];
    assert_eq!(
        compared(&then(1.01), &then(0.01)).reasons,
        ["1 exposure was taken from 0.0 s on while motor.x was moving to 2 mm"]
    );
}

#[test]
fn how_many_images_of_a_fly_scan_fall_within_the_move_is_a_matter_of_times() {
    let flown = |pause: f64| {
        let mut steps = vec![at(0.0, X, 9.0, 5.0)];
        steps.extend((0..5).map(|it| at(0.1 + pause * f64::from(it), ACQUIRE, 1.0, 0.8)));
        steps
    };
    let comparison = compared(&flown(0.9), &flown(1.9));
    assert!(comparison.alike, "{:?}", comparison.reasons);
}

#[test]
fn who_looks_whether_a_readback_is_near_may_go_on_before_the_last_of_a_move() {
    let after = |t: f64| [at(0.0, X, 1.0, 1.0), at(t, ACQUIRE, 1.0, 1.0)];
    let early = compared(&after(1.05), &after(0.85));
    assert!(early.alike, "{:?}", early.reasons);
    let remark = "1 exposure was taken from 0.85 s on while motor.x was still moving to 1 mm, \
                  more than half of the way done";
    assert_eq!(early.remarks, [remark]);
    assert!(compared(&after(0.85), &after(1.05)).remarks[0].contains("at rest instead of"));
    for (one, other) in [(0.85, 0.85), (0.85, 0.7), (1.05, 0.97)] {
        let comparison = compared(&after(one), &after(other));
        assert!(comparison.remarks.is_empty(), "{:?}", comparison.remarks);
    }
    let soon = compared(&after(1.05), &after(0.05));
    assert!(!soon.alike && soon.remarks.is_empty());
}

#[test]
fn a_shutter_is_known_by_its_device() {
    let steps = [at(0.0, SHUTTER, 1.0, 0.1), at(1.0, ACQUIRE, 1.0, 1.0)];
    let comparison = compared(&steps, &steps[1..]);
    assert_eq!(
        comparison.reasons[1],
        "1 exposure was taken from 1.0 s on with shutter.fs not asked for instead of 1 (Open)"
    );
}

#[test]
fn what_takes_time_on_a_detector_is_an_exposure() {
    let one = [
        at(0.0, TIME, 1.0, 0.0),
        at(1.0, SHUTTER, 1.0, 0.1),
        at(1.01, GO, 1.0, 1.0),
    ];
    let other = [
        at(0.0, TIME, 1.0, 0.0),
        at(1.0, GO, 1.0, 1.0),
        at(1.01, SHUTTER, 1.0, 0.1),
    ];
    let comparison = compared(&one, &other);
    assert!(!comparison.alike);
    assert_eq!(comparison.session.exposures, 1);
    let exposures: Vec<bool> = comparison.rows.iter().map(|row| row.exposure).collect();
    assert!(!exposures[0] && exposures[1..].contains(&true));
}

#[test]
fn a_shutter_opened_after_a_scaler_was_started_is_told() {
    let one = [(1.0, SHUTTER, 1.0, None), (1.01, COUNT, 1.0, None)];
    let other = [(1.0, COUNT, 1.0, None), (1.01, SHUTTER, 1.0, None)];
    assert!(!compared(&one, &other).alike);
}

/// The same session at a beamline of which the trace tells the paths of the light.
fn on_paths(steps: &[Step], paths: &[&[&str]]) -> Trace {
    let mut trace = session(steps);
    let owned = |path: &&[&str]| path.iter().map(|&it| it.to_owned()).collect();
    trace.header.paths = paths.iter().map(owned).collect();
    trace
}

/// What is said of a session in which one step of the reference is missing, with paths on both sides.
fn without(steps: &[Step], left_out: usize, paths: &[&[&str]]) -> Vec<String> {
    let mut fewer = steps.to_vec();
    fewer.remove(left_out);
    let [one, other] = [steps, &fewer].map(|it| on_paths(it, paths));
    compare(&one, &other, &Settings::default()).reasons
}

#[test]
fn an_exposure_depends_on_what_is_upstream_of_it() {
    let steps = [
        at(0.0, SHUTTER, 1.0, 0.1),
        at(1.0, ACQUIRE, 1.0, 1.0),
        at(3.0, GO, 1.0, 1.0),
    ];
    let missing = "missing: shutter.fs = 1 (Open), asked for at 0.0 s";
    let spoiled = |count: &str, t: &str| {
        format!("{count} taken from {t} s on with shutter.fs not asked for instead of 1 (Open)")
    };
    let both = [missing.to_owned(), spoiled("2 exposures were", "1.0")];
    let first = [missing.to_owned(), spoiled("1 exposure was", "1.0")];
    let second = [missing.to_owned(), spoiled("1 exposure was", "3.0")];
    // Nothing is known of paths, or of these detectors.
    assert_eq!(without(&steps, 0, &[]), both);
    assert_eq!(without(&steps, 0, &[&["shutter.fs", "diode"]]), both);
    let on = |paths: &[&[&str]]| without(&steps, 0, paths);
    assert_eq!(on(&[&["shutter.fs", "camera.c", "camera.d"]]), both);
    assert_eq!(on(&[&["camera.c", "shutter.fs", "camera.d"]]), second);
    assert_eq!(
        on(&[
            &["mirror", "camera.d"],
            &["mirror", "shutter.fs", "camera.c"]
        ]),
        first
    );
    assert_eq!(on(&[&["camera.c", "camera.d"]]), [missing]);
    // What is off the path may see anything.
    assert_eq!(on(&[&["camera.c", "shutter.fs"]]), second);
}

#[test]
fn a_path_that_one_side_tells_of_does_not_hide_what_the_other_may_depend_on() {
    let steps = [at(0.0, SHUTTER, 1.0, 0.1), at(1.0, ACQUIRE, 1.0, 1.0)];
    let with = on_paths(&steps, &[&["camera.c", "shutter.fs"]]);
    let comparison = compare(&with, &session(&steps[1..]), &Settings::default());
    assert_eq!(comparison.rows[1].gates.len(), 1);
    let back = compare(&session(&steps[1..]), &with, &Settings::default());
    assert_eq!(
        (back.score, back.alike),
        (comparison.score, comparison.alike)
    );
}

#[test]
fn an_exposure_and_a_gate_that_it_does_not_depend_on_come_in_either_order() {
    let one = [
        (1.0, SHUTTER, 1.0, Some(1.1)),
        (1.001, ACQUIRE, 1.0, Some(2.0)),
    ];
    let other = [
        (1.0, ACQUIRE, 1.0, Some(2.0)),
        (1.001, SHUTTER, 1.0, Some(1.1)),
    ];
    let alike = |paths: &[&[&str]]| {
        let [one, other] = [one, other].map(|it| on_paths(&it, paths));
        compare(&one, &other, &Settings::default()).alike
    };
    assert!(alike(&[&["camera.c", "shutter.fs"]]));
    assert!(!alike(&[&["shutter.fs", "camera.c"]]));
    assert!(!alike(&[]));
}

#[test]
fn what_moves_downstream_of_a_detector_does_not_count_and_a_motor_always_does() {
    let waited = [at(0.0, X, 3.0, 1.0), at(1.5, ACQUIRE, 1.0, 1.0)];
    let hasty = [at(0.0, X, 3.0, 1.0), at(0.1, ACQUIRE, 1.0, 1.0)];
    let alike = |paths: &[&[&str]]| {
        let [one, other] = [waited, hasty].map(|it| on_paths(&it, paths));
        compare(&one, &other, &Settings::default()).alike
    };
    assert!(!alike(&[]));
    assert!(!alike(&[&["camera.c"]]));
    assert!(!alike(&[&["motor.x", "camera.c"]]));
    assert!(alike(&[&["camera.c", "motor.x"]]));
}

#[test]
fn what_makes_an_image_is_an_exposure_whatever_it_is_called() {
    let head = r#"{"trace":"1.0"}
{"pv":1,"name":"S:shutter","device":"shutter.a","role":"request","type":"short"}
{"pv":2,"name":"D:Start","device":"eye","role":"request","type":"short"}
{"pv":3,"name":"D:Count","device":"eye","role":"request","type":"short"}
{"pv":4,"name":"D:Count_RBV","device":"eye","role":"frame","type":"long"}
"#;
    let asks = |order: [(u32, u32); 3]| {
        let mut text = head.to_owned();
        for (at, (pv, value)) in order.into_iter().enumerate() {
            let (n, t) = (3 * at + 1, 10 * at);
            text += &format!("{{\"n\":{n},\"t\":{t}.0,\"put\":{pv},\"value\":{value}}}\n");
            // The counter is set at once; an image comes later. Nothing here tells when it is done.
            let post = |later: f64, value: u32| {
                let t = t as f64 + later;
                let n = if later > 0.0 { n + 2 } else { n + 1 };
                format!(
                    "{{\"n\":{n},\"t\":{t:?},\"post\":4,\"value\":{value},\"by\":{}}}\n",
                    3 * at + 1
                )
            };
            text += &match pv {
                2 => post(0.5, 8),
                3 => post(0.0, 7),
                _ => String::new(),
            };
        }
        Trace::read(text.as_bytes()).expect("a trace")
    };
    let reference = asks([(3, 7), (1, 1), (2, 1)]);
    let own = compare(&reference, &reference, &Settings::default());
    assert_eq!(own.session.exposures, 1);
    let dark = compare(
        &reference,
        &asks([(3, 7), (1, 0), (2, 1)]),
        &Settings::default(),
    );
    assert_eq!(
        dark.reasons[1],
        "1 exposure was taken from 20.0 s on with shutter.a 0 instead of 1"
    );
}
