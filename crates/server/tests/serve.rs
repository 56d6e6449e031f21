//! The whole server: its ports, its end.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;
mod twin;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::rc::Rc;
use std::time::{Duration, Instant};

use beamtwin_ca::Heard;
use beamtwin_server::Addresses;
use beamtwin_server::engine::{Engine, Listener, Outcome, Ticket, Update};
use beamtwin_server::serve::{Options, ServeError};
use beamtwin_sim::Mask;
use peer::{Peer, until};
use tokio::task::{LocalSet, spawn_local};
use toy::{Folder, number};
use twin::{addresses, bind, circuits, options, whole};

/// A port that is free for TCP and UDP, with whatever holds it.
fn held_port() -> (u16, TcpListener, UdpSocket) {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        if let Ok(udp) = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
            return (port, tcp, udp);
        }
    }
}

#[tokio::test]
async fn any_free_port_is_one_for_circuits_and_searches() {
    for _ in 0..20 {
        let folder = Folder::new();
        let server = bind(options(folder.path(), addresses(0))).await.unwrap();
        assert_ne!(server.search_port(), 0);
        assert_eq!(server.search_port(), server.circuit_port());
        let taken: SocketAddr = (Ipv4Addr::LOCALHOST, server.search_port()).into();
        assert!(TcpListener::bind(taken).is_err());
        assert!(
            UdpSocket::bind(taken).is_err(),
            "nobody else hears our searches"
        );
    }
}

#[tokio::test]
async fn any_free_port_is_the_same_on_all_interfaces() {
    let folder = Folder::new();
    let listen = vec![Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(127, 0, 0, 2)];
    let both = Addresses {
        listen,
        ..addresses(0)
    };
    let server = bind(options(folder.path(), both)).await.unwrap();
    for last in [1, 2] {
        let taken = (Ipv4Addr::new(127, 0, 0, last), server.circuit_port());
        assert!(TcpListener::bind(taken).is_err());
        assert!(UdpSocket::bind(taken).is_err());
    }
}

#[tokio::test]
async fn a_port_that_is_free_is_taken_as_asked() {
    let folder = Folder::new();
    let (port, tcp, udp) = held_port();
    drop((tcp, udp));
    let server = bind(options(folder.path(), addresses(port))).await.unwrap();
    assert_eq!((server.search_port(), server.circuit_port()), (port, port));
}

#[tokio::test]
async fn a_port_taken_for_circuits_is_still_searched_on() {
    let (port, tcp, udp) = held_port();
    drop(udp);
    let folder = Folder::new();
    let server = bind(options(folder.path(), addresses(port))).await.unwrap();
    assert_eq!(server.search_port(), port);
    assert_ne!(server.circuit_port(), port);
    drop(tcp);
}

#[tokio::test]
async fn a_port_taken_on_the_second_interface_is_left_on_all() {
    let second = Ipv4Addr::new(127, 0, 0, 2);
    let held = TcpListener::bind((second, 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let folder = Folder::new();
    let listen = vec![Ipv4Addr::LOCALHOST, second];
    let both = Addresses {
        listen,
        ..addresses(port)
    };
    let server = bind(options(folder.path(), both)).await.unwrap();
    assert_ne!(server.circuit_port(), port);
    assert!(TcpListener::bind((second, server.circuit_port())).is_err());
}

#[tokio::test]
async fn two_servers_share_a_search_port() {
    let (first, second) = (Folder::new(), Folder::new());
    let (port, tcp, udp) = held_port();
    drop((tcp, udp));
    let one = bind(options(first.path(), addresses(port))).await.unwrap();
    let two = bind(options(second.path(), addresses(port))).await.unwrap();
    assert_eq!((one.search_port(), two.search_port()), (port, port));
    assert_ne!(one.circuit_port(), two.circuit_port());
}

#[tokio::test]
async fn what_cannot_be_had_is_said_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let refused = async |addresses, record: &str| {
        let mut options = options(folder.path(), addresses);
        options.record = Some(folder.file(record));
        let error = bind(options).await.err().expect("a refusal");
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "{error}");
        error
    };
    let elsewhere = Addresses {
        listen: vec![Ipv4Addr::new(203, 0, 113, 1)],
        ..addresses(0)
    };
    let error = refused(elsewhere, "trace").await;
    assert!(
        matches!(&error, ServeError::Listen { address, .. } if address.ip().to_string() == "203.0.113.1")
    );
    let (port, _tcp, _udp) = held_port();
    let error = refused(addresses(port), "trace").await;
    assert!(matches!(&error, ServeError::Listen { address, .. } if address.port() == port));
    let error = refused(addresses(0), "no/such/trace").await;
    assert!(matches!(error, ServeError::Record { .. }));
}

