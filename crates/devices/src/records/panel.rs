//! The records of a device that has many, by their suffix.

use std::collections::BTreeMap;

use beamtwin_pv::{Value, ValueKind};
use beamtwin_sim::record::{number_as, val};
use beamtwin_sim::{Cx, LocalRecord, RecordType};

use super::{process, row};

/// All records of one device.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    by_name: BTreeMap<&'static str, Pv>,
    by_place: BTreeMap<LocalRecord, Pv>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pv {
    pub(crate) suffix: &'static str,
    pub(crate) kind: &'static RecordType,
    record: LocalRecord,
}

impl Panel {
    /// Adds a record.
    pub(crate) fn add(
        &mut self,
        suffix: &'static str,
        record: LocalRecord,
        kind: &'static RecordType,
    ) {
        let pv = Pv {
            suffix,
            kind,
            record,
        };
        self.by_name.insert(suffix, pv);
        self.by_place.insert(record, pv);
    }

    /// The record at a place.
    pub(crate) fn at(&self, record: LocalRecord) -> Option<Pv> {
        self.by_place.get(&record).copied()
    }

    /// The number a record holds; 0 if the device has no such record.
    pub(crate) fn number(&self, cx: &Cx<'_>, suffix: &str) -> f64 {
        self.by_name
            .get(suffix)
            .and_then(|pv| cx.value(pv.record, val(pv.kind)).as_f64())
            .unwrap_or_default()
    }

    /// Processes a record, if the device has it; returns the value it took.
    pub(crate) fn post(&self, cx: &mut Cx<'_>, suffix: &str, value: Value) -> Value {
        match self.by_name.get(suffix) {
            Some(pv) => process::process(cx, pv.record, pv.kind, value),
            None => value,
        }
    }

    /// Processes a record with a number, converted to the record's kind.
    pub(crate) fn set(&self, cx: &mut Cx<'_>, suffix: &str, number: f64) {
        if let Some(pv) = self.by_name.get(suffix) {
            let kind = pv.kind.field(val(pv.kind)).kind;
            process::process(cx, pv.record, pv.kind, number_as(number, kind));
        }
    }

    /// Processes a text, if the device has it.
    pub(crate) fn say(&self, cx: &mut Cx<'_>, suffix: &str, text: &str) {
        if let Some(pv) = self.by_name.get(suffix) {
            let value = match pv.kind.field(val(pv.kind)).kind {
                ValueKind::Char => row::characters(text),
                _ => text.into(),
            };
            process::process(cx, pv.record, pv.kind, value);
        }
    }

    /// Whether a record with named states has so many that this is one of them.
    pub(crate) fn is_a_state(&self, cx: &Cx<'_>, suffix: &str, state: u16) -> bool {
        self.by_name
            .get(suffix)
            .is_none_or(|pv| process::is_a_state(cx, pv.record, pv.kind, state))
    }
}
