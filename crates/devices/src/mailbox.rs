//! Plain process variables that keep what is written.

use std::collections::BTreeMap;

use beamtwin_sim::{Device, Surface};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Kind;
use crate::records::base;

/// The `mailbox` kind.
#[derive(Debug)]
pub struct Mailbox;

/// What stands in a `[mailbox.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Names and first values.
    pub pvs: BTreeMap<String, f64>,
}

impl Kind for Mailbox {
    const NAME: &'static str = "mailbox";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        for (name, value) in settings.pvs {
            surface.record(name, &base::AO).with("VAL", value);
        }
        Box::new(Self)
    }
}

impl Device for Mailbox {}
