//! A beamline of names, and rules judged on it.

use beamtwin_pv::SimTime;
use beamtwin_rules::{Judge, Known, Mistake, Names, Rule, Terms, Test, Unknown, Verdict};

/// Two motors, a third in degrees, two shutters, an attenuator of three states.
pub(crate) struct Bench;

impl Names for Bench {
    fn word(&self, name: &str) -> Result<Known, Unknown> {
        Ok(match name {
            "x" => Known::curve("X", "mm"),
            "y" => Known::curve("Y", "mm"),
            "theta" => Known::curve("T", "deg"),
            "main.open" => Known::steps("S").when(Test::Is(1.0)),
            "x.moving" => Known::steps("M").when(Test::Is(0.0)),
            "filter" => Known {
                labels: ["Out", "Thin", "Thick"].map(str::to_owned).to_vec(),
                ..Known::steps("F")
            },
            _ => return Err(Unknown::new(format!("no device `{name}`")).hint("look again")),
        })
    }

    fn pv(&self, name: &str) -> Result<Known, Unknown> {
        match name {
            "XF:11{Mtr}.RBV" => Ok(Known::curve(name, "mm")),
            "S" => Ok(Known::steps(name)),
            _ => Err(Unknown::new(format!("no PV is called `{name}`"))),
        }
    }
}

pub(crate) fn seconds(seconds: f64) -> SimTime {
    SimTime::from_nanos((seconds * 1e9).round() as u64)
}

pub(crate) fn always(text: &str) -> Terms {
    Terms {
        always: Some(text.to_owned()),
        ..Terms::default()
    }
}

pub(crate) fn never(text: &str) -> Terms {
    Terms {
        never: Some(text.to_owned()),
        ..Terms::default()
    }
}

pub(crate) fn rule(terms: &Terms) -> Rule {
    match terms.rule("r", &Bench) {
        Ok(rule) => rule,
        Err(mistakes) => panic!("{mistakes:?}"),
    }
}

pub(crate) fn mistakes(terms: &Terms) -> Vec<Mistake> {
    terms.rule("r", &Bench).expect_err("it is not sound")
}

/// What becomes of a rule where signals have these values, each at its time; it ends at the last number.
pub(crate) fn judged(terms: &Terms, samples: &[(f64, &str, f64)], end: f64) -> Verdict {
    let mut judge = Judge::new(vec![rule(terms)]);
    for &(at, pv, value) in samples {
        assert!(["X", "Y", "T", "S", "M", "F"].contains(&pv), "{pv}");
        // It need not be about all of them.
        let known = judge.signals().iter().find(|signal| signal.pv == pv);
        if let Some(signal) = known.map(|signal| signal.at) {
            judge.set(signal, seconds(at), value);
        }
    }
    judge.finish(seconds(end)).remove(0)
}

/// The least margin.
pub(crate) fn margin(verdict: &Verdict) -> f64 {
    verdict.margin.as_ref().expect("it was judged").by
}
