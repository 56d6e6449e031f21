//! What a session did is told, and what speaks against it, of sessions with real devices and no sockets.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::time::Duration;

use beamtwin_beamline::load;
use beamtwin_pv::{Epoch, SimTime, Value};
use beamtwin_report::Screen;
use beamtwin_report::preflight::{
    Ended, FindingKind, Network, Preflight, Run, Verdict, html, json, text_on,
};
use beamtwin_server::Scribe;
use beamtwin_session::{Stage, findings};
use beamtwin_sim::{Client, ClientId, Note, PutRequest, World};
use beamtwin_trace::{Header, Source, Time, Trace, VERSION};

const BEAMLINE: &str = r#"
[beamline]
title = "A beamline"

[motor.x]
pv     = "T:x"
limits = [-10, 10]
velocity = 1.0

[shutter.main]
command = "T:shutter"
travel  = "100 ms"

[shutter.turned]
command = "T:turned"
open    = 0
closed  = 1

[camera.det]
pv   = "T:det:"
size = [100, 50]

[linkam.stage]
pv = "T:L:"

[diode.i0]
pv = "T:i0"
noise = false

[rules.dark]
never   = "shutter.main.open && motor.x.position > 8"
message = "the beam hits the frame"
"#;

/// A client at work.
struct Script {
    world: World,
    scribe: Scribe,
    client: ClientId,
}

impl Script {
    fn new() -> Self {
        let header = Header {
            version: VERSION,
            beamline: "A beamline".into(),
            epoch: "2026-01-01T00:00:00Z".into(),
            seed: 1,
            file: None,
            program: "test".into(),
            paths: Vec::new(),
        };
        let source = Source {
            name: "a.toml".into(),
            text: BEAMLINE.into(),
        };
        let scribe = Scribe::new(&header, Some(&source));
        let mut world = fresh();
        let client = world.open_client(Client {
            user: "user".into(),
            host: "host".into(),
            addr: "127.0.0.1:5000".into(),
        });
        Self {
            world,
            scribe,
            client,
        }
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.ask(name, value.into(), false)
    }

    /// Puts and wants to be told of completion.
    fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.ask(name, value.into(), true)
    }

    fn ask(&mut self, name: &str, value: Value, complete: bool) -> &mut Self {
        let pv = self.world.find(name).unwrap_or_else(|| panic!("{name}")).pv;
        let by = Some(self.client);
        self.world.put(PutRequest {
            pv,
            value,
            by,
            complete,
        });
        self.drain()
    }

    /// What is asked for next, this line of a script asks for.
    fn line(&mut self, line: &str) -> &mut Self {
        self.scribe.at(line.to_owned());
        self
    }

    fn miss(&mut self, name: &str) -> &mut Self {
        self.world.note(Note::Miss {
            name: name.to_owned(),
            by: Some(self.client),
        });
        self.drain()
    }

    fn fails(&mut self, device: &str, words: &str) -> &mut Self {
        self.world.fault(device, words, None).unwrap();
        self.drain()
    }

    fn wait(&mut self, seconds: f64) -> &mut Self {
        let until = self.world.now() + Duration::from_secs_f64(seconds);
        self.world.advance_to(until);
        self.drain()
    }

    fn drain(&mut self) -> &mut Self {
        while let Some(event) = self.world.poll_event() {
            self.scribe.record(&self.world, &event);
        }
        self
    }

    fn now(&self) -> Time {
        time(self.world.now())
    }

    fn trace(&mut self) -> Trace {
        self.scribe.complete(self.world.now());
        Trace::read(self.scribe.take().as_slice()).unwrap()
    }

    /// What is found at the end of this script.
    fn judged(&mut self) -> Preflight {
        judged(&self.trace(), None)
    }

    /// What is found where the script was a command that ended now.
    fn ended(&mut self, end: Ended) -> Preflight {
        let run = Run {
            command: vec!["script.py".into()],
            began: Time::ZERO,
            ended: self.now(),
            wall: 1.0,
            pace: "real".into(),
            end,
            exception: None,
            network: Network::Own,
            attempts: Vec::new(),
        };
        judged(&self.trace(), Some(run))
    }
}

fn fresh() -> World {
    let beamline = load(BEAMLINE).unwrap_or_else(|it| panic!("{}", it.render("a", BEAMLINE)));
    beamline.world(1, Epoch::default())
}

fn judged(trace: &Trace, run: Option<Run>) -> Preflight {
    let world = fresh();
    let open = [("shutter.main", 1.0), ("shutter.turned", 0.0)];
    let open = open.map(|(name, open)| (name.to_owned(), open));
    let open: BTreeMap<String, f64> = open.into();
    let stage = Stage {
        world: &world,
        open: &open,
    };
    findings(trace, stage, run)
}

