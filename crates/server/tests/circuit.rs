//! Circuits over loopback sockets, with the client half of the `ca` crate.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::rc::Rc;

use beamtwin_ca::message::Request;
use beamtwin_ca::{Dbr, Eca, Form, Heard, Mask};
use beamtwin_pv::{Array, Severity, Value, ValueKind};
use beamtwin_server::engine::Engine;
use beamtwin_server::recorder::{Bounds, Recorder};
use beamtwin_server::{Mode, ca};
use bytes::BytesMut;
use peer::{Peer, until, with_server};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use toy::{Folder, MOVE, number, pv};

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);
const TIMED: Dbr = Dbr::Value(Form::Time, ValueKind::Double);

#[tokio::test]
async fn a_name_is_found_over_udp_and_over_tcp() {
    with_server(Mode::REAL, async |_, address| {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let found = peer::search(&socket, address, &["toy:number", "nobody", "toy:slow.RBV"]).await;
        assert_eq!(found, [(0, address.port()), (2, address.port())]);

        let mut peer = Peer::connect(address).await;
        let cid = peer.client.search("toy:number", true);
        assert_eq!(
            peer.hear().await,
            Heard::Found {
                cid,
                port: address.port()
            }
        );
        let cid = peer.client.search("nobody:else", true);
        assert_eq!(peer.hear().await, Heard::NotFound { cid });
    })
    .await;
}

