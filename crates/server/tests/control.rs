//! The control channel, over its socket.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod toy;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener as Listening;
use std::path::Path;
use std::time::Duration;

use beamtwin_server::Mode;
use beamtwin_server::control::Socket;
use beamtwin_server::engine::{Engine, Shared};
use beamtwin_server::recorder::{Bounds, Recorder};
use beamtwin_trace::{Line, Reader};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::task::{LocalSet, spawn_local, yield_now};
use toy::Folder;

/// One conversation.
struct Talk(BufReader<UnixStream>);

impl Talk {
    async fn new(path: &Path) -> Self {
        Self(BufReader::new(UnixStream::connect(path).await.unwrap()))
    }

    async fn say(&mut self, line: &str) {
        self.0
            .get_mut()
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    async fn hear(&mut self) -> Json {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer: {line:?}"))
    }

    async fn ask(&mut self, request: Json) -> Json {
        self.say(&request.to_string()).await;
        self.hear().await
    }
}

async fn with_twin(mode: Mode, test: impl AsyncFnOnce(Shared, &Path)) {
    let folder = Folder::new();
    let path = folder.file("control");
    let local = LocalSet::new();
    local
        .run_until(async {
            let engine = Shared::new(toy::world(), mode);
            let socket = Socket::bind(Some(&path), folder.path()).unwrap();
            let (clock, served) = (engine.clone(), engine.clone());
            spawn_local(async move { clock.run().await });
            let serving = spawn_local(async move { socket.serve(served).await });
            test(engine, &path).await;
            serving.abort();
            let _ = serving.await;
            assert!(!path.exists(), "the socket is gone with its twin");
        })
        .await;
}

async fn until(mut done: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !done() {
            yield_now().await;
        }
    });
    waited.await.expect("waited in vain");
}

#[tokio::test]
async fn every_request_has_its_answer() {
    with_twin(Mode::Stepped, async |_, path| {
        let mut talk = Talk::new(path).await;
        let status = talk.ask(json!({"do": "status"})).await;
        assert_eq!(status["ok"], true);
        assert_eq!(status["title"], toy::TITLE);
        assert_eq!(
            (&status["pace"], &status["t"]),
            (&json!("stepped"), &json!(0.0))
        );
        assert_eq!(status["recording"], Json::Null);

        let put = json!({"do": "put", "pv": "toy:number", "value": 2.5});
        assert_eq!(talk.ask(put).await, json!({"ok": true, "t": 0.0}));
        let got = talk.ask(json!({"do": "get", "pv": "toy:number.VAL"})).await;
        assert_eq!(got["value"], 2.5);
        assert_eq!(got["severity"], "NO_ALARM");
        let got = talk.ask(json!({"do": "get", "pv": "toy:run"})).await;
        assert_eq!((&got["value"], &got["label"]), (&json!(0), &json!("off")));
        let got = talk.ask(json!({"do": "get", "pv": "toy:slow"})).await;
        assert_eq!(got["units"], "mm");

        let put = json!({"do": "put", "pv": "toy:wave", "value": [1, 2.5, -3]});
        assert_eq!(talk.ask(put).await["ok"], true);
        let got = talk.ask(json!({"do": "get", "pv": "toy:wave"})).await;
        assert_eq!(got["value"], json!([1.0, 2.5, -3.0]));
        let put = json!({"do": "put", "pv": "toy:text", "value": "Grüße"});
        assert_eq!(talk.ask(put).await["ok"], true);
        let got = talk.ask(json!({"do": "get", "pv": "toy:text"})).await;
        assert_eq!(got["value"], "Grüße");
        let put = json!({"do": "put", "pv": "toy:run", "value": "on"});
        assert_eq!(talk.ask(put).await["ok"], true);

        let step = talk.ask(json!({"do": "advance", "by": "1.5 s"})).await;
        assert_eq!(step, json!({"ok": true, "t": 1.5}));
        let got = talk.ask(json!({"do": "get", "pv": "toy:ticks"})).await;
        assert_eq!(got["value"], 15);
        assert_eq!(
            talk.ask(json!({"do": "marker", "text": "here"})).await,
            json!({"ok": true})
        );
        let pace = talk.ask(json!({"do": "pace", "pace": "10"})).await;
        assert_eq!(pace, json!({"ok": true, "pace": "times 10"}));
    })
    .await;
}

