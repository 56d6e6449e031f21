//! Writers and readers that are not equally fast.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::time::Duration;

use beamtwin_ca::{Dbr, Form, Heard, Mask};
use beamtwin_pv::{Array, Value, ValueKind};
use beamtwin_server::engine::Shared;
use beamtwin_server::{Limits, Mode};
use peer::{PATIENCE, Peer, until, with_engine};
use tokio::task::spawn_local;
use toy::number;

const TIMED: Dbr = Dbr::Value(Form::Time, ValueKind::Double);

fn engine(patience: Duration) -> Shared {
    let limits = Limits {
        patience,
        ..Limits::default()
    };
    Shared::limited(toy::world(), Mode::Stepped, limits)
}

/// Reads until an event of a monitor tells this; how many there were.
async fn read_until(reader: &mut Peer, monitor: u32, last: &Value) -> u32 {
    let mut events = 0;
    loop {
        if let Heard::Event {
            subscription,
            sample,
            ..
        } = reader.hear().await
        {
            events += 1;
            if subscription == monitor && sample.value == *last {
                return events;
            }
        }
    }
}

#[tokio::test]
async fn a_reader_that_keeps_reading_misses_nothing_of_a_flood() {
    const PUTS: u32 = 2000;
    const MONITORS: u32 = 20;
    with_engine(engine(PATIENCE), async |engine, address| {
        let mut reader = Peer::connect(address).await;
        let (_, sid) = reader.open("toy:number").await;
        let mut monitor = 0;
        for _ in 0..MONITORS {
            monitor = reader.client.subscribe(sid, TIMED, 1, Mask::VALUE);
            reader.event(monitor).await;
        }
        let mut writer = Peer::connect(address).await;
        let (_, sid) = writer.open("toy:number").await;
        for put in 1..=PUTS {
            writer.client.write(sid, &number(put.into()), false);
        }
        spawn_local(async move {
            writer.flush().await;
            // It stays until all has been read.
            let () = std::future::pending().await;
        });
        let events = read_until(&mut reader, monitor, &number(PUTS.into())).await;
        assert_eq!(events, PUTS * MONITORS);
        assert_eq!(engine.census().squashed.get(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_reader_that_reads_nothing_holds_nobody_up_and_gets_the_last_value() {
    /// Together 24 MB, more than sockets hold.
    const PUTS: u32 = 3000;
    const MONITORS: u32 = 10;
    with_engine(engine(Duration::from_millis(1)), async |engine, address| {
        let mut reader = Peer::connect(address).await;
        let (_, sid) = reader.open("toy:wave").await;
        let mut monitor = 0;
        for _ in 0..MONITORS {
            monitor = reader.client.subscribe(sid, TIMED, 0, Mask::VALUE);
            reader.event(monitor).await;
        }
        let mut writer = Peer::connect(address).await;
        let (_, sid) = writer.open("toy:wave").await;
        let wave = |turn: u32| Value::Array(Array::Double([f64::from(turn); 100].into()));
        for turn in 1..=PUTS {
            let ioid = writer.client.write(sid, &wave(turn), true);
            assert!(
                matches!(writer.hear().await, Heard::Written { ioid: done, .. } if done == ioid)
            );
        }
        read_until(&mut reader, monitor, &wave(PUTS)).await;
        until(|| engine.census().squashed.get() > 0).await;
    })
    .await;
}

#[tokio::test]
async fn a_large_message_waits_for_room_and_then_arrives() {
    with_engine(engine(PATIENCE), async |_, address| {
        let large = Value::Array(Array::Double(vec![1.0; 5 << 20].into()));
        let mut first = Peer::connect(address).await;
        let (_, sid) = first.open("toy:wave").await;
        let mut second = Peer::connect(address).await;
        let (_, other) = second.open("toy:wave").await;
        first.client.write(sid, &large, true);
        first.flush_half().await;
        let ioid = second.client.write(other, &large, true);
        let answer = spawn_local(async move { second.hear().await });
        drop(first);
        assert!(matches!(answer.await.unwrap(), Heard::Written { ioid: done, .. } if done == ioid));
    })
    .await;
}
