//! The records of a driver by their suffix.

use std::collections::BTreeMap;

use beamtwin_pv::{Value, ValueKind};
use beamtwin_sim::record::{number_as, val};
use beamtwin_sim::{Cx, LocalRecord, RecordType};

use crate::records::areadetector::row;
use crate::records::process;

/// All records of one driver.
#[derive(Debug, Default)]
pub(super) struct Panel {
    by_name: BTreeMap<&'static str, Pv>,
    by_place: BTreeMap<LocalRecord, Pv>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pv {
    pub(super) suffix: &'static str,
    pub(super) kind: &'static RecordType,
    record: LocalRecord,
}

impl Panel {
    pub(super) fn add(
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

    pub(super) fn at(&self, record: LocalRecord) -> Option<Pv> {
        self.by_place.get(&record).copied()
    }

    /// The number a record holds; 0 if the driver has no such record.
    pub(super) fn number(&self, cx: &Cx<'_>, suffix: &str) -> f64 {
        self.by_name
            .get(suffix)
            .and_then(|pv| cx.value(pv.record, val(pv.kind)).as_f64())
            .unwrap_or_default()
    }

    /// Processes a record, if the driver has it; returns the value it took.
    pub(super) fn post(&self, cx: &mut Cx<'_>, suffix: &str, value: Value) -> Value {
        match self.by_name.get(suffix) {
            Some(pv) => process::process(cx, pv.record, pv.kind, value),
            None => value,
        }
    }

    /// Processes a record with a number, converted to the record's kind.
    pub(super) fn set(&self, cx: &mut Cx<'_>, suffix: &str, number: f64) {
        if let Some(pv) = self.by_name.get(suffix) {
            let kind = pv.kind.field(val(pv.kind)).kind;
            process::process(cx, pv.record, pv.kind, number_as(number, kind));
        }
    }

    /// Processes a text, if the driver has it.
    pub(super) fn say(&self, cx: &mut Cx<'_>, suffix: &str, text: &str) {
        if let Some(pv) = self.by_name.get(suffix) {
            let value = match pv.kind.field(val(pv.kind)).kind {
                ValueKind::Char => row::characters(text),
                _ => text.into(),
            };
            process::process(cx, pv.record, pv.kind, value);
        }
    }

    pub(super) fn is_a_state(&self, cx: &Cx<'_>, suffix: &str, state: u16) -> bool {
        self.by_name
            .get(suffix)
            .is_none_or(|pv| process::is_a_state(cx, pv.record, pv.kind, state))
    }
}