#[tokio::test]
async fn hosts_that_are_to_be_ignored_are() {
    with_server(Mode::REAL, async |engine, address| {
        let ignored = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let deaf_to = ignored.local_addr().unwrap();
        let ignore = vec!["127.0.0.2".parse().unwrap()];
        let ignored = Rc::new(ignored);
        let answers = ca::udp::answer(Rc::clone(&ignored), ignored, engine, address.port(), ignore);
        tokio::task::spawn_local(answers);
        let theirs = UdpSocket::bind("127.0.0.2:0").await.unwrap();
        let ours = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        peer::ask(&theirs, deaf_to, &["toy:number"]).await;
        assert_eq!(peer::search(&ours, deaf_to, &["toy:number"]).await.len(), 1);
        assert!(
            theirs.try_recv(&mut [0; 64]).is_err(),
            "asked before, and not answered"
        );
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_names_in_one_go_are_all_answered() {
    with_server(Mode::REAL, async |engine, address| {
        let names: Vec<String> = (0..10_000)
            .map(|n| {
                if n % 2 == 0 {
                    "toy:number".to_owned()
                } else {
                    format!("nobody:{n}")
                }
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut peer = Peer::connect(address).await;
        for name in &names {
            peer.client.search(name, true);
        }
        let (mut hits, mut misses) = (0, 0);
        while hits + misses < names.len() {
            match peer.hear().await {
                Heard::Found { .. } => hits += 1,
                Heard::NotFound { .. } => misses += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((hits, misses), (5000, 5000));

        // Over UDP as many as a client packs into one datagram, and all at once.
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut found = 0;
        for burst in names.chunks(1000) {
            for part in burst.chunks(40) {
                peer::ask(&socket, address, part).await;
            }
            let mut here = 0;
            while here < 500 {
                here += peer::found(&socket).await.len();
            }
            found += here;
        }
        assert_eq!(found, 5000);
        assert_eq!(engine.look(|engine| engine.missed().len()), 5000);
        assert!(engine.look(|engine| engine.missed().values().all(|&count| count == 2)));
    })
    .await;
}

#[tokio::test]
async fn a_channel_is_opened_read_written_and_cleared() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (cid, sid) = peer.open("toy:number").await;
        peer.client.write(sid, &number(2.5), false);
        let ioid = peer.client.read(sid, TIMED, 0);
        let Heard::Read {
            ioid: heard,
            status,
            sample,
            ..
        } = peer.hear().await
        else {
            panic!("no answer to the read");
        };
        assert_eq!((heard, status), (ioid, Eca::NORMAL));
        assert_eq!(sample.value, number(2.5));
        assert_eq!(sample.alarm.severity, Severity::None);
        assert!(sample.stamp.seconds > 1_000_000_000, "dated 2026");
        peer.client.clear(sid, cid);
        assert_eq!(peer.hear().await, Heard::Cleared { cid });
        assert_eq!(engine.look(|engine| engine.counts().reads), 1);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_not_served_is_refused() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let cid = peer.client.open("nobody");
        assert_eq!(peer.hear().await, Heard::NotFound { cid });
        assert_eq!(engine.look(|engine| engine.missed()["nobody"]), 1);
    })
    .await;
}

#[tokio::test]
async fn a_write_that_waits_is_answered_when_the_device_says_so() {
    with_server(Mode::Stepped, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:slow").await;
        let write = peer.client.write(sid, &number(5.0), true);
        let (_, readback) = peer.open("toy:slow.RBV").await;
        let read = peer.client.read(readback, DOUBLE, 1);
        assert!(matches!(peer.hear().await, Heard::Read { ioid, .. } if ioid == read));
        engine.step(MOVE).await;
        let heard = peer.hear().await;
        assert_eq!(
            heard,
            Heard::Written {
                ioid: write,
                status: Eca::NORMAL
            }
        );
        assert_eq!(engine.look(Engine::awaited), 0);
    })
    .await;
}

#[tokio::test]
async fn writes_that_wait_are_queued_across_clients() {
    with_server(Mode::Stepped, async |engine, address| {
        let (mut a, mut b) = (Peer::connect(address).await, Peer::connect(address).await);
        let (_, first) = a.open("toy:slow").await;
        let (_, second) = b.open("toy:slow").await;
        let one = a.client.write(first, &number(1.0), true);
        a.flush().await;
        until(|| engine.look(Engine::awaited) == 1).await;
        let two = b.client.write(second, &number(2.0), true);
        b.flush().await;
        until(|| engine.look(Engine::awaited) == 2).await;
        engine.step(MOVE).await;
        assert_eq!(
            a.hear().await,
            Heard::Written {
                ioid: one,
                status: Eca::NORMAL
            }
        );
        engine.step(MOVE).await;
        assert_eq!(
            b.hear().await,
            Heard::Written {
                ioid: two,
                status: Eca::NORMAL
            }
        );
    })
    .await;
}

#[tokio::test]
async fn refusals_reach_the_client_as_channel_access_has_them() {
    with_server(Mode::REAL, async |_, address| {
        let mut peer = Peer::connect(address).await;
        let (_, slow) = peer.open("toy:slow").await;
        let (_, ticks) = peer.open("toy:ticks").await;
        let (_, text) = peer.open("toy:number").await;
        for (sid, value, status) in [
            (slow, number(-1.0), Eca::PUTFAIL),
            (slow, number(2000.0), Eca::NORMAL),
            (ticks, number(1.0), Eca::NOWTACCESS),
            (text, Value::String("no number".into()), Eca::PUTFAIL),
        ] {
            let ioid = peer.client.write(sid, &value, true);
            assert_eq!(peer.hear().await, Heard::Written { ioid, status });
        }
        peer.client.write(slow, &number(-1.0), false);
        assert!(matches!(
            peer.hear().await,
            Heard::Error {
                status: Eca::PUTFAIL,
                ..
            }
        ));
    })
    .await;
}

#[tokio::test]
async fn a_monitor_hears_the_present_and_what_follows_until_it_is_cancelled() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        let monitor = peer.client.subscribe(sid, TIMED, 0, Mask::VALUE);
        assert_eq!(peer.event(monitor).await, number(0.0));
        let alarms = peer.client.subscribe(sid, TIMED, 0, Mask::ALARM);
        assert_eq!(peer.event(alarms).await, number(0.0));
        for n in 1..=3 {
            engine.act(|engine| engine.write(pv("toy:number"), number(n.into())));
            assert_eq!(peer.event(monitor).await, number(n.into()));
        }
        peer.client.cancel(sid, monitor);
        assert_eq!(
            peer.hear().await,
            Heard::Cancelled {
                subscription: monitor
            }
        );
        until(|| engine.look(Engine::subscribers) == 1).await;
        engine.act(|engine| engine.write(pv("toy:number"), number(9.0)));
        let read = peer.client.read(sid, DOUBLE, 1);
        assert!(matches!(peer.hear().await, Heard::Read { ioid, .. } if ioid == read));
    })
    .await;
}

