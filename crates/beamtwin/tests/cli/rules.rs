//! `beamtwin rules`.

use crate::twin::Twin;
use crate::{Folder, beamtwin};

/// A motor that goes to 5 mm at 1 mm/s while its shutter opens and closes.
const BEAMLINE: &str = "[motor.x]\npv = \"T:x\"\nlimits = [-10, 10]\n\n\
                        [shutter.main]\ncommand = \"T:shutter\"\n";

/// A session with it: x goes from 0 to 5 mm in five seconds; the shutter is open from 2 s to 3 s.
fn session() -> String {
    let head =
        serde_json::json!({ "trace": "1.0", "beamline": "T", "epoch": "2026-01-01T00:00:00Z" });
    let source = serde_json::json!({ "source": "t.toml", "text": BEAMLINE });
    let mut lines = vec![
        head.to_string(),
        source.to_string(),
        r#"{"pv":1,"name":"T:x.RBV","device":"motor.x","role":"curve","type":"double","units":"mm"}"#
            .to_owned(),
        r#"{"pv":2,"name":"T:shutter","device":"shutter.main","role":"request","type":"short"}"#
            .to_owned(),
    ];
    for eighth in 1..=40 {
        let t = f64::from(eighth) / 8.0;
        lines.push(format!(r#"{{"t":{t},"post":1,"value":{t}}}"#));
        if eighth == 16 || eighth == 24 {
            let open = i32::from(eighth == 16);
            lines.push(format!(r#"{{"t":{t},"post":2,"value":{open}}}"#));
        }
    }
    lines.push(r#"{"end":{"t":6.0,"records":42,"complete":true}}"#.to_owned());
    lines.join("\n") + "\n"
}

/// What becomes of a session by these rules.
fn judged(rules: &str, options: &[&str]) -> crate::Said {
    let folder = Folder::new();
    let file = folder.write("t.toml", &format!("{BEAMLINE}\n{rules}"));
    let trace = folder.write("t.jsonl", &session());
    let mut arguments = vec!["rules", file.as_str(), trace.as_str()];
    arguments.extend(options);
    beamtwin(&arguments)
}

#[test]
fn a_rule_that_held_tells_how_near_it_came() {
    let said = judged(
        "[rules.reach]\nalways = \"motor.x.position <= 5.4\"\n\
         [rules.low]\nnever = \"shutter.main.open && motor.x.position < 1.75\"\n\
         [rules.slow]\nalways = \"abs(rate(motor.x.position)) < 1.5\"\nseverity = \"minor\"\n\
         [rules.short]\nnever = \"shutter.main.open\"\nwithin = \"1.5 s\"\n",
        &[],
    );
    assert_eq!(
        said.out,
        "held    reach (MAJOR)\n        came within 0.4 mm at 5 s (motor.x.position <= 5.4)\n\
         held    low (MAJOR)\n        came within 0.25 mm at 2 s (motor.x.position < 1.75)\n\
         held    slow (MINOR)\n        came within 0.5 mm/s at 0 s (abs(rate(motor.x.position)) < 1.5)\n\
         held    short (MAJOR)\n        not so for 1 s at the longest, of 1.5 s allowed\n\
         4 held\n"
    );
    assert_eq!(said.code, 0);
}

#[test]
fn a_rule_that_was_broken_tells_when_and_by_how_much() {
    let said = judged(
        "[rules.reach]\nalways = \"`T:x.RBV` <= 4\"\nmessage = \"it hits the wall\"\n\
         [rules.open]\nnever = \"shutter.main.open\"\n",
        &[],
    );
    assert_eq!(
        said.out,
        "broken  reach (MAJOR): it hits the wall\n        from 4 s until the end, by 1 mm at 5 s (`T:x.RBV` <= 4)\n\
         broken  open (MAJOR): never shutter.main.open\n        from 2 s to 3 s\n\
         2 broken\n"
    );
    assert_eq!(said.code, 1);
}

#[test]
fn json_has_all_that_is_known() {
    let said = judged(
        "[rules.reach]\nalways = \"motor.x.position <= 4\"\n",
        &["--json"],
    );
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let rule = &json["rules"][0];
    assert_eq!(rule["outcome"], "broken");
    assert_eq!(rule["margin"]["by"], -1.0);
    assert_eq!(rule["margin"]["units"], "mm");
    assert_eq!(rule["breaches"][0]["from"], 4.0);
    assert_eq!(rule["breaches"][0]["open"], true);
    assert_eq!(said.code, 1);
}

#[test]
fn what_cannot_be_judged_is_no_success() {
    let folder = Folder::new();
    let rules = "[rules.reach]\nalways = \"motor.x.position <= 4\"\n";
    let file = folder.write("t.toml", &format!("{BEAMLINE}\n{rules}"));
    // Nobody knows where the motor was.
    let empty = folder.write(
        "t.jsonl",
        "{\"trace\":\"1.0\"}\n{\"end\":{\"t\":6.0,\"records\":0,\"complete\":true}}\n",
    );
    let said = beamtwin(&["rules", &file, &empty]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.out.contains("was never known"), "{}", said.out);
    let none = beamtwin(&["rules", "beamlines/tutorial.toml", &empty]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("no rules"), "{}", none.err);
}

#[test]
fn a_twin_that_is_served_says_what_is_broken_and_so_do_its_replay_and_its_trace() {
    let folder = Folder::new();
    let rules = "[rules.wall]\nalways = \"motor.x.position <= 3\"\nmessage = \"the wall is there\"\n\
                 [rules.dark]\nnever = \"shutter.main.open\"\nwithin = \"2 s\"\n";
    let file = folder.write("t.toml", &format!("{BEAMLINE}\n{rules}"));
    let trace = folder.file("t.jsonl");
    let twin = Twin::start(&file, &["--paused", "--record", &trace]);
    for command in [
        ["put", "T:shutter", "1"].as_slice(),
        &["advance", "1 s"],
        &["put", "T:x", "5"],
        &["advance", "20 s"],
    ] {
        let said = twin.ctl(command);
        assert_eq!(said.code, 0, "{said:?}");
    }
    let said = twin.shut_down();
    assert!(
        said.err.contains("rule broken: the wall is there"),
        "{}",
        said.err
    );
    let text = std::fs::read_to_string(&trace).expect("recorded");
    let lines = text.lines().filter(|line| line.contains("\"broken\":"));
    let lines: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["broken"], "dark");
    assert_eq!(
        (&lines[0]["t"], &lines[0]["since"]),
        (&2.0.into(), &0.0.into())
    );
    assert_eq!(lines[1]["text"], "the wall is there");
    assert_eq!(lines[1]["severity"], "MAJOR");
    let replayed = beamtwin(&["replay", &trace]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    let judged = beamtwin(&["rules", &file, &trace, "--json"]);
    assert_eq!(judged.code, 1);
    let json: serde_json::Value = serde_json::from_str(&judged.out).expect("JSON");
    for (verdict, live) in [(0, 1), (1, 0)] {
        let breaches = json["rules"][verdict]["breaches"]
            .as_array()
            .expect("a list");
        assert_eq!(breaches.len(), 1);
        assert_eq!(breaches[0]["from"], lines[live]["since"]);
    }
}

#[test]
fn what_is_broken_again_after_going_back_is_told_again_live_and_from_the_trace() {
    let folder = Folder::new();
    let rules = "[rules.dark]\nnever = \"shutter.main.open\"\nwithin = \"2 s\"\n\
                 [rules.slow]\nalways = \"rate(motor.x.position) <= 1.5\"\n";
    let file = folder.write("t.toml", &format!("{BEAMLINE}\n{rules}"));
    let trace = folder.file("t.jsonl");
    let twin = Twin::start(&file, &["--paused", "--record", &trace]);
    for command in [
        ["put", "T:shutter", "1"].as_slice(),
        &["put", "T:x", "5"],
        &["advance", "1.55 s"],
        &["snapshot", "open"],
        &["advance", "2 s"],
        &["restore", "open"],
        &["advance", "1 s"],
        &["put", "T:shutter", "0"],
        &["advance", "20 s"],
    ] {
        let said = twin.ctl(command);
        assert_eq!(said.code, 0, "{said:?}");
    }
    twin.shut_down();
    let text = std::fs::read_to_string(&trace).expect("recorded");
    let lines = text.lines().filter(|line| line.contains("\"broken\":"));
    let times: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .map(|line: serde_json::Value| {
            serde_json::json!([line["broken"], line["t"], line["since"]])
        })
        .collect();
    let expected = [("dark", 2.0, 0.0), ("dark", 4.0, 2.0)];
    let expected: Vec<_> = expected.iter().map(|it| serde_json::json!(it)).collect();
    assert_eq!(times, expected, "a move that goes on is no leap");
    let judged = beamtwin(&["rules", &file, &trace, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&judged.out).expect("JSON");
    let breaches = json["rules"][0]["breaches"].as_array().expect("a list");
    let spans: Vec<_> = breaches.iter().map(|it| (&it["from"], &it["to"])).collect();
    assert_eq!(
        spans,
        [(&0.0.into(), &3.55.into()), (&2.0.into(), &4.55.into())]
    );
    assert_eq!(json["rules"][1]["outcome"], "held");
}
