//! The `beamtwin` method: what it says of sessions, and what holds of all of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_align::{Comparison, RowOp, Settings, Weights, best_of, compare};
use beamtwin_trace::{
    Channel, Datum, End, Fact, Header, Post, Put, Role, Time, Trace, VERSION, What,
};
use proptest::collection::vec;
use proptest::prelude::*;

const CHANNELS: [(&str, &str, &str); 5] = [
    ("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.VAL", "motor.sample.X", "mm"),
    ("XF:11BMB-ES{Chm:Smpl-Ax:Z}Mtr.VAL", "motor.sample.Z", "mm"),
    ("XF:11BMB-ES{Det:PIL2M}:cam1:Acquire", "pilatus.saxs", ""),
    ("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.STOP", "motor.sample.X", ""),
    ("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.RBV", "motor.sample.X", "mm"),
];

const X: u32 = 0;
const Z: u32 = 1;
const ACQUIRE: u32 = 2;
const STOP: u32 = 3;
const RBV: u32 = 4;

fn empty() -> Trace {
    let mut trace = Trace::new(Header {
        version: VERSION,
        beamline: "CMS".to_owned(),
        epoch: "2026-01-01T00:00:00Z".to_owned(),
        seed: 0,
        file: None,
        program: "test".to_owned(),
        paths: Vec::new(),
    });
    for (pv, (name, device, units)) in (0..).zip(CHANNELS) {
        let role = if pv == RBV {
            Role::Curve
        } else {
            Role::Request
        };
        let mut channel = Channel::named(name, role);
        channel.device = Some(device.to_owned());
        channel.kind = Some(if pv == ACQUIRE { "enum" } else { "double" }.to_owned());
        if pv == ACQUIRE {
            channel.labels = vec!["Done".to_owned(), "Acquire".to_owned()];
        }
        channel.units = Some(units.to_owned()).filter(|units| !units.is_empty());
        trace.dictionary.insert(pv, channel);
    }
    trace.end = End::Complete(Time::ZERO);
    trace
}

fn push(trace: &mut Trace, t: f64, what: What) -> u64 {
    let n = trace.facts.len() as u64 + 1;
    trace.facts.push(Fact {
        n,
        t: Time::from_seconds(t).unwrap(),
        what,
    });
    n
}

fn put(trace: &mut Trace, t: f64, pv: u32, value: impl Into<Datum>) -> u64 {
    let put = Put {
        pv,
        value: value.into(),
        by: None,
        complete: false,
        at: None,
    };
    push(trace, t, What::Put(put))
}

/// A trace of puts, one a second.
fn puts(asked: &[(u32, f64)]) -> Trace {
    let mut trace = empty();
    for (second, &(pv, value)) in (0..).zip(asked) {
        put(&mut trace, f64::from(second), pv, value);
    }
    trace
}

fn compared(reference: &[(u32, f64)], session: &[(u32, f64)]) -> Comparison {
    compare(&puts(reference), &puts(session), &Settings::default())
}

#[test]
fn a_session_is_like_itself() {
    let comparison = compared(&[(X, 1.0), (ACQUIRE, 1.0)], &[(X, 1.0), (ACQUIRE, 1.0)]);
    assert!(comparison.alike && comparison.score == 1.0 && comparison.reasons.is_empty());
    assert_eq!(comparison.session.exposures, 1);
    assert_eq!(comparison.session.duration.seconds(), 1.0);
}

#[test]
fn nothing_is_like_nothing() {
    let comparison = compared(&[], &[]);
    assert!(comparison.alike && comparison.score == 1.0);
}