#[tokio::test]
async fn text_is_read_and_written_as_a_long_string() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:text.VAL$").await;
        let text = Value::Array(Array::Char(b"Ag behenate\0rest".iter().copied().collect()));
        let ioid = peer.client.write(sid, &text, true);
        assert_eq!(
            peer.hear().await,
            Heard::Written {
                ioid,
                status: Eca::NORMAL
            }
        );
        let value = engine.act(|engine| engine.read(pv("toy:text")).value);
        assert_eq!(value, Value::String("Ag behenate".into()));
        let chars = Dbr::Value(Form::Plain, ValueKind::Char);
        let monitor = peer.client.subscribe(sid, chars, 0, Mask::VALUE);
        let Value::Array(Array::Char(bytes)) = peer.event(monitor).await else {
            panic!("not characters");
        };
        assert!(bytes.starts_with(b"Ag behenate\0"));
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_goes_leaves_nothing_behind() {
    with_server(Mode::Stepped, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, slow) = peer.open("toy:slow").await;
        let (_, plain) = peer.open("toy:number").await;
        for sid in [slow, plain, plain] {
            let monitor = peer.client.subscribe(sid, TIMED, 0, Mask::VALUE);
            peer.event(monitor).await;
        }
        let mut other = Peer::connect(address).await;
        let (_, busy) = other.open("toy:slow").await;
        other.client.write(busy, &number(1.0), true);
        other.flush().await;
        until(|| engine.look(Engine::awaited) == 1).await;
        peer.client.write(slow, &number(2.0), true);
        peer.flush().await;
        until(|| engine.look(|engine| engine.world().waiting()) == 1).await;
        drop(peer);
        until(|| engine.look(Engine::subscribers) == 0).await;
        assert_eq!(engine.look(|engine| engine.world().waiting()), 0);
        assert_eq!(engine.look(Engine::awaited), 1, "the other one still waits");
        drop(other);
        until(|| engine.look(Engine::awaited) == 0).await;
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_closes_one_half_is_gone() {
    with_server(Mode::Stepped, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        let monitor = peer.client.subscribe(sid, TIMED, 0, Mask::VALUE);
        peer.event(monitor).await;
        peer.stream.shutdown().await.unwrap();
        until(|| engine.look(Engine::subscribers) == 0).await;
        let mut rest = Vec::new();
        peer.stream.read_to_end(&mut rest).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn puts_of_a_peer_that_wrote_and_went_are_carried_out() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        for n in 1..=1000 {
            peer.client.write(sid, &number(n.into()), false);
        }
        peer.flush().await;
        drop(peer);
        until(|| engine.act(|engine| engine.read(pv("toy:number")).value) == number(1000.0)).await;
    })
    .await;
}

#[tokio::test]
async fn five_hundred_connections_leave_nothing_behind() {
    with_server(Mode::REAL, async |engine, address| {
        for _ in 0..5 {
            let mut peers = Vec::new();
            for _ in 0..100 {
                let mut peer = Peer::connect(address).await;
                let (_, sid) = peer.open("toy:number").await;
                let monitor = peer.client.subscribe(sid, TIMED, 0, Mask::VALUE);
                peer.event(monitor).await;
                peers.push(peer);
            }
            assert_eq!(engine.look(Engine::subscribers), 100);
            drop(peers);
            until(|| engine.look(Engine::subscribers) == 0).await;
        }
        assert_eq!(engine.look(Engine::awaited), 0);
        let facts = engine.look(|engine| engine.counts().facts);
        assert_eq!(facts, 0, "to look is no deed");
    })
    .await;
}

