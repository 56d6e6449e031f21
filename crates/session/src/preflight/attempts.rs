//! Whom a command tried to reach beside the twin.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use beamtwin_report::preflight::Attempt;
use beamtwin_server::engine::Shared;
use beamtwin_trace::Time;

use super::network::Own;
use super::now;
use super::packet::Packet;

/// What was tried so far.
pub(super) struct Attempts {
    network: Option<Own>,
    tried: Tried,
}

impl Attempts {
    /// Of a network of its own, where these ports are not told of; of none, nothing is known.
    pub(super) fn new(network: Option<Own>, ports: &[u16]) -> Self {
        let host = nix::unistd::gethostname();
        let host = host.map(|name| name.to_string_lossy().into_owned());
        Self {
            network,
            tried: Tried {
                ports: ports.iter().copied().collect(),
                host: host.unwrap_or_default(),
                ..Tried::default()
            },
        }
    }

    /// Waits for packets and takes in what they say.
    pub(super) async fn hear(&mut self, engine: &Shared) {
        let Some(network) = &self.network else {
            return std::future::pending().await;
        };
        let packets = network.packets().await;
        let t = now(engine);
        for packet in packets {
            self.tried.take(packet, t);
        }
    }

    /// What was tried, in the order of time.
    pub(super) fn told(mut self, engine: &Shared) -> Vec<Attempt> {
        let t = now(engine);
        for packet in self.network.iter().flat_map(Own::rest) {
            self.tried.take(packet, t);
        }
        let line = |to: &str| engine.look(|engine| engine.reached(to).map(str::to_owned));
        let mut told = self.tried.told();
        told.iter_mut().for_each(|it| it.at = line(&it.to));
        told
    }
}

/// What packets said so far.
#[derive(Default)]
struct Tried {
    ports: BTreeSet<u16>,
    host: String,
    /// Connections that are neither accepted nor refused yet.
    wanted: BTreeMap<(SocketAddr, SocketAddr), Time>,
    /// Where datagrams came from. What is sent back there finds nobody when that has ended.
    heard: BTreeSet<SocketAddr>,
    found: BTreeMap<(String, &'static str, Option<&'static str>), (Time, usize)>,
}

impl Tried {
    fn take(&mut self, packet: Packet, t: Time) {
        match packet {
            Packet::Connect(from, to) => {
                self.wanted.entry((from, to)).or_insert(t);
            }
            Packet::Accept(server, client) => {
                self.wanted.remove(&(client, server));
            }
            Packet::Refuse(server, client) => {
                if let Some(t) = self.wanted.remove(&(client, server)) {
                    self.in_vain(server, "TCP", t);
                }
            }
            // Beyond this machine, nobody may know that there was nobody.
            Packet::Datagram(from, to) => {
                self.heard.insert(from);
                if !to.ip().is_loopback() {
                    self.in_vain(to, "UDP", t);
                }
            }
            Packet::Nobody(to) if to.ip().is_loopback() && !self.heard.contains(&to) => {
                self.in_vain(to, "UDP", t);
            }
            Packet::Name(name) => self.asked_for(name, t),
            Packet::Nobody(_) => {}
        }
    }

    fn in_vain(&mut self, to: SocketAddr, how: &'static str, t: Time) {
        // Questions to name servers are told by the names. PV Access speaks to this machine by multicast as well.
        let is_here = to.ip().is_loopback() || to.ip().is_multicast();
        let known = is_here && self.ports.contains(&to.port());
        if known || (how == "UDP" && to.port() == 53) {
            return;
        }
        self.count(to.to_string(), how, service(to.port()), t);
    }

