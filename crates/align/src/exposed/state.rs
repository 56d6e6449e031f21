//! The state in which a side took its exposures: what gates were asked for, and what was moving.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::Time;

use crate::Settings;
use crate::sequence::Asked;

/// What is known of the exposures of one side.
pub(super) struct States<'a> {
    asked: &'a [Asked<'a>],
    noise: f64,
    /// When each step was no longer under way; none if it took no time.
    stopped: Vec<Option<Time>>,
    /// Where gates were asked for something, by the number of the channel.
    gates: BTreeMap<usize, Vec<usize>>,
    /// What was moving during an exposure.
    moves: BTreeMap<usize, Vec<Move>>,
    /// The steps that were under way during an exposure, and whether for more than their last half.
    exposed: BTreeMap<usize, bool>,
}

/// Something that moved during an exposure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// The number of the channel.
    pub(super) number: usize,
    /// The last step that moved it.
    pub(super) step: usize,
    /// Whether no more than half of the move was over when the exposure began.
    pub(super) counts: bool,
}

impl<'a> States<'a> {
    /// Of what was asked for, on channels of which some are known to take time.
    pub(super) fn of(
        asked: &'a [Asked<'a>],
        lasting: &BTreeSet<usize>,
        settings: &Settings,
    ) -> Self {
        let mut states = Self {
            asked,
            noise: settings.time.noise,
            stopped: stopped(asked, lasting),
            gates: BTreeMap::new(),
            moves: BTreeMap::new(),
            exposed: BTreeMap::new(),
        };
        let mut under_way: Vec<usize> = Vec::new();
        for (place, step) in asked.iter().enumerate() {
            if step.gate {
                states.gates.entry(step.number).or_default().push(place);
            }
            if step.exposes() {
                under_way.retain(|&at| states.stopped[at] > Some(step.t));
                states.expose(place, &under_way);
            } else if states.stopped[place].is_some() {
                under_way.push(place);
            }
        }
        states
    }

    /// Notes what was moving during an exposure, of what was under way when it began and what began later.
    fn expose(&mut self, exposure: usize, under_way: &[usize]) {
        let it = &self.asked[exposure];
        let later = exposure + 1..self.end(exposure);
        let mut moves = BTreeMap::new();
        for at in under_way.iter().copied().chain(later) {
            let step = &self.asked[at];
            let elsewhere = !step.exposure && step.device() != it.device();
            let Some(counts) = self.overlaps(it, at).filter(|_| elsewhere) else {
                continue;
            };
            let moved = Move {
                number: step.number,
                step: at,
                counts,
            };
            let last = moves.entry(step.number).or_insert(moved);
            if counts || !last.counts {
                *last = moved;
            }
            *self.exposed.entry(at).or_default() |= counts;
        }
        if !moves.is_empty() {
            self.moves.insert(exposure, moves.into_values().collect());
        }
    }

    /// Whether a step was under way during an exposure, for longer than is noise; and if it was, whether that counts.
    /// What was more than half over when the exposure began does not: who looks whether a readback is near goes on
    /// before the last of a move.
    fn overlaps(&self, exposure: &Asked<'_>, step: usize) -> Option<bool> {
        let stopped = self.stopped[step]?;
        let step = &self.asked[step];
        let (ahead, over) = (stopped - exposure.t, exposure.t - step.t);
        let during = match exposure.done.filter(|&done| done > exposure.t) {
            None => step.t <= exposure.t && exposure.t < stopped,
            Some(end) => {
                let together = end.min(stopped) - exposure.t.max(step.t);
                together.seconds() > self.slack(exposure, end)
            }
        };
        during.then_some(ahead >= over)
    }

    /// How long is noise in an exposure: no more than half of it.
    fn slack(&self, exposure: &Asked<'_>, end: Time) -> f64 {
        let noise = self.noise * f64::from(exposure.pace);
        noise.min((end - exposure.t).seconds() / 2.0)
    }

    /// The place after the last step that came during an exposure and before it was nearly over.
    fn end(&self, exposure: usize) -> usize {
        let it = &self.asked[exposure];
        let Some(done) = it.done else {
            return exposure + 1;
        };
        let slack = self.slack(it, done);
        let during = |step: &&Asked<'_>| {
            let again = step.exposure && step.number == it.number;
            !again && (done - step.t).seconds() > slack
        };
        let after = &self.asked[exposure + 1..];
        exposure + 1 + after.iter().take_while(during).count()
    }

    /// Of each gate that was asked for something, the first of it.
    pub(super) fn gates(&self) -> impl Iterator<Item = &Asked<'a>> {
        let first = |places: &Vec<usize>| places.first().copied();
        self.gates
            .values()
            .filter_map(first)
            .map(|at| &self.asked[at])
    }

    /// What a gate was last asked for before an exposure, and what else during it.
    pub(super) fn asked(&self, gate: usize, exposure: usize) -> Vec<Option<&Asked<'a>>> {
        let Some(places) = self.gates.get(&gate) else {
            return vec![None];
        };
        let before = places.partition_point(|&place| place < exposure);
        let mut seen = vec![before.checked_sub(1).map(|at| &self.asked[places[at]])];
        let end = self.end(exposure);
        for &place in places[before..].iter().take_while(|&&place| place < end) {
            let step = &self.asked[place];
            let same = |last: &Asked<'_>| last.tolerance.agree(&last.value, &step.value);
            if !seen.last().copied().flatten().is_some_and(same) {
                seen.push(Some(step));
            }
        }
        seen
    }

    /// What was moving during an exposure.
    pub(super) fn moves(&self, exposure: usize) -> &[Move] {
        self.moves.get(&exposure).map_or(&[], Vec::as_slice)
    }

    /// Whether any exposure was taken while a step was under way: for more than its last half, if only that counts.
    pub(super) fn is_exposed(&self, step: usize, counting: bool) -> bool {
        self.exposed
            .get(&step)
            .is_some_and(|&counts| counts || !counting)
    }
}

/// When each step was no longer under way; none if it took no time. What takes time and never was done, such as a
/// move that another one cut off, was under way until the next step of its device, or to the end.
fn stopped(asked: &[Asked<'_>], lasting: &BTreeSet<usize>) -> Vec<Option<Time>> {
    let mut next: BTreeMap<&str, Time> = BTreeMap::new();
    let mut stopped = vec![None; asked.len()];
    for (at, step) in asked.iter().enumerate().rev() {
        if lasting.is_empty() {
            break;
        }
        let cut_off = next.insert(step.device(), step.t);
        let end = cut_off.unwrap_or(Time::from_nanos(i64::MAX));
        if lasting.contains(&step.number) {
            stopped[at] = Some(step.done.unwrap_or(end)).filter(|&end| end > step.t);
        }
    }
    stopped
}