#[tokio::test]
async fn a_subscriber_that_never_reads_holds_nobody_up() {
    with_server(Mode::REAL, async |engine, address| {
        let wave = Value::Array(
            Array::collect(ValueKind::Double, (0..100).map(|n| number(n.into()))).unwrap(),
        );
        let mut deaf = Peer::connect(address).await;
        let (_, sid) = deaf.open("toy:wave").await;
        for _ in 0..20 {
            let monitor = deaf.client.subscribe(sid, TIMED, 0, Mask::VALUE);
            deaf.event(monitor).await;
        }
        let mut other = Peer::connect(address).await;
        let (_, sid) = other.open("toy:wave").await;
        let monitor = other.client.subscribe(sid, TIMED, 0, Mask::VALUE);
        other.event(monitor).await;
        // Sixteen megabytes for the deaf one: more than sockets hold, more than may wait for it.
        for n in 0..1000 {
            engine.act(|engine| engine.write(pv("toy:wave"), wave.clone()));
            assert_eq!(other.event(monitor).await, wave, "{n}");
        }
        let mut counted = 0;
        let mut last = None;
        let read = deaf.client.read(sid, DOUBLE, 0);
        loop {
            match deaf.hear().await {
                Heard::Event { sample, .. } => {
                    counted += 1;
                    last = Some(sample.value);
                }
                Heard::Read { ioid, .. } if ioid == read => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(last, Some(wave));
        assert!(counted < 20_000, "nothing was squashed");
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_puts_leaves_time_for_others() {
    with_server(Mode::REAL, async |engine, address| {
        let flood = tokio::task::spawn_local(async move {
            let mut peer = Peer::connect(address).await;
            let (_, sid) = peer.open("toy:number").await;
            loop {
                for n in 0..2000 {
                    peer.client.write(sid, &number(n.into()), false);
                }
                peer.flush().await;
                tokio::task::yield_now().await;
            }
        });
        let mut other = Peer::connect(address).await;
        let (_, sid) = other.open("toy:other").await;
        for _ in 0..50 {
            let puts = engine.look(|engine| engine.counts().puts);
            let ioid = other.client.read(sid, DOUBLE, 1);
            assert!(matches!(other.hear().await, Heard::Read { ioid: heard, .. } if heard == ioid));
            let meanwhile = engine.look(|engine| engine.counts().puts) - puts;
            assert!(meanwhile < 20_000, "{meanwhile} puts came before one read");
        }
        flood.abort();
    })
    .await;
}

#[tokio::test]
async fn those_who_write_are_held_back_while_the_disk_is_slow_and_no_others() {
    with_server(Mode::REAL, async |engine, address| {
        let folder = Folder::new();
        let pipe = folder.file("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let bounds = Bounds {
            congested: 1 << 16,
            stall: peer::PATIENCE,
            ..Bounds::default()
        };
        let recorder = Recorder::create(&pipe, &toy::header(), None, bounds).unwrap();
        engine.start_recording(recorder);
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        for n in 1..=30_000 {
            peer.client.write(sid, &number(n.into()), false);
        }
        let writing = tokio::task::spawn_local(async move {
            peer.flush().await;
            peer
        });
        until(|| engine.look(Engine::congested)).await;
        let mut other = Peer::connect(address).await;
        let (_, sid) = other.open("toy:number").await;
        let mut puts = 0;
        for _ in 0..200 {
            let ioid = other.client.read(sid, DOUBLE, 1);
            assert!(matches!(other.hear().await, Heard::Read { ioid: heard, .. } if heard == ioid));
            puts = engine.look(|engine| engine.counts().puts);
        }
        assert!(puts < 20_000, "{puts} puts got through");
        let mut reader = File::open(&pipe).unwrap();
        let (drained, is_drained) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            // Ends when the recorder closes its end of the pipe.
            let _ = io::copy(&mut reader, &mut io::sink());
            drop(drained);
        });
        until(|| engine.look(|engine| engine.counts().puts) == 30_000).await;
        engine.act(Engine::finish_recording).unwrap();
        let _ = is_drained.await;
        writing.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn garbage_closes_its_own_circuit_and_no_other() {
    with_server(Mode::REAL, async |_, address| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        for garbage in samples(200) {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // The server may hang up while we still talk.
            let _ = stream.write_all(&garbage).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
            let datagram = &garbage[..garbage.len().min(60_000)];
            socket.send_to(datagram, address).await.unwrap();
        }
        let ioid = peer.client.read(sid, DOUBLE, 1);
        assert!(matches!(peer.hear().await, Heard::Read { ioid: heard, .. } if heard == ioid));
        let found = peer::search(&socket, address, &["toy:number"]).await;
        assert_eq!(found, [(0, address.port())]);
    })
    .await;
}

/// Bytes that are no Channel Access, and some that nearly are.
fn samples(count: usize) -> Vec<Vec<u8>> {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let message = (
        0..40u16,
        0..64u16,
        any::<[u16; 2]>(),
        0..4u32,
        any::<u32>(),
        any::<[u8; 64]>(),
    );
    let nearly = prop::collection::vec(message, 1..20).prop_map(|messages| {
        let mut bytes = BytesMut::new();
        Request::Version {
            minor: 13,
            priority: 0,
            sequence: 1,
        }
        .encode(&mut bytes);
        Request::CreateChan {
            cid: 1,
            minor: 13,
            name: b"toy:wave",
        }
        .encode(&mut bytes);
        for (command, size, [kind, count], p1, p2, payload) in messages {
            let size = size / 8 * 8;
            for field in [command, size, kind % 45, count % 200] {
                bytes.extend_from_slice(&field.to_be_bytes());
            }
            bytes.extend_from_slice(&p1.to_be_bytes());
            bytes.extend_from_slice(&p2.to_be_bytes());
            bytes.extend_from_slice(&payload[..usize::from(size)]);
        }
        bytes.to_vec()
    });
    let any = prop_oneof![nearly, prop::collection::vec(any::<u8>(), 1..3000)];
    (0..count)
        .map(|_| any.new_tree(&mut runner).unwrap().current())
        .collect()
}

#[tokio::test]
async fn a_bug_in_a_device_costs_its_own_records_and_nothing_else() {
    with_server(Mode::REAL, async |engine, address: SocketAddr| {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:slow").await;
        let (_, apart) = peer.open("toy:apart").await;
        let ioid = peer.client.write(sid, &number(666.0), true);
        let status = Eca::PUTFAIL;
        assert_eq!(peer.hear().await, Heard::Written { ioid, status });
        let ioid = peer.client.write(sid, &number(1.0), true);
        assert_eq!(peer.hear().await, Heard::Written { ioid, status });
        let ioid = peer.client.write(apart, &number(1.0), true);
        let status = Eca::NORMAL;
        assert_eq!(peer.hear().await, Heard::Written { ioid, status });
        let mut severities = Vec::new();
        for sid in [sid, apart] {
            peer.client.read(sid, TIMED, 1);
            match peer.hear().await {
                Heard::Read { sample, .. } => severities.push(sample.alarm.severity),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(severities, [Severity::Invalid, Severity::None]);
        assert!(!engine.is_broken());
    })
    .await;
}
