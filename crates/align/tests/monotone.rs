//! Leaving out a step that agrees never raises the score: the whole of it, with times, curves, and weights.

use beamtwin_align::{Comparison, Settings, compare};
use beamtwin_trace::Trace;
use proptest::collection::vec;
use proptest::prelude::*;

const HEAD: &str = r#"{"trace":"1.0","beamline":"T","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x","device":"motor.x","role":"request","type":"double"}
{"pv":2,"name":"oven:SET","device":"oven","role":"request","type":"double"}
{"pv":3,"name":"oven:RATE","device":"oven","role":"request","type":"double"}
{"pv":4,"name":"shutter","device":"shutter.a","role":"request","type":"double"}
{"pv":5,"name":"c:Acquire","device":"camera.c","role":"request","type":"double"}
{"pv":6,"name":"oven:TEMP","device":"oven","role":"curve","type":"double"}
{"pv":7,"name":"oven:POWER","device":"oven","role":"curve","type":"double","interp":"previous"}
{"pv":8,"name":"loose","role":"curve","type":"double"}
{"pv":9,"name":"x.RBV","device":"motor.x","role":"curve","type":"double"}
"#;

/// Of what anything is asked for, the camera last, and of what curves there are.
const REQUESTS: u32 = 5;
const ACQUIRE: u32 = 5;
const CURVES: [u32; 4] = [6, 7, 8, 9];

/// What is asked for: when, on which channel, of what.
type Step = (f64, u32, f64);

/// A sample of a curve: when, in parts of the session, which, and its value.
type Sample = (f64, usize, f64);

fn trace(steps: &[Step], samples: &[Sample], lasts: Option<f64>) -> Trace {
    recorded(steps, samples, lasts, ending(steps))
}

/// When the curves of a session end.
fn ending(steps: &[Step]) -> f64 {
    steps.last().map_or(0.0, |step| step.0) + 10.0
}

fn recorded(steps: &[Step], samples: &[Sample], lasts: Option<f64>, end: f64) -> Trace {
    let mut facts: Vec<(f64, String, Option<f64>)> = Vec::new();
    for &(t, pv, value) in steps {
        let put = format!(r#""put":{pv},"value":{value:?}"#);
        facts.push((t, put, lasts));
    }
    for &(part, curve, value) in samples {
        let post = format!(r#""post":{},"value":{value:?}"#, CURVES[curve]);
        facts.push((part * end, post, None));
    }
    facts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut lines: Vec<(f64, u64, String)> = Vec::new();
    for (n, (t, what, lasts)) in (1..).zip(facts) {
        // The numbers of what is done come after those of all else; lines are sorted by time and counted then.
        lines.push((t, n, what));
        lines.extend(lasts.map(|it| (t + it, n, String::new())));
    }
    lines.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut numbers = vec![0; lines.len() + 1];
    let mut text = HEAD.to_owned();
    for (n, (t, own, what)) in (1..).zip(&lines) {
        let own = usize::try_from(*own).expect("a small number");
        let what = if what.is_empty() {
            format!(r#""done":{}"#, numbers[own])
        } else {
            numbers[own] = n;
            what.clone()
        };
        text += &format!("{{\"n\":{n},\"t\":{t:.6},{what}}}\n");
    }
    let (t, records) = (end + 20.0, lines.len());
    text += &format!("{{\"end\":{{\"t\":{t:.6},\"records\":{records},\"complete\":true}}}}\n");
    Trace::read(text.as_bytes()).expect("a trace")
}

/// Times of which each follows the one before after some pause.
fn timed(steps: Vec<(f64, u32, f64)>) -> Vec<Step> {
    let mut t = 1.0;
    let at = |(pause, pv, value): (f64, u32, f64)| {
        t += pause;
        (t, pv, value)
    };
    steps.into_iter().map(at).collect()
}

fn pause() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.001), 0.01..0.2, 0.2..3.0, 3.0..60.0_f64]
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    vec((0.0..1.0_f64, 0..CURVES.len(), 0.0..100.0_f64), 0..30)
}

