//! A session done again gives the same bytes, and what was tampered with is found.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../server/tests/toy/mod.rs"]
mod toy;

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use beamtwin_pv::{Array, Text, Value, ValueKind};
use beamtwin_server::Mode;
use beamtwin_server::engine::{Engine, Listener, Outcome, Shared, Ticket, Update};
use beamtwin_server::recorder::{Bounds, Recorder};
use beamtwin_session::{Replay, ReplayError, Verdict, replay};
use beamtwin_sim::{Acknowledge, Client, ClientId, PutId, PutRequest};
use beamtwin_trace::{Trace, What};
use tokio::task::{LocalSet, yield_now};
use toy::{Folder, MOVE, number, pv};

/// Hears nothing.
struct Deaf;

impl Listener for Deaf {
    fn post(&self, _: u32, _: Update<'_>) {}
    fn ended(&self, _: Ticket, _: Outcome) {}
}

/// A session under way.
struct Session {
    engine: Shared,
    listener: Rc<dyn Listener>,
}

impl Session {
    fn client(&self, user: &str) -> ClientId {
        self.client_at(user, "127.0.0.1")
    }

    fn client_at(&self, user: &str, ip: &str) -> ClientId {
        let who = Client {
            user: user.to_owned(),
            host: "workstation".to_owned(),
            addr: format!("{ip}:5000"),
        };
        self.engine.act(|engine| engine.open_client(who))
    }

    fn put(&self, by: ClientId, name: &str, value: impl Into<Value>, complete: bool) {
        let request = PutRequest {
            pv: pv(name),
            value: value.into(),
            by: Some(by),
            complete,
        };
        self.engine
            .act(|engine| engine.put(request, &self.listener, Ticket(0)));
    }

    fn order(&self, by: ClientId, name: &str, value: Value, ticket: Ticket) -> PutId {
        let request = PutRequest {
            pv: pv(name),
            value,
            by: Some(by),
            complete: true,
        };
        self.engine
            .act(|engine| engine.put(request, &self.listener, ticket))
    }

    fn cancel(&self, put: PutId) {
        self.engine.act(|engine| engine.cancel(put));
    }

    fn acknowledge(&self, by: ClientId, name: &str, what: Acknowledge, complete: bool) {
        self.engine.act(|engine| {
            engine.acknowledge(pv(name), what, (by, complete), &self.listener, Ticket(0));
        });
    }

