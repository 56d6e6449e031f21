//! What was not the same of each exposure.

use std::collections::BTreeSet;

use beamtwin_trace::{End, Trace};

use super::gates::Gates;
use super::reading::Readings;
use super::state::{Move, States};
use super::steps::Steps;
use super::titles::Titles;
use super::{AT_REST, Aspect, Gate, made};
use crate::Settings;
use crate::comparison::{Row, RowOp};
use crate::order::Order;
use crate::place::Place;
use crate::sequence::Asked;

/// Says of each matched exposure in what its state was not the same on both sides, of which it is told whether
/// they were recorded to their ends. Answers with what does not decide: places of rows, and what was in the last
/// half of its move on one side only.
pub(crate) fn mark(
    rows: &mut [Row],
    places: &[Place],
    sides: [&[Asked<'_>]; 2],
    traces: [&Trace; 2],
    names: &crate::titles::Titles<'_>,
    order: &Order<'_>,
    settings: &Settings,
) -> Vec<(usize, Vec<Gate>)> {
    if !sides.iter().all(|side| side.iter().any(Asked::exposes)) {
        return Vec::new();
    }
    let exposures = Exposures {
        sides,
        states: states(sides, settings),
        steps: sides.map(Steps::of),
        readings: Readings::of(traces, settings),
        answers: Gates::of(traces, sides, settings),
        partners: partners(places, sides),
        whole: traces.map(|trace| matches!(trace.end, End::Complete(_))),
        titles: Titles::of(rows, places, sides),
        names,
        order,
        settings,
    };
    let both = |place: &Place| match (place.op, place.left, place.right) {
        (RowOp::Matched, Some(i), Some(j)) if sides[0][i].exposes() => Some([i, j]),
        _ => None,
    };
    let unlike = |(at, place): (usize, &Place)| {
        let Unlike { gates, ending } = exposures.unlike(both(place)?);
        let ending: Vec<Gate> = ending.into_iter().map(|(_, gate)| gate).collect();
        Some((at, gates, ending))
    };
    let found: Vec<_> = places.iter().enumerate().filter_map(unlike).collect();
    let mut remarks = Vec::new();
    for (at, gates, ending) in found {
        rows[at].gates = gates;
        if !ending.is_empty() {
            remarks.push((at, ending));
        }
    }
    remarks
}

/// In what the state of an exposure was not the same.
#[derive(Default)]
struct Unlike<'a> {
    gates: Vec<Gate>,
    /// What was in the last half of its move on one side only, with its device.
    ending: Vec<(&'a str, Gate)>,
}

/// All that is known of the exposures of both sides.
struct Exposures<'a> {
    sides: [&'a [Asked<'a>]; 2],
    states: [States<'a>; 2],
    steps: [Steps<'a>; 2],
    readings: Readings<'a>,
    answers: Gates<'a>,
    /// The step of the other side that each step is paired with.
    partners: [Vec<Option<usize>>; 2],
    /// Whether each side was recorded to its end.
    whole: [bool; 2],
    titles: Titles<'a>,
    names: &'a crate::titles::Titles<'a>,
    order: &'a Order<'a>,
    settings: &'a Settings,
}

impl<'a> Exposures<'a> {
    /// In what the state of an exposure, at its places on both sides, was not the same.
    fn unlike(&self, at: [usize; 2]) -> Unlike<'a> {
        let mut unlike = Unlike {
            gates: self.asked(at),
            ending: Vec::new(),
        };
        if !self.sides.iter().all(|side| tells(side)) {
            return unlike;
        }
        let Self { order, names, .. } = *self;
        if unlike.gates.is_empty() {
            unlike.gates = self.answers.unlike(&self.steps, at, order, names);
        }
        let moving = self.moving(at, &mut unlike);
        for (device, gate) in self.readings.unlike(&self.steps, at, order, names) {
            if !moving.contains(&device) {
                unlike.ending.retain(|(it, _)| *it != device);
                unlike.gates.push(gate);
            }
        }
        let made = made::unlike(&self.steps, at, self.settings, names);
        unlike.gates.extend(made);
        unlike.gates.extend(self.finished(at));
        unlike
    }

    /// What gates were asked for something else.
    fn asked(&self, at: [usize; 2]) -> Vec<Gate> {
        let [one, other] = &self.states;
        let detector = self.sides[0][at[0]].device();
        let counts = |gate: &&Asked<'_>| self.order.gates(gate.device(), detector);
        let known = one.gates().chain(other.gates()).filter(counts);
        let numbers: BTreeSet<usize> = known.map(|gate| gate.number).collect();
        let unlike = |number| {
            let (was, is) = (one.asked(number, at[0]), other.asked(number, at[1]));
            if agree(&was, &is) {
                return None;
            }
            let [was, is] = [was, is].map(|seen| self.titles.seen(&seen));
            self.titles.gate(number, Aspect::Asked, was, is)
        };
        numbers.into_iter().filter_map(unlike).collect()
    }

    /// Adds what was moving on one side only, and answers with the devices of which that decides.
    fn moving(&self, at: [usize; 2], unlike: &mut Unlike<'a>) -> Vec<&'a str> {
        let mut deciding = Vec::new();
        for side in [0, 1] {
            for it in self.states[side].moves(at[side]) {
                if unlike
                    .gates
                    .iter()
                    .any(|gate| self.titles.is_of(gate, it.number))
                    || !self.only_here(side, at, it)
                {
                    continue;
                }
                let step = &self.sides[side][it.step];
                let still = if it.step < at[side] { "still " } else { "" };
                let to = self.titles.seen(&[Some(step)]);
                let mut words = [AT_REST.to_owned(), AT_REST.to_owned()];
                words[side] = format!("{still}moving to {to}");
                let [was, is] = words;
                let gate = self.titles.gate(it.number, Aspect::Moving, was, is);
                if it.counts {
                    deciding.push(step.device());
                    unlike.gates.extend(gate);
                } else {
                    unlike.ending.extend(gate.map(|gate| (step.device(), gate)));
                }
            }
        }
        deciding
    }

    /// Whether what moved on a side during an exposure counts there, and did not move on the other.
    fn only_here(&self, side: usize, at: [usize; 2], it: &Move) -> bool {
        let other = 1 - side;
        let same = |its: &Move| its.number == it.number && (its.counts || !it.counts);
        let too = self.states[other].moves(at[other]).iter().any(same);
        // What both sides exposed during, one of them more often, is a matter of times.
        let partner = self.partners[side][it.step];
        let flown = partner.is_some_and(|step| self.states[other].is_exposed(step, it.counts));
        let detector = self.sides[0][at[0]].device();
        let device = self.sides[side][it.step].device();
        !too && !flown && self.order.sees(device, detector)
    }

    /// Whether the exposure finished on one side only.
    fn finished(&self, at: [usize; 2]) -> Option<Gate> {
        let [one, other] = self.sides;
        let (was, is) = match [one[at[0]].done, other[at[1]].done] {
            [Some(_), None] if self.whole[1] => ("did", "never finished"),
            [None, Some(_)] if self.whole[0] => ("never did", "finished"),
            _ => return None,
        };
        let (was, is) = (was.to_owned(), is.to_owned());
        self.titles
            .gate(one[at[0]].number, Aspect::Finished, was, is)
    }
}

fn states<'a>(sides: [&'a [Asked<'a>]; 2], settings: &Settings) -> [States<'a>; 2] {
    // The channels on which what is asked for takes time.
    let lasting: BTreeSet<usize> = sides
        .into_iter()
        .flatten()
        .filter(|step| step.done > Some(step.t))
        .map(|step| step.number)
        .collect();
    sides.map(|side| States::of(side, &lasting, settings))
}

fn partners(places: &[Place], sides: [&[Asked<'_>]; 2]) -> [Vec<Option<usize>>; 2] {
    let mut partners = sides.map(|side| vec![None; side.len()]);
    for place in places.iter().filter(|place| place.op == RowOp::Matched) {
        if let (Some(i), Some(j)) = (place.left, place.right) {
            partners[0][i] = Some(j);
            partners[1][j] = Some(i);
        }
    }
    partners
}

/// Whether anything is known of when what was asked for was done.
fn tells(side: &[Asked<'_>]) -> bool {
    side.first().is_some_and(|asked| asked.finished.is_some())
}

fn agree(one: &[Option<&Asked<'_>>], other: &[Option<&Asked<'_>>]) -> bool {
    let same = |pair: (&Option<&Asked<'_>>, &Option<&Asked<'_>>)| match pair {
        (Some(was), Some(is)) => was.tolerance.agree(&was.value, &is.value),
        (None, None) => true,
        _ => false,
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}
