//! A shutter: blades that let light through when they are fully open.
//!
//! The command is a whole number, as the fast shutter of a scattering beamline shows it. The command's
//! value changes at once; the blades take `travel` from one end to the other, and only then do the
//! readbacks change and puts with completion finish. Turned round on the way, they go back from where
//! they are. Light passes only while the blades rest at their open end.

mod blades;
mod settings;

use std::time::Duration;

pub use self::settings::{Settings, Start, Width};
use beamtwin_pv::{SimTime, Value, ValueKind};
use beamtwin_sim::record::{number_as, val};
use beamtwin_sim::{
    Beam, Cx, Device, Fault, Look, Meaning, Optic, Order, Put, PutId, Refusal, Role, Slot,
    Surface, Timer, Word,
};

use self::blades::{Blades, FAULTS, SLOWER, Trouble};
use crate::records::base;
use crate::Kind;

/// The `shutter` kind.
#[derive(Clone, Debug)]
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

/// The blades arrive.
const ARRIVAL: Timer = Timer(0);

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
                trouble: Trouble::None,
            },
        })
    }
}

impl Shutter {
    /// The nanoseconds that the blades take from end to end.
    fn travel(&self) -> u64 {
        let slower = if self.blades.trouble == Trouble::Slow {
            SLOWER
        } else {
            1
        };
        nanos(self.travel).saturating_mul(slower)
    }

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
            (way + gone).min(self.travel())
        } else {
            way.saturating_sub(gone)
        }
    }

    /// Whether the blades are, or are going, to the open end.
    const fn is_open(&self) -> bool {
        match self.blades.trouble.sticks() {
            Some(open) => open,
            None => self.blades.opening,
        }
    }

    const fn passes(&self) -> bool {
        match self.blades.trouble.sticks() {
            Some(open) => open,
            None => self.blades.opening && !self.blades.moving,
        }
    }

    fn value(&self, opening: bool) -> Value {
        let number = if opening { self.open } else { self.closed };
        number_as(number.into(), self.kind)
    }

    fn go(&mut self, opening: bool, cx: &mut Cx<'_>) {
        let passed = self.passes();
        self.blades.way = self.way(cx.now());
        self.blades.since = cx.now().nanos();
        self.blades.opening = opening;
        self.blades.moving = true;
        self.await_arrival(cx);
        if passed != self.passes() {
            cx.light_changed();
        }
    }

    fn await_arrival(&self, cx: &mut Cx<'_>) {
        let Blades { way, opening, .. } = self.blades;
        let left = if opening { self.travel() - way } else { way };
        cx.wake_after(ARRIVAL, Duration::from_nanos(left));
    }

    /// Shows where the blades are.
    fn show(&self, cx: &mut Cx<'_>) {
        if self.blades.trouble != Trouble::NeverConfirms {
            for &readback in &self.readbacks {
                cx.post(readback, self.value(self.is_open()));
            }
        }
    }

    /// The blades have arrived: shows it, and lets those who waited for it go.
    fn confirm(&mut self, cx: &mut Cx<'_>) {
        self.show(cx);
        if self.blades.trouble == Trouble::NeverConfirms {
            return;
        }
        for put in std::mem::take(&mut self.blades.puts) {
            cx.finish(PutId(put));
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
        } else if !self.blades.moving && self.blades.puts.is_empty() {
            return Ok(Put::Done);
        }
        self.blades.puts.push(order.put.0);
        Ok(Put::Started)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        let passed = self.passes();
        let opening = self.blades.opening;
        self.blades.way = if opening { self.travel() } else { 0 };
        self.blades.moving = false;
        self.confirm(cx);
        if passed != self.passes() {
            cx.light_changed();
        }
    }

    fn faults(&self) -> &'static [&'static str] {
        FAULTS
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let trouble = Trouble::with(fault);
        if trouble == self.blades.trouble {
            return;
        }
        let passed = self.passes();
        // The same part of the way lies behind the blades, however long the rest of it takes.
        let (way, travel) = (self.way(cx.now()), self.travel());
        self.blades.trouble = trouble;
        let part = u128::from(way) * u128::from(self.travel()) / u128::from(travel.max(1));
        self.blades.way = u64::try_from(part).unwrap_or(u64::MAX);
        self.blades.since = cx.now().nanos();
        if self.blades.moving {
            self.await_arrival(cx);
        }
        if !self.blades.moving {
            self.confirm(cx);
        } else if trouble.sticks().is_some() {
            self.show(cx);
        }
        if passed != self.passes() {
            cx.light_changed();
        }
    }

    fn optic(&self) -> Option<&dyn Optic> {
        Some(self)
    }

    fn words(&self) -> Vec<Word> {
        // The first of the file is the last here.
        let shown = *self.readbacks.last().unwrap_or(&self.command);
        vec![Word::when("open", shown, self.open.into())]
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
