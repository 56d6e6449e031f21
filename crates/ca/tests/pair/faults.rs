use std::time::Duration;

use beamtwin_ca::header::{Header, command};
use beamtwin_ca::message::Request;
use beamtwin_ca::{Access, Circuit, Client, Dbr, Demand, Eca, Form, Heard, Limits};
use beamtwin_pv::{Array, Value, ValueKind};
use bytes::BytesMut;

use crate::pair::{DOUBLE, Pair};

fn small() -> Limits {
    Limits {
        payload: 4096,
        ..Limits::default()
    }
}

#[test]
fn a_request_that_is_too_large_is_skipped() {
    for split in [1, 100, 4096, usize::MAX] {
        let mut pair = Pair {
            split,
            ..Pair::new(small())
        };
        let sid = pair.open("wave");
        pair.client
            .write(sid, &Value::Array(Array::Long(vec![1; 2000].into())), true);
        pair.client.echo();
        let heard = pair.drive();
        let [
            Heard::Error {
                cid: 1,
                status: Eca::TOLARGE,
                text,
            },
            Heard::Echo,
        ] = &heard[..]
        else {
            panic!("{heard:?}");
        };
        assert!(text.lossy().contains("Max bytes=4096"), "{text}");
    }
}

#[test]
fn a_read_that_is_too_large_is_refused() {
    let mut pair = Pair::new(small());
    let sid = pair.open("wave");
    pair.client
        .read(sid, Dbr::Value(Form::Plain, ValueKind::Long), 100_000);
    for dbr in [DOUBLE, Dbr::ClassName, Dbr::StsackString] {
        pair.client.read(sid, dbr, u32::MAX);
    }
    let heard = pair.drive();
    assert_eq!(heard.len(), 4);
    assert!(heard.iter().all(|h| matches!(
        h,
        Heard::Error {
            status: Eca::TOLARGE,
            ..
        }
    )));
}

