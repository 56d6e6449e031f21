use std::time::Duration;

use beamtwin_ca::{ChannelId, Demand, Eca, Heard, Limits};
use beamtwin_pv::Value;

use crate::pair::{ALL, DOUBLE, Pair, events};

#[test]
fn completion_follows_what_the_put_changed() {
    let mut pair = Pair::default();
    let sid = pair.open("slow");
    pair.client.subscribe(sid, DOUBLE, 1, ALL);
    pair.drive();
    let ioid = pair.client.write(sid, &Value::Double(1.0), true);
    assert_eq!(events(&pair.drive()), [1.0]);
    pair.change("slow", 2.0);
    let write = pair.started.pop_front().unwrap();
    pair.circuit.written(write, Eca::NORMAL);
    let heard = pair.drive();
    assert_eq!(events(&heard), [2.0]);
    assert_eq!(
        heard.last(),
        Some(&Heard::Written {
            ioid,
            status: Eca::NORMAL
        })
    );
}

#[test]
fn a_second_put_on_a_channel_waits_and_so_does_all_behind_it() {
    let mut pair = Pair::default();
    let sid = pair.open("slow");
    let first = pair.client.write(sid, &Value::Double(1.0), true);
    let second = pair.client.write(sid, &Value::Double(2.0), true);
    pair.client.echo();
    assert!(pair.drive().is_empty());
    assert!(pair.circuit.is_stalled());
    assert_eq!(pair.circuit.newly_stalled(), Some("slow"));
    assert_eq!(pair.circuit.newly_stalled(), None, "told once");
    assert_eq!(pair.started.len(), 1);
    let write = pair.started.pop_front().unwrap();
    pair.circuit.written(write, Eca::NORMAL);
    assert_eq!(
        pair.drive(),
        [
            Heard::Written {
                ioid: first,
                status: Eca::NORMAL
            },
            Heard::Echo
        ]
    );
    assert!(!pair.circuit.is_stalled());
    let write = pair.started.pop_front().unwrap();
    pair.circuit.written(write, Eca::NORMAL);
    assert_eq!(
        pair.drive(),
        [Heard::Written {
            ioid: second,
            status: Eca::NORMAL
        }]
    );
}

#[test]
fn a_plain_put_passes_one_that_is_not_complete() {
    let mut pair = Pair::default();
    let sid = pair.open("slow");
    pair.client.write(sid, &Value::Double(1.0), true);
    pair.client.write(sid, &Value::Double(0.0), false);
    pair.client.echo();
    assert_eq!(pair.drive(), [Heard::Echo]);
}

#[test]
fn a_put_on_another_channel_does_not_wait() {
    let mut pair = Pair::default();
    let (a, b) = (pair.open("slow"), pair.open("slow"));
    pair.client.write(a, &Value::Double(1.0), true);
    pair.client.write(b, &Value::Double(2.0), true);
    pair.client.echo();
    assert_eq!(pair.drive(), [Heard::Echo]);
    assert_eq!(pair.started.len(), 2);
}

#[test]
fn puts_on_one_channel_need_not_wait_here() {
    let mut pair = Pair::new(Limits {
        put_wait: None,
        ..Limits::default()
    });
    let sid = pair.open("slow");
    let ioids = [1.0, 2.0].map(|value| pair.client.write(sid, &Value::Double(value), true));
    pair.client.echo();
    assert_eq!(pair.drive(), [Heard::Echo]);
    assert_eq!(pair.circuit.deadline(), None);
    for ioid in ioids {
        let write = pair.started.pop_front().unwrap();
        pair.circuit.written(write, Eca::NORMAL);
        let status = Eca::NORMAL;
        assert_eq!(pair.drive(), [Heard::Written { ioid, status }]);
    }
}

#[test]
fn a_put_that_keeps_another_waiting_for_a_minute_is_given_up() {
    let mut pair = Pair {
        now: Duration::from_secs(5),
        ..Pair::default()
    };
    let sid = pair.open("slow");
    let first = pair.client.write(sid, &Value::Double(1.0), true);
    pair.drive();
    let second = pair.client.write(sid, &Value::Double(2.0), true);
    pair.drive();
    assert_eq!(pair.circuit.deadline(), Some(Duration::from_secs(65)));
    pair.circuit.tick(Duration::from_secs(64));
    assert!(pair.drive().is_empty());
    pair.circuit.tick(Duration::from_secs(65));
    assert_eq!(
        pair.drive(),
        [Heard::Written {
            ioid: first,
            status: Eca::PUTCBINPROG
        }]
    );
    let abandoned = pair.started.pop_front().unwrap();
    assert_eq!(
        pair.demands.last(),
        Some(&Demand::Abandon { write: abandoned })
    );
    assert_eq!(pair.circuit.deadline(), None);
    // Its completion comes too late to mean anything.
    pair.circuit.written(abandoned, Eca::NORMAL);
    assert!(pair.drive().is_empty());
    let write = pair.started.pop_front().unwrap();
    pair.circuit.written(write, Eca::NORMAL);
    assert_eq!(
        pair.drive(),
        [Heard::Written {
            ioid: second,
            status: Eca::NORMAL
        }]
    );
}

#[test]
fn a_put_on_a_channel_that_went_away_completes_in_silence() {
    let mut pair = Pair::default();
    let sid = pair.open("slow");
    pair.client.write(sid, &Value::Double(1.0), true);
    pair.client.write(sid, &Value::Double(2.0), true);
    pair.drive();
    pair.circuit.disconnect(ChannelId(sid));
    assert!(!pair.circuit.is_stalled());
    let write = pair.started.pop_front().unwrap();
    pair.circuit.written(write, Eca::NORMAL);
    let heard = pair.drive();
    assert_eq!(heard[0], Heard::Disconnected { cid: 1 });
    assert!(
        !heard
            .iter()
            .any(|heard| matches!(heard, Heard::Written { .. }))
    );
}
