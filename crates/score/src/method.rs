//! How sessions are judged: by which method, with which settings.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use beamtwin_align::envtrace::{self, Config};
use beamtwin_align::{Settings, compare, paper};
use beamtwin_trace::envtrace::{Event, Selection};
use beamtwin_trace::{Recording, Trace};

use crate::{Dimension, Outcome};

/// How sessions are judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// By what clients asked for.
    Beamtwin(Box<Settings>),
    /// By the EnvTrace package.
    Envtrace(Box<Config>),
    /// By the program behind the EnvTrace paper.
    EnvtracePaper(Box<Config>),
}

/// A recording, as a method looks at it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Session {
    Trace(Box<Trace>),
    Events(Vec<Event>),
}

impl Default for Method {
    fn default() -> Self {
        Self::Beamtwin(Box::default())
    }
}

impl Method {
    /// The names, as `compare --method` has them.
    pub(crate) const NAMES: [&str; 3] = ["beamtwin", "envtrace", "envtrace-paper"];

    /// The name.
    pub fn name(&self) -> &'static str {
        let [beamtwin, envtrace, paper] = Self::NAMES;
        match self {
            Self::Beamtwin(_) => beamtwin,
            Self::Envtrace(_) => envtrace,
            Self::EnvtracePaper(_) => paper,
        }
    }

    /// The method of a name with the settings of a file, or the usual ones.
    pub(crate) fn load(name: &str, settings: Option<&Path>) -> Result<Self, String> {
        let Some(path) = settings else {
            return Ok(match name {
                "envtrace" => Self::Envtrace(Box::default()),
                "envtrace-paper" => Self::EnvtracePaper(Box::default()),
                _ => Self::default(),
            });
        };
        let text = fs::read_to_string(path)
            .map_err(|error| format!("failed to read {}: {error}", path.display()))?;
        let failed = |error: &dyn Error| format!("{}: failed to {error}", path.display());
        let config = || {
            let config = Config::from_file(path, &text).map(Box::new);
            config.map_err(|error| failed(&error))
        };
        match name {
            "envtrace" => config().map(Self::Envtrace),
            "envtrace-paper" => config().map(Self::EnvtracePaper),
            _ => {
                let settings = Settings::from_toml(&text).map_err(|error| failed(&error))?;
                Ok(Self::Beamtwin(Box::new(settings)))
            }
        }
    }

    /// What is averaged.
    pub(crate) fn dimensions(&self) -> Vec<Dimension> {
        let mut dimensions = Dimension::ALL.to_vec();
        match self {
            Self::Beamtwin(_) => {}
            Self::Envtrace(config) => dimensions.retain(|it| {
                let curves = !config.continuous.is_empty();
                *it != Dimension::Weighted && (*it != Dimension::Curves || curves)
            }),
            Self::EnvtracePaper(_) => dimensions.retain(|it| *it != Dimension::Weighted),
        }
        dimensions
    }

    /// All that decides what comes out, as text.
    pub(crate) fn text(&self) -> String {
        let settings = match self {
            Self::Beamtwin(settings) => serde_json::to_string(settings).unwrap_or_default(),
            Self::Envtrace(config) | Self::EnvtracePaper(config) => format!("{config:?}"),
        };
        format!("{}\n{settings}", self.name())
    }

    /// The channels that the events of EnvTrace are of, beside the requests.
    fn channels(&self) -> BTreeSet<String> {
        match self {
            Self::Beamtwin(_) => BTreeSet::new(),
            Self::Envtrace(config) => config.channels(),
            Self::EnvtracePaper(config) => {
                let mut channels = config.channels();
                channels.insert(paper::temperature(config).to_owned());
                channels
            }
        }
    }

    /// What the method looks at of the bytes of a recording.
    pub(crate) fn session(&self, path: &Path, bytes: &[u8]) -> Result<Session, String> {
        let failed = |error: &dyn Error| format!("{}: failed to {error}", path.display());
        let recording = Recording::read(bytes).map_err(|error| failed(&error))?;
        if let Self::Beamtwin(_) = self {
            let trace = recording.into_trace().map_err(|error| failed(&error))?;
            return Ok(Session::Trace(Box::new(trace)));
        }
        let events = recording.into_events(&Selection::RequestsAnd(self.channels()));
        events.map(Session::Events).map_err(|error| failed(&error))
    }

    /// Compares a session with a reference.
    pub(crate) fn judge(&self, reference: &Session, session: &Session) -> Result<Outcome, String> {
        match (self, reference, session) {
            (Self::Beamtwin(settings), Session::Trace(reference), Session::Trace(session)) => {
                Ok(Outcome::of(&compare(reference, session, settings)))
            }
            (Self::Envtrace(config), Session::Events(gt), Session::Events(pred)) => {
                envtrace::evaluate(gt, pred, config)
                    .map(|it| Outcome::of_envtrace(&it))
                    .map_err(|error| error.to_string())
            }
            (Self::EnvtracePaper(config), Session::Events(gt), Session::Events(pred)) => {
                paper::evaluate(gt, pred, config)
                    .map(|it| Outcome::of_paper(&it))
                    .map_err(|error| error.to_string())
            }
            _ => Err("the two were read for different methods".to_owned()),
        }
    }
}
