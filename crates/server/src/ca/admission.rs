//! Who a circuit belongs to, what it may do, and how much it may have.

use beamtwin_ca::{Access, ChannelId, SubscriptionId, Write};
use beamtwin_pv::{Text, Value};
use beamtwin_sim::{Client, ClientId, PutRequest, PvId};
use tracing::warn;

use super::long_string::text;
use super::tcp::Session;
use crate::engine::{Engine, Shared, Ticket};

/// A put that nobody waits for: its client has had its answer.
const NOBODY: Ticket = Ticket(u64::MAX);

impl Session {
    /// Takes note of who is there: somebody else than before is another client.
    pub(super) fn identify(&mut self, user: &Text, host: &Text) {
        let who = Client {
            user: user.lossy().into_owned(),
            host: host.lossy().into_owned(),
            addr: self.who.addr.clone(),
        };
        if who == self.who {
            return;
        }
        self.who = who;
        if let Some(before) = self.client.take() {
            self.engine.act(|engine| engine.close_client(before));
        }
    }

    /// The client that this circuit is; one that never opens a channel is none.
    pub(super) fn client(&mut self) -> ClientId {
        *self.client.get_or_insert_with(|| {
            let who = self.who.clone();
            self.engine.act(|engine| engine.open_client(who))
        })
    }

    /// What the client may do with a channel, as it is told.
    pub(super) fn rights(&self, engine: &Engine, pv: PvId) -> Access {
        let world = engine.world();
        let mut access = world.access(pv);
        if let Some(client) = self.client {
            access = access.and(world.allowed(pv, client));
        }
        let mut rights = Access::empty();
        rights.set(Access::READ, access.read);
        rights.set(Access::WRITE, access.write);
        rights
    }

    /// Records a put that the client was told it may not make.
    pub(super) fn denied(&mut self, write: Write, field: Option<&str>, value: Value) {
        let Some(&channel) = self.channels.get(&write.channel) else {
            return;
        };
        let client = self.client();
        if self
            .engine
            .look(|engine| self.rights(engine, channel.pv))
            .contains(Access::WRITE)
        {
            // It may, by now; but it was told that it may not.
            return;
        }
        self.writes = true;
        let PvId { record, .. } = channel.pv;
        let field = field.and_then(|field| {
            self.engine
                .look(|engine| engine.world().directory().kind(record).find(field))
        });
        let request = PutRequest {
            // No client writes such a field in another way, so that is refused as well.
            pv: field.map_or(channel.pv, |field| PvId { record, field }),
            value: if channel.long && field.is_none() {
                text(value)
            } else {
                value
            },
            by: Some(client),
            complete: write.notify,
        };
        self.engine
            .act(|engine| engine.put(request, &self.listener, NOBODY));
    }

    /// Whether the circuit may have one more channel; if not, it is told.
    pub(super) fn has_room_for_channel(&self, channel: ChannelId) -> bool {
        let (census, limits) = (self.engine.census(), self.engine.limits());
        if self.channels.len() < limits.channels_per_circuit
            && census.channels.get() < limits.channels as u64
        {
            return true;
        }
        census.refused.add(1);
        census.channels_full.say(|unsaid| {
            let (here, all) = (self.channels.len(), census.channels.get());
            warn!(
                client = self.who.addr,
                here, all, unsaid, "no room for another channel"
            );
        });
        self.circuit(|circuit| circuit.no_room_for_channel(channel));
        false
    }

    /// Whether the circuit may have one more subscription; if not, it is told.
    pub(super) fn has_room_for_monitor(&self, subscription: SubscriptionId) -> bool {
        let (census, limits) = (self.engine.census(), self.engine.limits());
        if self.monitors.len() < limits.subscriptions_per_circuit
            && census.subscriptions.get() < limits.subscriptions as u64
        {
            return true;
        }
        census.refused.add(1);
        census.subscriptions_full.say(|unsaid| {
            let (here, all) = (self.monitors.len(), census.subscriptions.get());
            warn!(
                client = self.who.addr,
                here, all, unsaid, "no room for another subscription"
            );
        });
        self.circuit(|circuit| circuit.no_room_for_monitor(subscription));
        false
    }

    /// Keeps the census of the circuit.
    pub(super) fn count(&mut self) {
        let census = self.engine.census();
        let (channels, monitors) = (self.channels.len(), self.monitors.len());
        census.channels.replace(self.counted.channels, channels);
        census
            .subscriptions
            .replace(self.counted.monitors, monitors);
        let (squashed, too_large) =
            self.circuit(|circuit| (circuit.squashed(), circuit.too_large()));
        census.squashed.add(squashed - self.counted.squashed);
        let refused = too_large - self.counted.too_large;
        if refused > 0 {
            census.refused.add(refused);
            census.too_large.say(|unsaid| {
                let limit = self.engine.limits().circuit.payload;
                warn!(
                    client = self.who.addr,
                    limit, unsaid, "too many bytes for one message"
                );
            });
        }
        self.counted = Counted {
            channels,
            monitors,
            squashed,
            too_large,
        };
    }
}

/// A circuit's place among all circuits, as long as it lives.
pub(super) struct Place(Shared);

impl Place {
    pub(super) fn take(engine: &Shared) -> Self {
        engine.census().circuits.add(1);
        Self(engine.clone())
    }

    pub(super) const fn engine(&self) -> &Shared {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.census().circuits.replace(1, 0);
    }
}

/// What of a circuit is in the census.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    channels: usize,
    monitors: usize,
    squashed: u64,
    too_large: u64,
}
