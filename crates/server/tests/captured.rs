//! Puts that take their time, and puts in great number, as a C IOC was seen to take them (`tests/records`).

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use std::time::Duration;

use beamtwin_ca::{Dbr, Eca, Form, Heard, Mask};
use beamtwin_pv::ValueKind;
use beamtwin_server::Mode;
use beamtwin_server::engine::Engine;
use peer::{Peer, until, with_server};
use serde_json::Value as Json;
use toy::{MOVE, number};

const DOUBLE: Dbr = Dbr::Value(Form::Plain, ValueKind::Double);
/// How long the captured record took that is `toy:slow` here.
const SLOW: f64 = 0.695;
/// Device time goes in such steps.
const STEP: Duration = Duration::from_millis(100);
/// When a case is over.
const END: Duration = Duration::from_millis(2500);

fn captured(name: &str) -> Vec<Json> {
    let path = format!(
        "{}/../../tests/records/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A put of a case.
struct Put {
    at: Duration,
    value: f64,
    complete: bool,
    place: &'static str,
    /// When it is complete, if ever.
    done: Option<Duration>,
}

impl Put {
    fn read(row: &Json, slow: bool) -> Self {
        let at = row["at_s"].as_f64().unwrap_or_default();
        let done = row["completed_after_s"].as_f64().map(|after| {
            if slow {
                MOVE.mul_f64(((at + after) / SLOW).round())
            } else {
                // The put that set it free was sent at a tenth of a second.
                STEP.mul_f64(((at + after) * 10.0).round())
            }
        });
        let places = ["same channel", "other channel", "other circuit"];
        Self {
            at: STEP.mul_f64((at * 10.0).round()),
            value: row["value"].as_f64().unwrap(),
            complete: row["kind"] != "plain",
            place: places
                .into_iter()
                .find(|it| row["where"] == *it)
                .unwrap_or(places[0]),
            done,
        }
    }
}

#[tokio::test]
async fn puts_with_completion_take_their_turns() {
    let mut tried = 0;
    for row in captured("put_callback") {
        let case = row["case"].as_str().unwrap().to_owned();
        let slow = case.starts_with("slow");
        let others = row["others"].as_array().unwrap();
        if slow && others[0]["kind"] == "plain" {
            continue; // what that does to a `calcout` is its own business
        }
        let first = std::iter::once(&row["first"]);
        let puts: Vec<Put> = first
            .chain(others)
            .map(|put| Put::read(put, slow))
            .collect();
        with_server(Mode::Stepped, async |engine, address| {
            let (mut a, mut b) = (Peer::connect(address).await, Peer::connect(address).await);
            let name = if slow { "toy:slow" } else { "toy:busy" };
            let same = a.open(name).await.1;
            let other = a.open(name).await.1;
            let far = b.open(name).await.1;
            let mut sent = Vec::new();
            let mut now = Duration::ZERO;
            while now <= END {
                for put in puts.iter().filter(|put| put.at == now) {
                    let (peer, sid) = match put.place {
                        "same channel" => (&mut a, same),
                        "other channel" => (&mut a, other),
                        _ => (&mut b, far),
                    };
                    let ioid = peer.client.write(sid, &number(put.value), put.complete);
                    peer.flush().await;
                    sent.push(((put.place == "other circuit", ioid), put));
                }
                let waits = |put: &&Put| {
                    put.complete && put.at <= now && put.done.is_none_or(|done| done > now)
                };
                let waiting: Vec<&Put> = puts.iter().filter(waits).collect();
                // A second one on its channel is not even read.
                let here = waiting.iter().filter(|put| put.place == "same channel");
                let known = waiting.len() - here.count().saturating_sub(1);
                until(|| engine.look(Engine::awaited) == known).await;
                engine.step(STEP).await;
                now += STEP;
            }
            let done = sent
                .iter()
                .filter(|(_, put)| put.complete && put.done.is_some());
            let mut due: Vec<(bool, u32)> = done.map(|(which, _)| *which).collect();
            let never = |put: &Put| put.done.is_none() && put.place == "same channel";
            let stands = puts.iter().filter(|put| put.complete && never(put)).count() > 1;
            let ends = [(false, &mut a, stands), (true, &mut b, false)];
            for (far, peer, _) in ends.into_iter().filter(|(.., stands)| !stands) {
                peer.client.echo();
                loop {
                    match peer.hear().await {
                        Heard::Written {
                            ioid,
                            status: Eca::NORMAL,
                        } => due.retain(|it| *it != (far, ioid)),
                        Heard::Echo => break,
                        other => panic!("{case}: {other:?}"),
                    }
                }
            }
            assert_eq!(due, [], "{case}");
        })
        .await;
        tried += 1;
    }
    assert_eq!(tried, 12);
}

#[tokio::test]
async fn no_event_is_lost_while_its_client_listens_and_one_is_kept_while_it_does_not() {
    let rows = captured("bursts");
    let row = |case: &str| rows.iter().find(|row| row["case"] == case).unwrap();
    let fast = row("fast subscriber");
    let off = row("1000 puts while EVENTS_OFF, then EVENTS_ON");
    let puts = fast["puts"].as_u64().unwrap();
    with_server(Mode::Stepped, async |_, address| {
        let (mut writer, mut reader) = (Peer::connect(address).await, Peer::connect(address).await);
        let here = writer.open("toy:number").await.1;
        let there = reader.open("toy:number").await.1;
        let monitor = reader.client.subscribe(there, DOUBLE, 1, Mask::VALUE);
        assert_eq!(reader.event(monitor).await, number(0.0));
        for value in 1..=puts {
            writer.client.write(here, &number(value as f64), false);
        }
        writer.flush().await;
        for value in 1..=fast["events"].as_u64().unwrap() {
            assert_eq!(reader.event(monitor).await, number(value as f64));
        }
        reader.client.events(false);
        reader.client.echo();
        assert_eq!(reader.hear().await, Heard::Echo);
        for value in (1..=puts).rev() {
            writer
                .client
                .write(here, &number(value as f64 - puts as f64), false);
        }
        for value in 1..=puts {
            writer.client.write(here, &number(value as f64), false);
        }
        writer.client.echo();
        assert_eq!(writer.hear().await, Heard::Echo);
        assert!(reader.has_heard_nothing());
        reader.client.events(true);
        for value in off["events_total"].as_array().unwrap() {
            assert_eq!(reader.event(monitor).await, number(value.as_f64().unwrap()));
        }
        reader.client.echo();
        assert_eq!(reader.hear().await, Heard::Echo, "no more than that");
    })
    .await;
}
