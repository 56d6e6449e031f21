//! What is wrong, in the words of a user.

use serde_json::Value as Json;

use super::reading::Reading;
use super::schema::{place, resolved};
use crate::nearest::{listed, nearest};

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

impl Reading<'_, '_> {
    /// A message of the deserializer in the words of a user.
    pub(super) fn plain(&self, message: &str, path: &[String]) -> (String, Option<String>) {
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

    pub(super) fn example(&self, name: &str) -> Option<String> {
        let property = self.schema.get("properties")?.get(name)?;
        let property = resolved(&self.schema, property);
        let example = property.get("examples")?.get(0)?;
        Some(format!("write for example {name} = {example}"))
    }
}

/// The words between backticks.
pub(super) fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
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
