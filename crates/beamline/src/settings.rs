//! From a table to the settings of a kind, with all that is wrong in it, not just the first.

use std::collections::BTreeSet;
use std::ops::Range;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::nearest::{listed, nearest};

/// One mistake in a table.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    pub(crate) span: Range<usize>,
    /// The setting it is about, dotted where nested; empty for the table itself.
    pub(crate) path: Vec<String>,
    /// What is wrong, without the name of the device.
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The setting that is not there, for a missing one.
    pub(crate) missing: Option<String>,
}

/// Reads settings from a table at a place of the file.
///
/// `silent` are settings that had to be left out because of mistakes that have been reported: they are
/// not called missing, but the settings are refused, if need be without a further complaint.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(
    table: &DeTable<'_>,
    span: &Range<usize>,
    silent: &BTreeSet<String>,
) -> Result<T, Vec<Complaint>> {
    let first = deserialize::<T>(table, span);
    match first {
        Ok(settings) if silent.is_empty() => Ok(settings),
        Ok(_) => Err(Vec::new()),
        Err(error) => {
            let mut reading = Reading {
                schema: schemars::schema_for!(T).to_value(),
                table: table.clone(),
                span: span.clone(),
                gone: silent.iter().map(|name| vec![name.clone()]).collect(),
                complaints: Vec::new(),
            };
            let mut error = error;
            // Each round takes something out of the table.
            while reading.complain(&error) {
                match deserialize::<T>(&reading.table, span) {
                    Ok(_) => break,
                    Err(next) => error = next,
                }
            }
            reading.miss();
            Err(reading.complaints)
        }
    }
}

/// Complaints about lists with more elements than their setting has room for, which the deserializer
/// passes over. The schema is one without references.
pub(crate) fn surplus(schema: &Json, table: &DeTable<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let property = schema.get("properties").and_then(|all| all.get(name));
        let Some(property) = property else { continue };
        match value.get_ref() {
            DeValue::Array(items) => {
                let most = property.get("maxItems").and_then(Json::as_u64);
                if most.is_some_and(|most| items.len() as u64 > most) {
                    let most = most.unwrap_or_default();
                    complaints.push(Complaint {
                        span: value.span(),
                        path: vec![name.to_owned()],
                        message: format!(
                            "{name}: should be a list of {most}, not of {}",
                            items.len()
                        ),
                        hint: None,
                        missing: None,
                    });
                }
            }
            DeValue::Table(inner) => {
                for complaint in surplus(property, inner) {
                    let mut path = vec![name.to_owned()];
                    path.extend(complaint.path);
                    let message = format!("{name}.{}", complaint.message);
                    complaints.push(Complaint {
                        path,
                        message,
                        ..complaint
                    });
                }
            }
            _ => {}
        }
    }
    complaints
}

/// The settings a kind has.
pub(crate) fn names(schema: &Json) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Json::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// What to say about a setting that is not among those known.
pub(crate) fn unknown<S: AsRef<str>>(name: &str, known: &[S]) -> String {
    match (nearest(name, known.iter().map(AsRef::as_ref)), known) {
        (_, []) => "there are no settings".to_owned(),
        (None, [only]) => format!("the only setting is {}", only.as_ref()),
        (None, known) => format!("settings are {}", listed(known, "and")),
        (Some(near), known) if known.len() > FEW => {
            let some: Vec<&str> = known[..FEW].iter().map(AsRef::as_ref).collect();
            format!(
                "did you mean `{near}`? (settings are {}, ...)",
                some.join(", ")
            )
        }
        (Some(near), known) => {
            format!(
                "did you mean `{near}`? (settings are {})",
                listed(known, "and")
            )
        }
    }
}

/// How many settings are listed beside one that is likely meant.
const FEW: usize = 6;

fn deserialize<T: DeserializeOwned>(
    table: &DeTable<'_>,
    span: &Range<usize>,
) -> Result<T, toml::de::Error> {
    T::deserialize(Deserializer::from(Spanned::new(
        span.clone(),
        table.clone(),
    )))
}

struct Reading<'t> {
    schema: Json,
    /// What is left to be read.
    table: DeTable<'t>,
    span: Range<usize>,
    /// What has been taken out, and is therefore not missing.
    gone: Vec<Vec<String>>,
    complaints: Vec<Complaint>,
}

