//! Measures the release binary beside a C IOC and beside a bare TCP server that moves the same bytes.
//!
//! `make bench`, or
//! `BEAMTWIN=target/release/beamtwin PYTHON=.venv/bin/python cargo run --release -p beamtwin-server --example peer`,
//! with `-- WORD…` only those rows whose names hold one of the words. The same client for all; rounds of the
//! servers take turns, and the median of each counts. Nothing is recorded but where it says so.

mod events;
mod floor;
mod idle;
mod kernel;
mod loads;
mod names;
mod recording;
mod records;
mod servers;
mod table;
#[path = "../motors/twin.rs"]
#[expect(dead_code, reason = "nothing is asked over the control channel here")]
mod twin;
mod wire;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use events::Puts;
use floor::Floor;
use loads::{Requests, Writer};
use records::{MANY, Records};
use servers::{Server, Starts};
use table::{Better, Table, median};
use wire::Circuit;

/// How often each is measured.
const ROUNDS: usize = 5;
/// How long it takes until beacons come 15 s apart.
const SETTLED: Duration = Duration::from_secs(40);
/// How long an idle server is watched.
const WATCHED: Duration = Duration::from_secs(30);

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == floor::FLOOR) {
        return Ok(floor::serve()?);
    }
    let folder = std::env::temp_dir().join(format!("beamtwin-peer-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let starts = Starts {
        binary: PathBuf::from(std::env::var("BEAMTWIN")?),
        python: PathBuf::from(std::env::var("PYTHON")?),
        folder: folder.clone(),
    };
    let measured = measure(&starts, Table::new(words));
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(starts: &Starts, mut table: Table) -> Result<(), Box<dyn Error>> {
    let mixed = records::mixed();
    {
        let ioc = starts.ioc(&mixed)?.0;
        let twin = starts.twin(&mixed, None)?.0;
        let pair = [&ioc, &twin];
        let floor = Floor::start()?;
        requests(&mut table, pair, &floor, &mixed)?;
        for (what, puts, target) in [
            ("events, put-callbacks in turn", Puts::Completed, Some(1.3)),
            ("events, as many puts as it takes", Puts::Flooding, None),
        ] {
            if !table.wants(what) {
                continue;
            }
            let name = &mixed.names[0];
            let mut shares = Vec::new();
            let rates = rounds(|| {
                let both = pair.map(|server| events::deliver(server.address(), name, puts));
                let [ioc, twin] = both;
                let all = [ioc?, twin?, events::deliver_floor(&floor, puts)?];
                shares.push(all.map(|delivery| delivery.share * 100.0));
                Ok(all.map(|delivery| delivery.rate))
            })?;
            table.row(what, "/s", Better::More, target, &rates);
            table.row(
                &format!("{what}: delivered"),
                "%",
                Better::More,
                None,
                &shares,
            );
        }
        let image = mixed.names.last().ok_or("no image")?;
        if table.wants("image of 8 MiB to 4 clients") {
            let rates = rounds(|| {
                let both = pair.map(|server| events::images(server.address(), image));
                let [ioc, twin] = both;
                Ok([ioc?, twin?, events::images_floor(&floor)?])
            })?;
            table.row(
                "image of 8 MiB to 4 clients",
                "/s",
                Better::More,
                None,
                &rates,
            );
        }
        if table.wants("p99 of gets beside 8 MiB images") {
            let waits = rounds(|| {
                let both = pair.map(|server| beside_images(server, &mixed));
                let [ioc, twin] = both;
                Ok([ioc?, twin?])
            })?;
            table.row(
                "p99 of gets beside 8 MiB images",
                "ms",
                Better::Less,
                None,
                &waits,
            );
        }
        if table.wants("idle wake-ups") {
            thread::sleep(SETTLED);
            let before = [idle::naps(ioc.process())?, idle::naps(twin.process())?];
            thread::sleep(WATCHED);
            let after = [idle::naps(ioc.process())?, idle::naps(twin.process())?];
            let naps = [0, 1].map(|at| (after[at] - before[at]) as f64 / WATCHED.as_secs_f64());
            table.row("idle wake-ups", "/s", Better::Less, None, &[naps]);
        }
    }
    if table.wants("start, memory, search and create") {
        many(&mut table, starts)?;
    }
    if table.wants("recording") {
        recorded(&mut table, starts, &mixed)?;
    }
    Ok(())
}

/// Gets and puts of a hundred PVs that somebody else writes as well.
fn requests(
    table: &mut Table,
    pair: [&Server; 2],
    floor: &Floor,
    mixed: &Records,
) -> Result<(), Box<dyn Error>> {
    let all = &mixed.names[..100];
    for (what, in_flight, of, target) in [
        ("get, sequential", 1, all, 1.0),
        ("get, 100 in flight", 100, all, 1.25),
        ("put-callback, sequential", 1, all, 3.0),
        ("put-callback, 100 in flight of 100 PVs", 100, all, 80.0),
        (
            "put-callback, 100 in flight of one PV",
            100,
            &all[..1],
            80.0,
        ),
    ] {
        if !table.wants(what) {
            continue;
        }
        let requests = if what.starts_with("get") {
            Requests::gets
        } else {
            Requests::puts
        };
        let mut halves = Vec::new();
        let rates = rounds(|| {
            let mut rates = [0.0; 3];
            let mut half = [0.0; 3];
            for (at, server) in pair.into_iter().enumerate() {
                let writer = Writer::start(server.address(), all)?;
                let mut circuit = Circuit::connect(server.address())?;
                let channels = circuit.open(of)?.repeat(100 / of.len());
                let measured = requests(&channels).measure(&mut circuit, in_flight)?;
                writer.stop()?;
                rates[at] = measured.rate;
                half[at] = measured.all_but(2).as_secs_f64() * 1e6;
                if at == 1 {
                    let measured = requests(&channels).floor(floor, in_flight)?;
                    rates[2] = measured.rate;
                    half[2] = measured.all_but(2).as_secs_f64() * 1e6;
                }
            }
            halves.push(half);
            Ok(rates)
        })?;
        table.row(what, "/s", Better::More, Some(target), &rates);
        if in_flight == 1 {
            table.row(&format!("{what}: p50"), "µs", Better::Less, None, &halves);
        }
    }
    Ok(())
}

/// How long all but one in a hundred gets take at most, in ms, while another client reads images.
fn beside_images(server: &Server, mixed: &Records) -> Result<f64, Box<dyn Error>> {
    let mut viewer = Circuit::connect(server.address())?;
    let image = viewer.open(&mixed.names[100..])?;
    events::fill(server.address(), &mixed.names[100])?;
    let ended = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&ended);
    let viewing = thread::spawn(move || {
        let requests = Requests::gets(&image);
        while !theirs.load(Ordering::Relaxed) {
            requests.measure(&mut viewer, 1)?;
        }
        Ok::<_, std::io::Error>(())
    });
    let mut circuit = Circuit::connect(server.address())?;
    let channels = circuit.open(&mixed.names[..100])?;
    let measured = Requests::gets(&channels).measure(&mut circuit, 1)?;
    ended.store(true, Ordering::Relaxed);
    viewing.join().expect("it does not panic")?;
    Ok(measured.all_but(100).as_secs_f64() * 1e3)
}

