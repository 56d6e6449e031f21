//! What commutes, what exposures see, where curves go, and what weighs how much.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_align::{Comparison, RowOp, Settings, best_of, compare};
use beamtwin_trace::Trace;
use proptest::collection::vec;
use proptest::prelude::*;

const HEAD: &str = r#"{"trace":"1.0","beamline":"","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x.VAL","device":"x","role":"request","type":"double","units":"mm"}
{"pv":2,"name":"y.VAL","device":"y","role":"request","type":"double","units":"mm"}
{"pv":3,"name":"Shutter","device":"shutter","role":"request","type":"enum","labels":["Closed","Open"]}
{"pv":4,"name":"cam1:Acquire","device":"camera","role":"request","type":"enum","labels":["Done","Acquire"]}
{"pv":5,"name":"oven:SET","device":"oven","role":"request","type":"double","units":"degC"}
{"pv":6,"name":"oven:TEMP","device":"oven","role":"curve","type":"double","units":"degC"}
{"pv":7,"name":"ring:CURRENT","device":"ring","role":"curve","type":"double","units":"mA"}
"#;

const X: u32 = 1;
const Y: u32 = 2;
const SHUTTER: u32 = 3;
const ACQUIRE: u32 = 4;
const OVEN: u32 = 5;
const TEMP: u32 = 6;
const RING: u32 = 7;

/// A trace of puts and posts, each a time, a channel, and a value.
fn trace(puts: &[(f64, u32, f64)], posts: &[(f64, u32, f64)]) -> Trace {
    let puts = puts.iter().map(|it| ("put", it));
    let mut facts: Vec<_> = puts.chain(posts.iter().map(|it| ("post", it))).collect();
    facts.sort_by(|one, other| one.1.0.total_cmp(&other.1.0));
    let mut text = HEAD.to_owned();
    for (n, (what, (t, pv, value))) in (1..).zip(&facts) {
        text += &format!("{{\"n\":{n},\"t\":{t:.6},\"{what}\":{pv},\"value\":{value:?}}}\n");
    }
    let (t, records) = (facts.last().map_or(0.0, |it| it.1.0), facts.len());
    text += &format!("{{\"end\":{{\"t\":{t:.6},\"records\":{records},\"complete\":true}}}}\n");
    Trace::read(text.as_bytes()).unwrap()
}

fn puts(puts: &[(f64, u32, f64)]) -> Trace {
    trace(puts, &[])
}

fn judged(reference: &Trace, session: &Trace, settings: &str) -> Comparison {
    let settings = Settings::from_toml(&format!("settings = 1\n{settings}")).unwrap();
    compare(reference, session, &settings)
}

fn compared(reference: &[(f64, u32, f64)], session: &[(f64, u32, f64)]) -> Comparison {
    judged(&puts(reference), &puts(session), "")
}

#[test]
fn two_motors_started_in_either_order_are_alike() {
    let one = [(0.0, X, 1.0), (0.01, Y, 2.0), (3.0, ACQUIRE, 1.0)];
    let other = [(0.0, Y, 2.0), (0.02, X, 1.0), (3.0, ACQUIRE, 1.0)];
    let comparison = compared(&one, &other);
    assert!(comparison.alike, "{:?}", comparison.reasons);
    assert_eq!(comparison.rows.iter().filter(|row| row.commuted).count(), 1);
    assert!(comparison.score > 0.99);
    assert!(!judged(&puts(&one), &puts(&other), "window = 0.0").alike);
}

#[test]
fn steps_that_were_apart_on_either_side_keep_their_order() {
    let one = [(0.0, X, 1.0), (0.01, Y, 2.0)];
    let other = [(0.0, Y, 2.0), (2.0, X, 1.0)];
    assert!(!compared(&one, &other).alike);
}

#[test]
fn a_shutter_never_commutes_with_an_exposure() {
    let one = [(0.0, SHUTTER, 1.0), (0.01, ACQUIRE, 1.0)];
    let other = [(0.0, ACQUIRE, 1.0), (0.01, SHUTTER, 1.0)];
    let comparison = compared(&one, &other);
    assert!(!comparison.alike);
    assert!(judged(&puts(&one), &puts(&other), "exposures = []\ngates = []").alike);
}

