//! What stands in a `[shutter.name]` table.

use std::time::Duration;

use beamtwin_sim::Surface;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{self, Names, Wait};

/// What stands in a `[shutter.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The PV that opens and closes it.
    pub command: String,
    /// The PVs that tell where the blades are: one name or several.
    #[serde(default)]
    pub readback: Names,
    /// How long the blades take from end to end.
    #[serde(default = "travel")]
    pub travel: Wait,
    /// The value that means open.
    #[serde(default = "open")]
    pub open: i32,
    /// The value that means closed.
    #[serde(default)]
    pub closed: i32,
    /// The width of the values.
    #[serde(rename = "type", default)]
    pub width: Width,
    /// How it stands when the session begins.
    #[serde(default)]
    pub start: Start,
}

/// How wide a shutter's values are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    /// 32 bits.
    Long,
    /// 16 bits.
    #[default]
    Short,
}

/// How a shutter stands when the session begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Light is blocked.
    #[default]
    Closed,
    /// Light passes.
    Open,
}

const fn travel() -> Wait {
    Wait(Duration::from_millis(100))
}

const fn open() -> i32 {
    1
}

impl Settings {
    /// Reports what cannot be.
    pub(super) fn check(&self, surface: &mut Surface) {
        settings::record_name(surface, "command", &self.command);
        for (at, name) in self.readback.0.iter().enumerate() {
            settings::record_name(surface, "readback", name);
            if *name == self.command {
                let message = format!("`{name}` is that of command already; each PV needs a name of its own");
                surface.flaw("readback", message);
            } else if self.readback.0[..at].contains(name) {
                let message = format!("`{name}` is used twice; each PV needs a name of its own");
                surface.flaw("readback", message);
            }
        }
        if self.open == self.closed {
            surface.flaw(
                "open",
                "open and closed are the same value; write for example open = 1",
            );
        }
        if self.width == Width::Short {
            for (key, value) in [("open", self.open), ("closed", self.closed)] {
                if i16::try_from(value).is_err() {
                    let message = format!("{value} does not fit 16 bits; write type = \"long\"");
                    surface.flaw(key, message);
                }
            }
        }
    }
}
