//! A positioner behind a set-point and a readback, with a moving status and commands to go and to stop.
//!
//! The pattern of energies, undulators and virtual axes at NSLS-II: `…-SP`, `…-I`, `…Sts:Moving-Sts`,
//! `…Cmd:Go-Cmd.PROC`, `…Cmd:Stop-Cmd.PROC`. Where there is a go command, a set-point is kept until somebody
//! goes; without one, writing it is going. Motion is a trapezoid, looked at every `period`.

mod journey;
mod settings;

use std::time::Duration;

use beamtwin_pv::Value;
use beamtwin_sim::record::val;
use beamtwin_sim::{
    Cx, Device, Fault, LocalRecord, Meaning, Order, Put, PutId, RecordType, Refusal, Role, Slot,
    Surface, Timer, Word,
};

pub use self::settings::Settings;

use self::journey::{FAULTS, Journey, Trouble};
use crate::fault::{self, Sensor};
use crate::physics::trapezoid::{Motion, Pace};
use crate::records::base::{AI, AO, BI, BO};
use crate::records::process;
use crate::Kind;

/// The `positioner` kind.
#[derive(Clone, Debug)]
pub struct Positioner {
    setpoint: LocalRecord,
    readback: LocalRecord,
    moving: Option<LocalRecord>,
    go: Option<LocalRecord>,
    stop: Option<LocalRecord>,
    pace: Pace,
    /// A way that is not worth going.
    tolerance: f64,
    /// Nanoseconds between two looks.
    period: u64,
    journey: Journey,
}

/// The next look.
const LOOK: Timer = Timer(0);

impl Kind for Positioner {
    const NAME: &'static str = "positioner";
    type Settings = Settings;

    fn build(settings: Settings, surface: &mut Surface) -> Box<dyn Device> {
        settings.check(surface);
        let named = |suffix: &str| format!("{}{suffix}", settings.pv);
        let number = |kind: &'static RecordType, suffix: &str, surface: &mut Surface| {
            let mut record = surface
                .record(named(suffix), kind)
                .with("VAL", settings.start)
                .with("EGU", settings.units.as_str())
                .with("PREC", f64::from(settings.precision))
                .tolerance(settings.tolerance);
            if let Some([low, high]) = settings.limits {
                record = record.with("LOPR", low).with("HOPR", high);
                if kind.find("DRVL").is_some() {
                    record = record.with("DRVL", low).with("DRVH", high);
                }
            }
            if kind.find("DRVL").is_some() {
                record.role(Role::Command).id()
            } else {
                record.means(Meaning::Curve).id()
            }
        };
        let setpoint = number(&AO, &settings.setpoint, surface);
        let readback = number(&AI, &settings.readback, surface);
        surface.readback(Slot::<f64>::new(readback, val(&AI)));
        let moving = (!settings.moving.is_empty()).then(|| {
            let record = surface.record(named(&settings.moving), &BI);
            let record = record.with("ZNAM", "Idle").with("ONAM", "Moving");
            record.means(Meaning::State).id()
        });
        let command = |suffix: &str, label: &str, surface: &mut Surface| {
            let record = surface.record(named(suffix), &BO).with("ONAM", label);
            record.role(Role::Command).id()
        };
        let go = settings.go.as_ref();
        let go = go.map(|suffix| command(suffix, "Go", surface));
        let stops = !settings.stop.is_empty();
        let stop = stops.then(|| command(&settings.stop, "Stop", surface));
        Box::new(Self {
            setpoint,
            readback,
            moving,
            go,
            stop,
            pace: Pace {
                base: 0.0,
                speed: settings.velocity,
                ramp: settings.velocity / settings.acceleration.0.as_secs_f64(),
            },
            tolerance: settings.tolerance,
            period: u64::try_from(settings.period.0.as_nanos()).unwrap_or(u64::MAX),
            journey: Journey {
                rest: settings.start,
                motion: None,
                puts: Vec::new(),
                trouble: Trouble::None,
                sensor: Sensor::True,
            },
        })
    }
}

