//! What can only be seen once devices have been built: what they object to, and how they get along.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use beamtwin_pv::PvName;
use beamtwin_sim::{Flaw, World};
use indexmap::IndexMap;

use crate::blame::Part;
use crate::nearest::{listed, nearest};
use crate::plan::{Plan, Planned};
use crate::problem::{Problem, Problems};
use crate::registry::TWIN;
use crate::trial::Tried;
use crate::wiring::{self, Names};

/// Reports what devices object to in their settings.
pub(crate) fn flaws(plan: &Plan<'_>, all: &[Option<Tried>], problems: &mut Problems) {
    for (planned, tried) in plan.devices.iter().zip(all) {
        for flaw in tried.iter().flat_map(|tried| &tried.flaws) {
            let (owner, span) = planned.blame(&flaw.key, Part::Entry);
            let message = match flaw.key.as_str() {
                "" => format!("{owner}: {}", flaw.message),
                key => format!("{owner}: {key}: {}", flaw.message),
            };
            problems.push(split(Problem::new(span, message)));
        }
    }
}

/// Reports settings that name a device which cannot be watched.
pub(crate) fn watches(
    plan: &Plan<'_>,
    names: &Names<'_>,
    all: &[Option<Tried>],
    problems: &mut Problems,
) {
    for (planned, tried) in plan.devices.iter().zip(all) {
        for (key, target) in tried.iter().flat_map(|tried| &tried.references) {
            let (owner, span) = planned.blame_reference(key, target);
            if let Some((at, axis)) = names.axis(target) {
                let axes = all[at].as_ref().map_or(&[][..], |other| &other.axes);
                if !axes.is_empty() && !axes.contains(&axis) {
                    let message = format!(
                        "{owner}: {key}: `{}` has no axis `{axis}`",
                        plan.devices[at].name
                    );
                    problems.push(
                        Problem::new(span, message).hint(format!("it has {}", listed(axes, "and"))),
                    );
                    continue;
                }
                if axes.contains(&axis) || all[at].is_none() {
                    continue;
                }
            }
            let Some(at) = names.watched(&owner, key, target, span.clone(), problems) else {
                continue;
            };
            if all[at].as_ref().is_some_and(|other| !other.readback) {
                let message = format!("{owner}: {key}: `{target}` has no value to follow");
                let problem = Problem::new(span, message);
                let axes = all[at].as_ref().and_then(|other| other.axes.first());
                problems.push(match axes {
                    Some(axis) => problem.hint(format!("name one of its axes: `{target}.{axis}`")),
                    None => problem,
                });
            }
        }
    }
}

/// Reports devices that follow themselves, by whatever way.
pub(crate) fn circles(
    plan: &Plan<'_>,
    names: &Names<'_>,
    all: &[Option<Tried>],
    problems: &mut Problems,
) {
    let follows: Vec<Vec<(usize, &str)>> = all
        .iter()
        .map(|tried| {
            let references = tried.iter().flat_map(|tried| &tried.references);
            references
                .filter_map(|(key, target)| {
                    let axis = || names.axis(target).map(|(at, _)| at);
                    Some((names.device(target).or_else(axis)?, key.as_str()))
                })
                .collect()
        })
        .collect();
    for circle in wiring::circles(&follows) {
        let mut links = circle.iter().map(|&(at, key)| {
            let (owner, span) = plan.devices[at].blame(key, Part::Value);
            (owner, key, span)
        });
        let Some((owner, key, span)) = links.next() else {
            continue;
        };
        let problem = match circle.len() {
            1 => Problem::new(
                span,
                format!("{owner}: {key}: a device cannot follow itself"),
            ),
            _ => Problem::new(
                span,
                format!("{owner}: {key}: devices follow each other in a circle"),
            ),
        };
        problems.push(links.fold(problem, |problem, (owner, key, span)| {
            problem.also(span, format!("{owner}: {key} is part of the circle"))
        }));
    }
}

/// Two devices that use the same names.
struct Pair<'a> {
    devices: [usize; 2],
    /// The first of the names.
    name: &'a str,
    count: usize,
}

