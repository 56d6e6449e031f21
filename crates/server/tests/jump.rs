//! Time that jumps, with a client that is another process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod toy;
mod twin;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use beamtwin_server::Mode;
use beamtwin_server::serve::Options;
use beamtwin_trace::{Trace, What};
use nix::time::{ClockId, clock_gettime};
use toy::Folder;
use twin::{addresses, bind, options, whole};

/// Where a client finds the clock.
const CLOCK: &str = "BEAMTWIN_CLOCK";
/// The words of a place that a client writes.
const DEADLINE: u64 = 0;
const HELD: u64 = 8;
const WAITS: u64 = 24;
const CREEP: u64 = 32;
const NEVER: i64 = i64::MAX;
/// Words of the header: since when time passes by the clock, and what time it is or was then.
const SINCE: u64 = 8;
const NOW: u64 = 16;
/// In nanoseconds.
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;

/// The clock of the machine.
fn clock() -> Duration {
    clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap().into()
}

/// A process that has the clock.
struct Client {
    memory: File,
    connection: UnixStream,
    place: u64,
}

impl Client {
    fn new(folder: &Path) -> Self {
        let memory = folder.join("memory");
        let memory = OpenOptions::new().read(true).write(true).open(memory);
        let mut connection = UnixStream::connect(folder.join("socket")).unwrap();
        let mut place = [0];
        connection.read_exact(&mut place).unwrap();
        Self {
            memory: memory.unwrap(),
            connection,
            place: 64 * (u64::from(place[0]) + 1),
        }
    }

    fn word(&self, at: u64) -> i64 {
        let mut word = [0; 8];
        self.memory.read_exact_at(&mut word, at).unwrap();
        i64::from_ne_bytes(word)
    }

    /// Device time in nanoseconds.
    fn now(&self) -> i64 {
        match self.word(SINCE) {
            0 => self.word(NOW),
            since => self.word(NOW) + i64::try_from(clock().as_nanos()).unwrap() - since,
        }
    }

    fn write(&self, word: u64, value: i64) {
        let bytes = value.to_ne_bytes();
        self.memory.write_all_at(&bytes, self.place + word).unwrap();
    }

    /// Waits for so much device time.
    fn wait(&mut self, nanos: i64) {
        self.write(DEADLINE, self.word(NOW) + nanos);
        self.write(WAITS, 1);
        self.connection.read_exact(&mut [0]).unwrap();
        self.write(WAITS, 0);
        self.write(DEADLINE, NEVER);
    }

    /// Does something, and tells what it saw.
    fn obey(&mut self, what: &str) {
        // It waited for a line, and so for something that has no device time.
        while self.word(SINCE) != 0 {}
        let began = self.word(NOW);
        match what {
            "hours" => {
                for _ in 0..20 {
                    self.wait(HOUR);
                    println!("{}", self.now() - began);
                }
                self.wait(1);
            }
            "second" => self.wait(SECOND),
            "compute" => {
                let until = Instant::now() + Duration::from_millis(200);
                while Instant::now() < until {}
            }
            "creep" => {
                self.write(CREEP, 5);
                while self.word(NOW) < began + 5_000_000 {}
            }
            "elsewhere" => {
                while self.word(SINCE) == 0 {
                    thread::sleep(Duration::from_millis(1));
                }
                return self.obey("second");
            }
            "held" => {
                let until = clock() + Duration::from_millis(200);
                self.write(HELD, i64::try_from(until.as_nanos()).unwrap());
                self.wait(SECOND);
                assert!(clock() >= until, "time went on while it was held");
            }
            other => panic!("do {other:?}?"),
        }
        println!("{}", self.now() - began);
    }
}

#[test]
#[ignore = "it is run by the other tests, as a process of its own"]
fn client() {
    let mut client = Client::new(Path::new(&std::env::var_os(CLOCK).unwrap()));
    println!("\nready");
    for line in std::io::stdin().lines() {
        client.obey(&line.unwrap());
    }
}

/// A client as the test sees it.
struct Other {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Other {
    fn start(clock: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "client",
                "--ignored",
                "--nocapture",
                "--test-threads",
                "1",
            ])
            .env(CLOCK, clock)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let says = BufReader::new(process.stdout.take().unwrap());
        let mut other = Self { process, says };
        while other.line() != "ready" {}
        other
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.says.read_line(&mut line).unwrap(), 0, "it has ended");
        line.trim_end().to_owned()
    }

    /// Has it do something.
    fn tell(&mut self, what: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{what}").unwrap();
    }

    /// How much device time has passed, in nanoseconds, since it began to do something.
    fn passed(&mut self) -> i64 {
        self.line().parse().unwrap()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.process.stdin.take();
        self.process.wait().unwrap();
    }
}

/// Serves toys in jump time while something goes on in another thread; the trace.
fn serve(script: impl FnOnce(PathBuf) + Send + 'static) -> Trace {
    let folder = Folder::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = Options {
            pace: Mode::Jump,
            ..options(folder.path(), addresses(0))
        };
        let server = bind(options).await.unwrap();
        let clock = server.clock().unwrap().to_owned();
        let (done, told) = tokio::sync::oneshot::channel();
        let script = thread::spawn(move || {
            script(clock);
            let _ = done.send(());
        });
        let told = async {
            // One that panicked has ended as well.
            let _ = told.await;
            "done"
        };
        server.run_until(|| (), told).await.unwrap();
        script.join().unwrap();
    });
    whole(folder.path())
}

#[test]
fn who_waits_is_woken_at_its_time_and_not_a_nanosecond_later() {
    let trace = serve(|clock| {
        let mut client = Other::start(&clock);
        client.tell("hours");
        for hour in 1..=20 {
            assert_eq!(client.passed(), hour * HOUR);
        }
        assert_eq!(client.passed(), 20 * HOUR + 1);
    });
    let paces = trace.facts.iter().filter_map(|fact| match &fact.what {
        What::Pace { text } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(paces.collect::<Vec<_>>(), ["jump"]);
}

#[test]
fn time_stands_still_while_somebody_computes() {
    serve(|clock| {
        let (mut one, mut other) = (Other::start(&clock), Other::start(&clock));
        one.tell("compute");
        other.tell("second");
        assert_eq!(one.passed(), 0);
        // Then the first waits for a line, and time passes by the clock.
        assert!(other.passed() >= SECOND);
    });
}

#[test]
fn time_stands_still_while_it_is_held() {
    serve(|clock| {
        let mut client = Other::start(&clock);
        client.tell("held");
        assert_eq!(client.passed(), SECOND);
    });
}

#[test]
fn time_passes_by_the_clock_while_somebody_waits_for_something_else() {
    serve(|clock| {
        let mut client = Other::start(&clock);
        client.tell("elsewhere");
        assert_eq!(client.passed(), SECOND);
    });
}

#[test]
fn time_goes_on_for_one_that_reads_the_clock_all_the_time() {
    serve(|clock| {
        let mut client = Other::start(&clock);
        client.tell("creep");
        assert_eq!(client.passed(), 5_000_000);
    });
}
