//! What holds of all rules.

use beamtwin_rules::{Outcome, Terms, Verdict};
use proptest::prelude::*;

use crate::bench::{always, judged, never, seconds};

/// A session of two curves and a shutter: when, what, and its value.
type Samples = Vec<(f64, &'static str, f64)>;

fn sessions() -> impl Strategy<Value = Samples> {
    let sample = (1_u32..20, 0..3_usize, -50_i32..50);
    prop::collection::vec(sample, 0..30).prop_map(|steps| {
        let mut samples = vec![(0.0, "X", 0.0), (0.0, "Y", 0.0), (0.0, "S", 0.0)];
        let mut now = 0;
        for (step, what, value) in steps {
            now += step;
            let (pv, value) = match what {
                0 => ("X", f64::from(value) / 8.0),
                1 => ("Y", f64::from(value) / 8.0),
                _ => ("S", f64::from(value.rem_euclid(2))),
            };
            samples.push((f64::from(now) / 16.0, pv, value));
        }
        samples
    })
}

/// Conditions over both curves and the shutter.
fn conditions() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("abs(x - y)".to_owned()),
        Just("max(x, -y)".to_owned()),
        Just("(x + 2 * y) / 4".to_owned()),
        (-40_i32..40).prop_map(|number| (f64::from(number) / 8.0).to_string()),
    ];
    let comparison = (
        number.clone(),
        prop::sample::select(vec!["<", "<=", ">", ">="]),
        number,
    );
    let leaf = prop_oneof![
        4 => comparison.prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => Just("main.open".to_owned()),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn run(terms: &Terms, samples: &Samples) -> Verdict {
    judged(terms, samples, 40.0)
}

fn by(verdict: &Verdict) -> f64 {
    verdict.margin.as_ref().expect("all is known").by
}

/// Where a signal is at a time, worked out afresh from all samples.
fn value(samples: &Samples, pv: &str, at: f64) -> f64 {
    let own: Vec<_> = samples.iter().filter(|sample| sample.1 == pv).collect();
    let after = own.iter().position(|sample| sample.0 > at);
    let last = own[after.unwrap_or(own.len()) - 1];
    match after.map(|next| own[next]) {
        Some(next) if pv != "S" && next.0 - last.0 < 1.0 => {
            last.2 + (next.2 - last.2) * (at - last.0) / (next.0 - last.0)
        }
        _ => last.2,
    }
}

proptest! {
    #[test]
    fn a_rule_holds_if_its_margin_is_above_zero_and_not_if_it_is_below(
        condition in conditions(), samples in sessions()
    ) {
        let verdict = run(&always(&condition), &samples);
        let margin = by(&verdict);
        prop_assert!(margin <= 0.0 || verdict.outcome == Outcome::Held, "{verdict:?}");
        prop_assert!(margin >= 0.0 || verdict.outcome == Outcome::Broken, "{verdict:?}");
        prop_assert_eq!(verdict.outcome == Outcome::Broken, !verdict.breaches.is_empty());
    }

    #[test]
    fn never_is_always_not(condition in conditions(), samples in sessions()) {
        let mut one = run(&never(&condition), &samples);
        let other = run(&always(&format!("!({condition})")), &samples);
        one.message.clone_from(&other.message);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn no_moment_is_nearer_to_a_breach_than_the_margin(
        limit in -40_i32..40, samples in sessions(), moments in prop::collection::vec(0.0..39.0, 20)
    ) {
        let limit = f64::from(limit) / 8.0;
        let text = format!("max(abs(x - y), -x) > {limit}");
        let verdict = run(&always(&text), &samples);
        for at in moments {
            let (x, y) = (value(&samples, "X", at), value(&samples, "Y", at));
            let here = (x - y).abs().max(-x) - limit;
            prop_assert!(here >= by(&verdict) - 1e-9, "{here} at {at}: {verdict:?}");
            let broken = verdict.breaches.iter().any(|breach| {
                breach.from.as_secs_f64() - 1e-6 <= at && at <= breach.to.as_secs_f64() + 1e-6
            });
            prop_assert!(here.abs() < 1e-6 || broken == (here < 0.0), "{here} at {at}: {verdict:?}");
        }
    }

    #[test]
    fn the_margin_grows_with_the_limit_and_by_as_much(
        low in -40_i32..40, more in 0_i32..40, samples in sessions()
    ) {
        let at = |limit: i32| {
            let text = format!("abs(x - y) < {}", f64::from(limit) / 8.0);
            by(&run(&always(&text), &samples))
        };
        let grown = at(low + more) - at(low);
        prop_assert!((grown - f64::from(more) / 8.0).abs() < 1e-9);
    }

    #[test]
    fn the_margin_of_what_is_twice_as_large_is_twice_as_large(
        limit in -40_i32..40, samples in sessions()
    ) {
        let limit = f64::from(limit) / 8.0;
        let own = by(&run(&always(&format!("x + y < {limit}")), &samples));
        let double = samples.iter().map(|&(at, pv, value)| {
            (at, pv, if pv == "S" { value } else { 2.0 * value })
        });
        let text = format!("x + y < {}", 2.0 * limit);
        let twice = by(&run(&always(&text), &double.collect()));
        prop_assert!((twice - 2.0 * own).abs() < 1e-9);
    }

    #[test]
    fn the_longer_it_may_last_the_less_is_broken(
        condition in conditions(), samples in sessions(), allowed in 0_u32..80
    ) {
        let terms = |allowed: f64| Terms {
            within: Some(seconds(allowed)),
            ..never(&condition)
        };
        let allowed = f64::from(allowed) / 16.0;
        let strict = run(&terms(allowed), &samples);
        let lax = run(&terms(allowed + 0.25), &samples);
        prop_assert!(lax.count <= strict.count);
        prop_assert_eq!(lax.longest, strict.longest);
        let broken = strict.longest > seconds(allowed);
        prop_assert_eq!(strict.outcome == Outcome::Broken, broken);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-zé0-9.<>=&|!()`'\" +*/,\\[\\]?:-]{0,40}") {
        let _ = always(&text).rule("r", &crate::bench::Bench);
    }
}
