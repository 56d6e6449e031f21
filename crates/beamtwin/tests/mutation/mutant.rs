//! Scripts with one mistake, and the truth about it.

use crate::chance::Chance;
use crate::script::{
    ACQUIRE, HEAT, IMAGES, PHI, RATE, SETPOINT, SHUTTER, STOP, Step, THETA, TIME, X, Z, later, step,
};

/// The kinds of mistake.
pub(crate) const CLASSES: [&str; 10] = [
    "step dropped",
    "steps swapped",
    "wrong value",
    "wrong unit",
    "wrong motor",
    "extra step",
    "late",
    "off by one",
    "shutter forgotten",
    "wrong ramp",
];

/// What was done to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Op {
    Missing,
    Extra,
    Differs,
    Moved,
    Late,
}

/// An operation with its channel and its step: of the session if it is extra, else of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(crate) op: Op,
    pub(crate) channel: usize,
    pub(crate) step: usize,
}

/// A script with one mistake.
pub(crate) struct Mutant {
    pub(crate) script: Vec<Step>,
    pub(crate) truth: Vec<Named>,
    /// Where two steps were swapped, of which either may be said to have moved.
    pub(crate) swapped: Option<usize>,
}

/// A mistake of a class; none if the script gives no occasion for it.
pub(crate) fn mutant(class: &str, script: &[Step], chance: &mut Chance) -> Option<Mutant> {
    let mut new = script.to_vec();
    let named = |op: Op, at: usize| Named {
        op,
        channel: script[at].channel,
        step: at,
    };
    let mut swapped = None;
    let truth = match class {
        "step dropped" => {
            let at = any(script, chance, |_| true)?;
            new.remove(at);
            // What came at once with it now comes alone.
            if !script[at].at_once && at < new.len() {
                new[at].at_once = false;
            }
            vec![named(Op::Missing, at)]
        }
        "steps swapped" => {
            let pairs: Vec<usize> = (1..script.len())
                .filter(|&at| !is_same(script[at - 1], script[at]))
                // What is asked for together is swapped as a whole or not at all.
                .filter(|&at| {
                    (at - 1..=at + 1).all(|at| script.get(at).is_none_or(|it| !it.at_once))
                })
                .map(|at| at - 1)
                .collect();
            let at = *pairs.get(chance.below(pairs.len().max(1)))?;
            new.swap(at, at + 1);
            swapped = Some(at);
            vec![named(Op::Moved, at)]
        }
        "wrong value" => {
            let at = any(script, chance, |it| has_units(it) && it.channel != RATE)?;
            new[at].value += chance.pick(&[0.37, -0.23, 1.7]);
            vec![named(Op::Differs, at)]
        }
        "wrong unit" => {
            let at = any(script, chance, |it| has_units(it) && it.value != 0.0)?;
            new[at].value *= chance.pick(&[1000.0, 0.001]);
            vec![named(Op::Differs, at)]
        }
        "wrong motor" => {
            let at = any(script, chance, |it| it.channel <= PHI)?;
            let channel = (script[at].channel + 1 + chance.below(3)) % 4;
            new[at].channel = channel;
            let extra = Named {
                op: Op::Extra,
                channel,
                step: at,
            };
            vec![named(Op::Missing, at), extra]
        }
        "extra step" => {
            let mut at = chance.below(script.len() + 1);
            while script.get(at).is_some_and(|it| it.at_once) {
                at -= 1;
            }
            let extra = chance.pick(&[
                step(X, 3.3),
                step(Z, -2.2),
                step(THETA, 0.7),
                step(ACQUIRE, 1.0),
                step(TIME, 0.7),
                step(SETPOINT, 33.0),
            ]);
            new.insert(at, extra);
            vec![Named {
                op: Op::Extra,
                channel: extra.channel,
                step: at,
            }]
        }
        "late" => {
            let at = 1 + any(&script[1..], chance, |it| !it.at_once)?;
            new[at].sleep += chance.between(15.0, 60.0);
            vec![named(Op::Late, at)]
        }
        "off by one" => off_by_one(script, &mut new, chance)?,
        "shutter forgotten" => {
            let opens = |it: &Step| it.channel == SHUTTER && it.value == 1.0;
            new.retain(|it| !opens(it));
            let places = (0..script.len()).filter(|&at| opens(&script[at]));
            places.map(|at| named(Op::Missing, at)).collect()
        }
        "wrong ramp" => {
            let at = any(script, chance, |it| it.channel == RATE)?;
            new[at].value *= chance.pick(&[10.0, 0.1, 2.0, 0.5]);
            vec![named(Op::Differs, at)]
        }
        _ => return None,
    };
    (!truth.is_empty()).then_some(Mutant {
        script: new,
        truth,
        swapped,
    })
}

/// A change that changes nothing: what comes at once the other way round, a value within its tolerance, a
/// stop of what stands still, a short sleep.
pub(crate) fn harmless(script: &[Step], chance: &mut Chance) -> Vec<Step> {
    let mut new = script.to_vec();
    match chance.below(4) {
        0 => {
            if let Some(at) = any(script, chance, |it| it.at_once) {
                new.swap(at - 1, at);
                (new[at - 1].at_once, new[at].at_once) = (false, true);
            }
        }
        1 => {
            if let Some(at) = any(script, chance, |it| it.channel <= THETA) {
                new[at].value += 0.0004;
            }
        }
        2 => new.push(step(STOP, 1.0)),
        _ => {
            let at = chance.below(script.len());
            let sleep = new[at].sleep + chance.between(0.1, 0.9);
            new[at] = later(sleep, new[at]);
        }
    }
    new
}

pub(crate) fn is_same(one: Step, other: Step) -> bool {
    (one.channel, one.value) == (other.channel, other.value)
}

fn has_units(step: &Step) -> bool {
    ![SHUTTER, ACQUIRE, HEAT, IMAGES].contains(&step.channel)
}

fn any(script: &[Step], chance: &mut Chance, fits: impl Fn(&Step) -> bool) -> Option<usize> {
    let places: Vec<usize> = (0..script.len()).filter(|&at| fits(&script[at])).collect();
    (!places.is_empty()).then(|| chance.pick(&places))
}

/// The last turn of a loop of images is left out, or one more is made.
fn off_by_one(script: &[Step], new: &mut Vec<Step>, chance: &mut Chance) -> Option<Vec<Named>> {
    let images: Vec<usize> = (0..script.len())
        .filter(|&at| script[at].channel == ACQUIRE)
        .collect();
    let [.., last_but_one, last] = images[..] else {
        return None;
    };
    let turn = last_but_one + 1..last + 1;
    if chance.one_in(2) {
        new.drain(turn.clone());
        let named = |at: usize| Named {
            op: Op::Missing,
            channel: script[at].channel,
            step: at,
        };
        return Some(turn.map(named).collect());
    }
    let mut truth = Vec::new();
    for (offset, at) in turn.enumerate() {
        let mut more = script[at];
        if more.channel <= THETA {
            more.value += 0.45;
        }
        new.insert(last + 1 + offset, more);
        truth.push(Named {
            op: Op::Extra,
            channel: more.channel,
            step: last + 1 + offset,
        });
    }
    Some(truth)
}
