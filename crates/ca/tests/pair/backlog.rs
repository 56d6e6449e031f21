use beamtwin_ca::{Dbr, Eca, Form, Heard, Limits};
use beamtwin_pv::{Array, Value, ValueKind};
use bytes::BytesMut;

use crate::pair::{ALL, DOUBLE, Pair, events};

/// Events wait at once.
fn narrow() -> Limits {
    Limits {
        event_backlog: 0,
        events_per_monitor: 3,
        ..Limits::default()
    }
}

#[test]
fn a_slow_peer_gets_the_first_events_and_the_last() {
    let mut pair = Pair::new(narrow());
    let sid = pair.open("x");
    pair.client.subscribe(sid, DOUBLE, 1, ALL);
    pair.drive();
    for value in 1..=10 {
        pair.change("x", f64::from(value));
    }
    assert_eq!(pair.circuit.squashed(), 7);
    assert_eq!(events(&pair.drive()), [1.0, 2.0, 10.0]);
    assert_eq!(pair.circuit.backlog(), 0);
}

#[test]
fn one_busy_monitor_does_not_squash_another() {
    let mut pair = Pair::new(narrow());
    let (x, slow) = (pair.open("x"), pair.open("slow"));
    let mine = pair.client.subscribe(x, DOUBLE, 1, ALL);
    let other = pair.client.subscribe(slow, DOUBLE, 1, ALL);
    pair.drive();
    pair.change("slow", 1.0);
    for value in 1..=10 {
        pair.change("x", f64::from(value));
    }
    pair.change("slow", 2.0);
    let heard = pair.drive();
    let of = |monitor| {
        let mine: Vec<_> = heard
            .iter()
            .filter(|h| matches!(h, Heard::Event { subscription, .. } if *subscription == monitor))
            .cloned()
            .collect();
        events(&mine)
    };
    assert_eq!(of(mine), [1.0, 2.0, 10.0]);
    assert_eq!(of(other), [1.0, 2.0]);
}

#[test]
fn replies_and_events_keep_their_order_when_they_wait() {
    let mut pair = Pair::new(narrow());
    let sid = pair.open("x");
    pair.client.subscribe(sid, DOUBLE, 1, ALL);
    pair.drive();
    let first = pair.client.write(sid, &Value::Double(1.0), true);
    pair.shout();
    let second = pair.client.write(sid, &Value::Double(2.0), true);
    pair.shout();
    pair.client.echo();
    pair.shout();
    let heard = pair.drive();
    let [
        Heard::Event { .. },
        Heard::Written { ioid: a, .. },
        Heard::Event { .. },
        Heard::Written { ioid: b, .. },
        Heard::Echo,
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!((*a, *b), (first, second));
    assert_eq!(events(&heard), [1.0, 2.0]);
}

#[test]
fn a_cancelled_monitor_says_nothing_more() {
    let mut pair = Pair::new(narrow());
    let sid = pair.open("x");
    let subscription = pair.client.subscribe(sid, DOUBLE, 1, ALL);
    pair.drive();
    pair.change("x", 1.0);
    pair.client.cancel(sid, subscription);
    pair.change("x", 2.0);
    assert_eq!(pair.drive(), [Heard::Cancelled { subscription }]);
    assert_eq!(pair.circuit.backlog(), 0);
}

#[test]
fn events_off_keeps_the_latest_of_each_monitor() {
    let mut pair = Pair::default();
    let (x, slow) = (pair.open("x"), pair.open("slow"));
    pair.client.subscribe(x, DOUBLE, 1, ALL);
    pair.client.subscribe(slow, DOUBLE, 1, ALL);
    pair.drive();
    pair.client.events(false);
    pair.client.echo();
    assert_eq!(pair.drive(), [Heard::Echo]);
    for value in 100..110 {
        pair.client.write(x, &Value::Double(value.into()), true);
        pair.change("slow", f64::from(-value));
    }
    let heard = pair.drive();
    assert_eq!(heard.len(), 10, "replies flow, events do not");
    assert!(heard.iter().all(|h| matches!(
        h,
        Heard::Written {
            status: Eca::NORMAL,
            ..
        }
    )));
    pair.client.events(true);
    assert_eq!(events(&pair.drive()), [-109.0, 109.0]);
    assert_eq!(pair.circuit.squashed(), 18);
}

#[test]
fn who_asks_and_never_listens_is_not_answered_without_end() {
    let limits = Limits {
        reply_backlog: 10_000,
        ..Limits::default()
    };
    let mut pair = Pair::new(limits);
    let sid = pair.open("wave");
    for _ in 0..1000 {
        pair.client
            .read(sid, Dbr::Value(Form::Plain, ValueKind::Long), 1000);
    }
    pair.shout();
    let backlog = pair.circuit.backlog();
    assert!((10_000..20_000).contains(&backlog), "{backlog}");
    assert_eq!(
        pair.drive().len(),
        1000,
        "all are answered once somebody listens"
    );
}

#[test]
fn large_events_leave_one_after_another() {
    let mut pair = Pair::new(Limits {
        event_backlog: 100,
        ..Limits::default()
    });
    let sid = pair.open("wave");
    pair.client
        .subscribe(sid, Dbr::Value(Form::Plain, ValueKind::Long), 0, ALL);
    pair.drive();
    for value in 0..4 {
        pair.change("wave", Array::Long(vec![value; 1000].into()));
    }
    assert!(pair.circuit.backlog() > 12_000);
    let mut sizes = Vec::new();
    let mut out = BytesMut::new();
    while pair.circuit.transmit(&mut out) {
        sizes.push(out.len());
        out.clear();
    }
    assert_eq!(sizes, [4016; 4]);
}

#[test]
fn large_arrays_go_out_in_pieces_each_in_its_turn() {
    let long = Dbr::Value(Form::Plain, ValueKind::Long);
    let longs = |count| Value::Array(Array::Long((0..count).collect()));
    let mut pair = Pair::default();
    let wave = pair.open("wave");
    pair.client.subscribe(wave, long, 0, ALL);
    pair.drive();
    // More than there are, and no multiple of eight bytes.
    pair.change("wave", longs(40_001));
    pair.client.read(wave, long, 50_003);
    pair.client.echo();
    pair.shout();
    pair.change("wave", longs(20_003));
    pair.client.echo();
    let heard = pair.drive();
    let [
        Heard::Event { sample: first, .. },
        Heard::Read { sample: read, .. },
        Heard::Echo,
        Heard::Event { sample: second, .. },
        Heard::Echo,
    ] = &heard[..]
    else {
        panic!("{} things heard", heard.len());
    };
    assert_eq!(first.value, longs(40_001));
    assert_eq!(second.value, longs(20_003));
    let with_zeros = (0..40_001).chain(std::iter::repeat_n(0, 10_002));
    assert_eq!(read.value, Value::Array(Array::Long(with_zeros.collect())));
    assert_eq!(pair.circuit.backlog(), 0);
}
