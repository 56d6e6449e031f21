//! What a page knows of a comparison, in the shape its scripts want: columns, and texts kept once.

use std::collections::{BTreeMap, HashMap};

use beamtwin_align::{
    Comparison, Ended, Entry, Gate, Note, Pace, Parts, Row, RowOp, Weights, groups,
};
use beamtwin_trace::{Client, End, Time, Trace, What};
use serde::Serialize;

use super::Named;
use super::curves::{self, Curve};
use crate::words;

/// What the page is about.
#[derive(Debug, Serialize)]
pub(super) struct Data<'a> {
    score: f64,
    alike: bool,
    /// Whether one side breaks off, so that all is said as far as it goes.
    so_far: bool,
    parts: Parts,
    weights: Weights,
    counts: beamtwin_align::Counts,
    reasons: Vec<Reason<'a>>,
    remarks: &'a [String],
    caveats: &'a [String],
    time: &'a Pace,
    ends: &'a [Ended],
    /// Which of the references it is, and what they are called.
    best: usize,
    references: Vec<&'a str>,
    /// How much later than in the reference the first step came that both took.
    shift: Time,
    sides: [Side<'a>; 2],
    channels: Vec<Asked<'a>>,
    /// All values, in words.
    texts: Vec<String>,
    rows: Rows<'a>,
    curves: Vec<Curve<'a>>,
}

/// A reason, and the row it tells of if it tells of one.
#[derive(Debug, Serialize)]
struct Reason<'a> {
    text: &'a str,
    row: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Side<'a> {
    name: &'a str,
    beamline: &'a str,
    epoch: &'a str,
    program: &'a str,
    asked: usize,
    exposures: usize,
    duration: Time,
    idle_stops: usize,
    refused: &'a [Note],
    markers: &'a [Note],
    faults: &'a [Note],
    end: String,
    whole: bool,
    clients: &'a BTreeMap<u32, Client>,
    /// Those of them who asked, in words.
    who: &'a BTreeMap<u32, String>,
}

/// A channel that was asked for something.
#[derive(Debug, Serialize)]
struct Asked<'a> {
    name: &'a str,
    device: &'a str,
    title: &'a str,
    units: Option<&'a str>,
    /// Whether it starts exposures.
    exposes: bool,
}

/// The rows, column by column; of a side that has nothing in a row, nulls.
#[derive(Debug, Default, Serialize)]
struct Rows<'a> {
    /// One letter a row: the first of `matched`, `differs`, `missing` (`-`), `extra` (`+`).
    op: String,
    channel: Vec<usize>,
    weight: Vec<f64>,
    difference: Vec<Option<f64>>,
    moved: BTreeMap<usize, usize>,
    gates: BTreeMap<usize, &'a [Gate]>,
    reference: Entries<'a>,
    session: Entries<'a>,
}

#[derive(Debug, Default, Serialize)]
struct Entries<'a> {
    n: Vec<Option<u64>>,
    t: Vec<Option<Time>>,
    /// The place of the value among the texts.
    value: Vec<Option<usize>>,
    by: Vec<Option<u32>>,
    /// The line of a script that asked, by row.
    at: BTreeMap<usize, &'a str>,
    /// When what was asked for was finished, where the trace says so.
    done: Vec<Option<Time>>,
    /// Why what was asked for in a row was refused.
    refused: BTreeMap<usize, &'a str>,
}

pub(super) fn of<'a>(
    comparison: &'a Comparison,
    traces: [Named<'a>; 2],
    references: Vec<&'a str>,
) -> Data<'a> {
    let [reference, session] = traces;
    let mut texts = Texts::default();
    let (channels, rows) = rows(comparison, traces, &mut texts);
    Data {
        score: comparison.score,
        alike: comparison.alike,
        so_far: !comparison.cuts.is_empty(),
        parts: comparison.parts,
        weights: comparison.settings.weights,
        counts: comparison.counts,
        reasons: reasons(comparison),
        remarks: &comparison.remarks,
        caveats: &comparison.caveats,
        time: &comparison.time,
        ends: &comparison.ends,
        best: comparison.best,
        references,
        shift: shift(comparison),
        sides: [
            side(reference, &comparison.reference),
            side(session, &comparison.session),
        ],
        channels,
        texts: texts.all,
        rows,
        curves: curves::of(comparison, [reference.trace, session.trace]),
    }
}

fn side<'a>(named: Named<'a>, side: &'a beamtwin_align::Side) -> Side<'a> {
    Side {
        name: named.name,
        beamline: &side.beamline,
        epoch: &named.trace.header.epoch,
        program: &named.trace.header.program,
        asked: side.asked,
        exposures: side.exposures,
        duration: side.duration,
        idle_stops: side.idle_stops,
        refused: &side.refused,
        markers: &side.markers,
        faults: &side.faults,
        end: words::end(&side.end),
        whole: matches!(side.end, End::Complete(_)),
        clients: &named.trace.clients,
        who: &side.who,
    }
}

