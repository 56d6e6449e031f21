//! Plain process variables that keep what is written to them.
//!
//! For the names a profile collection touches and nobody models. Each is a record of EPICS base whose
//! type follows from its first value: a number is an `ao`, a whole number a `longout`, a text a
//! `stringout`, true or false a `bo`, a list a `waveform`. Units are whatever the file says. How such
//! records look to a client is that of EPICS base as captured.

mod entry;
mod record;

use std::collections::BTreeMap;

use beamtwin_sim::{
    Cx, Device, FieldIx, LocalRecord, Order, Put, PutId, RecordType, Refusal, Surface,
};
use schemars::JsonSchema;
use serde::Deserialize;

pub use entry::{Entry, Given, Record, Row, Type};

use crate::records::process;
use crate::{Kind, settings};

/// The `mailbox` kind.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// The types of the records, in the order of their numbers.
    records: Vec<&'static RecordType>,
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
        let mut records = Vec::new();
        for (name, entry) in settings.pvs {
            let key = format!("pvs.{name}");
            if !settings::record_name(surface, &key, &name) {
                continue;
            }
            match record::plan(&entry.row()) {
                Ok(plan) => {
                    let kind = plan.kind;
                    plan.declare(name, surface);
                    records.push(kind);
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
        if let Some(kind) = self.records.get(order.record.0 as usize) {
            process::put(cx, kind, order);
        }
        Ok(Put::Done)
    }

    fn unfit(
        &mut self,
        record: LocalRecord,
        field: FieldIx,
        complete: Option<PutId>,
        cx: &mut Cx<'_>,
    ) -> Put {
        // As `dbProcessNotify`: who waits for a put has the record process whatever becomes of it.
        if complete.is_some()
            && let Some(kind) = self.records.get(record.0 as usize)
        {
            process::again(cx, kind, record, field);
        }
        Put::Done
    }
}

impl record::Plan {
    /// Declares the record.
    fn declare(self, name: String, surface: &mut Surface) {
        let mut record = surface.record(name, self.kind);
        for (field, value) in self.fields {
            record = record.with(field, value);
        }
        record.role(self.role);
    }
}
