//! From a table to the settings of a kind, with all that is wrong in it, not just the first.

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

/// What could be read of a table.
pub(crate) struct Read<T> {
    /// The settings. If there was a mistake, several guesses at them: settings that are wrong are at their
    /// defaults, or have made-up values that differ from guess to guess.
    pub(crate) guesses: Vec<T>,
    pub(crate) complaints: Vec<Complaint>,
    /// What was wrong or not there, so that nothing can be said about it.
    pub(crate) gone: Vec<Vec<String>>,
    /// Whether there was no mistake at all.
    pub(crate) sound: bool,
}

/// Reads settings from a table at a place of the file.
///
/// `silent` are settings that had to be left out because of mistakes that have been reported: they are
/// not called missing, but the settings are not sound, if need be without a further complaint. `besides` are
/// settings of the same table that are read elsewhere. The table may be large, so it is used up, and had
/// `again` only if there is something to be found out.
pub(crate) fn read<'t, T: DeserializeOwned + JsonSchema>(
    table: DeTable<'t>,
    again: impl FnOnce() -> DeTable<'t>,
    span: &Range<usize>,
    silent: &[Vec<String>],
    besides: &[&str],
) -> Read<T> {
    let first = deserialize::<T>(table, span);
    let mut error = match first {
        Ok(settings) if silent.is_empty() => {
            return Read {
                guesses: vec![settings],
                complaints: Vec::new(),
                gone: Vec::new(),
                sound: true,
            };
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let mut reading = Reading {
        schema: schemars::schema_for!(T).to_value(),
        table: again(),
        span: span.clone(),
        besides,
        gone: silent.to_vec(),
        made_up: Vec::new(),
        complaints: Vec::new(),
    };
    // Each round takes something out of the table, or puts something made up into it, once.
    while let Some(found) = error {
        if !reading.complain(&found) {
            break;
        }
        error = deserialize::<T>(reading.table.clone(), span).err();
    }
    reading.miss();
    let guesses = (0..GUESSES).filter_map(|guess| {
        let bold = deserialize::<T>(reading.guess(guess, guess > 0), span);
        bold.or_else(|_| deserialize::<T>(reading.guess(guess, false), span))
            .ok()
    });
    Read {
        guesses: guesses.collect(),
        complaints: reading.complaints,
        gone: reading.gone,
        sound: false,
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
    table: DeTable<'_>,
    span: &Range<usize>,
) -> Result<T, toml::de::Error> {
    T::deserialize(Deserializer::from(Spanned::new(span.clone(), table)))
}

struct Reading<'t, 'b> {
    schema: Json,
    /// What is left to be read.
    table: DeTable<'t>,
    span: Range<usize>,
    /// Settings that are read elsewhere.
    besides: &'b [&'b str],
    /// What has been taken out, and is therefore not missing.
    gone: Vec<Vec<String>>,
    /// What has been made up for the sake of what stands beside it.
    made_up: Vec<Vec<String>>,
    complaints: Vec<Complaint>,
}

impl<'t> Reading<'t, '_> {
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
            let nested = shown(&path[..path.len() - 1]);
            let place = if nested.is_empty() {
                nested
            } else {
                format!("{nested}: ")
            };
            let besides = if path.len() == 1 { self.besides } else { &[] };
            let known: Vec<&str> = known.iter().chain(besides).copied().collect();
            let hint = unknown(name, &known);
            if let Some(near) = nearest(name, known.iter().copied()) {
                // What is likely meant is not missing as well.
                let mut meant = path.clone();
                meant.pop();
                meant.push(near.to_owned());
                let there = inner_table(&mut self.table, &path[..path.len() - 1])
                    .is_some_and(|table| table.contains_key(near));
                if !there {
                    self.gone.push(meant);
                }
            }
            self.say(
                span,
                path.clone(),
                format!("{place}unknown setting `{name}`"),
                Some(hint),
            );
            return self.remove(&path);
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
                let message = format!("{}: missing setting `{name}`", shown(&path));
                self.say(span, path.clone(), message, None);
                self.gone.push(whole.clone());
            }
            return self.make_up(whole) || self.take(&path);
        }
        let path = find(&self.table, &span, Part::Value, "").unwrap_or_default();
        if self.made_up.contains(&path) {
            return self.remove(&path);
        }
        let (message, hint) = self.plain(message, &path);
        let message = if path.is_empty() {
            message
        } else {
            format!("{}: {message}", shown(&path))
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
            self.gone.push(vec![name.clone()]);
            self.complaints.push(Complaint {
                span: self.span.clone(),
                path: Vec::new(),
                message: format!("missing setting `{name}`"),
                hint: self.example(&name),
                missing: Some(name),
            });
        }
    }

    /// Takes what a path leads to for wrong, and removes it.
    fn take(&mut self, path: &[String]) -> bool {
        self.gone.push(path.to_vec());
        self.remove(path)
    }

    /// Removes what a path leads to. An item of a list is replaced instead, so that the others stay.
    fn remove(&mut self, path: &[String]) -> bool {
        let Some((last, parents)) = path.split_last() else {
            return false;
        };
        if let Some(table) = inner_table(&mut self.table, parents) {
            return table.remove(last.as_str()).is_some();
        }
        self.make_up(path.to_vec()) || self.take(parents)
    }

    /// Makes up a setting that is not there, or an item of a list; false if that cannot be done or has been done before.
    fn make_up(&mut self, path: Vec<String>) -> bool {
        if self.made_up.contains(&path) {
            return false;
        }
        let Some((schema, _)) = place(&self.schema, &path) else {
            return false;
        };
        let fresh = put(&mut self.table, &path, &self.schema, schema, 0);
        if fresh {
            self.made_up.push(path);
        }
        fresh
    }

    /// The table with values made up for what is gone: what is required, or all of it.
    fn guess(&self, guess: usize, all: bool) -> DeTable<'t> {
        let mut table = self.table.clone();
        for path in &self.gone {
            let Some((schema, required)) = place(&self.schema, path) else {
                continue;
            };
            let made_up = self.made_up.contains(path);
            let (Some((last, parents)), true) = (path.split_last(), all || required || made_up)
            else {
                continue;
            };
            let there = inner_table(&mut table, parents)
                .is_some_and(|table| table.contains_key(last.as_str()));
            if there && !made_up {
                continue;
            }
            put(&mut table, path, &self.schema, schema, guess);
        }
        table
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
        let (at, _) = place(&self.schema, path)?;
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

