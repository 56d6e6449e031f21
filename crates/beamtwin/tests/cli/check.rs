//! `beamtwin check`, `explain` and `schema`.

use crate::{Folder, beamtwin};

#[test]
fn the_beamlines_that_come_along_are_clean() {
    let said = beamtwin(&["check", "beamlines/tutorial.toml", "beamlines/cms.toml"]);
    assert_eq!((said.code, &*said.out), (0, ""));
}

#[test]
fn problems_are_told_with_their_places() {
    let folder = Folder::new();
    let file = folder.write("bad.toml", "[motor.x]\npv = \"A:x\"\nvelocty = 2\n");
    let said = beamtwin(&["check", &file]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("bad.toml:3:1: "), "{}", said.out);
    assert!(said.out.contains("velocity"), "{}", said.out);
}

#[test]
fn a_file_that_is_not_there_is_no_finding() {
    assert_eq!(beamtwin(&["check", "/nonexistent.toml"]).code, 2);
}

#[test]
fn a_setting_is_explained_by_the_line_that_set_it() {
    let said = beamtwin(&["explain", "beamlines/tutorial.toml", "motor.x"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out.contains("limits") && said.out.contains("13"),
        "{}",
        said.out
    );
    assert_eq!(
        beamtwin(&["explain", "beamlines/tutorial.toml", "motor.y"]).code,
        2
    );
}

#[test]
fn the_schema_knows_every_kind() {
    let schema: serde_json::Value = serde_json::from_str(&beamtwin(&["schema"]).out).expect("JSON");
    for kind in ["camera", "diode", "linkam", "mailbox", "motor", "shutter"] {
        assert!(schema["properties"][kind].is_object(), "{kind}");
    }
}
