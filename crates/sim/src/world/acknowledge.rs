//! Acknowledging alarms, as `putAckt` and `putAcks` of EPICS base do it.

use beamtwin_pv::{Severity, Value};

use super::{PvId, World};
use crate::event::{ClientId, Mask, PutId, What};
use crate::record::common;

/// What a client has to say of the alarm of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledge {
    /// Alarms up to this severity have been seen (`DBR_PUT_ACKS`).
    Severity(u16),
    /// Whether alarms that go away by themselves are still to be seen (`DBR_PUT_ACKT`).
    Transient(bool),
}

impl World {
    /// A client acknowledges the alarm of a record by one of its channels. It is recorded as a put to `ACKS` or
    /// `ACKT`, which no client writes in another way; it is done at once, and the record does not process.
    pub fn acknowledge(
        &mut self,
        pv: PvId,
        what: Acknowledge,
        by: Option<ClientId>,
        complete: bool,
    ) -> PutId {
        let (field, value) = match what {
            Acknowledge::Severity(severity) => (common::ACKS, severity),
            Acknowledge::Transient(required) => (common::ACKT, required.into()),
        };
        let record = pv.record;
        let told = PvId { record, field };
        let put = PutId(self.core.say(What::Put {
            pv: told,
            value: Value::Enum(value),
            by,
            complete,
        }));
        if let Err(refusal) = self.enabled(pv) {
            self.core.refuse(put, refusal);
            return put;
        }
        let number = |world: &Self, field| {
            let value = world.core.value(PvId { record, field });
            value.as_f64().unwrap_or_default()
        };
        let now = self.core.record(record).shown_alarm().severity;
        let acknowledged = number(self, common::ACKS);
        let cause = Some(put);
        match what {
            Acknowledge::Severity(severity) if f64::from(severity) >= acknowledged => {
                self.post_ack(told, Severity::None, cause);
                self.core.tell(What::Again(record, Mask::ALARM));
            }
            Acknowledge::Transient(required) if f64::from(value) != number(self, common::ACKT) => {
                let mask = Mask::VALUE | Mask::ALARM;
                self.core.commit(told, Value::Enum(value), mask, cause);
                if !required && acknowledged > f64::from(now as u8) {
                    let field = common::ACKS;
                    self.post_ack(PvId { record, field }, now, cause);
                }
                self.core.tell(What::Again(record, Mask::ALARM));
            }
            Acknowledge::Severity(_) | Acknowledge::Transient(_) => {}
        }
        if complete {
            self.core.say(What::Done(put));
        }
        self.settle();
        put
    }

    /// What was put to a field that only an acknowledgement reaches, if it is such a field: for a replay.
    #[must_use]
    pub fn acknowledgement(pv: PvId, value: &Value) -> Option<Acknowledge> {
        let Value::Enum(value) = *value else {
            return None;
        };
        match pv.field {
            common::ACKS => Some(Acknowledge::Severity(value)),
            common::ACKT => Some(Acknowledge::Transient(value != 0)),
            _ => None,
        }
    }

    /// Whether alarms that go away are to be acknowledged, and the highest severity that is not (`ACKT`, `ACKS`).
    pub(super) fn unacknowledged(&self, pv: PvId) -> (bool, u16) {
        let number = |field| {
            let value = self.core.value(PvId { field, ..pv });
            value.as_f64().unwrap_or_default()
        };
        let severity = Severity::from_code(number(common::ACKS) as u16).unwrap_or_default();
        (number(common::ACKT) != 0.0, severity as u16)
    }

    fn post_ack(&mut self, acks: PvId, severity: Severity, cause: Option<PutId>) {
        let mask = Mask::VALUE | Mask::ALARM;
        let value = Value::Enum(severity as u16);
        self.core.commit(acks, value, mask, cause);
    }
}
