//! Everything that may be done to a running twin besides Channel Access: JSON lines over a Unix socket that
//! only its owner can open.
//!
//! One request a line, `{"do":"put","pv":"TUT:x","value":2.5,"wait":true}`, and one answer a line, in order:
//! `{"ok":true,…}` or `{"ok":false,"error":"…"}`.

mod socket;
mod values;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use beamtwin_pv::SimTime;
use beamtwin_pv::quantity::Seconds;
use beamtwin_sim::{Client, ClientId, PutRequest, Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

pub use self::socket::Socket;
use self::values::{shown, value_of};
use crate::engine::{Engine, Listener, Outcome, Shared, Ticket, Update};
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
    /// Makes something go wrong on purpose, or ends it.
    Fault {
        /// With which device; `all` for the twin as a whole.
        device: String,
        /// What: `stall for 10 s`, `none`.
        words: String,
    },
    /// What goes wrong on purpose just now.
    Faults,
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
    /// Goes back to a snapshot.
    Restore {
        /// Its name.
        name: String,
    },
    /// Ends the session, as SIGTERM does.
    Shutdown,
    /// Takes a snapshot of the twin, in the place of one of the same name.
    Snapshot {
        /// Its name.
        name: String,
    },
    /// The snapshots that there are.
    Snapshots,
    /// How the twin is.
    Status,
}

/// The longest request: an array of a hundred thousand numbers fits.
const LONGEST: u64 = 1 << 20;

/// Waits for one put at a time.
#[derive(Default)]
struct Waiter(RefCell<Option<oneshot::Sender<Outcome>>>);

impl Listener for Waiter {
    fn post(&self, _: u32, _: Update<'_>) {}

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
    // What waits for the end of the connection forgets that it is writable, and so cannot be what writes.
    let stream = stream.into_std()?;
    let watched = UnixStream::from_std(stream.try_clone()?)?;
    let (read, mut write) = UnixStream::from_std(stream)?.into_split();
    let mut read = BufReader::new(read);
    let mut line = Vec::new();
    let waiter = Rc::new(Waiter::default());
    let mut desk = Desk {
        engine,
        user,
        client: None,
        listener: Rc::clone(&waiter) as Rc<dyn Listener>,
        waiter,
    };
    while (&mut read)
        .take(LONGEST)
        .read_until(b'\n', &mut line)
        .await?
        != 0
    {
        if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
            return Err(io::Error::other("a request of more than a mebibyte"));
        }
        let answer = match serde_json::from_slice(&line) {
            Ok(request) => tokio::select! {
                biased;
                answer = desk.answer(request) => answer,
                () = gone(&watched) => return Ok(()),
            },
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
        line.clear();
    }
    Ok(())
}

/// Returns when the other side is wholly gone; one that has only nothing more to ask still waits for its
/// answer.
async fn gone(stream: &UnixStream) {
    while let Ok(ready) = stream.ready(Interest::WRITABLE).await {
        if ready.is_write_closed() {
            return;
        }
        // Now the next thing to hear of is that it is closed.
        let forget = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
        let _ = stream.try_io(Interest::WRITABLE, forget);
    }
}

/// One conversation.
struct Desk {
    engine: Shared,
    user: String,
    client: Option<ClientId>,
    waiter: Rc<Waiter>,
    /// The same waiter, as the engine knows it.
    listener: Rc<dyn Listener>,
}

impl Desk {
    async fn answer(&mut self, request: Request) -> Result<Json, String> {
        match request {
            Request::Advance { by } => {
                let wait: Seconds = by.parse().map_err(|error| format!("{error}"))?;
                let wait = wait
                    .duration()
                    .ok_or_else(|| format!("`{by}` does not lie ahead"))?;
                if self.engine.look(Engine::mode) != Mode::Stepped {
                    return Err("time passes by itself; set the pace to `stepped` first".to_owned());
                }
                let now = self.engine.step(wait).await;
                Ok(json!({"t": now.as_secs_f64()}))
            }
            Request::Fault { device, words } => {
                let by = Some(self.client());
                let made = self.engine.act(|engine| engine.fault(&device, &words, by));
                made.map_err(|error| error.to_string())?;
                Ok(self.engine.act(|engine| faults(engine)))
            }
            Request::Faults => Ok(self.engine.act(|engine| faults(engine))),
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
                if [mode, self.engine.look(Engine::mode)].contains(&Mode::Jump) {
                    return Err("time jumps in a preflight, and nowhere else".to_owned());
                }
                self.engine.act(|engine| engine.change_pace(mode));
                Ok(json!({"pace": mode.to_string()}))
            }
            Request::Put { pv, value, wait } => self.put(&pv, &value, wait).await,
            Request::Restore { name } => {
                let by = Some(self.client());
                let went = self.engine.act(|engine| engine.restore(&name, by));
                went.map_err(|error| error.to_string())?;
                Ok(self.engine.look(now))
            }
            Request::Shutdown => {
                self.engine.end();
                Ok(json!({}))
            }
            Request::Snapshot { name } => {
                let by = Some(self.client());
                let taken = self.engine.act(|engine| engine.snapshot(&name, by));
                taken.map_err(|error| error.to_string())?;
                Ok(self.engine.look(now))
            }
            Request::Snapshots => Ok(self.engine.look(snapshots)),
            Request::Status => Ok(self.engine.act(|engine| status(engine))),
        }
    }

