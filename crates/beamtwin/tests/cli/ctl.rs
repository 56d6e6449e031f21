//! `beamtwin ctl`.

use crate::beamtwin;
use crate::twin::Twin;

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