/// What very many PVs cost.
fn many(table: &mut Table, starts: &Starts) -> Result<(), Box<dyn Error>> {
    let records = records::many();
    let (ioc, ioc_took) = starts.ioc(&records)?;
    let mut took = f64::MAX;
    for _ in 0..ROUNDS {
        took = took.min(starts.twin(&records, None)?.1.as_secs_f64());
    }
    let (twin, _) = starts.twin(&records, None)?;
    let pair = [&ioc, &twin];
    let floor = Floor::start()?;
    let resident = || {
        let mut megabytes = [0.0; 2];
        for (server, megabytes) in pair.into_iter().zip(&mut megabytes) {
            *megabytes = server.process().memory("VmRSS")? as f64 / 1e3;
        }
        Ok::<_, Box<dyn Error>>(megabytes)
    };
    let after_load = resident()?;
    let some = &records.names[..names::CHANNELS];
    let times = rounds(|| {
        let both = pair.map(|server| names::connect(server.address(), some));
        let [ioc, twin] = both;
        let all = [ioc?, twin?, names::floor(&floor)?];
        Ok(all.map(|time| time.as_secs_f64() * 1e3))
    })?;
    let mut circuits = Vec::new();
    for server in pair {
        let mut circuit = Circuit::connect(server.address())?;
        circuit.open(&records.names)?;
        circuits.push(circuit);
    }
    let with_channels = resident()?;
    table.row(
        "start to ready, 100,000 PVs",
        "s",
        Better::Less,
        None,
        &[[ioc_took.as_secs_f64(), took]],
    );
    table.row(
        "memory after load, 100,000 PVs",
        "MB",
        Better::Less,
        None,
        &[after_load],
    );
    table.row(
        &format!("memory then with {MANY} channels"),
        "MB",
        Better::Less,
        None,
        &[with_channels],
    );
    table.row(
        "search and create 10,000 channels",
        "ms",
        Better::Less,
        Some(1.0),
        &times,
    );
    Ok(())
}

/// What recording costs: no C server does it.
fn recorded(table: &mut Table, starts: &Starts, mixed: &Records) -> Result<(), Box<dyn Error>> {
    let trace = starts.folder.join("bench.jsonl");
    let mut costs = Vec::new();
    for _ in 0..ROUNDS {
        let plain = recording::measure(starts, mixed, None)?;
        costs.push([plain, recording::measure(starts, mixed, Some(&trace))?]);
    }
    let mut compare = |what, f: fn(&recording::Cost) -> f64| {
        let [plain, recording] =
            [0, 1].map(|at| median(costs.iter().map(|cost| f(&cost[at])).collect()));
        table.line(
            what,
            &format!("not recording {plain:.2}, recording {recording:.2}"),
        );
    };
    compare("puts a second, of 100,000 offered", |cost| cost.offered);
    compare("processor time meanwhile, of a core", |cost| cost.cores);
    compare("put-callbacks a second, 100 in flight", |cost| cost.full);
    Ok(())
}

fn rounds<const N: usize>(
    mut round: impl FnMut() -> Result<[f64; N], Box<dyn Error>>,
) -> Result<Vec<[f64; N]>, Box<dyn Error>> {
    (0..ROUNDS).map(|_| round()).collect()
}
