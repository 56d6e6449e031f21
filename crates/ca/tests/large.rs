//! What a reader of large arrays costs that does not read.

use std::time::Duration;

use beamtwin_ca::{Access, Circuit, Client, Dbr, Demand, Form, Limits, Mask, SubscriptionId};
use beamtwin_pv::{Alarm, Array, Metadata, Sample, Timestamp, Value, ValueKind};
use bytes::BytesMut;

/// Elements of a waveform: 8 MiB.
const ELEMENTS: usize = 1 << 20;

/// A circuit on which a large waveform is monitored, and what it said so far is sent.
fn monitored(limits: Limits) -> (Circuit, SubscriptionId) {
    let mut circuit = Circuit::new(limits, Duration::ZERO);
    let mut client = Client::default();
    client.open("wave");
    // Circuits count their channels from 0.
    client.subscribe(0, Dbr::Value(Form::Time, ValueKind::Double), 0, Mask::VALUE);
    let mut bytes = BytesMut::new();
    client.transmit(&mut bytes);
    circuit.receive(&bytes, Duration::ZERO);
    let mut monitor = None;
    while let Some(demand) = circuit.poll() {
        match demand {
            Demand::Open { channel, .. } => {
                let count = u32::try_from(ELEMENTS).expect("it fits");
                circuit.opened(channel, ValueKind::Double, count, Access::all());
            }
            Demand::Subscribe { subscription, .. } => monitor = Some(subscription),
            _ => {}
        }
    }
    let mut said = BytesMut::new();
    while circuit.transmit(&mut said) {
        said.clear();
    }
    (circuit, monitor.expect("a subscription"))
}

fn wave(turn: u32) -> Sample {
    Sample {
        value: Value::Array(Array::Double(vec![turn.into(); ELEMENTS].into())),
        alarm: Alarm::NONE,
        stamp: Timestamp::UNDEFINED,
    }
}

#[test]
fn images_that_nobody_reads_are_squashed_to_the_last() {
    let (mut circuit, monitor) = monitored(Limits::default());
    for turn in 0..20 {
        circuit.post(monitor, Mask::VALUE, &wave(turn), &Metadata::default());
        assert!(circuit.backlog() <= 9 << 20, "{}", circuit.backlog());
    }
    assert!(circuit.is_full(monitor));
    assert_eq!(circuit.squashed(), 19);
    let (mut said, mut last, mut pieces) = (BytesMut::new(), [0; 8], 0);
    while circuit.transmit(&mut said) {
        assert!(said.len() <= 129 << 10, "a piece of {}", said.len());
        last.copy_from_slice(&said[said.len() - 8..]);
        said.clear();
        pieces += 1;
        assert_eq!(circuit.has_room(), circuit.backlog() < 64 << 10);
    }
    assert_eq!(last, 19_f64.to_be_bytes());
    assert!(pieces > 60, "{pieces} pieces");
    assert_eq!(circuit.backlog(), 0);
}

#[test]
fn a_few_events_wait_before_one_replaces_another() {
    let limits = Limits {
        event_bytes: 64 << 20,
        ..Limits::default()
    };
    let few = limits.events_per_monitor;
    let (mut circuit, monitor) = monitored(limits);
    for turn in 0..20 {
        assert_eq!(circuit.is_full(monitor), turn as usize >= few);
        circuit.post(monitor, Mask::VALUE, &wave(turn), &Metadata::default());
    }
    assert_eq!(circuit.squashed() as usize, 20 - few);
}

#[test]
fn half_a_message_says_how_large_it_will_be() {
    let mut circuit = Circuit::new(Limits::default(), Duration::ZERO);
    let mut client = Client::default();
    let mut bytes = BytesMut::new();
    client.transmit(&mut bytes);
    client.write(0, &wave(1).value, false);
    let hello = bytes.len();
    client.transmit(&mut bytes);
    let message = bytes.len() - hello;
    assert_eq!(circuit.arriving(), 0);
    circuit.receive(&bytes[..hello + message / 2], Duration::ZERO);
    while circuit.poll().is_some() {}
    assert_eq!(circuit.arriving(), message);
    circuit.receive(&bytes[hello + message / 2..], Duration::ZERO);
    while circuit.poll().is_some() {}
    assert_eq!(circuit.arriving(), 0);
}