    async fn put(&mut self, pv: &str, value: &Json, wait: bool) -> Result<Json, String> {
        let value = value_of(value)?;
        let target = self.engine.look(|engine| engine.world().find(pv));
        let request = PutRequest {
            pv: target.ok_or_else(|| not_served(pv))?.pv,
            value,
            by: Some(self.client()),
            complete: wait,
        };
        self.engine.uncongested().await;
        let (sender, receiver) = oneshot::channel();
        self.waiter.0.replace(Some(sender));
        self.engine
            .act(|engine| engine.put(request, &self.listener, Ticket(0)));
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
}

impl Drop for Desk {
    /// However a conversation ends, its client goes with it.
    fn drop(&mut self) {
        if let Some(client) = self.client
            && !self.engine.is_broken()
        {
            self.engine.act(|engine| {
                engine.forget(&self.listener);
                engine.close_client(client);
            });
        }
    }
}

fn not_served(pv: &str) -> String {
    format!("nothing is called `{pv}`")
}

fn faults(engine: &Engine) -> Json {
    let faults = engine.world().faults().map(|(device, fault, until)| {
        let until = until.map(SimTime::as_secs_f64);
        json!({"device": device, "fault": fault.to_string(), "until": until})
    });
    json!({"faults": faults.collect::<Vec<Json>>()})
}

fn now(engine: &Engine) -> Json {
    json!({"t": engine.world().now().as_secs_f64()})
}

fn snapshots(engine: &Engine) -> Json {
    let snapshots = engine
        .world()
        .snapshots()
        .map(|kept| json!({"name": kept.name, "t": kept.taken.as_secs_f64(), "bytes": kept.bytes}));
    json!({"snapshots": snapshots.collect::<Vec<Json>>()})
}

fn status(engine: &Engine) -> Json {
    let census = engine.census();
    let clients = engine.clients().map(
        |(who, puts)| json!({"user": who.user, "host": who.host, "addr": who.addr, "puts": puts}),
    );
    let clients: Vec<Json> = clients.collect();
    let (recording, lost) = engine.recording();
    let counts = engine.counts();
    let world = engine.world();
    json!({
        "title": world.title(),
        "t": world.now().as_secs_f64(),
        "pace": engine.mode().to_string(),
        "behind": engine.is_behind(),
        "devices": world.devices().len(),
        "records": world.directory().len(),
        "unfinished": world.unfinished(),
        "waiting": world.waiting(),
        "uptime": engine.uptime().as_secs(),
        "circuits": census.circuits.get(),
        "channels": census.channels.get(),
        "subscriptions": engine.subscribers(),
        "events": census.events.get(),
        "squashed": census.squashed.get(),
        "bytes_in": census.received.get(),
        "bytes_out": census.sent.get(),
        "no_room": census.refused.get(),
        "clients": clients,
        "facts": counts.facts,
        "puts": counts.puts,
        "posts": counts.posts,
        "reads": counts.reads,
        "recording": recording.map(|path| path.display().to_string()),
        "lost": lost,
        "missed": engine.missed(),
    })
}
