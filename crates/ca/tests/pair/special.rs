//! Types without a form: the type of a record, and what of its alarm is acknowledged.

use std::time::Duration;

use beamtwin_ca::dbr::{acknowledgement, class_name};
use beamtwin_ca::header::{Header, command};
use beamtwin_ca::message::Request;
use beamtwin_ca::{Access, Acknowledgement, Circuit, Dbr, Demand, Eca, Limits, Mask};
use beamtwin_pv::{Metadata, Value, ValueKind};
use bytes::BytesMut;

use crate::pair::sample;

/// What a circuit says to requests on its one channel, a number of an `ao`: headers and payloads.
fn said(requests: &[Request<'_>]) -> Vec<(Header, Vec<u8>)> {
    let mut circuit = Circuit::new(Limits::default(), Duration::ZERO);
    let metadata = Metadata {
        precision: 1,
        class: "ao",
        transient: true,
        unacknowledged: 2,
        ..Metadata::default()
    };
    let mut bytes = BytesMut::new();
    for request in requests {
        request.encode(&mut bytes);
    }
    circuit.receive(&bytes, Duration::ZERO);
    bytes.clear();
    let value = sample(Value::Double(2.5));
    while let Some(demand) = circuit.poll() {
        match demand {
            Demand::Open { channel, .. } => {
                circuit.opened(channel, ValueKind::Double, 1, Access::all());
            }
            Demand::Read { read } => circuit.read(read, Ok((&value, &metadata))),
            Demand::Subscribe { subscription, .. } => {
                circuit.show(subscription, &value, &metadata);
            }
            other => panic!("{other:?}"),
        }
    }
    while circuit.transmit(&mut bytes) {}
    let mut rest = &bytes[..];
    let mut said = Vec::new();
    while let Some((header, head)) = Header::decode(rest) {
        let (message, more) = rest.split_at(head + header.payload as usize);
        said.push((header, message[head..].to_vec()));
        rest = more;
    }
    said
}

#[test]
fn an_event_tells_what_a_read_does() {
    for (dbr, count, size) in [
        (Dbr::ClassName, 0, 40),
        (Dbr::ClassName, 1, 40),
        (Dbr::StsackString, 1, 48),
        (Dbr::StsackString, 3, 128),
    ] {
        let data_type = dbr.code();
        let said = said(&[
            Request::Version {
                minor: 13,
                priority: 0,
                sequence: 0,
            },
            Request::CreateChan {
                cid: 1,
                minor: 13,
                name: b"x",
            },
            Request::Read {
                sid: 0,
                ioid: 7,
                data_type,
                count,
                notify: true,
            },
            Request::EventAdd {
                sid: 0,
                subscription: 8,
                data_type,
                count,
                mask: Mask::ALARM.bits(),
            },
        ]);
        let [.., (read, told), (event, posted)] = &said[..] else {
            panic!("{said:?}");
        };
        assert_eq!(read.command, command::READ_NOTIFY);
        assert_eq!((event.command, event.p2), (command::EVENT_ADD, 8));
        for header in [read, event] {
            let Header {
                p1,
                count: elements,
                ..
            } = *header;
            assert_eq!((p1, elements), (Eca::NORMAL.code(), count.max(1)));
        }
        assert_eq!(told, posted);
        assert_eq!(told.len(), size);
        if dbr == Dbr::ClassName {
            assert_eq!(class_name(told).unwrap(), "ao");
        } else {
            let (sample, ack) = acknowledgement(told).unwrap();
            let expected = Acknowledgement {
                transient: true,
                severity: 2,
            };
            assert_eq!((sample.value, ack), ("2.5".into(), expected));
        }
    }
}