#[test]
fn another_value_is_said_with_device_units_and_time() {
    let comparison = compared(
        &[(X, 0.0), (X, 0.5), (X, 1.0)],
        &[(X, 0.0), (X, 0.6), (X, 1.0)],
    );
    assert_eq!(
        comparison.reasons,
        ["motor.sample.X was asked for 0.6 mm instead of 0.5 mm at 1.0 s"]
    );
    assert_eq!(comparison.counts.differing, 1);
    assert!((comparison.rows[1].difference.unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(comparison.parts.steps, 0.5);
    assert!(comparison.score < 0.8);
}

/// The same, each put asked for by a line of a script.
fn scripted(script: &str, asked: &[(u32, f64)]) -> Trace {
    let mut trace = puts(asked);
    for (fact, line) in trace.facts.iter_mut().zip(1..) {
        if let What::Put(put) = &mut fact.what {
            put.at = Some(format!("{script}:{line}"));
        }
    }
    trace
}

#[test]
fn lines_are_told_on_both_sides_and_are_no_part_of_the_score() {
    let (one, other) = (
        [(X, 0.0), (X, 0.5), (Z, 1.0)],
        [(X, 0.0), (X, 0.6), (X, 1.0)],
    );
    let [reference, session] = [scripted("gold.py", &one), scripted("scan.py", &other)];
    let told = compare(&reference, &session, &Settings::default());
    assert_eq!(
        told.reasons[..3],
        [
            "motor.sample.X was asked for 0.6 mm instead of 0.5 mm at 1.0 s in scan.py:2 (in the reference gold.py:2)",
            "missing: motor.sample.Z = 1 mm, asked for at 2.0 s in gold.py:3",
            "extra: motor.sample.X = 1 mm, asked for at 2.0 s in scan.py:3",
        ]
    );
    assert_eq!(
        told.rows[0].session.as_ref().unwrap().at.as_deref(),
        Some("scan.py:1")
    );
    assert_eq!(told.score, compared(&one, &other).score);
    let same = compare(
        &reference,
        &scripted("other.py", &one),
        &Settings::default(),
    );
    assert!(same.alike && same.score == 1.0);
}

#[test]
fn another_motor_is_not_the_same_motor() {
    let comparison = compared(&[(X, 5.0)], &[(Z, 5.0)]);
    assert_eq!(comparison.score, 0.0);
    assert_eq!(
        comparison.reasons,
        [
            "missing: motor.sample.X = 5 mm, asked for at 0.0 s",
            "extra: motor.sample.Z = 5 mm, asked for at 0.0 s"
        ]
    );
}

#[test]
fn what_came_at_another_place_was_moved() {
    let comparison = compared(
        &[(X, 1.0), (ACQUIRE, 1.0), (ACQUIRE, 0.0), (Z, 2.0)],
        &[(ACQUIRE, 1.0), (ACQUIRE, 0.0), (X, 1.0), (Z, 2.0)],
    );
    assert_eq!(
        comparison.reasons,
        [
            "motor.sample.X = 1 mm moved from before pilatus.saxs = 1 (Acquire) to before motor.sample.Z = 2 mm"
        ]
    );
    assert_eq!((comparison.counts.moved, comparison.counts.missing), (1, 1));
}

#[test]
fn a_channel_is_whole_only_if_both_sides_say_so() {
    let asked = |value: f64, kind: &str, tolerance: Option<f64>| {
        let mut trace = puts(&[(X, value)]);
        let channel = trace.dictionary.get_mut(&X).unwrap();
        channel.kind = Some(kind.to_owned());
        channel.tolerance = tolerance;
        trace
    };
    let alike = |one: &Trace, other: &Trace| {
        let [there, back] =
            [(one, other), (other, one)].map(|(a, b)| compare(a, b, &Settings::default()));
        assert_eq!((there.alike, there.score), (back.alike, back.score));
        there.alike
    };
    let whole = |value: f64| asked(value, "long", None);
    assert!(alike(&whole(1000.0), &asked(1000.09, "double", None)));
    assert!(!alike(&whole(1000.0), &whole(1001.0)));
}

#[test]
fn nobody_loosens_how_it_is_judged() {
    let asked = |value: f64, tolerance: Option<f64>, units: &str, role: Role| {
        let mut trace = puts(&[(X, value)]);
        let channel = trace.dictionary.get_mut(&X).unwrap();
        channel.tolerance = tolerance;
        channel.units = Some(units.to_owned());
        channel.role = role;
        trace
    };
    let near = |value, tolerance| asked(value, tolerance, "mm", Role::Request);
    let judged = |one: &Trace, other: &Trace| {
        let settings = Settings::default();
        let [there, back] = [(one, other), (other, one)].map(|(a, b)| compare(a, b, &settings));
        assert_eq!((there.alike, there.score), (back.alike, back.score));
        there
    };
    // Of two the smaller one, and one alone does not count.
    let strict = near(1.0, Some(0.1));
    assert!(judged(&strict, &near(1.05, Some(1000.0))).alike);
    assert!(!judged(&strict, &near(1.4, Some(1000.0))).alike);
    assert!(!judged(&near(1.0, None), &near(1.4, Some(1000.0))).alike);
    let title = "motor.sample.X";
    assert_eq!(
        judged(&strict, &near(1.0, None)).caveats,
        [format!(
            "of two tolerances the smaller one counts, and one alone does not: {title} (0.1 in the reference, none in the session)"
        )]
    );
    assert!(judged(&strict, &strict).caveats.is_empty());
    let other = asked(1.0, Some(0.1), "um", Role::Readback);
    assert_eq!(
        judged(&strict, &other).caveats[..2],
        [
            format!(
                "channels have another role: {title} (request in the reference, readback in the session)"
            ),
            format!(
                "values of other units are compared as mere numbers: {title} (mm in the reference, um in the session)"
            ),
        ]
    );
}

#[test]
fn what_came_at_another_place_costs_no_more_than_what_never_came() {
    let asked = [(Z, 1.0), (X, 1.0), (ACQUIRE, 1.0), (X, 2.0)];
    let late = compared(&asked, &[(Z, 1.0), (ACQUIRE, 1.0), (X, 1.0), (X, 2.0)]);
    let never = compared(&asked, &[(Z, 1.0), (ACQUIRE, 1.0), (X, 2.0)]);
    assert_eq!(late.parts.steps, never.parts.steps);
    assert_eq!(late.parts.weighted, never.parts.weighted);
    let swapped = compared(&[(X, 0.0), (X, 1.0)], &[(X, 1.0), (X, 0.0)]);
    assert_eq!(swapped.parts.steps, 0.5);
}

#[test]
fn a_put_refused_for_no_limit_does_not_count() {
    let mut session = puts(&[(X, 1.0), (X, 900.0)]);
    push(
        &mut session,
        1.0,
        What::Refused {
            put: 2,
            reason: "no such choice".to_owned(),
        },
    );
    let comparison = compare(&puts(&[(X, 1.0)]), &session, &Settings::default());
    assert!(comparison.alike && comparison.score == 1.0);
    let refused = &comparison.session.refused[0];
    assert_eq!(
        refused.text,
        "XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr = 900: no such choice"
    );
}

#[test]
fn stopping_what_stands_still_does_not_count_unless_told() {
    let mut session = puts(&[(X, 1.0), (STOP, 1.0)]);
    push(
        &mut session,
        1.0,
        What::Post(Post {
            by: Some(2),
            ..Post::plain(STOP, 0.0.into())
        }),
    );
    let reference = puts(&[(X, 1.0)]);
    let comparison = compare(&reference, &session, &Settings::default());
    assert!(comparison.alike);
    assert_eq!(comparison.session.idle_stops, 1);
    let strict = Settings {
        count_idle_stops: true,
        ..Settings::default()
    };
    assert!(!compare(&reference, &session, &strict).alike);
}

#[test]
fn a_stop_that_stopped_something_counts() {
    let mut session = puts(&[(X, 1.0), (STOP, 1.0)]);
    push(
        &mut session,
        1.1,
        What::Post(Post {
            by: Some(2),
            ..Post::plain(RBV, 0.3.into())
        }),
    );
    assert!(!compare(&puts(&[(X, 1.0)]), &session, &Settings::default()).alike);
}

#[test]
fn a_stop_while_a_move_is_unfinished_counts() {
    let mut session = puts(&[(X, 1.0), (STOP, 1.0)]);
    push(&mut session, 1.2, What::Done { put: 1 });
    assert!(!compare(&puts(&[(X, 1.0)]), &session, &Settings::default()).alike);
}

#[test]
fn a_stop_after_a_move_is_finished_does_not_count() {
    let mut session = puts(&[(X, 1.0)]);
    push(&mut session, 0.5, What::Done { put: 1 });
    put(&mut session, 1.0, STOP, 1.0);
    assert!(compare(&puts(&[(X, 1.0)]), &session, &Settings::default()).alike);
}

#[test]
fn a_choice_may_be_named_or_numbered() {
    let mut named = empty();
    put(&mut named, 0.0, ACQUIRE, "Acquire");
    let comparison = compare(&named, &puts(&[(ACQUIRE, 1.0)]), &Settings::default());
    assert!(comparison.alike);
}

#[test]
fn posts_stand_for_puts_where_there_is_no_put() {
    let mut posts = empty();
    push(&mut posts, 0.0, What::Post(Post::plain(X, 1.0.into())));
    push(&mut posts, 0.5, What::Post(Post::plain(RBV, 1.0.into())));
    let comparison = compare(&puts(&[(X, 1.0)]), &posts, &Settings::default());
    assert!(comparison.alike);
    assert_eq!(comparison.caveats.len(), 1);
}

#[test]
fn ignored_channels_and_tolerances_are_settings() {
    let judge = |text: &str| {
        let settings = Settings::from_toml(&format!("settings = 1\n{text}")).unwrap();
        compare(
            &puts(&[(X, 1.0), (Z, 2.0)]),
            &puts(&[(X, 1.05), (Z, 2.0)]),
            &settings,
        )
        .alike
    };
    assert!(!judge(""));
    assert!(judge("ignore = [\"*-Ax:X}Mtr\"]"));
    assert!(judge("[tolerance]\n\"*Mtr\" = { absolute = 0.1 }"));
    assert!(judge("[tolerance]\n\"*\" = { relative = 0.1 }"));
    assert!(!judge(
        "[tolerance]\n\"*\" = { relative = 0.1 }\n\"*Mtr\" = \"exact\""
    ));
}

#[test]
fn the_tolerance_of_the_dictionary_counts_before_the_general_one() {
    let mut reference = puts(&[(X, 10.0)]);
    reference.dictionary.get_mut(&X).unwrap().tolerance = Some(0.01);
    let near = |value| {
        let mut session = puts(&[(X, value)]);
        session.dictionary.clone_from(&reference.dictionary);
        compare(&reference, &session, &Settings::default()).alike
    };
    assert!(near(10.005));
    assert!(!near(10.015));
}

#[test]
fn whole_numbers_agree_only_when_equal() {
    assert!(!compared(&[(ACQUIRE, 10_000.0)], &[(ACQUIRE, 10_001.0)]).alike);
}

#[test]
fn a_delay_is_reported_and_not_judged() {
    let mut late = empty();
    put(&mut late, 10.0, X, 1.0);
    put(&mut late, 14.0, Z, 1.0);
    let comparison = compare(&puts(&[(X, 1.0), (Z, 1.0)]), &late, &Settings::default());
    assert!(comparison.alike);
    assert_eq!(comparison.rows[1].delay, Time::from_seconds(3.0));
}

#[test]
fn the_best_of_several_references_counts() {
    let references = [puts(&[(X, 1.0)]), puts(&[(X, 2.0)]), puts(&[(X, 2.0)])];
    let best = best_of(&references, &puts(&[(X, 2.0)]), &Settings::default()).unwrap();
    assert_eq!((best.best, best.alike), (1, true));
    assert!(best_of(&[], &puts(&[]), &Settings::default()).is_none());
}

#[test]
fn values_are_told_as_people_write_them() {
    let comparison = compared(&[(X, 1.525_000_000_000_000_1)], &[(X, 0.1 + 0.2)]);
    let told = "motor.sample.X was asked for 0.3 mm instead of 1.525 mm at 0.0 s";
    assert_eq!(comparison.reasons[0], told);
}

#[test]
fn another_beamline_is_said() {
    let mut session = puts(&[]);
    session.header.beamline = "SMI".to_owned();
    let comparison = compare(&puts(&[]), &session, &Settings::default());
    assert_eq!(
        comparison.caveats,
        ["the reference is of another beamline: CMS, not SMI"]
    );
}

#[test]
fn a_trace_cut_short_is_said() {
    let mut session = puts(&[]);
    session.end = End::CutShort;
    let comparison = compare(&puts(&[]), &session, &Settings::default());
    assert_eq!(
        comparison.caveats,
        [
            "the trace of the session is cut short: compared as far as it goes, 0 of 0 steps of the reference"
        ]
    );
}

#[test]
fn eight_thousand_events_are_aligned_at_their_best() {
    let session = |skip: usize| -> Vec<(u32, f64)> {
        (0..8000_u32)
            .filter(|place| skip == 0 || !(place * 7919 / 13).is_multiple_of(20))
            .map(|place| (place % 3, f64::from(place / 3 % 40)))
            .collect()
    };
    let (reference, session) = (session(0), session(1));
    let comparison = compared(&reference, &session);
    assert_eq!(comparison.counts.matched, session.len());
    assert_eq!(comparison.counts.missing, reference.len() - session.len());
}

fn asked() -> impl Strategy<Value = Vec<(u32, f64)>> {
    vec((0..3_u32, (0..3_u8).prop_map(f64::from)), 0..12)
}

/// Steps of which no two are the same.
fn many() -> impl Strategy<Value = Vec<(u32, f64)>> {
    let all: Vec<_> = (0..12)
        .map(|place| (place % 3, f64::from(place / 3)))
        .collect();
    Just(all).prop_shuffle()
}

/// The most pairs that any alignment finds, tried out.
fn most(left: &[(u32, f64)], right: &[(u32, f64)]) -> usize {
    let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) else {
        return 0;
    };
    if one == other {
        return 1 + most(left_rest, right_rest);
    }
    most(left_rest, right).max(most(left, right_rest))
}

proptest! {
    #[test]
    fn every_session_is_like_itself(asked in asked()) {
        let comparison = compared(&asked, &asked);
        prop_assert!(comparison.alike);
        prop_assert_eq!(comparison.score, 1.0);
    }

    #[test]
    fn the_score_is_fair(one in asked(), other in asked()) {
        let (there, back) = (compared(&one, &other), compared(&other, &one));
        prop_assert!((there.score - back.score).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&there.score));
        prop_assert_eq!(there.alike, there.score == 1.0);
        prop_assert_eq!(there.alike, one == other);
        prop_assert_eq!(there.counts.matched, back.counts.matched);
    }

    #[test]
    fn no_alignment_matches_more(one in vec((0..2_u32, Just(1.0)), 0..8), other in asked()) {
        prop_assert_eq!(compared(&one, &other).counts.matched, most(&one, &other));
    }

    #[test]
    fn rows_cover_both_sides_in_order(one in asked(), other in asked()) {
        let comparison = compared(&one, &other);
        let side = |pick: fn(&beamtwin_align::Row) -> Option<u64>| -> Vec<u64> {
            comparison.rows.iter().filter_map(pick).collect()
        };
        let all = |length: usize| (1..=length as u64).collect::<Vec<_>>();
        prop_assert_eq!(side(|row| row.reference.as_ref().map(|it| it.n)), all(one.len()));
        prop_assert_eq!(side(|row| row.session.as_ref().map(|it| it.n)), all(other.len()));
        for row in &comparison.rows {
            let both = row.reference.is_some() && row.session.is_some();
            prop_assert_eq!(both, matches!(row.op, RowOp::Matched | RowOp::Differs));
        }
    }

    #[test]
    fn leaving_out_what_the_reference_has_never_raises_what_agrees(
        one in prop_oneof![asked(), many()],
        other in prop_oneof![asked(), many()],
        at in any::<prop::sample::Index>(),
    ) {
        // What the session asks for more often than the reference is one too many.
        let count = |side: &[(u32, f64)], step| side.iter().filter(|it| **it == step).count();
        let fits = |at: &usize| count(&other, other[*at]) <= count(&one, other[*at]);
        let fitting: Vec<usize> = (0..other.len()).filter(fits).collect();
        prop_assume!(!fitting.is_empty());
        let at = fitting[at.index(fitting.len())];
        let settings = Settings {
            weights: Weights {
                repeat: 1.0,
                exposure: 1.0,
                last: 1.0,
                ..Weights::default()
            },
            ..Settings::default()
        };
        let parts = |session: &Trace| compare(&puts(&one), session, &settings).parts;
        let mut less = empty();
        for (second, &(pv, value)) in other.iter().enumerate().filter(|it| it.0 != at) {
            put(&mut less, second as f64, pv, value);
        }
        let (before, after) = (parts(&puts(&other)), parts(&less));
        prop_assert!(after.steps <= before.steps + 1e-12, "{before:?} {after:?}");
        prop_assert!((before.steps - before.weighted).abs() < 1e-12);
    }

    #[test]
    fn leaving_out_what_agreed_never_raises_what_agrees(
        asked in prop_oneof![asked(), many()],
        out in vec(any::<bool>(), 12),
        at in any::<prop::sample::Index>(),
    ) {
        let mut kept: Vec<bool> = out.into_iter().take(asked.len()).collect();
        let remaining: Vec<usize> = (0..asked.len()).filter(|&place| kept[place]).collect();
        prop_assume!(!remaining.is_empty());
        let session = |kept: &[bool]| {
            let mut trace = empty();
            for (second, &(pv, value)) in asked.iter().enumerate().filter(|(at, _)| kept[*at]) {
                put(&mut trace, second as f64, pv, value);
            }
            compare(&puts(&asked), &trace, &Settings::default()).parts
        };
        let before = session(&kept);
        kept[remaining[at.index(remaining.len())]] = false;
        let after = session(&kept);
        prop_assert!(after.steps < before.steps);
        // What is asked for twice may pair otherwise, and a channel then end where it should.
        let twice = (0..asked.len()).any(|at| asked[..at].contains(&asked[at]));
        prop_assert!(twice || after.weighted <= before.weighted + 1e-12);
    }
}
