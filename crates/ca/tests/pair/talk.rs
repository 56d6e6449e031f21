use beamtwin_ca::message::Request;
use beamtwin_ca::{Access, ChannelId, Dbr, Demand, Eca, Form, Heard, Mask};
use beamtwin_pv::{Array, Text, Value, ValueKind};

use crate::pair::{ALL, Pair, TIME_DOUBLE, events};

/// One of everything.
fn talk(pair: &mut Pair) -> Vec<Heard> {
    let mut heard = pair.drive();
    let x = pair.client.open("x");
    pair.client.open("nowhere");
    heard.extend(pair.drive());
    assert!(heard.contains(&Heard::NotFound { cid: x + 1 }));
    let sid = heard
        .iter()
        .find_map(|heard| {
            if let Heard::Opened { sid, .. } = heard {
                Some(*sid)
            } else {
                None
            }
        })
        .unwrap();
    pair.client
        .read(sid, Dbr::Value(Form::Control, ValueKind::Double), 0);
    let monitor = pair.client.subscribe(sid, TIME_DOUBLE, 0, ALL);
    pair.client.write(sid, &Value::Double(2.5), true);
    pair.client.write(sid, &Value::Double(3.5), false);
    pair.client
        .read(sid, Dbr::Value(Form::Plain, ValueKind::String), 1);
    pair.client.echo();
    pair.client.cancel(sid, monitor);
    pair.client.clear(sid, x);
    pair.client.search("x", false);
    heard.extend(pair.drive());
    heard
}

#[test]
fn a_whole_conversation_is_the_same_however_it_is_split() {
    let whole = talk(&mut Pair::default());
    assert_eq!(events(&whole), [0.0, 2.5, 3.5]);
    assert!(whole.contains(&Heard::Cleared { cid: 1 }));
    assert!(
        whole
            .iter()
            .any(|heard| matches!(heard, Heard::Found { port: 5064, .. }))
    );
    for split in 1..200 {
        let mut pair = Pair {
            split,
            ..Pair::default()
        };
        assert_eq!(talk(&mut pair), whole, "in pieces of {split}");
    }
}

#[test]
fn a_value_reads_as_the_type_asked_for() {
    let mut pair = Pair::default();
    let sid = pair.open("state");
    for (kind, expected) in [
        (ValueKind::Enum, Value::Enum(1)),
        (ValueKind::String, Value::from("On")),
        (ValueKind::Double, Value::Double(1.0)),
    ] {
        pair.client.read(sid, Dbr::Value(Form::Plain, kind), 1);
        let heard = pair.drive();
        let [
            Heard::Read {
                status: Eca::NORMAL,
                sample,
                ..
            },
        ] = &heard[..]
        else {
            panic!("{heard:?}");
        };
        assert_eq!(sample.value, expected);
    }
}