/// How many guesses there are at what is wrong: what they agree in does not come from guessing.
const GUESSES: usize = 3;

/// What a table may hold by this name, and whether it has to.
fn property<'a>(root: &'a Json, schema: &'a Json, name: &str) -> Option<(&'a Json, bool)> {
    let schema = resolved(root, schema);
    if let Some(found) = schema.get("properties").and_then(|all| all.get(name)) {
        let required = schema.get("required").and_then(Json::as_array);
        let required = required.is_some_and(|all| all.iter().any(|known| known == name));
        return Some((found, required));
    }
    if let Some(found) = schema
        .get("additionalProperties")
        .filter(|found| found.is_object())
    {
        return Some((found, true));
    }
    if let Some(at) = item(name) {
        let prefix = schema.get("prefixItems").and_then(|all| all.get(at));
        if let Some(found) = prefix.or_else(|| schema.get("items")) {
            return Some((found, true));
        }
    }
    let choices = schema.get("anyOf").and_then(Json::as_array);
    choices
        .into_iter()
        .flatten()
        .find_map(|choice| property(root, choice, name))
}

/// The schema of a setting, and whether it cannot be left out.
fn place<'a>(root: &'a Json, path: &[String]) -> Option<(&'a Json, bool)> {
    path.iter()
        .try_fold((root, false), |(at, _), name| property(root, at, name))
}

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
fn inner_value<'a, 't>(table: &'a mut DeTable<'t>, path: &[String]) -> Option<&'a mut DeValue<'t>> {
    let (first, rest) = path.split_first()?;
    let first = table.get_mut(first.as_str())?.get_mut();
    rest.iter().try_fold(first, |value, step| match value {
        DeValue::Table(table) => table.get_mut(step.as_str()).map(Spanned::get_mut),
        DeValue::Array(items) => items.get_mut(item(step)?).map(Spanned::get_mut),
        _ => None,
    })
}

/// The table within a table that a path leads to.
fn inner_table<'a, 't>(table: &'a mut DeTable<'t>, path: &[String]) -> Option<&'a mut DeTable<'t>> {
    if path.is_empty() {
        return Some(table);
    }
    match inner_value(table, path) {
        Some(DeValue::Table(inner)) => Some(inner),
        _ => None,
    }
}

/// Puts a made-up value where a path leads to.
fn put(table: &mut DeTable<'_>, path: &[String], root: &Json, schema: &Json, guess: usize) -> bool {
    let Some((last, parents)) = path.split_last() else {
        return false;
    };
    let Some(value) = made_up(root, schema, guess, &path.join(".")) else {
        return false;
    };
    if let (Some(at), Some(DeValue::Array(items))) = (item(last), inner_value(table, parents)) {
        return items.get_mut(at).map(|item| *item = value).is_some();
    }
    let Some(table) = inner_table(table, parents) else {
        return false;
    };
    // A name with a macro that means nothing is not a name that others could have.
    let name = if last.contains("$(") {
        format!(
            "~{guess}~{}",
            last.replace(|c: char| !c.is_alphanumeric(), "_")
        )
    } else {
        last.clone()
    };
    table.insert(Spanned::new(NOWHERE, name.into()), value);
    true
}

