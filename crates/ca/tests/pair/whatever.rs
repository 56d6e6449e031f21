//! Any bytes at all: what the fuzz targets run, on a stable compiler, with what they found worth keeping.
//!
//! `BEAMTWIN_FUZZ_SECONDS=600 cargo test -p beamtwin-ca --test pair whatever` runs for longer.

#[path = "../../../../fuzz/src/ca.rs"]
#[expect(unreachable_pub, reason = "it is of another crate as well")]
mod ca;
#[path = "../../../../fuzz/src/tries.rs"]
#[expect(unreachable_pub, reason = "it is of another crate as well")]
mod tries;

use beamtwin_ca::message::Request;
use beamtwin_ca::{Dbr, Form, MINOR};
use beamtwin_pv::ValueKind;
use bytes::BytesMut;
use tries::Target;

/// What is put in here and there: names, numbers and headers that mean something.
const PIECES: &[&[u8]] = &[
    b"x\0\0\0\0\0\0\0",
    b"wave\0\0\0\0",
    b"slow\0\0\0\0",
    b".{\"dbnd\":{\"rel\":1e300}}",
    b"[-1:2147483647:-3]",
    b"{ts:{num:'ts',epoch:'unix'}}",
    b"{dec:{n:3},utag:{M:1,V:0}}",
    b"\\u0000",
    b"$",
    &[0],
    &[0xff; 2],
    &[0xff; 4],
    &[0, 0, 0xff, 0xf8],
    &[0x7f, 0xf0, 0, 0, 0, 0, 0, 1],
    // Version; events off, events on, echo; a read of 65535 doubles.
    &[0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0],
    &[0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    &[0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    &[
        0, 23, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
    ],
    &[
        0, 15, 0xff, 0xff, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
    ],
];

/// All that a peer can ask for, of all that there is.
fn stream() -> Vec<u8> {
    let mut out = BytesMut::new();
    out.extend_from_slice(&[7]);
    let minor = MINOR.into();
    let mut say = |request: Request<'_>| request.encode(&mut out);
    say(Request::Version {
        minor,
        priority: 0,
        sequence: 0,
    });
    say(Request::ClientName { name: b"user" });
    say(Request::HostName { name: b"ws1" });
    let names: [&[u8]; 8] = [
        b"x",
        b"text",
        b"state",
        b"wave.{\"arr\":{\"s\":1}}",
        b"slow",
        b"deaf",
        b"mute",
        b"x.{\"dbnd\":{\"abs\":1}}",
    ];
    for (sid, name) in (0..).zip(names) {
        say(Request::CreateChan {
            cid: sid,
            minor,
            name,
        });
        let data_type = Dbr::Value(Form::Control, ValueKind::ALL[sid as usize % 7]).code();
        say(Request::EventAdd {
            sid,
            subscription: sid,
            data_type,
            count: 0,
            mask: 7,
        });
        for notify in [false, true, true] {
            say(Request::Read {
                sid,
                ioid: 1,
                data_type,
                count: sid,
                notify,
            });
            say(Request::Write {
                sid,
                ioid: 2,
                data_type: ValueKind::Double as u16,
                count: 1,
                notify,
                payload: &1.5_f64.to_be_bytes(),
            });
        }
    }
    say(Request::EventsOff);
    say(Request::EventCancel {
        sid: 0,
        subscription: 0,
        data_type: 0,
        count: 0,
    });
    say(Request::ClearChannel { sid: 1, cid: 1 });
    say(Request::ReadSync);
    say(Request::EventsOn);
    out.to_vec()
}

#[test]
fn whatever_comes_is_survived_and_answered_as_it_should_be() {
    let datagram = stream().split_off(1);
    let payload: Vec<u8> = [20, 3, 0, 2].into_iter().chain(0..80).collect();
    let name = b"wave.VAL$[0:2:-1]{\"ts\":{\"num\":\"dbl\"}}".to_vec();
    let target = |name, check, sample| Target {
        name,
        check,
        samples: vec![sample],
    };
    let tries = tries::run(
        &mut [
            target("ca_datagram", ca::datagram, datagram),
            target("ca_stream", ca::stream, stream()),
            target("ca_payload", ca::payload, payload),
            target("ca_name", ca::name, name),
        ],
        PIECES,
    );
    println!("{tries} tries");
}
