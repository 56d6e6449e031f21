//! The configuration file of EnvTrace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use beamtwin_trace::envtrace::{NotAFloat, Value, value};
use serde::Serialize;
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
    /// What the package's `evaluate_best_of` is called with, if a file says so by a key `best_of`: even of one reference
    /// it takes the best then.
    pub best_of: Option<Box<Self>>,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparator {
    /// Numbers within this relative tolerance, others by their spelling.
    Tolerance(f64),
    /// Equal numbers only, others by their spelling.
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
            best_of: None,
        }
    }
}

/// Why an EnvTrace configuration could not be read, with what the package raises of it.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It is not JSON.
    #[error("read the configuration as JSON: {0} (EnvTrace: JSONDecodeError)")]
    Json(#[from] serde_json::Error),
    /// It is not YAML.
    #[error("read the configuration as YAML: {0} (EnvTrace: YAMLError)")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A part of it has another shape.
    #[error("take \"{key}\" of the configuration as {wanted} (EnvTrace: {raised})")]
    Shape {
        /// The key.
        key: String,
        /// What it should be.
        wanted: &'static str,
        /// What the package raises.
        raised: &'static str,
    },
}

impl Config {
    /// Reads a configuration from the text of a file: YAML where the name of the file says so, or else JSON.
    pub fn from_file(name: &Path, text: &str) -> Result<Self, ConfigError> {
        let is = |ending: &str| {
            name.extension()
                .is_some_and(|it| it.eq_ignore_ascii_case(ending))
        };
        if is("yaml") || is("yml") {
            Self::from_yaml(text)
        } else {
            Self::from_json(text)
        }
    }

