//! A shutter: blades that let light through when they are fully open.
//!
//! The command is a whole number, as the fast shutter of a scattering beamline shows it. The command's
//! value changes at once; the blades take `travel` from one end to the other, and only then do the
//! readbacks change and puts with completion finish. Turned round on the way, they go back from where
//! they are. Light passes only while the blades rest at their open end.

use std::time::Duration;

use beamtwin_pv::{SimTime, Value, ValueKind};
use beamtwin_sim::record::{number_as, val};
use beamtwin_sim::{
    Beam, Cx, Device, Look, Meaning, Optic, Order, Put, PutId, Refusal, Role, Slot, State,
    StateError, Surface, Timer,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::records::base;
use crate::settings::{self, Names, Wait};
use crate::{Kind, state};

/// The `shutter` kind.
#[derive(Debug)]
pub struct Shutter {
    command: Slot<Value>,
    /// In the order in which they are posted: the last blade of the file first.
    readbacks: Vec<Slot<Value>>,
    travel: Duration,
    open: i32,
    closed: i32,
    kind: ValueKind,
    blades: Blades,
}

/// Where the blades are and where they go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Blades {
    /// How much of the way from the closed end lay behind them, in nanoseconds of travel.
    way: u64,
    /// When that was.
    since: u64,
    /// Whether they go to, or rest at, the open end.
    opening: bool,
    /// Whether they are under way.
    moving: bool,
    /// The puts that finish when they arrive.
    puts: Vec<u64>,
}

/// What stands in a `[shutter.name]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The PV that opens and closes it.
    pub command: String,
    /// The PVs that tell where the blades are: one name or several.
    #[serde(default)]
    pub readback: Names,
    /// How long the blades take from end to end.
    #[serde(default = "travel")]
    pub travel: Wait,
    /// The value that means open.
    #[serde(default = "open")]
    pub open: i32,
    /// The value that means closed.
    #[serde(default)]
    pub closed: i32,
    /// The width of the values.
    #[serde(rename = "type", default)]
    pub width: Width,
    /// How it stands when the session begins.
    #[serde(default)]
    pub start: Start,
}

/// How wide a shutter's values are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    /// 32 bits.
    Long,
    /// 16 bits.
    #[default]
    Short,
}

/// How a shutter stands when the session begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Light is blocked.
    #[default]
    Closed,
    /// Light passes.
    Open,
}

/// The blades arrive.
const ARRIVAL: Timer = Timer(0);

const fn travel() -> Wait {
    Wait(Duration::from_millis(100))
}

const fn open() -> i32 {
    1
}

impl Kind for Shutter {
    const NAME: &'static str = "shutter";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings.check(surface);
        let (output, input) = match settings.width {
            Width::Long => (&base::LONGOUT, &base::LONGIN),
            Width::Short => (&base::SHORTOUT, &base::SHORTIN),
        };
        let opening = settings.start == Start::Open;
        let first = if opening {
            settings.open
        } else {
            settings.closed
        };
        let command = surface
            .record(settings.command, output)
            .with("VAL", first)
            .role(Role::Command)
            .val();
        let mut readbacks: Vec<Slot<Value>> = settings
            .readback
            .0
            .into_iter()
            .map(|name| {
                let record = surface.record(name, input).with("VAL", first);
                record.means(Meaning::State).val()
            })
            .collect();
        surface.readback(*readbacks.first().unwrap_or(&command));
        readbacks.reverse();
        let travel = settings.travel.0;
        Box::new(Self {
            command,
            readbacks,
            travel,
            open: settings.open,
            closed: settings.closed,
            kind: output.field(val(output)).kind,
            blades: Blades {
                way: if opening { nanos(travel) } else { 0 },
                since: 0,
                opening,
                moving: false,
                puts: Vec::new(),
            },
        })
    }
}

impl Settings {
    fn check(&self, surface: &mut Surface) {
        settings::record_name(surface, "command", &self.command);
        for (at, name) in self.readback.0.iter().enumerate() {
            settings::record_name(surface, "readback", name);
            if *name == self.command || self.readback.0[..at].contains(name) {
                let message = format!("`{name}` is used twice; each PV needs a name of its own");
                surface.flaw("readback", message);
            }
        }
        if self.open == self.closed {
            surface.flaw(
                "open",
                "open and closed are the same value; write for example open = 1",
            );
        }
        if self.width == Width::Short {
            for (key, value) in [("open", self.open), ("closed", self.closed)] {
                if i16::try_from(value).is_err() {
                    let message = format!("{value} does not fit 16 bits; write type = \"long\"");
                    surface.flaw(key, message);
                }
            }
        }
    }
}

impl Shutter {
    /// How much of the way from the closed end lies behind the blades now.
    fn way(&self, now: SimTime) -> u64 {
        let Blades {
            way,
            since,
            opening,
            moving,
            ..
        } = self.blades;
        let gone = if moving {
            nanos(now.since(SimTime::from_nanos(since)))
        } else {
            0
        };
        if opening {
            (way + gone).min(nanos(self.travel))
        } else {
            way.saturating_sub(gone)
        }
    }

    const fn passes(&self) -> bool {
        self.blades.opening && !self.blades.moving
    }

    fn value(&self, opening: bool) -> Value {
        let number = if opening { self.open } else { self.closed };
        number_as(number.into(), self.kind)
    }

    fn go(&mut self, opening: bool, cx: &mut Cx<'_>) {
        let passed = self.passes();
        let way = self.way(cx.now());
        self.blades = Blades {
            way,
            since: cx.now().nanos(),
            opening,
            moving: true,
            puts: std::mem::take(&mut self.blades.puts),
        };
        let left = if opening {
            nanos(self.travel) - way
        } else {
            way
        };
        cx.wake_after(ARRIVAL, Duration::from_nanos(left));
        if passed {
            cx.light_changed();
        }
    }
}

impl Device for Shutter {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        if !order.is(self.command) {
            return Ok(Put::Done);
        }
        let opening = match order.number() {
            number if number == f64::from(self.open) => true,
            number if number == f64::from(self.closed) => false,
            number => {
                return Err(Refusal::rejected(format!(
                    "a shutter takes {} to open and {} to close, not {number}",
                    self.open, self.closed
                )));
            }
        };
        cx.post(self.command, self.value(opening));
        if opening != self.blades.opening {
            self.go(opening, cx);
        } else if !self.blades.moving {
            return Ok(Put::Done);
        }
        self.blades.puts.push(order.put.0);
        Ok(Put::Started)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        let opening = self.blades.opening;
        self.blades.way = if opening { nanos(self.travel) } else { 0 };
        self.blades.moving = false;
        for at in 0..self.readbacks.len() {
            cx.post(self.readbacks[at], self.value(opening));
        }
        if opening {
            cx.light_changed();
        }
        for put in std::mem::take(&mut self.blades.puts) {
            cx.finish(PutId(put));
        }
    }

    fn optic(&self) -> Option<&dyn Optic> {
        Some(self)
    }

    fn save(&self) -> State {
        state::save(&self.blades)
    }

    fn restore(&mut self, state: State) -> Result<(), StateError> {
        self.blades = state::restore(state)?;
        Ok(())
    }
}

impl Optic for Shutter {
    fn pass(&self, beam: Beam, _: &Look<'_>) -> Beam {
        if self.passes() { beam } else { Beam::DARK }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