/// A reference, and what a session makes of it: each step later or earlier, some left out, and some put in.
/// Nothing is asked for twice.
fn sessions() -> impl Strategy<Value = (Vec<Step>, Vec<Step>)> {
    let kept = prop::bool::weighted(0.8);
    let inserted = prop::option::weighted(0.2, 1..=REQUESTS);
    let step = (1..=REQUESTS, pause(), pause(), kept, inserted);
    vec(step, 1..12).prop_map(|steps| {
        let (mut reference, mut session) = (Vec::new(), Vec::new());
        for (value, (pv, pause, other, kept, inserted)) in (1_u32..).zip(steps) {
            let value = f64::from(value);
            session.extend(inserted.map(|pv| (other / 2.0, pv, 100.0 + value)));
            reference.push((pause, pv, value));
            session.extend(kept.then_some((other, pv, value)));
        }
        (timed(reference), timed(session))
    })
}

/// The places of the steps of a session that agree.
fn agreeing(comparison: &Comparison) -> Vec<usize> {
    let mut asked: Vec<(u64, bool)> = comparison
        .rows
        .iter()
        .filter_map(|row| Some((row.session.as_ref()?.n, row.agrees())))
        .collect();
    asked.sort_unstable();
    let places = asked.iter().enumerate().filter(|(_, (_, agrees))| *agrees);
    places.map(|(place, _)| place).collect()
}

/// Leaves out of a session each step that agrees, one at a time.
fn law(
    reference: &[Step],
    session: &[Step],
    samples: [&[Sample]; 2],
    lasts: Option<f64>,
) -> Result<(), TestCaseError> {
    let golden = trace(reference, samples[0], lasts);
    // The curves are what they were, whatever is left out.
    let end = ending(session);
    let judged = |steps: &[Step]| {
        let session = recorded(steps, samples[1], lasts, end);
        compare(&golden, &session, &Settings::default())
    };
    let whole = judged(session);
    prop_assert!((0.0..=1.0).contains(&whole.score));
    for place in agreeing(&whole) {
        let mut fewer = session.to_vec();
        let out = fewer.remove(place);
        let less = judged(&fewer);
        prop_assert!(
            less.score <= whole.score + 1e-12,
            "without {out:?}: {} {:?}, not {} {:?}",
            less.score,
            less.parts,
            whole.score,
            whole.parts
        );
    }
    Ok(())
}

#[test]
fn a_step_at_a_bad_time_is_better_than_none() {
    let reference = [
        (0.0, 1, 1.0),
        (10.0, 2, 2.0),
        (20.0, 1, 1.0),
        (30.0, 2, 3.0),
    ];
    let mut session = reference.to_vec();
    session[2].0 = 29.9;
    // The step only repeats what had been asked for, and spoils the two intervals that it ends and begins.
    let judged = |session: &[Step]| {
        let [one, other] = [&reference[..], session].map(|steps| trace(steps, &[], None));
        compare(&one, &other, &Settings::default())
    };
    let late = judged(&session);
    session.remove(2);
    let never = judged(&session);
    assert!(late.time.score < 0.97 && never.time.score == 1.0);
    assert!(late.score > never.score, "{} {}", late.score, never.score);
}

#[test]
fn a_bad_stretch_of_a_curve_takes_no_more_than_its_steps_earn() {
    let reference = [(0.0, 2, 10.0), (100.0, 2, 20.0), (200.0, 2, 30.0)];
    let samples = |middle: f64| {
        [
            (0.0, 0.0),
            (100.0, 10.0),
            (150.0, middle),
            (200.0, 20.0),
            (300.0, 30.0),
        ]
        .map(|(t, value)| (t / 210.0, 0, value))
    };
    let [good, bad] = [15.0, 80.0].map(|it| trace(&reference, &samples(it), None));
    let comparison = compare(&good, &bad, &Settings::default());
    // Steps weigh 1, 1 and 4; only the second stretch went wrong.
    assert!(comparison.parts.curves > 5.0 / 6.0 - 1e-9);
    assert!(comparison.parts.curves < 1.0 && !comparison.alike);
}

proptest! {
    #[test]
    fn leaving_out_what_agrees_never_raises_the_score(
        (reference, session) in sessions(),
        one in samples(),
        other in samples(),
    ) {
        law(&reference, &session, [&one, &other], None)?;
    }

    #[test]
    fn nor_does_it_where_the_trace_tells_when_things_were_done(
        (mut reference, mut session) in sessions(),
        one in samples(),
        other in samples(),
        lasts in 0.0..5.0_f64,
    ) {
        // What moves during an exposure may spoil it, and is better left out.
        for side in [&mut reference, &mut session] {
            side.retain(|step| step.1 != ACQUIRE);
        }
        law(&reference, &session, [&one, &other], Some(lasts))?;
    }
}
