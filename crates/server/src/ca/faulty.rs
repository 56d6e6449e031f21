//! What goes wrong on purpose, as a circuit shows it.

use std::pin::pin;
use std::time::Duration;

use beamtwin_ca::{ChannelId, Demand, SubscriptionId};
use beamtwin_sim::PvId;

use super::tcp::Session;
use crate::engine::Engine;

impl Session {
    /// Shows the peer what goes wrong now; false if the whole twin is gone, and the circuit with it.
    pub(super) fn face_faults(&mut self) -> bool {
        let (down, slow) = self.engine.look(|engine| {
            let world = engine.world();
            (
                world.is_down(),
                world.faults().any(|(_, fault, _)| fault.is_slow()),
            )
        });
        if down {
            return false;
        }
        self.slow = slow;
        let mut channels: Vec<(ChannelId, PvId)> =
            self.channels.iter().map(|(&id, it)| (id, it.pv)).collect();
        channels.sort_unstable();
        for (channel, pv) in channels {
            let access = self.engine.look(|engine| {
                let served = engine.world().is_served(pv);
                served.then(|| self.rights(engine, pv))
            });
            match access {
                Some(access) => self.circuit(|it| it.access_changed(channel, access)),
                None => {
                    self.channels.remove(&channel);
                    self.circuit(|circuit| circuit.disconnect(channel));
                }
            }
        }
        self.count();
        self.peer.late.borrow_mut().clear();
        for (&subscription, subscribed) in &self.monitors {
            self.expect_late(subscription, subscribed.pv());
        }
        true
    }

    /// Takes note of how late the events of a monitor are.
    pub(super) fn expect_late(&self, subscription: SubscriptionId, pv: PvId) {
        if let Some(late) = self.late(pv) {
            self.peer.late.borrow_mut().insert(subscription.0, late);
        }
    }

    /// How late the answer to a demand is.
    pub(super) fn lateness(&self, demand: &Demand) -> Option<Duration> {
        if !self.slow {
            return None;
        }
        let channel = match demand {
            Demand::Read { read } => read.channel,
            Demand::Write { write, .. }
            | Demand::AcknowledgeTransient { write, .. }
            | Demand::AcknowledgeSeverity { write, .. } => write.channel,
            Demand::Subscribe { channel, .. } | Demand::Refresh { channel, .. } => *channel,
            Demand::Abandon { .. }
            | Demand::Close { .. }
            | Demand::Denied { .. }
            | Demand::Identify { .. }
            | Demand::Open { .. }
            | Demand::Search { .. }
            | Demand::Unsubscribe { .. } => return None,
        };
        self.late(self.channels.get(&channel)?.pv)
    }

    fn late(&self, pv: PvId) -> Option<Duration> {
        let late = self
            .slow
            .then(|| self.engine.look(|engine| engine.world().lateness(pv)));
        late.filter(|late| !late.is_zero())
    }

    /// Stands still for so long, unless the circuit has just done so, or until the fault is over: as where a
    /// record is locked and its circuit waits for it. False if the whole twin is gone meanwhile.
    pub(super) async fn be_late(&mut self, late: Option<Duration>) -> bool {
        let Some(late) = late.filter(|_| !self.waited) else {
            return true;
        };
        self.waited = true;
        let engine = self.engine.clone();
        let mut until = pin!(engine.sleep(late));
        let mut faulted = self.engine.look(Engine::faulted);
        while self.slow {
            self.peer.inbox.rests(false);
            tokio::select! {
                () = &mut until => break,
                Ok(()) = faulted.changed() => if !self.face_faults() {
                    return false;
                },
            }
        }
        self.peer.inbox.works();
        true
    }
}
