//! One rule, as time passes.

use std::time::Duration;

use beamtwin_pv::SimTime;

use crate::course::{Course, Straight};
use crate::formula::Stretch;
use crate::margin::Margin;
use crate::rule::Rule;
use crate::signal::Track;
use crate::verdict::{Breach, Closest, Outcome, Verdict};

/// How many breaches are kept; the rest is counted.
const KEPT: usize = 100;

/// One rule, as time passes.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    rule: Rule,
    tracks: Vec<Track>,
    /// Up to when it has been judged.
    done: SimTime,
    /// Whether there was anything to be judged.
    judged: bool,
    applied: bool,
    unknown: Duration,
    least: Option<(Margin, SimTime)>,
    /// Since when the condition is broken.
    wrong: Option<Wrong>,
    longest: Duration,
    count: usize,
    breaches: Vec<Breach>,
    /// Those not yet told: since when.
    news: Vec<SimTime>,
}

/// A time during which the condition is broken.
#[derive(Clone, Copy, Debug)]
struct Wrong {
    since: SimTime,
    worst: (Margin, SimTime),
    told: bool,
}

/// The tracks over a stretch of time, or at a moment.
struct Over<'a> {
    tracks: &'a [Track],
    from: SimTime,
    to: SimTime,
}

impl Stretch for Over<'_> {
    fn values(&self, signal: usize) -> Option<(f64, f64)> {
        let track = &self.tracks[signal];
        track.value(self.from).zip(track.value(self.to))
    }

    fn rate(&self, signal: usize) -> Option<f64> {
        // A moment has none.
        (self.from < self.to).then(|| self.tracks[signal].rate())?
    }
}

impl Watch {
    pub(crate) fn new(rule: Rule) -> Self {
        Self {
            tracks: rule
                .uses
                .iter()
                .map(|used| Track::new(used.curve))
                .collect(),
            rule,
            done: SimTime::ZERO,
            judged: false,
            applied: false,
            unknown: Duration::ZERO,
            least: None,
            wrong: None,
            longest: Duration::ZERO,
            count: 0,
            breaches: Vec::new(),
            news: Vec::new(),
        }
    }

    pub(crate) const fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Takes a sample.
    pub(crate) fn set(&mut self, signal: usize, at: SimTime, value: f64) {
        self.tracks[signal].set(at, value);
    }

    /// All that happened until `now` has been heard, and time moves on: judges what can be judged.
    pub(crate) fn settle(&mut self, now: SimTime) {
        while let Some(at) = self.next_sample()
            && self.tracks.iter().all(|track| track.is_known(at, now))
        {
            self.go(at);
        }
        let Some(wrong) = &self.wrong else { return };
        let stands = self.tracks.iter().all(|track| {
            track.next().is_none() && track.settles().is_none_or(|settles| settles <= now)
        });
        // What stands goes on being wrong; a curve may be right again from the next moment on.
        let too_long = |within: SimTime| {
            let within = u128::from(within.nanos());
            if stands {
                now.since(wrong.since).as_nanos() >= within
            } else {
                self.done.since(wrong.since).as_nanos() > within
            }
        };
        if !wrong.told && self.rule.within.is_some_and(too_long) {
            self.tell();
        }
    }

    /// When there is something to be judged next, if no sample comes before.
    pub(crate) fn next(&self, now: SimTime) -> Option<SimTime> {
        let overdue = match (&self.wrong, self.rule.within) {
            (Some(wrong), Some(within)) if !wrong.told => {
                Some(wrong.since + Duration::from_nanos(within.nanos()))
            }
            _ => None,
        };
        if overdue.is_none() && self.next_sample().is_none() {
            return None;
        }
        let settles = self.tracks.iter().filter_map(Track::settles);
        settles.chain(overdue).filter(|&at| at > now).min()
    }

    /// Since when it has been broken, where that is new.
    pub(crate) fn news(&mut self) -> impl Iterator<Item = SimTime> {
        self.news.drain(..)
    }

    /// The world goes back to what it was when `then` was judged, so long ago. What has become of the rule since
    /// stays.
    pub(crate) fn go_back(&mut self, then: &Self, now: SimTime, ago: Duration) {
        self.conclude(now, false);
        self.tracks = then.tracks.iter().map(|it| it.later(ago)).collect();
        self.done = then.done + ago;
        self.wrong = then.wrong.map(|wrong| Wrong {
            since: wrong.since + ago,
            worst: (wrong.worst.0, wrong.worst.1 + ago),
            told: wrong.told,
        });
    }

    /// Judges all until the end of what there is to judge, which is when the session ended if that is `open`.
    fn conclude(&mut self, end: SimTime, open: bool) {
        while let Some(at) = self.next_sample() {
            self.go(at);
        }
        if end > self.done {
            self.judge(self.done, end);
        }
        if let Some(wrong) = self.wrong.take() {
            self.end(wrong, end.max(self.done), open);
        }
    }

