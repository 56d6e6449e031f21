//! The beamlines that come with the program.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use beamtwin_beamline::{Beamline, load};
use beamtwin_pv::Epoch;

const TUTORIAL: &str = include_str!("../../../beamlines/tutorial.toml");
const CMS: &str = include_str!("../../../beamlines/cms.toml");

/// What the scoring of sessions at this beamline looks at, and how each must stand at the start.
const TRACKED: &[(&str, Option<f64>)] = &[
    ("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr", Some(0.0)),
    ("XF:11BMB-ES{Chm:Smpl-Ax:Z}Mtr", Some(0.0)),
    ("XF:11BMB-ES{Chm:Smpl-Ax:theta}Mtr", Some(0.0)),
    ("XF:11BMB-ES{BS-Ax:X}Mtr", Some(0.0)),
    ("XF:11BMB-ES{BS-Ax:Y}Mtr", Some(0.0)),
    ("XF:11BMB-ES{BS-Ax:Phi}Mtr", Some(0.0)),
    ("XF:11BMB-ES{SM:1-Ax:Srot}Mtr", Some(0.0)),
    ("XF:11BMB-ES{Det:PIL2M}:cam1:AcquireTime", None),
    ("XF:11BMB-ES{Det:PIL2M}:cam1:AcquirePeriod", None),
    ("XF:11BMB-ES{Det:PIL2M}:cam1:NumImages", None),
    ("XF:11BMB-ES{Det:PIL2M}:cam1:Acquire", Some(0.0)),
    ("XF:11BM-ES:{LINKAM}:STARTHEAT", Some(0.0)),
    ("XF:11BM-ES:{LINKAM}:SETPOINT:SET", Some(25.0)),
    ("XF:11BM-ES:{LINKAM}:RAMPRATE:SET", Some(10.0)),
    ("XF:11BM-ES:{LINKAM}:TEMP", Some(25.0)),
];

/// What sessions ask of the tracked motors, at most.
const REACH: &[(&str, f64)] = &[
    ("XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr", 20.0),
    ("XF:11BMB-ES{Chm:Smpl-Ax:Z}Mtr", 20.0),
    ("XF:11BMB-ES{Chm:Smpl-Ax:theta}Mtr", 5.0),
    ("XF:11BMB-ES{SM:1-Ax:Srot}Mtr", 360.0),
];

fn sound(file: &str, text: &str) -> Beamline {
    load(text).unwrap_or_else(|problems| panic!("{}", problems.render(file, text)))
}

fn number(beamline: &Beamline, name: &str) -> f64 {
    let world = beamline.world(1, Epoch::default());
    let pv = world
        .find(name)
        .unwrap_or_else(|| panic!("{name} is served"))
        .pv;
    world.read(pv).value.as_f64().unwrap()
}

#[test]
fn the_tutorial_has_a_motor_a_shutter_and_a_diode() {
    let tutorial = sound("tutorial.toml", TUTORIAL);
    assert_eq!(tutorial.title(), "Tutorial");
    assert_eq!(tutorial.path(), ["shutter.main", "diode.i0"]);
    let world = tutorial.world(1, Epoch::default());
    for name in ["TUT:x.RBV", "TUT:shutter", "TUT:i0"] {
        assert!(world.find(name).is_some(), "{name}");
    }
}

#[test]
fn cms_serves_what_sessions_are_judged_by() {
    let cms = sound("cms.toml", CMS);
    for &(name, start) in TRACKED {
        let found = number(&cms, name);
        assert!(
            start.is_none_or(|start| found == start),
            "{name} starts at {found}"
        );
    }
}

#[test]
fn cms_motors_reach_what_sessions_ask_for() {
    let cms = sound("cms.toml", CMS);
    for &(name, reach) in REACH {
        assert!(number(&cms, &format!("{name}.HLM")) >= reach, "{name}");
        assert!(number(&cms, &format!("{name}.LLM")) <= -reach, "{name}");
    }
    // A script waits ten seconds for a rotation and goes on, arrived or not.
    assert!(number(&cms, "XF:11BMB-ES{SM:1-Ax:Srot}Mtr.VELO") >= 10.0);
}

#[test]
fn cms_has_every_motor_of_the_profile() {
    let cms = sound("cms.toml", CMS);
    let motors = cms.devices().filter(|device| device.kind == "motor");
    assert_eq!(motors.count(), 76);
}

#[test]
fn the_cms_shutter_tells_where_both_blades_are() {
    let cms = sound("cms.toml", CMS);
    for name in [
        "XF:11BM-ES{Shutter}",
        "XF:11BM-ES{Psh_blade1}Pos",
        "XF:11BM-ES{Psh_blade2}Pos",
    ] {
        assert_eq!(number(&cms, name), 0.0, "{name}");
    }
}
