//! What a C IOC does beside plain reads, writes and monitors: filters, acknowledged alarms, puts that are given up.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use beamtwin_ca::message::Request;
use beamtwin_ca::{Dbr, Eca, Form, Heard, Mask};
use beamtwin_pv::{Array, Timestamp, Value, ValueKind};
use beamtwin_server::Mode;
use beamtwin_server::engine::Engine;
use peer::{Peer, until, with_server};
use tokio::net::UdpSocket;
use toy::{MOVE, number};

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);
const TIMED: Dbr = Dbr::Value(Form::Time, ValueKind::Double);

async fn read(peer: &mut Peer, sid: u32, dbr: Dbr) -> beamtwin_pv::Sample {
    let wanted = peer.client.read(sid, dbr, 0);
    match peer.hear().await {
        Heard::Read {
            ioid,
            status: Eca::NORMAL,
            sample,
            ..
        } if ioid == wanted => sample,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_search_looks_at_record_and_field_alone_and_a_channel_at_all() {
    with_server(Mode::REAL, async |_, address| {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let names = [
            "toy:wave.VAL[1:2]",
            "toy:wave{\"arr\":{}}",
            "toy:wave.{\"nope\":{}}",
            "toy:wave.VALX",
        ];
        let found = peer::search(&socket, address, &names).await;
        assert_eq!(found, [(0, address.port()), (2, address.port())]);
        let mut peer = Peer::connect(address).await;
        for name in [
            "toy:wave.{\"nope\":{}}",
            "toy:wave{\"arr\":{}}",
            "toy:wave.VAL[1",
        ] {
            let cid = peer.client.open(name);
            assert_eq!(peer.hear().await, Heard::NotFound { cid }, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_part_of_an_array_is_read_and_monitored_and_all_of_it_written() {
    with_server(Mode::REAL, async |_, address| {
        let mut peer = Peer::connect(address).await;
        let (_, whole) = peer.open("toy:wave").await;
        let (_, part) = peer.open("toy:wave.[1:2]").await;
        let array = |numbers: &[f64]| Value::Array(Array::Double(numbers.into()));
        let put = peer.client.write(part, &array(&[5.0, 6.0, 7.0, 8.0]), true);
        let done = Heard::Written {
            ioid: put,
            status: Eca::NORMAL,
        };
        assert_eq!(peer.hear().await, done);
        assert_eq!(read(&mut peer, whole, DOUBLE).await.value.count(), 4);
        assert_eq!(
            read(&mut peer, part, DOUBLE).await.value,
            array(&[6.0, 7.0])
        );
        let monitor = peer.client.subscribe(part, DOUBLE, 0, Mask::VALUE);
        assert_eq!(peer.event(monitor).await, array(&[6.0, 7.0]));
        peer.client.write(whole, &array(&[1.0, 2.0]), false);
        assert_eq!(peer.event(monitor).await, number(2.0));
    })
    .await;
}

#[tokio::test]
async fn a_dead_band_is_that_of_one_channel() {
    with_server(Mode::REAL, async |_, address| {
        let mut peer = Peer::connect(address).await;
        let (_, all) = peer.open("toy:number").await;
        let (_, few) = peer.open("toy:number.{dbnd:{abs:1.5}}").await;
        let few = peer.client.subscribe(few, DOUBLE, 1, Mask::VALUE);
        let first = peer.event(few).await.as_f64().unwrap();
        for step in [1.0, 2.0, 3.0, 4.0] {
            peer.client.write(all, &number(first + step), false);
        }
        assert_eq!(peer.event(few).await, number(first + 2.0));
        assert_eq!(peer.event(few).await, number(first + 4.0));
    })
    .await;
}

#[tokio::test]
async fn the_present_as_a_time_stamp_is_device_time() {
    with_server(Mode::Stepped, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, plain) = peer.open("toy:number").await;
        let (_, now) = peer.open("toy:number.{ts:{}}").await;
        engine.step(MOVE).await;
        let present = engine.look(|engine| {
            let world = engine.world();
            world.epoch().stamp(world.now())
        });
        let told = read(&mut peer, plain, TIMED).await.stamp;
        assert!(told == Timestamp::UNDEFINED || told < present);
        assert_eq!(read(&mut peer, now, TIMED).await.stamp, present);
    })
    .await;
}

#[tokio::test]
async fn an_alarm_is_acknowledged_over_the_circuit() {
    with_server(Mode::REAL, async |_, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        let (_, acks) = peer.open("toy:number.ACKS").await;
        let (_, ackt) = peer.open("toy:number.ACKT").await;
        let say = |peer: &mut Peer, data_type: u16, value: u16, ioid: u32| {
            peer.client.say(Request::Write {
                sid,
                ioid,
                data_type,
                count: 1,
                notify: true,
                payload: &value.to_be_bytes(),
            });
        };
        let code = Dbr::Value(Form::Plain, ValueKind::Enum);
        assert_eq!(read(&mut peer, ackt, code).await.value, Value::Enum(1));
        for (data_type, value, required) in [(35, 0, 0), (36, 3, 0), (35, 1, 1)] {
            say(&mut peer, data_type, value, 77);
            let done = Heard::Written {
                ioid: 77,
                status: Eca::NORMAL,
            };
            assert_eq!(peer.hear().await, done);
            assert_eq!(
                read(&mut peer, ackt, code).await.value,
                Value::Enum(required)
            );
            assert_eq!(read(&mut peer, acks, code).await.value, Value::Enum(0));
        }
        let refused = peer.client.write(acks, &Value::Enum(1), true);
        let heard = Heard::Written {
            ioid: refused,
            status: Eca::NOWTACCESS,
        };
        assert_eq!(peer.hear().await, heard);
    })
    .await;
}

#[tokio::test]
async fn a_put_whose_channel_is_cleared_is_dropped_or_loses_its_answer() {
    with_server(Mode::Stepped, async |engine, address| {
        let (mut a, mut b) = (Peer::connect(address).await, Peer::connect(address).await);
        let (first_cid, first) = a.open("toy:slow").await;
        let (second_cid, second) = a.open("toy:slow").await;
        let (_, third) = b.open("toy:slow").await;
        a.client.write(first, &number(1.0), true);
        a.client.write(second, &number(2.0), true);
        a.flush().await;
        until(|| engine.look(Engine::awaited) == 2).await;
        let last = b.client.write(third, &number(3.0), true);
        b.flush().await;
        until(|| engine.look(Engine::awaited) == 3).await;
        for (sid, cid) in [(second, second_cid), (first, first_cid)] {
            a.client.clear(sid, cid);
            assert_eq!(a.hear().await, Heard::Cleared { cid });
        }
        assert_eq!(engine.look(Engine::awaited), 1);
        engine.step(MOVE).await;
        let done = Heard::Written {
            ioid: last,
            status: Eca::NORMAL,
        };
        assert_eq!(b.hear().await, done, "it did not wait for the first");
        assert_eq!(engine.look(|engine| engine.world().waiting()), 0);
        a.client.echo();
        assert_eq!(a.hear().await, Heard::Echo, "no answers of puts before");
    })
    .await;
}
