//! Where the settings of a device come from.

use std::collections::BTreeMap;
use std::fmt;

use beamtwin_devices::KINDS;
use serde_json::Value as Json;

use crate::layers::Layer;
use crate::plan::Planned;
use crate::registry::settings_schema;

/// A device, and the source of each of its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// `motor.sample.theta`.
    pub device: String,
    /// `motor`.
    pub kind: &'static str,
    /// The line that makes it; `None` for the one that the loader adds.
    pub line: Option<usize>,
    /// Its settings, in the order of its kind.
    pub settings: Vec<Explained>,
}

/// A setting and its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Its name.
    pub setting: String,
    /// Its value as TOML, macros expanded; `None` for one that is absent, or built in and not told.
    pub value: Option<String>,
    /// Who said so.
    pub source: Source,
}

/// Who said what a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// This line of the file, in this layer.
    Line(usize, Layer),
    /// The kind itself.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line, Layer::Defaults) => write!(f, "line {line}, defaults"),
            Self::Line(line, _) => write!(f, "line {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A heading, then a line for each setting, in columns.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => writeln!(f, "{}: line {line}", self.device)?,
            None => writeln!(f, "{}: built in", self.device)?,
        }
        let value = |e: &Explained| e.value.clone().unwrap_or_else(|| "-".to_owned());
        let width = |text: &dyn Fn(&Explained) -> usize| self.settings.iter().map(text).max();
        let names = width(&|e| e.setting.chars().count()).unwrap_or_default();
        let values = width(&|e| value(e).chars().count()).unwrap_or_default();
        for explained in &self.settings {
            let (name, source) = (&explained.setting, explained.source);
            writeln!(
                f,
                "  {name:names$} = {:values$}  # {source}",
                value(explained)
            )?;
        }
        Ok(())
    }
}

/// Explains the devices of a file.
pub(crate) struct Explainer {
    /// Where the lines after the first begin.
    lines: Vec<usize>,
    /// The settings of each kind.
    schemas: BTreeMap<&'static str, Json>,
}

impl Explainer {
    pub(crate) fn new(text: &str) -> Self {
        let schemas = KINDS
            .iter()
            .map(|&kind| (kind, settings_schema(kind).unwrap_or_default()));
        Self {
            lines: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
            schemas: schemas.collect(),
        }
    }

    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&start| start <= at) + 1
    }

    /// Explains a device with settings as they have been read.
    pub(crate) fn explain(
        &self,
        planned: &Planned<'_>,
        kind: &'static str,
        settings: &toml::Table,
    ) -> Explanation {
        let schema = self.schemas.get(kind);
        let properties = schema.and_then(|schema| schema.get("properties")?.as_object());
        let explained = properties.into_iter().flatten().map(|(name, property)| {
            let said = settings.get(name.as_str());
            let line = planned.settings.get(name).filter(|_| said.is_some());
            Explained {
                setting: name.clone(),
                value: match said {
                    Some(value) => Some(value.to_string()),
                    None => property.get("default").and_then(toml_of),
                },
                source: line
                    .filter(|setting| !setting.key.is_empty())
                    .map_or(Source::Default, |setting| {
                        Source::Line(self.line(setting.key.start), setting.layer)
                    }),
            }
        });
        Explanation {
            device: planned.name.clone(),
            kind,
            line: (!planned.span.is_empty()).then(|| self.line(planned.span.start)),
            settings: explained.collect(),
        }
    }
}

/// A JSON value as TOML; `None` for null.
fn toml_of(json: &Json) -> Option<String> {
    if json.is_null() {
        return None;
    }
    toml::Value::try_from(json)
        .ok()
        .map(|value| value.to_string())
}
