//! What differs between minor versions of the protocol, 4.4 to 4.13, as in the C server.

use std::time::Duration;

use beamtwin_ca::header::{Header, command};
use beamtwin_ca::message::{Reply, Request};
use beamtwin_ca::{Access, Circuit, Dbr, Demand, Eca, Form, Limits, Mask, Responder};
use beamtwin_pv::{Array, Metadata, Value, ValueKind};
use bytes::BytesMut;

use crate::pair::sample;

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);

/// A server of one array of 20,000 doubles, and what it says to a peer of a minor version.
struct Old {
    circuit: Circuit,
}

impl Old {
    fn of(minor: u32) -> Self {
        let mut old = Self {
            circuit: Circuit::new(Limits::default(), Duration::ZERO),
        };
        old.say(Request::Version {
            minor,
            priority: 0,
            sequence: 0,
        });
        old
    }

    fn say(&mut self, request: Request<'_>) {
        let mut bytes = BytesMut::new();
        request.encode(&mut bytes);
        self.circuit.receive(&bytes, Duration::ZERO);
    }

    /// What the server says; its headers are as short as the peer needs them.
    fn hear(&mut self) -> Vec<(Header, Vec<u8>)> {
        let mut bytes = BytesMut::new();
        loop {
            while let Some(demand) = self.circuit.poll() {
                self.answer(demand);
            }
            if !self.circuit.transmit(&mut bytes) {
                break;
            }
        }
        let mut heard = Vec::new();
        let mut rest = &bytes[..];
        while let Some((header, size)) = Header::decode(rest) {
            let end = size + header.payload as usize;
            heard.push((header, rest[..end].to_vec()));
            rest = &rest[end..];
        }
        heard
    }

    fn answer(&mut self, demand: Demand) {
        let wave = sample(Value::Array(Array::Double(vec![1.5; 20_000].into())));
        let metadata = Metadata::default();
        match demand {
            Demand::Open { channel, .. } => {
                self.circuit
                    .opened(channel, ValueKind::Double, 70_000, Access::all());
            }
            Demand::Read { read } => self.circuit.read(read, Ok((&wave, &metadata))),
            Demand::Subscribe { subscription, .. } => {
                self.circuit.show(subscription, &wave, &metadata);
            }
            other => panic!("{other:?}"),
        }
    }

    fn open(&mut self, minor: u32) -> (u32, Header) {
        self.say(Request::CreateChan {
            cid: 7,
            minor,
            name: b"wave",
        });
        let heard = self.hear();
        let (header, bytes) = heard.last().unwrap();
        assert_eq!(header.command, command::CREATE_CHAN);
        let head = if header.count > 0xfffe {
            Header::LONG
        } else {
            Header::SHORT
        };
        assert_eq!(bytes.len(), head);
        (header.p2, *header)
    }
}

#[test]
fn every_peer_is_told_the_version_first() {
    for minor in 4..=13 {
        let heard = Old::of(minor).hear();
        assert_eq!(heard.len(), 1, "4.{minor}");
        let Header { command, count, .. } = heard[0].0;
        assert_eq!((command, count), (command::VERSION, 13), "4.{minor}");
    }
}

#[test]
fn a_peer_older_than_4_9_is_told_of_as_many_elements_as_its_header_holds() {
    for (minor, count) in [(4, 0xfffe), (8, 0xfffe), (9, 70_000), (13, 70_000)] {
        let mut old = Old::of(minor);
        assert_eq!(old.open(minor).1.count, count, "4.{minor}");
    }
}

#[test]
fn a_large_array_is_for_peers_from_4_9_on() {
    for minor in [4, 8, 9, 13] {
        let mut old = Old::of(minor);
        let (sid, _) = old.open(minor);
        let data_type = DOUBLE.code();
        for count in [10, 20_000] {
            old.say(Request::Read {
                sid,
                ioid: 3,
                data_type,
                count,
                notify: true,
            });
            let (header, bytes) = old.hear().pop().unwrap();
            let small = count == 10;
            if small || minor >= 9 {
                assert_eq!(header.command, command::READ_NOTIFY, "4.{minor}");
                assert_eq!(header.count, count);
                let head = if small { Header::SHORT } else { Header::LONG };
                assert_eq!(bytes.len(), head + count as usize * 8);
            } else {
                assert_eq!(header.command, command::ERROR, "4.{minor}");
                assert_eq!(header.p2, Eca::ARRAYCLIENT16K.code());
                assert_eq!(header.p2, 58 << 3, "ECA_16KARRAYCLIENT");
            }
        }
    }
}

