//! What recording costs, and whether all is recorded.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use beamtwin_ca::header::command;
use bytes::BytesMut;

use crate::kernel::Process;
use crate::loads::{LONG, Requests, put};
use crate::records::Records;
use crate::servers::Starts;
use crate::wire::Circuit;

/// Puts a second that are offered.
pub(crate) const OFFERED: u32 = 100_000;

/// What a session of puts cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Puts a second while so many were offered.
    pub(crate) offered: f64,
    /// Processor time of the server meanwhile, as a share of a core.
    pub(crate) cores: f64,
    /// Puts a second, with a hundred in flight.
    pub(crate) full: f64,
}

/// Puts at a steady rate, then as fast as the server takes them. With a trace, looks afterwards that it holds
/// every put.
pub(crate) fn measure(
    starts: &Starts,
    records: &Records,
    trace: Option<&Path>,
) -> Result<Cost, Box<dyn Error>> {
    let (server, _) = starts.twin(records, trace)?;
    let mut circuit = Circuit::connect(server.address())?;
    let channels = circuit.open(&records.names[..100])?;
    let process = server.process();
    let mut out = [BytesMut::new(), BytesMut::new()];
    for (value, out) in (0..).zip(&mut out) {
        for channel in &channels[..99] {
            out.extend_from_slice(&put(channel, 0, value, false));
        }
        // The last one answers when all are done.
        out.extend_from_slice(&put(&channels[99], 0, value, true));
    }
    let (cpu, began) = (process.cpu()?, Instant::now());
    let turns = OFFERED / 100 * 2 * u32::try_from(LONG.as_secs())?;
    for turn in 0..turns {
        circuit.send(&out[turn as usize % 2])?;
        while circuit.next()?.command != command::WRITE_NOTIFY {}
        let due = Duration::from_millis(1) * (turn + 1);
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    let took = began.elapsed().as_secs_f64();
    let cores = (process.cpu()? - cpu).as_secs_f64() / took;
    let offered = f64::from(turns * 100) / took;
    let rate = Requests::puts(&channels).measure(&mut circuit, 100)?;
    if let Some(trace) = trace {
        end(process)?;
        let answered = u64::from(turns) * 100 + rate.answers;
        let recorded = puts(trace)?;
        // What was in flight at the end may have been carried out as well.
        if recorded < answered || recorded > answered + 100 {
            return Err(format!("{answered} puts answered, {recorded} recorded").into());
        }
    }
    Ok(Cost {
        offered,
        cores,
        full: rate.rate,
    })
}

/// Asks a process to end, and waits until it has.
fn end(process: Process) -> Result<(), Box<dyn Error>> {
    Command::new("kill").arg(process.0.to_string()).status()?;
    let ended = || {
        let status = std::fs::read_to_string(process.file("status"))?;
        Ok::<_, std::io::Error>(status.contains("State:\tZ"))
    };
    while !ended()? {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// How many puts of clients a trace holds; an error if it does not say that it is complete.
fn puts(trace: &Path) -> Result<u64, Box<dyn Error>> {
    let mut puts = 0;
    let mut last = String::new();
    for line in BufReader::new(File::open(trace)?).lines() {
        last = line?;
        // What the twin writes into the PVs that tell of itself is by nobody.
        puts += u64::from(last.contains(",\"put\":") && last.contains(",\"by\":"));
    }
    if last.contains("\"complete\":true") {
        Ok(puts)
    } else {
        Err("the trace is not complete".into())
    }
}
