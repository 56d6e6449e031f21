//! What goes wrong on purpose, as it stands on the wire.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::net::SocketAddr;
use std::time::Duration;

use beamtwin_ca::{Access, Dbr, Eca, Form, Heard, Mask};
use beamtwin_pv::{Severity, ValueKind};
use beamtwin_server::engine::Shared;
use beamtwin_server::{Mode, ca};
use peer::{PATIENCE, Peer, until, with_server};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;
use toy::number;

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);
const TIMED: Dbr = Dbr::Value(Form::Time, ValueKind::Double);

fn fault(engine: &Shared, device: &str, words: &str) {
    let made = engine.act(|engine| engine.fault(device, words, None));
    made.unwrap();
}

/// Reads, and waits for the answer.
async fn read(peer: &mut Peer, sid: u32) -> f64 {
    let asked = peer.client.read(sid, DOUBLE, 0);
    match peer.hear().await {
        Heard::Read { ioid, sample, .. } if ioid == asked => sample.value.as_f64().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_disconnected_device_takes_its_channels_away_and_is_found_again() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (cid, sid) = peer.open("toy:slow").await;
        let subscription = peer.client.subscribe(sid, TIMED, 0, Mask::VALUE);
        peer.event(subscription).await;
        let (_, apart) = peer.open("toy:apart").await;
        // A put that is under way is never answered, and carried out all the same.
        peer.client.write(sid, &number(5.0), true);
        assert_eq!(peer.event(subscription).await, number(5.0));
        read(&mut peer, apart).await;
        fault(&engine, "toy.box", "disconnected");
        loop {
            match peer.hear().await {
                Heard::Event { .. } => {}
                Heard::Disconnected { cid: gone } => break assert_eq!(gone, cid),
                other => panic!("{other:?}"),
            }
        }
        let rbv = engine.look(|engine| engine.world().find("toy:slow.RBV").unwrap().pv);
        let arrived = || engine.look(|e| e.world().read(rbv).value.as_f64() == Some(5.0));
        tokio::time::timeout(PATIENCE, async {
            while !arrived() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("the move goes on");
        assert_eq!(
            read(&mut peer, apart).await,
            0.0,
            "nothing came before this"
        );

        // Not found by any way, and not missed.
        let refused = peer.client.open("toy:slow");
        assert_eq!(peer.hear().await, Heard::NotFound { cid: refused });
        let search = peer.client.search("toy:slow", true);
        assert_eq!(peer.hear().await, Heard::NotFound { cid: search });
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let found = peer::search(&socket, address, &["toy:slow", "toy:apart"]).await;
        assert_eq!(found, [(1, address.port())]);
        assert!(engine.look(|engine| engine.missed().is_empty()));

        fault(&engine, "toy.box", "none");
        assert_eq!(peer::search(&socket, address, &["toy:slow"]).await.len(), 1);
        let (_, sid) = peer.open("toy:slow").await;
        assert_eq!(read(&mut peer, sid).await, 5.0);
    })
    .await;
}

#[tokio::test]
async fn a_disconnected_twin_drops_all_circuits_and_answers_nothing() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peers = [Peer::connect(address).await, Peer::connect(address).await];
        peers[0].open("toy:slow").await;
        fault(&engine, "all", "disconnected");
        for peer in &mut peers {
            peer.hung_up().await;
        }
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut input = [0; 64];
        let closed = tokio::io::AsyncReadExt::read(&mut stream, &mut input);
        let closed = tokio::time::timeout(PATIENCE, closed).await.unwrap();
        assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
        fault(&engine, "all", "none");
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(
            peer::search(&socket, address, &["toy:number"]).await.len(),
            1
        );
        Peer::connect(address).await.open("toy:slow").await;
    })
    .await;
}

