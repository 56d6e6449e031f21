//! The settings that devices of all kinds have.

use beamtwin_devices::records::base::STRINGOUT;
use beamtwin_devices::settings::record_name;
use beamtwin_sim::{Device, Fault, Role, Surface};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::DeTable;

/// The settings that devices of all kinds have.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Common {
    /// What goes wrong on purpose from the start: `"stall"`, `"disconnected for 10 s"` …
    #[serde(default)]
    fault: Option<String>,
    /// A PV that makes things go wrong when such a text is written to it; without it there is none.
    #[serde(default)]
    faults: Option<String>,
}

/// Their names.
pub(crate) const COMMON: &[&str] = &["fault", "faults"];

/// What of a table is common to all kinds, and the rest.
pub(crate) fn split(table: DeTable<'_>) -> (DeTable<'_>, DeTable<'_>) {
    let entries = table.into_iter();
    entries.partition(|(key, _)| COMMON.contains(&key.get_ref().as_ref()))
}

impl Common {
    /// Gives a device what these settings say, or reports what cannot be.
    pub(crate) fn apply(self, device: &dyn Device, surface: &mut Surface) {
        if let Some(words) = self.fault {
            match Fault::parse(&words, device.faults()) {
                Ok(_) => surface.fault(words),
                Err(error) => surface.flaw("fault", error.to_string()),
            }
        }
        if let Some(name) = self.faults
            && record_name(surface, "faults", &name)
        {
            let record = surface
                .record(name, &STRINGOUT)
                .role(Role::Command)
                .with("DESC", "what goes wrong on purpose")
                .with("VAL", "none")
                .id();
            surface.faults(record);
        }
    }
}
