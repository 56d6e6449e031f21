//! What every device does.

use std::sync::Arc;

use beamtwin_pv::Value;
use thiserror::Error;

use crate::beam::Optic;
use crate::cx::Cx;
use crate::event::{ClientId, PutId};
use crate::fault::Fault;
use crate::record::FieldIx;
use crate::surface::{InputId, LocalRecord, ShareId, Slot};
use crate::word::Word;

/// A thing on the beamline. It reacts to orders, to time, and to what it watches; to nothing else.
///
/// A device is told the time and never asks for it; its randomness comes from [`Cx::noise`]; so the same
/// inputs give the same events. All that it remembers is its own, so that a copy of it goes on as it would have.
pub trait Device: Fork + Send + Sync {
    /// The session begins, at device time zero.
    fn start(&mut self, cx: &mut Cx<'_>) {
        let _ = cx;
    }

    /// A client wrote to one of our fields. A setting is already stored; a command is ours to carry out.
    ///
    /// # Errors
    /// A refusal, which the client and the trace are told.
    fn put(&mut self, order: Order, cx: &mut Cx<'_>) -> Result<Put, Refusal> {
        let _ = (order, cx);
        Ok(Put::Done)
    }

    /// A client wrote to one of our fields what that cannot be: a text that is no number, say. The put is
    /// refused whatever we do; some records process all the same. One with completion is refused when we are
    /// done with it, by [`Cx::refuse`], if the answer is that something was started.
    fn unfit(
        &mut self,
        record: LocalRecord,
        field: FieldIx,
        complete: Option<PutId>,
        cx: &mut Cx<'_>,
    ) -> Put {
        let _ = (record, field, complete, cx);
        Put::Done
    }

    /// A moment asked for with [`Cx::wake_at`] has come.
    fn wake(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        let _ = (timer, cx);
    }

    /// A value declared with [`Surface::watch`](crate::Surface::watch) was committed.
    fn changed(&mut self, input: InputId, cx: &mut Cx<'_>) {
        let _ = (input, cx);
    }

    /// It is our turn: what [`Cx::claim`] had to wait for is ours now.
    ///
    /// What this call does is attributed to the put that the claim was attributed to.
    fn turn(&mut self, share: ShareId, cx: &mut Cx<'_>) {
        let _ = (share, cx);
    }

    /// Something upstream in the beam path changed what arrives here.
    fn light(&mut self, cx: &mut Cx<'_>) {
        let _ = cx;
    }

    /// The faults that this device has, in the words by which they are asked for: `stall`, `off by NUMBER`.
    fn faults(&self) -> &'static [&'static str] {
        &[]
    }

    /// From now on this goes wrong on purpose, and nothing else does: one of [`Device::faults`], or nothing.
    fn fault(&mut self, fault: Option<&Fault>, cx: &mut Cx<'_>) {
        let _ = (fault, cx);
    }

    /// What rules may say of this device, beside the fields of its first record.
    fn words(&self) -> Vec<Word> {
        Vec::new()
    }

    /// What this device does to light, if it stands in the beam.
    fn optic(&self) -> Option<&dyn Optic> {
        None
    }
}

/// Once more the same, for a snapshot: what every device that is `Clone` can do.
pub trait Fork {
    /// The same once more.
    fn fork(&self) -> Arc<dyn Device>;
}

impl<T: Device + Clone + 'static> Fork for T {
    fn fork(&self) -> Arc<dyn Device> {
        Arc::new(self.clone())
    }
}

/// A put as its device sees it: the value has the field's own type.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Which put.
    pub put: PutId,
    /// To which of our records.
    pub record: LocalRecord,
    /// To which of its fields.
    pub field: FieldIx,
    /// What.
    pub value: Value,
    /// Who; `None` for the twin itself.
    pub by: Option<ClientId>,
    /// Whether the client waits for completion.
    pub complete: bool,
}

impl Order {
    /// Whether the order is for this slot.
    #[must_use]
    pub fn is<T>(&self, slot: Slot<T>) -> bool {
        (self.record, self.field) == (slot.record, slot.field)
    }

    /// The number written; 0 for text.
    #[must_use]
    pub fn number(&self) -> f64 {
        self.value.as_f64().unwrap_or_default()
    }
}

/// What became of a put: finished, or finished when the device says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It has done all it will do.
    Done,
    /// The device will call [`Cx::finish`], once.
    Started,
}

/// Why a put was refused, as far as the client's protocol tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The text or number cannot be what the field is.
    Conversion,
    /// `DISP` is set.
    Disabled,
    /// The client went away before its turn came.
    Gone,
    /// The device would not; the client is told that the put failed.
    Rejected,
    /// The device would not, but the record answers as if all were well: a motor beyond its soft limits.
    Silent,
    /// The field is read-only.
    NoWriteAccess,
}

/// A put that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct Refusal {
    /// For the protocol.
    pub reason: Reason,
    /// For people.
    pub text: String,
}

impl Refusal {
    /// The client is told that the put failed.
    #[must_use]
    pub fn rejected(text: impl Into<String>) -> Self {
        Self {
            reason: Reason::Rejected,
            text: text.into(),
        }
    }

    /// The client is told that all is well; only the trace knows better.
    #[must_use]
    pub fn silent(text: impl Into<String>) -> Self {
        Self {
            reason: Reason::Silent,
            text: text.into(),
        }
    }
}

/// One of a device's timers; setting it again replaces its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timer(pub u16);
