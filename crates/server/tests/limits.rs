//! How much clients may ask for, and what they are told of the rest.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use beamtwin_ca::{Dbr, Eca, Form, Heard, Mask};
use beamtwin_pv::{Array, Value, ValueKind};
use beamtwin_server::engine::Shared;
use beamtwin_server::{Limits, Mode};
use peer::{Peer, until, with_engine};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);

fn engine(limits: Limits) -> Shared {
    Shared::limited(toy::world(), Mode::REAL, limits)
}

fn refused(engine: &Shared) -> u64 {
    engine.census().refused.get()
}

#[tokio::test]
async fn a_circuit_too_many_is_closed_and_another_is_had_when_one_goes() {
    let limits = Limits {
        circuits: 2,
        ..Limits::default()
    };
    with_engine(engine(limits), async |engine, address| {
        let first = Peer::connect(address).await;
        let _second = Peer::connect(address).await;
        let mut third = TcpStream::connect(address).await.unwrap();
        assert_eq!(third.read(&mut [0; 64]).await.unwrap(), 0);
        assert_eq!((refused(&engine), engine.census().circuits.get()), (1, 2));
        drop(first);
        until(|| engine.census().circuits.get() == 1).await;
        Peer::connect(address).await;
    })
    .await;
}

/// Opens one that is too many.
async fn one_too_many(peer: &mut Peer) {
    let cid = peer.client.open("toy:number");
    match peer.hear().await {
        Heard::Error { status, text, .. } => {
            assert_eq!(
                (status, text.as_bytes()),
                (Eca::ALLOCMEM, &b"toy:number"[..])
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(peer.hear().await, Heard::NotFound { cid });
}

#[tokio::test]
async fn channels_of_one_circuit_and_of_all_are_limited() {
    let limits = Limits {
        channels: 3,
        channels_per_circuit: 2,
        ..Limits::default()
    };
    with_engine(engine(limits), async |engine, address| {
        let mut one = Peer::connect(address).await;
        let (cid, sid) = one.open("toy:number").await;
        one.open("toy:number").await;
        one_too_many(&mut one).await;
        let mut other = Peer::connect(address).await;
        other.open("toy:number").await;
        one_too_many(&mut other).await;
        assert_eq!((refused(&engine), engine.census().channels.get()), (2, 3));
        one.client.clear(sid, cid);
        assert_eq!(one.hear().await, Heard::Cleared { cid });
        other.open("toy:number").await;
        drop(other);
        until(|| engine.census().channels.get() == 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_subscription_too_many_ends_its_circuit_as_in_the_c_server() {
    for limits in [
        Limits {
            subscriptions: 1,
            ..Limits::default()
        },
        Limits {
            subscriptions_per_circuit: 1,
            ..Limits::default()
        },
    ] {
        with_engine(engine(limits), async |engine, address| {
            let mut peer = Peer::connect(address).await;
            let (_, sid) = peer.open("toy:number").await;
            let subscription = peer.client.subscribe(sid, DOUBLE, 1, Mask::VALUE);
            peer.event(subscription).await;
            assert_eq!(engine.census().subscriptions.get(), 1);
            peer.client.subscribe(sid, DOUBLE, 1, Mask::VALUE);
            match peer.hear().await {
                Heard::Error { status, .. } => assert_eq!(status, Eca::ALLOCMEM),
                other => panic!("{other:?}"),
            }
            peer.hung_up().await;
            until(|| engine.census().subscriptions.get() == 0).await;
            assert_eq!(refused(&engine), 1);
        })
        .await;
    }
}

#[tokio::test]
async fn arrays_of_more_bytes_are_told_to_be_too_large_both_ways() {
    let limits = Limits {
        circuit: beamtwin_ca::Limits {
            payload: 400,
            ..beamtwin_ca::Limits::default()
        },
        ..Limits::default()
    };
    with_engine(engine(limits), async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:wave").await;
        let array = |len: usize| Value::Array(Array::Double(vec![1.0; len].into()));
        peer.client.write(sid, &array(60), true);
        peer.client.read(sid, DOUBLE, 60);
        let ioid = peer.client.write(sid, &array(40), true);
        for _ in 0..2 {
            match peer.hear().await {
                Heard::Error { status, .. } => assert_eq!(status, Eca::TOLARGE),
                other => panic!("{other:?}"),
            }
        }
        let status = Eca::NORMAL;
        assert_eq!(peer.hear().await, Heard::Written { ioid, status });
        until(|| refused(&engine) == 2).await;
    })
    .await;
}