fn time(t: SimTime) -> Time {
    Time::from_nanos(i64::try_from(t.nanos()).unwrap())
}

fn secs(seconds: f64) -> Time {
    Time::from_seconds(seconds).unwrap()
}

fn told(it: &Preflight) -> Vec<(FindingKind, &str)> {
    let told = it.findings.iter();
    told.map(|it| (it.kind, it.text.as_str())).collect()
}

/// Opens, exposes and closes as one should.
fn measured() -> Script {
    let mut script = Script::new();
    script.wait(1.0).set("T:shutter", 1).wait(0.5);
    script.set("T:x", 2.0).wait(3.0);
    script.put("T:det:cam1:AcquireTime", 0.5);
    script.put("T:det:cam1:AcquirePeriod", 1.0);
    script.put("T:det:cam1:NumImages", 2);
    script.put("T:det:cam1:ImageMode", 1);
    script.set("T:det:cam1:Acquire", 1).wait(2.0);
    script.set("T:shutter", 0).wait(0.5);
    script.set("T:x", 0.5).wait(2.5);
    script
}

#[test]
fn a_session_that_is_clear_is_told_in_numbers() {
    let found = measured().judged();
    assert_eq!(told(&found), []);
    assert_eq!(found.verdict, Verdict::Clear);
    let [travel] = &found.travels[..] else {
        panic!("{:?}", found.travels)
    };
    assert_eq!((travel.device.as_str(), travel.moves), ("motor.x", Some(2)));
    assert_eq!((travel.from, travel.to), (Some(0.0), 0.5));
    assert_eq!((travel.low, travel.high), (0.0, 2.0));
    assert!((travel.distance - 3.5).abs() < 1e-9);
    let [camera] = &found.cameras[..] else {
        panic!("{:?}", found.cameras)
    };
    assert_eq!((camera.acquisitions, camera.frames), (1, 2));
    assert_eq!(camera.exposing, secs(1.5));
    assert_eq!(camera.bytes, Some(2 * 100 * 50));
    let shutter = found.shutters.iter().find(|it| it.openings > 0).unwrap();
    assert_eq!(shutter.device, "shutter.main");
    assert_eq!(shutter.open, secs(5.5));
    assert_eq!(shutter.unexposed, Some(secs(4.0)));
    assert!(!shutter.left_open);
    assert_eq!(found.unused, ["shutter.turned", "linkam.stage"]);
}

#[test]
fn every_moment_is_counted_once() {
    let time = measured().judged().time;
    assert_eq!(time.exposing, secs(1.5));
    assert_eq!(
        time.exposing + time.moving + time.waiting + time.idle,
        time.to - time.from
    );
    // Two moves, to 2.0 and back to 0.5, with ramps of 0.2 s, each to the next look at the position.
    assert_eq!(time.moving, secs(2.2 + 1.7));
    // The shutter, twice.
    assert_eq!(time.waiting, secs(0.2));
}

#[test]
fn what_is_beyond_a_limit_is_told_once_with_its_number() {
    let mut script = Script::new();
    for _ in 0..3 {
        script.set("T:x", 20.0).wait(0.1);
    }
    let found = script.judged();
    assert_eq!(
        told(&found),
        [(
            FindingKind::BeyondLimits,
            "T:x was asked for 20 mm, which was refused: 20 is beyond the soft limits -10 to 10"
        )]
    );
    assert_eq!(found.findings[0].times, 3);
    assert_eq!(found.findings[0].device.as_deref(), Some("motor.x"));
    assert_eq!(found.verdict, Verdict::Findings);
    assert!(found.travels.is_empty());
    assert_eq!(found.time.moving, Time::ZERO);
}

#[test]
fn what_is_refused_for_another_reason_is_told_apart() {
    let found = Script::new().set("T:shutter", 7).wait(1.0).judged();
    assert_eq!(found.findings[0].kind, FindingKind::Refused);
}

#[test]
fn a_name_that_is_misspelt_is_put_right() {
    let mut script = Script::new();
    script
        .miss("T:z.RBV")
        .miss("T:x.RBW")
        .miss("nothing:like:it");
    let found = script.judged();
    let nothing = "was asked for, and this beamline has nothing of that name";
    let texts: Vec<&str> = told(&found).iter().map(|it| it.1).collect();
    assert_eq!(
        texts,
        [
            format!("T:z.RBV {nothing}; did you mean T:x.RBV?"),
            format!("T:x.RBW {nothing}; T:x has no field RBW"),
            format!("nothing:like:it {nothing}"),
        ]
    );
}

