//! Names that were asked for and that nobody serves, in words.

use std::collections::BTreeMap;

use beamtwin_pv::nearest::nearest;
use beamtwin_report::preflight::{Finding, FindingKind};

use super::Stage;
use super::session::{Event, Happened, Session};

/// Names that are spelt nearly as one that was not found are looked for so many times; it takes time.
const HINTS: usize = 20;

/// A name that was not found, and when.
type Miss<'a> = (&'a str, &'a Happened<'a>);

/// Names that were not found. The fields of one record that one line asked for are one finding.
pub(super) fn misses(session: &Session<'_>) -> Vec<Finding> {
    let mut missed: BTreeMap<_, Vec<Miss<'_>>> = BTreeMap::new();
    for (event, happened) in &session.events {
        if let Event::Miss(name) = event {
            let record = parts(name).0;
            let is_there = session.stage.world.find(record).is_some();
            let what = if is_there { name } else { record };
            missed
                .entry((what, happened.at))
                .or_default()
                .push((name, happened));
        }
    }
    let mut missed: Vec<_> = missed.into_values().collect();
    for names in &mut missed {
        names.sort_by_key(|(_, happened)| happened.n);
    }
    missed.sort_by_key(|names| names[0].1.n);
    let told = missed.iter().enumerate();
    told.map(|(at, names)| finding(names, session.stage, at < HINTS))
        .collect()
}

fn finding(names: &[Miss<'_>], stage: Stage<'_>, hints: bool) -> Finding {
    let (name, first) = names[0];
    let others = match names.len() - 1 {
        0 => " was".to_owned(),
        1 => " and another field were".to_owned(),
        others => format!(" and {others} other fields were"),
    };
    let hint = hints.then(|| hint(name, stage)).flatten();
    Finding {
        kind: FindingKind::NotServed,
        text: format!(
            "{name}{others} asked for, and this beamline has nothing of that name{}",
            hint.unwrap_or_default()
        ),
        t: Some(first.t),
        n: Some(first.n),
        device: None,
        at: first.at.map(str::to_owned),
        times: names.iter().map(|(_, it)| it.times).max().unwrap_or(1),
    }
}

/// The record and the field of a name.
fn parts(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((record, field)) => (record, Some(field)),
        None => (name, None),
    }
}

/// A name that was not found, put right.
fn hint(name: &str, stage: Stage<'_>) -> Option<String> {
    let (record, field) = parts(name);
    if let (Some(field), Some(_)) = (field, stage.world.find(record)) {
        return Some(format!("; {record} has no field {field}"));
    }
    let directory = stage.world.directory();
    let names = stage.world.records().map(|record| directory.name(record));
    let near = nearest(record, names)?;
    let field = field.map(|field| format!(".{field}")).unwrap_or_default();
    Some(format!("; did you mean {near}{field}?"))
}
