//! The tables of a kind, and the devices they make.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::names::{bad_name, no_kind};
use super::{Plan, Planned, Reader, below};
use crate::each::{Row, rows};
use crate::layers::{Setting, Settings, layered};
use crate::macros::EACH;
use crate::problem::{Problem, Problems};
use crate::registry::{kinds, known_settings};

impl Reader<'_> {
    /// All tables of a kind.
    pub(super) fn kind<'t>(
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
