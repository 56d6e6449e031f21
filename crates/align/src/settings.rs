//! How to judge a session: the file `compare.toml`.

mod weights;

use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Role};
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::glob;
use crate::tolerance::Tolerance;

pub use weights::{CurveBounds, TimeBounds, Weights};

/// How to judge a session.
///
/// ```toml
/// settings = 1
/// ignore = ["*.VELO", "*cam1:AcquireTime"]
///
/// [tolerance]
/// "*"         = { relative = 1e-4, absolute = 1e-6 }
/// "*:Acquire" = "exact"
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The version of the file, which is 1.
    #[serde(deserialize_with = "version")]
    pub settings: u32,
    /// Patterns of channels that do not count.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Whether stopping what stands still counts as something asked for.
    #[serde(default)]
    pub count_idle_stops: bool,
    /// Whether what was refused for another reason than a limit counts and decides too.
    #[serde(default)]
    pub count_refused: bool,
    /// Whether markers are steps too.
    #[serde(default)]
    pub count_markers: bool,
    /// Whether faults are steps too.
    #[serde(default)]
    pub count_faults: bool,
    /// Patterns of channels that say, by any value but zero, that a limit was violated.
    #[serde(default = "violations")]
    pub violations: Vec<String>,
    /// Patterns of the reasons that tell that something was refused because of a limit.
    #[serde(default = "limits")]
    pub limits: Vec<String>,
    /// Patterns of channels that start exposures, or of devices on which whatever takes time is one.
    #[serde(default = "exposures")]
    pub exposures: Vec<String>,
    /// Patterns of channels that decide what an exposure sees, or of their devices.
    #[serde(default = "gates")]
    pub gates: Vec<String>,
    /// Patterns of channels that are curves though the trace does not say so.
    #[serde(default)]
    pub curves: Vec<String>,
    /// Steps of different devices closer than so many seconds are concurrent.
    #[serde(default = "window")]
    pub window: f64,
    /// How far values may differ, by pattern.
    #[serde(default)]
    pub tolerance: BTreeMap<String, Tolerance>,
    /// What weighs how much.
    #[serde(default)]
    pub weights: Weights,
    /// How times are judged.
    #[serde(default)]
    pub time: TimeBounds,
    /// How curves are judged.
    #[serde(default)]
    pub curve: CurveBounds,
}

fn exposures() -> Vec<String> {
    ["*:Acquire", "*:Trigger", "*.CNT", "camera.*"]
        .map(str::to_owned)
        .to_vec()
}

fn violations() -> Vec<String> {
    vec!["*.LVIO".to_owned()]
}

fn limits() -> Vec<String> {
    vec!["*limit*".to_owned()]
}

fn gates() -> Vec<String> {
    ["*hutter*", "shutter.*"].map(str::to_owned).to_vec()
}

fn window() -> f64 {
    0.05
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            settings: 1,
            ignore: Vec::new(),
            count_idle_stops: false,
            count_refused: false,
            count_markers: false,
            count_faults: false,
            violations: violations(),
            limits: limits(),
            exposures: exposures(),
            gates: gates(),
            curves: Vec::new(),
            window: window(),
            tolerance: BTreeMap::new(),
            weights: Weights::default(),
            time: TimeBounds::default(),
            curve: CurveBounds::default(),
        }
    }
}

/// Why a settings file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read the settings: {0}")]
pub struct SettingsError(String);

impl Settings {
    /// Reads a settings file.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text)
            .map_err(|error| SettingsError(error.to_string().trim_end().to_owned()))?;
        match settings.fault() {
            Some(fault) => Err(SettingsError(fault.to_owned())),
            None => Ok(settings),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let time = self.time;
        let bounds = [self.window, time.noise, time.excess, self.curve.off];
        if bounds.iter().any(|bound| bound.is_nan() || *bound < 0.0) {
            return Some("windows and bounds must be numbers from zero up");
        }
        if time.stretch.is_nan() || time.stretch < 1.0 {
            return Some("stretch must be a number from one up");
        }
        if self.curve.slower.is_nan() || self.curve.slower < 1.0 {
            return Some("slower must be a number from one up");
        }
        self.weights.fault()
    }

    /// Whether a channel does not count.
    pub(crate) fn ignores(&self, channel: &Channel) -> bool {
        any_fits(&self.ignore, channel)
    }

    /// Whether a channel says that a limit was violated.
    pub(crate) fn tells_of_violations(&self, channel: &Channel) -> bool {
        any_fits(&self.violations, channel)
    }

    /// Whether what was refused for a reason counts: for a limit, or for any if told so.
    pub(crate) fn counts_refused(&self, reason: &str) -> bool {
        self.count_refused || self.limits.iter().any(|limit| glob::matches(limit, reason))
    }

    /// Whether a channel starts exposures, by its name.
    pub(crate) fn exposes(&self, channel: &Channel) -> bool {
        any_fits(&self.exposures, channel)
    }

    /// Whether what takes time on the device of a channel is an exposure.
    pub(crate) fn is_detector(&self, channel: &Channel) -> bool {
        device_fits(&self.exposures, channel)
    }

    /// Whether a channel decides what an exposure sees.
    pub(crate) fn gates(&self, channel: &Channel) -> bool {
        any_fits(&self.gates, channel) || device_fits(&self.gates, channel)
    }

    /// Whether a channel is compared as a curve.
    pub(crate) fn curves(&self, channel: &Channel) -> bool {
        channel.role == Role::Curve || any_fits(&self.curves, channel)
    }

