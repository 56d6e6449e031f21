//! A beamline of toys: this crate knows no devices.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses some of it"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use beamtwin_pv::{Epoch, Metadata, Value};
use beamtwin_sim::{
    Cx, Device, Field, Order, Put, PutId, PvId, RecordType, Refusal, Role, Rules, Slot, Surface,
    Timer, View, World, WorldBuilder,
};
use beamtwin_trace::{Header, Source, VERSION};

static SLOW: RecordType = RecordType::new(
    "slow",
    &[
        Field::double("VAL").command(),
        Field::double("RBV"),
        Field::string("EGU").setting().says("mm"),
        Field::short("PREC").setting().starts(3.0),
    ],
);
static NUMBER: RecordType = RecordType::new("number", &[Field::double("VAL").setting()]);
static WHOLE: RecordType = RecordType::new("whole", &[Field::long("VAL").setting()]);
static BYTE: RecordType = RecordType::new("byte", &[Field::char("VAL").setting()]);
static FLOAT: RecordType = RecordType::new("float", &[Field::float("VAL").setting()]);
static TEXT: RecordType = RecordType::new("text", &[Field::string("VAL").setting()]);
static CHOICE: RecordType =
    RecordType::new("choice", &[Field::states("VAL").setting()]).described(off_on_lost);
static WAVE: RecordType = RecordType::new(
    "wave",
    &[
        Field::double("VAL").array().setting(),
        Field::long("NELM").constant().starts(100.0),
    ],
);
static WHOLES: RecordType = RecordType::new(
    "wholes",
    &[
        Field::long("VAL").array().setting(),
        Field::long("NELM").constant().starts(4.0),
    ],
);
static COUNTER: RecordType = RecordType::new("counter", &[Field::long("VAL")]);

fn off_on_lost(_: &View<'_>, _: &Field) -> Metadata {
    Metadata {
        labels: ["off", "on", "lost"].map(Into::into).into(),
        ..Metadata::default()
    }
}

/// How long a move of `toy:slow` takes.
pub(crate) const MOVE: Duration = Duration::from_secs(1);
/// How often `toy:ticks` counts once `toy:run` is on.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// A title of the toy world.
pub(crate) const TITLE: &str = "toys";

/// Everything in one device: something slow, something that ticks, and a record of each type.
#[derive(Clone)]
struct Toy {
    val: Slot<f64>,
    rbv: Slot<f64>,
    run: Slot<u16>,
    ticks: Slot<i32>,
    moving: Vec<PutId>,
}

impl Device for Toy {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if order.is(self.run) {
            if order.number() == 1.0 {
                cx.wake_after(TICKS, TICK);
            } else {
                cx.cancel(TICKS);
            }
        }
        if !order.is(self.val) {
            return Ok(Put::Done);
        }
        match order.number() {
            666.0 => panic!("a bug in a device"),
            beyond if beyond > 1000.0 => return Err(Refusal::silent("beyond 1000")),
            negative if negative < 0.0 => return Err(Refusal::rejected("below 0")),
            _ => {}
        }
        cx.post(self.val, order.number());
        if order.number() == 0.0 {
            return Ok(Put::Done);
        }
        self.moving.push(order.put);
        cx.wake_after(ARRIVAL, MOVE);
        Ok(Put::Started)
    }

    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        if timer == TICKS {
            cx.post(self.ticks, cx.get(self.ticks) + 1);
            cx.wake_after(TICKS, TICK);
            return;
        }
        cx.post(self.rbv, cx.get(self.val));
        for put in self.moving.drain(..) {
            cx.finish(put);
        }
    }
}

/// Busy from a 1 until a 0, as a `busy` record.
#[derive(Clone)]
struct Busy {
    val: Slot<f64>,
    waiting: Vec<PutId>,
}

impl Device for Busy {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        cx.post(self.val, order.number());
        if order.number() != 0.0 {
            self.waiting.push(order.put);
            return Ok(Put::Started);
        }
        for put in self.waiting.drain(..) {
            cx.finish(put);
        }
        Ok(Put::Done)
    }
}

/// Another device.
#[derive(Clone)]
struct Apart;

impl Device for Apart {}

const ARRIVAL: Timer = Timer(0);
const TICKS: Timer = Timer(1);

/// A world of toys.
pub(crate) fn world() -> World {
    ruled(Rules::default())
}

/// A world of toys, with rules on who may do what.
pub(crate) fn ruled(rules: Rules) -> World {
    let mut surface = Surface::default();
    let slow = surface.record("toy:slow", &SLOW).tolerance(0.1);
    let (val, rbv) = (slow.slot("VAL"), slow.slot("RBV"));
    let run = surface.record("toy:run", &CHOICE).val();
    let ticks = surface.record("toy:ticks", &COUNTER).val();
    surface.record("toy:number", &NUMBER);
    surface.record("toy:other", &NUMBER);
    surface.record("toy:whole", &WHOLE);
    surface.record("toy:byte", &BYTE);
    surface.record("toy:float", &FLOAT);
    surface.record("toy:text", &TEXT);
    surface.record("toy:wave", &WAVE);
    surface.record("toy:wholes", &WHOLES);
    surface.record("toy:fixed", &WHOLES).role(Role::Readback);
    surface.record("toy:recording", &CHOICE);
    for name in ["toy:circuits", "toy:puts", "toy:uptime", "toy:memory"] {
        surface.record(name, &NUMBER).role(Role::Readback);
    }
    let toy = Toy {
        val,
        rbv,
        run,
        ticks,
        moving: Vec::new(),
    };
    let mut builder = WorldBuilder::new(TITLE)
        .access(rules)
        .seed(7)
        .epoch(Epoch::from_unix_nanos(1_767_225_600_000_000_000));
    builder.add("toy.box", surface, Box::new(toy));
    let mut surface = Surface::default();
    surface.record("toy:apart", &NUMBER);
    builder.add("toy.shelf", surface, Box::new(Apart));
    let mut surface = Surface::default();
    let val = surface
        .record("toy:busy", &NUMBER)
        .role(Role::Command)
        .val();
    let waiting = Vec::new();
    builder.add("toy.busy", surface, Box::new(Busy { val, waiting }));
    builder.build().expect("toys fit together")
}

/// A channel of a world of toys; they are all alike.
pub(crate) fn pv(name: &str) -> PvId {
    world().find(name).expect("a toy").pv
}

/// What stands at the beginning of a trace of toys.
pub(crate) fn header() -> Header {
    Header {
        version: VERSION,
        beamline: TITLE.to_owned(),
        epoch: "2026-01-01T00:00:00Z".to_owned(),
        seed: 7,
        file: None,
        program: "test".to_owned(),
        paths: Vec::new(),
    }
}

/// What stands for the beamline file.
pub(crate) fn source() -> Source {
    Source {
        name: "toys".to_owned(),
        text: "toys".to_owned(),
    }
}

/// A folder that goes when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("beamtwin-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).expect("a temporary folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A number to be written.
pub(crate) fn number(number: f64) -> Value {
    Value::Double(number)
}