    /// Notes a name that was asked for, if it is another one than that of this machine.
    fn asked_for(&mut self, name: String, t: Time) {
        let own = name
            .strip_prefix(self.host.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !own && !name.ends_with(".arpa") {
            self.count(name, "name", None, t);
        }
    }

    fn count(&mut self, to: String, how: &'static str, what: Option<&'static str>, t: Time) {
        self.found.entry((to, how, what)).or_insert((t, 0)).1 += 1;
    }

    fn told(mut self) -> Vec<Attempt> {
        for ((_, to), t) in std::mem::take(&mut self.wanted) {
            self.in_vain(to, "TCP", t);
        }
        let found = self.found.into_iter();
        let mut told: Vec<Attempt> = found
            .map(|((to, how, what), (t, times))| Attempt {
                to,
                how,
                what,
                t,
                at: None,
                times,
            })
            .collect();
        told.sort_by_key(|it| it.t);
        told
    }
}

/// What usually listens on a port at a beamline.
const fn service(port: u16) -> Option<&'static str> {
    Some(match port {
        22 => "ssh",
        53 => "a name server",
        80 | 443 | 8080 => "a web server",
        389 | 636 => "LDAP",
        1883 | 8883 => "MQTT",
        3306 => "MySQL",
        4222 => "NATS",
        5064 | 5065 => "Channel Access",
        5075 | 5076 => "pvAccess",
        5432 => "PostgreSQL",
        5672 => "RabbitMQ",
        6379 => "Redis",
        9092..=9094 => "Kafka",
        27017 => "MongoDB",
        61613 | 61616 => "ActiveMQ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn tried(packets: impl IntoIterator<Item = Packet>) -> Vec<(String, &'static str, usize)> {
        let mut tried = Tried {
            ports: [6000].into(),
            host: "ws1".to_owned(),
            ..Tried::default()
        };
        for (at, packet) in (1..).zip(packets) {
            tried.take(packet, Time::from_nanos(at));
        }
        let told = tried.told().into_iter();
        told.map(|it| (it.to, it.how, it.times)).collect()
    }

    #[test]
    fn what_is_refused_or_not_answered_is_told_and_what_is_served_is_not() {
        let [me, other] = ["127.0.0.1:40000", "127.0.0.1:40001"].map(address);
        let [redis, pool, kafka] =
            ["127.0.0.1:6379", "127.0.0.1:50000", "192.0.2.7:9092"].map(address);
        let told = tried([
            Packet::Connect(me, redis),
            Packet::Refuse(redis, me),
            Packet::Connect(me, pool),
            Packet::Accept(pool, me),
            Packet::Refuse(pool, me),
            Packet::Connect(other, kafka),
            Packet::Connect(other, kafka),
            Packet::Connect(other, redis),
            Packet::Refuse(redis, other),
        ]);
        assert_eq!(
            told,
            [
                ("127.0.0.1:6379".to_owned(), "TCP", 2),
                ("192.0.2.7:9092".to_owned(), "TCP", 1),
            ]
        );
    }

    #[test]
    fn datagrams_to_the_twin_are_none_and_others_are() {
        let me = address("127.0.0.1:40000");
        let [twin, ioc, far] =
            ["127.0.0.1:6000", "127.0.0.1:5064", "192.0.2.255:5064"].map(address);
        let told = tried([
            Packet::Datagram(me, twin),
            Packet::Nobody(twin),
            Packet::Datagram(me, ioc),
            Packet::Nobody(ioc),
            Packet::Datagram(me, far),
            Packet::Nobody(far),
        ]);
        assert_eq!(
            told,
            [
                ("127.0.0.1:5064".to_owned(), "UDP", 1),
                ("192.0.2.255:5064".to_owned(), "UDP", 1),
            ]
        );
    }

    #[test]
    fn an_answer_to_a_client_that_has_ended_is_none() {
        let [client, twin] = ["127.0.0.1:40000", "127.0.0.1:6000"].map(address);
        let told = tried([
            Packet::Datagram(client, twin),
            Packet::Datagram(twin, client),
            Packet::Nobody(client),
        ]);
        assert_eq!(told, []);
    }

    #[test]
    fn names_are_told_but_for_our_own() {
        let names = [
            "ws1",
            "ws1.lab.example",
            "ws12",
            "1.0.0.127.in-addr.arpa",
            "kafka.example",
        ];
        let told = tried(names.map(|name| Packet::Name(name.to_owned())));
        let names: Vec<&str> = told.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(names, ["ws12", "kafka.example"]);
    }
}
