//! The configuration file of EnvTrace.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value as Json};
use thiserror::Error;

/// What an EnvTrace configuration says.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Canonical names of channels, applied once.
    pub aliases: BTreeMap<String, String>,
    /// Channels left out of the alignment, by canonical name.
    pub ignore: BTreeSet<String>,
    /// How values are compared.
    pub comparator: Comparator,
    /// How values of single channels are compared.
    pub by_channel: BTreeMap<String, Comparator>,
    /// Channels compared as curves.
    pub continuous: BTreeMap<String, Continuous>,
    /// Whether the weights for continuous channels apply though none is configured.
    pub use_continuous: bool,
    /// How times are judged.
    pub timing: Timing,
    /// Weights of the metrics, if not the usual ones.
    pub weights: Option<BTreeMap<String, f64>>,
    /// What decides accuracy.
    pub decision: Decision,
    /// Whether the structure metric is taken.
    pub include_structure: bool,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparator {
    /// Numbers within this relative tolerance, others by their spelling.
    Tolerance(f64),
    /// Equal values only.
    Exact,
    /// Any values.
    AlwaysTrue,
}

/// How a channel is compared as a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Continuous {
    /// The mean difference at which its score falls to 1/e.
    pub mae_scale: f64,
    /// The final difference at which its score falls to 1/e.
    pub final_scale: f64,
    /// The largest mean difference that passes.
    pub mae_thresh: f64,
    /// The largest final difference that passes.
    pub final_thresh: f64,
    /// Its weight among the curves.
    pub weight: f64,
}

/// How times are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// The smallest R² that passes.
    pub r2_thresh: f64,
    /// The smallest slope that passes.
    pub slope_lo: f64,
    /// The largest slope that passes.
    pub slope_hi: f64,
    /// The largest relative error of the duration that passes.
    pub dur_tol: f64,
    /// The largest mean relative error of the intervals that passes.
    pub mape_tol: f64,
}

/// What decides accuracy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether every event must match.
    pub require_discrete_exact: bool,
    /// The metric that stands for timing.
    pub timing_metric_name: String,
    /// What else must pass.
    pub required_metrics: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            aliases: BTreeMap::new(),
            ignore: BTreeSet::new(),
            comparator: Comparator::Tolerance(1e-3),
            by_channel: BTreeMap::new(),
            continuous: BTreeMap::new(),
            use_continuous: false,
            timing: Timing {
                r2_thresh: 0.90,
                slope_lo: 0.8,
                slope_hi: 1.2,
                dur_tol: 0.25,
                mape_tol: 1.0,
            },
            weights: None,
            decision: Decision {
                require_discrete_exact: true,
                timing_metric_name: "timing".to_owned(),
                required_metrics: Vec::new(),
            },
            include_structure: true,
        }
    }
}

/// Why an EnvTrace configuration could not be read.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It is not JSON.
    #[error("read the configuration as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is not YAML.
    #[error("read the configuration as YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A part of it has another shape.
    #[error("take \"{key}\" of the configuration as {wanted}")]
    Shape {
        /// The key.
        key: String,
        /// What it should be.
        wanted: &'static str,
    },
}

impl Config {
    /// Reads a configuration file. Keys nobody knows are passed over, as the package does.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        Self::of(serde_json::from_str(text)?)
    }

    /// Reads a configuration file in YAML; an empty one says nothing.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        Self::of(serde_yaml_ng::from_str(text)?)
    }

    fn of(json: Json) -> Result<Self, ConfigError> {
        let file = Part {
            key: "the whole".to_owned(),
            json,
        };
        if !file.json.is_object() && !file.json.is_null() {
            return Err(file.wants("an object"));
        }
        let mut config = Self::default();
        for (from, to) in file.entries("aliases")? {
            config.aliases.insert(from, to.text()?);
        }
        config.ignore = file.texts("ignore_channels")?.into_iter().collect();
        if let Some(comparators) = file.part("comparators") {
            if let Some(default) = comparators.part("default") {
                config.comparator = default.comparator()?;
            }
            for (channel, part) in comparators.entries("by_channel")? {
                config.by_channel.insert(channel, part.comparator()?);
            }
        }
        for (channel, part) in file.entries("continuous_channels")? {
            config.continuous.insert(
                channel,
                Continuous {
                    mae_scale: part.number("mae_scale", 15.0)?,
                    final_scale: part.number("final_scale", 15.0)?,
                    mae_thresh: part.number("mae_thresh", 5.0)?,
                    final_thresh: part.number("final_thresh", 5.0)?,
                    weight: part.number("weight", 1.0)?,
                },
            );
        }
        config.use_continuous = file.flag("use_continuous", false);
        if let Some(part) = file.part("timing") {
            let usual = config.timing;
            config.timing = Timing {
                r2_thresh: part.number("r2_thresh", usual.r2_thresh)?,
                slope_lo: part.number("slope_lo", usual.slope_lo)?,
                slope_hi: part.number("slope_hi", usual.slope_hi)?,
                dur_tol: part.number("dur_tol", usual.dur_tol)?,
                mape_tol: part.number("mape_tol", usual.mape_tol)?,
            };
        }
        if let Some(part) = file
            .part("aggregation")
            .and_then(|part| part.part("weights"))
        {
            let weight = |(name, part): (String, Part)| Ok((name, part.float()?));
            let weights: Result<BTreeMap<_, _>, ConfigError> =
                part.own_entries()?.into_iter().map(weight).collect();
            config.weights = Some(weights?).filter(|weights| !weights.is_empty());
        }
        if let Some(part) = file.part("decision") {
            config.decision.require_discrete_exact = part.flag("require_discrete_exact", true);
            if let Some(name) = part.part("timing_metric_name") {
                config.decision.timing_metric_name = name.text()?;
            }
            config.decision.required_metrics = part.texts("required_metrics")?;
        }
        config.include_structure = file.flag("include_structure", true);
        Ok(config)
    }

    /// The channels the configuration gives a meaning to, which a session must show besides its
    /// requests.
    pub fn channels(&self) -> BTreeSet<String> {
        let named = |name: &String| {
            self.continuous.contains_key(name) || self.by_channel.contains_key(name)
        };
        let aliased = self
            .aliases
            .iter()
            .filter(|(_, name)| named(name))
            .map(|(raw, _)| raw);
        self.continuous
            .keys()
            .chain(self.by_channel.keys())
            .chain(aliased)
            .cloned()
            .collect()
    }

    /// The comparator of a channel.
    pub(super) fn comparator(&self, channel: &str) -> Comparator {
        self.by_channel
            .get(channel)
            .copied()
            .unwrap_or(self.comparator)
    }

    /// What `evaluate_best_of` forwards of a configuration.
    pub(super) fn as_best_of_sees_it(&self) -> Self {
        Self {
            aliases: self.aliases.clone(),
            ignore: self.ignore.clone(),
            comparator: self.comparator,
            by_channel: self.by_channel.clone(),
            use_continuous: self.use_continuous,
            ..Self::default()
        }
    }

    /// The weights behind `full_score`.
    pub(super) fn scoring_weights(&self) -> BTreeMap<String, f64> {
        self.reported_weights(self.use_continuous || !self.continuous.is_empty())
    }

    /// The weights the report shows, which asks only whether a continuous metric was taken.
    pub(super) fn reported_weights(&self, continuous: bool) -> BTreeMap<String, f64> {
        let usual: &[(&str, f64)] = if continuous {
            &[("discrete", 0.6), ("timing", 0.2), ("continuous", 0.2)]
        } else {
            &[("discrete", 0.8), ("timing", 0.2)]
        };
        self.weights.clone().unwrap_or_else(|| {
            usual
                .iter()
                .map(|&(name, weight)| (name.to_owned(), weight))
                .collect()
        })
    }
}

