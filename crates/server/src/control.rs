//! Everything that may be done to a running twin besides Channel Access: JSON lines over a Unix socket that
//! only its owner can open.
//!
//! One request a line, `{"do":"put","pv":"TUT:x","value":2.5,"wait":true}`, and one answer a line, in order:
//! `{"ok":true,…}` or `{"ok":false,"error":"…"}`.

use std::cell::RefCell;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use beamtwin_pv::quantity::Seconds;
use beamtwin_pv::{Array, Metadata, Sample, Value};
use beamtwin_sim::{Client, ClientId, PutRequest, Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio::task::spawn_local;
use tracing::debug;

use crate::engine::{Listener, Outcome, Shared, Ticket};
use crate::pace::Mode;

/// What can be asked.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// Lets device time pass: `"5 s"`. Only where the pace is stepped.
    Advance {
        /// How long.
        by: String,
    },
    /// The present value of a PV.
    Get {
        /// Its name.
        pv: String,
    },
    /// Writes a remark into the trace.
    Marker {
        /// The remark.
        text: String,
    },
    /// Changes the pace: `real`, `stepped`, or how many times faster.
    Pace {
        /// The new pace.
        pace: String,
    },
    /// Writes a PV.
    Put {
        /// Its name.
        pv: String,
        /// A number, a text, or a list of either.
        value: Json,
        /// Whether to answer only when the put has finished.
        #[serde(default)]
        wait: bool,
    },
    /// Ends the session, as SIGTERM does.
    Shutdown,
    /// How the twin is.
    Status,
}

/// A socket that only its owner can open; its file goes when this does.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// The folder that was made for it, to be removed as well.
    folder: Option<PathBuf>,
}

