//! The tensile stage: two jaws that are driven apart and together, and a sample between them.
//!
//! Lengths are micrometres. A move goes a distance at a constant speed, open or closed; the sample pulls as
//! a spring does from where it was clamped.

use beamtwin_pv::SimTime;
use beamtwin_sim::Cx;

use crate::records::Panel;

/// What does not change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// The greatest position.
    pub(super) travel: f64,
    /// Newtons a millimetre.
    pub(super) stiffness: f64,
    /// Square millimetres.
    pub(super) section: f64,
}

/// What does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Jaws {
    /// Where they rest, or where their move began.
    from: f64,
    /// Where they go, how fast, and since when, in nanoseconds.
    course: Option<(f64, f64, u64)>,
    /// Where the sample was clamped.
    clamped: f64,
    strongest: f64,
}

/// The bits of `TST_STATUS`.
const ZERO_LIMIT: i32 = 1;
const REFERENCE_LIMIT: i32 = 2;
const DONE: i32 = 4;
const CLOSING: i32 = 8;

/// The modes in which a start moves the jaws: at a velocity, and by a step.
const MOVES: [f64; 2] = [0.0, 1.0];

impl Jaws {
    pub(super) const fn is_moving(&self) -> bool {
        self.course.is_some()
    }

    pub(super) fn at(&self, now: SimTime) -> f64 {
        let Some((target, speed, since)) = self.course else {
            return self.from;
        };
        let seconds = now.since(SimTime::from_nanos(since)).as_secs_f64();
        let way = speed * seconds;
        if way >= (target - self.from).abs() {
            target
        } else {
            self.from + way.copysign(target - self.from)
        }
    }

    /// Starts or stops, as the panel says.
    pub(super) fn steer(&mut self, stage: &Stage, panel: &Panel, cx: &mut Cx<'_>) {
        self.from = self.at(cx.now());
        self.course = None;
        let starts = panel.number(cx, "TST_START_MOTOR") != 0.0;
        let moves = MOVES.contains(&panel.number(cx, "TST_TABLE_MODE:SET"));
        if starts && moves {
            let closes = panel.number(cx, "TST_TABLE_DIR:SET") != 0.0;
            let distance = panel.number(cx, "TST_MTR_DIST_SP:SET").abs();
            let speed = panel.number(cx, "TST_MTR_VEL:SET").abs();
            let way = if closes { -distance } else { distance };
            let target = (self.from + way).clamp(0.0, stage.travel);
            if target != self.from && speed > 0.0 {
                self.course = Some((target, speed, cx.now().nanos()));
            }
        }
        self.show(stage, panel, cx);
    }

    /// The sample is clamped as the jaws stand.
    pub(super) fn clamp(&mut self, stage: &Stage, panel: &Panel, cx: &mut Cx<'_>) {
        self.clamped = self.at(cx.now());
        self.strongest = 0.0;
        self.show(stage, panel, cx);
    }

    /// What follows from where the jaws are.
    pub(super) fn show(&mut self, stage: &Stage, panel: &Panel, cx: &mut Cx<'_>) {
        let at = self.at(cx.now());
        if self.course.is_some_and(|(target, ..)| at == target) {
            self.from = at;
            self.course = None;
        }
        if !self.is_moving() {
            panel.set(cx, "TST_START_MOTOR", 0.0);
        }
        let longer = at - self.clamped;
        let size = panel.number(cx, "TST_JAW_TO_JAW_SIZE:SET");
        let force = stage.stiffness * longer.max(0.0) / 1000.0;
        self.strongest = self.strongest.max(force);
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        for (suffix, number) in [
            ("TST_MOTOR_POS", at),
            ("TST_RAW_MOTOR_POS", at),
            ("TST_FORCE", force),
            ("TST_MAX_FORCE", self.strongest),
            ("TST_STRAIN", 100.0 * share(longer, size)),
            ("TST_STRESS", share(force, stage.section)),
        ] {
            panel.set(cx, suffix, (number * 1e3).round() / 1e3);
        }
        let closes = panel.number(cx, "TST_TABLE_DIR:SET") != 0.0;
        let status = [
            (at <= 0.0, ZERO_LIMIT),
            (at >= stage.travel, REFERENCE_LIMIT),
            (!self.is_moving(), DONE),
            (closes, CLOSING),
        ];
        let status: i32 = status
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, bit)| bit)
            .sum();
        panel.set(cx, "TST_STATUS", status.into());
    }
}
