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

#[test]
fn a_ratio_of_noise_is_no_stretch() {
    let steps = |pauses: &[f64]| {
        let mut t = 0.0;
        let steps = (0..).zip(pauses).map(|(step, pause)| {
            t += pause;
            put(t, X, f64::from(step))
        });
        trace(&steps.collect::<Vec<_>>())
    };
    let stretched = |one: &[f64], other: &[f64]| {
        let [there, back] = [(one, other), (other, one)]
            .map(|(one, other)| compared(&steps(one), &steps(other)).time.stretched);
        assert_eq!(there, back);
        there
    };
    assert_eq!(stretched(&[0.0, 0.002], &[0.0, 0.13]), 0);
    assert_eq!(
        stretched(&[0.0, 0.001, 0.001, 0.001], &[0.0, 0.063, 0.001, 0.06]),
        0
    );
    assert_eq!(
        stretched(&[0.0, 0.002, 0.002, 0.002], &[0.0, 0.04, 0.04, 0.04]),
        0
    );
    assert_eq!(stretched(&[0.0, 1.0, 1.0, 0.01], &[0.0, 3.0, 3.1, 0.01]), 2);
    assert_eq!(
        stretched(&[0.0, 1.0, 0.01, 0.01], &[0.0, 10.0, 0.01, 0.01]),
        1
    );
    assert_eq!(stretched(&[0.0, 1.0, 1.0], &[0.0, 1.0, 1.0]), 0);
}

#[test]
fn of_several_clients_it_is_said_who_it_was() {
    let by = |t: f64, pv: u32, value: f64, client: u32| -> Line<'static> {
        (
            t,
            "put",
            format!("{pv},\"value\":{value:?},\"by\":{client}"),
        )
    };
    let named = |mut trace: Trace| {
        for (number, user, host) in [
            (1, Some("opr"), Some("vm")),
            (2, Some("opr"), Some("vm")),
            (3, None, None),
        ] {
            let client = trace.clients.entry(number).or_default();
            client.user = user.map(str::to_owned);
            client.host = host.map(str::to_owned);
        }
        trace
    };
    let script = [by(1.0, X, 1.0, 1), by(2.0, Y, 2.0, 1)];
    let alone = named(trace(&script));
    let other = named(trace(&[
        by(1.0, X, 5.0, 1),
        by(2.0, Y, 2.0, 1),
        by(3.0, OVEN, 4.0, 2),
        by(4.0, OVEN, 5.0, 3),
    ]));
    let [there, back] =
        [(&alone, &other), (&other, &alone)].map(|(one, other)| compared(one, other));
    assert_eq!(
        there.reasons[..3],
        [
            "motor.x was asked for 5 mm instead of 1 mm at 1.0 s by opr@vm (client 1)",
            "extra: oven SET = 4, asked for at 3.0 s by opr@vm (client 2)",
            "extra: oven SET = 5, asked for at 4.0 s by client 3",
        ]
    );
    assert_eq!(
        back.reasons[1],
        "missing: oven SET = 4, asked for at 3.0 s by opr@vm (client 2)"
    );
    // A side with one client has nothing to tell.
    assert_eq!(
        back.reasons[0],
        "motor.x was asked for 1 mm instead of 5 mm at 1.0 s"
    );
    assert_eq!(back.session.who[&1], "opr@vm");
    let rows = there.rows.iter().filter_map(|row| row.session.as_ref()?.by);
    assert_eq!(rows.collect::<Vec<_>>(), [1, 1, 2, 3]);
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

/// A trace that breaks off after so many facts.
fn cut(trace: &Trace, facts: usize) -> Trace {
    let mut trace = trace.clone();
    trace.facts.truncate(facts);
    trace.end = beamtwin_trace::End::CutShort;
    trace.counted = None;
    trace
}

fn run(moves: &[(u32, f64)]) -> Trace {
    let mut lines = Vec::new();
    let mut t = 0.5;
    for &(pv, value) in moves {
        lines.push(put(t, pv, value));
        let asked = lines.len() as u64;
        if pv == OVEN {
            lines.extend((0..5_u8).map(|part| {
                let part = f64::from(part);
                post(t + part, TEMP, 25.0 + (value - 25.0) * part / 4.0)
            }));
        }
        lines.push(done(t + 5.0, asked));
        t += 6.0;
    }
    trace(&lines)
}

const MOVES: [(u32, f64); 6] = [
    (X, 1.0),
    (Y, 2.0),
    (OVEN, 30.0),
    (X, 3.0),
    (Y, 2.0),
    (X, 1.0),
];