impl Socket {
    /// Opens the socket at a path, or in a folder of its own among the temporary files.
    ///
    /// # Errors
    /// If it cannot be made, or somebody listens there already.
    pub fn bind(path: Option<&Path>, temporary: &Path) -> io::Result<Self> {
        let (path, folder) = match path {
            Some(path) => (path.to_owned(), None),
            None => {
                let folder = temporary.join(format!("beamtwin-{}", std::process::id()));
                std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
                (folder.join("control"), Some(folder))
            }
        };
        if std::os::unix::net::UnixStream::connect(&path).is_err() {
            // Left behind by a twin that was killed.
            let _ = std::fs::remove_file(&path);
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self {
            listener,
            path,
            folder,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Answers requests, for ever.
    pub async fn serve(&self, engine: Shared) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let engine = engine.clone();
                    spawn_local(async move {
                        if let Err(error) = converse(stream, engine).await {
                            debug!(%error, "control channel lost");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no control channel accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Waits for one put at a time.
#[derive(Default)]
struct Waiter(RefCell<Option<oneshot::Sender<Outcome>>>);

impl Listener for Waiter {
    fn post(&self, _: u32, _: &Sample, _: &Metadata) {}

    fn ended(&self, _: Ticket, outcome: Outcome) {
        if let Some(sender) = self.0.borrow_mut().take() {
            let _ = sender.send(outcome);
        }
    }
}

async fn converse(stream: UnixStream, engine: Shared) -> io::Result<()> {
    let user = stream
        .peer_cred()
        .map(|who| format!("uid {}", who.uid()))
        .unwrap_or_default();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut desk = Desk {
        engine,
        user,
        client: None,
    };
    while let Some(line) = lines.next_line().await? {
        let answer = match serde_json::from_str(&line) {
            Ok(request) => desk.answer(request).await,
            Err(error) => Err(format!("not a request: {error}")),
        };
        let answer = match answer {
            Ok(Json::Object(mut facts)) => {
                let mut all = serde_json::Map::from_iter([("ok".to_owned(), Json::from(true))]);
                all.append(&mut facts);
                Json::Object(all)
            }
            Ok(other) => json!({"ok": true, "answer": other}),
            Err(error) => json!({"ok": false, "error": error}),
        };
        write.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    desk.close();
    Ok(())
}

/// One conversation.
struct Desk {
    engine: Shared,
    user: String,
    client: Option<ClientId>,
}

impl Desk {
    async fn answer(&mut self, request: Request) -> Result<Json, String> {
        match request {
            Request::Advance { by } => {
                let wait: Seconds = by.parse().map_err(|error| format!("{error}"))?;
                let wait = wait
                    .duration()
                    .ok_or_else(|| format!("`{by}` does not lie ahead"))?;
                if self.engine.look(crate::Engine::mode) != Mode::Stepped {
                    return Err("time passes by itself; set the pace to `stepped` first".to_owned());
                }
                let now = self.engine.act(|engine| engine.step(wait));
                Ok(json!({"t": now.as_secs_f64()}))
            }
            Request::Get { pv } => self.engine.act(|engine| {
                let target = engine.world().find(&pv).ok_or_else(|| not_served(&pv))?;
                let sample = engine.read(target.pv);
                let metadata = engine.world().metadata(target.pv);
                Ok(shown(
                    &sample,
                    &metadata,
                    engine.world().now().as_secs_f64(),
                ))
            }),
            Request::Marker { text } => {
                let by = self.client();
                self.engine.act(|engine| engine.mark(text, Some(by)));
                Ok(json!({}))
            }
            Request::Pace { pace } => {
                let mode: Mode = pace.parse().map_err(|error| format!("{error}"))?;
                self.engine.act(|engine| engine.change_pace(mode));
                Ok(json!({"pace": mode.to_string()}))
            }
            Request::Put { pv, value, wait } => self.put(&pv, &value, wait).await,
            Request::Shutdown => {
                self.engine.end();
                Ok(json!({}))
            }
            Request::Status => Ok(self.engine.act(|engine| status(engine))),
        }
    }

    async fn put(&mut self, pv: &str, value: &Json, wait: bool) -> Result<Json, String> {
        let by = Some(self.client());
        let value = value_of(value)?;
        let (sender, receiver) = oneshot::channel();
        let waiter: Rc<dyn Listener> = Rc::new(Waiter(RefCell::new(Some(sender))));
        self.engine.act(|engine| {
            let target = engine.world().find(pv).ok_or_else(|| not_served(pv))?;
            let request = PutRequest {
                pv: target.pv,
                value,
                by,
                complete: wait,
            };
            engine.put(request, &waiter, Ticket(0));
            Ok::<(), String>(())
        })?;
        match receiver.await {
            Ok(Outcome::Done) => {
                Ok(json!({"t": self.engine.act(|e| e.world().now()).as_secs_f64()}))
            }
            Ok(Outcome::Refused(Reason::Silent, text)) => Ok(json!({"refused": text})),
            Ok(Outcome::Refused(_, text)) => Err(text),
            Err(_) => Err("the put was forgotten".to_owned()),
        }
    }

    fn client(&mut self) -> ClientId {
        *self.client.get_or_insert_with(|| {
            let (user, addr) = (self.user.clone(), "control".to_owned());
            self.engine.act(|engine| {
                engine.open_client(Client {
                    user,
                    host: String::new(),
                    addr,
                })
            })
        })
    }

    fn close(&mut self) {
        if let Some(client) = self.client.take() {
            self.engine.act(|engine| engine.close_client(client));
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.close();
    }
}

fn not_served(pv: &str) -> String {
    format!("nothing is called `{pv}`")
}

fn status(engine: &mut crate::Engine) -> Json {
    let (recording, lost) = engine.recording();
    let counts = engine.counts();
    let world = engine.world();
    json!({
        "title": world.title(),
        "t": world.now().as_secs_f64(),
        "pace": engine.mode().to_string(),
        "devices": world.devices().len(),
        "records": world.directory().len(),
        "unfinished": world.unfinished(),
        "waiting": world.waiting(),
        "subscriptions": engine.subscribers(),
        "facts": counts.facts,
        "puts": counts.puts,
        "posts": counts.posts,
        "reads": counts.reads,
        "recording": recording.map(|path| path.display().to_string()),
        "lost": lost,
        "missed": engine.missed(),
    })
}

/// A value with what a person wants to know about it.
fn shown(sample: &Sample, metadata: &Metadata, now: f64) -> Json {
    let mut answer = json!({"value": json_of(&sample.value), "t": now});
    if let Value::Enum(index) = sample.value
        && let Some(label) = metadata.labels.get(usize::from(index))
    {
        answer["label"] = label.to_string().into();
    }
    if !metadata.units.is_empty() {
        answer["units"] = metadata.units.to_string().into();
    }
    answer["severity"] = sample.alarm.severity.to_string().into();
    answer["status"] = sample.alarm.status.to_string().into();
    answer
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::String(text) => text.to_string().into(),
        Value::Array(array) => array.iter().map(|element| json_of(&element)).collect(),
        Value::Double(number) => (*number).into(),
        Value::Float(number) => f64::from(*number).into(),
        Value::Char(number) => (*number).into(),
        Value::Enum(number) => (*number).into(),
        Value::Long(number) => (*number).into(),
        Value::Short(number) => (*number).into(),
    }
}

fn value_of(json: &Json) -> Result<Value, String> {
    match json {
        Json::Bool(flag) => Ok(Value::Short((*flag).into())),
        Json::Number(number) => number
            .as_f64()
            .map(Value::Double)
            .ok_or_else(|| format!("{number} is too large")),
        Json::String(text) => Ok(text.as_str().into()),
        Json::Array(items) => {
            let values: Vec<Value> = items.iter().map(value_of).collect::<Result<_, _>>()?;
            let kind = values
                .first()
                .map_or(beamtwin_pv::ValueKind::Double, Value::kind);
            let array = Array::collect(kind, values);
            array
                .map(Value::Array)
                .ok_or_else(|| "a list is of numbers or of texts".to_owned())
        }
        Json::Null | Json::Object(_) => Err("a value is a number, a text, or a list".to_owned()),
    }
}
