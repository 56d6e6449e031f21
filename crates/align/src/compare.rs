//! The `beamtwin` method: what did the two sessions ask for?

use std::collections::BTreeMap;

use beamtwin_trace::{Datum, Time, Trace};

use crate::algorithms::optimal;
use crate::comparison::{Comparison, Counts, Entry, Row, RowOp, Side};
use crate::sequence::{Asked, Sequence};
use crate::titles::Titles;
use crate::tolerance::{Tolerance, number};
use crate::{Settings, reasons};

/// Compares a session with a reference.
///
/// As many things asked for as possible are paired, on one channel and with values that agree. What
/// remains between two pairs and lies on one channel is a row that differs; all else is missing or
/// extra. Two channels are never paired.
pub fn compare(reference: &Trace, session: &Trace, settings: &Settings) -> Comparison {
    let (left, right) = (
        Sequence::of(reference, settings),
        Sequence::of(session, settings),
    );
    let channels = Channels::of(&left.asked, &right.asked, settings);
    let titles = Titles::of(reference, session);
    let mut rows = rows(&left.asked, &right.asked, &channels, &titles);
    let moved = mark_moves(&mut rows);
    let count = |op: RowOp| rows.iter().filter(|row| row.op == op).count();
    let counts = Counts {
        matched: count(RowOp::Matched),
        differing: count(RowOp::Differs),
        missing: count(RowOp::Missing),
        extra: count(RowOp::Extra),
        moved,
    };
    Comparison {
        method: "beamtwin",
        score: score(counts),
        alike: counts.matched == rows.len(),
        best: 0,
        counts,
        reasons: reasons::of(&rows),
        caveats: reasons::caveats(reference, session),
        rows,
        reference: side(reference, left),
        session: side(session, right),
        settings: settings.clone(),
    }
}

/// Compares a session with each of several references, and answers with the best comparison: the
/// first of the highest score. Of no references there is none.
pub fn best_of(references: &[Trace], session: &Trace, settings: &Settings) -> Option<Comparison> {
    let mut best: Option<Comparison> = None;
    for (place, reference) in references.iter().enumerate() {
        let comparison = compare(reference, session, settings);
        if best
            .as_ref()
            .is_none_or(|best| comparison.score > best.score)
        {
            best = Some(Comparison {
                best: place,
                ..comparison
            });
        }
    }
    best
}

/// The part of all that either side asked for which both asked for.
fn score(counts: Counts) -> f64 {
    let all = counts.matched + counts.missing + counts.extra + 2 * counts.differing;
    if all == 0 {
        1.0
    } else {
        counts.matched as f64 / all as f64
    }
}

/// The channels of both sides, numbered by name, and how their values are compared.
struct Channels {
    left: Vec<usize>,
    right: Vec<usize>,
    tolerances: Vec<Tolerance>,
}

impl Channels {
    fn of(left: &[Asked<'_>], right: &[Asked<'_>], settings: &Settings) -> Self {
        let mut numbers = BTreeMap::new();
        let mut tolerances = Vec::new();
        // The reference comes first, so that its dictionary counts.
        let mut number = |asked: &Asked<'_>| {
            *numbers
                .entry(asked.channel.plain_name().to_owned())
                .or_insert_with(|| {
                    tolerances.push(tolerance(asked, settings));
                    tolerances.len() - 1
                })
        };
        let left = left.iter().map(&mut number).collect();
        let right = right.iter().map(&mut number).collect();
        Self {
            left,
            right,
            tolerances,
        }
    }
}

/// How values of a channel are compared: as a definite pattern of the settings says, or else by the
/// tolerance in the dictionary, or else exactly where only whole numbers exist, or else as `*` says.
fn tolerance(asked: &Asked<'_>, settings: &Settings) -> Tolerance {
    let channel = asked.channel;
    if let Some(particular) = settings.particular([&channel.name, channel.plain_name()]) {
        return particular;
    }
    match channel.tolerance {
        Some(absolute) => Tolerance::absolute(absolute),
        None if channel.is_whole() => Tolerance::EXACT,
        None => settings.general(),
    }
}