#[test]
fn a_trace_that_breaks_off_is_compared_as_far_as_it_goes() {
    let whole = run(&MOVES);
    for facts in 1..whole.facts.len() {
        let part = cut(&whole, facts);
        for (one, other) in [(&whole, &part), (&part, &whole), (&part, &part)] {
            let comparison = compared(one, other);
            let found = (comparison.alike, comparison.score);
            assert_eq!(found, (true, 1.0), "{facts}: {:?}", comparison.reasons);
            assert_eq!(comparison.curves.iter().filter(|it| it.ended).count(), 0);
        }
    }
    let comparison = compared(&whole, &cut(&whole, 5));
    assert_eq!(
        comparison.caveats,
        [
            "the trace of the session is cut short: compared as far as it goes, 3 of 6 steps of the reference"
        ]
    );
}

#[test]
fn of_a_trace_that_breaks_off_before_its_first_step_nothing_is_alike() {
    let whole = run(&MOVES);
    let part = cut(&whole, 0);
    for (one, other) in [(&whole, &part), (&part, &whole)] {
        let comparison = compared(one, other);
        assert_eq!((comparison.alike, comparison.score), (false, 0.0));
        assert!(comparison.reasons[0].contains("nothing was compared"));
    }
    assert!(compared(&part, &part).alike);
}

#[test]
fn what_went_wrong_before_a_trace_broke_off_is_told() {
    let whole = run(&MOVES);
    let told = |moves: &[(u32, f64)]| {
        let session = run(moves);
        let session = cut(&session, session.facts.len());
        let (found, turned) = (compared(&whole, &session), compared(&session, &whole));
        assert_eq!(found.score.to_bits(), turned.score.to_bits());
        assert!(found.score < 1.0 && !turned.alike);
        (found.reasons, found.cuts[0].steps)
    };
    let missing = "missing: motor.y = 2 mm, asked for at 6.5 s";
    assert_eq!(
        told(&[(X, 1.0), (OVEN, 30.0)]),
        (vec![missing.to_owned()], 3)
    );
    let (reasons, steps) = told(&[(X, 1.0), (Y, 7.0)]);
    assert_eq!(
        reasons[0],
        "motor.y was asked for 7 mm instead of 2 mm at 6.5 s"
    );
    assert_eq!(steps, 2);
    let (reasons, steps) = told(&[(X, 1.0), (X, 8.0), (Y, 2.0)]);
    assert_eq!(reasons[0], "extra: motor.x = 8 mm, asked for at 6.5 s");
    assert_eq!(steps, 2);
}

#[test]
fn a_reference_that_breaks_off_counts_last() {
    let whole = run(&MOVES);
    let references = [cut(&whole, 0), whole];
    let session = run(&[(X, 9.0)]);
    let comparison = beamtwin_align::best_of(&references, &session, &Settings::default()).unwrap();
    assert_eq!((comparison.best, comparison.alike), (1, false));
}

#[test]
fn of_equal_steps_the_first_are_compared() {
    let scan: Vec<(u32, f64)> = (0..20).map(|step| (X, f64::from(step % 2))).collect();
    let whole = run(&scan);
    let mut wrong = scan[..4].to_vec();
    wrong[2].1 = 5.0;
    let session = run(&wrong);
    let comparison = compared(&whole, &cut(&session, session.facts.len()));
    assert_eq!(
        (comparison.counts.matched, comparison.counts.differing),
        (3, 1)
    );
    assert_eq!(comparison.cuts[0].steps, 4);
    assert_eq!(comparison.counts.missing, 0);
}

proptest! {
    #[test]
    fn what_breaks_off_is_compared_both_ways_alike(
        one in vec((1..4_u32, 0..3_u8), 0..8),
        other in vec((1..4_u32, 0..3_u8), 0..8),
        facts in 0..20_usize,
        both in any::<bool>(),
    ) {
        let moves = |list: &[(u32, u8)]| {
            let list: Vec<_> = list.iter().map(|&(pv, value)| (pv, f64::from(value))).collect();
            run(&list)
        };
        let (one, other) = (moves(&one), moves(&other));
        let other = cut(&other, facts);
        let one = if both { cut(&one, facts / 2) } else { one };
        let (found, turned) = (compared(&one, &other), compared(&other, &one));
        prop_assert_eq!(found.score.to_bits(), turned.score.to_bits());
        prop_assert_eq!(found.alike, turned.alike);
        prop_assert_eq!(found.counts.matched, turned.counts.matched);
    }
}
