//! Plain process variables that keep what is written to them.
//!
//! For the names a profile collection touches and nobody models. Each is a record of EPICS base whose
//! type follows from its first value: a number is an `ao`, a whole number a `longout`, a text a
//! `stringout`, true or false a `bo`, a list a `waveform`. Units are whatever the file says. How such
//! records look to a client is that of EPICS base as captured.

mod entry;
mod record;

use std::collections::BTreeMap;

use beamtwin_pv::Value;
use beamtwin_sim::record::{number_as, val};
use beamtwin_sim::{Cx, Device, LocalRecord, Order, Put, Refusal, Slot, Surface};
use schemars::JsonSchema;
use serde::Deserialize;

pub use entry::{Entry, Given, Row, Type};

use crate::{Kind, settings};

/// The `mailbox` kind.
#[derive(Debug)]
pub struct Mailbox {
    records: BTreeMap<LocalRecord, Keeps>,
}

/// What is to be done when a record's value is written, beyond keeping it.
#[derive(Clone, Copy, Debug)]
enum Keeps {
    /// Count the elements of an array.
    Count(Slot<f64>),
    /// Stay between limits, as an output with drive limits does.
    Within {
        /// Its lower drive limit.
        low: Slot<Value>,
        /// Its upper drive limit.
        high: Slot<Value>,
        /// Its value.
        val: Slot<Value>,
    },
}

/// What stands in a `[mailbox.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Names, and their first values or a table that says more.
    pub pvs: BTreeMap<String, Entry>,
}

impl Kind for Mailbox {
    const NAME: &'static str = "mailbox";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        if settings.pvs.is_empty() {
            surface.flaw(
                "pvs",
                "no PV is listed; write for example \"MY:NAME\" = 0.0",
            );
        }
        let mut records = BTreeMap::new();
        for (name, entry) in settings.pvs {
            let key = format!("pvs.{name}");
            if !settings::record_name(surface, &key, &name) {
                continue;
            }
            match record::plan(entry.row()) {
                Ok(plan) => {
                    if let Some((at, keeps)) = plan.declare(&name, surface) {
                        records.insert(at, keeps);
                    }
                }
                Err(flaws) => {
                    for (field, message) in flaws {
                        let key = match field {
                            Some(field) if entry.is_table() => format!("{key}.{field}"),
                            _ => key.clone(),
                        };
                        surface.flaw(key, message);
                    }
                }
            }
        }
        Box::new(Self { records })
    }
}

impl Device for Mailbox {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        match self.records.get(&order.record) {
            Some(&Keeps::Count(nord)) => {
                if let Value::Array(array) = &order.value {
                    cx.post(nord, array.len() as f64);
                }
            }
            Some(&Keeps::Within { low, high, val }) if order.is(val) => {
                let (bottom, top) = (number(cx, low), number(cx, high));
                let asked = order.number();
                let kept = if bottom < top && !asked.is_nan() {
                    number_as(asked.clamp(bottom, top), order.value.kind())
                } else {
                    order.value
                };
                cx.post(val, kept);
            }
            _ => {}
        }
        Ok(Put::Done)
    }
}

fn number(cx: &Cx<'_>, slot: Slot<Value>) -> f64 {
    cx.get(slot).as_f64().unwrap_or_default()
}

impl record::Plan {
    /// Declares the record, and says what is to be done when it is written.
    fn declare(self, name: &str, surface: &mut Surface) -> Option<(LocalRecord, Keeps)> {
        let kind = self.kind;
        let mut record = surface.record(name, kind);
        for (field, value) in self.fields {
            record = record.with(field, value);
        }
        let at = record.id();
        if let Some(role) = self.role {
            record = record.role(role);
        }
        if kind.field(val(kind)).array {
            return Some((at, Keeps::Count(record.slot("NORD"))));
        }
        self.clipped.then(|| {
            let keeps = Keeps::Within {
                low: record.slot("DRVL"),
                high: record.slot("DRVH"),
                val: record.val(),
            };
            (at, keeps)
        })
    }
}