fn rows(
    left: &[Asked<'_>],
    right: &[Asked<'_>],
    channels: &Channels,
    titles: &Titles<'_>,
) -> Vec<Row> {
    let same_channel = |i: usize, j: usize| channels.left[i] == channels.right[j];
    let agree = |i: usize, j: usize| {
        let tolerance = channels.tolerances[channels.left[i]];
        same_channel(i, j) && tolerance.agree(&left[i].value, &right[j].value)
    };
    let start = |asked: &[Asked<'_>]| asked.first().map_or(Time::ZERO, |first| first.t);
    let maker = Maker {
        left,
        right,
        titles,
        starts: (start(left), start(right)),
    };
    let mut rows = Vec::with_capacity(left.len().max(right.len()));
    let (mut i, mut j) = (0, 0);
    let end = (left.len(), right.len());
    for (next_i, next_j) in optimal::align(0..left.len(), 0..right.len(), &agree)
        .into_iter()
        .chain([end])
    {
        // Between two pairs, what lies on one channel is shown side by side.
        let differing = optimal::align(i..next_i, j..next_j, &same_channel);
        for (at_i, at_j) in differing.into_iter().chain([(next_i, next_j)]) {
            rows.extend((i..at_i).map(|i| maker.row(Some(i), None)));
            rows.extend((j..at_j).map(|j| maker.row(None, Some(j))));
            if at_i < next_i {
                rows.push(Row {
                    op: RowOp::Differs,
                    ..maker.row(Some(at_i), Some(at_j))
                });
            }
            (i, j) = (at_i + 1, at_j + 1);
        }
        if next_i < left.len() && next_j < right.len() {
            rows.push(maker.row(Some(next_i), Some(next_j)));
        }
    }
    rows
}

/// Makes rows of places.
struct Maker<'a> {
    left: &'a [Asked<'a>],
    right: &'a [Asked<'a>],
    titles: &'a Titles<'a>,
    starts: (Time, Time),
}

impl Maker<'_> {
    /// The row of a place on either side, at least one; of two, as if they agreed.
    fn row(&self, left: Option<usize>, right: Option<usize>) -> Row {
        let (left, right) = (left.map(|i| &self.left[i]), right.map(|j| &self.right[j]));
        let either = left.or(right).expect("a row has at least one side");
        let channel = either.channel;
        let both = left.zip(right);
        Row {
            op: match (left, right) {
                (Some(_), Some(_)) => RowOp::Matched,
                (_, None) => RowOp::Missing,
                (None, _) => RowOp::Extra,
            },
            channel: channel.plain_name().to_owned(),
            device: channel.device.clone(),
            title: self.titles.title(channel),
            units: channel.units.clone(),
            reference: left.map(entry),
            session: right.map(entry),
            difference: both.and_then(|(left, right)| {
                let difference = number(&right.value)? - number(&left.value)?;
                Some(difference).filter(|it| it.is_finite())
            }),
            delay: both.map(|(left, right)| (right.t - self.starts.1) - (left.t - self.starts.0)),
            moved: None,
        }
    }
}

fn entry(asked: &Asked<'_>) -> Entry {
    let label = match asked.value {
        Datum::Number(place) if place >= 0.0 && place.fract() == 0.0 => {
            asked.channel.labels.get(place as usize).cloned()
        }
        _ => None,
    };
    Entry {
        n: asked.n,
        t: asked.t,
        value: asked.value.clone(),
        label,
    }
}

/// Joins each missing row with the extra row of the same channel and value, and counts them.
///
/// Only what either side asked for once is said to be moved; of things asked for again and again
/// nobody could tell which of them it was.
fn mark_moves(rows: &mut [Row]) -> usize {
    let mut places: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        for (side, entry) in [&row.reference, &row.session].into_iter().enumerate() {
            if let Some(entry) = entry {
                let key = format!("{} {}", row.channel, entry.value);
                places.entry(key).or_default()[side].push(place);
            }
        }
    }
    let mut moved = 0;
    for [left, right] in places.values() {
        if let ([from], [to]) = (&left[..], &right[..])
            && (rows[*from].op, rows[*to].op) == (RowOp::Missing, RowOp::Extra)
        {
            rows[*from].moved = Some(*to);
            rows[*to].moved = Some(*from);
            moved += 1;
        }
    }
    moved
}

fn side(trace: &Trace, sequence: Sequence<'_>) -> Side {
    Side {
        beamline: trace.header.beamline.clone(),
        asked: sequence.asked.len(),
        exposures: sequence.exposures(),
        duration: sequence.duration(),
        idle_stops: sequence.idle_stops,
        refused: sequence.refused,
        markers: sequence.markers,
        end: trace.end.clone(),
    }
}
