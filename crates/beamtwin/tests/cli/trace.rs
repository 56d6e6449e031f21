//! `beamtwin trace`.

use crate::twin::Twin;
use crate::{Folder, beamtwin};

#[test]
fn a_trace_goes_to_envtrace_and_comes_back() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    let epoch = "2026-01-01T00:00:00Z";
    let options = ["--paused", "--record", &trace, "--epoch", epoch];
    let twin = Twin::start("beamlines/tutorial.toml", &options);
    twin.ctl(&["advance", "1 s"]);
    twin.ctl(&["put", "TUT:x", "0.5"]);
    twin.ctl(&["advance", "10 s"]);
    twin.shut_down();

    let json = folder.file("session.json");
    let said = beamtwin(&[
        "trace", "export", &trace, "--names", "TUT:x", "--out", &json,
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    let text = std::fs::read_to_string(&json).expect("JSON");
    let events: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let event = &events["events"][0];
    assert_eq!(event["channel"], "TUT:x");
    assert_eq!(event["value"], 0.5);
    assert_eq!(event["timestamp"], 1_767_225_601.0);

    let back = folder.file("back.jsonl");
    assert_eq!(
        beamtwin(&["trace", "import", &json, "--out", &back]).code,
        0
    );
    assert_eq!(beamtwin(&["compare", &json, &back]).code, 0);
    assert_eq!(beamtwin(&["trace", "info", &back]).code, 0);
}

#[test]
fn what_other_programs_recorded_becomes_a_trace() {
    let folder = Folder::new();
    let camonitor = folder.write(
        "monitor.txt",
        "TUT:x 2026-01-01 00:00:00.000000 0\nTUT:x 2026-01-01 00:00:02.500000 0.5\n",
    );
    let csv = folder.write(
        "x.csv",
        "1767225600,0.0,0,0,0\n1767225602,0.5,0,0,500000000\n",
    );
    let (one, other) = (folder.file("one.jsonl"), folder.file("other.jsonl"));
    let said = beamtwin(&[
        "trace",
        "import",
        &camonitor,
        "--format",
        "camonitor",
        "--out",
        &one,
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = beamtwin(&[
        "trace",
        "import",
        &csv,
        "--format",
        "archiver-csv",
        "--name",
        "TUT:x",
        "--out",
        &other,
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = beamtwin(&["compare", &one, &other]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = beamtwin(&["trace", "import", &csv, "--format", "bluesky"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("x.csv") && said.err.contains("line 1"),
        "{}",
        said.err
    );
}

#[test]
fn a_trace_opens_in_perfetto() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    let twin = Twin::start(
        "beamlines/tutorial.toml",
        &["--speed", "50", "--record", &trace],
    );
    assert_eq!(twin.ctl(&["put", "TUT:x", "1.5", "--wait"]).code, 0);
    twin.shut_down();
    let said = beamtwin(&[
        "trace",
        "export",
        &trace,
        "--format",
        "chrome-trace",
        "--names",
        "TUT:x,TUT:x.RBV",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let events = json["traceEvents"].as_array().expect("events");
    let moved = events
        .iter()
        .find(|it| it["ph"] == "X")
        .expect("a duration");
    assert_eq!(moved["name"], "TUT:x = 1.5 mm");
    assert!(
        moved["dur"].as_f64().is_some_and(|dur| dur > 1e6),
        "{moved}"
    );
    assert!(events.iter().filter(|it| it["ph"] == "C").count() > 5);
}

#[test]
fn a_trace_does_not_command_the_terminal() {
    let folder = Folder::new();
    let events =
        r#"[{"channel":"x\u001b[31m\u0007\u202e","timestamp":0,"value":"a\u001b]0;b\u0007"}]"#;
    let (one, other) = (folder.file("one.jsonl"), folder.write("other.json", "[]"));
    let events = folder.write("events.json", events);
    assert_eq!(
        beamtwin(&["trace", "import", &events, "--out", &one]).code,
        0
    );
    let is_raw = |text: &str| text.contains(['\u{1b}', '\u{7}', '\u{202e}']);
    for arguments in [
        ["trace", "info", &one].as_slice(),
        &["compare", &one, &other],
        &["compare", &one, &other, "--method", "envtrace"],
        &["trace", "info", "no\u{1b}[31m.jsonl"],
    ] {
        let said = beamtwin(arguments);
        assert!(!is_raw(&said.out) && !is_raw(&said.err), "{said:?}");
    }
    let said = beamtwin(&["compare", &one, &other]);
    assert!(said.out.contains(r"x\u{1b}[31m\u{7}\u{202e}"), "{said:?}");
}

#[test]
fn an_export_that_nobody_reads_to_its_end_is_no_failure() {
    let folder = Folder::new();
    let event = r#"{"channel":"x","timestamp":1,"value":1}"#;
    let events = vec![event; 20_000].join(",");
    let events = folder.write("events.json", &format!("[{events}]"));
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_beamtwin"))
        .args(["trace", "export", &events])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let said = crate::Said::from(child.wait_with_output().expect("an end"));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}
