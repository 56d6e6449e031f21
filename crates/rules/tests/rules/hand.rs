//! Cases worked out by hand.

use beamtwin_rules::{Judge, Outcome, Terms};

use crate::bench::{always, judged, margin, never, rule, seconds};

/// From 0 to 10 mm at 10 mm/s, and back, a sample every half second.
const THERE_AND_BACK: [(f64, &str, f64); 5] = [
    (0.0, "X", 0.0),
    (0.5, "X", 5.0),
    (1.0, "X", 10.0),
    (1.5, "X", 5.0),
    (2.0, "X", 0.0),
];

#[test]
fn a_limit_that_is_kept_has_the_distance_at_the_nearest_as_its_margin() {
    let verdict = judged(&always("x < 10.4"), &THERE_AND_BACK, 3.0);
    assert_eq!(verdict.outcome, Outcome::Held);
    let margin = verdict.margin.expect("judged");
    assert!((margin.by - 0.4).abs() < 1e-12);
    assert_eq!(margin.at, seconds(1.0));
    assert_eq!(margin.units.as_deref(), Some("mm"));
    assert_eq!(margin.comparison.as_deref(), Some("x < 10.4"));
}

#[test]
fn a_breach_begins_and_ends_between_samples() {
    let verdict = judged(&never("x > 7"), &THERE_AND_BACK, 3.0);
    assert_eq!(verdict.outcome, Outcome::Broken);
    let [breach] = &verdict.breaches[..] else {
        panic!("one breach: {verdict:?}");
    };
    // 7 mm are passed at 0.7 s, and again at 1.3 s.
    assert_eq!((breach.from, breach.to), (seconds(0.7), seconds(1.3)));
    assert_eq!((breach.worst.by, breach.worst.at), (-3.0, seconds(1.0)));
    assert_eq!(verdict.longest, seconds(0.6));
}

#[test]
fn at_its_limit_a_comparison_holds_if_it_includes_it() {
    let held = judged(&always("x <= 10"), &THERE_AND_BACK, 3.0);
    assert_eq!((held.outcome, margin(&held)), (Outcome::Held, 0.0));
    let broken = judged(&always("x < 10"), &THERE_AND_BACK, 3.0);
    assert_eq!((broken.outcome, margin(&broken)), (Outcome::Broken, 0.0));
    let breach = &broken.breaches[0];
    assert_eq!((breach.from, breach.to), (seconds(1.0), seconds(1.0)));
}

#[test]
fn a_limit_that_is_only_reached_holds_or_not_for_as_long_as_it_is() {
    let samples = [(0.0, "X", 2.0)];
    let broken = judged(&always("x < 2"), &samples, 5.0);
    assert_eq!((broken.outcome, margin(&broken)), (Outcome::Broken, 0.0));
    assert_eq!(broken.longest, seconds(5.0));
    let held = judged(&never("x > 2"), &samples, 5.0);
    assert_eq!((held.outcome, margin(&held)), (Outcome::Held, 0.0));
}

#[test]
fn a_box_that_is_crossed_between_two_samples_is_broken() {
    // Along the diagonal, past the box in its middle, with samples outside of it only.
    let samples = [
        (0.0, "X", 0.0),
        (0.0, "Y", 0.0),
        (0.5, "X", 10.0),
        (0.5, "Y", 10.0),
    ];
    let boxed = never("between(x, 4, 6) && between(y, 4, 6)");
    let verdict = judged(&boxed, &samples, 1.0);
    assert_eq!(verdict.outcome, Outcome::Broken);
    // In the middle it is 1 mm to each side.
    assert!((margin(&verdict) + 1.0).abs() < 1e-12);
    let breach = &verdict.breaches[0];
    assert_eq!((breach.from, breach.to), (seconds(0.2), seconds(0.3)));
}

#[test]
fn a_box_that_is_passed_has_its_distance_as_its_margin() {
    // y is behind by 3 mm: when x enters at 4 mm, y is at 1; when y enters at 4, x is at 7, out by 1.
    let samples = [
        (0.0, "X", 0.0),
        (0.0, "Y", -3.0),
        (0.5, "X", 10.0),
        (0.5, "Y", 7.0),
    ];
    let verdict = judged(
        &never("between(x, 4, 6) && between(y, 4, 6)"),
        &samples,
        1.0,
    );
    assert_eq!(verdict.outcome, Outcome::Held);
    // Nearest where it is as far beyond x = 6 as y is before 4: at x = 6.5, y = 3.5.
    assert!((margin(&verdict) - 0.5).abs() < 1e-12, "{verdict:?}");
}