    /// How values of a channel are compared: as a definite pattern says, or else by the tolerance in
    /// the dictionary, or else exactly where only whole numbers exist, or else as `*` says.
    pub(crate) fn tolerance(&self, channel: &Channel) -> Tolerance {
        if let Some(particular) = self.particular([&channel.name, channel.plain_name()]) {
            return particular;
        }
        match channel.tolerance {
            Some(absolute) => Tolerance::absolute(absolute),
            None if channel.is_whole() => Tolerance::EXACT,
            None => self.general(),
        }
    }

    /// Whether the settings have a tolerance for a channel, by a pattern other than `*`.
    pub(crate) fn is_particular(&self, channel: &Channel) -> bool {
        let names = [channel.name.as_str(), channel.plain_name()];
        self.particular(names).is_some()
    }

    /// The tolerance that a pattern other than `*` gives a channel; the most definite one counts.
    fn particular(&self, names: [&str; 2]) -> Option<Tolerance> {
        let fitting = self
            .tolerance
            .iter()
            .filter(|(pattern, _)| glob::definite(pattern) > 0 && fits(pattern, names));
        fitting
            .max_by_key(|(pattern, _)| glob::definite(pattern))
            .map(|(_, &tolerance)| tolerance)
    }

    /// The tolerance of channels that nothing else gives one.
    fn general(&self) -> Tolerance {
        self.tolerance.get("*").copied().unwrap_or_default()
    }
}

fn any_fits(patterns: &[String], channel: &Channel) -> bool {
    let names = [channel.name.as_str(), channel.plain_name()];
    patterns.iter().any(|pattern| fits(pattern, names))
}

fn device_fits(patterns: &[String], channel: &Channel) -> bool {
    let device = channel.device.as_deref();
    device.is_some_and(|it| patterns.iter().any(|pattern| glob::matches(pattern, it)))
}

fn fits(pattern: &str, names: [&str; 2]) -> bool {
    names.iter().any(|name| glob::matches(pattern, name))
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        1 => Ok(1),
        other => Err(D::Error::custom(format!(
            "version {other} of the settings is not known, only 1"
        ))),
    }
}

impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ToleranceVisitor)
    }
}

struct ToleranceVisitor;

impl<'de> Visitor<'de> for ToleranceVisitor {
    type Value = Tolerance;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("\"exact\", or { relative = …, absolute = … }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tolerance, E> {
        match text {
            "exact" => Ok(Tolerance::EXACT),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tolerance, A::Error> {
        let mut tolerance = Tolerance::EXACT;
        while let Some(key) = map.next_key::<String>()? {
            if key == "norm" {
                tolerance.norm = map.next_value()?;
                continue;
            }
            let part = match key.as_str() {
                "relative" => &mut tolerance.relative,
                "absolute" => &mut tolerance.absolute,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    return Err(A::Error::unknown_field(
                        &key,
                        &["relative", "absolute", "norm"],
                    ));
                }
            };
            *part = map.next_value()?;
            if !part.is_finite() || *part < 0.0 {
                return Err(A::Error::custom(format!(
                    "{key} must be a number from zero up"
                )));
            }
        }
        Ok(tolerance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
settings = 1
ignore = ["*.VELO", "*cam1:AcquireTime"]

[tolerance]
"*"              = { relative = 1e-4, absolute = 1e-6 }
"*:Acquire"      = "exact"
"*Mtr*"          = { absolute = 0.01 }
"*{Smpl-Ax:X}Mtr" = { absolute = 0.1 }
"#;

    #[test]
    fn the_most_definite_pattern_counts() {
        let settings = Settings::from_toml(FILE).unwrap();
        let absolute = |name: &str| settings.particular([name, name]).map(|it| it.absolute);
        assert_eq!(absolute("ES{Smpl-Ax:X}Mtr"), Some(0.1));
        assert_eq!(absolute("ES{Smpl-Ax:Y}Mtr"), Some(0.01));
        assert_eq!(absolute("cam1:Acquire"), Some(0.0));
        assert_eq!(absolute("cam1:NumImages"), None);
        assert!(settings.ignores(&Channel::named("m.VELO", Role::Request)));
        assert_eq!(settings.general(), Tolerance::default());
    }

    #[test]
    fn the_example_in_the_book_is_read() {
        let page = include_str!("../../../docs/src/comparing.md");
        let example = page
            .split("```toml\n")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        let settings = Settings::from_toml(example).unwrap();
        assert_eq!(settings.tolerance.len(), 3);
    }

    #[test]
    fn what_nobody_knows_is_an_error_that_says_so() {
        let error = |text: &str| Settings::from_toml(text).unwrap_err().to_string();
        assert!(
            error("settings = 1\nignor = []").contains("unknown field `ignor`, expected one of")
        );
        assert!(error("settings = 2").contains("version 2 of the settings is not known, only 1"));
        assert!(error("").contains("missing field `settings`"));
        assert!(
            error("settings = 1\n[tolerance]\n\"*\" = \"loose\"")
                .contains("expected \"exact\", or { relative = …, absolute = … }")
        );
        assert!(
            error("settings = 1\n[tolerance]\n\"*\" = { relativ = 1 }")
                .contains("unknown field `relativ`")
        );
        assert!(
            error("settings = 1\n[tolerance]\n\"*\" = { absolute = -1.0 }")
                .contains("absolute must be a number from zero up")
        );
    }
}
