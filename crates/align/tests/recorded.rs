//! How a session was recorded is no part of what it did: when, how fast, and how far.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write;

use beamtwin_align::{Comparison, Settings, compare};
use beamtwin_trace::{Time, Trace, What};
use proptest::collection::vec;
use proptest::prelude::*;

const HEAD: &str = r#"{"trace":"1.0","beamline":"","epoch":"2026-01-01T00:00:00Z","seed":1,"program":"p"}
{"pv":1,"name":"x.VAL","device":"motor.x","role":"request","type":"double","units":"mm","tolerance":0.001}
{"pv":2,"name":"y.VAL","device":"motor.y","role":"request","type":"double","units":"mm","tolerance":0.001}
{"pv":3,"name":"oven:SET","device":"oven","role":"request","type":"double"}
{"pv":4,"name":"oven:TEMP","device":"oven","role":"curve","type":"double"}
"#;

const X: u32 = 1;
const Y: u32 = 2;
const OVEN: u32 = 3;
const TEMP: u32 = 4;

/// A time, a word, and what follows the word.
type Line<'a> = (f64, &'a str, String);

fn put(t: f64, pv: u32, value: f64) -> Line<'static> {
    (t, "put", format!("{pv},\"value\":{value:?},\"by\":1"))
}

fn post(t: f64, pv: u32, value: f64) -> Line<'static> {
    (t, "post", format!("{pv},\"value\":{value:?}"))
}

fn done(t: f64, put: u64) -> Line<'static> {
    (t, "done", put.to_string())
}

fn pace(times: &str) -> Line<'static> {
    (0.0, "pace", format!("{times:?}"))
}

/// A trace of lines, with a footer.
fn trace(lines: &[Line<'_>]) -> Trace {
    let mut text = HEAD.to_owned();
    for (n, (t, word, rest)) in (1..).zip(lines) {
        writeln!(text, "{{\"n\":{n},\"t\":{t:?},\"{word}\":{rest}}}").unwrap();
    }
    let (t, records) = (lines.last().map_or(0.0, |line| line.0), lines.len());
    writeln!(
        text,
        "{{\"end\":{{\"t\":{t:?},\"records\":{records},\"complete\":true}}}}"
    )
    .unwrap();
    Trace::read(text.as_bytes()).unwrap()
}

fn compared(reference: &Trace, session: &Trace) -> Comparison {
    compare(reference, session, &Settings::default())
}

/// Two motors that are asked for something one after the other, so long apart, and move for ten seconds.
fn two_motors(times: &str, apart: f64, turned: bool) -> Trace {
    let order = if turned { [Y, X] } else { [X, Y] };
    trace(&[
        pace(times),
        put(1.0, order[0], 1.0),
        put(1.0 + apart, order[1], 1.0),
        done(12.0, 2),
        done(12.0, 3),
    ])
}

#[test]
fn near_is_what_is_near_for_the_client() {
    let alike = |times: &str, apart: f64| {
        let (one, other) = (
            two_motors(times, apart, false),
            two_motors(times, apart, true),
        );
        compared(&one, &other).alike
    };
    // Five milliseconds of the client, and fifty-five.
    assert!(alike("real", 0.005) && alike("times 20", 0.1));
    assert!(!alike("real", 0.055) && !alike("times 20", 1.1));
    // In steps there is no other time.
    assert!(alike("stepped", 0.005) && !alike("stepped", 0.1));
}

#[test]
fn noise_is_what_is_noise_for_the_client() {
    let scan = |times: &str, late: f64| {
        let mut lines = vec![pace(times)];
        let mut t = 1.0;
        for step in 0..6 {
            t += 10.0 + if step % 2 == 0 { late } else { 0.0 };
            lines.push(put(t, X, f64::from(step)));
        }
        trace(&lines)
    };
    // Forty milliseconds of the client are noise, at any pace; two seconds of it are not.
    let score = |times, late| compared(&scan(times, 0.0), &scan(times, late)).time.score;
    assert_eq!(score("real", 0.04), 1.0);
    assert_eq!(score("times 20", 0.8), 1.0);
    assert!(score("real", 0.8) < 0.99);
    let late = compared(&scan("real", 0.0), &scan("real", 4.0));
    assert_eq!(late.time.intervals.len(), 2, "{:?}", late.time);
    let fast = compared(&scan("times 20", 0.0), &scan("times 20", 4.0));
    assert!(fast.time.intervals.is_empty(), "{:?}", fast.time);
    // What is noise on one side is noise, whichever it is.
    let slow = scan("real", 0.0);
    for (one, other) in [
        (&slow, &scan("times 20", 0.8)),
        (&scan("times 20", 0.8), &slow),
    ] {
        assert_eq!(compared(one, other).time.score, 1.0);
    }
}

/// The same trace, recorded so many nanoseconds later.
fn later(trace: &Trace, by: Time) -> Trace {
    let mut trace = trace.clone();
    for fact in &mut trace.facts {
        fact.t = fact.t + by;
        assert!(!matches!(fact.what, What::Pace { .. }));
    }
    if let beamtwin_trace::End::Complete(t) = &mut trace.end {
        *t = *t + by;
    }
    trace
}

fn ramp(steps: &[(u16, u8)]) -> Trace {
    let mut lines = Vec::new();
    let (mut t, mut value) = (0.05, 25.0);
    for &(pause, target) in steps {
        lines.push(put(t, OVEN, f64::from(target)));
        // The first answer comes at the very moment of the step, as it does in a twin.
        for _ in 0..4 {
            lines.push(post(t, TEMP, value));
            t += f64::from(pause) * 1.7e-3;
            value += (f64::from(target) - value) / 3.0;
        }
    }
    trace(&lines)
}

proptest! {
    #[test]
    fn when_a_recording_began_changes_nothing(
        one in vec((1_u16..900, 20_u8..40), 1..8),
        other in vec((1_u16..900, 20_u8..40), 1..8),
        by in 1_i64..4_000_000_000_000_000,
    ) {
        let by = Time::from_nanos(by);
        for (one, other) in [(&ramp(&one), &ramp(&one)), (&ramp(&one), &ramp(&other))] {
            let (found, shifted) = (compared(one, other), compared(one, &later(other, by)));
            prop_assert_eq!(found.score.to_bits(), shifted.score.to_bits());
            prop_assert_eq!(found.parts, shifted.parts);
            prop_assert_eq!(found.alike, shifted.alike);
        }
    }
}
