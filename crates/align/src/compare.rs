//! The `beamtwin` method: did the two sessions do the same?

use std::collections::BTreeMap;
use std::sync::Arc;

use beamtwin_trace::{Time, Trace};

use crate::comparison::{Comparison, Entry, Parts, Row, RowOp, Side};
use crate::order::Order;
use crate::paces::Paces;
use crate::place::{Place, Steps};
use crate::score::Weighed;
use crate::sequence::{Asked, Channels, Sequence};
use crate::titles::Titles;
use crate::{
    Settings, common, curves, cut, described, ends, exposed, moves, pace, reasons, refused, score,
    who,
};

/// Compares a session with a reference.
///
/// As many things asked for as possible are paired, on one channel and with values that agree; the
/// order of what is concurrent does not matter. What remains between two pairs and lies on one
/// channel is a row that differs; all else is missing or extra. Two channels are never paired.
/// Curves are laid over each other from one pair to the next, and times are compared on pairs.
pub fn compare(reference: &Trace, session: &Trace, settings: &Settings) -> Comparison {
    let mut caveats = described::unlike(reference, session, settings);
    let [reference, session] = described::alike(reference, session);
    let whole: [&Trace; 2] = [&reference, &session];
    let (together, cuts) = cut::together(whole, settings);
    let mut comparison = described(&together[0], &together[1], settings);
    let sides = [&mut comparison.reference, &mut comparison.session];
    for (side, trace) in sides.into_iter().zip(whole) {
        side.end.clone_from(&trace.end);
    }
    caveats.splice(0..0, reasons::caveats(whole, &cuts));
    comparison.caveats.splice(0..0, caveats);
    // What nobody compared is not alike.
    if let Some(cut) = cuts.iter().find(|cut| cut.steps == 0 && cut.of > 0) {
        (comparison.alike, comparison.score) = (false, 0.0);
        comparison.reasons.insert(0, cut.too_early());
    }
    comparison.cuts = cuts;
    comparison
}

/// The same of traces that describe their channels alike and go equally far.
fn described(reference: &Trace, session: &Trace, settings: &Settings) -> Comparison {
    let mut channels = Channels::of([reference, session], settings);
    let left = Sequence::of(reference, settings, &mut channels);
    let right = Sequence::of(session, settings, &mut channels);
    let titles = Titles::of(reference, session);
    let order = Order::of([reference, session], settings);
    let steps = Steps::new(&left.asked, &right.asked, &order);
    let (places, is_best) = steps.align();
    let mut rows = rows(&steps, &places, &titles);
    let moved = moves::mark(&mut rows);
    let elsewhere = common::count_once(&mut rows, &places, &left.asked, &right.asked);
    refused::show(&mut rows, &left, &right, &order);
    let sides = [left.asked.as_slice(), right.asked.as_slice()];
    let ending = exposed::mark(
        &mut rows,
        &places,
        sides,
        [reference, session],
        &titles,
        &order,
        settings,
    );
    let violations = refused::unlike(&left, &right);
    let refused = violations.iter().map(Vec::len).sum();
    let (ends, far, still) = ends::of([reference, session], sides, &rows, &titles, settings);
    let counts = score::counts(&rows, moved, refused, far);
    // Of a million steps what is not needed any more is let go.
    drop(places);
    let [asked_by_reference, asked_by_session] = [side(reference, left), side(session, right)];
    let weights = settings.weights;
    let beside = weights.refused * refused as f64 + weights.last * far as f64;
    let weighed = Weighed::of(&rows, beside);
    let paces = [reference, session].map(Paces::of);
    let time = pace::of(&rows, weighed, &paces, settings);
    let (curves, smooth) = curves::of(
        reference, session, &rows, weighed, &titles, &paces, settings,
    );
    let parts = Parts {
        steps: score::steps_alike(counts, elsewhere),
        weighted: weighed.part(),
        curves: smooth,
        time: time.score,
    };
    let decided =
        curves.iter().any(|curve| curve.decides) || time.decides || refused + far > 0 || still;
    let alike = rows.iter().all(Row::agrees) && !decided;
    let mut comparison = Comparison {
        method: "beamtwin",
        score: parts.score(settings),
        alike,
        parts,
        best: 0,
        counts,
        reasons: Vec::new(),
        remarks: reasons::remarks(&rows, &ending),
        caveats: reasons::unsearched(is_best),
        cuts: Vec::new(),
        time,
        curves,
        ends,
        rows,
        reference: asked_by_reference,
        session: asked_by_session,
        settings: settings.clone(),
    };
    comparison.reasons = reasons::of(&comparison, &violations, &titles);
    comparison
}