/// A part of the file, with the key it stands under.
struct Part {
    key: String,
    json: Json,
}

impl Part {
    fn part(&self, key: &str) -> Option<Self> {
        let json = self.json.get(key).filter(|json| !json.is_null())?;
        Some(Self {
            key: key.to_owned(),
            json: json.clone(),
        })
    }

    fn entries(&self, key: &str) -> Result<Vec<(String, Self)>, ConfigError> {
        self.part(key)
            .map_or(Ok(Vec::new()), |part| part.own_entries())
    }

    fn own_entries(&self) -> Result<Vec<(String, Self)>, ConfigError> {
        let map: &Map<String, Json> = self
            .json
            .as_object()
            .ok_or_else(|| self.wants("an object"))?;
        let entry = |(key, json): (&String, &Json)| {
            (
                key.clone(),
                Self {
                    key: key.clone(),
                    json: json.clone(),
                },
            )
        };
        Ok(map.iter().map(entry).collect())
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        let Some(part) = self.part(key) else {
            return Ok(Vec::new());
        };
        let items = part.json.as_array().ok_or_else(|| part.wants("a list"))?;
        let text = |item: &Json| item.as_str().map(str::to_owned);
        items
            .iter()
            .map(text)
            .collect::<Option<_>>()
            .ok_or_else(|| part.wants("a list of names"))
    }

    fn text(&self) -> Result<String, ConfigError> {
        self.json
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| self.wants("a name"))
    }

    fn float(&self) -> Result<f64, ConfigError> {
        // YAML as Python reads it takes 1e-3 for a text, which its `float` then reads.
        let text = || self.json.as_str()?.trim().parse().ok();
        self.json
            .as_f64()
            .or_else(text)
            .ok_or_else(|| self.wants("a number"))
    }

    fn number(&self, key: &str, usual: f64) -> Result<f64, ConfigError> {
        self.part(key).map_or(Ok(usual), |part| part.float())
    }

    /// A flag with Python's idea of truth, for which the text "false" is true.
    fn flag(&self, key: &str, usual: bool) -> bool {
        match self.json.get(key) {
            None => usual,
            Some(Json::Null) => false,
            Some(Json::Bool(flag)) => *flag,
            Some(Json::Number(number)) => number.as_f64() != Some(0.0),
            // YAML as Python reads it takes these words for false.
            Some(Json::String(text)) => {
                !["", "no", "No", "NO", "off", "Off", "OFF"].contains(&text.as_str())
            }
            Some(Json::Array(items)) => !items.is_empty(),
            Some(Json::Object(map)) => !map.is_empty(),
        }
    }

    /// A comparator; a type nobody knows means the usual tolerance.
    fn comparator(&self) -> Result<Comparator, ConfigError> {
        Ok(match self.json.get("type").and_then(Json::as_str) {
            Some("exact") => Comparator::Exact,
            Some("always_true") => Comparator::AlwaysTrue,
            Some("numeric_tolerance") => Comparator::Tolerance(self.number("tol", 1e-3)?),
            _ => Comparator::Tolerance(1e-3),
        })
    }

    fn wants(&self, wanted: &'static str) -> ConfigError {
        ConfigError::Shape {
            key: self.key.clone(),
            wanted,
        }
    }
}
