//! The text of a suite in its parts, each with its place, and all that has not the right form.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Problems;

/// What a suite says, before anything of it is looked for.
#[derive(Default)]
pub(crate) struct Shape {
    pub(crate) title: Option<Spanned<String>>,
    pub(crate) method: Option<Spanned<String>>,
    pub(crate) settings: Option<Spanned<String>>,
    pub(crate) items: Vec<(Spanned<String>, ItemShape)>,
    pub(crate) candidates: Vec<(Spanned<String>, CandidateShape)>,
}

/// The table of an item.
pub(crate) struct ItemShape {
    pub(crate) references: Vec<Spanned<String>>,
}

/// The table of a candidate.
pub(crate) struct CandidateShape {
    pub(crate) sessions: Option<Spanned<String>>,
    pub(crate) items: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
}

type Entries<'a> = Vec<(Spanned<String>, Spanned<DeValue<'a>>)>;

/// Reads what can be read; the rest are problems. None if the text is not TOML.
pub(crate) fn read(text: &str, problems: &mut Problems) -> Option<Shape> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            problems.push(error.span().unwrap_or(0..0), error.message());
        }
        return None;
    }
    let mut shape = Shape::default();
    let keys = ["suite", "title", "method", "settings", "item", "candidate"];
    let mut is_versioned = false;
    for (key, value) in known(in_order(table.into_inner()), "", &keys, problems) {
        match key.get_ref().as_str() {
            "suite" => {
                is_versioned = true;
                version(&value, problems);
            }
            "title" => shape.title = string(value, "title", problems),
            "method" => shape.method = string(value, "method", problems),
            "settings" => shape.settings = string(value, "settings", problems),
            "item" => {
                for (name, value) in entries(value, "item", problems) {
                    let table = item(&name, value, problems);
                    shape.items.push((name, table));
                }
            }
            _ => {
                for (name, value) in entries(value, "candidate", problems) {
                    let table = candidate(&name, value, problems);
                    shape.candidates.extend(table.map(|it| (name, it)));
                }
            }
        }
    }
    if !is_versioned {
        problems.push(0..0, "the version is missing: say `suite = 1`");
    }
    Some(shape)
}

fn version(value: &Spanned<DeValue<'_>>, problems: &mut Problems) {
    let number = value.get_ref().as_integer();
    let number = number.and_then(|it| i64::from_str_radix(it.as_str(), it.radix()).ok());
    if number != Some(1) {
        problems.push(value.span(), "this program reads suites of version 1");
    }
}

fn item(name: &Spanned<String>, value: Spanned<DeValue<'_>>, problems: &mut Problems) -> ItemShape {
    let path = format!("item.{}", name.get_ref());
    let mut references = None;
    let entries = entries(value, &path, problems);
    for (_, value) in known(entries, &path, &["references"], problems) {
        let path = format!("{path}.references");
        if value.get_ref().as_array().is_some_and(|it| it.is_empty()) {
            problems.push(value.span(), format!("{path}: no reference"));
        }
        references = Some(strings(value, &path, problems));
    }
    if references.is_none() {
        let wanted = "give `references = [FILE]`";
        problems.push(name.span(), format!("{path}: no references; {wanted}"));
    }
    ItemShape {
        references: references.unwrap_or_default(),
    }
}

/// None if it says of no sessions.
fn candidate(
    name: &Spanned<String>,
    value: Spanned<DeValue<'_>>,
    problems: &mut Problems,
) -> Option<CandidateShape> {
    let path = format!("candidate.{}", name.get_ref());
    let (mut sessions, mut items) = (None, Vec::new());
    let entries = known(
        entries(value, &path, problems),
        &path,
        &["sessions", "items"],
        problems,
    );
    if entries.is_empty() {
        let wanted = "give `sessions = FOLDER`, or its files under `items`";
        problems.push(name.span(), format!("{path}: no sessions; {wanted}"));
        return None;
    }
    for (key, value) in entries {
        let path = format!("{path}.{}", key.get_ref());
        if key.get_ref() == "sessions" {
            sessions = string(value, &path, problems);
        } else {
            for (item, value) in self::entries(value, &path, problems) {
                let path = format!("{path}.{}", item.get_ref());
                items.push((item, strings(value, &path, problems)));
            }
        }
    }
    Some(CandidateShape { sessions, items })
}

/// The entries of a table as they stand in the file.
fn in_order(table: DeTable<'_>) -> Entries<'_> {
    let owned = |key: Spanned<Cow<'_, str>>| {
        let span = key.span();
        Spanned::new(span, key.into_inner().into_owned())
    };
    let mut entries: Vec<_> = table.into_iter().map(|(k, v)| (owned(k), v)).collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// The entries whose keys are known here; the others are problems.
fn known<'a>(
    entries: Entries<'a>,
    path: &str,
    keys: &[&str],
    problems: &mut Problems,
) -> Entries<'a> {
    let (known, unknown): (Entries<'_>, Entries<'_>) = entries
        .into_iter()
        .partition(|(key, _)| keys.contains(&key.get_ref().as_str()));
    let place = if path.is_empty() { "" } else { ": " };
    for (key, _) in unknown {
        let (name, keys) = (key.get_ref(), keys.join(", "));
        let message = format!("{path}{place}there is no `{name}` here, only {keys}");
        problems.push(key.span(), message);
    }
    known
}

fn entries<'a>(value: Spanned<DeValue<'a>>, path: &str, problems: &mut Problems) -> Entries<'a> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => in_order(table),
        other => {
            wrong(span, path, "a table", &other, problems);
            Vec::new()
        }
    }
}

fn string(
    value: Spanned<DeValue<'_>>,
    path: &str,
    problems: &mut Problems,
) -> Option<Spanned<String>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::String(text) => Some(Spanned::new(span, text.into_owned())),
        other => {
            wrong(span, path, "a string", &other, problems);
            None
        }
    }
}

fn strings(
    value: Spanned<DeValue<'_>>,
    path: &str,
    problems: &mut Problems,
) -> Vec<Spanned<String>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => items
            .into_iter()
            .filter_map(|item| string(item, path, problems))
            .collect(),
        other => {
            wrong(span, path, "an array of strings", &other, problems);
            Vec::new()
        }
    }
}

fn wrong(
    span: std::ops::Range<usize>,
    path: &str,
    wanted: &str,
    found: &DeValue<'_>,
    problems: &mut Problems,
) {
    let found = found.type_str();
    problems.push(
        span,
        format!("{path}: {wanted} is wanted, not this {found}"),
    );
}