    async fn pass(&self, seconds: f64) {
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
}

/// Records what a session does; the clock is the test's.
async fn recorded(mode: Mode, play: impl AsyncFnOnce(&Session)) -> Vec<u8> {
    let folder = Folder::new();
    let path = folder.file("trace");
    let local = LocalSet::new();
    local
        .run_until(async {
            let engine = Shared::new(toy::world(), mode);
            let source = toy::source();
            let recorder =
                Recorder::create(&path, &toy::header(), Some(&source), Bounds::default());
            engine.start_recording(recorder.unwrap());
            let clock = engine.clone();
            tokio::task::spawn_local(async move { clock.run().await });
            yield_now().await;
            let session = Session {
                engine,
                listener: Rc::new(Deaf),
            };
            play(&session).await;
            session.engine.act(Engine::finish_recording).unwrap();
        })
        .await;
    fs::read(&path).unwrap()
}

fn again(trace: &[u8]) -> Replay {
    replay(trace, |_, _| Ok(toy::world())).unwrap()
}

fn array(kind: ValueKind, values: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(Array::collect(kind, values).unwrap())
}

/// A bit of everything.
async fn lively(session: &Session) {
    let (ann, bob, eve) = (
        session.client("ann"),
        session.client("bob"),
        session.client(""),
    );
    session.put(ann, "toy:run", Value::Enum(1), false);
    session.pass(0.25).await;
    // Queued put-callbacks of several clients, and a plain put among them.
    session.put(ann, "toy:slow", number(1.0), true);
    session.put(bob, "toy:slow", number(2.0), true);
    session.put(eve, "toy:slow", number(3.0), true);
    session.put(bob, "toy:slow", number(4.0), false);
    session.pass(0.5).await;
    // What is waited for no longer: a put that waits, and one that is under way.
    let [later, first] =
        [12, 11].map(|ticket| session.order(eve, "toy:slow", number(50.0), Ticket(ticket)));
    session.order(eve, "toy:slow", number(13.0), Ticket(13));
    for put in [first, later] {
        session.cancel(put);
        session.pass(0.1).await;
    }
    // One goes while it waits, one while its put is under way.
    session.engine.act(|engine| engine.close_client(bob));
    session.engine.act(|engine| engine.close_client(ann));
    session.pass(MOVE.as_secs_f64() * 3.0).await;
    let zoe = session.client("zoe");
    // Values of every kind, in every kind of field.
    for name in [
        "toy:number",
        "toy:whole",
        "toy:byte",
        "toy:float",
        "toy:text",
        "toy:run",
        "toy:wave",
        "toy:wholes",
        "toy:fixed",
        "toy:ticks",
        "toy:slow",
        "toy:slow.EGU",
        "toy:slow.PREC",
    ] {
        for value in values() {
            for complete in [true, false] {
                session.put(zoe, name, value.clone(), complete);
            }
        }
        session.pass(0.0371).await;
    }
    // Alarms are acknowledged, also where that is refused; a put to such a field is another thing.
    for name in ["toy:number", "toy:text"] {
        for complete in [true, false] {
            session.acknowledge(zoe, name, Acknowledge::Transient(complete), complete);
            session.acknowledge(zoe, name, Acknowledge::Severity(3), complete);
            session.acknowledge(zoe, name, Acknowledge::Severity(0), complete);
            session.put(zoe, &format!("{name}.ACKS"), Value::Enum(3), complete);
            session.put(zoe, &format!("{name}.DISP"), number(1.0), false);
            session.acknowledge(zoe, name, Acknowledge::Transient(true), complete);
            session.put(zoe, &format!("{name}.DISP"), number(0.0), false);
        }
    }
    // The same values, where the record takes nothing.
    for name in [
        "toy:number",
        "toy:whole",
        "toy:text",
        "toy:wave",
        "toy:wholes",
        "toy:run",
    ] {
        session.put(zoe, &format!("{name}.DISP"), number(1.0), false);
        for value in values() {
            session.put(zoe, name, value, true);
        }
    }
    session.engine.act(|engine| {
        engine.mark("a \"remark\"\nof two lines".to_owned(), Some(zoe));
        engine.mark("Grüße".to_owned(), None);
        engine.miss("nobody", Some(zoe));
        engine.miss("no\u{7}body", None);
    });
    for mode in [Mode::Stepped, Mode::Times(7.3), Mode::REAL] {
        session.engine.act(|engine| engine.change_pace(mode));
        session.pass(0.333_333_333).await;
    }
}

fn values() -> Vec<Value> {
    let long: Vec<Value> = (0..90).map(|n| number(f64::from(n) / 7.0)).collect();
    let latin = Text::from_bytes(b"Gr\xfc\xdfe");
    vec![
        number(0.1),
        number(f64::NAN),
        number(f64::INFINITY),
        number(-0.0),
        number(1e300),
        number(70_000.0),
        number(-1.5),
        Value::Float(0.1),
        Value::Long(i32::MIN),
        Value::Short(-3),
        Value::Char(200),
        Value::Enum(2),
        Value::Enum(9),
        "12.5".into(),
        "on".into(),
        "neither".into(),
        "".into(),
        Value::String(latin.clone()),
        "a text that is longer than the forty characters that a string of EPICS holds".into(),
        array(ValueKind::Double, []),
        array(ValueKind::Double, [number(1.0)]),
        array(
            ValueKind::Double,
            [number(1.0), number(2.5), number(f64::NAN)],
        ),
        array(ValueKind::Double, [number(2.5), number(1.0)]),
        array(ValueKind::Double, long),
        array(ValueKind::Long, [Value::Long(1), Value::Long(2)]),
        array(ValueKind::Char, [Value::Char(65), Value::Char(0)]),
        array(ValueKind::Enum, [Value::Enum(65), Value::Enum(0)]),
        array(ValueKind::Float, [Value::Float(0.1), Value::Float(2.0)]),
        array(ValueKind::String, ["1".into(), "2.5".into()]),
        array(
            ValueKind::String,
            ["1".into(), "two".into(), Value::String(latin)],
        ),
    ]
}

/// What the Python side tells of a line.
fn tell(path: &Path, number: u32, what: &str, name: &str, line: u32) {
    let message = format!(
        r#"{{"process":1,"number":{number},"what":"{what}","name":"{name}","at":["scan.py",{line}]}}"#
    );
    let socket = UnixDatagram::unbound().unwrap();
    socket.send_to(message.as_bytes(), path).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lively_session_done_again_gives_the_same_bytes() {
    let trace = recorded(Mode::REAL, lively).await;
    let facts = Trace::read(trace.as_slice()).unwrap().facts.len();
    assert!(facts > 1000, "only {facts}");
    let replay = again(&trace);
    assert_eq!(replay.verdict, Verdict::Same);
    assert_eq!(replay.facts, facts as u64);
    assert!(replay.bytes == trace);
}

#[tokio::test(start_paused = true)]
async fn the_pace_of_a_session_does_not_matter() {
    for mode in [Mode::Times(100.0), Mode::Times(0.37)] {
        let trace = recorded(mode, lively).await;
        assert_eq!(again(&trace).verdict, Verdict::Same, "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_recorded_late_is_the_same() {
    // Long steps: what happens at many moments is carried out in one turn.
    let trace = recorded(Mode::Stepped, async |session| {
        let ann = session.client("ann");
        session.put(ann, "toy:run", Value::Enum(1), false);
        session.put(ann, "toy:slow", number(5.0), true);
        session.engine.step(Duration::from_secs(100)).await;
        session.put(ann, "toy:slow.EGU", "cm", true);
        session.engine.step(Duration::from_nanos(1)).await;
    })
    .await;
    assert_eq!(again(&trace).verdict, Verdict::Same);
}

#[tokio::test(start_paused = true)]
async fn a_session_in_which_nothing_happened_is_the_same() {
    let trace = recorded(Mode::REAL, async |_| {}).await;
    assert_eq!(again(&trace).verdict, Verdict::Same);
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_a_script_are_kept_with_what_they_asked_for() {
    let folder = Folder::new();
    let path = folder.file("lines");
    let trace = recorded(Mode::REAL, async |session| {
        let _socket = session.engine.tell_lines(&path).unwrap();
        let ann = session.client("ann");
        tell(&path, 1, "put", "toy:slow.VAL", 7);
        tell(&path, 2, "put", "toy:slow", 8);
        session.put(ann, "toy:slow", number(1.5), true);
        session.put(ann, "toy:apart", number(1.5), true);
        session.put(ann, "toy:slow", number(2.5), true);
        session.put(ann, "toy:slow", number(3.5), true);
        tell(&path, 3, "find", "toy:slwo", 9);
        session.engine.act(|engine| engine.miss("toy:slwo", None));
        session.pass(5.0).await;
    })
    .await;
    let read = Trace::read(trace.as_slice()).unwrap();
    let asked = read.facts.iter().filter_map(|fact| match &fact.what {
        What::Put(put) => Some((read.channel(put.pv)?.name.as_str(), put.at.as_deref())),
        What::Miss { name, at, .. } => Some((name.as_str(), at.as_deref())),
        _ => None,
    });
    assert_eq!(
        asked.collect::<Vec<_>>(),
        [
            ("toy:slow", Some("scan.py:7")),
            ("toy:apart", None),
            ("toy:slow", Some("scan.py:8")),
            ("toy:slow", None),
            ("toy:slwo", Some("scan.py:9")),
        ]
    );
    assert_eq!(again(&trace).verdict, Verdict::Same);
}

#[tokio::test(start_paused = true)]
async fn a_session_in_which_a_device_was_lost_to_a_bug_is_the_same() {
    let trace = recorded(Mode::REAL, async |session| {
        let ann = session.client("ann");
        session.put(ann, "toy:slow", number(1.5), true);
        session.put(ann, "toy:slow", number(666.0), false);
        session.put(ann, "toy:slow", number(2.5), true);
        session.put(ann, "toy:apart", number(2.5), true);
        session.pass(2.0).await;
    })
    .await;
    let text = String::from_utf8_lossy(&trace);
    assert_eq!(text.matches("lost to a bug: a bug in a device").count(), 1);
    assert_eq!(again(&trace).verdict, Verdict::Same);
}

#[tokio::test(start_paused = true)]
async fn who_was_not_allowed_to_write_is_not_when_it_is_done_again() {
    let trace = recorded(Mode::REAL, async |session| {
        for (user, host) in [("ann", "127.0.0.1"), ("bob", "10.0.0.1")] {
            let client = session.client_at(user, host);
            session.put(client, "toy:number", number(1.5), true);
        }
    })
    .await;
    let text = String::from_utf8_lossy(&trace);
    assert_eq!(text.matches("[access] does not allow").count(), 1, "{text}");
    assert_eq!(again(&trace).verdict, Verdict::Same);
}

#[tokio::test(start_paused = true)]
async fn that_nothing_was_written_is_told_and_has_its_effect_again() {
    let trace = recorded(Mode::REAL, async |session| {
        let ann = session.client("ann");
        session.put(ann, "toy:number", number(1.5), true);
        session.put(ann, "toy:number", array(ValueKind::Double, []), true);
    })
    .await;
    let text = String::from_utf8_lossy(&trace);
    assert_eq!(text.matches("[]").count(), 1, "{text}");
    assert_eq!(again(&trace).verdict, Verdict::Same);
    let nsev = pv("toy:number.NSEV");
    let mut world = toy::world();
    let value = array(ValueKind::Double, []);
    world.put(PutRequest {
        pv: pv("toy:number"),
        value,
        by: None,
        complete: false,
    });
    assert_eq!(world.read(nsev).value, Value::Enum(3));
}

/// A session of which a few lines are enough.
async fn short(session: &Session) {
    let (ann, bob) = (session.client("ann"), session.client("bob"));
    session.put(ann, "toy:slow", number(1.5), true);
    session.put(bob, "toy:slow", number(2.5), true);
    session.put(bob, "toy:number", "x", true);
    session.pass(0.4).await;
    session.put(bob, "toy:text", "Grüße", false);
    session
        .engine
        .act(|engine| engine.mark("here".to_owned(), Some(ann)));
    session.pass(1.0).await;
    session.engine.act(|engine| engine.close_client(ann));
    session.pass(2.0).await;
}

#[tokio::test(start_paused = true)]
async fn a_trace_cut_at_any_byte_is_the_same_as_far_as_it_goes() {
    let trace = recorded(Mode::REAL, short).await;
    let inputs = 2 + trace.iter().take_while(|&&byte| byte != b'\n').count();
    let source = trace[inputs..]
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap();
    for cut in inputs + source..trace.len() {
        // Without the last line break all is there, but nobody can know.
        let verdict = again(&trace[..cut]).verdict;
        let whole = cut + 1 == trace.len();
        assert!(
            verdict == Verdict::SameAsFar || whole,
            "cut at {cut}: {verdict:?}\n{}",
            String::from_utf8_lossy(&trace[..cut])
        );
    }
    assert_eq!(again(&trace).verdict, Verdict::Same);
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_stopped_early_is_the_same_as_far_as_it_goes() {
    let trace = recorded(Mode::REAL, short).await;
    let text = String::from_utf8(trace).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for kept in 2..lines.len() {
        let mut cut = lines[..kept].join("\n");
        cut += "\n{\"end\":{\"t\":0.0,\"records\":0,\"complete\":false,\"reason\":\"full\"}}\n";
        assert_eq!(again(cut.as_bytes()).verdict, Verdict::SameAsFar, "{cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_value_is_found_and_its_line_named() {
    let trace = recorded(Mode::REAL, short).await;
    let text = String::from_utf8(trace).unwrap();
    let mut tampered = 0;
    for (at, line) in text.lines().enumerate() {
        let changed = line.replacen("\"value\":1.5", "\"value\":1.25", 1);
        if changed == line || !line.contains("\"post\"") {
            continue;
        }
        tampered += 1;
        let trace: Vec<&str> = text
            .lines()
            .enumerate()
            .map(|(n, l)| if n == at { &changed } else { l })
            .collect();
        let trace = trace.join("\n") + "\n";
        let Verdict::Different {
            line: named,
            recorded,
            replayed,
        } = again(trace.as_bytes()).verdict
        else {
            panic!("not found in {changed}");
        };
        assert_eq!(named, at + 1);
        assert_eq!(
            (recorded.as_str(), replayed.as_str()),
            (changed.as_str(), line)
        );
    }
    assert!(tampered > 0, "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_changed_input_changes_what_follows() {
    let trace = recorded(Mode::REAL, short).await;
    let text = String::from_utf8(trace).unwrap();
    let put = text
        .lines()
        .position(|line| line.contains("\"put\""))
        .unwrap();
    let changed = text.replacen("\"value\":1.5", "\"value\":1.25", 1);
    let Verdict::Different { line, .. } = again(changed.as_bytes()).verdict else {
        panic!("not found");
    };
    assert!(line > put + 1, "the put itself is an input");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_missing_is_found() {
    let trace = recorded(Mode::REAL, short).await;
    let text = String::from_utf8(trace).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for at in 2..lines.len() - 1 {
        if !lines[at].contains("\"post\"") && !lines[at].contains("\"done\"") {
            continue;
        }
        let mut rest = lines.clone();
        rest.remove(at);
        let trace = rest.join("\n") + "\n";
        let verdict = again(trace.as_bytes()).verdict;
        assert!(
            matches!(verdict, Verdict::Different { line, .. } if line == at + 1),
            "{verdict:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_again_says_why() {
    let trace = recorded(Mode::REAL, short).await;
    let text = String::from_utf8(trace).unwrap();
    let told = |text: &str| {
        let error = replay(text.as_bytes(), |_, _| Ok(toy::world())).unwrap_err();
        error.to_string()
    };
    let bare: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("\"source\""))
        .collect();
    assert!(told(&bare.join("\n")).contains("does not carry its beamline file"));
    assert!(told(&text.replace("toy:slow\"", "toy:gone\"")).contains("nothing is called toy:gone"));
    assert!(told("no trace").contains("find a trace"));
    let error = replay(text.as_bytes(), |_, _| Err("no such kind".to_owned())).unwrap_err();
    assert!(matches!(error, ReplayError::World(_)));
}

#[tokio::test(start_paused = true)]
async fn faults_that_somebody_asked_for_are_asked_for_again() {
    let trace = recorded(Mode::REAL, async |session| {
        let ann = session.client("ann");
        let fault = |device: &str, words: &str| {
            let asked = session.engine.act(|e| e.fault(device, words, Some(ann)));
            asked.unwrap();
        };
        session.put(ann, "toy:slow", number(1.0), true);
        session.pass(0.25).await;
        fault("toy.box", "alarm major for 500 ms");
        fault("all", "slow replies 2 s");
        session.pass(MOVE.as_secs_f64()).await;
        fault("toy.box", "read-only");
        session.put(ann, "toy:number", number(2.0), true);
        fault("toy.box", "none");
        session.put(ann, "toy:number", number(3.0), true);
        session.pass(0.1).await;
    })
    .await;
    let text = String::from_utf8(trace.clone()).unwrap();
    let asked = r#""fault":"on purpose: alarm major for 0.5 s","device":"toy.box","by":1}"#;
    let over = r#""t":0.75,"fault":"on purpose: none","device":"toy.box"}"#;
    assert!(text.contains(asked) && text.contains(over), "{text}");
    assert!(
        text.contains("\"fault\":\"on purpose: slow replies 2 s\",\"device\":\"all\",\"by\":1}")
    );
    assert_eq!(again(&trace).verdict, Verdict::Same);
    let elsewhere = text.replace("toy.box\",\"by\"", "toy.bin\",\"by\"");
    let error = replay(elsewhere.as_bytes(), |_, _| Ok(toy::world())).unwrap_err();
    assert!(matches!(error, ReplayError::Fault { .. }), "{error}");
}
