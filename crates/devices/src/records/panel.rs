//! The records of a device that has many, by their suffix.

use std::collections::BTreeMap;

use beamtwin_pv::{Alarm, Text, Value, ValueKind};
use beamtwin_sim::record::{number_as, val};
use beamtwin_sim::{Cx, LocalRecord, RecordType, Slot};

use super::{process, row};
use crate::fault::UNANSWERED;

/// All records of one device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panel {
    by_name: BTreeMap<&'static str, Pv>,
    by_place: BTreeMap<LocalRecord, Pv>,
    /// Whether the controller does not answer: then nothing that it has to say is heard.
    silent: bool,
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

    /// The `VAL` of a record, if the device has it.
    pub(crate) fn slot(&self, suffix: &str) -> Option<Slot<f64>> {
        let pv = self.by_name.get(suffix)?;
        Some(Slot::new(pv.record, val(pv.kind)))
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
        match self.heard(suffix) {
            Some(pv) => process::process(cx, pv.record, pv.kind, value),
            None => value,
        }
    }

    /// The text a record holds, if the device has it.
    pub(crate) fn text(&self, cx: &Cx<'_>, suffix: &str) -> Option<Text> {
        let pv = self.by_name.get(suffix)?;
        Some(row::text(&cx.value(pv.record, val(pv.kind))))
    }

    /// Takes what a client wrote to a record that steers nothing, and mirrors it to its `_RBV`. A busy record is
    /// done at once; a state that does not exist is not mirrored.
    pub(crate) fn keep(&self, cx: &mut Cx<'_>, suffix: &'static str, value: Value) {
        let Some(pv) = self.by_name.get(suffix) else {
            return;
        };
        if pv.kind.name == "busy" {
            let zero = Value::Enum(0);
            let busy = !value.same(&zero);
            self.post(cx, suffix, value);
            if busy {
                self.post(cx, suffix, zero);
            }
            return;
        }
        let state = match value {
            Value::Enum(state) => Some(state),
            _ => None,
        };
        let kept = self.post(cx, suffix, value);
        if state.is_none_or(|state| self.is_a_state(cx, suffix, state)) {
            let shown = match &kept {
                Value::Array(array) if array.kind() == ValueKind::Char => {
                    row::characters(&row::text(&kept).lossy())
                }
                _ => kept,
            };
            self.post(cx, &format!("{suffix}_RBV"), shown);
        }
    }

    /// Processes a record with a number, converted to the record's kind.
    pub(crate) fn set(&self, cx: &mut Cx<'_>, suffix: &str, number: f64) {
        if let Some(pv) = self.heard(suffix) {
            let kind = pv.kind.field(val(pv.kind)).kind;
            process::process(cx, pv.record, pv.kind, number_as(number, kind));
        }
    }

    /// Processes a text, if the device has it.
    pub(crate) fn say(&self, cx: &mut Cx<'_>, suffix: &str, text: &str) {
        if let Some(pv) = self.heard(suffix) {
            let value = match pv.kind.field(val(pv.kind)).kind {
                ValueKind::Char => row::characters(text),
                _ => text.into(),
            };
            process::process(cx, pv.record, pv.kind, value);
        }
    }

    /// Processes a record with the value that it has, and with this alarm.
    pub(crate) fn fail(&self, cx: &mut Cx<'_>, suffix: &str, alarm: Alarm) {
        if let Some(pv) = self.heard(suffix) {
            let value = cx.value(pv.record, val(pv.kind));
            process::fail(cx, pv.record, pv.kind, value, alarm);
        }
    }

    fn heard(&self, suffix: &str) -> Option<&Pv> {
        self.by_name.get(suffix).filter(|_| !self.silent)
    }

    /// From now on the controller does not answer, or it does again: all records show it.
    pub(crate) fn silence(&mut self, silent: bool, cx: &mut Cx<'_>) {
        if silent == self.silent {
            return;
        }
        self.silent = silent;
        for pv in self.by_place.values() {
            let value = cx.value(pv.record, val(pv.kind));
            if silent {
                process::fail(cx, pv.record, pv.kind, value, UNANSWERED);
            } else {
                process::process(cx, pv.record, pv.kind, value);
            }
        }
    }

    /// Whether a record with named states has so many that this is one of them.
    pub(crate) fn is_a_state(&self, cx: &Cx<'_>, suffix: &str, state: u16) -> bool {
        self.by_name
            .get(suffix)
            .is_none_or(|pv| process::is_a_state(cx, pv.record, pv.kind, state))
    }
}