#[tokio::test]
async fn names_that_somebody_else_serves_are_not_served_where_others_hear_us() {
    let (first, second) = (Folder::new(), Folder::new());
    let (port, tcp, udp) = held_port();
    drop((tcp, udp));
    let server = bind(options(first.path(), addresses(port))).await.unwrap();
    let engine = server.engine().clone();
    let local = LocalSet::new();
    let exposed = |port| Addresses {
        listen: vec![Ipv4Addr::UNSPECIFIED],
        ..addresses(port)
    };
    // What stands below this prefix every twin has.
    let options = |addresses| Options {
        shown_below: Some("toys:".to_owned()),
        ..options(second.path(), addresses)
    };
    let tried = local.run_until(async {
        let served = spawn_local(server.run(|| ()));
        let error = bind(options(exposed(port))).await.err().unwrap();
        let ServeError::Elsewhere(other) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(other.address, (Ipv4Addr::LOCALHOST, port).into());
        assert!(other.name.starts_with("toy"), "{other:?}");
        let told = error.to_string();
        assert!(
            told.contains(&other.name) && told.contains(&other.address.to_string()),
            "{told}"
        );
        // Nobody answers for these names on another port.
        let (free, tcp, udp) = held_port();
        drop((tcp, udp));
        let alone = bind(options(exposed(free))).await.unwrap();
        assert_eq!(alone.search_port(), free);
        // Where only this machine hears us, two may serve the same.
        drop(alone);
        let local = bind(options(addresses(port))).await.unwrap();
        assert_eq!(local.search_port(), port);
        engine.end();
        served.await.unwrap().unwrap();
    });
    tried.await;
}

#[tokio::test]
async fn a_second_twin_on_one_control_channel_is_refused() {
    let folder = Folder::new();
    let first = bind(options(folder.path(), addresses(0))).await.unwrap();
    let mut second = options(folder.path(), addresses(0));
    second.record = None;
    assert!(matches!(
        bind(second).await,
        Err(ServeError::Control { .. })
    ));
    assert!(first.control().exists());
}

#[tokio::test]
async fn an_end_amid_clients_and_pending_puts_is_quick_and_whole() {
    let folder = Folder::new();
    let local = LocalSet::new();
    let server = bind(options(folder.path(), addresses(0))).await.unwrap();
    let (engine, address) = (server.engine().clone(), circuits(&server));
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let clients = local.run_until(async {
        is_ready.await.unwrap();
        let mut peers = Vec::new();
        for n in 1..=20 {
            let mut peer = Peer::connect(address).await;
            let (_, sid) = peer.open("toy:slow").await;
            let monitor = peer.client.subscribe(
                sid,
                beamtwin_ca::Dbr::from_code(6).unwrap(),
                0,
                beamtwin_ca::Mask::VALUE,
            );
            peer.event(monitor).await;
            peer.client.write(sid, &number(n.into()), true);
            peer.flush().await;
            peers.push(peer);
        }
        until(|| engine.look(Engine::awaited) == 20).await;
        engine.end();
        (peers, Instant::now())
    });
    let (served, (mut peers, asked)) =
        tokio::join!(server.run(move || ready.send(()).unwrap()), clients);
    served.unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    assert!(!folder.file("control").exists());
    let trace = whole(folder.path());
    assert_eq!(
        trace
            .facts
            .iter()
            .filter(|fact| matches!(fact.what, beamtwin_trace::What::Put(_)))
            .count(),
        21
    );
    drop(peers.drain(..));
}

#[tokio::test]
async fn the_end_can_be_asked_for_before_anybody_came() {
    let folder = Folder::new();
    let server = bind(options(folder.path(), addresses(0))).await.unwrap();
    server.engine().end();
    server.run(|| ()).await.unwrap();
    whole(folder.path());
}

#[tokio::test]
async fn a_recording_that_was_lost_is_the_error_of_the_session() {
    let folder = Folder::new();
    let mut options = options(folder.path(), addresses(0));
    options.record = Some("/dev/full".into());
    let server = bind(options).await.unwrap();
    let (engine, address) = (server.engine().clone(), circuits(&server));
    let local = LocalSet::new();
    let client = local.run_until(async move {
        spawn_local(async move {
            let mut peer = Peer::connect(address).await;
            let (_, sid) = peer.open("toy:recording").await;
            let monitor = peer.client.subscribe(
                sid,
                beamtwin_ca::Dbr::from_code(3).unwrap(),
                0,
                beamtwin_ca::Mask::VALUE,
            );
            while peer.event(monitor).await.as_f64() != Some(2.0) {}
            let (_, sid) = peer.open("toy:number").await;
            let ioid = peer.client.write(sid, &number(1.0), true);
            assert!(
                matches!(peer.hear().await, Heard::Written { ioid: heard, .. } if heard == ioid)
            );
            engine.end();
        })
        .await
        .unwrap();
    });
    let (served, ()) = tokio::join!(server.run(|| ()), client);
    let error = served.unwrap_err();
    assert!(matches!(&error, ServeError::RecordingLost(why) if why.contains("No space left")));
}

/// Has a bug of its own.
struct Flawed;

impl Listener for Flawed {
    fn post(&self, _: u32, _: Update<'_>) {
        panic!("a bug in the server");
    }

    fn ended(&self, _: Ticket, _: Outcome) {}
}

#[tokio::test]
#[should_panic(expected = "a bug ended the session")]
async fn a_bug_outside_of_devices_is_not_passed_over() {
    let folder = Folder::new();
    let server = bind(options(folder.path(), addresses(0))).await.unwrap();
    let address = circuits(&server);
    server
        .engine()
        .act(|engine| engine.subscribe(toy::pv("toy:number"), Mask::CHANGE, Rc::new(Flawed), 0));
    let local = LocalSet::new();
    let client = local.run_until(async move {
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:number").await;
        peer.client.write(sid, &number(1.0), false);
        peer.flush().await;
        std::future::pending::<()>().await;
    });
    tokio::select! {
        served = server.run(|| ()) => served.unwrap(),
        () = client => {}
    }
}
