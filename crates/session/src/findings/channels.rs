//! What a channel tells of its device.

use beamtwin_trace::{Channel, Role};

/// The device that stands for the twin itself.
pub(super) const TWIN: &str = "twin";

/// The kind of a device: `motor` of `motor.sample.x`.
pub(super) fn kind(device: &str) -> &str {
    device.split_once('.').map_or(device, |(kind, _)| kind)
}

/// What a channel tells of its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// That it moves: while it is 0.
    Done,
    /// That it moves: while it is 1.
    Moving,
    /// Where it is.
    Position,
    /// That a temperature is on its way: while it is above 0.
    Ramping,
    /// That a temperature is on its way: while it is 0.
    Settled,
    /// That a camera exposes: while it is not 0.
    Acquire,
    /// The frames that a camera has taken.
    Frames,
    /// The bytes of a frame.
    FrameSize,
    /// Whether a shutter is to be open.
    Shutter,
    /// Something else.
    Nothing,
}

impl Tells {
    /// What a channel of a device tells.
    pub(super) fn of(channel: &Channel) -> Self {
        let device = channel.device.as_deref().unwrap_or_default();
        let ends = |end: &str| channel.name.ends_with(end);
        match (kind(device), channel.role) {
            ("motor" | "slits", _) if ends(".DMOV") => Self::Done,
            ("motor" | "slits", _) if ends(".RBV") => Self::Position,
            ("positioner", Role::State) if !channel.name.contains('.') => Self::Moving,
            ("positioner" | "linkam" | "temperature", Role::Curve) => Self::Position,
            ("linkam", _) if ends("RAMPTIME") => Self::Ramping,
            ("temperature", Role::State) if ends("Ramp-Sts") => Self::Ramping,
            ("temperature", Role::State) if ends("Settled-Sts") => Self::Settled,
            ("camera", Role::Request) if ends("Acquire") => Self::Acquire,
            ("camera", Role::Frame) if ends("ArrayCounter_RBV") => Self::Frames,
            ("camera", _) if ends("ArraySize_RBV") => Self::FrameSize,
            ("shutter", Role::Request) if !channel.name.contains('.') => Self::Shutter,
            _ => Self::Nothing,
        }
    }
}

/// Whether a field only shows the alarm of its record.
pub(super) fn shows_alarm(name: &str) -> bool {
    const FIELDS: [&str; 8] = [
        "SEVR", "STAT", "AMSG", "ACKS", "ACKT", "NSEV", "NSTA", "NAMSG",
    ];
    name.rsplit_once('.')
        .is_some_and(|(_, field)| FIELDS.contains(&field))
}
