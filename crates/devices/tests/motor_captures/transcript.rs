//! A capture of the C motor record: what clients did, and what they were told.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// One scenario.
#[derive(Debug, Deserialize)]
pub(crate) struct Transcript {
    pub(crate) setup: Map<String, Json>,
    pub(crate) initial_values: Map<String, Json>,
    pub(crate) steps: Vec<Step>,
    pub(crate) events: Vec<Seen>,
}

/// One thing that a client did.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Step {
    pub(crate) t: f64,
    pub(crate) op: String,
    #[serde(default)]
    pub(crate) pv: String,
    #[serde(default)]
    pub(crate) value: Json,
    #[serde(default)]
    pub(crate) result: Json,
    pub(crate) completed_after_s: Option<f64>,
    #[serde(default = "yes")]
    pub(crate) waited: bool,
    #[serde(default)]
    pub(crate) client: String,
}

/// One monitor event.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) t_recv: f64,
    pub(crate) field: String,
    pub(crate) value: Json,
    #[serde(default = "no_alarm")]
    pub(crate) severity: String,
}

fn yes() -> bool {
    true
}

fn no_alarm() -> String {
    "NO_ALARM".to_owned()
}

impl Step {
    /// When the client went on to the next step.
    pub(crate) fn end(&self) -> f64 {
        let waits = match self.op.as_str() {
            "put_callback" => self.waited,
            "wait" => self.value.is_string(),
            _ => false,
        };
        let took = if waits { self.completed_after_s } else { None };
        self.t + took.unwrap_or_default()
    }

    pub(crate) fn timed_out(&self) -> bool {
        self.result == "timeout"
    }

    pub(crate) fn field(&self) -> &str {
        self.pv.trim_start_matches('.')
    }
}

/// Where the captures are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/motor")
}

pub(crate) fn read(name: &str) -> Transcript {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(path).expect("a capture");
    serde_json::from_str(&text).expect("a capture")
}

/// The names of all captures.
pub(crate) fn all() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("captures")
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_suffix(".json").map(str::to_owned)
        })
        .filter(|name| name != "fields")
        .collect();
    names.sort();
    names
}