#[test]
fn an_event_that_an_old_peer_cannot_take_is_an_exception() {
    let mut old = Old::of(8);
    let (sid, _) = old.open(8);
    old.say(Request::EventAdd {
        sid,
        subscription: 5,
        data_type: DOUBLE.code(),
        count: 0,
        mask: Mask::VALUE.bits(),
    });
    let (header, _) = old.hear().pop().unwrap();
    assert_eq!(
        (header.command, header.p2),
        (command::ERROR, Eca::ARRAYCLIENT16K.code())
    );
}

#[test]
fn an_extended_header_of_an_old_peer_is_damage() {
    for minor in [8, 9] {
        let mut old = Old::of(minor);
        old.hear();
        let echo = [0, 23, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        old.circuit.receive(&echo, Duration::ZERO);
        old.circuit
            .receive(&[0, 0, 0, 0, 0, 0, 0, 0], Duration::ZERO);
        let heard = old.hear();
        assert_eq!(old.circuit.is_closed(), minor < 9, "4.{minor}");
        let expected = if minor < 9 {
            command::ERROR
        } else {
            command::ECHO
        };
        assert_eq!(heard[0].0.command, expected);
    }
}

#[test]
fn an_error_quotes_a_request_in_a_header_that_the_peer_knows() {
    for (minor, count) in [(8, 0xffff), (8, 0), (9, 200_000), (13, 200_000)] {
        let mut old = Old::of(minor);
        let (sid, _) = old.open(minor);
        let quoted = if minor < 9 {
            Header::SHORT
        } else {
            Header::LONG
        };
        let mut request = BytesMut::new();
        let header = Header {
            command: command::READ_NOTIFY,
            data_type: DOUBLE.code(),
            count,
            p1: sid + 99,
            ..Header::default()
        };
        if minor < 9 {
            request.extend_from_slice(&[0, 15, 0xff, 0xff, 0, 6]);
            request.extend_from_slice(&count.to_be_bytes()[2..]);
            request.extend_from_slice(&[0; 8]);
            request.extend_from_slice(&[0; 0xffff]);
        } else {
            header.encode(&mut request);
        }
        old.circuit.receive(&request, Duration::ZERO);
        let (header, bytes) = old.hear().pop().unwrap();
        assert_eq!(header.command, command::ERROR);
        let text = &bytes[Header::SHORT + quoted..];
        assert!(text.starts_with(if minor < 9 {
            b"CAS: Miss"
        } else {
            b"Bad Resou"
        }));
        let said = u16::from_be_bytes([bytes[22], bytes[23]]);
        assert_eq!(u32::from(said), if minor < 9 { count } else { 0 });
    }
}

#[test]
fn a_search_reply_carries_a_sequence_number_from_4_11_on() {
    for minor in 4..=13 {
        let mut asked = BytesMut::new();
        Request::Version {
            minor,
            priority: 0,
            sequence: 77,
        }
        .encode(&mut asked);
        Request::Search {
            cid: 3,
            minor,
            wants_refusal: false,
            name: b"wave",
        }
        .encode(&mut asked);
        let mut said = BytesMut::new();
        Responder::new(5064).receive(&asked, |_| true, &mut said);
        let (first, size) = Header::decode(&said).unwrap();
        let mut rest = &said[..];
        if minor >= 11 {
            assert_eq!(
                (first.command, first.p1),
                (command::VERSION, 77),
                "4.{minor}"
            );
            rest = &rest[size..];
        }
        let (header, size) = Header::decode(rest).unwrap();
        let reply = Reply::decode(&header, &rest[size..]);
        assert!(matches!(
            reply,
            Ok(Reply::Search {
                cid: 3,
                port: 5064,
                address: u32::MAX
            })
        ));
        assert_eq!(
            rest[size..],
            [0, 13, 0, 0, 0, 0, 0, 0],
            "our version, whatever theirs"
        );
    }
}