#[test]
fn a_read_of_what_does_not_convert_fails_with_zeros() {
    let mut pair = Pair::default();
    let sid = pair.open("text");
    pair.client.read(sid, TIME_DOUBLE, 1);
    let heard = pair.drive();
    let [
        Heard::Read {
            status: Eca::GETFAIL,
            sample,
            ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(sample.value, Value::Double(0.0));
    pair.client.subscribe(sid, TIME_DOUBLE, 1, ALL);
    assert!(matches!(
        &pair.drive()[..],
        [Heard::Event {
            status: Eca::GETFAIL,
            ..
        }]
    ));
}

#[test]
fn an_array_has_as_many_elements_as_asked_for() {
    let mut pair = Pair::default();
    let sid = pair.open("wave");
    let long = Dbr::Value(Form::Plain, ValueKind::Long);
    for (count, expected) in [
        (0, vec![1, 2, 3]),
        (2, vec![1, 2]),
        (5, vec![1, 2, 3, 0, 0]),
    ] {
        pair.client.read(sid, long, count);
        let heard = pair.drive();
        let [Heard::Read { sample, .. }] = &heard[..] else {
            panic!("{heard:?}");
        };
        assert_eq!(sample.value, Value::Array(Array::Long(expected.into())));
    }
    pair.client
        .write(sid, &Value::Array(Array::Long([].into())), true);
    pair.client.read(sid, long, 0);
    let heard = pair.drive();
    let [
        Heard::Written {
            status: Eca::NORMAL,
            ..
        },
        Heard::Read { sample, .. },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(sample.value.count(), 0);
}

#[test]
fn a_deprecated_read_sends_no_more_of_a_text_than_there_is() {
    let mut pair = Pair::default();
    let sid = pair.open("text");
    pair.client.say(Request::Read {
        sid,
        ioid: 9,
        data_type: 0,
        count: 1,
        notify: false,
    });
    pair.shout();
    assert_eq!(pair.circuit.backlog(), 16 + 8);
    let heard = pair.drive();
    let [
        Heard::Read {
            ioid: 9, sample, ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(sample.value, Value::from("hello"));
}

#[test]
fn whoever_may_not_read_is_told() {
    let mut pair = Pair::default();
    let sid = pair.open("mute");
    pair.client.read(sid, TIME_DOUBLE, 1);
    pair.client.subscribe(sid, TIME_DOUBLE, 1, ALL);
    pair.client.say(Request::Read {
        sid,
        ioid: 9,
        data_type: 6,
        count: 1,
        notify: false,
    });
    let heard = pair.drive();
    let [
        Heard::Read {
            status: Eca::NORDACCESS,
            ..
        },
        Heard::Event {
            status: Eca::NORDACCESS,
            sample,
            ..
        },
        Heard::Error {
            cid: 1,
            status: Eca::NORDACCESS,
            text,
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(sample.value, Value::Double(0.0));
    assert_eq!(*text, "mute");
}

#[test]
fn of_every_write_that_is_denied_the_server_hears() {
    let mut pair = Pair::default();
    let sid = pair.open("deaf");
    let mut double = vec![0; 8];
    double.extend(2.5_f64.to_be_bytes());
    let nothing = || Value::Array(Array::Double([].into()));
    let cases = [
        (13, 1, &double[..], None, Value::Double(2.5)),
        (35, 1, &[0, 1], Some("ACKT"), Value::Enum(1)),
        (36, 1, &[0, 3], Some("ACKS"), Value::Enum(3)),
        (36, 1, &[], None, nothing()),
        (6, 5, &double[8..], None, nothing()),
        (38, 1, &double[..], None, nothing()),
        (77, 1, &double[..], None, nothing()),
    ];
    for (data_type, count, payload, field, value) in cases {
        pair.client.say(Request::Write {
            sid,
            ioid: 4,
            data_type,
            count,
            notify: false,
            payload,
        });
        let heard = pair.drive();
        assert!(
            matches!(
                heard[..],
                [Heard::Error {
                    status: Eca::NOWTACCESS,
                    ..
                }]
            ),
            "{heard:?}"
        );
        let Some(Demand::Denied {
            field: of,
            value: told,
            ..
        }) = pair.demands.pop()
        else {
            panic!("type {data_type}");
        };
        assert_eq!((of, told), (field, value), "type {data_type}");
    }
}

#[test]
fn whoever_may_not_write_is_told() {
    let mut pair = Pair::default();
    let sid = pair.open("deaf");
    pair.client.write(sid, &Value::Double(1.0), true);
    pair.client.write(sid, &Value::Double(2.0), false);
    let heard = pair.drive();
    let denied = |demand: &Demand| match demand {
        Demand::Denied { value, .. } => value.as_f64(),
        _ => None,
    };
    let denied: Vec<f64> = pair.demands.iter().filter_map(denied).collect();
    assert_eq!(denied, [1.0, 2.0], "the server hears of it");
    let [
        Heard::Written {
            status: Eca::NOWTACCESS,
            ..
        },
        Heard::Error {
            cid: 1,
            status: Eca::NOWTACCESS,
            ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
}

#[test]
fn a_change_of_access_refreshes_monitors() {
    let mut pair = Pair::default();
    let sid = pair.open("x");
    let subscription = pair.client.subscribe(sid, TIME_DOUBLE, 1, ALL);
    pair.drive();
    pair.circuit.access_changed(ChannelId(sid), Access::WRITE);
    let heard = pair.drive();
    let [
        Heard::Access {
            cid: 1,
            access: Access::WRITE,
        },
        Heard::Event {
            status,
            subscription: s,
            ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!((*status, *s), (Eca::NORDACCESS, subscription));
    pair.circuit.access_changed(ChannelId(sid), Access::WRITE);
    pair.change("x", 1.0);
    assert!(pair.drive().is_empty(), "once is enough");
    pair.circuit.access_changed(ChannelId(sid), Access::READ);
    assert_eq!(events(&pair.drive()), [1.0]);
}

#[test]
fn a_cleared_channel_takes_its_monitors_along() {
    let mut pair = Pair::default();
    let sid = pair.open("x");
    pair.client.subscribe(sid, TIME_DOUBLE, 1, ALL);
    pair.drive();
    pair.demands.clear();
    pair.client.clear(sid, 1);
    assert_eq!(pair.drive(), [Heard::Cleared { cid: 1 }]);
    assert!(matches!(
        pair.demands[..],
        [
            Demand::Unsubscribe { .. },
            Demand::Close {
                channel: ChannelId(0)
            }
        ]
    ));
    assert_eq!(pair.circuit.census(), (0, 0));
}

#[test]
fn a_channel_can_be_taken_away() {
    let mut pair = Pair::default();
    let sid = pair.open("x");
    pair.circuit.disconnect(ChannelId(sid));
    assert_eq!(pair.drive(), [Heard::Disconnected { cid: 1 }]);
    assert!(matches!(pair.demands.last(), Some(Demand::Close { .. })));
}

#[test]
fn a_search_that_wants_to_hear_of_a_miss_does() {
    let mut pair = Pair::default();
    pair.drive();
    pair.client.search("nowhere", false);
    let cid = pair.client.search("nowhere", true);
    assert_eq!(pair.drive(), [Heard::NotFound { cid }]);
}

#[test]
fn the_peer_says_who_it_is() {
    let mut pair = Pair::default();
    pair.drive();
    let [.., Demand::Identify { user, host }] = &pair.demands[..] else {
        panic!("{:?}", pair.demands);
    };
    assert_eq!(
        (user, host),
        (&Text::from("user"), &Text::from("workstation"))
    );
}

#[test]
fn a_mask_arrives_as_it_was_sent() {
    let mut pair = Pair::default();
    let sid = pair.open("x");
    pair.client.subscribe(sid, TIME_DOUBLE, 1, Mask::PROPERTY);
    pair.drive();
    assert!(matches!(
        pair.demands.last(),
        Some(Demand::Subscribe {
            mask: Mask::PROPERTY,
            ..
        })
    ));
}
