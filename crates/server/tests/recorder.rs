//! The recorder: what reaches the file, when, and what happens if nothing can.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod toy;

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use beamtwin_pv::SimTime;
use beamtwin_server::Mode;
use beamtwin_server::engine::{Engine, Shared};
use beamtwin_server::recorder::{Bounds, Recorder};
use beamtwin_sim::{Note, World};
use beamtwin_trace::{End, Trace, What};
use tokio::task::LocalSet;
use toy::{Folder, number, pv};

/// Longer than anything here should take.
const PATIENCE: Duration = Duration::from_secs(20);

fn recorder(path: &Path, bounds: Bounds) -> Recorder {
    Recorder::create(path, &toy::header(), Some(&toy::source()), bounds).unwrap()
}

/// Records a marker, as the engine does.
fn mark(world: &mut World, recorder: &mut Recorder, text: &str) {
    let (text, by) = (text.to_owned(), None);
    world.note(Note::Marker { text, by });
    while let Some(event) = world.poll_event() {
        recorder.record(world, &event);
    }
    recorder.hand_over();
}

/// Looks again and again, for as long as it takes.
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::yield_now();
    }
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn the_beginning_of_a_trace_is_in_the_file_before_anything_happens() {
    let folder = Folder::new();
    let path = folder.file("trace");
    let recorder = recorder(&path, Bounds::default());
    wait_until("the header", || {
        fs::read_to_string(&path).unwrap().lines().count() == 2
    });
    drop(recorder);
}

#[test]
fn a_line_reaches_the_file_though_nothing_follows_it() {
    let folder = Folder::new();
    let path = folder.file("trace");
    let mut world = toy::world();
    let mut recorder = recorder(&path, Bounds::default());
    for n in 0..7 {
        let text = format!("remark {n}");
        mark(&mut world, &mut recorder, &text);
        wait_until(&text, || fs::read_to_string(&path).unwrap().contains(&text));
    }
    // How long that takes at most on a machine with nothing else to do.
    assert_eq!(Bounds::default().flush, Duration::from_millis(100));
}

#[test]
fn a_closed_trace_is_whole() {
    let folder = Folder::new();
    let path = folder.file("trace");
    let mut world = toy::world();
    let mut recorder = recorder(&path, Bounds::default());
    for n in 0..1000 {
        mark(&mut world, &mut recorder, &n.to_string());
    }
    let end = SimTime::from_nanos(5_000_000_000);
    recorder.close(end).unwrap();
    let trace = Trace::read(fs::read(&path).unwrap().as_slice()).unwrap();
    assert_eq!(trace.facts.len(), 1000);
    assert_eq!(trace.counted, Some(1000));
    assert_eq!(trace.end, End::Complete(beamtwin_server::scribe::time(end)));
}

#[test]
fn a_recorder_that_nobody_closed_says_that_the_trace_is_cut_short() {
    let folder = Folder::new();
    let path = folder.file("trace");
    let mut world = toy::world();
    let mut recorder = recorder(&path, Bounds::default());
    mark(&mut world, &mut recorder, "the last words");
    drop(recorder);
    wait_until("the footer", || {
        fs::read_to_string(&path).unwrap().contains("\"end\"")
    });
    let trace = Trace::read(fs::read(&path).unwrap().as_slice()).unwrap();
    assert!(matches!(trace.end, End::Stopped(..)));
    assert_eq!(trace.counted, Some(1));
}

#[test]
fn an_aborted_trace_ends_with_the_reason() {
    let folder = Folder::new();
    let path = folder.file("trace");
    let mut world = toy::world();
    let mut recorder = recorder(&path, Bounds::default());
    mark(&mut world, &mut recorder, "the last words");
    recorder.abort("a bug");
    let trace = Trace::read(fs::read(&path).unwrap().as_slice()).unwrap();
    assert!(matches!(trace.end, End::Stopped(_, reason) if reason == "a bug"));
    assert!(matches!(&trace.facts[0].what, What::Marker { text, .. } if text == "the last words"));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = Folder::new();
    let path = folder.file("no/such/folder/trace");
    let made = Recorder::create(&path, &toy::header(), None, Bounds::default());
    assert!(made.is_err());
}

