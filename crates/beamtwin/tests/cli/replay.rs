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
