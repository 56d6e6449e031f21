//! Values that are made up, so that what stands beside a mistake can be read.

use std::ops::Range;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::path::{inner_table, inner_value, item};
use super::schema::{property, resolved};

/// How many guesses there are at what is wrong: what they agree in does not come from guessing.
pub(super) const GUESSES: usize = 3;

/// Puts a made-up value where a path leads to.
pub(super) fn put(
    table: &mut DeTable<'_>,
    path: &[String],
    root: &Json,
    schema: &Json,
    guess: usize,
) -> bool {
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
