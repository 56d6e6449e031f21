//! Every device, built once for a try.

use std::collections::BTreeMap;

use beamtwin_devices::{Kind, Visitor, visit};
use beamtwin_sim::{Flaw, Surface};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use crate::common::{self, COMMON, Common};
use crate::layers;
use crate::plan::{Plan, Planned};
use crate::problem::{Problem, Problems};
use crate::registry::settings_schema;
use crate::settings::{self, Complaint};

/// What is known of a device once it has been built for a try.
///
/// Of one with mistakes in its settings, only what does not depend on the wrong ones.
pub(crate) struct Tried {
    pub(crate) names: Vec<String>,
    pub(crate) references: Vec<(String, String)>,
    pub(crate) readback: bool,
    /// The axes that can be watched.
    pub(crate) axes: Vec<&'static str>,
    pub(crate) flaws: Vec<Flaw>,
    pub(crate) settings: toml::Table,
}

impl Tried {
    /// What does not depend on guesses at the settings. A flaw shows in all; a name or a reference in
    /// most, since another made-up value may be one that the device cannot have.
    fn agreed(guesses: Vec<Self>) -> Option<Self> {
        let most = guesses.len().min(2);
        let often = |has: &dyn Fn(&Self) -> bool| guesses.iter().filter(|g| has(g)).count() >= most;
        let mut names: Vec<String> = Vec::new();
        let mut references: Vec<(String, String)> = Vec::new();
        for guess in &guesses {
            if guesses.len() == 1 {
                // A device may well declare a name twice.
                names.clone_from(&guess.names);
                references.clone_from(&guess.references);
                break;
            }
            for name in &guess.names {
                if !names.contains(name) && often(&|g| g.names.contains(name)) {
                    names.push(name.clone());
                }
            }
            for reference in &guess.references {
                if !references.contains(reference) && often(&|g| g.references.contains(reference)) {
                    references.push(reference.clone());
                }
            }
        }
        let mut flaws = guesses.first()?.flaws.clone();
        flaws.retain(|flaw| guesses.iter().all(|guess| guess.flaws.contains(flaw)));
        Some(Self {
            names,
            references,
            readback: guesses.iter().any(|guess| guess.readback),
            axes: guesses.first()?.axes.clone(),
            flaws,
            settings: toml::Table::new(),
        })
    }
}

/// Builds a device, as far as its settings can be read.
struct Try<'a, 't> {
    table: DeTable<'t>,
    planned: &'a Planned<'t>,
}

impl Visitor for Try<'_, '_> {
    type Output = (Option<Tried>, Vec<Complaint>);

    fn kind<K: Kind>(self) -> Self::Output {
        let planned = self.planned;
        let (shared, own) = common::split(self.table);
        let is_common = |path: &Vec<String>| {
            let first = path.first().map(String::as_str);
            first.is_some_and(|name| COMMON.contains(&name))
        };
        let (lost, silent): (Vec<_>, Vec<_>) = planned.silent.iter().cloned().partition(is_common);
        let again = || common::split(layers::table(&planned.settings));
        let span = &planned.span;
        let common = settings::read::<Common>(shared, || again().0, span, &lost, &[]);
        let mut read = settings::read::<K::Settings>(own, || again().1, span, &silent, COMMON);
        read.complaints.extend(common.complaints);
        read.sound &= common.sound;
        read.gone.extend(common.gone);
        let common = common.guesses.into_iter().next().unwrap_or_default();
        let built = read.guesses.into_iter().map(|guess| {
            let mut surface = Surface::default();
            let device = K::build(guess, &mut surface);
            common.clone().apply(&*device, &mut surface);
            Tried {
                names: surface.names().map(str::to_owned).collect(),
                references: surface
                    .references()
                    .map(|(key, target)| (key.to_owned(), target.to_owned()))
                    .collect(),
                readback: surface.has_readback(),
                axes: surface.axes().collect(),
                flaws: surface.flaws().to_vec(),
                settings: toml::Table::new(),
            }
        });
        let mut tried = Tried::agreed(built.collect());
        if let Some(tried) = &mut tried {
            let gone: Vec<String> = read.gone.iter().map(|path| path.join(".")).collect();
            // A list of which an item is wrong cannot be judged as a whole.
            let lists = read.gone.iter().filter_map(|path| {
                let (last, list) = path.split_last()?;
                settings::item(last).map(|_| settings::shown(list))
            });
            let lists: Vec<String> = lists.collect();
            tried.flaws.retain(|flaw| {
                !lists.contains(&flaw.key) && !gone.iter().any(|gone| covers(gone, &flaw.key))
            });
            tried
                .references
                .retain(|(key, _)| !gone.iter().any(|gone| covers(gone, key)));
            if read.sound {
                let whole = layers::table(&planned.settings);
                let deserializer = Deserializer::from(Spanned::new(0..0, whole));
                match toml::Table::deserialize(deserializer) {
                    Ok(settings) => tried.settings = settings,
                    Err(error) => read.complaints.push(Complaint {
                        span: error.span().unwrap_or_else(|| planned.span.clone()),
                        path: Vec::new(),
                        message: error.message().to_owned(),
                        hint: None,
                        missing: None,
                    }),
                }
            }
        }
        (tried, read.complaints)
    }
}

/// Whether a key is that of a setting or of something in it.
fn covers(setting: &str, key: &str) -> bool {
    key.strip_prefix(setting)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Builds every device once, and reports the mistakes in their settings.
pub(crate) fn try_all(plan: &Plan<'_>, problems: &mut Problems) -> Vec<Option<Tried>> {
    let mut all = Vec::new();
    // Who misses what: (table, setting) to devices.
    let mut missing: IndexMap<(&str, String), Vec<(&Planned<'_>, Complaint)>> = IndexMap::new();
    let mut schemas: BTreeMap<&str, Json> = BTreeMap::new();
    for planned in &plan.devices {
        let table = layers::table(&planned.settings);
        let outcome = planned.kind.and_then(|kind| {
            let schema = schemas
                .entry(kind)
                .or_insert_with(|| settings_schema(kind).unwrap_or_default());
            let surplus = settings::surplus(schema, &table);
            let (mut tried, mut complaints) = visit(kind, Try { table, planned })?;
            for complaint in surplus {
                let long = complaint.path.join(".");
                if let Some(tried) = &mut tried {
                    tried.flaws.retain(|flaw| !covers(&long, &flaw.key));
                }
                complaints.push(complaint);
            }
            Some((tried, complaints))
        });
        let (tried, complaints) = outcome.unwrap_or_default();
        all.push(tried);
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