/// The place of what does not stand in the file.
const NOWHERE: Range<usize> = usize::MAX..usize::MAX;

/// A value that fits a schema; one for each guess where the schema leaves a choice.
fn made_up(
    root: &Json,
    schema: &Json,
    guess: usize,
    name: &str,
) -> Option<Spanned<DeValue<'static>>> {
    let value = example(root, schema, guess, name)?;
    elsewhere(&value).map(|value| Spanned::new(NOWHERE, value))
}

/// The numbers that are made up.
const NUMBERS: &[&str] = &[
    "1.0",
    "-1.0",
    "1000000.0",
    "-1000000.0",
    "0.000001",
    "-0.000001",
    "1",
    "2",
    "100",
];

/// A value that stands nowhere.
fn elsewhere(value: &Json) -> Option<DeValue<'static>> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(flag) => DeValue::Boolean(*flag),
        Json::Number(number) => {
            let same = |text: &&&str| {
                text.contains('.') == number.is_f64() && text.parse().ok() == number.as_f64()
            };
            DeValue::parse(NUMBERS.iter().find(same)?)
                .ok()?
                .into_inner()
        }
        Json::String(text) => DeValue::String(text.clone().into()),
        Json::Array(items) => {
            let items = items
                .iter()
                .map(|item| Some(Spanned::new(NOWHERE, elsewhere(item)?)));
            DeValue::Array(items.collect::<Option<Vec<_>>>()?.into_iter().collect())
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let key = Spanned::new(NOWHERE, key.clone().into());
                Some((key, Spanned::new(NOWHERE, elsewhere(value)?)))
            });
            DeValue::Table(entries.collect::<Option<_>>()?)
        }
    })
}

/// An example of what a schema allows.
fn example(root: &Json, schema: &Json, guess: usize, name: &str) -> Option<Json> {
    let schema = resolved(root, schema);
    let list = |key: &str| schema.get(key).and_then(Json::as_array);
    if let Some(only) = schema.get("const") {
        return Some(only.clone());
    }
    if let Some(all) = list("enum") {
        return all.get(guess % all.len().max(1)).cloned();
    }
    if let Some(all) = list("oneOf") {
        return example(root, all.get(guess % all.len().max(1))?, guess, name);
    }
    if let Some(all) = list("anyOf") {
        return all
            .iter()
            .find_map(|choice| example(root, choice, guess, name));
    }
    let scale = [1.0, 1e6, 1e-6][guess % GUESSES];
    let kind = schema.get("type")?;
    let kind = kind.as_str().or_else(|| kind.get(0)?.as_str())?;
    Some(match kind {
        "boolean" => Json::from(guess.is_multiple_of(2)),
        "integer" => Json::from([1, 2, 100][guess % GUESSES]),
        "number" => Json::from(scale),
        "string" => {
            let quantity = list("examples").and_then(|all| all.first()?.as_str());
            let quantity = quantity.and_then(|text| text.split_once(' '));
            let scaled = quantity.and_then(|(number, unit)| {
                let number: f64 = number.parse().ok()?;
                Some(format!(
                    "{} {unit}",
                    number * [1.0, 10.0, 0.1][guess % GUESSES]
                ))
            });
            Json::from(scaled.unwrap_or_else(|| format!("~{guess}~{name}")))
        }
        "array" => {
            let prefix = list("prefixItems").map_or(&[][..], Vec::as_slice);
            let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
            let least = usize::try_from(least).ok()?.clamp(prefix.len().max(1), 16);
            let items: Option<Vec<Json>> = (0..least)
                .map(|at| {
                    let item = prefix.get(at).or_else(|| schema.get("items"))?;
                    example(root, item, guess, &format!("{name}.{at}"))
                })
                .collect();
            let mut items = items?;
            // Two numbers are most often the ends of something.
            if let [low, high] = &mut items[..]
                && let Some(end) = high.as_f64().filter(|_| high.is_f64())
            {
                *low = Json::from(-end);
            }
            Json::from(items)
        }
        "object" => {
            let required = list("required").into_iter().flatten();
            let entries: Option<serde_json::Map<String, Json>> = required
                .map(|key| {
                    let key = key.as_str()?;
                    let (inner, _) = property(root, schema, key)?;
                    let value = example(root, inner, guess, &format!("{name}.{key}"))?;
                    Some((key.to_owned(), value))
                })
                .collect();
            let mut entries = entries?;
            if let Some((inner, _)) = property(root, schema, "") {
                let key = format!("~{guess}~{name}");
                let value = example(root, inner, guess, &key)?;
                entries.insert(key, value);
            }
            Json::from(entries)
        }
        _ => return None,
    })
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

/// The way to the key of this name and place, or to the innermost value that covers a place. Items of a
/// list are steps such as `[0]`.
fn find(table: &DeTable<'_>, span: &Range<usize>, part: Part, name: &str) -> Option<Vec<String>> {
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
