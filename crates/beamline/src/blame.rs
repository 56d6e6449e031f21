//! Which place of the file is to blame for what a device objects to.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use crate::plan::Planned;

impl Planned<'_> {
    /// Who is to blame for a setting, dotted where nested, and where it stands.
    pub(crate) fn blame(&self, key: &str, part: Part) -> (String, Range<usize>) {
        let nowhere = || (self.name.clone(), self.span.clone());
        let split = std::iter::once(key.len())
            .chain(key.match_indices('.').map(|(at, _)| at).rev())
            .find(|&at| self.settings.contains_key(&key[..at]));
        let Some(at) = split else {
            return nowhere();
        };
        let Some(setting) = self.settings.get(&key[..at]) else {
            return nowhere();
        };
        let rest = key[at..].trim_start_matches('.');
        let span = inner(setting.key.clone(), &setting.value, rest, part);
        (setting.layer.owner(&self.group, &self.name), span)
    }

    /// Who is to blame for the name of a device in a setting, and where exactly that name stands.
    pub(crate) fn blame_reference(&self, key: &str, target: &str) -> (String, Range<usize>) {
        let (owner, span) = self.blame(key, Part::Value);
        let top = key.split('.').next().unwrap_or_default();
        let mut exact = None;
        if let Some(setting) = self.settings.get(top) {
            texts(&setting.value, &mut |text, place| {
                let inside = span.start <= place.start && place.end <= span.end;
                if text == target && inside && exact.is_none() {
                    exact = Some(place);
                }
            });
        }
        (owner, exact.unwrap_or(span))
    }

    /// Who is to blame for a PV name, and the text that it begins with.
    pub(crate) fn blame_name(&self, name: &str) -> (String, Range<usize>) {
        let mut best: Option<(usize, &str, Range<usize>)> = None;
        for (key, setting) in &self.settings {
            texts(&setting.value, &mut |text, span| {
                if !text.is_empty()
                    && name.starts_with(text)
                    && best
                        .as_ref()
                        .is_none_or(|(length, ..)| text.len() > *length)
                {
                    best = Some((text.len(), key, span));
                }
            });
        }
        match best {
            Some((_, key, span)) => (
                self.settings[key].layer.owner(&self.group, &self.name),
                span,
            ),
            None => (self.name.clone(), self.span.clone()),
        }
    }

    /// The settings that make a PV name, in the order of the file: those that are it, or its end behind another.
    pub(crate) fn makers(&self, name: &str) -> Vec<(&str, Range<usize>)> {
        let mut all: Vec<(&str, &str, Range<usize>)> = Vec::new();
        for (key, setting) in &self.settings {
            texts(&setting.value, &mut |text, span| {
                if !text.is_empty() {
                    all.push((key, text, span));
                }
            });
        }
        let begun = |length: usize| {
            let start = &name[..name.len() - length];
            all.iter().any(|(_, text, _)| start.starts_with(text))
        };
        let makes = |text: &str| text == name || (name.ends_with(text) && begun(text.len()));
        let makers = all.iter().filter(|(_, text, _)| makes(text));
        let mut makers: Vec<_> = makers.map(|(key, _, span)| (*key, span.clone())).collect();
        makers.sort_by_key(|(_, span)| span.start);
        makers
    }
}

/// What to mark of a setting.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// From its name to the end of its value.
    Entry,
    /// Its value.
    Value,
}

/// The place of a nested value: as deep as the path leads.
fn inner(key: Range<usize>, value: &Spanned<DeValue<'_>>, path: &str, part: Part) -> Range<usize> {
    let steps = std::iter::once(path.len()).chain(path.match_indices('.').map(|(at, _)| at).rev());
    for end in steps.filter(|&end| end > 0) {
        let step = &path[..end];
        let rest = path[end..].trim_start_matches('.');
        let found = match value.get_ref() {
            DeValue::Table(table) => table
                .get_key_value(step)
                .map(|(key, value)| (key.span(), value)),
            DeValue::Array(items) => step
                .parse()
                .ok()
                .and_then(|at: usize| items.get(at))
                .map(|item| (item.span(), item)),
            _ => None,
        };
        if let Some((key, value)) = found {
            return inner(key, value, rest, part);
        }
    }
    let span = value.span();
    match part {
        // A table below its own header lies elsewhere.
        Part::Entry if key.end <= span.start => key.start..span.end,
        Part::Entry => key,
        Part::Value => span,
    }
}

/// Calls for every text in a value, keys of its tables included.
fn texts<'a>(value: &'a Spanned<DeValue<'_>>, see: &mut impl FnMut(&'a str, Range<usize>)) {
    match value.get_ref() {
        DeValue::String(text) => see(text, value.span()),
        DeValue::Array(items) => items.iter().for_each(|item| texts(item, see)),
        DeValue::Table(table) => {
            for (key, value) in table {
                see(key.get_ref(), key.span());
                texts(value, see);
            }
        }
        _ => {}
    }
}
