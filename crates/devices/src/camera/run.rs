//! An acquisition under way: exposures, pauses, counters, and the puts that wait for its end.

use std::time::Duration;

use beamtwin_pv::SimTime;
use beamtwin_sim::{Cx, Fault, Meaning, Order, Put, PutId};

use super::frame::Frame;
use super::plugins::Plugins;
use super::view::View;
use super::{FRAME, RATE, seconds};
use crate::fault::{FROZEN, LOST_COMPLETION};
use crate::records::Panel;

/// What a driver is doing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pilatus: bool,
    phase: Phase,
    /// When the present or the last exposure began, in nanoseconds.
    began: u64,
    /// How many frames this acquisition has.
    frames: i64,
    /// `ArrayCounter_RBV` when the frame rate was last worked out.
    counted: f64,
    /// Whether the frame rate is being worked out.
    counting: bool,
    /// The puts that finish when the acquisition ends.
    puts: Vec<u64>,
    trouble: Trouble,
    /// An exposure or a pause has ended, and nobody noticed.
    late: bool,
    /// How many frames there were since the simulated detector was reset.
    since_reset: u64,
}

/// What goes wrong on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trouble {
    #[default]
    None,
    /// No exposure ends, and no acquisition can be stopped.
    Hung,
    /// The plugins are not done with the frames.
    LostCompletion,
    /// No frame arrives.
    Frozen,
}

/// The words for what can go wrong.
pub(super) const FAULTS: &[&str] = &["hung", LOST_COMPLETION, FROZEN];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Exposing,
    Idle,
    Pausing,
}

/// States of `DetectorState_RBV`.
const IDLE: f64 = 0.0;
pub(super) const ACQUIRE: f64 = 1.0;
const READOUT: f64 = 2.0;
const WAITING: f64 = 7.0;
const ABORTED: f64 = 10.0;

/// Choices of `ImageMode`.
const SINGLE: f64 = 0.0;
const CONTINUOUS: f64 = 2.0;

/// The choice of `ShutterMode` in which the detector moves the shutter itself.
const DETECTOR_OUTPUT: f64 = 2.0;

/// The shortest time from one exposure to the next. The simulated detector takes about as long to fill
/// a frame; without it, a continuous acquisition of no exposure time would never let time pass.
const SHORTEST: Duration = Duration::from_millis(1);

/// What a record of the driver means to somebody who compares two sessions.
pub(super) fn meaning(suffix: &str) -> Option<Meaning> {
    match suffix {
        "Acquire_RBV" | "AcquireBusy" | "AcquireBusyCB" | "Armed" | "DetectorState_RBV"
        | "SetAcquireBusy" | "ClearAcquireBusy" | "StatusMessage_RBV" => Some(Meaning::State),
        _ => None,
    }
}

impl Run {
    pub(super) const fn new(pilatus: bool) -> Self {
        Self {
            pilatus,
            phase: Phase::Idle,
            began: 0,
            frames: 0,
            counted: 0.0,
            counting: false,
            puts: Vec::new(),
            trouble: Trouble::None,
            late: false,
            since_reset: 0,
        }
    }

    /// Somebody wrote `Acquire`.
    pub(super) fn acquire(&mut self, panel: &Panel, order: &Order, cx: &mut Cx<'_>) -> Put {
        let go = order.number() != 0.0;
        if !go {
            if self.phase != Phase::Idle && self.trouble != Trouble::Hung {
                self.stop(panel, cx);
            }
            return Put::Done;
        }
        if self.phase == Phase::Idle {
            self.start(panel, cx);
        }
        // The record itself is done at once; only its busy record is not, so nobody else waits.
        self.puts.push(order.put.0);
        cx.release(order.put);
        Put::Started
    }