#[test]
fn two_steps_of_one_device_never_commute() {
    let one = [(0.0, X, 1.0), (0.01, X, 2.0)];
    let other = [(0.0, X, 2.0), (0.01, X, 1.0)];
    assert!(!compared(&one, &other).alike);
}

#[test]
fn a_value_changed_among_concurrent_steps_differs_and_is_not_missing() {
    let one = [(0.0, X, 1.0), (0.01, Y, 2.0)];
    let other = [(0.0, Y, 2.0), (0.01, X, 1.5)];
    let counts = compared(&one, &other).counts;
    assert_eq!((counts.matched, counts.differing), (1, 1));
    assert_eq!((counts.missing, counts.extra), (0, 0));
}

#[test]
fn exposures_behind_a_shut_shutter_do_not_agree() {
    let open = [
        (0.0, SHUTTER, 1.0),
        (1.0, ACQUIRE, 1.0),
        (2.0, ACQUIRE, 1.0),
        (3.0, SHUTTER, 0.0),
    ];
    let comparison = compared(&open, &open[1..]);
    assert_eq!(comparison.counts.missing, 1);
    assert_eq!(
        comparison.reasons,
        [
            "missing: shutter = 1 (Open), asked for at 0.0 s",
            "2 exposures were taken from 1.0 s on with shutter not asked for instead of 1 (Open)"
        ]
    );
    let spoiled = comparison.score;
    let settings = "gates = []";
    let unnoticed = judged(&puts(&open), &puts(&open[1..]), settings).score;
    assert!(spoiled < unnoticed);
}

#[test]
fn a_wrong_end_weighs_more_than_a_wrong_step_and_that_more_than_a_repeated_one() {
    let reference: Vec<_> = (0..20)
        .map(|at| (f64::from(at), X, f64::from(at)))
        .collect();
    let score = |at: usize, value: f64| {
        let mut session = reference.clone();
        session[at].2 = value;
        compared(&reference, &session).score
    };
    let mut repeated = reference.clone();
    repeated.insert(5, (4.5, X, 4.0));
    let repeated = compared(&reference, &repeated).score;
    let (wrong_end, wrong_step) = (score(19, 500.0), score(9, 500.0));
    assert!(wrong_end < wrong_step && wrong_step < repeated && repeated < 1.0);
}

#[test]
fn a_put_beyond_the_limits_is_told_and_decides() {
    let reference = puts(&[(0.0, X, 1.0)]);
    let session = |reason: &str| {
        let text = format!(
            "{HEAD}{}\n{{\"n\":3,\"t\":1,\"refused\":2,\"reason\":\"{reason}\"}}\n{}\n",
            r#"{"n":1,"t":0,"put":1,"value":1.0}
{"n":2,"t":1,"put":1,"value":900.0}"#,
            r#"{"end":{"t":1,"records":3,"complete":true}}"#
        );
        Trace::read(text.as_bytes()).unwrap()
    };
    let beyond = session("beyond its limits");
    let comparison = judged(&reference, &beyond, "");
    assert!(!comparison.alike && comparison.score <= 0.5);
    assert_eq!(
        comparison.reasons,
        ["x was asked for 900 mm at 1.0 s, and refused: beyond its limits"]
    );
    let turned = judged(&beyond, &reference, "");
    assert_eq!(turned.score, comparison.score);
    assert_eq!(
        turned.reasons,
        ["x was asked for 900 mm at 1.0 s, in the reference only, and refused: beyond its limits"]
    );
    assert_eq!(judged(&beyond, &beyond, "").score, 1.0);
    assert_eq!(judged(&reference, &beyond, "limits = []").score, 1.0);
    let other = session("no such choice");
    assert_eq!(judged(&reference, &other, "").score, 1.0);
    let strict = judged(&reference, &other, "count_refused = true");
    assert!(!strict.alike && strict.score <= 0.5);
    assert_eq!(strict.counts.refused, 1);
}

