//! One table, many devices.

use std::ops::Range;

use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use crate::macros::EACH;
use crate::plan::bad_name;
use crate::problem::{Problem, Problems};

/// What makes one device of a table.
pub(crate) struct Row<'a, 't> {
    /// Its name; `None` if the table has no `each`.
    pub(crate) name: Option<String>,
    /// `$(each)`: its name, or something like it if that cannot be a name.
    pub(crate) each: Option<String>,
    /// Where the device is named.
    pub(crate) span: Range<usize>,
    /// Whether it is a row; if not, that has been reported.
    pub(crate) sound: bool,
    /// What the row says differently.
    pub(crate) overrides: Option<&'a DeTable<'t>>,
}

impl Row<'_, '_> {
    /// The name of the device in a table of this name.
    pub(crate) fn device(&self, table: &str) -> String {
        match &self.name {
            Some(name) => format!("{table}.{name}"),
            None => table.to_owned(),
        }
    }
}

/// The rows of a table: one without a name if it has no `each`.
pub(crate) fn rows<'a, 't>(
    label: &str,
    span: &Range<usize>,
    table: &'a DeTable<'t>,
    problems: &mut Problems,
) -> Vec<Row<'a, 't>> {
    let Some((key, each)) = table.get_key_value(EACH) else {
        return vec![Row {
            name: None,
            each: None,
            span: span.clone(),
            sound: true,
            overrides: None,
        }];
    };
    let mut rows: Vec<Row<'a, 't>> = Vec::new();
    let mut refuse = |span: Range<usize>, message: String| {
        let hint = "write each = [\"X\", \"Y\"], or a table with a row for each";
        problems.push(Problem::new(span, format!("{label}: {message}")).hint(hint));
    };
    match each.get_ref() {
        DeValue::Array(names) => {
            for item in names {
                match item.get_ref() {
                    DeValue::String(name) => rows.push(Row {
                        name: Some(name.clone().into_owned()),
                        each: None,
                        span: item.span(),
                        sound: true,
                        overrides: None,
                    }),
                    DeValue::Integer(number) => rows.push(Row {
                        name: Some(number.to_string()),
                        each: None,
                        span: item.span(),
                        sound: true,
                        overrides: None,
                    }),
                    _ => refuse(
                        item.span(),
                        "`each` lists texts or whole numbers".to_owned(),
                    ),
                }
            }
        }
        DeValue::Table(table) => {
            for (name, value) in table {
                let overrides = match value.get_ref() {
                    DeValue::Table(row) => Some(row),
                    _ => {
                        let message = format!("the row `{}` should be a table", name.get_ref());
                        refuse(value.span(), message);
                        None
                    }
                };
                rows.push(Row {
                    name: Some(name.get_ref().clone().into_owned()),
                    each: None,
                    span: name.span(),
                    sound: overrides.is_some(),
                    overrides,
                });
            }
        }
        _ => refuse(each.span(), "`each` should be a list or a table".to_owned()),
    }
    let empty = matches!(each.get_ref(), DeValue::Array(items) if items.is_empty())
        || matches!(each.get_ref(), DeValue::Table(table) if table.is_empty());
    if empty {
        refuse(key.span(), "`each` is empty".to_owned());
    }
    let mut fresh: IndexMap<Option<String>, Row<'a, 't>> = IndexMap::new();
    for mut row in rows {
        let name = row.name.as_deref().unwrap_or_default();
        if let Some(problem) = bad_name(name, &row.span) {
            problems.push(problem);
            row.each = Some(name.replace(|c: char| !c.is_alphanumeric(), "_"));
        } else {
            row.each = row.name.clone();
        }
        match fresh.get(&row.name) {
            Some(twin) => {
                let message = format!("{label}: `each` names `{name}` twice");
                let note = "first here";
                problems.push(Problem::new(row.span, message).also(twin.span.clone(), note));
            }
            None => {
                fresh.insert(row.name.clone(), row);
            }
        }
    }
    fresh.into_values().collect()
}
