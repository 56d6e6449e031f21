//! The file as it is meant: every device with its settings, and every value with its line.

use std::ops::Range;

use beamtwin_devices::KINDS;
use beamtwin_devices::settings::{Energy, Flux};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::each::{Row, rows};
use crate::layers::{Layer, Setting, Settings, layered};
use crate::macros::{EACH, Macros};
use crate::nearest::{listed, nearest};
use crate::problem::{Problem, Problems};
use crate::registry::{TWIN, kinds, known_settings};
use crate::settings;

/// Tables that are no kinds of device.
pub(crate) const RESERVED: &[&str] = &[
    "beamline", "macros", "defaults", "beam", "access", "rules", "fallback",
];

/// Reserved tables without a meaning so far.
const LATER: &[&str] = &["access", "rules", "fallback"];

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

/// A device of the file.
pub(crate) struct Planned<'t> {
    /// `motor.sample.X`.
    pub(crate) name: String,
    /// The name of its table: `motor.sample`.
    pub(crate) group: String,
    /// `None` if no such kind exists or it is no table, which has been reported.
    pub(crate) kind: Option<&'static str>,
    /// The key that makes it: of its table, or of its row.
    pub(crate) span: Range<usize>,
    /// The key of its table.
    pub(crate) table: Range<usize>,
    pub(crate) settings: Settings<'t>,
    /// Settings left out because of a reported mistake.
    pub(crate) silent: Vec<Vec<String>>,
}

/// The whole file.
pub(crate) struct Plan<'t> {
    pub(crate) title: Option<String>,
    pub(crate) light: Option<Light>,
    /// The entries of the beam path, and where they stand.
    pub(crate) path: Vec<(String, Range<usize>)>,
    pub(crate) devices: Vec<Planned<'t>>,
    /// Tables with `each`, and the devices they make.
    pub(crate) groups: IndexMap<String, Vec<String>>,
}

/// What the steps of reading a file share.
struct Reader<'a> {
    text: &'a str,
    macros: Macros,
}

impl<'t> Plan<'t> {
    /// Reads a parsed file, and reports all that is wrong with it as far as it can be seen without
    /// building devices.
    pub(crate) fn read(text: &str, root: &DeTable<'t>, problems: &mut Problems) -> Self {
        let macros = match table_of(root, "macros", problems) {
            Some((_, table)) => Macros::read(text, table, problems),
            None => Macros::default(),
        };
        let reader = Reader { text, macros };
        let empty = DeTable::new();
        let defaults = table_of(root, "defaults", problems).map_or(&empty, |(_, table)| table);
        check_defaults(defaults, problems);
        for &name in LATER {
            if let Some((key, _)) = root.get_key_value(name) {
                let message = format!("[{name}] is not supported yet");
                problems.push(Problem::new(key.span(), message).hint("leave it out for now"));
            }
        }
        let head = reader.head(root, problems);
        let (light, path) = reader.light(root, problems);
        let mut plan = Self {
            title: head.title.clone(),
            light,
            path,
            devices: Vec::new(),
            groups: IndexMap::new(),
        };
        for (key, value) in root {
            let kind = key.get_ref().as_ref();
            if RESERVED.contains(&kind) {
                continue;
            }
            let defaults = match defaults.get(kind).map(Spanned::get_ref) {
                Some(DeValue::Table(table)) => table,
                _ => &empty,
            };
            reader.kind(&mut plan, key, value, defaults, problems);
        }
        // In the order of the file, whatever the order in which TOML gathers tables.
        plan.devices.sort_by_key(|device| device.span.start);
        if plan.devices.is_empty() && problems.0.is_empty() {
            let hint = "a device is a table such as [motor.x]";
            problems.push(Problem::everywhere("the file has no devices").hint(hint));
        }
        plan.devices.extend(twin(root, &head));
        plan
    }
}

/// Prefix of the PVs that say that this is a simulation, unless the file has another.
const TWIN_PREFIX: &str = "beamtwin:";

