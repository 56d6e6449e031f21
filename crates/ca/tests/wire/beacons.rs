use std::time::Duration;

use beamtwin_ca::Beacon;
use bytes::BytesMut;

use crate::capture::named;

#[test]
fn beacons_come_when_a_c_server_sends_them() {
    let capture = named("beacons_boot");
    let beacons = capture
        .frames
        .iter()
        .filter(|frame| frame.from == "client1");
    let mut beacon = Beacon::new(35101, Beacon::LONGEST, Duration::ZERO);
    let mut sent = 0;
    for frame in beacons {
        let due = beacon.deadline().as_secs_f64();
        assert!(
            (due - frame.at).abs() < 0.02 + due * 0.01,
            "{due} but {}",
            frame.at
        );
        let mut out = BytesMut::new();
        if let Some(early) = beacon.deadline().checked_sub(Duration::from_nanos(1)) {
            assert!(!beacon.poll(early, &mut out));
        }
        assert!(beacon.poll(beacon.deadline(), &mut out));
        assert_eq!(out[..], frame.messages[0].bytes[..], "beacon {sent}");
        sent += 1;
    }
    assert!(sent > 8, "only {sent} beacons");
}

#[test]
fn the_longest_period_stays() {
    let mut beacon = Beacon::new(5064, Beacon::LONGEST, Duration::ZERO);
    let mut out = BytesMut::new();
    for _ in 0..20 {
        let now = beacon.deadline();
        assert!(beacon.poll(now, &mut out));
        assert!(beacon.deadline() - now <= Beacon::LONGEST);
    }
    let now = beacon.deadline();
    beacon.poll(now, &mut out);
    assert_eq!(beacon.deadline() - now, Beacon::LONGEST);
}
