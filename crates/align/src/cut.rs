//! A trace that breaks off is compared as far as it goes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use beamtwin_trace::{End, Fact, Time, Trace, What};
use serde::Serialize;

use crate::Settings;
use crate::comparison::RowOp;
use crate::order::Order;
use crate::place::{Place, Steps};
use crate::sequence::{Asked, Channels, Sequence};

/// How far a trace was compared with one that breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// The side that breaks off: `reference` or `session`.
    pub side: &'static str,
    /// How many steps of the other side were compared.
    pub steps: usize,
    /// How many it has.
    pub of: usize,
}

impl Cut {
    /// The same in words.
    pub fn worded(&self) -> String {
        let Self { side, steps, of } = self;
        let other = if *side == "session" {
            "reference"
        } else {
            "session"
        };
        format!(
            "the trace of the {side} is cut short: compared as far as it goes, {steps} of {of} steps of the {other}"
        )
    }

    /// Why there is nothing to compare.
    pub(crate) fn too_early(&self) -> String {
        format!(
            "the trace of the {} breaks off before its first step: nothing was compared",
            self.side
        )
    }
}

/// How far both go together, where either breaks off: what the other one did later is left out.
pub(crate) fn together<'a>(
    sides: [&'a Trace; 2],
    settings: &Settings,
) -> ([Cow<'a, Trace>; 2], Vec<Cut>) {
    let mut both = sides.map(Cow::Borrowed);
    let is_cut = sides.map(|side| !matches!(side.end, End::Complete(_)));
    if is_cut == [false; 2] {
        return (both, Vec::new());
    }
    let mut channels = Channels::of(sides, settings);
    let [left, right] = sides.map(|side| Sequence::of(side, settings, &mut channels));
    let order = Order::of(sides, settings);
    let sequences = [&left, &right];
    let mut cuts = Vec::new();
    for (cut, name) in [(0, "reference"), (1, "session")] {
        if !is_cut[cut] {
            continue;
        }
        let other = 1 - cut;
        let (one, whole) = (sequences[cut], sequences[other]);
        let last = last_pair(&one.asked, &whole.asked, &order, is_cut[other]);
        let reach = Reach::of(one, whole, last, sides[cut].last(), is_cut[other]);
        cuts.push(Cut {
            side: name,
            steps: reach.steps,
            of: whole.asked.len(),
        });
        both[other] = Cow::Owned(reach.shortened(sides[other], whole));
    }
    (both, cuts)
}

/// The last two steps that belong together, of a side that breaks off and of another one, as far as that is
/// compared: that many of its steps are aligned as leave the fewest unlike.
fn last_pair(
    cut: &[Asked<'_>],
    whole: &[Asked<'_>],
    order: &Order<'_>,
    entire: bool,
) -> Option<(usize, usize)> {
    let aligned = |length: usize| Steps::new(cut, &whole[..length], order).align().0;
    let pair = |place: &Place| Some((place.left?, place.right?));
    let mut best = aligned(whole.len());
    if !entire {
        for length in lengths(&best, cut.len()) {
            let places = aligned(length.min(whole.len()));
            if cost(&places) < cost(&best) {
                best = places;
            }
        }
    }
    best.iter().filter_map(pair).max_by_key(|pair| pair.1)
}

/// How many steps may lie before the cut: as many as the cut side has, and so many that what is paired later
/// would cost more than it earns.
fn lengths(places: &[Place], steps: usize) -> [usize; 3] {
    let pairs = places
        .iter()
        .filter(|it| it.op == RowOp::Matched && !it.commuted);
    let mut found = [(0, steps); 2];
    for (count, place) in (1_i64..).zip(pairs) {
        let (Some(i), Some(j)) = (place.left, place.right) else {
            continue;
        };
        let cost = j as i64 + 1 - 2 * count;
        let length = j + 1 + (steps - 1 - i);
        if cost < found[0].0 {
            found[0] = (cost, length);
        }
        if cost <= found[1].0 {
            found[1] = (cost, length);
        }
    }
    [found[0].1, found[1].1, steps]
}

/// How many steps are unlike, but for those after the last pair that only the other side has.
fn cost(places: &[Place]) -> usize {
    let last = places
        .iter()
        .rposition(|it| it.op != RowOp::Missing && it.op != RowOp::Extra);
    let after = |at: usize| last.is_none_or(|last| at > last);
    let cost = |(at, place): (usize, &Place)| match place.op {
        RowOp::Matched => 0,
        RowOp::Differs => 2,
        RowOp::Extra if after(at) => 0,
        RowOp::Missing | RowOp::Extra => 1,
    };
    places.iter().enumerate().map(cost).sum()
}

/// How far one side is compared.
#[derive(Debug)]
struct Reach {
    /// The number of steps.
    steps: usize,
    /// The number of the fact that is the last of them.
    last: u64,
    /// Until when what followed from them counts.
    until: Time,
    /// How many puts that were refused came later.
    vain: usize,
}

impl Reach {
    /// From the last pair on, for as long as the cut side went on; where nothing pairs, as long as that was recorded.
    /// Of two sides that break off, each has its later steps too, as far as the other one was recorded.
    fn of(
        cut: &Sequence<'_>,
        whole: &Sequence<'_>,
        last: Option<(usize, usize)>,
        end: Time,
        both: bool,
    ) -> Self {
        let Some((i, j)) = last else {
            return Self {
                steps: whole.asked.partition_point(|it| it.t <= end),
                last: whole
                    .asked
                    .iter()
                    .rfind(|it| it.t <= end)
                    .map_or(0, |it| it.n),
                until: end,
                vain: cut.vain.len(),
            };
        };
        let (ours, theirs) = (&cut.asked[i], &whole.asked[j]);
        let until = theirs.t + (end - ours.t);
        let later = whole.asked[j + 1..]
            .iter()
            .take_while(|it| both && it.t <= until);
        let later: Vec<&Asked<'_>> = later.collect();
        Self {
            steps: j + 1 + later.len(),
            last: later.last().map_or(theirs.n, |it| it.n),
            until,
            vain: cut.vain.iter().filter(|it| it.asked.n > ours.n).count(),
        }
    }

    /// A trace without what came later.
    fn shortened(&self, trace: &Trace, sequence: &Sequence<'_>) -> Trace {
        let later = sequence.asked[self.steps..].iter().map(|it| it.n);
        let later: BTreeSet<u64> = later.collect();
        let vain = sequence.vain.iter().map(|it| it.asked.n);
        let vain: BTreeSet<u64> = vain.filter(|&n| n > self.last).take(self.vain).collect();
        let counts = |put: u64| put <= self.last || vain.contains(&put);
        let stays = |fact: &&Fact| {
            let caused = match &fact.what {
                What::Put(_) => return counts(fact.n),
                What::Post(post) => post.by.is_none_or(counts),
                What::Done { put } => counts(*put),
                What::Refused { put, .. } => return counts(*put),
                _ => true,
            };
            fact.n <= self.last || fact.t <= self.until && caused && !later.contains(&fact.n)
        };
        Trace {
            header: trace.header.clone(),
            source: None,
            dictionary: trace.dictionary.clone(),
            clients: trace.clients.clone(),
            facts: trace.facts.iter().filter(stays).cloned().collect(),
            end: End::CutShort,
            counted: None,
            skipped: trace.skipped.clone(),
        }
    }
}