#[test]
fn a_limit_that_was_violated_decides_and_costs_once() {
    let session = |facts: &str| {
        let text = format!(
            "{HEAD}{{\"pv\":9,\"name\":\"x.LVIO\",\"device\":\"x\",\"role\":\"state\",\"type\":\"short\"}}\n\
             {{\"n\":1,\"t\":0,\"put\":1,\"value\":1.0}}\n{facts}\
             {{\"end\":{{\"t\":1,\"records\":4,\"complete\":true}}}}\n"
        );
        Trace::read(text.as_bytes()).unwrap()
    };
    let told = |value: u8| {
        session(&format!(
            "{{\"n\":2,\"t\":0,\"post\":9,\"value\":{value}}}\n"
        ))
    };
    let comparison = judged(&told(0), &told(1), "");
    assert!(!comparison.alike && comparison.score <= 0.5);
    assert_eq!(comparison.session.refused[0].text, "x.LVIO = 1");
    assert_eq!(
        comparison.reasons,
        ["a limit was violated at 0.0 s: x LVIO = 1"]
    );
    assert_eq!(judged(&told(1), &told(1), "").score, 1.0);
    assert_eq!(judged(&told(0), &told(1), "violations = []").score, 1.0);
    let both = session(
        "{\"n\":2,\"t\":1,\"put\":1,\"value\":99}\n{\"n\":3,\"t\":1,\"post\":9,\"value\":1,\"by\":2}\n\
         {\"n\":4,\"t\":1,\"refused\":2,\"reason\":\"beyond its limits\"}\n",
    );
    let once = judged(&told(0), &both, "");
    assert_eq!((once.counts.refused, once.reasons.len()), (1, 1));
    assert_eq!(once.score, comparison.score);
}

#[test]
fn of_several_references_one_that_is_alike_comes_first() {
    let slow: Vec<_> = (0..9)
        .map(|at| (f64::from(at) * 9.0, X, f64::from(at)))
        .collect();
    let fast: Vec<_> = slow
        .iter()
        .map(|&(t, pv, value)| (t / 9.0, pv, value))
        .collect();
    let mut repeated = fast.clone();
    repeated.push((8.5, X, 8.0));
    let references = [puts(&repeated), puts(&slow)];
    let best = best_of(&references, &puts(&fast), &Settings::default()).unwrap();
    assert_eq!((best.best, best.alike), (1, true));
    let other = compare(&references[0], &puts(&fast), &Settings::default());
    assert!(!other.alike && other.score > best.score);
}

#[test]
fn markers_and_faults_are_steps_if_told() {
    let session = |marker: &str| {
        let text = format!(
            "{HEAD}{{\"n\":1,\"t\":0,\"marker\":\"{marker}\"}}\n{{\"n\":2,\"t\":1,\"fault\":\"stalls\"}}\n\
             {{\"end\":{{\"t\":1,\"records\":2,\"complete\":true}}}}\n"
        );
        Trace::read(text.as_bytes()).unwrap()
    };
    let (one, other) = (session("aligned"), session("mounted"));
    assert!(judged(&one, &other, "").alike);
    assert!(judged(&one, &other, "count_faults = true").alike);
    let comparison = judged(&one, &other, "count_markers = true");
    assert_eq!(
        comparison.reasons[0],
        "marker was asked for \"mounted\" instead of \"aligned\" at 0.0 s"
    );
}

/// An oven asked for 100 degrees, and its temperature so many times a second at so much a second.
fn oven(samples: f64, rate: f64, start: f64) -> Trace {
    let posts: Vec<_> = (0..)
        .map(|at| f64::from(at) / samples)
        .take_while(|&t| 20.0 + rate * t < 100.0 + rate / samples)
        .map(|t| (start + t, TEMP, (20.0 + rate * t).min(100.0)))
        .collect();
    trace(&[(start, OVEN, 100.0)], &posts)
}

#[test]
fn a_curve_is_the_same_at_any_sampling_rate() {
    let comparison = judged(&oven(1.0, 2.0, 0.0), &oven(7.0, 2.0, 30.0), "");
    assert!(comparison.alike, "{:?}", comparison.reasons);
    assert!(
        comparison.curves[0].score > 0.999,
        "{:?}",
        comparison.curves
    );
}

#[test]
fn a_slow_ramp_takes_another_course_though_it_ends_at_the_same() {
    let comparison = judged(&oven(1.0, 2.0, 0.0), &oven(1.0, 0.2, 0.0), "");
    assert!(!comparison.alike);
    assert!(comparison.reasons[0].starts_with("oven TEMP took another course"));
    assert!(comparison.curves[0].end < 0.01);
    assert!(
        judged(
            &oven(1.0, 2.0, 0.0),
            &oven(1.0, 0.2, 0.0),
            "[curve]\noff = 1.0\nslower = 100.0"
        )
        .alike
    );
}

