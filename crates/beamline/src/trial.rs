//! Every device, built once for a try.

use std::collections::BTreeMap;

use beamtwin_devices::{Kind, Visitor, visit};
use beamtwin_sim::{Flaw, Surface};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use crate::layers;
use crate::plan::{Plan, Planned};
use crate::problem::{Problem, Problems};
use crate::registry::settings_schema;
use crate::settings::{self, Complaint};

/// What is known of a device once it has been built for a try.
pub(crate) struct Tried {
    pub(crate) names: Vec<String>,
    pub(crate) references: Vec<(String, String)>,
    pub(crate) readback: bool,
    pub(crate) flaws: Vec<Flaw>,
    pub(crate) settings: toml::Table,
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

/// Builds every device once, and reports the mistakes in their settings.
pub(crate) fn try_all(plan: &Plan<'_>, problems: &mut Problems) -> Vec<Option<Tried>> {
    let mut all = Vec::new();
    // Who misses what: (table, setting) to devices.
    let mut missing: IndexMap<(&str, String), Vec<(&Planned<'_>, Complaint)>> = IndexMap::new();
    let mut schemas: BTreeMap<&str, Json> = BTreeMap::new();
    for planned in &plan.devices {
        let table = layers::table(&planned.settings);
        let table = &table;
        let outcome = planned.kind.and_then(|kind| {
            let schema = schemas
                .entry(kind)
                .or_insert_with(|| settings_schema(kind).unwrap_or_default());
            let surplus = settings::surplus(schema, table);
            Some(match visit(kind, Try { table, planned })? {
                outcome if surplus.is_empty() => outcome,
                Ok(_) => Err(surplus),
                Err(others) => Err(others.into_iter().chain(surplus).collect()),
            })
        });
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