    /// The session is over: what became of the rule.
    pub(crate) fn finish(&mut self, end: SimTime) -> Verdict {
        self.conclude(end, true);
        let closest = |it: &(Margin, SimTime)| self.closest(*it);
        Verdict {
            rule: self.rule.name.clone(),
            message: self.rule.message.clone(),
            severity: self.rule.severity,
            outcome: match (self.count, self.judged) {
                (1.., _) => Outcome::Broken,
                (0, true) => Outcome::Held,
                (0, false) => Outcome::Unknown,
            },
            applied: self.applied,
            margin: self.least.as_ref().map(closest),
            within: self.rule.within,
            longest: SimTime::ZERO + self.longest,
            count: self.count,
            breaches: self.breaches.clone(),
            unknown: SimTime::ZERO + self.unknown,
        }
    }

    fn next_sample(&self) -> Option<SimTime> {
        self.tracks.iter().filter_map(Track::next).min()
    }

    /// Judges up to and including the moment of the next samples.
    fn go(&mut self, at: SimTime) {
        if at > self.done {
            self.judge(self.done, at);
        }
        for track in &mut self.tracks {
            track.pass(at);
        }
        self.done = at;
        self.judge(at, at);
    }

    /// Judges a stretch of time during which nothing jumps, or a moment.
    fn judge(&mut self, from: SimTime, to: SimTime) {
        let over = Over {
            tracks: &self.tracks,
            from,
            to,
        };
        let applies = self.rule.only_while.as_ref().is_none_or(|condition| {
            let course = condition.course(&over, false);
            course.0.iter().any(|(_, margin)| margin.holds)
        });
        let low = self.rule.must.course(&over, false);
        let high = self.rule.must.course(&over, true);
        let holds = |course: &Course<Margin>| course.0.iter().filter(|(_, it)| it.holds).count();
        let course = if low == high || holds(&low) == low.0.len() {
            low
        } else if holds(&high) == 0 {
            high
        } else {
            // It depends on what is not known.
            self.unknown += to.since(from);
            if let Some(wrong) = self.wrong.take_if(|_| from < to) {
                self.end(wrong, from, false);
            }
            return;
        };
        self.judged = true;
        self.applied |= applies;
        let length = to.since(from).as_nanos() as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a length that is there"
        )]
        let time = |x: f64| match x {
            0.0 => from,
            1.0 => to,
            x => from + Duration::from_nanos((x * length).round() as u64),
        };
        let mut last: Option<(f64, Margin)> = None;
        for &(x, margin) in &course.0 {
            if let Some((before, other)) = last {
                let part = other.by / (other.by - margin.by);
                if other.by * margin.by < 0.0 && part > 0.0 && part < 1.0 {
                    let zero = time(before + (x - before) * part);
                    self.be(other.by > 0.0, time(before), other);
                    self.be(margin.by > 0.0, zero, other.between(margin, part));
                } else {
                    let inner = other.between(margin, 0.5);
                    let nearer = if inner.holds { inner } else { other };
                    self.be(inner.holds, time(before), nearer);
                }
            }
            self.be(margin.holds, time(x), margin);
            let least = self.least.get_or_insert((margin, time(x)));
            if margin.order(&least.0).is_lt() {
                *least = (margin, time(x));
            }
            last = Some((x, margin));
        }
    }

    /// From a moment on the condition holds, or does not.
    fn be(&mut self, holds: bool, at: SimTime, margin: Margin) {
        if holds {
            if let Some(wrong) = self.wrong.take() {
                self.end(wrong, at, false);
            }
            return;
        }
        let wrong = self.wrong.get_or_insert(Wrong {
            since: at,
            worst: (margin, at),
            told: false,
        });
        if margin.order(&wrong.worst.0).is_lt() {
            wrong.worst = (margin, at);
        }
        if self.rule.within.is_none() && !wrong.told {
            self.tell();
        }
    }

    fn tell(&mut self) {
        if let Some(wrong) = &mut self.wrong {
            wrong.told = true;
            self.news.push(wrong.since);
        }
    }

    fn end(&mut self, wrong: Wrong, at: SimTime, open: bool) {
        let length = at.since(wrong.since);
        self.longest = self.longest.max(length);
        let allowed = self
            .rule
            .within
            .map(|within| Duration::from_nanos(within.nanos()));
        if allowed.is_some_and(|allowed| length <= allowed) && !wrong.told {
            return;
        }
        if !wrong.told {
            self.news.push(wrong.since);
        }
        self.count += 1;
        if self.breaches.len() < KEPT {
            self.breaches.push(Breach {
                from: wrong.since,
                to: at,
                open,
                worst: self.closest(wrong.worst),
            });
        }
    }

    fn closest(&self, (margin, at): (Margin, SimTime)) -> Closest {
        let comparison = margin.comparison.filter(|_| margin.by.is_finite());
        let comparison = comparison.and_then(|it| self.rule.comparisons.get(usize::from(it)));
        Closest {
            by: margin.by,
            units: comparison.and_then(|it| it.units.clone()),
            at,
            comparison: comparison.map(|it| it.text.clone()),
        }
    }
}
