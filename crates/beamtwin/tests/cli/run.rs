//! `beamtwin run`.

use std::process::Command;

use crate::twin::Twin;
use crate::{Folder, beamtwin};

#[test]
fn a_session_ends_well_on_a_signal_and_its_trace_is_closed() {
    for signal in ["INT", "TERM"] {
        let folder = Folder::new();
        let trace = folder.file("session.jsonl");
        let twin = Twin::start("beamlines/tutorial.toml", &["--record", &trace]);
        assert!(twin.port > 0);
        assert_eq!(twin.kill(signal), Some(0));
        let info = beamtwin(&["trace", "info", &trace]);
        assert!(info.out.contains("complete"), "{}", info.out);
    }
}

#[test]
fn it_refuses_to_be_mistaken_for_the_real_beamline() {
    let said = beamtwin(&["run", "beamlines/tutorial.toml", "--listen", "0.0.0.0"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--expose"), "{}", said.err);
}

#[test]
fn a_file_with_problems_is_not_served() {
    let folder = Folder::new();
    let file = folder.write("bad.toml", "[moter.x]\npv = \"A:x\"\n");
    let said = beamtwin(&["run", &file]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("bad.toml:1:2"), "{}", said.err);
}

#[test]
fn a_trace_that_cannot_be_created_is_said_at_once() {
    let trace = "/nonexistent/session.jsonl";
    let said = beamtwin(&[
        "run",
        "beamlines/tutorial.toml",
        "--port",
        "0",
        "--record",
        trace,
    ]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains(trace), "{}", said.err);
}

#[test]
fn a_full_disk_stops_the_recording_and_not_the_beamline() {
    let twin = Twin::start("beamlines/tutorial.toml", &["--record", "/dev/full"]);
    let lost = || {
        let status = twin.ctl(&["status", "--json"]);
        let status: serde_json::Value = serde_json::from_str(&status.out).expect("JSON");
        !status["lost"].is_null()
    };
    while !lost() {
        assert_eq!(twin.ctl(&["put", "TUT:x.VELO", "2"]).code, 0);
    }
    assert_eq!(
        twin.ctl(&["put", "TUT:x.VELO", "1"]).code,
        0,
        "it still serves"
    );
    let said = twin.shut_down();
    assert!(said.err.contains("RECORDING LOST"), "{}", said.err);
}

#[test]
fn a_limit_on_the_size_of_files_cuts_the_recording_between_two_lines() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    // The shell's limit counts blocks of 512 or of 1024 bytes.
    let script = format!(
        "ulimit -f 16; exec {} run beamlines/tutorial.toml --port 0 --paused --record {trace} --control {}",
        env!("CARGO_BIN_EXE_beamtwin"),
        folder.file("control")
    );
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .current_dir(crate::root())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("sh runs");
    let control = folder.file("control");
    let ctl = |arguments: &[&str]| {
        let mut all = vec!["ctl", "--json", "--control", &control];
        all.extend(arguments);
        beamtwin(&all)
    };
    while ctl(&["status"]).code != 0 {
        assert_eq!(
            child.try_wait().expect("a child"),
            None,
            "the twin did not start"
        );
    }
    let lost = || {
        let status: serde_json::Value = serde_json::from_str(&ctl(&["status"]).out).expect("JSON");
        !status["lost"].is_null()
    };
    while !lost() {
        assert_eq!(ctl(&["marker", &"x".repeat(1000)]).code, 0);
    }
    assert_eq!(ctl(&["get", "TUT:x"]).code, 0, "it still serves");
    ctl(&["shutdown"]);
    child.wait().expect("it ends");
    let info = beamtwin(&["trace", "info", &trace]);
    assert_eq!(info.code, 0, "{}", info.err);
    assert!(info.out.contains("stopped"), "{}", info.out);
    assert_eq!(beamtwin(&["replay", &trace]).code, 0);
}

#[test]
fn a_killed_twin_leaves_a_trace_that_says_it_was_cut_short() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    let twin = Twin::start("beamlines/tutorial.toml", &["--record", &trace]);
    assert_eq!(twin.ctl(&["put", "TUT:x", "0.5", "--wait"]).code, 0);
    let done = || {
        std::fs::read_to_string(&trace)
            .expect("a trace")
            .contains("\"done\":")
    };
    while !done() {}
    assert_eq!(twin.kill("KILL"), None);
    let info = beamtwin(&["trace", "info", &trace]);
    assert!(info.out.contains("cut short"), "{}", info.out);
    assert_eq!(beamtwin(&["replay", &trace]).code, 0);
}

#[test]
fn speed_makes_device_time_run_faster() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    let twin = Twin::start(
        "beamlines/tutorial.toml",
        &["--speed", "100", "--record", &trace],
    );
    // Nine millimetres at one millimetre a second, and the ramp.
    assert_eq!(twin.ctl(&["put", "TUT:x", "9", "--wait"]).code, 0);
    twin.shut_down();
    let lines = std::fs::read_to_string(&trace).expect("a trace");
    let fact = |key: &str| -> f64 {
        let line = lines.lines().find(|line| line.contains(key)).expect(key);
        serde_json::from_str::<serde_json::Value>(line).expect("JSON")["t"]
            .as_f64()
            .expect("t")
    };
    let took = fact("\"done\":") - fact("\"value\":9.0");
    assert!((took - 9.2).abs() < 1e-6, "{took}");
}

#[test]
fn an_earlier_trace_is_kept() {
    let folder = Folder::new();
    let trace = folder.write("session.jsonl", "precious");
    let twin = Twin::start("beamlines/tutorial.toml", &["--record", &trace]);
    twin.shut_down();
    let kept = std::fs::read_to_string(format!("{trace}~")).expect("kept");
    assert_eq!(kept, "precious");
    assert!(
        std::fs::read_to_string(&trace)
            .expect("a trace")
            .starts_with("{\"trace\":")
    );
}

#[test]
fn a_log_that_nobody_reads_does_not_end_the_beamline() {
    let folder = Folder::new();
    let control = folder.file("control");
    let script = format!(
        "exec {} run beamlines/tutorial.toml --port 0 --control {control} >/dev/full 2>/dev/full",
        env!("CARGO_BIN_EXE_beamtwin"),
    );
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .current_dir(crate::root())
        .spawn()
        .expect("sh runs");
    let ctl = |arguments: &[&str]| {
        let mut all = vec!["ctl", "--control", &control];
        all.extend(arguments);
        beamtwin(&all)
    };
    while ctl(&["status"]).code != 0 {
        assert_eq!(
            child.try_wait().expect("a child"),
            None,
            "the twin did not start"
        );
    }
    assert_eq!(ctl(&["put", "TUT:x", "99"]).code, 1, "refused, and logged");
    assert_eq!(ctl(&["get", "TUT:x"]).code, 0);
    ctl(&["shutdown"]);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn somebody_who_stops_reading_has_read_enough() {
    let script = format!(
        "{} list beamlines/cms.toml | head -1",
        env!("CARGO_BIN_EXE_beamtwin")
    );
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", &script])
        .current_dir(crate::root())
        .output()
        .expect("bash runs");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
