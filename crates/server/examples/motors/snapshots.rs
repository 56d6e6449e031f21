//! What it takes to take a snapshot, and to go back to one.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::twin::Twin;

/// How often each is done; the quickest and the median count, since others may be using the machine.
const TIMES: usize = 15;
/// How many of the PVs are written before each, so that something is under way, or is to go back.
const WRITTEN: usize = 1000;

/// Takes snapshots of a twin and goes back to them, over its control channel.
pub(crate) fn measure(
    binary: &Path,
    file: &Path,
    record: Option<&Path>,
    name: impl Fn(usize) -> String,
) -> Result<(), Box<dyn Error>> {
    let twin = Twin::start(binary, file, record)?;
    let mut control = Control(BufReader::new(UnixStream::connect(twin.control())?));
    let write = |control: &mut Control, value: f64| {
        (0..WRITTEN).try_for_each(|pv| {
            let put = json!({"do": "put", "pv": name(pv), "value": value});
            control.ask(&put).map(|_| ())
        })
    };
    write(&mut control, 1.0)?;
    let memory = twin.process().memory("VmRSS")?;
    let (mut taken, mut gone_back, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for time in 0..TIMES {
        let began = Instant::now();
        control.ask(&json!({"do": "snapshot", "name": "bench"}))?;
        taken.push(began.elapsed());
        write(&mut control, 2.0 + time as f64)?;
        // Everything that moves has moved meanwhile.
        thread::sleep(Duration::from_millis(300));
        for times in [&mut gone_back, &mut again] {
            let began = Instant::now();
            control.ask(&json!({"do": "restore", "name": "bench"}))?;
            times.push(began.elapsed());
        }
    }
    let kept = control.ask(&json!({"do": "snapshots"}))?;
    println!(
        "  {}; snapshot {}; restore {}; restore again at once {}; it says it keeps {:.1} MB; {} kB more resident than before",
        if record.is_some() {
            "recording"
        } else {
            "not recording"
        },
        shown(taken),
        shown(gone_back),
        shown(again),
        kept["snapshots"][0]["bytes"].as_f64().unwrap_or_default() / 1e6,
        twin.process().memory("VmRSS")?.saturating_sub(memory),
    );
    Ok(())
}

fn shown(mut times: Vec<Duration>) -> String {
    times.sort();
    let [least, median] = [times[0], times[times.len() / 2]].map(|time| time.as_secs_f64() * 1e3);
    format!("{least:.2} ms ({median:.2} ms)")
}

/// A conversation over the control channel.
struct Control(BufReader<UnixStream>);

impl Control {
    fn ask(&mut self, request: &Json) -> Result<Json, Box<dyn Error>> {
        self.0
            .get_mut()
            .write_all(format!("{request}\n").as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let answer: Json = serde_json::from_str(&line)?;
        match answer["error"].as_str() {
            Some(error) => Err(error.into()),
            None => Ok(answer),
        }
    }
}