impl Reading<'_> {
    /// Notes a mistake and takes it out of the table; false if nothing could be taken out.
    fn complain(&mut self, error: &toml::de::Error) -> bool {
        let message = error.message().trim();
        let span = error.span().unwrap_or_else(|| self.span.clone());
        let quoted = quoted(message);
        if let (true, [name, known @ ..]) = (message.starts_with("unknown field"), &quoted[..]) {
            let Some(path) = find(&self.table, &span, Part::Key, name) else {
                self.say(span, Vec::new(), format!("unknown setting `{name}`"), None);
                return false;
            };
            let nested = path[..path.len() - 1].join(".");
            let place = if nested.is_empty() {
                nested
            } else {
                format!("{nested}: ")
            };
            let hint = unknown(name, known);
            if let Some(near) = nearest(name, known.iter().copied()) {
                // What is likely meant is not missing as well.
                let mut meant = path.clone();
                meant.pop();
                meant.push(near.to_owned());
                self.gone.push(meant);
            }
            self.say(
                span,
                path.clone(),
                format!("{place}unknown setting `{name}`"),
                Some(hint),
            );
            return self.take(&path);
        }
        if let (true, [name, ..]) = (message.starts_with("missing field"), &quoted[..]) {
            let path = find(&self.table, &span, Part::Value, "").unwrap_or_default();
            let mut whole = path.clone();
            whole.push((*name).to_owned());
            if path.is_empty() {
                // All that is missing at this level is noted in the end.
                return false;
            }
            if !self.gone.contains(&whole) {
                let message = format!("{}: missing setting `{name}`", path.join("."));
                self.say(span, path.clone(), message, None);
            }
            return self.take(&path);
        }
        let path = find(&self.table, &span, Part::Value, "").unwrap_or_default();
        let (message, hint) = self.plain(message, &path);
        let message = if path.is_empty() {
            message
        } else {
            format!("{}: {message}", path.join("."))
        };
        self.say(span, path.clone(), message, hint);
        self.take(&path)
    }

    fn say(
        &mut self,
        span: Range<usize>,
        path: Vec<String>,
        message: String,
        hint: Option<String>,
    ) {
        self.complaints.push(Complaint {
            span,
            path,
            message,
            hint,
            missing: None,
        });
    }

    /// Notes the settings that are required and not there.
    fn miss(&mut self) {
        let required = self.schema.get("required").and_then(Json::as_array);
        let required: Vec<String> = required
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        for name in required {
            let gone = self.gone.iter().any(|path| path[..] == [name.as_str()]);
            if gone || self.table.contains_key(name.as_str()) {
                continue;
            }
            self.complaints.push(Complaint {
                span: self.span.clone(),
                path: Vec::new(),
                message: format!("missing setting `{name}`"),
                hint: self.example(&name),
                missing: Some(name),
            });
        }
    }

    /// Removes what a path leads to.
    fn take(&mut self, path: &[String]) -> bool {
        self.gone.push(path.to_vec());
        let Some((last, parents)) = path.split_last() else {
            return false;
        };
        let mut table = &mut self.table;
        for name in parents {
            match table.get_mut(name.as_str()).map(Spanned::get_mut) {
                Some(DeValue::Table(inner)) => table = inner,
                _ => return false,
            }
        }
        table.remove(last.as_str()).is_some()
    }

    /// A message of the deserializer in the words of a user.
    fn plain(&self, message: &str, path: &[String]) -> (String, Option<String>) {
        if let Some((found, wanted)) = message
            .strip_prefix("invalid type: ")
            .or_else(|| message.strip_prefix("invalid value: "))
            .and_then(|rest| rest.rsplit_once(", expected "))
        {
            let number = found
                .strip_prefix("integer ")
                .or_else(|| found.strip_prefix("floating point "))
                .map(|number| number.trim_matches('`'));
            if let (Some(number), Some(example)) = (number, self.quantity(path)) {
                let unit = example.split_once(' ').map_or("", |(_, unit)| unit);
                let message = format!("{number} has no unit");
                return (
                    message,
                    Some(format!("write for example \"{number} {unit}\"")),
                );
            }
            let message = format!("should be {}, not {}", kind(wanted), thing(found));
            return (message, None);
        }
        if let Some((found, wanted)) = message
            .strip_prefix("invalid length ")
            .and_then(|rest| rest.split_once(", expected "))
        {
            return (
                format!("should be {}, not {found} long", kind(wanted)),
                None,
            );
        }
        let quoted = quoted(message);
        if let (true, [name, known @ ..]) = (message.starts_with("unknown variant"), &quoted[..]) {
            let all = format!("it may be {}", listed(known, "or"));
            let hint = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? ({all})"),
                None => all,
            };
            return (format!("`{name}` is not among the choices"), Some(hint));
        }
        match message.split_once("; ") {
            Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
            None => (message.to_owned(), None),
        }
    }

    /// How a quantity is written, if the setting is one.
    fn quantity(&self, path: &[String]) -> Option<String> {
        let mut at = &self.schema;
        for name in path {
            at = resolved(&self.schema, at).get("properties")?.get(name)?;
        }
        // A list of quantities, or one that may be left out.
        let inner = resolved(&self.schema, at);
        let choices = inner.get("anyOf").and_then(Json::as_array);
        let items = inner
            .get("items")
            .or_else(|| inner.get("prefixItems")?.get(0));
        let example = |schema: &Json| {
            let schema = resolved(&self.schema, schema);
            let example = schema.get("examples")?.get(0)?.as_str()?;
            (schema.get("type")? == "string" && example.contains(' ')).then(|| example.to_owned())
        };
        std::iter::once(inner)
            .chain(choices.into_iter().flatten())
            .chain(items)
            .find_map(example)
    }

    fn example(&self, name: &str) -> Option<String> {
        let property = self.schema.get("properties")?.get(name)?;
        let property = resolved(&self.schema, property);
        let example = property.get("examples")?.get(0)?;
        Some(format!("write for example {name} = {example}"))
    }
}

