//! Where the blades of a shutter are, and what goes wrong with them.

use beamtwin_sim::Fault;

/// Where the blades are and where they go.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blades {
    /// How much of the way from the closed end lay behind them, in nanoseconds of travel.
    pub(super) way: u64,
    /// When that was.
    pub(super) since: u64,
    /// Whether they go to, or rest at, the open end.
    pub(super) opening: bool,
    /// Whether they are under way.
    pub(super) moving: bool,
    /// The puts that finish when they arrive.
    pub(super) puts: Vec<u64>,
    pub(super) trouble: Trouble,
}

/// What goes wrong on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trouble {
    #[default]
    None,
    StuckOpen,
    StuckClosed,
    Slow,
    NeverConfirms,
}

/// The words for what can go wrong.
pub(super) const FAULTS: &[&str] = &["stuck open", "stuck closed", "slow", "never confirms"];

/// How many times longer the blades take where they are slow.
pub(super) const SLOWER: u64 = 10;

impl Trouble {
    pub(super) fn with(fault: Option<&Fault>) -> Self {
        match fault.map(|fault| fault.words) {
            Some("stuck open") => Self::StuckOpen,
            Some("stuck closed") => Self::StuckClosed,
            Some("slow") => Self::Slow,
            Some("never confirms") => Self::NeverConfirms,
            _ => Self::None,
        }
    }

    /// Where the blades stick, if they do: whether that is the open end.
    pub(super) const fn sticks(self) -> Option<bool> {
        match self {
            Self::StuckOpen => Some(true),
            Self::StuckClosed => Some(false),
            _ => None,
        }
    }
}