/// The reasons with their rows: first one for each row that is told of, in order, then one for each
/// state in which exposures were taken, then those that are about no row.
fn reasons(comparison: &Comparison) -> Vec<Reason<'_>> {
    let rows = &comparison.rows;
    let is_told = |row: &Row| match row.op {
        RowOp::Matched => false,
        RowOp::Extra => row.moved.is_none(),
        RowOp::Differs | RowOp::Missing => true,
    };
    let mut about: Vec<usize> = (0..rows.len()).filter(|&at| is_told(&rows[at])).collect();
    about.extend(groups(rows).iter().map(|group| group[0]));
    let about = about.into_iter().map(Some).chain(std::iter::repeat(None));
    comparison
        .reasons
        .iter()
        .zip(about)
        .map(|(text, row)| Reason { text, row })
        .collect()
}

/// By how much the session is later, at the first step both took; or else at the first that each took.
fn shift(comparison: &Comparison) -> Time {
    let first = |side: fn(&Row) -> Option<&Entry>| {
        let times = comparison.rows.iter().filter_map(side).map(|entry| entry.t);
        times.min().unwrap_or(Time::ZERO)
    };
    let late = comparison.time.late_start;
    late.unwrap_or_else(|| first(|row| row.session.as_ref()) - first(|row| row.reference.as_ref()))
}

/// Texts, each kept once.
#[derive(Debug, Default)]
struct Texts {
    all: Vec<String>,
    known: HashMap<String, usize>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        if let Some(&place) = self.known.get(&text) {
            return place;
        }
        self.all.push(text.clone());
        self.known.insert(text, self.all.len() - 1);
        self.all.len() - 1
    }
}

fn rows<'a>(
    comparison: &'a Comparison,
    traces: [Named<'a>; 2],
    texts: &mut Texts,
) -> (Vec<Asked<'a>>, Rows<'a>) {
    let facts = traces.map(|named| Facts::of(named.trace));
    let mut channels: Vec<Asked<'_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut columns = Rows::default();
    for (at, row) in comparison.rows.iter().enumerate() {
        let channel = *known.entry(&row.channel).or_insert_with(|| {
            channels.push(Asked {
                name: &row.channel,
                device: row.device.as_deref().unwrap_or(&row.channel),
                title: &row.title,
                units: row.units.as_deref(),
                exposes: row.exposure,
            });
            channels.len() - 1
        });
        columns.op.push(match row.op {
            RowOp::Matched => 'm',
            RowOp::Differs => 'd',
            RowOp::Missing => '-',
            RowOp::Extra => '+',
        });
        columns.channel.push(channel);
        columns.weight.push(row.weight);
        columns.difference.push(row.difference);
        columns.moved.extend(row.moved.map(|to| (at, to)));
        if !row.gates.is_empty() {
            columns.gates.insert(at, &row.gates);
        }
        let mut word = |entry: &Entry| texts.place(words::value(row, entry));
        columns
            .reference
            .push(row.reference.as_ref(), &facts[0], &mut word);
        columns
            .session
            .push(row.session.as_ref(), &facts[1], &mut word);
    }
    (channels, columns)
}

impl<'a> Entries<'a> {
    fn push(
        &mut self,
        entry: Option<&'a Entry>,
        facts: &Facts,
        word: &mut impl FnMut(&Entry) -> usize,
    ) {
        let refused = entry.and_then(|entry| entry.refused.as_deref());
        self.refused.extend(refused.map(|why| (self.n.len(), why)));
        let at = entry.and_then(|entry| entry.at.as_deref());
        self.at.extend(at.map(|at| (self.n.len(), at)));
        self.n.push(entry.map(|entry| entry.n));
        self.t.push(entry.map(|entry| entry.t));
        self.value.push(entry.map(word));
        let known = |from: &HashMap<u64, u32>| from.get(&entry?.n).copied();
        self.by.push(known(&facts.by));
        self.done
            .push(entry.and_then(|entry| facts.done.get(&entry.n).copied()));
    }
}

/// Who asked, and when it was done, by the number of the put.
struct Facts {
    by: HashMap<u64, u32>,
    done: HashMap<u64, Time>,
}

impl Facts {
    fn of(trace: &Trace) -> Self {
        let mut facts = Self {
            by: HashMap::new(),
            done: HashMap::new(),
        };
        for fact in &trace.facts {
            match &fact.what {
                What::Put(put) => facts.by.extend(put.by.map(|by| (fact.n, by))),
                What::Done { put } => {
                    facts.done.insert(*put, fact.t);
                }
                _ => {}
            }
        }
        facts
    }
}
