//! Where a setting comes from: built-in < `[defaults.kind]` < table < row. The nearest replaces; nothing
//! is merged deeper.

use std::borrow::Cow;
use std::ops::Range;

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::macros::EACH;

/// Which part of the file has said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `[defaults.kind]`.
    Defaults,
    /// The table of the device.
    Table,
    /// Its row in `each`.
    Row,
}

impl Layer {
    /// Who is named in a message about a setting of this layer.
    pub(crate) fn owner(self, table: &str, device: &str) -> String {
        match self {
            Self::Defaults => {
                let kind = table.split('.').next().unwrap_or_default();
                format!("defaults.{kind}")
            }
            Self::Table => table.to_owned(),
            Self::Row => device.to_owned(),
        }
    }
}

/// A setting of a device.
#[derive(Clone, Debug)]
pub(crate) struct Setting<V> {
    pub(crate) key: Range<usize>,
    pub(crate) value: V,
    pub(crate) layer: Layer,
}

/// The settings of a device, by name.
pub(crate) type Settings<'t> = IndexMap<String, Setting<Spanned<DeValue<'t>>>>;

/// The settings of a device, by name, as they stand in the file.
type Standing<'a, 't> = IndexMap<String, Setting<&'a Spanned<DeValue<'t>>>>;

/// Lays the nearer over the farther.
pub(crate) fn layered<'a, 't>(
    defaults: &'a DeTable<'t>,
    table: &'a DeTable<'t>,
    row: Option<&'a DeTable<'t>>,
) -> Standing<'a, 't> {
    let mut settings = Standing::new();
    let layers = [
        (Layer::Defaults, Some(defaults)),
        (Layer::Table, Some(table)),
        (Layer::Row, row),
    ];
    for (layer, table) in layers {
        for (key, value) in table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            // In a row, `each` is no setting of any kind and is refused as such.
            if name == EACH && layer != Layer::Row {
                continue;
            }
            let setting = Setting {
                key: key.span(),
                value,
                layer,
            };
            settings.insert(name.to_owned(), setting);
        }
    }
    settings
}

/// The settings as one table, for the deserializer.
pub(crate) fn table<'t>(settings: &Settings<'t>) -> DeTable<'t> {
    settings
        .iter()
        .map(|(name, setting)| {
            let key = Spanned::new(setting.key.clone(), Cow::Owned(name.clone()));
            (key, setting.value.clone())
        })
        .collect()
}
