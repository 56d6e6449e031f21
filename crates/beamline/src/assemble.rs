//! From the plan to devices, and from devices to a world.

use std::collections::BTreeMap;
use std::ops::Range;

use beamtwin_devices::{Kind, Visitor, visit};
use beamtwin_pv::{Epoch, PvName};
use beamtwin_sim::{Beam, BuildError, Device, Flaw, Surface};
use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::beamline::{Beamline, Ready};
use crate::explain::Explainer;
use crate::layers::{self, Settings};
use crate::plan::{Plan, Planned};
use crate::problem::{Problem, Problems};
use crate::registry::TWIN;
use crate::settings::{self, Complaint};
use crate::wiring::Names;

/// Prefix of the PVs that say that this is a simulation, unless the file has another.
const TWIN_PREFIX: &str = "beamtwin:";

/// What is known of a device once it has been built for a try.
struct Tried {
    names: Vec<String>,
    references: Vec<(String, String)>,
    readback: bool,
    flaws: Vec<Flaw>,
    settings: toml::Table,
}

/// Builds a device from checked settings.
struct Try<'a, 't> {
    table: &'a DeTable<'t>,
    planned: &'a Planned<'t>,
}

impl Visitor for Try<'_, '_> {
    type Output = Result<Tried, Vec<Complaint>>;

    fn kind<K: Kind>(self) -> Self::Output {
        let planned = self.planned;
        let read = settings::read::<K::Settings>(self.table, &planned.span, &planned.silent)?;
        let mut surface = Surface::default();
        drop(K::build(read, &mut surface));
        let deserializer = Deserializer::from(Spanned::new(0..0, self.table.clone()));
        let settings = toml::Table::deserialize(deserializer).map_err(|error| {
            vec![Complaint {
                span: error.span().unwrap_or_else(|| planned.span.clone()),
                path: Vec::new(),
                message: error.message().to_owned(),
                hint: None,
                missing: None,
            }]
        })?;
        Ok(Tried {
            names: surface.names().map(str::to_owned).collect(),
            references: surface
                .references()
                .map(|(key, target)| (key.to_owned(), target.to_owned()))
                .collect(),
            readback: surface.has_readback(),
            flaws: surface.flaws().to_vec(),
            settings,
        })
    }
}

/// Checks a plan to the end and makes it a beamline.
pub(crate) fn assemble(
    text: &str,
    plan: &Plan<'_>,
    mut problems: Problems,
) -> Result<Beamline, Problems> {
    let names = Names::of(plan);
    let path = names.path(plan, &mut problems);
    let all = try_all(plan, &mut problems);
    for (planned, tried) in plan.devices.iter().zip(&all) {
        let Some(tried) = tried else { continue };
        for flaw in &tried.flaws {
            let (owner, span) = planned.blame(&flaw.key, Part::Entry);
            let message = match flaw.key.as_str() {
                "" => format!("{owner}: {}", flaw.message),
                key => format!("{owner}: {key}: {}", flaw.message),
            };
            problems.push(split(Problem::new(span, message)));
        }
        for (key, target) in &tried.references {
            let (owner, span) = planned.blame(key, Part::Value);
            if !names.watch(&owner, key, target, span.clone(), &mut problems) {
                continue;
            }
            let at = plan.devices.iter().position(|d| d.name == *target);
            if let Some(other) = at.and_then(|at| all[at].as_ref())
                && !other.readback
            {
                let message = format!("{owner}: {key}: `{target}` has no position to follow");
                problems.push(Problem::new(span, message));
            }
        }
    }
    collisions(plan, &all, &mut problems);
    if !problems.0.is_empty() {
        problems.sort();
        return Err(problems);
    }
    let source = plan.light.as_ref().map(|light| Beam {
        energy: light.energy.0,
        flux: light.flux.0,
    });
    let mut beamline = Beamline {
        title: plan
            .head
            .title
            .clone()
            .unwrap_or_else(|| "untitled".to_owned()),
        source,
        path,
        devices: Vec::new(),
    };
    let explainer = Explainer::new(text);
    for (planned, tried) in plan.devices.iter().zip(all) {
        let (Some(kind), Some(tried)) = (planned.kind, tried) else {
            continue;
        };
        beamline.devices.push(Ready {
            explanation: explainer.explain(planned, kind, &tried.settings),
            settings: tried.settings,
        });
    }
    beamline.devices.extend(twin(&explainer, plan));
    // The rest only the world itself can tell.
    match beamline.build(0, Epoch::default()) {
        Ok(_) => Ok(beamline),
        Err(errors) => {
            for error in &errors {
                problems.push(unbuilt(plan, error));
            }
            problems.sort();
            Err(problems)
        }
    }
}

