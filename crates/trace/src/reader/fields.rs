//! One JSON object of a trace, its values not yet looked at.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::Time;

/// What is wrong with a line.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("\"{key}\": {error}")]
    Value {
        key: &'static str,
        error: serde_json::Error,
    },
    #[error("\"{0}\" is missing")]
    Missing(&'static str),
    #[error("\"{0}\" is not a time in seconds")]
    Time(&'static str),
    #[error("channel {0} is used before the line that introduces it")]
    Unintroduced(u32),
    #[error("its time, {0} s, is before time zero")]
    Negative(Time),
    #[error("its time, {0} s, is before that of the fact above it, {1} s")]
    Backwards(Time, Time),
    #[error("its number, {0}, does not follow that of the fact above it, {1}")]
    Recounted(u64, u64),
    #[error("the trace has ended already")]
    AfterEnd,
}

/// The keys of a line, in order, each with the text of its value.
#[derive(Debug)]
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Fault> {
        Ok(serde_json::from_slice(line)?)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    /// The text of a value; a null is as good as no key.
    fn raw(&self, key: &str) -> Option<&'a RawValue> {
        let (_, raw) = self.0.iter().find(|(name, _)| name == key)?;
        Some(*raw).filter(|raw| raw.get() != "null")
    }

    /// The value of a key, if the line has it.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        key: &'static str,
    ) -> Result<Option<T>, Fault> {
        let Some(raw) = self.raw(key) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|error| Fault::Value { key, error })
    }

    /// The value of a key that the line must have.
    pub(super) fn need<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<T, Fault> {
        self.take(key)?.ok_or(Fault::Missing(key))
    }

    /// A time, read from its decimal text.
    pub(super) fn time(&mut self, key: &'static str) -> Result<Option<Time>, Fault> {
        match self.raw(key) {
            None => Ok(None),
            Some(raw) => raw.get().parse().map(Some).map_err(|_| Fault::Time(key)),
        }
    }

    /// The object under a key.
    pub(super) fn inner(&self, key: &'static str) -> Result<Option<Self>, Fault> {
        match self.raw(key) {
            None => Ok(None),
            Some(raw) => serde_json::from_str(raw.get())
                .map(Some)
                .map_err(|error| Fault::Value { key, error }),
        }
    }

    /// The key that tells what kind of line this is: the first that is not `n` or `t`.
    pub(super) fn kind(&self) -> &str {
        let mut keys = self.0.iter().map(|(key, _)| key.as_ref());
        keys.find(|key| !["n", "t"].contains(key))
            .unwrap_or("nothing")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(Key(key)) = map.next_key()? {
                    pairs.push((key, map.next_value()?));
                }
                Ok(pairs)
            }
        }

        deserializer.deserialize_map(Pairs).map(Fields)
    }
}

/// A key that borrows from the line where it needs no unescaping.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
