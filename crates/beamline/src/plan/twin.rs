//! The device that says that this is a simulation.

use beamtwin_devices::KINDS;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Head, Planned};
use crate::layers::{Layer, Setting};
use crate::registry::TWIN;

/// Prefix of the PVs that say that this is a simulation, unless the file has another.
const TWIN_PREFIX: &str = "beamtwin:";

/// The device that says that this is a simulation, if there is such a kind.
pub(super) fn twin<'t>(root: &DeTable<'_>, head: &Head) -> Option<Planned<'t>> {
    let kind = KINDS.iter().copied().find(|&kind| kind == TWIN)?;
    let pv = head.pv.as_deref().unwrap_or(TWIN_PREFIX);
    let title = head.title.as_deref().unwrap_or_default();
    let said = match root.get("beamline").map(Spanned::get_ref) {
        Some(DeValue::Table(table)) => Some(table),
        _ => None,
    };
    if head.pv.is_none() && said.is_some_and(|table| table.contains_key("pv")) {
        // It is not known where its PVs would be.
        return None;
    }
    let place = |name: &str| {
        let value = said.and_then(|table| table.get(name));
        value.map_or(0..0, Spanned::span)
    };
    let setting = |(name, text): (&str, &str)| {
        let setting = Setting {
            key: place(name),
            value: Spanned::new(place(name), DeValue::String(text.to_owned().into())),
            layer: Layer::Table,
        };
        (name.to_owned(), setting)
    };
    Some(Planned {
        name: TWIN.to_owned(),
        group: "beamline".to_owned(),
        kind: Some(kind),
        span: 0..0,
        table: 0..0,
        settings: [("pv", pv), ("title", title)]
            .into_iter()
            .map(setting)
            .collect(),
        silent: Vec::new(),
    })
}