/// Builds every device once, and reports the mistakes in their settings.
fn try_all(plan: &Plan<'_>, problems: &mut Problems) -> Vec<Option<Tried>> {
    let mut all = Vec::new();
    // Who misses what: (table, setting) to devices.
    let mut missing: IndexMap<(&str, String), Vec<(&Planned<'_>, Complaint)>> = IndexMap::new();
    for planned in &plan.devices {
        let table = layers::table(&planned.settings);
        let table = &table;
        let outcome = planned
            .kind
            .and_then(|kind| visit(kind, Try { table, planned }));
        match outcome {
            None => all.push(None),
            Some(Ok(tried)) => all.push(Some(tried)),
            Some(Err(complaints)) => {
                all.push(None);
                for complaint in complaints {
                    if let Some(name) = &complaint.missing {
                        let key = (planned.group.as_str(), name.clone());
                        missing.entry(key).or_default().push((planned, complaint));
                        continue;
                    }
                    let layer = complaint
                        .path
                        .first()
                        .and_then(|name| planned.settings.get(name))
                        .map(|setting| setting.layer);
                    let owner = layer.map_or(planned.name.clone(), |layer| {
                        layer.owner(&planned.group, &planned.name)
                    });
                    let message = format!("{owner}: {}", complaint.message);
                    let problem = Problem::new(complaint.span, message);
                    problems.push(Problem {
                        hint: complaint.hint,
                        ..problem
                    });
                }
            }
        }
    }
    for ((group, _), complaints) in missing {
        let members = plan.groups.get(group).map_or(1, Vec::len);
        // What every row misses, the table misses.
        let all = complaints.len() == members;
        for (planned, complaint) in complaints {
            let (owner, span) = if all {
                (group, &planned.table)
            } else {
                (planned.name.as_str(), &planned.span)
            };
            let message = format!("{owner}: {}", complaint.message);
            let problem = Problem::new(span.clone(), message);
            problems.push(Problem {
                hint: complaint.hint,
                ..problem
            });
        }
    }
    all
}

/// Reports PV names that are no names, and those given twice.
fn collisions(plan: &Plan<'_>, tried: &[Option<Tried>], problems: &mut Problems) {
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    // Where two devices collide, and how often.
    let mut pairs: IndexMap<(Range<usize>, Range<usize>), (usize, usize, &str, usize)> =
        IndexMap::new();
    for (at, tried) in tried.iter().enumerate() {
        for name in tried.iter().flat_map(|tried| &tried.names) {
            let planned = &plan.devices[at];
            let flawed = tried.as_ref().is_some_and(|tried| !tried.flaws.is_empty());
            if !flawed && (name.contains('.') || name.parse::<PvName>().is_err()) {
                let (owner, span) = planned.blame_name(name);
                let message = format!("{owner}: `{}` cannot be a PV name", name.escape_default());
                let hint = "a name has no dots and no white space";
                problems.push(Problem::new(span, message).hint(hint));
            }
            let Some(&first) = owners.get(name.as_str()) else {
                owners.insert(name, at);
                continue;
            };
            let places = (
                plan.devices[first].blame_name(name).1,
                planned.blame_name(name).1,
            );
            pairs.entry(places).or_insert((first, at, name, 0)).3 += 1;
        }
    }
    for ((here, there), (first, second, name, count)) in pairs {
        let [first, second] = [first, second].map(|at| &plan.devices[at]);
        let more = match count {
            1 => String::new(),
            count => format!(" (and {} more names)", count - 1),
        };
        if here == there {
            let message = format!(
                "{}: `{name}` would be the name of both {} and {}",
                second.group, first.name, second.name
            );
            let hint = "put `$(each)` into it";
            problems.push(Problem::new(there, message).hint(hint));
            continue;
        }
        let message = format!(
            "{}: the name `{name}`{more} is taken by {}",
            second.name, first.name
        );
        let note = format!("{} has it here", first.name);
        problems.push(Problem::new(there, message).also(here, note));
    }
}

impl Planned<'_> {
    /// Who is to blame for a setting, dotted where nested, and where it stands.
    fn blame(&self, key: &str, part: Part) -> (String, Range<usize>) {
        let nowhere = || (self.name.clone(), self.span.clone());
        let split = std::iter::once(key.len())
            .chain(key.match_indices('.').map(|(at, _)| at).rev())
            .find(|&at| self.settings.contains_key(&key[..at]));
        let Some(at) = split else {
            return nowhere();
        };
        let Some(setting) = self.settings.get(&key[..at]) else {
            return nowhere();
        };
        let rest = key[at..].trim_start_matches('.');
        let span = inner(setting.key.clone(), &setting.value, rest, part);
        (setting.layer.owner(&self.group, &self.name), span)
    }

    /// Who is to blame for a PV name, and the text that it begins with.
    fn blame_name(&self, name: &str) -> (String, Range<usize>) {
        let mut best: Option<(usize, &str, Range<usize>)> = None;
        for (key, setting) in &self.settings {
            texts(&setting.value, &mut |text, span| {
                if !text.is_empty()
                    && name.starts_with(text)
                    && best
                        .as_ref()
                        .is_none_or(|(length, ..)| text.len() > *length)
                {
                    best = Some((text.len(), key, span));
                }
            });
        }
        match best {
            Some((_, key, span)) => (
                self.settings[key].layer.owner(&self.group, &self.name),
                span,
            ),
            None => (self.name.clone(), self.span.clone()),
        }
    }
}

