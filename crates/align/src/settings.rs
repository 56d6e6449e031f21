//! How to judge a session: the file `compare.toml`.

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::glob;
use crate::tolerance::Tolerance;

/// How to judge a session.
///
/// ```toml
/// settings = 1
/// ignore = ["*.VELO", "*cam1:AcquireTime"]
///
/// [tolerance]
/// "*"         = { relative = 1e-3, absolute = 1e-6 }
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
    /// How far values may differ, by pattern.
    #[serde(default)]
    pub tolerance: BTreeMap<String, Tolerance>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            settings: 1,
            ignore: Vec::new(),
            count_idle_stops: false,
            tolerance: BTreeMap::new(),
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
        toml::from_str(text).map_err(|error| SettingsError(error.to_string().trim_end().to_owned()))
    }

    /// Whether a channel does not count.
    pub(crate) fn ignores(&self, names: [&str; 2]) -> bool {
        self.ignore.iter().any(|pattern| fits(pattern, names))
    }

    /// The tolerance that a pattern other than `*` gives a channel; the most definite one counts.
    pub(crate) fn particular(&self, names: [&str; 2]) -> Option<Tolerance> {
        let fitting = self
            .tolerance
            .iter()
            .filter(|(pattern, _)| glob::definite(pattern) > 0 && fits(pattern, names));
        fitting
            .max_by_key(|(pattern, _)| glob::definite(pattern))
            .map(|(_, &tolerance)| tolerance)
    }

    /// The tolerance of channels that nothing else gives one.
    pub(crate) fn general(&self) -> Tolerance {
        self.tolerance.get("*").copied().unwrap_or_default()
    }
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
            let part = match key.as_str() {
                "relative" => &mut tolerance.relative,
                "absolute" => &mut tolerance.absolute,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    return Err(A::Error::unknown_field(&key, &["relative", "absolute"]));
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
"*"              = { relative = 1e-3, absolute = 1e-6 }
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
        assert!(settings.ignores(["m.VELO", "m.VELO"]));
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