#[test]
fn an_overshoot_is_measured_in_parts_of_the_span() {
    let asked = [(0.0, OVEN, 100.0)];
    let smooth = trace(
        &asked,
        &[(0.0, TEMP, 0.0), (10.0, TEMP, 100.0), (20.0, TEMP, 100.0)],
    );
    let over = [(0.0, TEMP, 0.0), (10.0, TEMP, 150.0), (20.0, TEMP, 100.0)];
    let comparison = judged(&smooth, &trace(&asked, &over), "");
    assert!((comparison.curves[0].overshoot - 50.0 / 150.0).abs() < 1e-9);
}

#[test]
fn a_client_held_up_does_not_bend_the_curves_that_follow() {
    let session = |pause: f64| {
        let asked = [(0.0, OVEN, 100.0), (20.0 + pause, OVEN, 20.0)];
        let answers = [
            (0.0, TEMP, 20.0),
            (10.0, TEMP, 100.0),
            (20.0 + pause, TEMP, 100.0),
            (30.0 + pause, TEMP, 20.0),
        ];
        trace(&asked, &answers)
    };
    let comparison = judged(&session(0.0), &session(7.0), "");
    assert!(
        comparison.curves[0].score > 0.999,
        "{:?}",
        comparison.curves
    );
}

#[test]
fn the_time_at_a_value_is_told_whatever_the_sampling() {
    let held = |seconds: f64, samples: u32| {
        let ramp = (0..=samples).map(|at| f64::from(at) / f64::from(samples));
        let mut posts: Vec<_> = ramp
            .map(|part| (10.0 * part, TEMP, 20.0 + 80.0 * part))
            .collect();
        let away = 10.0 + seconds;
        posts.extend([(away, TEMP, 100.0), (away + 10.0, TEMP, 20.0)]);
        trace(&[(0.0, OVEN, 100.0), (away, OVEN, 20.0)], &posts)
    };
    let comparison = judged(&held(60.0, 7), &held(5.0, 100), "");
    // A hundredth of eighty degrees is passed in 0.1 s, at either end.
    let [one, other] = comparison.curves[0].held;
    assert!(
        (one - 60.2).abs() < 1e-6 && (other - 5.2).abs() < 1e-6,
        "{one} {other}"
    );
    assert!(comparison.curves[0].score > 0.999);
}

proptest! {
    #[test]
    fn a_curve_is_its_lines_whatever_the_samples(
        values in vec(-50.0..50.0_f64, 2..8),
        other in vec(-50.0..50.0, 2..8),
        more in vec((0.0..1.0_f64, any::<prop::sample::Index>()), 0..12),
    ) {
        let asked = [(0.0, OVEN, 1.0)];
        let samples = |values: &[f64]| -> Vec<(f64, f64)> {
            (0..).map(f64::from).zip(values.iter().copied()).collect()
        };
        let session = |samples: &[(f64, f64)]| {
            let posts: Vec<_> = samples.iter().map(|&(t, value)| (t, TEMP, value)).collect();
            trace(&asked, &posts)
        };
        let few = samples(&values);
        let mut many = few.clone();
        for (part, at) in more {
            let at = at.index(few.len() - 1);
            let ((t0, v0), (t1, v1)) = (few[at], few[at + 1]);
            // To the microsecond, as the trace has it.
            let t: f64 = ((t0 + (t1 - t0) * part) * 1e6_f64).round() / 1e6;
            many.push((t, v0 + (v1 - v0) * (t - t0) / (t1 - t0)));
        }
        many.sort_by(|one, other| one.0.total_cmp(&other.0));
        many.dedup_by(|next, last| next.0 == last.0);
        let same = judged(&session(&few), &session(&many), "");
        prop_assert!(same.curves[0].score > 1.0 - 1e-6, "{:?}", same.curves[0]);
        let other = session(&samples(&other));
        let (one, two) = (judged(&session(&few), &other, ""), judged(&session(&many), &other, ""));
        prop_assert!((one.curves[0].score - two.curves[0].score).abs() < 1e-6);
        let back = judged(&other, &session(&few), "");
        prop_assert!((one.curves[0].score - back.curves[0].score).abs() < 1e-9);
        prop_assert!((one.score - back.score).abs() < 1e-9);
    }

    #[test]
    fn times_are_mutual_and_always_defined(
        one in vec((0.0..20.0, 0..3_u8), 0..8),
        pauses in vec(prop_oneof![Just(0.0), 0.0..20.0], 8),
    ) {
        let session = |pauses: &[f64]| {
            let mut t = 0.0;
            let steps: Vec<_> = one
                .iter()
                .zip(pauses)
                .map(|(&(_, value), pause)| {
                    t += pause;
                    (t, X, f64::from(value))
                })
                .collect();
            puts(&steps)
        };
        let own: Vec<f64> = one.iter().map(|it| it.0).collect();
        let (there, back) = (
            judged(&session(&own), &session(&pauses), ""),
            judged(&session(&pauses), &session(&own), ""),
        );
        prop_assert!((0.0..=1.0).contains(&there.time.score), "{}", there.time.score);
        prop_assert!((there.time.score - back.time.score).abs() < 1e-9);
        prop_assert_eq!(there.counts, back.counts);
    }
}

