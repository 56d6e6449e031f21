//! `beamtwin ctl`.

use crate::twin::Twin;
use crate::{Folder, beamtwin};

#[test]
fn a_paused_twin_moves_only_when_told() {
    let twin = Twin::start("beamlines/tutorial.toml", &["--paused"]);
    assert_eq!(twin.ctl(&["put", "TUT:x", "1"]).code, 0);
    assert_eq!(twin.ctl(&["get", "TUT:x.DMOV"]).out, "0 mm\n");
    assert_eq!(twin.ctl(&["advance", "10 s"]).out, "t: 10.0\n");
    assert_eq!(twin.ctl(&["get", "TUT:x.RBV"]).out, "1.0 mm\n");
    assert_eq!(twin.ctl(&["get", "TUT:x.DMOV"]).out, "1 mm\n");
}

#[test]
fn time_that_passes_by_itself_cannot_be_advanced() {
    let twin = Twin::start("beamlines/tutorial.toml", &[]);
    let said = twin.ctl(&["advance", "1 s"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("stepped"), "{}", said.err);
    assert_eq!(twin.ctl(&["pace", "stepped"]).code, 0);
    assert_eq!(twin.ctl(&["advance", "1 s"]).code, 0);
    assert_eq!(twin.ctl(&["pace", "soon"]).code, 2);
}

#[test]
fn what_goes_wrong_on_purpose_is_listed_until_it_is_over() {
    let twin = Twin::start("beamlines/tutorial.toml", &["--paused"]);
    assert_eq!(twin.ctl(&["faults"]).out, "");
    let said = twin.ctl(&["fault", "motor.x", "off", "by", "-0.5", "for", "10", "s"]);
    assert_eq!(said.out, "motor.x: off by -0.5 for 10 s, until 10 s\n");
    assert_eq!(twin.ctl(&["fault", "all", "read-only"]).code, 0);
    assert_eq!(twin.ctl(&["put", "TUT:x", "1"]).code, 2);
    assert_eq!(twin.ctl(&["advance", "10 s"]).code, 0);
    assert_eq!(twin.ctl(&["faults"]).out, "all: read-only\n");
    let said = twin.ctl(&["fault", "motor.x", "gremlins"]);
    assert!(
        said.code == 2 && said.err.contains("lost completion"),
        "{said:?}"
    );
    for (device, words, advice) in [
        ("motor.x", "stal", "did you mean `stall`?"),
        (
            "motor.x",
            "off by 2 K",
            "`off by` wants a finite number, not `2 K`",
        ),
        ("motr.x", "stall", "did you mean `motor.x`?"),
    ] {
        let said = twin.ctl(&["fault", device, words]);
        assert!(said.code == 2 && said.err.contains(advice), "{said:?}");
    }
}

#[test]
fn a_group_breaks_down_as_each_of_its_devices_does() {
    let file = "tests/files/valid/each-list.toml";
    let twin = Twin::start(file, &["--paused"]);
    let said = twin.ctl(&["fault", "motor.s4", "Stall", "for", "10", "s"]);
    let expected = ["XC", "YC", "XG", "YG"]
        .map(|axis| format!("motor.s4.{axis}: stall for 10 s, until 10 s\n"))
        .concat();
    assert_eq!(said.out, expected);
    assert_eq!(twin.ctl(&["fault", "motor.s4", "gremlins"]).code, 2);
    assert_eq!(twin.ctl(&["faults"]).out, expected);
    assert_eq!(twin.ctl(&["fault", "motor.s4", "none"]).out, "");
    assert_eq!(twin.ctl(&["fault", "motor", "stall"]).code, 2);
}

#[test]
fn a_twin_goes_back_to_a_snapshot_and_so_does_its_replay() {
    let folder = Folder::new();
    let trace = folder.file("session.jsonl");
    let options = ["--paused", "--record", &trace, "--seed", "7"];
    let twin = Twin::start("beamlines/tutorial.toml", &options);
    assert_eq!(twin.ctl(&["snapshots"]).out, "");
    for command in [["put", "TUT:shutter", "1"], ["put", "TUT:x", "1"]] {
        assert_eq!(twin.ctl(&command).code, 0);
    }
    assert_eq!(twin.ctl(&["advance", "0.55 s"]).code, 0);
    assert_eq!(twin.ctl(&["snapshot", "half way"]).out, "t: 0.55\n");
    let half = twin.ctl(&["get", "TUT:x.RBV"]).out;
    // All that follows, with the light that was counted.
    let follow = || {
        assert_eq!(twin.ctl(&["advance", "2 s"]).code, 0);
        ["TUT:x.RBV", "TUT:x.DMOV", "TUT:i0"].map(|pv| twin.ctl(&["get", pv]).out)
    };
    let first = follow();
    assert_eq!(first[..2], ["1.0 mm\n", "1 mm\n"]);
    for then in ["t: 2.55\n", "t: 4.55\n"] {
        twin.ctl(&["put", "TUT:x", "-5"]);
        twin.ctl(&["fault", "motor.x", "stall"]);
        assert_eq!(twin.ctl(&["restore", "half way"]).out, then);
        assert_eq!(twin.ctl(&["get", "TUT:x.RBV"]).out, half);
        assert_eq!(twin.ctl(&["faults"]).out, "");
        assert_eq!(follow(), first);
    }
    let said = twin.ctl(&["restore", "halfway"]);
    assert!(
        said.code == 2 && said.err.contains("did you mean `half way`?"),
        "{said:?}"
    );
    let listed = twin.ctl(&["snapshots"]).out;
    assert!(
        listed.starts_with("half way: taken at 0.55 s, "),
        "{listed}"
    );
    twin.shut_down();
    let said = beamtwin(&["replay", &trace]);
    assert!(said.out.contains("byte for byte"), "{said:?}");
    let said = beamtwin(&["compare", &trace, &trace]);
    assert!(
        said.code == 0 && said.out.contains("score 1.000"),
        "{said:?}"
    );
    assert!(said.out.contains("back to snapshot half way"), "{said:?}");
    let text = std::fs::read_to_string(&trace).expect("recorded");
    for fact in [
        "\"snapshot\":\"half way\",\"by\":",
        "\"restore\":\"half way\",\"by\":",
    ] {
        assert!(text.contains(fact), "{fact}");
    }
}

#[test]
fn mistakes_are_said() {
    let twin = Twin::start("beamlines/tutorial.toml", &[]);
    for (arguments, problem) in [
        (&["get", "TUT:y"][..], "TUT:y"),
        (&["put", "TUT:x.RBV", "1"], "read-only"),
        (&["put", "TUT:x", "near"], "near"),
    ] {
        let said = twin.ctl(arguments);
        assert_eq!(said.code, 2, "{arguments:?}");
        assert!(said.err.contains(problem), "{}", said.err);
    }
    let refused = twin.ctl(&["put", "TUT:x", "11"]);
    assert!(
        refused.out.contains("limit"),
        "a motor's own refusal is no error: {refused:?}"
    );
}

#[test]
fn nobody_at_the_other_end_is_a_matter_of_the_network() {
    let said = beamtwin(&["ctl", "--control", "/nonexistent/control", "status"]);
    assert_eq!(said.code, 3);
}