#[test]
fn the_fields_of_a_name_that_is_misspelt_are_one_finding() {
    let mut script = Script::new();
    script
        .miss("T:z.RBV")
        .miss("T:x.RBW")
        .miss("T:z.VAL")
        .miss("T:x.VEL")
        .miss("T:z")
        .miss("T:z.VAL");
    let found = script.judged();
    let texts: Vec<&str> = told(&found).iter().map(|it| it.1).collect();
    let nothing = "asked for, and this beamline has nothing of that name";
    assert_eq!(
        texts,
        [
            format!("T:z.RBV and 2 other fields were {nothing}; did you mean T:x.RBV?"),
            format!("T:x.RBW was {nothing}; T:x has no field RBW"),
            format!("T:x.VEL was {nothing}; T:x has no field VEL"),
        ]
    );
    assert_eq!(found.findings[0].times, 2);
}

#[test]
fn a_shutter_that_is_not_closed_again_is_told() {
    let mut script = Script::new();
    script.wait(2.0).put("T:shutter", 1).wait(5.0);
    let found = script.judged();
    assert_eq!(
        told(&found),
        [(
            FindingKind::LeftOpen,
            "shutter.main was opened and not closed again"
        )]
    );
    assert_eq!(found.findings[0].t, Some(secs(2.0)));
    assert_eq!(found.shutters[0].unexposed, Some(secs(5.0)));
}

#[test]
fn a_shutter_may_be_open_at_another_value() {
    let mut script = Script::new();
    script
        .put("T:turned", 0)
        .wait(1.0)
        .put("T:turned", 1)
        .wait(1.0);
    let found = script.judged();
    assert_eq!(told(&found), []);
    assert_eq!(found.shutters[0].open, secs(1.0));
}

#[test]
fn a_rule_that_is_broken_is_told() {
    let mut script = Script::new();
    script
        .set("T:shutter", 1)
        .wait(1.0)
        .set("T:x", 9.0)
        .wait(10.0);
    script.set("T:shutter", 0).wait(1.0);
    let found = script.judged();
    assert_eq!(
        told(&found),
        [(FindingKind::Rule, "dark: the beam hits the frame")]
    );
}

#[test]
fn a_camera_that_is_left_exposing_is_told() {
    let mut script = Script::new();
    script.put("T:det:cam1:ImageMode", 2);
    script.put("T:det:cam1:AcquireTime", 0.5);
    script.put("T:det:cam1:Acquire", 1).wait(3.25);
    let found = script.judged();
    assert_eq!(
        told(&found),
        [(
            FindingKind::LeftExposing,
            "camera.det was still exposing when the session ended"
        )]
    );
    assert_eq!(found.cameras[0].exposing, secs(3.25));
}

#[test]
fn a_command_that_crashes_half_way_leaves_what_it_leaves() {
    let mut script = Script::new();
    script.set("T:x", 5.0).wait(1.0);
    let found = script.ended(Ended::Exit(1));
    assert_eq!(
        told(&found),
        [
            (FindingKind::Failed, "the command ended with code 1"),
            (
                FindingKind::LeftMoving,
                "motor.x (T:x) was still moving when the session ended"
            ),
        ]
    );
    assert_eq!(found.verdict, Verdict::Failed);
    assert_eq!(found.travels[0].moves, Some(1));
}

#[test]
fn a_command_that_never_ends_is_told_to_wait_for_what_it_waits_for() {
    let mut script = Script::new();
    script.fails("shutter.main", "never confirms");
    script
        .set("T:shutter", 1)
        .wait(60.0)
        .put("T:shutter", 0)
        .wait(1.0);
    let found = script.ended(Ended::TimedOut("1 min of device time".into()));
    let kinds: Vec<_> = found.findings.iter().map(|it| it.kind).collect();
    assert_eq!(
        kinds,
        [
            FindingKind::TimedOut,
            FindingKind::Fault,
            FindingKind::NotFinished
        ]
    );
    assert_eq!(
        found.findings[2].text,
        "T:shutter was asked for 1, and that was not finished when the session ended"
    );
    assert_eq!(found.time.waiting, secs(61.0));
    assert_eq!(found.verdict, Verdict::Findings);
}

#[test]
fn what_was_taken_with_another_value_is_told() {
    let found = Script::new()
        .set("T:L:SETPOINT:SET", 500.0)
        .wait(1.0)
        .judged();
    assert_eq!(
        told(&found),
        [(
            FindingKind::Clipped,
            "T:L:SETPOINT:SET was asked for 500 degC and took 350 degC"
        )]
    );
}

#[test]
fn alarms_that_matter_are_told_and_others_counted() {
    let mut script = measured();
    script.fails("motor.x", "alarm major").wait(1.0);
    let found = script.judged();
    let alarms = found
        .findings
        .iter()
        .filter(|it| it.kind == FindingKind::Alarm);
    assert!(alarms.count() > 0, "{:?}", told(&found));
    assert!(
        found
            .minor
            .iter()
            .any(|(record, _)| record == "T:det:cam1:AcquireBusy")
    );
}