#[test]
fn what_nobody_asked_for_goes_its_own_way() {
    let asked = [(0.0, X, 1.0)];
    let one = trace(&asked, &[(0.0, RING, 400.0), (9.0, RING, 390.0)]);
    let other = trace(&asked, &[(0.0, RING, 300.0), (9.0, RING, 200.0)]);
    let comparison = judged(&one, &other, "");
    assert!(comparison.alike && comparison.curves.is_empty());
    assert_eq!(comparison.score, 1.0);
}

#[test]
fn one_outlier_neither_stretches_a_run_nor_hides() {
    let run = |late: f64| {
        let steps: Vec<_> = (0..20)
            .map(|at| {
                let late = if at >= 7 { late } else { 0.0 };
                (f64::from(at) * 2.0 + late, X, f64::from(at))
            })
            .collect();
        puts(&steps)
    };
    let time = judged(&run(0.0), &run(30.0), "").time;
    assert_eq!(time.stretch, Some(1.0));
    assert_eq!(time.intervals.len(), 1);
    assert_eq!(
        (time.intervals[0].row, time.intervals[0].longer().seconds()),
        (7, 30.0)
    );
    assert!(time.score > 0.94);
}

#[test]
fn a_run_at_another_pace_is_stretched_and_has_no_outliers() {
    let run = |pace: f64| {
        let steps: Vec<_> = (0..20)
            .map(|at| (f64::from(at) * pace, X, f64::from(at)))
            .collect();
        puts(&steps)
    };
    let comparison = judged(&run(2.0), &run(3.0), "");
    assert!(comparison.alike && comparison.time.intervals.is_empty());
    assert_eq!(comparison.time.stretch, Some(1.5));
    assert!(!judged(&run(2.0), &run(3.0), "[time]\nstretch = 1.4\nexcess = 10.0").alike);
}

#[test]
fn times_are_defined_for_no_match_for_one_and_for_all_at_once() {
    for steps in [&[][..], &[(5.0, X, 1.0)], &[(5.0, X, 1.0), (5.0, Y, 1.0)]] {
        let comparison = compared(steps, steps);
        assert_eq!((comparison.score, comparison.time.score), (1.0, 1.0));
        assert_eq!(comparison.time.stretch, None);
    }
}

#[test]
fn among_equal_steps_the_one_is_named_that_lies_next_to_what_moved() {
    let one = [
        (0.0, SHUTTER, 1.0),
        (1.0, ACQUIRE, 1.0),
        (2.0, ACQUIRE, 1.0),
        (3.0, ACQUIRE, 1.0),
    ];
    let other = [
        (0.0, ACQUIRE, 1.0),
        (1.0, SHUTTER, 1.0),
        (2.0, ACQUIRE, 1.0),
        (3.0, ACQUIRE, 1.0),
    ];
    let comparison = compared(&one, &other);
    let missing = comparison
        .rows
        .iter()
        .find(|row| row.op == RowOp::Missing)
        .unwrap();
    assert!(missing.reference.as_ref().unwrap().n <= 2);
    assert_eq!(comparison.counts.moved, 1);
}

