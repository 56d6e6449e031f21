//! The way to a setting within a table.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A path in words: the items of a list are not told apart.
pub(crate) fn shown(path: &[String]) -> String {
    let names = path.iter().filter(|name| item(name).is_none());
    names.map(String::as_str).collect::<Vec<_>>().join(".")
}

/// The number of an item of a list, if that is what a step of a path is: `[0]`.
pub(crate) fn item(step: &str) -> Option<usize> {
    step.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// The value within a table that a path leads to.
pub(super) fn inner_value<'a, 't>(
    table: &'a mut DeTable<'t>,
    path: &[String],
) -> Option<&'a mut DeValue<'t>> {
    let (first, rest) = path.split_first()?;
    let first = table.get_mut(first.as_str())?.get_mut();
    rest.iter().try_fold(first, |value, step| match value {
        DeValue::Table(table) => table.get_mut(step.as_str()).map(Spanned::get_mut),
        DeValue::Array(items) => items.get_mut(item(step)?).map(Spanned::get_mut),
        _ => None,
    })
}

/// The table within a table that a path leads to.
pub(super) fn inner_table<'a, 't>(
    table: &'a mut DeTable<'t>,
    path: &[String],
) -> Option<&'a mut DeTable<'t>> {
    if path.is_empty() {
        return Some(table);
    }
    match inner_value(table, path) {
        Some(DeValue::Table(inner)) => Some(inner),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    Key,
    Value,
}

/// The way to the key of this name and place, or to the innermost value that covers a place. Items of a
/// list are steps such as `[0]`.
pub(super) fn find(
    table: &DeTable<'_>,
    span: &Range<usize>,
    part: Part,
    name: &str,
) -> Option<Vec<String>> {
    let covers = |outer: Range<usize>| {
        part == Part::Value && outer.start <= span.start && span.end <= outer.end
    };
    table.iter().find_map(|(key, value)| {
        let here = key.get_ref().as_ref();
        let found = (part == Part::Key && key.span() == *span && here == name).then(Vec::new);
        let found = found
            .or_else(|| within(value.get_ref(), span, part, name))
            .or_else(|| covers(value.span()).then(Vec::new))?;
        Some(std::iter::once(here.to_owned()).chain(found).collect())
    })
}

/// The way on from a value, if it leads into it.
fn within(value: &DeValue<'_>, span: &Range<usize>, part: Part, name: &str) -> Option<Vec<String>> {
    let covers = |outer: Range<usize>| {
        part == Part::Value && outer.start <= span.start && span.end <= outer.end
    };
    match value {
        DeValue::Table(table) => find(table, span, part, name),
        DeValue::Array(items) => items.iter().enumerate().find_map(|(at, item)| {
            let found = within(item.get_ref(), span, part, name)
                .or_else(|| covers(item.span()).then(Vec::new))?;
            Some(std::iter::once(format!("[{at}]")).chain(found).collect())
        }),
        _ => None,
    }
}
