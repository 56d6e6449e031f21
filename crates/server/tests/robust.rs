//! Clients that are slow, or half dead, or very many.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::time::Duration;

use beamtwin_ca::message::Request;
use beamtwin_ca::{Client, Heard};
use beamtwin_server::Mode;
use bytes::BytesMut;
use peer::{Peer, until, with_server};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use toy::number;

/// What a client says that opens a channel, writes, and reads.
fn talk() -> BytesMut {
    let mut client = Client::default();
    client.open("toy:number");
    client.write(0, &number(7.0), true);
    client.echo();
    let mut bytes = BytesMut::new();
    client.transmit(&mut bytes);
    bytes
}

#[tokio::test]
async fn messages_split_at_each_byte_are_the_same_messages() {
    with_server(Mode::REAL, async |engine, address| {
        let talk = talk();
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(&talk).await.unwrap();
        let mut expected = vec![0; 16 + 32 + 16 + 16];
        first.read_exact(&mut expected).await.unwrap();
        for cut in 1..talk.len() {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let before = engine.census().received.get();
            stream.write_all(&talk[..cut]).await.unwrap();
            until(|| engine.census().received.get() == before + cut as u64).await;
            stream.write_all(&talk[cut..]).await.unwrap();
            let mut heard = vec![0; expected.len()];
            stream.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, expected, "cut at {cut}");
        }
    })
    .await;
}

#[tokio::test]
async fn one_that_sends_a_byte_at_a_time_holds_nobody_up() {
    with_server(Mode::REAL, async |engine, address| {
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.set_nodelay(true).unwrap();
        let mut quick = Peer::connect(address).await;
        for byte in talk() {
            let before = engine.census().received.get();
            slow.write_all(&[byte]).await.unwrap();
            until(|| engine.census().received.get() > before).await;
            quick.client.echo();
            assert_eq!(quick.hear().await, Heard::Echo);
        }
        let mut heard = vec![0; 16 + 32 + 16 + 16];
        slow.read_exact(&mut heard).await.unwrap();
        assert_eq!(
            heard[heard.len() - 15],
            23,
            "the echo comes last: {heard:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn circuits_that_say_half_a_thing_and_go_leave_nothing_behind() {
    with_server(Mode::REAL, async |engine, address| {
        let talk = talk();
        for said in [0, 1, 15, 16, 40, talk.len() - 1] {
            let mut streams = Vec::new();
            for _ in 0..200 {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(&talk[..said]).await.unwrap();
                streams.push(stream);
            }
            until(|| engine.census().circuits.get() == 200).await;
            drop(streams);
            until(|| engine.census().circuits.get() == 0).await;
            let census = engine.census();
            assert_eq!((census.channels.get(), census.subscriptions.get()), (0, 0));
            assert_eq!(engine.look(|engine| engine.clients().count()), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn one_that_is_reset_is_gone() {
    with_server(Mode::REAL, async |engine, address| {
        let mut peer = Peer::connect(address).await;
        peer.open("toy:number").await;
        peer.client.say(Request::ClientName { name: b"cut" });
        peer.flush().await;
        // Nothing is said any more, as where a cable is pulled and the kernel gives up.
        SockRef::from(&peer.stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        drop(peer);
        until(|| engine.census().circuits.get() == 0).await;
        assert_eq!(engine.census().channels.get(), 0);
    })
    .await;
}