#[test]
fn two_that_meet_between_samples_come_as_near_as_they_do() {
    let samples = [
        (0.0, "X", 0.0),
        (0.0, "Y", 8.0),
        (0.5, "X", 8.0),
        (0.5, "Y", 0.0),
    ];
    let verdict = judged(&always("abs(x - y) >= 1.5"), &samples, 1.0);
    assert_eq!((verdict.outcome, margin(&verdict)), (Outcome::Broken, -1.5));
    // They are 16 mm/s apart, and 1.5 mm at 0.40625 s / 2 … : |8 − 16 t·…|
    let breach = &verdict.breaches[0];
    assert_eq!(
        (breach.from, breach.to),
        (seconds(0.203_125), seconds(0.296_875))
    );
}

#[test]
fn what_is_only_true_or_false_is_infinitely_far_from_being_otherwise() {
    let samples = [
        (0.0, "S", 0.0),
        (0.0, "X", 1.0),
        (4.0, "S", 1.0),
        (5.0, "S", 0.0),
    ];
    let open_too_low = never("main.open && x < 0.6");
    let verdict = judged(&open_too_low, &samples, 9.0);
    assert_eq!(verdict.outcome, Outcome::Held);
    // Only while it was open did the distance count.
    let margin_at = verdict.margin.expect("judged");
    assert!((margin_at.by - 0.4).abs() < 1e-12);
    assert_eq!(margin_at.at, seconds(4.0));
    let verdict = judged(&never("main.open"), &samples, 9.0);
    assert_eq!(margin(&verdict), f64::NEG_INFINITY);
    assert_eq!(verdict.longest, seconds(1.0));
}

#[test]
fn what_lasts_no_longer_than_it_may_is_no_breach() {
    let within = |seconds_within: f64| Terms {
        within: Some(seconds(seconds_within)),
        ..never("main.open")
    };
    let samples = [(0.0, "S", 0.0), (2.0, "S", 1.0), (7.0, "S", 0.0)];
    for (allowed, outcome) in [
        (4.999, Outcome::Broken),
        (5.0, Outcome::Held),
        (6.0, Outcome::Held),
    ] {
        let verdict = judged(&within(allowed), &samples, 20.0);
        assert_eq!((verdict.outcome, verdict.longest), (outcome, seconds(5.0)));
    }
}

#[test]
fn what_may_last_is_counted_at_a_stretch() {
    let terms = Terms {
        within: Some(seconds(3.0)),
        ..never("main.open")
    };
    let samples = [
        (0.0, "S", 1.0),
        (2.0, "S", 0.0),
        (2.5, "S", 1.0),
        (4.5, "S", 0.0),
    ];
    let verdict = judged(&terms, &samples, 20.0);
    assert_eq!(
        (verdict.outcome, verdict.longest),
        (Outcome::Held, seconds(2.0))
    );
}

#[test]
fn a_rule_speaks_only_of_its_while() {
    let terms = Terms {
        only_while: Some("main.open".to_owned()),
        ..always("x >= 5")
    };
    let samples = [
        (0.0, "S", 0.0),
        (0.0, "X", 0.0),
        (3.0, "X", 6.0),
        (3.0, "S", 1.0),
    ];
    let verdict = judged(&terms, &samples, 4.0);
    assert_eq!((verdict.outcome, verdict.applied), (Outcome::Held, true));
    assert_eq!(margin(&verdict), 1.0);
    let verdict = judged(&terms, &samples[..3], 4.0);
    assert_eq!((verdict.outcome, verdict.applied), (Outcome::Held, false));
}

#[test]
fn what_happens_in_one_instant_counts_as_one() {
    let samples = [
        (0.0, "S", 0.0),
        (0.0, "F", 0.0),
        (1.0, "S", 1.0),
        (1.0, "F", 2.0),
        (2.0, "F", 0.0),
        (2.0, "S", 0.0),
    ];
    let verdict = judged(&never("main.open && filter == \"Out\""), &samples, 3.0);
    assert_eq!(verdict.outcome, Outcome::Held);
}

#[test]
fn a_rate_is_that_between_two_samples() {
    let verdict = judged(&always("abs(rate(x)) <= 12"), &THERE_AND_BACK, 3.0);
    assert_eq!((verdict.outcome, margin(&verdict)), (Outcome::Held, 2.0));
    assert_eq!(
        verdict.margin.expect("judged").units.as_deref(),
        Some("mm/s")
    );
    let verdict = judged(&always("rate(x) >= 0"), &THERE_AND_BACK, 3.0);
    assert_eq!(
        (verdict.outcome, margin(&verdict)),
        (Outcome::Broken, -10.0)
    );
    assert_eq!(verdict.breaches[0].from, seconds(1.0));
}

#[test]
fn a_curve_stands_still_across_a_long_gap() {
    // It moves on at 100 s; it had not been on its way for 98 s.
    let samples = [(0.0, "X", 0.0), (100.0, "X", 2.0), (100.5, "X", 3.0)];
    let verdict = judged(&never("x > 1"), &samples, 101.0);
    assert_eq!(verdict.breaches[0].from, seconds(100.0));
}

