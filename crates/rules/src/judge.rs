//! All rules, as time passes.

use std::collections::BTreeMap;

use beamtwin_pv::SimTime;

use crate::rule::Rule;
use crate::verdict::{Broken, Verdict};
use crate::watch::Watch;

/// All rules, as time passes.
///
/// Tell it the values of its [`signals`](Self::signals) in the order of time with [`set`](Self::set). All that
/// happens in one instant counts as one: only what it leaves behind is judged. A curve is judged up to its last
/// sample while it moves, so that a breach may be noticed a sample late, never at another time than it happened.
#[derive(Clone, Debug)]
pub struct Judge {
    watches: Vec<Watch>,
    signals: Vec<Signal>,
    /// For each signal, the rules it is in and its places there.
    uses: Vec<Vec<(usize, usize)>>,
    now: SimTime,
    /// Whether there may be something to settle.
    fresh: bool,
    next: Option<SimTime>,
    news: Vec<Broken>,
}

/// A process variable that some rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its place among the signals.
    pub at: usize,
    /// What traces call it.
    pub pv: String,
}

impl Judge {
    /// A judge at time zero, who knows nothing yet.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut signals: Vec<Signal> = Vec::new();
        let mut uses: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (at, rule) in rules.iter().enumerate() {
            for (place, used) in rule.uses.iter().enumerate() {
                let signal = *places.entry(used.pv.clone()).or_insert_with(|| {
                    signals.push(Signal {
                        at: signals.len(),
                        pv: used.pv.clone(),
                    });
                    uses.push(Vec::new());
                    signals.len() - 1
                });
                uses[signal].push((at, place));
            }
        }
        Self {
            watches: rules.into_iter().map(Watch::new).collect(),
            signals,
            uses,
            now: SimTime::ZERO,
            fresh: true,
            next: None,
            news: Vec::new(),
        }
    }

    /// What it wants to know the values of.
    #[must_use]
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// The rules, in their order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.watches.iter().map(Watch::rule)
    }

    /// A signal has a value from now on; what is no finite number is not known. A time before one that was given
    /// already counts as that.
    pub fn set(&mut self, signal: usize, at: SimTime, value: f64) {
        self.pass(at);
        for &(watch, place) in &self.uses[signal] {
            self.watches[watch].set(place, self.now, value);
        }
        self.fresh = true;
    }

    /// Time moves on.
    pub fn pass(&mut self, to: SimTime) {
        if to <= self.now {
            return;
        }
        self.settle();
        while let Some(next) = self.next.filter(|&next| next < to) {
            self.now = next;
            self.fresh = true;
            self.settle();
        }
        self.now = to;
        if self.next == Some(to) {
            self.fresh = true;
        }
    }

    /// All that happens at this moment has been told, and time moves on.
    pub fn leave(&mut self, now: SimTime) {
        self.pass(now);
        self.settle();
    }

    /// The world goes back to what it was when this judge was `then`; what has become of the rules since stays.
    pub fn go_back(&mut self, then: &Self, now: SimTime) {
        self.pass(now);
        let ago = self.now.since(then.now);
        for (watch, then) in self.watches.iter_mut().zip(&then.watches) {
            watch.go_back(then, self.now, ago);
        }
        self.fresh = true;
    }

    /// When a rule is broken next or can be judged, if nothing changes: now, if something has just been told.
    #[must_use]
    pub fn next(&self) -> Option<SimTime> {
        if self.fresh {
            Some(self.now)
        } else {
            self.next
        }
    }

    /// The rules that have been broken since the last time this was asked.
    pub fn take(&mut self) -> Vec<Broken> {
        std::mem::take(&mut self.news)
    }

    /// The session is over: what became of each rule.
    pub fn finish(mut self, end: SimTime) -> Vec<Verdict> {
        self.pass(end);
        let end = self.now;
        self.watches
            .iter_mut()
            .map(|watch| watch.finish(end))
            .collect()
    }

    fn settle(&mut self) {
        if !std::mem::take(&mut self.fresh) {
            return;
        }
        for (at, watch) in self.watches.iter_mut().enumerate() {
            watch.settle(self.now);
            let news = watch.news().map(|since| Broken { rule: at, since });
            self.news.extend(news);
        }
        let next = self.watches.iter().filter_map(|watch| watch.next(self.now));
        self.next = next.min();
    }
}