    /// From now on this goes wrong, and nothing else does.
    pub(super) fn fault(
        &mut self,
        fault: Option<&Fault>,
        panel: &Panel,
        plugins: &mut Plugins,
        cx: &mut Cx<'_>,
    ) {
        let trouble = match fault.map(|fault| fault.words) {
            Some("hung") => Trouble::Hung,
            Some(LOST_COMPLETION) => Trouble::LostCompletion,
            Some(FROZEN) => Trouble::Frozen,
            _ => Trouble::None,
        };
        let before = std::mem::replace(&mut self.trouble, trouble);
        if before == Trouble::LostCompletion && self.phase == Phase::Idle {
            self.complete(panel, cx);
        }
        if trouble != Trouble::Hung && std::mem::take(&mut self.late) {
            self.step(panel, plugins, cx);
        }
    }

    /// An exposure or a pause has ended.
    pub(super) fn step(&mut self, panel: &Panel, plugins: &mut Plugins, cx: &mut Cx<'_>) {
        if self.trouble == Trouble::Hung {
            self.late = true;
            return;
        }
        match self.phase {
            Phase::Exposing => self.read_out(panel, plugins, cx),
            Phase::Pausing => self.expose(panel, cx),
            Phase::Idle => {}
        }
    }

    /// `ArrayCounter_RBV` has changed: the rate is to be worked out until it is zero again.
    pub(super) fn count(&mut self, cx: &mut Cx<'_>) {
        if !self.counting {
            self.counting = true;
            cx.wake_at(RATE, next_second(cx.now()));
        }
    }

    /// A second of device time is over.
    pub(super) fn rate(&mut self, panel: &Panel, plugins: &mut Plugins, cx: &mut Cx<'_>) {
        let counter = panel.number(cx, "ArrayCounter_RBV");
        let rate = (counter - self.counted).max(0.0);
        self.counted = counter;
        cx.attribute(None);
        panel.set(cx, "ArrayRate_RBV", rate);
        let counting = plugins.rate(cx);
        self.counting = counting || rate != 0.0 || self.phase != Phase::Idle;
        if self.counting {
            cx.wake_at(RATE, next_second(cx.now()));
        }
    }

    fn start(&mut self, panel: &Panel, cx: &mut Cx<'_>) {
        self.frames = 0;
        panel.set(cx, "Acquire", 1.0);
        panel.say(cx, "StatusMessage_RBV", "Acquiring data");
        panel.set(cx, "AcquireBusyCB", 1.0);
        panel.set(cx, "SetAcquireBusy", 1.0);
        panel.set(cx, "AcquireBusy", 1.0);
        panel.set(cx, "Acquire_RBV", 1.0);
        panel.set(cx, "ClearAcquireBusy", 1.0);
        if self.pilatus {
            panel.set(cx, "Armed", 1.0);
        } else {
            panel.set(cx, "NumImagesCounter_RBV", 0.0);
            self.shutter(panel, cx, true);
        }
        self.count(cx);
        self.expose(panel, cx);
    }

    fn expose(&mut self, panel: &Panel, cx: &mut Cx<'_>) {
        self.phase = Phase::Exposing;
        self.began = cx.now().nanos();
        panel.set(cx, "DetectorState_RBV", ACQUIRE);
        cx.wake_after(FRAME, seconds(panel.number(cx, "AcquireTime")));
    }

    fn read_out(&mut self, panel: &Panel, plugins: &mut Plugins, cx: &mut Cx<'_>) {
        self.frames += 1;
        if !self.pilatus {
            panel.set(cx, "DetectorState_RBV", READOUT);
        }
        if self.trouble != Trouble::Frozen {
            let view = self.view(panel, cx);
            let number = panel.number(cx, "ArrayCounter_RBV") + 1.0;
            panel.set(cx, "ArrayCounter_RBV", number);
            if !self.pilatus {
                panel.set(cx, "NumImagesCounter_RBV", self.frames as f64);
            }
            let port = panel.text(cx, "PortName_RBV").unwrap_or_default();
            if panel.number(cx, "ArrayCallbacks_RBV") == 1.0 && plugins.hears(&port, cx) {
                let image = view.image(panel, self.since_reset, cx);
                plugins.frame(port, Frame::new(number, cx.date(), image), cx);
            }
            self.since_reset += 1;
        }
        if self.is_enough(panel, cx) {
            let message = if self.pilatus {
                "Waiting for acquire command"
            } else {
                "Waiting for acquisition"
            };
            panel.say(cx, "StatusMessage_RBV", message);
            self.end(panel, cx, IDLE);
            return;
        }
        let period = seconds(panel.number(cx, "AcquirePeriod")).max(SHORTEST);
        let next = SimTime::from_nanos(self.began) + period;
        if next <= cx.now() {
            self.expose(panel, cx);
            return;
        }
        self.phase = Phase::Pausing;
        if !self.pilatus {
            panel.set(cx, "DetectorState_RBV", WAITING);
        }
        cx.wake_at(FRAME, next);
    }