#[tokio::test]
async fn nobody_hears_a_search_while_the_twin_is_gone() {
    with_server(Mode::REAL, async |engine, address| {
        fault(&engine, "all", "disconnected");
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        peer::ask(&socket, address, &["toy:number", "nobody"]).await;
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert!(socket.try_recv(&mut [0; 64]).is_err());
        assert!(engine.look(|engine| engine.missed().is_empty()));
        fault(&engine, "all", "none");
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(
            peer::search(&socket, address, &["toy:apart"]).await.len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn slow_replies_come_late_and_hold_up_only_their_own_circuit() {
    with_server(Mode::REAL, async |engine, address| {
        let mut late = Peer::connect(address).await;
        let (_, slow) = late.open("toy:number").await;
        let (_, fast) = late.open("toy:apart").await;
        let mut other = Peer::connect(address).await;
        let (_, apart) = other.open("toy:apart").await;
        let (_, shared) = other.open("toy:number").await;
        fault(&engine, "toy.box", "slow replies 10 min");
        read(&mut other, apart).await;
        // What is asked for after something slow waits as well.
        let first = late.client.read(slow, DOUBLE, 0);
        let second = late.client.read(fast, DOUBLE, 0);
        late.flush().await;
        assert_eq!(read(&mut other, apart).await, 0.0);
        assert!(late.has_heard_nothing());
        fault(&engine, "toy.box", "none");
        for expected in [first, second] {
            let heard = late.hear().await;
            assert!(matches!(heard, Heard::Read { ioid, .. } if ioid == expected));
        }
        fault(&engine, "toy.box", "slow replies 50 ms");
        let asked = Instant::now();
        read(&mut other, shared).await;
        assert!(asked.elapsed() >= Duration::from_millis(50));
        // A burst waits once.
        let asked = Instant::now();
        for _ in 0..1000 {
            other.client.read(shared, DOUBLE, 0);
        }
        for _ in 0..1000 {
            assert!(matches!(other.hear().await, Heard::Read { .. }));
        }
        let elapsed = asked.elapsed();
        assert!(elapsed >= Duration::from_millis(50) && elapsed < Duration::from_secs(10));
    })
    .await;
}

#[tokio::test]
async fn slow_writes_reach_the_record_late_and_slow_events_come_late() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        let subscription = peer.client.subscribe(sid, TIMED, 0, Mask::VALUE);
        peer.event(subscription).await;
        let mut writer = Peer::connect(address).await;
        let (_, theirs) = writer.open("toy:number").await;
        let pv = toy::pv("toy:number");
        let value = || engine.look(|engine| engine.world().read(pv).value.as_f64());

        fault(&engine, "toy.box", "slow replies 10 min");
        writer.client.write(theirs, &number(1.0), false);
        writer.flush().await;
        let (_, other) = peer.open("toy:apart").await;
        read(&mut peer, other).await;
        assert_eq!(value(), Some(0.0));
        engine.act(|engine| engine.write(pv, number(7.0)));
        tokio::task::yield_now().await;
        let read = peer.client.read(other, DOUBLE, 0);
        peer.flush().await;
        assert!(peer.has_heard_nothing());
        fault(&engine, "toy.box", "none");
        assert_eq!(peer.event(subscription).await, number(7.0));
        until(|| value() == Some(1.0)).await;
        let mut answered = false;
        let mut told = false;
        while !(answered && told) {
            match peer.hear().await {
                Heard::Read { ioid, .. } if ioid == read => answered = true,
                Heard::Event { sample, .. } if sample.value == number(1.0) => told = true,
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn access_rights_change_while_a_channel_is_open() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (cid, sid) = peer.open("toy:number").await;
        for (words, access) in [
            ("read-only", Access::READ),
            ("none", Access::READ | Access::WRITE),
        ] {
            fault(&engine, "toy.box", words);
            assert_eq!(peer.hear().await, Heard::Access { cid, access });
        }
        fault(&engine, "all", "read-only");
        assert!(matches!(peer.hear().await, Heard::Access { .. }));
        peer.client.write(sid, &number(2.0), true);
        let heard = peer.hear().await;
        assert!(
            matches!(heard, Heard::Written { status, .. } if status == Eca::NOWTACCESS),
            "{heard:?}"
        );
        assert_eq!(read(&mut peer, sid).await, 0.0);
        // One that comes now is told so from the beginning.
        let mut late = Peer::connect(address).await;
        let cid = late.client.open("toy:apart");
        let access = Access::READ;
        assert_eq!(late.hear().await, Heard::Access { cid, access });
    })
    .await;
}

#[tokio::test]
async fn an_alarm_on_purpose_is_an_event_of_its_own() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        peer.client.subscribe(sid, TIMED, 0, Mask::ALARM);
        peer.hear().await;
        for (words, severity) in [
            ("alarm invalid for 100 ms", Severity::Invalid),
            ("", Severity::None),
        ] {
            if !words.is_empty() {
                fault(&engine, "toy.box", words);
            }
            match peer.hear().await {
                Heard::Event { sample, .. } => assert_eq!(sample.alarm.severity, severity),
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn beacons_stop_with_the_twin_and_are_frequent_when_anything_is_back() {
    let local = LocalSet::new();
    local
        .run_until(async {
            let engine = Shared::new(toy::world(), Mode::Stepped);
            let heard = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            heard.set_nonblocking(true).unwrap();
            let beacons = match heard.local_addr().unwrap() {
                SocketAddr::V4(address) => vec![address],
                SocketAddr::V6(_) => Vec::new(),
            };
            let period = Duration::from_secs(15);
            spawn_local(ca::beacons::send(beacons, period, 5064, engine.clone()));
            let count = async |wait: Duration| {
                tokio::time::sleep(wait).await;
                let received = || heard.recv(&mut [0; 64]);
                std::iter::from_fn(|| received().ok()).count()
            };
            let (hour, moment) = (Duration::from_secs(3600), Duration::from_millis(100));
            assert!((200..300).contains(&count(hour).await));
            for device in ["all", "toy.box"] {
                fault(&engine, device, "disconnected");
                let expected = if device == "all" { 0..1 } else { 239..242 };
                assert!(expected.contains(&count(hour).await), "{device}");
                fault(&engine, device, "none");
                // At once, then after 20 and 40 ms.
                assert_eq!(count(moment).await, 3, "{device}");
                count(hour).await;
            }
            fault(&engine, "toy.box", "alarm minor");
            assert!(count(moment).await <= 1, "nothing is back");
        })
        .await;
}