/// The device that says that this is a simulation, if there is such a kind.
fn twin<'t>(root: &DeTable<'_>, head: &Head) -> Option<Planned<'t>> {
    let kind = KINDS.iter().copied().find(|&kind| kind == TWIN)?;
    let pv = head.pv.as_deref().unwrap_or(TWIN_PREFIX);
    let title = head.title.as_deref().unwrap_or_default();
    let said = match root.get("beamline").map(Spanned::get_ref) {
        Some(DeValue::Table(table)) => Some(table),
        _ => None,
    };
    if head.pv.is_none() && said.is_some_and(|table| table.contains_key("pv")) {
        // It is not known where its PVs would be.
        return None;
    }
    let place = |name: &str| {
        let value = said.and_then(|table| table.get(name));
        value.map_or(0..0, Spanned::span)
    };
    let setting = |(name, text): (&str, &str)| {
        let setting = Setting {
            key: place(name),
            value: Spanned::new(place(name), DeValue::String(text.to_owned().into())),
            layer: Layer::Table,
        };
        (name.to_owned(), setting)
    };
    Some(Planned {
        name: TWIN.to_owned(),
        group: "beamline".to_owned(),
        kind: Some(kind),
        span: 0..0,
        table: 0..0,
        settings: [("pv", pv), ("title", title)]
            .into_iter()
            .map(setting)
            .collect(),
        silent: Vec::new(),
    })
}

impl Reader<'_> {
    /// `[beamline]`.
    fn head(&self, root: &DeTable<'_>, problems: &mut Problems) -> Head {
        table_of(root, "beamline", problems)
            .and_then(|(span, table)| self.section(table, &span, "beamline", problems))
            .unwrap_or_default()
    }

    /// `[beam]`.
    fn light(
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
    fn section<T: serde::de::DeserializeOwned + JsonSchema>(
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

    /// All tables of a kind.
    fn kind<'t>(
        &self,
        plan: &mut Plan<'t>,
        key: &Spanned<std::borrow::Cow<'t, str>>,
        value: &Spanned<DeValue<'t>>,
        defaults: &DeTable<'t>,
        problems: &mut Problems,
    ) {
        let word = key.get_ref().as_ref();
        let kind = kinds().find(|&kind| kind == word);
        let DeValue::Table(tables) = value.get_ref() else {
            problems.push(match kind {
                Some(_) => Problem::new(key.span(), format!("`{word}` should be a table"))
                    .hint(format!("a device is a table: [{word}.name]")),
                None => Problem::new(key.span(), format!("`{word}` stands outside of any table"))
                    .hint("settings stand in tables such as [beamline]"),
            });
            return;
        };
        if kind.is_none() {
            problems.push(no_kind(word, key.span()));
        }
        for (name, value) in tables {
            let label = format!("{word}.{}", name.get_ref());
            let DeValue::Table(table) = value.get_ref() else {
                if let Some(kind) = kind {
                    let problem = if known_settings(kind).contains(&name.get_ref().to_string()) {
                        Problem::new(name.span(), format!("[{kind}] has settings but no name"))
                            .hint(format!("a device is a table with a name: [{kind}.name]"))
                    } else {
                        Problem::new(name.span(), format!("{label} should be a table"))
                            .hint(format!("a device is a table: [{label}]"))
                    };
                    problems.push(problem);
                }
                // It is there, whatever it is.
                plan.devices.push(Planned {
                    name: label.clone(),
                    group: label,
                    kind: None,
                    span: name.span(),
                    table: name.span(),
                    settings: Settings::new(),
                    silent: Vec::new(),
                });
                continue;
            };
            let bad = bad_name(name.get_ref(), &name.span());
            problems.0.extend(bad);
            let rows = rows(&label, &name.span(), table, problems);
            if table.contains_key(EACH) {
                let members = rows.iter().map(|row| row.device(&label)).collect();
                plan.groups.insert(label.clone(), members);
            }
            for row in rows {
                let kind = kind.filter(|_| row.sound);
                let device = self.device(kind, &label, table, defaults, &row, problems);
                plan.devices.push(Planned {
                    table: name.span(),
                    ..device
                });
            }
        }
    }

    /// One device: a table, or a row of one.
    fn device<'t>(
        &self,
        kind: Option<&'static str>,
        label: &str,
        table: &DeTable<'t>,
        defaults: &DeTable<'t>,
        row: &Row<'_, 't>,
        problems: &mut Problems,
    ) -> Planned<'t> {
        let name = row.device(label);
        let mut settings = Settings::new();
        let mut silent = Vec::new();
        for (key, said) in layered(defaults, table, row.overrides) {
            let owner = said.layer.owner(label, &name);
            let each = row.each.as_deref();
            let mut lost = Vec::new();
            let value = self
                .macros
                .expand(said.value, each, self.text, &owner, &mut lost, problems);
            silent.extend(below(&key, lost));
            match value {
                Some(value) => {
                    let setting = Setting {
                        key: said.key,
                        value,
                        layer: said.layer,
                    };
                    settings.insert(key, setting);
                }
                None => silent.push(vec![key]),
            }
        }
        Planned {
            name,
            group: label.to_owned(),
            kind,
            span: row.span.clone(),
            table: row.span.clone(),
            settings,
            silent,
        }
    }
}