#[test]
fn a_ramp_is_waited_for() {
    let mut script = Script::new();
    script.set("T:L:SETPOINT:SET", 35.0);
    script.set("T:L:STARTHEAT", 1).wait(90.0);
    let found = script.judged();
    assert_eq!(told(&found), []);
    assert_eq!(found.time.waiting, secs(60.0));
    assert_eq!(found.time.idle, secs(30.0));
    assert_eq!(
        (found.travels[0].from, found.travels[0].to),
        (Some(25.0), 35.0)
    );
}

#[test]
fn what_happens_after_the_command_does_not_count() {
    let mut script = Script::new();
    script.put("T:shutter", 1).wait(1.0);
    let end = script.now();
    script
        .wait(1.0)
        .put("T:shutter", 0)
        .set("T:x", 20.0)
        .wait(1.0);
    let trace = script.trace();
    let run = Run {
        command: vec!["true".into()],
        began: Time::ZERO,
        ended: end,
        wall: 1.0,
        pace: "real".into(),
        end: Ended::Exit(0),
        exception: None,
        network: Network::Own,
        attempts: Vec::new(),
    };
    let found = judged(&trace, Some(run));
    assert_eq!(told(&found).len(), 1);
    assert_eq!(found.findings[0].kind, FindingKind::LeftOpen);
    assert_eq!(found.shutters[0].open, secs(1.0));
}

#[test]
fn a_trace_that_breaks_off_is_no_proof() {
    let mut script = measured();
    let bytes = script.scribe.take();
    let found = judged(&Trace::read(bytes.as_slice()).unwrap(), None);
    assert_eq!(
        told(&found),
        [(FindingKind::NotRecorded, "the trace breaks off")]
    );
}

#[test]
fn the_text_fits_and_the_json_is_an_object() {
    let mut script = measured();
    script.set("T:x", 20.0).miss("T:z").wait(0.1);
    let found = script.ended(Ended::Exit(3));
    for width in [60, 80, 120] {
        let screen = Screen {
            width,
            ..Screen::default()
        };
        let text = text_on(&found, screen);
        assert!(text.starts_with("\nFAILED   3 findings"), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{text}");
        for line in ["script.py: ended with code 3", "beyond limits", "When"] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&json(&found)).unwrap();
    assert_eq!(json["verdict"], "failed");
    assert_eq!(json["findings"][1]["kind"], "beyond-limits");
    assert_eq!(json["run"]["end"]["exit"], 3);
}

#[test]
fn the_page_has_all_of_it_and_nothing_that_was_not_meant() {
    let mut script = measured();
    script
        .set("T:x", 20.0)
        .miss("<script>alert(1)</script>")
        .wait(0.1);
    let page = html(&script.ended(Ended::Exit(3)));
    for part in [
        "<h1 class=\"failed\">FAILED",
        "beyond limits",
        "20 is beyond the soft limits -10 to 10",
        "&lt;script&gt;alert(1)",
        "<rect class=\"exposing\"",
        "<rect class=\"moving\"",
        "<rect class=\"open\"",
        "class=\"mark\"",
        "2 frames in 1 acquisition",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("<script"));
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
}

#[test]
fn a_finding_says_the_line_that_it_came_from() {
    let mut script = Script::new();
    script.line("scan.py:1").put("T:shutter", 1).wait(1.0);
    script.line("scan.py:2").set("T:x", 20.0).wait(0.1);
    script.line("scan.py:3").set("T:x", 20.0).wait(0.1);
    script.line("scan.py:4").miss("T:y");
    script.line("plans.py:5").put("T:x", 9.0).wait(12.0);
    // Whoever asks for the next is not known, and nothing is made of it.
    script.put("T:turned", 0).wait(1.0);
    script.line("plans.py:6").put("T:x", 5.0).wait(1.0);
    script.line("plans.py:7").put("T:x", 0.0).wait(1.0);
    let found = script.ended(Ended::Exit(1));
    let lines = found.findings.iter();
    let lines: Vec<_> = lines.map(|it| (it.kind, it.at.as_deref())).collect();
    assert_eq!(
        lines,
        [
            (FindingKind::Failed, None),
            (FindingKind::LeftOpen, Some("scan.py:1")),
            (FindingKind::BeyondLimits, Some("scan.py:2")),
            (FindingKind::NotServed, Some("scan.py:4")),
            (FindingKind::Rule, Some("plans.py:5")),
            (FindingKind::LeftOpen, None),
            (FindingKind::LeftMoving, Some("plans.py:7")),
        ]
    );
    let text = text_on(&found, Screen::default());
    assert!(
        text.contains("scan.py:2: T:x was asked for 20 mm"),
        "{text}"
    );
}