/// Reports PV names that are no names, and those given twice.
pub(crate) fn collisions(plan: &Plan<'_>, tried: &[Option<Tried>], problems: &mut Problems) {
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    // Where one device has a name twice; each row of a table does, at the same place.
    let mut twice: BTreeSet<Option<usize>> = BTreeSet::new();
    // By the two places.
    let mut pairs: IndexMap<[Range<usize>; 2], Pair<'_>> = IndexMap::new();
    // The twin's own device comes last but was there first.
    let twins = |at: &usize| plan.devices[*at].name == TWIN;
    let all = 0..tried.len();
    for at in all.clone().filter(twins).chain(all.filter(|at| !twins(at))) {
        let tried = &tried[at];
        for name in tried.iter().flat_map(|tried| &tried.names) {
            let planned = &plan.devices[at];
            if name.contains('.') || name.parse::<PvName>().is_err() {
                let (owner, span) = planned.blame_name(name);
                // The device itself may have said so.
                let flaws = tried.iter().flat_map(|tried| &tried.flaws);
                let said = |flaw: &Flaw| {
                    let (_, entry) = planned.blame(&flaw.key, Part::Entry);
                    entry.start <= span.start && span.end <= entry.end
                };
                if flaws.into_iter().any(said) {
                    continue;
                }
                let message = format!("{owner}: `{}` cannot be a PV name", name.escape_default());
                let hint = "a name has no dots and no white space";
                problems.push(Problem::new(span, message).hint(hint));
            }
            let Some(&first) = owners.get(name.as_str()) else {
                owners.insert(name, at);
                continue;
            };
            if first == at {
                let flaws = tried.iter().flat_map(|tried| &tried.flaws);
                let problem = own_twice(planned, name, flaws);
                let start = |problem: &Problem| problem.span.as_ref().map(|span| span.start);
                if let Some(problem) = problem.filter(|problem| twice.insert(start(problem))) {
                    problems.push(problem);
                }
                continue;
            }
            let places = [first, at].map(|at| plan.devices[at].blame_name(name).1);
            let pair = pairs.entry(places).or_insert(Pair {
                devices: [first, at],
                name,
                count: 0,
            });
            pair.count += 1;
        }
    }
    for ([here, there], pair) in pairs {
        let [first, second] = pair.devices.map(|at| &plan.devices[at]);
        let name = pair.name;
        let more = match pair.count {
            1 => String::new(),
            count => format!(" (and {} more names)", count - 1),
        };
        if here == there {
            let message = format!(
                "{}: `{name}` would be the name of both {} and {}",
                second.group, first.name, second.name
            );
            let hint = if first.group == second.group {
                "put `$(each)` into it"
            } else {
                "each device needs names of its own"
            };
            problems.push(Problem::new(there, message).hint(hint));
            continue;
        }
        let message = format!(
            "{}: the name `{name}`{more} is taken by {}",
            second.name,
            match first.name.as_str() {
                TWIN => "the twin itself",
                name => name,
            }
        );
        let problem = Problem::new(there, message);
        problems.push(if here.is_empty() {
            problem.hint("the twin itself has PVs, below pv in [beamline]")
        } else {
            problem.also(here, format!("{} has it here", first.name))
        });
    }
}

/// Reports names in rules of `[access]` that mean no PV.
pub(crate) fn unmeant(pvs: &[(Range<usize>, String)], world: &World) -> Problems {
    let mut problems = Problems::default();
    for (span, name) in pvs.iter().filter(|(_, name)| !world.is_meant(name)) {
        let message = format!("access: rules: pvs: no PV is called `{name}`");
        let names = world.records().map(|record| world.directory().name(record));
        let problem = Problem::new(span.clone(), message);
        problems.push(match nearest(name, names) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint("`*` stands for any text: `\"*Mtr.VELO\"`"),
        });
    }
    problems
}

/// Two PVs of one device with the same name, unless the device itself has said so.
fn own_twice<'f>(
    planned: &Planned<'_>,
    name: &str,
    mut flaws: impl Iterator<Item = &'f Flaw>,
) -> Option<Problem> {
    let makers = planned.makers(name);
    let said = |flaw: &Flaw| {
        makers
            .iter()
            .any(|(key, _)| flaw.key.split('.').next() == Some(*key))
    };
    if flaws.any(said) {
        return None;
    }
    let (owner, span) = planned.blame_name(name);
    let hint = "each PV needs a name of its own";
    Some(match &makers[..] {
        [(first, here), .., (second, there)] => {
            let message = format!("{owner}: {second}: `{name}` is what {first} is called already");
            let problem = Problem::new(there.clone(), message).hint(hint);
            problem.also(here.clone(), format!("{first} is called so here"))
        }
        [(key, place)] => {
            let message = format!("{owner}: {key}: `{name}` is what another of its PVs is called");
            Problem::new(place.clone(), message).hint(hint)
        }
        [] => {
            let message = format!("{owner}: two of its PVs would be called `{name}`");
            Problem::new(span, message).hint(hint)
        }
    })
}

/// A device's message often ends in advice: `... ; write ...`.
fn split(problem: Problem) -> Problem {
    match problem.message.split_once("; ") {
        Some((message, hint)) => Problem {
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
            ..problem
        },
        None => problem,
    }
}
