//! The PVs that tell what goes on over the network.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::time::Duration;

use beamtwin_ca::{Dbr, Form, Heard, Mask};
use beamtwin_pv::{Value, ValueKind};
use beamtwin_server::Mode;
use beamtwin_server::recorder::{Bounds, Recorder};
use peer::{Peer, with_server};
use tokio::task::spawn_local;
use toy::{Folder, number};

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);

async fn read(peer: &mut Peer, sid: u32) -> f64 {
    peer.client.read(sid, DOUBLE, 1);
    match peer.hear().await {
        Heard::Read { sample, .. } => sample.value.as_f64().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_figure_is_the_present_one_and_no_trace_has_it() {
    let folder = Folder::new();
    let path = folder.file("trace");
    with_server(Mode::REAL, async |engine, address| {
        let recorder = Recorder::create(&path, &toy::header(), None, Bounds::default());
        engine.start_recording(recorder.unwrap());
        engine.act(|engine| engine.show_below("toy:"));
        let mut peer = Peer::connect(address).await;
        let (_, circuits) = peer.open("toy:circuits").await;
        assert_eq!(read(&mut peer, circuits).await, 1.0);
        let other = Peer::connect(address).await;
        assert_eq!(read(&mut peer, circuits).await, 2.0);
        drop(other);
        while read(&mut peer, circuits).await != 1.0 {}
        let (_, puts) = peer.open("toy:puts").await;
        let (_, sid) = peer.open("toy:number").await;
        peer.client.write(sid, &number(3.0), false);
        assert_eq!(read(&mut peer, puts).await, 1.0);
        let (_, memory) = peer.open("toy:memory").await;
        assert!(read(&mut peer, memory).await > 1e6);
        engine
            .act(beamtwin_server::Engine::finish_recording)
            .unwrap();
    })
    .await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("toy:number"));
    for name in ["toy:circuits", "toy:puts", "toy:memory"] {
        assert!(!text.contains(name), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_subscribes_is_told_once_a_second_and_nobody_works_for_nobody() {
    with_server(Mode::REAL, async |engine, address| {
        engine.act(|engine| engine.show_below("toy:"));
        let own = engine.clone();
        spawn_local(async move { own.tell_figures().await });
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:uptime").await;
        let reads = || engine.look(|engine| engine.counts().reads);
        let before = reads();
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_eq!(reads(), before);
        let subscription = peer.client.subscribe(sid, DOUBLE, 1, Mask::VALUE);
        let mut told = Vec::new();
        for _ in 0..4 {
            told.push(peer.event(subscription).await);
        }
        let first = told[0].as_f64().unwrap();
        told.dedup();
        let expected: Vec<Value> = (0..told.len())
            .map(|at| number(first + at as f64))
            .collect();
        assert!(told.len() >= 3, "{told:?}");
        assert_eq!(told, expected);
        peer.client.cancel(sid, subscription);
        while !matches!(peer.hear().await, Heard::Cancelled { .. }) {}
    })
    .await;
}
