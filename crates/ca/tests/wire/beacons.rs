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

#[test]
fn a_restart_makes_beacons_frequent_again_and_goes_on_counting() {
    let mut beacon = Beacon::new(5064, Beacon::LONGEST, Duration::ZERO);
    let next = |beacon: &mut Beacon| {
        let (at, mut out) = (beacon.deadline(), BytesMut::new());
        assert!(beacon.poll(at, &mut out));
        (at, u32::from_be_bytes([out[8], out[9], out[10], out[11]]))
    };
    let mut last = 0;
    for _ in 0..20 {
        (_, last) = next(&mut beacon);
    }
    let now = beacon.deadline() - Duration::from_secs(5);
    beacon.restart(now);
    let ms = Duration::from_millis;
    for (after, sequence) in [(ms(0), 1), (ms(20), 2), (ms(60), 3)] {
        assert_eq!(next(&mut beacon), (now + after, last + sequence));
    }
}
