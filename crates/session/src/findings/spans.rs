//! Stretches of time.

use beamtwin_trace::Time;

/// From when to when.
pub(super) type Span = (Time, Time);

/// The moments that any of the spans has, as spans that do not touch.
pub(super) fn union(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut all: Vec<Span> = spans.filter(|(from, to)| to > from).collect();
    all.sort_unstable();
    let mut union: Vec<Span> = Vec::new();
    for (from, to) in all {
        match union.last_mut() {
            Some((_, end)) if *end >= from => *end = to.max(*end),
            _ => union.push((from, to)),
        }
    }
    union
}

/// How long spans are that do not touch.
pub(super) fn length(spans: &[Span]) -> Time {
    let lengths = spans.iter().map(|&(from, to)| to - from);
    lengths.fold(Time::ZERO, |sum, length| sum + length)
}

/// What begins and ends, again and again.
#[derive(Debug, Clone, Default)]
pub(super) struct Spans {
    pub(super) since: Option<Time>,
    pub(super) over: Vec<Span>,
}

impl Spans {
    /// It is on, or off, from this moment on. Answers whether it has just begun.
    pub(super) fn switch(&mut self, on: bool, t: Time) -> bool {
        match (self.since, on) {
            (None, true) => {
                self.since = Some(t);
                true
            }
            (Some(from), false) => {
                self.since = None;
                self.over.push((from, t));
                false
            }
            _ => false,
        }
    }

    /// The spans within these bounds, that which is not over included.
    pub(super) fn within(&self, (first, last): Span) -> Vec<Span> {
        let open = self.since.map(|from| (from, last));
        let all = self.over.iter().copied().chain(open);
        all.map(|(from, to)| (from.max(first), to.min(last)))
            .filter(|(from, to)| to > from)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(spans: &[(i64, i64)]) -> Vec<Span> {
        let time = Time::from_nanos;
        spans.iter().map(|&(a, b)| (time(a), time(b))).collect()
    }

    #[test]
    fn a_union_counts_each_moment_once() {
        let joined = union(spans(&[(5, 9), (1, 3), (2, 4), (9, 10), (6, 7), (20, 20)]).into_iter());
        assert_eq!(joined, spans(&[(1, 4), (5, 10)]));
        assert_eq!(length(&joined), Time::from_nanos(8));
    }

    #[test]
    fn what_is_not_over_is_cut_where_the_session_is() {
        let mut it = Spans::default();
        assert!(it.switch(true, Time::from_nanos(2)));
        assert!(!it.switch(true, Time::from_nanos(3)));
        assert!(!it.switch(false, Time::from_nanos(5)));
        assert!(it.switch(true, Time::from_nanos(8)));
        let bounds = (Time::from_nanos(4), Time::from_nanos(9));
        assert_eq!(it.within(bounds), spans(&[(4, 5), (8, 9)]));
    }
}
