//! Who may do what, as clients are told it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::net::Ipv4Addr;

use beamtwin_ca::message::Request;
use beamtwin_ca::{Access, Dbr, Eca, Form, Heard};
use beamtwin_pv::ValueKind;
use beamtwin_server::Mode;
use beamtwin_server::engine::Shared;
use beamtwin_sim::access::{self, Rule, Rules};
use peer::{Peer, until, with_engine};
use toy::number;

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);

fn rule(access: access::Access) -> Rule {
    Rule {
        users: Vec::new(),
        hosts: Vec::new(),
        addresses: Vec::new(),
        pvs: Vec::new(),
        access,
    }
}

/// Guests may read; nobody may see `toy:text`; who comes from 127.0.0.2 may do nothing else.
fn engine() -> Shared {
    let rules = Rules(vec![
        Rule {
            pvs: vec!["toy:text".to_owned()],
            ..rule(access::Access::NONE)
        },
        Rule {
            users: vec!["guest*".to_owned()],
            ..rule(access::Access::READ)
        },
        Rule {
            addresses: vec!["127.0.0.2".parse().unwrap()],
            ..rule(access::Access::NONE)
        },
    ]);
    Shared::new(toy::ruled(rules), Mode::REAL)
}

/// Opens a channel; what it may do there, and the server's number of it.
async fn open(peer: &mut Peer, name: &str) -> (Access, u32) {
    let cid = peer.client.open(name);
    let mut told = None;
    loop {
        match peer.hear().await {
            Heard::Access { access, .. } => told = Some(access),
            Heard::Opened {
                cid: heard, sid, ..
            } if heard == cid => {
                return (told.unwrap(), sid);
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn guest(address: std::net::SocketAddr) -> Peer {
    let mut peer = Peer::connect(address).await;
    peer.client.say(Request::ClientName { name: b"guest7" });
    peer
}

#[tokio::test]
async fn a_put_that_is_not_allowed_is_answered_as_by_an_ioc_and_is_known() {
    with_engine(engine(), async |engine, address| {
        let mut guest = guest(address).await;
        let (access, sid) = open(&mut guest, "toy:number").await;
        assert_eq!(access, Access::READ);
        let status = Eca::NOWTACCESS;
        let ioid = guest.client.write(sid, &number(5.0), true);
        assert_eq!(guest.hear().await, Heard::Written { ioid, status });
        guest.client.write(sid, &number(6.0), false);
        match guest.hear().await {
            Heard::Error {
                status: told, text, ..
            } => {
                assert_eq!((told, text.to_string()), (status, "toy:number".to_owned()));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(engine.look(|engine| engine.counts().puts), 2);
        // An acknowledgement, and what cannot be read.
        for (told, (data_type, payload)) in [(36, &[0, 3][..]), (38, &[])].into_iter().enumerate() {
            guest.client.say(Request::Write {
                sid,
                ioid: 9,
                data_type,
                count: 1,
                notify: true,
                payload,
            });
            let refused = Heard::Written { ioid: 9, status };
            assert_eq!(guest.hear().await, refused);
            let puts = engine.look(|engine| engine.counts().puts);
            assert_eq!(puts, 3 + told as u64);
        }
        let mut other = Peer::connect(address).await;
        let (access, sid) = open(&mut other, "toy:number").await;
        assert_eq!(access, Access::all());
        other.client.read(sid, DOUBLE, 1);
        match other.hear().await {
            Heard::Read { sample, .. } => assert_eq!(sample.value, number(0.0)),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn what_may_not_be_read_is_not() {
    with_engine(engine(), async |_, address| {
        let mut peer = Peer::connect(address).await;
        let (access, sid) = open(&mut peer, "toy:text").await;
        assert_eq!(access, Access::empty());
        peer.client.read(sid, DOUBLE, 1);
        match peer.hear().await {
            Heard::Read { status, .. } => assert_eq!(status, Eca::NORDACCESS),
            other => panic!("{other:?}"),
        }
        let other = Ipv4Addr::new(127, 0, 0, 2);
        let mut peer = Peer::connect_from(other, address).await;
        assert_eq!(open(&mut peer, "toy:number").await.0, Access::empty());
    })
    .await;
}

#[tokio::test]
async fn rights_are_those_of_the_name_that_was_given_last() {
    with_engine(engine(), async |engine, address| {
        let mut peer = guest(address).await;
        let (access, sid) = open(&mut peer, "toy:number").await;
        assert_eq!(access, Access::READ);
        // As in the C server, a name is heard while there is no channel.
        peer.client.say(Request::ClientName { name: b"chief" });
        assert!(matches!(peer.hear().await, Heard::Error { .. }));
        peer.client.clear(sid, 1);
        assert!(matches!(peer.hear().await, Heard::Cleared { .. }));
        peer.client.say(Request::ClientName { name: b"chief" });
        assert_eq!(open(&mut peer, "toy:number").await.0, Access::all());
        let users = || {
            engine.look(|engine| {
                let clients = engine.clients();
                clients.map(|(who, _)| who.user.clone()).collect::<Vec<_>>()
            })
        };
        assert_eq!(users(), ["chief"]);
        drop(peer);
        until(|| users().is_empty()).await;
    })
    .await;
}

#[tokio::test]
async fn a_host_name_is_not_believed_where_rules_go_by_addresses() {
    with_engine(engine(), async |_, address| {
        let other = Ipv4Addr::new(127, 0, 0, 2);
        let mut peer = Peer::connect_from(other, address).await;
        peer.client.say(Request::HostName { name: b"127.0.0.1" });
        assert_eq!(open(&mut peer, "toy:number").await.0, Access::empty());
    })
    .await;
}