impl Positioner {
    /// The type of one of its records.
    fn kind(&self, record: LocalRecord) -> &'static RecordType {
        if record == self.setpoint {
            &AO
        } else if record == self.readback {
            &AI
        } else if Some(record) == self.moving {
            &BI
        } else {
            &BO
        }
    }

    /// Sets out for where the set-point is.
    fn depart(&mut self, cx: &mut Cx<'_>) {
        let target = cx.value(self.setpoint, val(&AO)).as_f64();
        let here = self.journey.at(cx.now());
        let there = target.unwrap_or(here.at);
        let near = here.speed == 0.0 && (there - here.at).abs() <= self.tolerance;
        let there = if near { here.at } else { there };
        self.follow(Motion::travel(here, there, self.pace), cx);
    }

    /// Slows down and stays where that leads.
    fn halt(&mut self, cx: &mut Cx<'_>) {
        if self.journey.motion.is_some() {
            let here = self.journey.at(cx.now());
            self.follow(Motion::stop(here, self.pace), cx);
        }
    }

    fn follow(&mut self, motion: Motion, cx: &mut Cx<'_>) {
        if self.journey.trouble != Trouble::Stall {
            self.journey.motion = Some((cx.now().nanos(), motion));
        }
        self.say(true, cx);
        cx.wake_after(LOOK, Duration::from_nanos(self.period));
    }

    fn say(&self, moving: bool, cx: &mut Cx<'_>) {
        if let Some(record) = self.moving {
            process::process(cx, record, &BI, Value::Enum(moving.into()));
        }
    }

    /// Whether the set-point has limits.
    fn clips(&self, cx: &Cx<'_>) -> bool {
        let limit = |name| AO.find(name).map(|at| cx.value(self.setpoint, at).as_f64());
        limit("DRVL") < limit("DRVH")
    }

    /// Lets a put finish when it has arrived.
    fn wait(&mut self, put: PutId) -> Put {
        self.journey.puts.push(put.0);
        Put::Started
    }

    /// Looks where it is, and shows it.
    fn look(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        let journey = &mut self.journey;
        let over = journey.trouble != Trouble::NeverDone && journey.over(now);
        let here = journey.at(now).at;
        if over {
            journey.rest = here;
            journey.motion = None;
        }
        if !over || journey.sensor.drifts() {
            cx.wake_after(LOOK, Duration::from_nanos(self.period));
        }
        if journey.trouble == Trouble::Offline {
            return;
        }
        let shown = if over { here } else { tidy(here) };
        let shown = journey.sensor.read(shown, now);
        process::process(cx, self.readback, &AI, Value::Double(shown));
        if over {
            self.say(false, cx);
        }
        if over && self.journey.trouble != Trouble::LostCompletion {
            for put in std::mem::take(&mut self.journey.puts) {
                cx.finish(PutId(put));
            }
        }
    }
}

/// Whether a put to a command means it: 1, or processing the record.
fn commands(order: &Order) -> bool {
    order.field == PROC || order.field == val(&BO) && order.number() == 1.0
}

const PROC: beamtwin_sim::FieldIx = beamtwin_sim::record::place(&[], "PROC");

impl Device for Positioner {
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let (record, put) = (order.record, order.put);
        let kind = self.kind(record);
        if record == self.setpoint && order.field == val(&AO) {
            let number = order.number();
            if !number.is_finite() && (number.is_nan() || !self.clips(cx)) {
                return Err(Refusal::rejected(format!("{number} is no position")));
            }
        }
        if self.journey.trouble == Trouble::Offline {
            process::put_unanswered(cx, kind, order);
            return Ok(Put::Done);
        }
        let written = order.field == PROC || order.field == val(kind);
        let meant = commands(&order);
        process::put(cx, kind, order);
        let goes = if self.go.is_some() {
            meant && Some(record) == self.go
        } else {
            written && record == self.setpoint
        };
        if goes {
            self.depart(cx);
            return Ok(self.wait(put));
        }
        if meant && Some(record) == self.stop {
            self.halt(cx);
        }
        Ok(Put::Done)
    }

    fn wake(&mut self, _: Timer, cx: &mut Cx<'_>) {
        self.look(cx);
    }

    fn faults(&self) -> &'static [&'static str] {
        FAULTS
    }

    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let now = cx.now();
        let shown = cx.value(self.readback, val(&AI));
        let shown = shown.as_f64().unwrap_or_default();
        let journey = &mut self.journey;
        let before = (journey.trouble, journey.sensor);
        journey.trouble = Trouble::with(fault);
        journey.sensor = Sensor::with(fault, shown, now);
        if before == (journey.trouble, journey.sensor) {
            return;
        }
        if journey.trouble == Trouble::Stall {
            journey.rest = journey.at(now).at;
            journey.motion = None;
        }
        if [before.0, journey.trouble].contains(&Trouble::Offline) {
            let records = [Some(self.setpoint), Some(self.readback), self.moving];
            for record in records.into_iter().flatten() {
                let kind = self.kind(record);
                let value = cx.value(record, val(kind));
                if self.journey.trouble == Trouble::Offline {
                    process::fail(cx, record, kind, value, fault::UNANSWERED);
                } else {
                    process::process(cx, record, kind, value);
                }
            }
        }
        self.look(cx);
    }

    fn words(&self) -> Vec<Word> {
        let slot = |record, kind| Slot::<f64>::new(record, val(kind));
        let mut words = vec![
            Word::number("position", slot(self.readback, &AI)),
            Word::number("setpoint", slot(self.setpoint, &AO)),
        ];
        words.extend(
            self.moving
                .map(|it| Word::unless("moving", slot(it, &BI), 0.0)),
        );
        words
    }
}

/// Without the dust of binary fractions.
fn tidy(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}
