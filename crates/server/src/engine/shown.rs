//! The PVs in which the twin shows what it does, where the file gave it any.

use beamtwin_pv::Value;
use beamtwin_sim::{PvId, World};

use crate::pace::Mode;

/// Where the twin tells of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    recording: Option<PvId>,
    pace: Option<PvId>,
    speed: Option<PvId>,
}

/// Whether the session is recorded: the states of an `mbbi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Recording {
    Off = 0,
    On = 1,
    Lost = 2,
}

impl Shown {
    /// The records below a prefix.
    pub(super) fn below(prefix: &str, world: &World) -> Self {
        let find = |name: &str| {
            world
                .find(&format!("{prefix}{name}"))
                .map(|target| target.pv)
        };
        Self {
            recording: find("recording"),
            pace: find("pace"),
            speed: find("speed"),
        }
    }

    /// What to write when the recording begins or ends.
    pub(super) fn recording(self, state: Recording) -> impl Iterator<Item = (PvId, Value)> {
        self.recording
            .map(|pv| (pv, Value::Enum(state as u16)))
            .into_iter()
    }

    /// What to write when the pace changes.
    pub(super) fn pace(self, mode: Mode) -> impl Iterator<Item = (PvId, Value)> {
        let speed = match mode {
            Mode::Jump | Mode::Stepped => 0.0,
            Mode::Times(factor) => factor,
        };
        let pace = self
            .pace
            .map(|pv| (pv, Value::from(mode.to_string().as_str())));
        pace.into_iter()
            .chain(self.speed.map(|pv| (pv, Value::Double(speed))))
    }
}