    /// Reads a configuration file. Keys nobody knows are passed over, as the package does, and an
    /// empty file says nothing.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let text = if text.is_empty() { "{}" } else { text };
        let part = Part::new("the whole", value(text.as_bytes())?, false);
        Self::of(part.object()?)
    }

    /// Reads a configuration file in YAML; an empty one says nothing.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        let part = Part::new("the whole", serde_yaml_ng::from_str(text)?, true);
        Self::of(part.or_nothing().object()?)
    }

    fn of(file: Part) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for (from, to) in file.object_at("aliases")?.entries() {
            config.aliases.insert(from, to.name()?);
        }
        config.ignore = file.texts("ignore_channels")?.into_iter().collect();
        if let Some(Value::List(items)) = file.get("ignore_channels") {
            let nested = |item: &Value| matches!(item, Value::List(_) | Value::Object(_));
            if items.iter().any(nested) {
                return Err(file
                    .at("ignore_channels")
                    .wants("a list of names", "TypeError"));
            }
        }
        let comparators = file.object_at("comparators")?;
        config.comparator = comparators.at("default").comparator()?;
        config.by_channel = comparators.object_at("by_channel")?.comparators()?;
        for (channel, part) in file.object_at("continuous_channels")?.entries() {
            let part = part.object()?;
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
        let (part, usual) = (file.object_at("timing")?, config.timing);
        config.timing = Timing {
            r2_thresh: part.number("r2_thresh", usual.r2_thresh)?,
            slope_lo: part.number("slope_lo", usual.slope_lo)?,
            slope_hi: part.number("slope_hi", usual.slope_hi)?,
            dur_tol: part.number("dur_tol", usual.dur_tol)?,
            mape_tol: part.number("mape_tol", usual.mape_tol)?,
        };
        let weight = |(name, part): (String, Part)| Ok((name, part.float()?));
        let weights: Result<BTreeMap<_, _>, ConfigError> = file
            .object_at("aggregation")?
            .at("weights")
            .entries()
            .into_iter()
            .map(weight)
            .collect();
        config.weights = Some(weights?).filter(|weights| !weights.is_empty());
        let part = file.object_at("decision")?;
        config.decision.require_discrete_exact = part.flag("require_discrete_exact", true);
        if let Some(name) = part.get("timing_metric_name") {
            config.decision.timing_metric_name = name.spelled();
        }
        config.decision.required_metrics = part.texts("required_metrics")?;
        config.include_structure = file.flag("include_structure", true);
        if file.get("best_of").is_some() {
            config.best_of = Some(Box::new(Self::of_arguments(&file.object_at("best_of")?)?));
        }
        Ok(config)
    }

    /// The keyword arguments of `evaluate_best_of`: those it looks at have other names than in a file.
    fn of_arguments(arguments: &Part) -> Result<Self, ConfigError> {
        let (aliases, ignore) = (arguments.at("alias_map"), arguments.at("ignore_channels"));
        let named = vec![
            ("aliases".to_owned(), aliases.value),
            ("ignore_channels".to_owned(), ignore.value),
        ];
        Ok(Self {
            comparator: arguments.at("comparator").comparator()?,
            by_channel: arguments
                .object_at("comparators_by_channel")?
                .comparators()?,
            use_continuous: arguments.flag("use_continuous", false),
            ..Self::of(Part::new(
                "best_of",
                Value::Object(named),
                arguments.is_yaml,
            ))?
        })
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

    /// What `evaluate_best_of` forwards of a configuration; weights and decision are the evaluator's own.
    pub(super) fn as_best_of_sees_it(&self) -> Self {
        let arguments = self.best_of.as_deref().unwrap_or(self);
        Self {
            aliases: arguments.aliases.clone(),
            ignore: arguments.ignore.clone(),
            comparator: arguments.comparator,
            by_channel: arguments.by_channel.clone(),
            use_continuous: arguments.use_continuous || !arguments.continuous.is_empty(),
            ..self.evaluator()
        }
    }

    /// What the package's evaluator itself holds of a configuration, whatever it is asked.
    pub(super) fn evaluator(&self) -> Self {
        Self {
            weights: self.weights.clone(),
            decision: self.decision.clone(),
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
    value: Value,
    is_yaml: bool,
}

impl Part {
    fn new(key: &str, value: Value, is_yaml: bool) -> Self {
        Self {
            key: key.to_owned(),
            value,
            is_yaml,
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.named().iter().find(|it| it.0 == key).map(|it| &it.1)
    }

    fn named(&self) -> &[(String, Value)] {
        match &self.value {
            Value::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The part under a key, `None` where there is none.
    fn at(&self, key: &str) -> Self {
        let value = self.get(key).cloned().unwrap_or(Value::None);
        Self::new(key, value, self.is_yaml)
    }

    /// An object under a key; what Python takes for false means an empty one.
    fn object_at(&self, key: &str) -> Result<Self, ConfigError> {
        self.at(key).or_nothing().object()
    }

    fn or_nothing(mut self) -> Self {
        if !self.truth() {
            self.value = Value::Object(Vec::new());
        }
        self
    }

    fn object(self) -> Result<Self, ConfigError> {
        match self.value {
            Value::Object(_) => Ok(self),
            _ => Err(self.wants("an object", "AttributeError")),
        }
    }

    fn entries(&self) -> Vec<(String, Self)> {
        let entry = |(key, value): &(String, Value)| {
            (key.clone(), Self::new(key, value.clone(), self.is_yaml))
        };
        self.named().iter().map(entry).collect()
    }

    /// The texts of a list; a text stands for its letters, and what is no text is passed over.
    fn texts(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        let part = self.at(key).or_nothing();
        let text = |item: &Value| match item {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        match &part.value {
            Value::List(items) => Ok(items.iter().filter_map(text).collect()),
            Value::Text(text) => Ok(text.chars().map(String::from).collect()),
            Value::Object(entries) => Ok(entries.iter().map(|it| it.0.clone()).collect()),
            _ => Err(part.wants("a list of names", "TypeError")),
        }
    }

    fn name(&self) -> Result<String, ConfigError> {
        match self.value {
            Value::List(_) | Value::Object(_) => Err(self.wants("a name", "TypeError")),
            _ => Ok(self.value.spelled()),
        }
    }

    fn float(&self) -> Result<f64, ConfigError> {
        self.value.float().map_err(|raised| {
            let raised = match raised {
                NotAFloat::Value => "ValueError",
                NotAFloat::Type => "TypeError",
            };
            self.wants("a number", raised)
        })
    }

    fn number(&self, key: &str, usual: f64) -> Result<f64, ConfigError> {
        self.get(key).map_or(Ok(usual), |_| self.at(key).float())
    }

    fn flag(&self, key: &str, usual: bool) -> bool {
        self.get(key).map_or(usual, |_| self.at(key).truth())
    }

    /// Python's idea of truth, for which the text "false" is true.
    fn truth(&self) -> bool {
        // YAML as Python reads it takes these words for false.
        const NO: [&str; 6] = ["no", "No", "NO", "off", "Off", "OFF"];
        match &self.value {
            Value::Text(text) if self.is_yaml && NO.contains(&text.as_str()) => false,
            value => value.truth(),
        }
    }

    /// A comparator of each channel.
    fn comparators(&self) -> Result<BTreeMap<String, Comparator>, ConfigError> {
        let one = |(channel, part): (String, Self)| Ok((channel, part.comparator()?));
        self.entries().into_iter().map(one).collect()
    }

    /// A comparator; a type nobody knows means the usual tolerance.
    fn comparator(self) -> Result<Comparator, ConfigError> {
        let spec = self.or_nothing().object()?;
        let kind = spec.get("type").map(|kind| kind.spelled().to_lowercase());
        Ok(match kind.as_deref().unwrap_or("tol") {
            "exact" | "equals" | "eq" => Comparator::Exact,
            "always_true" | "any" | "ignore" => Comparator::AlwaysTrue,
            "numeric_tolerance" | "tolerance" | "tol" => {
                Comparator::Tolerance(spec.number("tol", 1e-3)?)
            }
            _ => Comparator::Tolerance(1e-3),
        })
    }

    fn wants(&self, wanted: &'static str, raised: &'static str) -> ConfigError {
        ConfigError::Shape {
            key: self.key.clone(),
            wanted,
            raised,
        }
    }
}