#[test]
fn what_is_not_known_is_not_judged() {
    let samples = [(2.0, "X", 1.0), (4.0, "X", f64::NAN), (7.0, "X", 1.0)];
    let verdict = judged(&always("x < 3"), &samples, 8.0);
    assert_eq!((verdict.outcome, margin(&verdict)), (Outcome::Held, 2.0));
    assert_eq!(verdict.unknown, seconds(5.0));
    let verdict = judged(&always("x < 3"), &[], 8.0);
    assert_eq!((verdict.outcome, verdict.margin), (Outcome::Unknown, None));
}

#[test]
fn what_is_not_known_does_not_matter_where_the_rest_decides() {
    let rule = never("main.open && x < 3");
    let verdict = judged(&rule, &[(0.0, "S", 0.0)], 8.0);
    assert_eq!(
        (verdict.outcome, verdict.unknown),
        (Outcome::Held, seconds(0.0))
    );
    let verdict = judged(&rule, &[(0.0, "S", 1.0)], 8.0);
    assert_eq!(
        (verdict.outcome, verdict.unknown),
        (Outcome::Unknown, seconds(8.0))
    );
}

#[test]
fn a_curve_that_is_sampled_between_those_of_another_is_where_it_was() {
    // x at 10 mm/s, y at -10 mm/s, sampled by turns: they are 3 mm apart throughout, but for one sample.
    let samples = [
        (0.0, "X", 0.0),
        (0.0, "Y", 3.0),
        (0.2, "X", 2.0),
        (0.3, "Y", 6.0),
        (0.4, "X", 4.0),
        (0.6, "Y", 9.0),
        (0.6, "X", 6.0),
    ];
    let verdict = judged(&always("abs(x - y) < 3.000001"), &samples, 1.0);
    assert_eq!(verdict.outcome, Outcome::Held, "{verdict:?}");
}

#[test]
fn a_step_is_noticed_at_once_and_a_curve_with_its_next_sample() {
    let mut judge = Judge::new(vec![rule(&never("main.open && x > 1"))]);
    let place = |judge: &Judge, pv: &str| {
        let mut signals = judge.signals().iter();
        signals.find(|signal| signal.pv == pv).expect("there").at
    };
    let (x, open) = (place(&judge, "X"), place(&judge, "S"));
    judge.set(x, seconds(0.0), 2.0);
    judge.set(open, seconds(0.0), 0.0);
    judge.leave(seconds(0.0));
    // x has not been heard of for long enough to be known to stand still.
    judge.set(open, seconds(5.0), 1.0);
    judge.leave(seconds(5.0));
    assert_eq!(judge.take().len(), 1);
    judge.set(open, seconds(6.0), 0.0);
    judge.set(x, seconds(7.0), 2.1);
    judge.set(open, seconds(7.05), 1.0);
    judge.leave(seconds(7.05));
    assert!(judge.take().is_empty(), "x may be below 1 by now");
    judge.set(x, seconds(7.1), 2.2);
    judge.leave(seconds(7.1));
    let broken = judge.take();
    assert_eq!((broken.len(), broken[0].since), (1, seconds(7.05)));
}

#[test]
fn a_judge_says_when_to_look_again() {
    let terms = Terms {
        within: Some(seconds(3.0)),
        ..never("main.open")
    };
    let mut judge = Judge::new(vec![rule(&terms)]);
    judge.set(0, seconds(0.0), 0.0);
    judge.leave(seconds(0.0));
    assert_eq!(judge.next(), None);
    judge.set(0, seconds(2.0), 1.0);
    assert_eq!(judge.next(), Some(seconds(2.0)));
    judge.leave(seconds(2.0));
    assert_eq!(judge.next(), Some(seconds(5.0)));
    judge.leave(seconds(4.9));
    assert!(judge.take().is_empty());
    judge.leave(seconds(5.0));
    assert_eq!(judge.take().len(), 1);
    assert_eq!(judge.next(), None);
}

#[test]
fn whoever_looks_seldom_sees_the_same() {
    let terms = Terms {
        within: Some(seconds(3.0)),
        ..never("main.open || x > 4")
    };
    let run = |every: Option<f64>| {
        let mut judge = Judge::new(vec![rule(&terms)]);
        let places: Vec<String> = judge.signals().iter().map(|it| it.pv.clone()).collect();
        let mut samples = THERE_AND_BACK.to_vec();
        samples.splice(0..0, [(0.0, "S", 0.0)]);
        samples.extend([(2.5, "S", 1.0), (9.0, "S", 0.0)]);
        let mut now = 0.0;
        for (at, pv, value) in samples {
            while let Some(step) = every.filter(|step| now + step < at) {
                now += step;
                judge.leave(seconds(now));
            }
            let place = places.iter().position(|known| known == pv).expect("there");
            judge.set(place, seconds(at), value);
        }
        judge.finish(seconds(12.0))
    };
    let seldom = run(None);
    assert_eq!(seldom[0].breaches[0].from, seconds(2.5));
    assert_eq!(run(Some(0.013)), seldom);
    assert_eq!(run(Some(0.7)), seldom);
}
