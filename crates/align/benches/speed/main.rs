//! How long comparisons take, and what they hold in memory: `cargo bench -p beamtwin-align`.
//!
//! With `ENVTRACE=/path/to/its/checkout` the EnvTrace package scores the same events in the same run, and the answers must be
//! the same; `PYTHON` (else `python3`) needs numpy.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]
#![expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

mod envtrace;
mod sessions;

use std::process::Command;
use std::time::Instant;

use beamtwin_align::{Settings, compare};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|it| it == "--one") {
        return one(&arguments[at + 1]);
    }
    // `cargo test --benches` asks for a short look.
    if arguments.iter().any(|it| it == "--test") {
        return envtrace::measure(&[200], 1);
    }
    // Each in a process of its own, whose memory is then its own.
    for name in ["edited", "strange"] {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--one", name])
            .status();
        assert!(status.unwrap().success());
    }
    envtrace::measure(&[2000, 8000], 5);
}

fn one(name: &str) {
    let (what, reference, session) = match name {
        "edited" => (
            "two traces of 1,000,000 requests, 1 % edited",
            sessions::long(1_000_000, 0),
            sessions::long(1_000_000, 100),
        ),
        _ => (
            "100,000 requests against 100,000 others",
            sessions::long(100_000, 0),
            sessions::strange(100_000),
        ),
    };
    let before = memory("VmRSS");
    let start = Instant::now();
    let comparison = compare(&reference, &session, &Settings::default());
    let seconds = start.elapsed().as_secs_f64();
    let (counts, peak) = (comparison.counts, memory("VmHWM"));
    println!(
        "{what}: {seconds:.2} s, {peak:.0} MB at most, of which {before:.0} MB the traces; {} matched, {} \
         differ, {} missing, {} extra",
        counts.matched, counts.differing, counts.missing, counts.extra
    );
    for caveat in &comparison.caveats {
        println!("    note: {caveat}");
    }
}

/// A line of the memory that the kernel accounts to this process, in MB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    number.unwrap_or(f64::NAN) / 1024.0
}
