//! Where the settings of a device come from.

use std::fmt;

use beamtwin_devices::visit;
use beamtwin_sim::fault;
use serde_json::Value as Json;

use crate::assemble::Build;
use crate::beamline::Ready;
use crate::layers::Layer;
use crate::plan::Planned;
use crate::registry::{TWIN, settings_schema};

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
    /// The words for what can go wrong with it on purpose.
    pub faults: Vec<&'static str>,
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

/// A heading, a line for each setting, in columns, and one for what can go wrong on purpose.
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
        if self.faults.is_empty() {
            return Ok(());
        }
        writeln!(f, "  # faults: {}", self.faults.join(", "))
    }
}

impl Explanation {
    /// Explains a device.
    pub(crate) fn of(ready: &Ready) -> Self {
        let schema = settings_schema(ready.kind).unwrap_or_default();
        let properties = schema.get("properties").and_then(Json::as_object);
        let said = |name: &str| {
            let place = ready.settings.keys().position(|key| key == name)?;
            Some((&ready.settings[name], ready.sources[place]))
        };
        let explained = properties.into_iter().flatten().map(|(name, property)| {
            let (value, source) = match said(name) {
                Some((value, source)) => (Some(value.to_string()), source),
                None => (property.get("default").and_then(toml_of), Source::Default),
            };
            Explained {
                setting: name.clone(),
                value,
                source,
            }
        });
        let device =
            visit(ready.kind, Build(ready.settings.clone())).filter(|_| ready.kind != TWIN);
        let faults = device.map(|(_, device)| fault::all(device.faults()).collect());
        Self {
            device: ready.device.clone(),
            kind: ready.kind,
            line: ready.line,
            settings: explained.collect(),
            faults: faults.unwrap_or_default(),
        }
    }
}

/// The lines of a file.
pub(crate) struct Lines {
    /// Where those after the first begin.
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self {
            starts: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
        }
    }

    /// The number of the line at a place.
    pub(crate) fn at(&self, place: usize) -> usize {
        self.starts.partition_point(|&start| start <= place) + 1
    }

    /// Who said each of the settings of a device, as they have been read.
    pub(crate) fn sources(&self, planned: &Planned<'_>, settings: &toml::Table) -> Vec<Source> {
        let source = |name: &String| {
            let said = planned.settings.get(name)?;
            (!said.key.is_empty()).then(|| Source::Line(self.at(said.key.start), said.layer))
        };
        let sources = settings
            .keys()
            .map(|name| source(name).unwrap_or(Source::Default));
        sources.collect()
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