#[tokio::test]
async fn something_goes_wrong_when_asked_for_and_is_listed() {
    with_twin(Mode::Stepped, async |_, path| {
        let mut talk = Talk::new(path).await;
        let none = json!({"ok": true, "faults": []});
        assert_eq!(talk.ask(json!({"do": "faults"})).await, none);
        let fault = |words: &str| json!({"do": "fault", "device": "toy.box", "words": words});
        let listed = talk.ask(fault("alarm minor for 3 s")).await;
        let minor = json!({"device": "toy.box", "fault": "alarm minor for 3 s", "until": 3.0});
        assert_eq!(listed, json!({"ok": true, "faults": [minor]}));
        let got = talk.ask(json!({"do": "get", "pv": "toy:number"})).await;
        assert_eq!(got["severity"], "MINOR");
        let wrong = talk.ask(fault("gremlins")).await;
        assert!(
            wrong["error"].as_str().unwrap().contains("read-only"),
            "{wrong}"
        );
        talk.ask(json!({"do": "advance", "by": "3 s"})).await;
        assert_eq!(talk.ask(json!({"do": "faults"})).await, none);
        let nobody = json!({"do": "fault", "device": "toy.bin", "words": "none"});
        assert!(talk.ask(nobody).await["error"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_mistake_is_answered_and_the_conversation_goes_on() {
    with_twin(Mode::REAL, async |_, path| {
        let mut talk = Talk::new(path).await;
        for (said, heard) in [
            ("{", "not a request"),
            ("[]", "not a request"),
            ("", "not a request"),
            (r#"{"do":"dance"}"#, "unknown variant `dance`"),
            (r#"{"do":"get"}"#, "missing field `pv`"),
            (r#"{"do":"get","pv":"a","by":1}"#, "unknown field `by`"),
            (
                r#"{"do":"get","pv":"nobody"}"#,
                "nothing is called `nobody`",
            ),
            (
                r#"{"do":"put","pv":"nobody","value":1}"#,
                "nothing is called `nobody`",
            ),
            (
                r#"{"do":"put","pv":"toy:number","value":{}}"#,
                "a number, a text, or a list",
            ),
            (
                r#"{"do":"put","pv":"toy:wave","value":[1,"a"]}"#,
                "a list is of numbers or of texts",
            ),
            (r#"{"do":"put","pv":"toy:number","value":"x"}"#, ""),
            (r#"{"do":"put","pv":"toy:ticks","value":1}"#, "read-only"),
            (r#"{"do":"put","pv":"toy:slow","value":-1}"#, "below 0"),
            (
                r#"{"do":"advance","by":"1 s"}"#,
                "set the pace to `stepped`",
            ),
            (r#"{"do":"advance","by":"soon"}"#, ""),
            (r#"{"do":"advance","by":"-1 s"}"#, ""),
            (r#"{"do":"pace","pace":"fast"}"#, "`fast` is no pace"),
        ] {
            talk.say(said).await;
            let answer = talk.hear().await;
            assert_eq!(answer["ok"], false, "{said}");
            let error = answer["error"].as_str().unwrap();
            assert!(error.contains(heard), "{said}: {error}");
        }
        talk.0.get_mut().write_all(b"\xff\xfe\n").await.unwrap();
        assert_eq!(talk.hear().await["ok"], false);
        let silent = talk
            .ask(json!({"do": "put", "pv": "toy:slow", "value": 2000}))
            .await;
        assert_eq!(silent, json!({"ok": true, "refused": "beyond 1000"}));
        assert_eq!(talk.ask(json!({"do": "status"})).await["ok"], true);
    })
    .await;
}

#[tokio::test]
async fn a_number_that_json_cannot_spell_is_spelt_as_in_a_trace() {
    with_twin(Mode::REAL, async |_, path| {
        let mut talk = Talk::new(path).await;
        for name in ["nan", "inf", "-inf"] {
            for value in [json!({"float": name}), json!(name)] {
                let put = json!({"do": "put", "pv": "toy:number", "value": value});
                assert_eq!(talk.ask(put).await["ok"], true);
                let got = talk.ask(json!({"do": "get", "pv": "toy:number"})).await;
                assert_eq!(got["value"], json!({"float": name}));
                let put = json!({"do": "put", "pv": "toy:number", "value": 1.5});
                assert_eq!(talk.ask(put).await["ok"], true);
            }
        }
        let wave = json!([1.0, {"float": "nan"}]);
        let put = json!({"do": "put", "pv": "toy:wave", "value": wave});
        assert_eq!(talk.ask(put).await["ok"], true);
        let got = talk.ask(json!({"do": "get", "pv": "toy:wave"})).await;
        assert_eq!(got["value"], wave);
    })
    .await;
}

#[tokio::test]
async fn a_put_that_waits_is_answered_when_it_has_finished() {
    with_twin(Mode::Stepped, async |engine, path| {
        let (mut waits, mut other) = (Talk::new(path).await, Talk::new(path).await);
        let put = json!({"do": "put", "pv": "toy:slow", "value": 5, "wait": true});
        waits.say(&put.to_string()).await;
        until(|| engine.look(Engine::awaited) == 1).await;
        assert_eq!(other.ask(json!({"do": "status"})).await["unfinished"], 1);
        other.ask(json!({"do": "advance", "by": "2 s"})).await;
        assert_eq!(waits.hear().await, json!({"ok": true, "t": 2.0}));
    })
    .await;
}

#[tokio::test]
async fn requests_sent_in_one_go_are_answered_in_order() {
    with_twin(Mode::Times(100.0), async |_, path| {
        let mut talk = Talk::new(path).await;
        let puts: String = (1..=50)
            .map(|n| {
                let wait = n == 1;
                let put = json!({"do": "put", "pv": "toy:slow", "value": n, "wait": wait});
                let get = json!({"do": "get", "pv": "toy:slow"});
                format!("{put}\n{get}\n")
            })
            .collect();
        talk.say(puts.trim_end()).await;
        for n in 1..=50 {
            assert_eq!(talk.hear().await["ok"], true);
            assert_eq!(talk.hear().await["value"], f64::from(n));
        }
    })
    .await;
}

#[tokio::test]
async fn one_that_has_no_more_to_ask_still_hears_its_answer() {
    with_twin(Mode::Stepped, async |engine, path| {
        let mut talk = Talk::new(path).await;
        let put = json!({"do": "put", "pv": "toy:slow", "value": 5, "wait": true});
        talk.say(&put.to_string()).await;
        talk.0.get_mut().shutdown().await.unwrap();
        until(|| engine.look(Engine::awaited) == 1).await;
        engine.step(toy::MOVE).await;
        assert_eq!(talk.hear().await["ok"], true);
    })
    .await;
}

#[tokio::test]
async fn one_that_goes_while_it_waits_leaves_nothing_behind() {
    let folder = Folder::new();
    let trace = folder.file("trace");
    with_twin(Mode::Stepped, async |engine, path| {
        let recorder = Recorder::create(&trace, &toy::header(), None, Bounds::default());
        engine.start_recording(recorder.unwrap());
        let mut talks = Vec::new();
        for value in 1..=3 {
            let mut talk = Talk::new(path).await;
            let put = json!({"do": "put", "pv": "toy:slow", "value": value, "wait": true});
            talk.say(&put.to_string()).await;
            until(|| engine.look(Engine::awaited) == value).await;
            talks.push(talk);
        }
        drop(talks);
        until(|| engine.look(Engine::awaited) == 0).await;
        assert_eq!(engine.look(|engine| engine.world().waiting()), 0);
        engine.act(Engine::finish_recording).unwrap();
    })
    .await;
    let trace = fs::read(&trace).unwrap();
    let lines: Result<Vec<Line>, _> = Reader::new(trace.as_slice()).unwrap().collect();
    let mut closed: Vec<u32> = lines
        .unwrap()
        .iter()
        .filter_map(|line| match line {
            Line::Close(number, _) => Some(*number),
            _ => None,
        })
        .collect();
    closed.sort_unstable();
    assert_eq!(closed, [1, 2, 3], "each went once");
}

#[tokio::test]
async fn a_request_to_shut_down_is_answered() {
    with_twin(Mode::REAL, async |engine, path| {
        let mut talk = Talk::new(path).await;
        assert_eq!(
            talk.ask(json!({"do": "shutdown"})).await,
            json!({"ok": true})
        );
        engine.ended().await;
    })
    .await;
}

#[tokio::test]
async fn only_its_owner_can_open_it() {
    let folder = Folder::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let socket = Socket::bind(None, folder.path()).unwrap();
    let path = socket.path().to_owned();
    let parent = path.parent().unwrap().to_owned();
    assert_eq!((mode(&path), mode(&parent)), (0o600, 0o700));
    let second = Socket::bind(None, folder.path()).unwrap();
    assert_ne!(
        second.path(),
        path,
        "two twins of one process number get along"
    );
    drop((socket, second));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_socket_of_a_killed_twin_is_replaced() {
    let folder = Folder::new();
    let path = folder.file("control");
    drop(Listening::bind(&path).unwrap());
    assert!(path.exists(), "a killed twin leaves its file behind");
    Socket::bind(Some(&path), folder.path()).unwrap();
}

#[tokio::test]
async fn the_socket_of_a_living_twin_is_not_stolen() {
    let folder = Folder::new();
    let path = folder.file("control");
    let first = Socket::bind(Some(&path), folder.path()).unwrap();
    let error = Socket::bind(Some(&path), folder.path()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    assert!(path.exists());
    drop(first);
}

#[tokio::test]
async fn a_file_that_is_no_socket_stays_where_it_is() {
    let folder = Folder::new();
    let path = folder.file("precious");
    fs::write(&path, "data").unwrap();
    assert!(Socket::bind(Some(&path), folder.path()).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "data");
}

#[tokio::test]
async fn a_request_without_an_end_is_not_waited_for_for_ever() {
    with_twin(Mode::REAL, async |_, path| {
        let mut talk = Talk::new(path).await;
        let endless = vec![b'x'; 4 << 20];
        // The twin hangs up before it has read it all.
        let _ = talk.0.get_mut().write_all(&endless).await;
        let mut line = String::new();
        assert!(
            matches!(talk.0.read_line(&mut line).await, Ok(0) | Err(_)),
            "{line}"
        );
    })
    .await;
}
