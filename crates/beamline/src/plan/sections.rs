//! Tables that are no device: `[beamline]` and `[beam]`.

use std::ops::Range;

use beamtwin_devices::settings::{Energy, Flux};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Reader, below};
use crate::problem::{Problem, Problems};
use crate::settings;

/// `[beamline]`: what the file describes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// What the beamline is called, in listings and traces.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// Prefix of the PVs that say that this is a simulation; `"beamtwin:"` unless given.
    #[serde(default)]
    pub(crate) pv: Option<String>,
}

/// `[beam]`: the light, and what it meets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Light {
    /// Photon energy; `"10 keV"` unless given.
    #[serde(default = "usual_energy")]
    pub(crate) energy: Energy,
    /// Photons a second before the first device; `"1e12 ph/s"` unless given.
    #[serde(default = "usual_flux")]
    pub(crate) flux: Flux,
    /// The devices that the beam meets, in this order.
    #[serde(default)]
    #[expect(dead_code, reason = "read entry by entry; here for the schema")]
    path: Vec<String>,
}

fn usual_energy() -> Energy {
    Energy(10e3)
}

fn usual_flux() -> Flux {
    Flux(1e12)
}

impl Reader<'_> {
    /// `[beamline]`.
    pub(super) fn head(&self, root: &DeTable<'_>, problems: &mut Problems) -> Head {
        table_of(root, "beamline", problems)
            .and_then(|(span, table)| self.section(table, &span, "beamline", problems))
            .unwrap_or_default()
    }

    /// `[beam]`.
    pub(super) fn light(
        &self,
        root: &DeTable<'_>,
        problems: &mut Problems,
    ) -> (Option<Light>, Vec<(String, Range<usize>)>) {
        let Some((span, table)) = table_of(root, "beam", problems) else {
            return (None, Vec::new());
        };
        // Entry by entry, so that one that is no text does not hide the others.
        let mut path = Vec::new();
        let mut rest = table.clone();
        if let Some(DeValue::Array(items)) = table.get("path").map(Spanned::get_ref) {
            rest.remove("path");
            for item in items {
                let span = item.span();
                let DeValue::String(entry) = item.get_ref() else {
                    let found = self.text.get(span.clone()).unwrap_or_default();
                    let message = format!("beam: path: should be a text in quotes, not {found}");
                    problems.push(Problem::new(span, message));
                    continue;
                };
                let entry = self
                    .macros
                    .text(entry, None, &span, self.text, "beam", problems);
                path.extend(entry.map(|entry| (entry, span)));
            }
        }
        let light = self.section(&rest, &span, "beam", problems);
        (light, path)
    }

    /// A table that is no device.
    pub(super) fn section<T: serde::de::DeserializeOwned + JsonSchema>(
        &self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        owner: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        let mut expanded = DeTable::new();
        let mut silent = Vec::new();
        for (key, value) in table {
            let mut lost = Vec::new();
            let name = key.get_ref().clone().into_owned();
            let value = self
                .macros
                .expand(value, None, self.text, owner, &mut lost, problems);
            silent.extend(below(&name, lost));
            match value {
                Some(value) => {
                    expanded.insert(key.clone(), value);
                }
                None => silent.push(vec![name]),
            }
        }
        let read = settings::read(expanded.clone(), || expanded, span, &silent, &[]);
        for complaint in read.complaints {
            let message = format!("{owner}: {}", complaint.message);
            let problem = Problem::new(complaint.span, message);
            problems.push(Problem {
                hint: complaint.hint,
                ..problem
            });
        }
        read.guesses.into_iter().next()
    }
}

/// A reserved table, or a report that it is none.
pub(super) fn table_of<'a, 't>(
    root: &'a DeTable<'t>,
    name: &str,
    problems: &mut Problems,
) -> Option<(Range<usize>, &'a DeTable<'t>)> {
    let (key, value) = root.get_key_value(name)?;
    match value.get_ref() {
        DeValue::Table(table) => Some((key.span(), table)),
        _ => {
            let message = format!("`{name}` should be a table");
            problems.push(Problem::new(key.span(), message).hint(format!("write [{name}]")));
            None
        }
    }
}
