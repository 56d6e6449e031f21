//! Measures the real binary: how soon it is ready and how large, and what a thousand moving motors cost it, and
//! what it takes to go back to a snapshot.
//!
//! `make bench`, or `BEAMTWIN=target/release/beamtwin cargo run --release -p beamtwin-server --example motors`.
//! What is counted of the server is its processor time, all threads, from `/proc`: on a machine that does
//! other things as well, that says more than how long something took. The client is this process, and does
//! not count.

mod client;
#[path = "../peer/kernel.rs"]
mod kernel;
mod snapshots;
mod twin;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use client::Watch;
use twin::Twin;

/// How often each start is measured; the quickest counts, since others may be using the machine.
const STARTS: usize = 5;
/// How many motors move.
const MOVING: usize = 1000;
/// How long they are watched.
const LONG: Duration = Duration::from_secs(20);

fn main() -> Result<(), Box<dyn Error>> {
    let binary = PathBuf::from(std::env::var("BEAMTWIN")?);
    let folder = std::env::temp_dir().join(format!("beamtwin-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&binary, &folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(binary: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!(
        "start to ready, the quickest of {STARTS}; processor time; memory then (VmRSS, VmHWM)"
    );
    let files = [
        ("10,000 plain PVs", plain(10_000)),
        ("100,000 plain PVs", plain(100_000)),
        ("10,000 motors", motors(10_000)),
    ];
    for (what, text) in files {
        let file = folder.join("start.toml");
        std::fs::write(&file, text)?;
        let mut quickest = Duration::MAX;
        let mut cpu = Duration::MAX;
        let mut memory = (0, 0);
        for _ in 0..STARTS {
            let began = Instant::now();
            let twin = Twin::start(binary, &file, None)?;
            quickest = quickest.min(began.elapsed());
            cpu = cpu.min(twin.process().cpu()?);
            memory = (
                twin.process().memory("VmRSS")?,
                twin.process().memory("VmHWM")?,
            );
        }
        let (resident, most) = memory;
        let [seconds, cpu] = [quickest, cpu].map(|time| time.as_secs_f64());
        println!("  {what:<18} {seconds:>6.3} s  {cpu:>5.2} s  {resident:>7} kB  {most:>7} kB");
    }
    println!(
        "{MOVING} motors under way for {LONG:?}, each with monitors of {}",
        FIELDS.join(", ")
    );
    let file = folder.join("moving.toml");
    std::fs::write(&file, motors(MOVING))?;
    let trace = folder.join("moving.jsonl");
    for record in [None, Some(trace.as_path())] {
        moving(binary, &file, record)?;
    }
    println!("a snapshot, and going back to it, with 1,000 written to: the quickest (median)");
    for (text, name) in [
        (plain(10_000), number as fn(usize) -> String),
        (motors(10_000), name),
    ] {
        println!("10,000 like {}", name(0));
        std::fs::write(&file, text)?;
        for record in [None, Some(trace.as_path())] {
            snapshots::measure(binary, &file, record, name)?;
        }
    }
    Ok(())
}

/// What is monitored of each motor, the readback first.
const FIELDS: [&str; 4] = ["RBV", "DMOV", "MOVN", "VAL"];

fn moving(binary: &Path, file: &Path, record: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let twin = Twin::start(binary, file, record)?;
    let names: Vec<String> = (0..MOVING).map(name).collect();
    let watch = Watch::start(twin.address(), &names, &FIELDS)?;
    let idle = twin.process().cpu()?;
    thread::sleep(LONG / 4);
    let idle = (twin.process().cpu()? - idle).as_secs_f64() / (LONG / 4).as_secs_f64();
    watch.go()?;
    let size = || record.map_or(Ok(0), |path| path.metadata().map(|meta| meta.len()));
    let (cpu, written, counts, began) = (
        twin.process().cpu()?,
        size()?,
        watch.counts(),
        Instant::now(),
    );
    thread::sleep(LONG);
    let (took, after) = (began.elapsed().as_secs_f64(), watch.counts());
    let share = (twin.process().cpu()? - cpu).as_secs_f64() / took;
    let written = (size()? - written) as f64 / took;
    let events: Vec<f64> = after
        .iter()
        .zip(&counts)
        .map(|(after, before)| (after - before) as f64 / took)
        .collect();
    let readbacks = &events[..MOVING];
    let (slowest, fastest) = readbacks
        .iter()
        .fold((f64::MAX, 0_f64), |(low, high), &rate| {
            (low.min(rate), high.max(rate))
        });
    println!(
        "  {:<13} {:>5.1} % of a core; standing still {:.1} %; {:.0} events a second, .RBV of each motor \
         {slowest:.2} to {fastest:.2}; {:.1} MB recorded a second; {} kB",
        if record.is_some() {
            "recording"
        } else {
            "not recording"
        },
        share * 100.0,
        idle * 100.0,
        events.iter().sum::<f64>(),
        written / 1e6,
        twin.process().memory("VmRSS")?,
    );
    Ok(())
}

fn name(motor: usize) -> String {
    format!("BENCH:m{motor}")
}

fn number(pv: usize) -> String {
    format!("BENCH:number{pv}")
}

/// A file of so many motors, which take minutes for their way.
fn motors(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|motor| format!("\"m{motor}\"")).collect();
    format!(
        "[motor.all]\neach = [{}]\npv = \"BENCH:$(each)\"\nlimits = [-1000, 1000]\n",
        names.join(", ")
    )
}

/// A file of so many plain numbers.
fn plain(count: usize) -> String {
    let mut text = "[mailbox.all.pvs]\n".to_owned();
    for pv in 0..count {
        // Writing into a string does not fail.
        let _ = writeln!(text, "\"{}\" = {pv}.5", number(pv));
    }
    text
}
