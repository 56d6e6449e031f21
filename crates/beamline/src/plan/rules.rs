//! `[rules.name]`: what must never or always hold.

use std::ops::Range;

use beamtwin_devices::settings::Wait;
use beamtwin_pv::SimTime;
use beamtwin_rules::{Key, Severity, Terms};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Reader;
use super::names::bad_name;
use super::sections::table_of;
use crate::problem::{Problem, Problems};

/// `[rules.name]`: what must never or always hold over devices and time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// A condition that must never hold: `"shutter.main.open && motor.beamstop.position > 5"`.
    #[serde(default)]
    never: Option<String>,
    /// A condition that must always hold.
    #[serde(default)]
    always: Option<String>,
    /// The rule is judged only while this condition holds.
    #[serde(default, rename = "while")]
    only_while: Option<String>,
    /// For how long it may be broken at a stretch, in device time.
    #[serde(default)]
    within: Option<Wait>,
    /// What to say when it is broken; the condition unless given.
    #[serde(default)]
    message: Option<String>,
    /// How bad it is when it is broken.
    #[serde(default)]
    severity: Level,
}

/// How bad it is if a rule is broken.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Somebody should know.
    Minor,
    /// Something is wrong.
    #[default]
    Major,
}

/// A rule of the file, whose names are to be looked up in a world.
#[derive(Clone, Debug)]
pub(crate) struct Ruled {
    pub(crate) name: String,
    pub(crate) terms: Terms,
    /// Where it stands.
    pub(crate) span: Range<usize>,
    /// Where its expressions stand, and where their first letter does, if they stand there letter by letter.
    places: Vec<(Key, Range<usize>, Option<usize>)>,
}

impl Ruled {
    /// Where a part of an expression stands.
    pub(crate) fn place(&self, key: Option<Key>, at: &Range<usize>) -> Range<usize> {
        let place = self.places.iter().find(|(known, ..)| Some(*known) == key);
        match place {
            Some((_, _, Some(start))) => start + at.start..start + at.end,
            Some((_, whole, None)) => whole.clone(),
            None => self.span.clone(),
        }
    }
}

impl Reader<'_> {
    /// `[rules.name]`, all of them.
    pub(super) fn rules(&self, root: &DeTable<'_>, problems: &mut Problems) -> Vec<Ruled> {
        let Some((_, tables)) = table_of(root, RULES, problems) else {
            return Vec::new();
        };
        let mut rules = Vec::new();
        for (key, value) in tables {
            let name = key.get_ref();
            let label = format!("{RULES}.{name}");
            let DeValue::Table(table) = value.get_ref() else {
                let message = format!("{label} should be a table");
                let hint = "a rule is a table with a name: [rules.closed_at_night]";
                problems.push(Problem::new(key.span(), message).hint(hint));
                continue;
            };
            problems.0.extend(bad_name(name, &key.span()));
            if let Some(rule) = self.section::<Rule>(table, &key.span(), &label, problems) {
                rules.push(self.ruled(name, key.span(), rule, table));
            }
        }
        rules.sort_by_key(|rule| rule.span.start);
        rules
    }

    fn ruled(&self, name: &str, span: Range<usize>, rule: Rule, table: &DeTable<'_>) -> Ruled {
        let texts = [
            (Key::Never, &rule.never),
            (Key::Always, &rule.always),
            (Key::While, &rule.only_while),
        ];
        let places = texts.into_iter().filter_map(|(key, text)| {
            let span = table.get(key.word()).map(Spanned::span)?;
            Some((key, span.clone(), self.verbatim(&span, text.as_deref()?)))
        });
        Ruled {
            name: name.to_owned(),
            span,
            places: places.collect(),
            terms: Terms {
                never: rule.never,
                always: rule.always,
                only_while: rule.only_while,
                within: rule.within.map(|within| SimTime::ZERO + within.0),
                message: rule.message,
                severity: match rule.severity {
                    Level::Minor => Severity::Minor,
                    Level::Major => Severity::Major,
                },
            },
        }
    }

    /// Where the first letter of a text stands, if no macro and no escape is in it.
    fn verbatim(&self, span: &Range<usize>, text: &str) -> Option<usize> {
        let written = self.text.get(span.clone())?;
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        let quote = quotes
            .into_iter()
            .find(|quote| written.starts_with(quote))?;
        let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
        // A newline at the beginning of several lines is no part of them.
        let newline = usize::from(quote.len() == 3 && inner.starts_with('\n'));
        (inner[newline..] == *text).then_some(span.start + quote.len() + newline)
    }
}

/// The name of the table.
const RULES: &str = "rules";
