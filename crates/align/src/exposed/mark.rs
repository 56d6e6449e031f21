//! What was not the same of each exposure.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{End, Trace};

use super::gates::Gates;
use super::reading::Readings;
use super::state::{Move, States};
use super::steps::Steps;
use super::{AT_REST, Aspect, Gate, made};
use crate::Settings;
use crate::comparison::{Entry, Row, RowOp};
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
    // The channels on which what is asked for takes time.
    let lasting: BTreeSet<usize> = sides
        .into_iter()
        .flatten()
        .filter(|step| step.done > Some(step.t))
        .map(|step| step.number)
        .collect();
    let states = sides.map(|side| States::of(side, &lasting, settings));
    let [one, other] = &states;
    let titles = Titles::of(places, sides);
    let whole = traces.map(|trace| matches!(trace.end, End::Complete(_)));
    let steps = sides.map(Steps::of);
    let readings = Readings::of(traces, settings);
    let answers = Gates::of(traces, sides, settings);
    let mut partners = [vec![None; sides[0].len()], vec![None; sides[1].len()]];
    for place in places.iter().filter(|place| place.op == RowOp::Matched) {
        if let (Some(i), Some(j)) = (place.left, place.right) {
            partners[0][i] = Some(j);
            partners[1][j] = Some(i);
        }
    }
    let mut remarks = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let (RowOp::Matched, Some(i), Some(j)) = (place.op, place.left, place.right) else {
            continue;
        };
        if !sides[0][i].exposes() {
            continue;
        }
        let (mut gates, mut ending) = (Vec::new(), Vec::new());
        let mut moving: Vec<&str> = Vec::new();
        let detector = sides[0][i].device();
        let counts = |gate: &&Asked<'_>| order.gates(gate.device(), detector);
        let known = one.gates().chain(other.gates()).filter(counts);
        let mut numbers: Vec<usize> = known.map(|gate| gate.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let (was, is) = (one.asked(number, i), other.asked(number, j));
            if !agree(&was, &is) {
                let words = |seen: &[Option<&Asked<'_>>]| titles.seen(rows, seen);
                gates.extend(titles.gate(rows, number, Aspect::Asked, words(&was), words(&is)));
            }
        }
        let moves = [one.moves(i), other.moves(j)];
        if sides.iter().all(|side| tells(side)) {
            if gates.is_empty() {
                gates = answers.unlike(&steps, [i, j], order, names);
            }
            for (side, turned) in [(0, false), (1, true)] {
                for &Move {
                    number,
                    step,
                    counts,
                } in moves[side]
                {
                    let elsewhere = 1 - side;
                    let same = |it: &Move| it.number == number && (it.counts || !counts);
                    let too = moves[elsewhere].iter().any(same);
                    // What both sides exposed during, one of them more often, is a matter of times.
                    let partner = partners[side][step];
                    let flown = partner.is_some_and(|it| states[elsewhere].is_exposed(it, counts));
                    let name = |it: &Gate| Some(it.channel.as_str()) == titles.name(rows, number);
                    let aside = !order.sees(sides[side][step].device(), detector);
                    if too || flown || aside || gates.iter().any(name) {
                        continue;
                    }
                    let exposure = [i, j][side];
                    let still = if step < exposure { "still " } else { "" };
                    let to = titles.seen(rows, &[Some(&sides[side][step])]);
                    let under_way = format!("{still}moving to {to}");
                    let (was, is) = if turned {
                        (AT_REST.to_owned(), under_way)
                    } else {
                        (under_way, AT_REST.to_owned())
                    };
                    let gate = titles.gate(rows, number, Aspect::Moving, was, is);
                    let device = sides[side][step].device();
                    if counts {
                        moving.push(device);
                        gates.extend(gate);
                    } else {
                        ending.extend(gate.map(|gate| (device, gate)));
                    }
                }
            }
            for (device, gate) in readings.unlike(&steps, [i, j], order, names) {
                if !moving.contains(&device) {
                    ending.retain(|(it, _)| *it != device);
                    gates.push(gate);
                }
            }
            gates.extend(made::unlike(&steps, [i, j], settings, names));
            let done = [sides[0][i].done, sides[1][j].done];
            let finished = match done {
                [Some(_), None] if whole[1] => Some(("did", "never finished")),
                [None, Some(_)] if whole[0] => Some(("never did", "finished")),
                _ => None,
            };
            if let Some((was, is)) = finished {
                let number = sides[0][i].number;
                let (was, is) = (was.to_owned(), is.to_owned());
                gates.extend(titles.gate(rows, number, Aspect::Finished, was, is));
            }
        }
        rows[at].gates = gates;
        if !ending.is_empty() {
            remarks.push((at, ending.into_iter().map(|(_, gate)| gate).collect()));
        }
    }
    remarks
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

/// A row of each channel, by the number of the channel, which knows what the channel is called.
struct Titles(BTreeMap<usize, usize>);

impl Titles {
    fn of(places: &[Place], sides: [&[Asked<'_>]; 2]) -> Self {
        let mut rows = BTreeMap::new();
        for (at, place) in places.iter().enumerate() {
            let left = place.left.map(|i| &sides[0][i]);
            if let Some(asked) = left.or(place.right.map(|j| &sides[1][j])) {
                rows.entry(asked.number).or_insert(at);
            }
        }
        Self(rows)
    }

    fn row<'a>(&self, rows: &'a [Row], number: usize) -> Option<&'a Row> {
        self.0.get(&number).map(|&at| &rows[at])
    }

    fn name<'a>(&self, rows: &'a [Row], number: usize) -> Option<&'a str> {
        self.row(rows, number).map(|row| &*row.channel)
    }

    /// What a channel was asked for, one thing after the other.
    fn seen(&self, rows: &[Row], seen: &[Option<&Asked<'_>>]) -> String {
        let word = |asked: &Option<&Asked<'_>>| {
            let asked = (*asked)?;
            Some(self.row(rows, asked.number)?.worded(&Entry::of(asked)))
        };
        let words = seen
            .iter()
            .map(|it| word(it).unwrap_or_else(|| "not asked for".to_owned()));
        words.collect::<Vec<_>>().join(", then ")
    }

    fn gate(
        &self,
        rows: &[Row],
        number: usize,
        aspect: Aspect,
        reference: String,
        session: String,
    ) -> Option<Gate> {
        let row = self.row(rows, number)?;
        Some(Gate {
            channel: row.channel.to_string(),
            title: row.title.to_string(),
            aspect,
            reference,
            session,
        })
    }
}
