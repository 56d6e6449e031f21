//! Somebody who looks on, and has something to say of what they see.

use std::collections::BTreeMap;
use std::fmt;

use beamtwin_pv::{SimTime, Value};

use crate::event::Note;
use crate::world::PvId;

/// Somebody who looks on while a world goes its way, without changing it.
///
/// What they say is a fact of the time at which they say it, and a function of what they were told.
pub trait Onlooker: fmt::Debug + Send {
    /// One of the values that they asked to be told of has been told; which one, by its place among them.
    fn told(&mut self, place: usize, now: SimTime, value: &Value);

    /// All that happens at this moment has been told, and time moves on. What there is to say.
    fn leave(&mut self, now: SimTime) -> Vec<Note>;

    /// When there is something to say next, if nothing happens; now, if that is known only when time moves on.
    fn next(&self) -> Option<SimTime>;

    /// The same once more, for a snapshot.
    fn fork(&self) -> Box<dyn Onlooker>;
}

/// An onlooker, and what they are told of.
#[derive(Debug)]
pub(crate) struct Looking {
    pub(crate) who: Box<dyn Onlooker>,
    /// The places of channels among those they asked for.
    pub(crate) pvs: BTreeMap<PvId, usize>,
}

impl Clone for Looking {
    fn clone(&self) -> Self {
        Self {
            who: self.who.fork(),
            pvs: self.pvs.clone(),
        }
    }
}
