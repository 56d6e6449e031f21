//! Scores the log of a robot: no beamline, no protocol.
//!
//!     cargo run -p beamtwin-align --example robot

use std::error::Error;

use beamtwin_align::{Settings, compare};
use beamtwin_trace::{Channel, Header, Put, Role, Time, Trace, VERSION, Writer};

/// What a robot was told to do, by second, joint or tool, and value.
type Log = [(f64, u32, f64)];

const ELBOW: u32 = 1;
const WRIST: u32 = 2;
const GRIPPER: u32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let taught: &Log = &[
        (0.0, ELBOW, 45.0),
        (2.0, WRIST, 90.0),
        (3.0, GRIPPER, 1.0),
        (3.5, ELBOW, -45.0),
        (6.0, GRIPPER, 0.0),
    ];
    // The wrist turned too little, and the gripper never opened.
    let done: &Log = &[
        (0.1, ELBOW, 45.0),
        (2.2, WRIST, 80.0),
        (3.1, GRIPPER, 1.0),
        (3.6, ELBOW, -45.0),
    ];
    let settings = Settings::from_toml(
        "settings = 1\nexposures = [\"gripper\"]\n[tolerance]\nelbow = { absolute = 0.5 }\n",
    )?;
    let comparison = compare(&trace(taught)?, &trace(done)?, &settings);
    println!("alike: {}, score {:.2}", comparison.alike, comparison.score);
    for reason in &comparison.reasons {
        println!("- {reason}");
    }
    Ok(())
}

/// The log as a trace, written and read as a file would be.
fn trace(log: &Log) -> Result<Trace, Box<dyn Error>> {
    let mut writer = Writer::new(Vec::new());
    writer.header(&Header {
        version: VERSION,
        beamline: "Arm 3".to_owned(),
        epoch: "2026-01-01T00:00:00Z".to_owned(),
        seed: 0,
        file: None,
        program: "robot".to_owned(),
        paths: Vec::new(),
    })?;
    for (number, name) in [(ELBOW, "elbow"), (WRIST, "wrist"), (GRIPPER, "gripper")] {
        writer.channel(number, &Channel::named(name, Role::Request))?;
    }
    let mut last = Time::ZERO;
    for &(seconds, pv, value) in log {
        last = Time::from_seconds(seconds).ok_or("no time")?;
        let put = Put {
            pv,
            value: value.into(),
            by: None,
            complete: false,
            at: None,
        };
        writer.put(last, &put)?;
    }
    writer.complete(last)?;
    Ok(Trace::read(writer.into_inner().as_slice())?)
}