/// What to mark of a setting.
#[derive(Clone, Copy)]
enum Part {
    /// From its name to the end of its value.
    Entry,
    /// Its value.
    Value,
}

/// The place of a nested value: as deep as the path leads.
fn inner(key: Range<usize>, value: &Spanned<DeValue<'_>>, path: &str, part: Part) -> Range<usize> {
    let steps = std::iter::once(path.len()).chain(path.match_indices('.').map(|(at, _)| at).rev());
    for end in steps.filter(|&end| end > 0) {
        let step = &path[..end];
        let rest = path[end..].trim_start_matches('.');
        let found = match value.get_ref() {
            DeValue::Table(table) => table
                .get_key_value(step)
                .map(|(key, value)| (key.span(), value)),
            DeValue::Array(items) => step
                .parse()
                .ok()
                .and_then(|at: usize| items.get(at))
                .map(|item| (item.span(), item)),
            _ => None,
        };
        if let Some((key, value)) = found {
            return inner(key, value, rest, part);
        }
    }
    let span = value.span();
    match part {
        // A table below its own header lies elsewhere.
        Part::Entry if key.end <= span.start => key.start..span.end,
        Part::Entry => key,
        Part::Value => span,
    }
}

/// Calls for every text in a value, keys of its tables included.
fn texts<'a>(value: &'a Spanned<DeValue<'_>>, see: &mut impl FnMut(&'a str, Range<usize>)) {
    match value.get_ref() {
        DeValue::String(text) => see(text, value.span()),
        DeValue::Array(items) => items.iter().for_each(|item| texts(item, see)),
        DeValue::Table(table) => {
            for (key, value) in table {
                see(key.get_ref(), key.span());
                texts(value, see);
            }
        }
        _ => {}
    }
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

/// The device that says that this is a simulation, if there is such a kind.
fn twin(explainer: &Explainer, plan: &Plan<'_>) -> Option<Ready> {
    let kind = beamtwin_devices::KINDS
        .iter()
        .copied()
        .find(|&kind| kind == TWIN)?;
    let pv = plan.head.pv.as_deref().unwrap_or(TWIN_PREFIX);
    let settings = toml::Table::from_iter([("pv".to_owned(), toml::Value::from(pv))]);
    let planned = Planned {
        name: TWIN.to_owned(),
        group: TWIN.to_owned(),
        kind: Some(kind),
        span: plan.head_pv.clone().unwrap_or(0..0),
        table: 0..0,
        settings: Settings::new(),
        silent: Default::default(),
    };
    Some(Ready {
        explanation: explainer.explain(&planned, kind, &settings),
        settings,
    })
}

/// What the world objected to, in terms of the file.
fn unbuilt(plan: &Plan<'_>, error: &BuildError) -> Problem {
    let device = |name: &str| plan.devices.iter().find(|device| device.name == name);
    match error {
        BuildError::Circle(names) => {
            let members: Vec<&Planned<'_>> = names.iter().filter_map(|name| device(name)).collect();
            let problem = match members.split_first() {
                Some((first, _)) => Problem::new(first.span.clone(), error.to_string()),
                None => Problem::everywhere(error.to_string()),
            };
            members.iter().skip(1).fold(problem, |problem, member| {
                problem.also(
                    member.span.clone(),
                    format!("{} is one of them", member.name),
                )
            })
        }
        BuildError::Collision {
            name,
            second,
            first,
        } => {
            let span = plan.head_pv.clone();
            let blamed = [second, first].into_iter().find_map(|name| device(name));
            let place = blamed.map(|device| device.blame_name(name).1);
            let message = format!("the name `{name}` belongs to the twin itself");
            let hint = "give one of them another name, or set pv in [beamline]";
            match (place, span) {
                (Some(place), Some(span)) => {
                    Problem::new(place, message).hint(hint).also(span, "here")
                }
                (Some(place), None) => Problem::new(place, message).hint(hint),
                _ => Problem::everywhere(error.to_string()),
            }
        }
        _ => Problem::everywhere(error.to_string()),
    }
}

/// Builds the device of a kind from its settings.
pub(crate) struct Build<'a>(pub(crate) &'a toml::Table);

impl Visitor for Build<'_> {
    type Output = (Surface, Box<dyn Device>);

    fn kind<K: Kind>(self) -> Self::Output {
        let settings = K::Settings::deserialize(self.0.clone())
            .expect("the loader has read the same settings before");
        let mut surface = Surface::default();
        let device = K::build(settings, &mut surface);
        (surface, device)
    }
}
