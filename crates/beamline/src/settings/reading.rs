//! Reading a table round by round, until all of its mistakes are found.

use std::ops::Range;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use super::made_up::{GUESSES, put};
use super::path::{Part, find, inner_table, shown};
use super::schema::place;
use super::words::{quoted, unknown};
use super::{Complaint, Read};
use crate::nearest::nearest;

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

fn deserialize<T: DeserializeOwned>(
    table: DeTable<'_>,
    span: &Range<usize>,
) -> Result<T, toml::de::Error> {
    T::deserialize(Deserializer::from(Spanned::new(span.clone(), table)))
}

pub(super) struct Reading<'t, 'b> {
    pub(super) schema: Json,
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
}