/// What is lost in a setting, as seen from outside of it.
fn below(name: &str, lost: Vec<Vec<String>>) -> impl Iterator<Item = Vec<String>> {
    lost.into_iter()
        .map(move |path| std::iter::once(name.to_owned()).chain(path).collect())
}

/// A reserved table, or a report that it is none.
fn table_of<'a, 't>(
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

/// Reports tables of `[defaults]` that no kind could ever use.
fn check_defaults(defaults: &DeTable<'_>, problems: &mut Problems) {
    for (key, value) in defaults {
        let word = key.get_ref().as_ref();
        let Some(kind) = kinds().find(|&kind| kind == word) else {
            problems.push(no_kind(word, key.span()));
            continue;
        };
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!("defaults: `{word}` should be a table");
            let hint = format!("write [defaults.{word}]");
            problems.push(Problem::new(key.span(), message).hint(hint));
            continue;
        };
        let known = known_settings(kind);
        for (setting, _) in table {
            let name = setting.get_ref().as_ref();
            if name == EACH {
                let message = format!("defaults.{word}: `each` cannot be shared");
                problems.push(Problem::new(setting.span(), message));
            } else if !known.iter().any(|k| k == name) {
                let message = format!(
                    "{}: unknown setting `{name}`",
                    Layer::Defaults.owner(word, "")
                );
                let hint = settings::unknown(name, &known);
                problems.push(Problem::new(setting.span(), message).hint(hint));
            }
        }
    }
}

fn no_kind(word: &str, span: Range<usize>) -> Problem {
    let kinds: Vec<&str> = kinds().collect();
    let near = nearest(word, kinds.iter().chain(RESERVED).copied());
    Problem::new(span, format!("no device kind `{word}`")).hint(match near {
        _ if word == TWIN => {
            "the twin itself is added to every file, below pv in [beamline]".to_owned()
        }
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("kinds are {}", listed(&kinds, "and")),
    })
}

/// Reports a name that cannot be part of `kind.name.each`.
pub(crate) fn bad_name(name: &str, span: &Range<usize>) -> Option<Problem> {
    let strange = |c: char| c == '.' || c.is_whitespace() || c.is_control();
    let macros = name.contains("$(");
    (name.is_empty() || macros || name.contains(strange)).then(|| {
        let message = format!("`{}` cannot be a name", name.escape_default());
        Problem::new(span.clone(), message).hint(if macros {
            "macros stand in settings, not in names"
        } else {
            "a name has no dots and no white space"
        })
    })
}