#[test]
fn a_full_disk_is_an_error_that_is_told_soon() {
    let mut world = toy::world();
    let mut recorder = recorder(Path::new("/dev/full"), Bounds::default());
    mark(&mut world, &mut recorder, "lost");
    wait_until("the error", || recorder.failure().is_some());
    let failure = recorder.close(SimTime::ZERO).unwrap_err();
    assert!(failure.contains("No space left"), "{failure}");
}

#[test]
fn a_stalled_disk_is_given_up_and_does_not_hang_the_end() {
    let folder = Folder::new();
    let path = folder.file("pipe");
    fifo(&path);
    let mut world = toy::world();
    let stall = Duration::from_millis(200);
    let bounds = Bounds {
        stall,
        ..Bounds::default()
    };
    let mut recorder = recorder(&path, bounds);
    // A pipe that nobody reads takes 64 KiB.
    let began = Instant::now();
    mark(&mut world, &mut recorder, &"x".repeat(1 << 20));
    wait_until("the stall", || recorder.failure().is_some());
    assert!(began.elapsed() >= stall);
    let began = Instant::now();
    let failure = recorder.close(SimTime::ZERO).unwrap_err();
    assert!(failure.contains("did not answer for 0.2 s"), "{failure}");
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn a_close_that_finds_the_disk_stalled_gives_up_as_well() {
    let folder = Folder::new();
    let path = folder.file("pipe");
    fifo(&path);
    let mut world = toy::world();
    let stall = Duration::from_millis(200);
    let mut recorder = recorder(
        &path,
        Bounds {
            stall,
            ..Bounds::default()
        },
    );
    mark(&mut world, &mut recorder, &"x".repeat(1 << 20));
    assert!(recorder.close(SimTime::ZERO).is_err());
}

#[test]
fn a_slow_disk_congests_until_it_has_caught_up() {
    let folder = Folder::new();
    let path = folder.file("pipe");
    fifo(&path);
    let mut world = toy::world();
    let bounds = Bounds {
        congested: 1 << 20,
        stall: PATIENCE,
        ..Bounds::default()
    };
    let mut recorder = recorder(&path, bounds);
    assert!(!recorder.congested());
    for _ in 0..4 {
        mark(&mut world, &mut recorder, &"x".repeat(1 << 20));
    }
    // The thread took some; more than it took comes after.
    wait_until("the first write", || {
        recorder.congested() || {
            mark(&mut world, &mut recorder, &"x".repeat(1 << 20));
            false
        }
    });
    let mut reader = OpenOptions::new().read(true).open(&path).unwrap();
    let drained = std::thread::spawn(move || drain(&mut reader));
    wait_until("the disk to catch up", || !recorder.congested());
    recorder.close(SimTime::ZERO).unwrap();
    let text = drained.join().unwrap();
    assert!(text.ends_with("\"complete\":true}}\n"));
    assert!(Trace::read(text.as_bytes()).unwrap().facts.len() >= 4);
}

/// Reads a pipe up to the footer.
fn drain(pipe: &mut File) -> String {
    let mut text = Vec::new();
    let mut part = vec![0; 1 << 16];
    while !text.ends_with(b"true}}\n") {
        let got = pipe.read(&mut part).unwrap();
        text.extend_from_slice(&part[..got]);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn the_engine_runs_on_without_a_recording_that_was_lost_and_shows_it() {
    let engine = Shared::new(toy::world(), Mode::REAL);
    engine.start_recording(recorder(Path::new("/dev/full"), Bounds::default()));
    let local = LocalSet::new();
    let watched = engine.clone();
    let shown = |engine: &Shared| engine.act(|engine| engine.read(pv("toy:recording")).value);
    engine.act(|engine| engine.show_below("toy:"));
    assert_eq!(shown(&engine), beamtwin_pv::Value::Enum(1));
    local
        .run_until(async move { watched.watch_recorder().await })
        .await;
    assert_eq!(shown(&engine), beamtwin_pv::Value::Enum(2));
    engine.act(|engine| engine.write(pv("toy:number"), number(4.0)));
    assert_eq!(
        engine.act(|engine| engine.read(pv("toy:number")).value),
        number(4.0)
    );
    engine.look(|engine| {
        let (path, lost) = engine.recording();
        assert_eq!(path, None);
        assert!(lost.unwrap().contains("No space left"));
    });
    let end = engine.act(Engine::finish_recording);
    assert!(
        end.unwrap_err().contains("No space left"),
        "the session ends with an error"
    );
}
