//! The file as it is meant: every device with its settings, and every value with its line.

mod access;
mod defaults;
mod devices;
mod names;
mod rules;
mod sections;
mod twin;

pub use access::Limits;
pub(crate) use access::{Access, Clients};
pub(crate) use names::bad_name;
pub(crate) use rules::{Rule, Ruled};
pub(crate) use sections::{Head, Light};

use std::ops::Range;

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::layers::Settings;
use crate::macros::Macros;
use crate::problem::{Problem, Problems};
use defaults::check_defaults;
use sections::table_of;
use twin::twin;

/// Tables that are no kinds of device.
pub(crate) const RESERVED: &[&str] = &[
    "beamline", "macros", "defaults", "beam", "access", "limits", "rules", "fallback",
];

/// Reserved tables without a meaning so far.
const LATER: &[&str] = &["fallback"];

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
    /// `[access]` and `[limits]`.
    pub(crate) clients: Clients,
    /// `[rules.name]`.
    pub(crate) rules: Vec<Ruled>,
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
            clients: reader.clients(root, problems),
            rules: reader.rules(root, problems),
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

/// What is lost in a setting, as seen from outside of it.
fn below(name: &str, lost: Vec<Vec<String>>) -> impl Iterator<Item = Vec<String>> {
    lost.into_iter()
        .map(move |path| std::iter::once(name.to_owned()).chain(path).collect())
}
