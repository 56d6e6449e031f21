//! `beamtwin replay`.

use crate::twin::Twin;
use crate::{Folder, beamtwin};

#[test]
fn a_session_done_again_gives_the_same_bytes() {
    let folder = Folder::new();
    let (trace, again) = (folder.file("session.jsonl"), folder.file("again.jsonl"));
    let twin = Twin::start(
        "beamlines/tutorial.toml",
        &["--record", &trace, "--seed", "7"],
    );
    for arguments in [
        &["put", "TUT:shutter", "1"][..],
        &["put", "TUT:x", "0.3", "--wait"],
        &["put", "TUT:x", "99"],
        &["put", "TUT:x", "soon"],
        &["marker", "half \"way\""],
        &["get", "NO:SUCH"],
    ] {
        twin.ctl(arguments);
    }
    twin.shut_down();
    let said = beamtwin(&["replay", &trace, "--out", &again]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("byte for byte"));
    assert_eq!(
        std::fs::read(&trace).expect("one"),
        std::fs::read(&again).expect("the other")
    );

    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert!(text.contains(r#","paths":[["shutter.main","diode.i0"]]}"#));
    // Positions are in millimetres; whether one moves is not.
    let units = |field: &str| {
        let name = format!("\"name\":\"TUT:x.{field}\"");
        let line = text.lines().find(|line| line.contains(&name));
        line.expect("its line").contains("\"units\":\"mm\"")
    };
    assert_eq!(["RBV", "DMOV"].map(units), [true, false]);
    // A trace of before there were paths.
    let earlier = text.replacen(r#","paths":[["shutter.main","diode.i0"]]"#, "", 1);
    let said = beamtwin(&["replay", &folder.write("earlier.jsonl", &earlier)]);
    assert!(said.out.contains("byte for byte"), "{said:?}");

    let changed = folder.write(
        "changed.jsonl",
        &text.replace("\"value\":0.3,", "\"value\":0.4,"),
    );
    let said = beamtwin(&["replay", &changed]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("different from line"), "{}", said.out);
}

#[test]
fn what_is_no_trace_is_not_replayed() {
    let said = beamtwin(&["replay", "README.md"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("README.md") || said.err.contains("trace"),
        "{}",
        said.err
    );
}

#[test]
fn a_session_is_gone_on_with_from_a_moment() {
    let folder = Folder::new();
    let (trace, other) = (folder.file("session.jsonl"), folder.file("other.jsonl"));
    let tutorial = "beamlines/tutorial.toml";
    let twin = Twin::start(tutorial, &["--paused", "--record", &trace, "--seed", "7"]);
    for arguments in [
        &["put", "TUT:shutter", "1"][..],
        &["put", "TUT:x", "1"],
        &["advance", "0.5 s"],
        &["snapshot", "early"],
        &["advance", "0.25 s"],
    ] {
        assert_eq!(twin.ctl(arguments).code, 0);
    }
    let there = twin.ctl(&["get", "TUT:x.RBV"]).out;
    for arguments in [
        &["advance", "1 s"][..],
        &["put", "TUT:x", "5"],
        &["advance", "9 s"],
    ] {
        assert_eq!(twin.ctl(arguments).code, 0);
    }
    twin.shut_down();

    let command = [
        "replay", &trace, "--until", "0.75 s", "--paused", "--record", &other,
    ];
    let twin = Twin::serve(&command);
    assert_eq!(twin.ctl(&["get", "TUT:x.RBV"]).out, there);
    assert_eq!(twin.ctl(&["put", "TUT:x", "-1"]).code, 0);
    assert_eq!(twin.ctl(&["advance", "5 s"]).out, "t: 5.75\n");
    assert_eq!(twin.ctl(&["get", "TUT:x.RBV"]).out, "-1.0 mm\n");
    // Its snapshots are there as well.
    assert_eq!(twin.ctl(&["restore", "early"]).code, 0);
    assert_eq!(twin.ctl(&["get", "TUT:x"]).out, "1.0 mm\n");
    twin.shut_down();

    let read = |path: &str| std::fs::read_to_string(path).expect("a trace");
    let (before, after) = (read(&trace), read(&other));
    let shared = before
        .lines()
        .zip(after.lines())
        .take_while(|(a, b)| a == b);
    let shared: Vec<&str> = shared.map(|(line, _)| line).collect();
    assert!(
        shared
            .iter()
            .any(|line| line.contains("\"snapshot\":\"early\""))
    );
    assert!(
        after
            .lines()
            .any(|line| line.contains("\"pace\":\"stepped\""))
    );
    let said = beamtwin(&["replay", &other]);
    assert!(said.out.contains("byte for byte"), "{said:?}");
}

#[test]
fn nobody_goes_on_from_where_a_session_never_was() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    let twin = Twin::start("beamlines/tutorial.toml", &["--paused", "--record", &trace]);
    twin.ctl(&["advance", "2 s"]);
    twin.shut_down();
    for (arguments, problem) in [
        (&["--until", "3 s"][..], "ended at 2.0 s"),
        (&["--until=-1 s"], "no moment"),
        (&["--until", "noon"], "100 ms"),
        (&["--port", "0"], "--until"),
    ] {
        let said = beamtwin(&[&["replay", &trace], arguments].concat());
        assert!(said.code == 2 && said.err.contains(problem), "{said:?}");
    }
}