    /// Whether this was the last frame. The Pilatus driver counts images in every mode.
    fn is_enough(&self, panel: &Panel, cx: &Cx<'_>) -> bool {
        let all = self.frames as f64 >= panel.number(cx, "NumImages_RBV");
        let mode = panel.number(cx, "ImageMode_RBV");
        if self.pilatus {
            all
        } else if mode == SINGLE {
            true
        } else {
            mode != CONTINUOUS && all
        }
    }

    /// What of the sensor is in the frame just taken; shows its size.
    fn view(&mut self, panel: &Panel, cx: &mut Cx<'_>) -> View {
        let view = if self.pilatus {
            View::whole(panel, cx)
        } else {
            let reset = panel.number(cx, "Reset_RBV") != 0.0;
            panel.set(cx, "Reset_RBV", 0.0);
            if reset {
                self.since_reset = 0;
            }
            View::simulated(panel, cx)
        };
        let (width, height) = view.size();
        panel.set(cx, "ArraySizeX_RBV", width as f64);
        panel.set(cx, "ArraySizeY_RBV", height as f64);
        panel.set(cx, "ArraySize_RBV", view.bytes() as f64);
        view
    }

    fn stop(&mut self, panel: &Panel, cx: &mut Cx<'_>) {
        let pausing = self.phase == Phase::Pausing;
        cx.cancel(FRAME);
        panel.set(cx, "Acquire", 0.0);
        let (message, state) = if self.pilatus {
            ("Acquisition aborted", ABORTED)
        } else if pausing {
            ("Acquisition stopped", IDLE)
        } else {
            ("Acquisition stopped", ABORTED)
        };
        panel.say(cx, "StatusMessage_RBV", message);
        self.end(panel, cx, state);
    }

    fn end(&mut self, panel: &Panel, cx: &mut Cx<'_>, state: f64) {
        self.phase = Phase::Idle;
        panel.set(cx, "DetectorState_RBV", state);
        panel.set(cx, "AcquireBusyCB", 0.0);
        panel.set(cx, "Acquire", 0.0);
        panel.set(cx, "Acquire_RBV", 0.0);
        if self.pilatus {
            panel.set(cx, "Armed", 0.0);
        } else {
            self.shutter(panel, cx, false);
        }
        self.complete(panel, cx);
    }

    /// Says that all is done, the plugins included.
    fn complete(&mut self, panel: &Panel, cx: &mut Cx<'_>) {
        panel.set(cx, "SetAcquireBusy", 0.0);
        if self.trouble != Trouble::LostCompletion {
            panel.set(cx, "AcquireBusy", 0.0);
            panel.set(cx, "ClearAcquireBusy", 0.0);
            self.let_go(cx);
        }
    }

    /// Finishes the puts that wait for `AcquireBusy`, which may be cleared by hand.
    pub(super) fn let_go(&mut self, cx: &mut Cx<'_>) {
        for put in std::mem::take(&mut self.puts) {
            cx.finish(PutId(put));
        }
    }

    fn shutter(&self, panel: &Panel, cx: &mut Cx<'_>, open: bool) {
        if panel.number(cx, "ShutterMode_RBV") == DETECTOR_OUTPUT {
            panel.set(cx, "ShutterStatus_RBV", f64::from(u8::from(open)));
        }
    }
}

/// The next whole second of device time.
fn next_second(now: SimTime) -> SimTime {
    const SECOND: u64 = 1_000_000_000;
    SimTime::from_nanos((now.nanos() / SECOND + 1) * SECOND)
}
