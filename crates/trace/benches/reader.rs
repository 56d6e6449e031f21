//! How fast a trace is read and written: `cargo bench -p beamtwin-trace`.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]
#![expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

use std::time::Instant;

use beamtwin_trace::{
    Channel, Client, Datum, Header, Post, Put, Reader, Role, Time, Trace, VERSION, Writer,
};

fn main() {
    // `cargo test --benches` asks for a short look.
    let short = std::env::args().any(|argument| argument == "--test");
    let bytes = session(if short { 100 } else { 60_000 });
    let megabytes = bytes.len() as f64 / 1e6;
    let (mut lines, mut whole) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..if short { 1 } else { 7 } {
        let start = Instant::now();
        let mut reader = Reader::new(bytes.as_slice()).unwrap();
        while reader.next_line().unwrap().is_some() {}
        lines = lines.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let trace = Trace::read(bytes.as_slice()).unwrap();
        whole = whole.min(start.elapsed().as_secs_f64());
        assert_eq!(trace.counted, Some(trace.facts.len() as u64));
    }
    println!(
        "a trace of {megabytes:.0} MB: line by line {:.0} MB/s, into memory {:.0} MB/s",
        megabytes / lines,
        megabytes / whole
    );
}

/// A session of so many moves, each with what a motor answers.
fn session(moves: u32) -> Vec<u8> {
    let mut out = Writer::new(Vec::new());
    out.header(&Header {
        version: VERSION,
        beamline: "NSLS-II 11-BM CMS".to_owned(),
        epoch: "2026-01-01T00:00:00Z".to_owned(),
        seed: 7,
        file: None,
        program: "bench".to_owned(),
        paths: Vec::new(),
    })
    .unwrap();
    let fields = [
        ("", Role::Request),
        (".RBV", Role::Curve),
        (".DMOV", Role::State),
    ];
    for (pv, (field, role)) in (1..).zip(fields) {
        let name = format!("XF:11BMB-ES{{Chm:Smpl-Ax:X}}Mtr{field}");
        out.channel(pv, &Channel::named(&name, role)).unwrap();
    }
    out.open(1, &Client::default()).unwrap();
    let mut now = 0;
    let mut n = 0;
    for at in 0..moves {
        now += 12_345_678;
        let put = Put {
            pv: 1,
            value: Datum::Number(f64::from(at % 100) * 0.25),
            by: Some(1),
            complete: true,
            at: None,
        };
        out.put(Time::from_nanos(now), &put).unwrap();
        n += 1;
        let cause = n;
        for step in 0..10 {
            now += 100_000_000;
            let post = Post {
                by: Some(cause),
                ..Post::plain(
                    2,
                    Datum::Number(f64::from(at % 100) * 0.25 + f64::from(step) * 0.0137),
                )
            };
            out.post(Time::from_nanos(now), &post).unwrap();
        }
        for moving in [0.0, 1.0] {
            let post = Post {
                by: Some(cause),
                ..Post::plain(3, Datum::Number(moving))
            };
            out.post(Time::from_nanos(now), &post).unwrap();
        }
        out.done(Time::from_nanos(now), cause).unwrap();
        n += 13;
    }
    out.complete(Time::from_nanos(now)).unwrap();
    out.into_inner()
}