#[test]
fn settings_out_of_range_are_errors() {
    for (text, words) in [
        ("window = -1.0", "from zero up"),
        ("[weights]\nstep = 0.0", "larger than zero"),
        ("[weights]\ntime = 1.5", "between 0 and 1"),
        ("[time]\nstretch = 0.5", "from one up"),
        ("[curve]\nof = 1.0", "unknown field `of`"),
    ] {
        let error = Settings::from_toml(&format!("settings = 1\n{text}")).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn what_was_refused_stands_beside_what_it_should_have_been() {
    let session = |value: &str, refused: &str| {
        let text = format!(
            "{HEAD}{}\n{{\"n\":3,\"t\":1,\"put\":1,\"value\":{value}}}\n{refused}{}\n",
            r#"{"n":1,"t":0,"put":1,"value":1.0}"#, r#"{"n":8,"t":2,"put":1,"value":3.0}"#,
        );
        Trace::read(text.as_bytes()).unwrap()
    };
    let vain = "{\"n\":4,\"t\":1,\"refused\":3,\"reason\":\"beyond its limits\"}\n";
    let (right, wrong) = (session("2.0", ""), session("2000.0", vain));
    let comparison = judged(&right, &wrong, "");
    assert_eq!(
        (comparison.counts.differing, comparison.counts.missing),
        (1, 0)
    );
    assert_eq!(
        comparison.reasons,
        ["x was asked for 2000 mm instead of 2 mm at 1.0 s, and refused: beyond its limits"]
    );
    let turned = judged(&wrong, &right, "");
    assert_eq!(turned.counts, comparison.counts);
    assert_eq!(turned.score, comparison.score);
    assert_eq!(
        turned.reasons,
        [
            "x was asked for 2 mm instead of 2000 mm at 1.0 s, where the reference was refused: beyond its limits"
        ]
    );
    assert!(judged(&wrong, &wrong, "").alike);
}

#[test]
fn where_half_of_the_waits_were_left_out_these_are_named() {
    let times = |waits: [f64; 6]| {
        let mut t = 0.0;
        let mut asked = vec![(0.0, X, 0.0)];
        for (value, wait) in (1..).zip(waits) {
            t += wait;
            asked.push((t, X, f64::from(value)));
        }
        puts(&asked)
    };
    let reference = times([1.2, 1.01, 1.5, 1.01, 1.21, 1.0]);
    let session = times([0.002, 1.0, 0.0, 1.012, 0.001, 1.009]);
    for (one, other) in [(&reference, &session), (&session, &reference)] {
        let intervals = judged(one, other, "").time.intervals;
        let mut rows: Vec<usize> = intervals.iter().map(|it| it.row).collect();
        rows.sort_unstable();
        assert_eq!(rows, [1, 3, 5]);
    }
}

#[test]
fn a_ramp_at_half_or_double_its_rate_takes_another_course() {
    let ramp = |rate: f64, until: f64| {
        let value = |t: f64| (20.0 + rate * t).min(60.0);
        let posts: Vec<_> = (0..)
            .map(f64::from)
            .take_while(|&t| t <= until)
            .map(|t| (t, TEMP, value(t)))
            .collect();
        trace(&[(0.0, OVEN, 60.0)], &posts)
    };
    let reference = ramp(1.0, 100.0);
    for (rate, took) in [(0.5, "72.0"), (2.0, "18.0")] {
        let comparison = judged(&reference, &ramp(rate, 100.0), "");
        assert!(!comparison.alike);
        let told = format!(
            "oven TEMP took another course: it took {took} s instead of 36.0 s from 20 to 56"
        );
        assert!(comparison.reasons[0].starts_with(&told), "{comparison:?}");
    }
    // Though it never came there.
    assert!(!judged(&reference, &ramp(0.5, 50.0), "").alike);
    assert!(judged(&reference, &ramp(0.95, 100.0), "").alike);
}

#[test]
fn of_a_curve_only_what_differs_is_told() {
    let asked = [(0.0, OVEN, 60.0)];
    let course = |middle: f64| {
        let posts = [
            (0.0, TEMP, 20.0),
            (10.0, TEMP, middle),
            (20.0, TEMP, 20.0),
            (40.0, TEMP, 60.0),
        ];
        trace(&asked, &posts)
    };
    let comparison = judged(
        &course(20.0),
        &course(60.0),
        "[curve]\noff = 0.2\nslower = 100.0",
    );
    assert_eq!(
        comparison.reasons,
        ["oven TEMP took another course: off by 25 % of its span of 40 degC on average"]
    );
}
