//! The two bit fields of a motor: `MIP`, what it is doing, and `MSTA`, what its controller says.
//!
//! The numbers are those of the captures: 32 while moving, 96 while moving again, 512 while stopping; 130 at
//! rest on the home switch, 1025 while moving up.

use bitflags::bitflags;

bitflags! {
    /// Motion in progress (`MIP`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Phase: u16 {
        /// Jogging forward.
        const JOG_FORWARD = 0x0001;
        /// Jogging in reverse.
        const JOG_REVERSE = 0x0002;
        /// After a jog: going back by the backlash.
        const JOG_BACK = 0x0004;
        /// Homing forward.
        const HOME_FORWARD = 0x0008;
        /// Homing in reverse.
        const HOME_REVERSE = 0x0010;
        /// Moving to a target.
        const MOVE = 0x0020;
        /// Wanting to try again.
        const RETRY = 0x0040;
        /// Telling the controller where it is.
        const LOAD = 0x0080;
        /// Taking out the backlash after a move.
        const TAKE_UP = 0x0100;
        /// Stopping, or waiting to do something else.
        const STOP = 0x0200;
        /// Settling (`DLY`).
        const SETTLE = 0x0400;
        /// Settled.
        const SETTLED = 0x0800;
        /// A jog is wanted.
        const JOG_WANTED = 0x1000;
        /// Stopping a jog.
        const JOG_STOP = 0x2000;
        /// After a jog: taking out the backlash.
        const JOG_TAKE_UP = 0x4000;
        /// Moved by somebody else.
        const EXTERNAL = 0x8000;

        /// Jogging, in any of its stages.
        const JOG = Self::JOG_FORWARD.bits() | Self::JOG_REVERSE.bits()
            | Self::JOG_BACK.bits() | Self::JOG_TAKE_UP.bits();
        /// Homing.
        const HOME = Self::HOME_FORWARD.bits() | Self::HOME_REVERSE.bits();
        /// Settling, or having settled.
        const DELAY = Self::SETTLE.bits() | Self::SETTLED.bits();
    }

    /// Motor status (`MSTA`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Status: u32 {
        /// The last step was upwards.
        const UPWARDS = 0x0001;
        /// At rest.
        const DONE = 0x0002;
        /// On the switch at the upper end.
        const HIGH_SWITCH = 0x0004;
        /// It moves no more although it should.
        const STALLED = 0x0040;
        /// There is an encoder.
        const ENCODER = 0x0100;
        /// The controller has a problem.
        const PROBLEM = 0x0200;
        /// On the home switch.
        const AT_HOME = 0x0080;
        /// Steps are being made.
        const MOVING = 0x0400;
        /// On the switch at the lower end.
        const LOW_SWITCH = 0x2000;
        /// The home switch has been found.
        const HOMED = 0x4000;
    }
}