/// Compares a session with each of several references, and answers with the best comparison: one of
/// all there is before one of what goes before a cut, then one that is alike before one that is not,
/// then the first of the highest score. Of no references there is none.
pub fn best_of(references: &[Trace], session: &Trace, settings: &Settings) -> Option<Comparison> {
    let mut best: Option<Comparison> = None;
    let rank = |it: &Comparison| (it.cuts.is_empty(), it.alike, it.score);
    for (place, reference) in references.iter().enumerate() {
        let comparison = compare(reference, session, settings);
        if best
            .as_ref()
            .is_none_or(|best| rank(&comparison) > rank(best))
        {
            best = Some(Comparison {
                best: place,
                ..comparison
            });
        }
    }
    best
}

/// What all rows of a channel share.
struct Name {
    channel: Arc<str>,
    device: Option<Arc<str>>,
    title: Arc<str>,
    units: Option<Arc<str>>,
}

fn rows(steps: &Steps<'_>, places: &[Place], titles: &Titles<'_>) -> Vec<Row> {
    let start = |asked: &[Asked<'_>]| asked.first().map_or(Time::ZERO, |first| first.t);
    let starts = (start(steps.left), start(steps.right));
    let mut known: BTreeMap<usize, Name> = BTreeMap::new();
    let row = |place: &Place| {
        let left = place.left.map(|i| &steps.left[i]);
        let right = place.right.map(|j| &steps.right[j]);
        let Asked {
            channel,
            number: at,
            ..
        } = left.or(right)?;
        let name = known.entry(*at).or_insert_with(|| Name {
            channel: channel.plain_name().into(),
            device: channel.device.as_deref().map(Arc::from),
            title: titles.title(channel).into(),
            units: channel.units.as_deref().map(Arc::from),
        });
        let both = left.zip(right);
        let (reference, session) = (left.map(Entry::of), right.map(Entry::of));
        let difference = reference.as_ref().zip(session.as_ref());
        let weight = match (both, place.op) {
            (Some((left, right)), RowOp::Matched) => left.weight.min(right.weight),
            _ => [left, right]
                .iter()
                .flatten()
                .map(|asked| asked.weight)
                .sum(),
        };
        Some(Row {
            op: place.op,
            channel: Arc::clone(&name.channel),
            device: name.device.clone(),
            title: Arc::clone(&name.title),
            units: name.units.clone(),
            difference: difference.and_then(|(one, other)| one.difference(other)),
            reference,
            session,
            delay: both.map(|(left, right)| (right.t - starts.1) - (left.t - starts.0)),
            moved: None,
            commuted: place.commuted,
            weight,
            exposure: left.or(right).is_some_and(|asked| asked.exposure),
            gates: Vec::new(),
        })
    };
    places.iter().filter_map(row).collect()
}

fn side(trace: &Trace, sequence: Sequence<'_>) -> Side {
    Side {
        beamline: trace.header.beamline.clone(),
        asked: sequence.asked.len(),
        exposures: sequence.exposures(),
        duration: sequence.duration(),
        idle_stops: sequence.idle_stops,
        who: who::asked(trace, &sequence),
        refused: sequence.refused,
        markers: sequence.markers,
        faults: sequence.faults,
        end: trace.end.clone(),
    }
}
