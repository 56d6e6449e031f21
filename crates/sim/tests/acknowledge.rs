//! Alarms are acknowledged as in EPICS base.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_pv::{Alarm, AlarmStatus, Severity};
use beamtwin_sim::{
    Acknowledge, Bench, Cx, Device, Event, Field, Mask, Order, Put, PvId, Reason, RecordType,
    Refusal, Slot, What,
};

static METER: RecordType = RecordType::new("ai", &[Field::double("VAL").setting()]);

/// As bad as the number written to it.
#[derive(Clone)]
struct Meter(Slot<f64>);

impl Device for Meter {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if order.is(self.0) {
            let severity = Severity::from_code(order.number() as u16).unwrap();
            let status = match severity {
                Severity::None => AlarmStatus::None,
                _ => AlarmStatus::Read,
            };
            cx.alarm(order.record, Alarm::new(severity, status));
        }
        Ok(Put::Done)
    }
}

struct Twin(Bench);

impl Twin {
    fn new() -> Self {
        Self(Bench::new(|surface| {
            Meter(surface.record("m", &METER).val())
        }))
    }

    /// Severities that the record goes through; then `ACKS`.
    fn after(&mut self, severities: &[u16]) -> String {
        for &severity in severities {
            self.0.put("m", f64::from(severity));
        }
        self.0.text("m.ACKS").to_string()
    }

    /// What is posted of an acknowledgement: field and mask; then `ACKS`.
    fn acknowledge(&mut self, what: Acknowledge) -> (Vec<(String, Mask)>, String) {
        let before = self.0.events().len();
        self.0.acknowledge("m", what);
        let told = self.0.events()[before..].to_vec();
        let field = |twin: &mut Self, pv: PvId| twin.0.world().field(pv).name.to_owned();
        let posts = told.iter().filter_map(|event: &Event| match event.what {
            What::Post { pv, mask, .. } => Some((field(self, pv), mask)),
            What::Again(_, mask) => Some(("*".to_owned(), mask)),
            _ => None,
        });
        let posts = posts.collect();
        (posts, self.0.text("m.ACKS").to_string())
    }
}

fn told(field: &str, mask: Mask) -> (String, Mask) {
    (field.to_owned(), mask)
}

const BOTH: Mask = Mask::VALUE.union(Mask::ALARM);

#[test]
fn the_worst_alarm_stays_until_it_is_acknowledged() {
    let mut twin = Twin::new();
    assert_eq!(twin.after(&[0, 1]), "MINOR");
    assert_eq!(twin.after(&[2, 1, 0]), "MAJOR");
    let (posts, acks) = twin.acknowledge(Acknowledge::Severity(1));
    assert_eq!(
        (posts, &*acks),
        (vec![], "MAJOR"),
        "less than what there is"
    );
    let (posts, acks) = twin.acknowledge(Acknowledge::Severity(2));
    let all = told("*", Mask::ALARM);
    assert_eq!(posts, [told("ACKS", BOTH), all]);
    assert_eq!(acks, "NO_ALARM");
    assert_eq!(twin.after(&[1]), "MINOR");
}

#[test]
fn a_transient_alarm_need_not_be_acknowledged_where_nobody_wants_that() {
    let mut twin = Twin::new();
    assert_eq!(twin.after(&[2, 1]), "MAJOR");
    let (posts, acks) = twin.acknowledge(Acknowledge::Transient(false));
    let all = told("*", Mask::ALARM);
    assert_eq!(posts, [told("ACKT", BOTH), told("ACKS", BOTH), all]);
    assert_eq!(acks, "MINOR");
    assert_eq!(twin.0.text("m.ACKT"), "NO");
    assert_eq!(twin.after(&[3, 0]), "NO_ALARM");
    let (posts, _) = twin.acknowledge(Acknowledge::Transient(false));
    assert_eq!(posts, [], "as it was");
    let (posts, _) = twin.acknowledge(Acknowledge::Transient(true));
    assert_eq!(posts, [told("ACKT", BOTH), told("*", Mask::ALARM)]);
    assert_eq!(twin.after(&[3, 0]), "INVALID");
}

#[test]
fn a_record_that_takes_no_puts_takes_no_acknowledgement_and_its_fields_are_not_written() {
    let mut twin = Twin::new();
    twin.after(&[2, 0]);
    let put = twin.0.put("m.ACKS", 3);
    assert_eq!(twin.0.refused(put), Some(Reason::NoWriteAccess));
    twin.0.put("m.DISP", 1);
    let (posts, acks) = twin.acknowledge(Acknowledge::Severity(3));
    assert_eq!((posts, &*acks), (vec![], "MAJOR"));
    let refused = |event: &Event| matches!(event.what, What::Refused(_, Reason::Disabled, _));
    assert!(twin.0.events().iter().any(refused));
}