/// Follows a reference within a schema.
fn resolved<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let name = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|reference| reference.strip_prefix("#/$defs/"));
    name.and_then(|name| root.get("$defs")?.get(name))
        .unwrap_or(schema)
}

/// The words between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Key,
    Value,
}

/// The way to the key of this name and place, or to the innermost value that covers a place.
fn find(table: &DeTable<'_>, span: &Range<usize>, part: Part, name: &str) -> Option<Vec<String>> {
    fn within(
        value: &DeValue<'_>,
        span: &Range<usize>,
        part: Part,
        name: &str,
    ) -> Option<Vec<String>> {
        match value {
            DeValue::Table(table) => find(table, span, part, name),
            DeValue::Array(items) => items
                .iter()
                .find_map(|item| within(item.get_ref(), span, part, name)),
            _ => None,
        }
    }
    for (key, value) in table {
        let here = || vec![key.get_ref().clone().into_owned()];
        if part == Part::Key && key.span() == *span && key.get_ref() == name {
            return Some(here());
        }
        if let Some(inner) = within(value.get_ref(), span, part, name) {
            let mut path = here();
            if value.get_ref().is_table() {
                // Within a list, the list as a whole is what can be taken out.
                path.extend(inner);
            }
            return Some(path);
        }
        let covers = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
        if part == Part::Value && (covers(value.span()) || item_covers(value.get_ref(), span)) {
            return Some(here());
        }
    }
    None
}

/// Whether an item of a list covers a place.
fn item_covers(value: &DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Array(items) => items.iter().any(|item| {
            let outer = item.span();
            (outer.start <= span.start && span.end <= outer.end)
                || item_covers(item.get_ref(), span)
        }),
        _ => false,
    }
}

/// What was wanted, in plain words.
fn kind(wanted: &str) -> String {
    match wanted {
        "f64" | "f32" => "a number".to_owned(),
        "a string" | "str" | "string" => "a text in quotes".to_owned(),
        "a boolean" | "bool" => "true or false".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        _ => {
            let size = ["a tuple of size ", "an array of length "]
                .iter()
                .find_map(|start| wanted.strip_prefix(start));
            match size {
                Some(size) => format!("a list of {size}"),
                None if wanted.starts_with("struct ") => "a table".to_owned(),
                None => wanted.to_owned(),
            }
        }
    }
}

/// What was found, in plain words.
fn thing(found: &str) -> String {
    match found {
        "sequence" => return "a list".to_owned(),
        "map" => return "a table".to_owned(),
        _ => {}
    }
    for start in ["integer ", "floating point ", "boolean "] {
        if let Some(value) = found.strip_prefix(start) {
            return value.trim_matches('`').to_owned();
        }
    }
    match found.strip_prefix("string ") {
        Some(text) => format!("the text {text}"),
        None => found.to_owned(),
    }
}