#[test]
fn a_write_of_fewer_elements_than_it_says_is_refused() {
    let mut pair = Pair::default();
    let sid = pair.open("wave");
    let payload = &[0; 8];
    let write = |ioid, notify| Request::Write {
        sid,
        ioid,
        data_type: 5,
        count: 3,
        notify,
        payload,
    };
    pair.client.say(write(8, true));
    pair.client.say(write(9, false));
    let heard = pair.drive();
    let [
        Heard::Written {
            ioid: 8,
            status: Eca::BADCOUNT,
        },
        Heard::Error {
            status: Eca::BADCOUNT,
            ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
}

#[test]
fn a_write_of_what_is_no_plain_value_is_refused() {
    let mut pair = Pair::default();
    let sid = pair.open("x");
    let payload = &[0; 24];
    pair.client.say(Request::Write {
        sid,
        ioid: 8,
        data_type: 20,
        count: 1,
        notify: true,
        payload,
    });
    assert_eq!(
        pair.drive(),
        [Heard::Written {
            ioid: 8,
            status: Eca::PUTFAIL
        }]
    );
    pair.client.say(Request::Write {
        sid,
        ioid: 9,
        data_type: 99,
        count: 1,
        notify: true,
        payload,
    });
    assert_eq!(
        pair.drive(),
        [Heard::Written {
            ioid: 9,
            status: Eca::BADTYPE
        }]
    );
    assert!(pair.circuit.is_closed());
}

#[test]
fn who_does_not_say_its_version_is_not_listened_to() {
    let mut circuit = Circuit::new(Limits::default(), Duration::ZERO);
    let mut bytes = BytesMut::new();
    Request::ClientName { name: b"somebody" }.encode(&mut bytes);
    circuit.receive(&bytes, Duration::ZERO);
    assert_eq!(circuit.poll(), None);
    assert!(!circuit.is_closed());
    let mut client = Client::default();
    let mut out = BytesMut::new();
    circuit.transmit(&mut out);
    client.receive(&out);
    assert_eq!(client.poll(), Ok(Some(Heard::Version { minor: 13 })));
    assert!(matches!(
        client.poll(),
        Ok(Some(Heard::Error {
            status: Eca::DEFUNCT,
            ..
        }))
    ));
    bytes.clear();
    Request::Version {
        minor: 3,
        priority: 0,
        sequence: 0,
    }
    .encode(&mut bytes);
    circuit.receive(&bytes, Duration::ZERO);
    assert_eq!(circuit.poll(), None);
    assert!(circuit.is_closed());
}

#[test]
fn an_event_that_is_too_large_is_refused() {
    let mut pair = Pair::new(Limits {
        payload: 64,
        ..Limits::default()
    });
    let sid = pair.open("wave");
    pair.client.subscribe(
        sid,
        Dbr::Value(Form::Plain, ValueKind::Long),
        0,
        crate::pair::ALL,
    );
    assert_eq!(pair.drive().len(), 1);
    pair.change("wave", Array::Long(vec![1; 17].into()));
    let heard = pair.drive();
    assert!(
        matches!(
            &heard[..],
            [Heard::Error {
                cid: 1,
                status: Eca::TOLARGE,
                ..
            }]
        ),
        "{heard:?}"
    );
}

#[test]
fn a_name_without_an_end_is_refused() {
    let mut pair = Pair::default();
    pair.drive();
    let mut bytes = BytesMut::new();
    Header {
        command: command::CLIENT_NAME,
        payload: 8,
        ..Header::default()
    }
    .encode(&mut bytes);
    bytes.extend_from_slice(b"unended!");
    pair.circuit.receive(&bytes, pair.now);
    let heard = pair.drive();
    assert!(
        matches!(
            &heard[..],
            [Heard::Error {
                status: Eca::INTERNAL,
                ..
            }]
        ),
        "{heard:?}"
    );
    assert!(pair.circuit.is_closed());
}

#[test]
fn a_payload_that_is_no_multiple_of_eight_ends_the_circuit() {
    let mut pair = Pair::default();
    pair.drive();
    let mut bytes = BytesMut::new();
    Header {
        command: command::CLIENT_NAME,
        payload: 3,
        ..Header::default()
    }
    .encode(&mut bytes);
    pair.circuit.receive(&bytes, pair.now);
    let heard = pair.drive();
    assert!(
        matches!(
            &heard[..],
            [Heard::Error {
                status: Eca::INTERNAL,
                ..
            }]
        ),
        "{heard:?}"
    );
    assert!(pair.circuit.is_closed());
}

#[test]
fn a_channel_that_is_not_open_yet_takes_no_requests() {
    let mut circuit = Circuit::new(Limits::default(), Duration::ZERO);
    let mut client = Client::default();
    client.open("x");
    client.read(0, DOUBLE, 1);
    let mut bytes = BytesMut::new();
    client.transmit(&mut bytes);
    circuit.receive(&bytes, Duration::ZERO);
    while circuit.poll().is_some() {}
    assert!(circuit.is_closed());
}

#[test]
fn a_name_given_after_the_first_channel_is_refused() {
    let mut pair = Pair::default();
    pair.open("x");
    pair.client.say(Request::HostName { name: b"elsewhere" });
    let heard = pair.drive();
    assert!(
        matches!(
            &heard[..],
            [Heard::Error {
                status: Eca::INTERNAL,
                ..
            }]
        ),
        "{heard:?}"
    );
    assert!(!pair.circuit.is_closed());
}

#[test]
fn a_channel_or_a_monitor_too_many_is_told_as_the_c_server_does() {
    let mut circuit = Circuit::new(Limits::default(), Duration::ZERO);
    let mut client = Client::default();
    let mut bytes = BytesMut::new();
    let (mut heard, mut sid) = (Vec::new(), 0);
    let cids = [client.open("x"), client.open("one too many")];
    for round in 0..2 {
        client.transmit(&mut bytes);
        circuit.receive(&bytes, Duration::ZERO);
        bytes.clear();
        while let Some(demand) = circuit.poll() {
            match demand {
                Demand::Open { channel, name } if name == "x" => {
                    sid = channel.0;
                    circuit.opened(channel, ValueKind::Double, 1, Access::READ);
                }
                Demand::Open { channel, .. } => circuit.no_room_for_channel(channel),
                Demand::Identify { .. } => {}
                Demand::Subscribe { subscription, .. } => {
                    circuit.no_room_for_monitor(subscription);
                }
                other => panic!("{other:?}"),
            }
        }
        while circuit.transmit(&mut bytes) {}
        client.receive(&bytes);
        bytes.clear();
        while let Some(said) = client.poll().unwrap() {
            heard.push(said);
        }
        assert_eq!(circuit.is_closed(), round == 1, "{heard:?}");
        client.subscribe(sid, DOUBLE, 1, crate::pair::ALL);
    }
    let errors: Vec<_> = heard
        .iter()
        .filter_map(|said| match said {
            Heard::Error { status, text, .. } => Some((*status, text.to_string())),
            _ => None,
        })
        .collect();
    let error = |name: &str| (Eca::ALLOCMEM, name.to_owned());
    assert_eq!(errors, [error("one too many"), error("x")]);
    assert!(heard.contains(&Heard::NotFound { cid: cids[1] }));
}
