//! Names to records and fields.

use std::collections::HashMap;

use beamtwin_pv::{PvName, ValueKind};
use indexmap::IndexMap;

use crate::record::RecordType;
use crate::world::{PvId, RecordIx};

/// Which record a name means. Iterated in the order of declaration only.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    records: IndexMap<Box<str>, &'static RecordType>,
    /// Looked up, never iterated.
    aliases: HashMap<Box<str>, RecordIx>,
}

/// What a client's name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The field.
    pub pv: PvId,
    /// Whether it is asked for as an array of characters (`$`).
    pub long_string: bool,
}

impl Directory {
    /// With room for so many records.
    pub(crate) fn with_capacity(records: usize) -> Self {
        Self {
            records: IndexMap::with_capacity(records),
            aliases: HashMap::new(),
        }
    }

    /// Adds a record, whose name is free.
    pub(crate) fn add(&mut self, name: String, kind: &'static RecordType) {
        self.records.insert(name.into(), kind);
    }

    /// Adds another name of a record, which is free.
    pub(crate) fn alias(&mut self, name: String, record: RecordIx) {
        self.aliases.insert(name.into(), record);
    }

    /// The record of this name.
    pub(crate) fn record(&self, name: &str) -> Option<RecordIx> {
        match self.records.get_index_of(name) {
            Some(index) => u32::try_from(index).ok().map(RecordIx),
            None => self.aliases.get(name).copied(),
        }
    }

    /// What a name means: a field of a record we have, and `$` only on text.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Target> {
        let name: PvName = name.parse().ok()?;
        let record = self.record(name.record())?;
        let kind = self.kind(record);
        let field = kind.find(name.field())?;
        let long_string = name.is_long_string();
        if long_string && kind.field(field).kind != ValueKind::String {
            return None;
        }
        Some(Target {
            pv: PvId { record, field },
            long_string,
        })
    }

    /// The name of a record.
    #[must_use]
    pub fn name(&self, record: RecordIx) -> &str {
        self.records
            .get_index(record.0 as usize)
            .map_or("", |(name, _)| name)
    }

    /// The type of a record.
    ///
    /// # Panics
    /// If the record is of another world.
    #[must_use]
    pub fn kind(&self, record: RecordIx) -> &'static RecordType {
        self.records[record.0 as usize]
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}
