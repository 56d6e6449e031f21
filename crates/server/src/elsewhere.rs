//! Who else serves our names: a simulation must not be mistaken for the real thing.
//!
//! Before we listen where others hear us, or where clients of this machine reach further than this machine, we
//! search for a few of our own names as those clients would.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use beamtwin_ca::MINOR;
use beamtwin_ca::header::Header;
use beamtwin_ca::message::{Reply, Request};
use beamtwin_sim::World;
use bytes::BytesMut;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, info, warn};

use crate::addresses::Addresses;
use crate::networks::Network;

/// How many of our names are searched for.
const NAMES: usize = 20;
/// How long we wait for answers.
const PATIENCE: Duration = Duration::from_millis(200);
/// When the search is repeated, should it have been lost.
const AGAIN: Duration = Duration::from_millis(70);
/// The largest datagram of a search, as of the C library.
const DATAGRAM: usize = 1024;

/// Somebody who serves one of our names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The name.
    pub name: String,
    /// Where its circuits go.
    pub address: SocketAddr,
}

/// Searches for a few names of a world where that is called for; `own` is the prefix of those that every twin has.
///
/// # Errors
/// If it cannot be searched at all.
pub async fn search(
    world: &World,
    own: Option<&str>,
    addresses: &Addresses,
    networks: &[Network],
) -> io::Result<Option<Other>> {
    let targets = targets(addresses, networks).await;
    let names = names(world, own);
    if targets.is_empty() || names.is_empty() {
        return Ok(None);
    }
    info!(
        names = names.len(),
        ?targets,
        "is our name served elsewhere?"
    );
    ask(&names, &targets).await
}

/// A few names, from all over the world.
fn names<'w>(world: &'w World, own: Option<&str>) -> Vec<&'w str> {
    let names = world
        .records()
        .map(|record| world.directory().name(record))
        .filter(|name| own.is_none_or(|own| !name.starts_with(own)));
    let names: Vec<&str> = names.collect();
    let few = names.len().min(NAMES);
    (0..few).map(|at| names[at * names.len() / few]).collect()
}

/// Where to search. Without a port of our own, clients are told ours, and nobody else has it.
async fn targets(addresses: &Addresses, networks: &[Network]) -> Vec<SocketAddrV4> {
    let mut targets = Vec::new();
    for host in &addresses.clients.hosts {
        let (name, port) = match host.split_once(':') {
            Some((name, port)) => (name, port.parse().unwrap_or(addresses.port)),
            None => (host.as_str(), addresses.port),
        };
        let found = timeout_at(
            Instant::now() + PATIENCE,
            tokio::net::lookup_host((name, port)),
        );
        match found.await {
            Ok(Ok(found)) => targets.extend(found.filter_map(|found| match found.ip() {
                IpAddr::V4(ip) => Some(SocketAddrV4::new(ip, port)),
                IpAddr::V6(_) => None,
            })),
            _ => warn!(host, "EPICS_CA_ADDR_LIST names nobody that can be found"),
        }
    }
    let everywhere = |ip: Ipv4Addr| SocketAddrV4::new(ip, addresses.port);
    if addresses.clients.auto {
        targets.extend(networks.iter().map(|network| everywhere(network.all)));
    }
    if addresses.is_local() {
        targets.retain(|target| !target.ip().is_loopback());
    } else {
        let listened = |network: &&Network| {
            let listen = &addresses.listen;
            listen.contains(&network.own) || listen.contains(&Ipv4Addr::UNSPECIFIED)
        };
        let heard = networks.iter().filter(listened);
        targets.extend(heard.map(|network| everywhere(network.all)));
        targets.push(everywhere(Ipv4Addr::LOCALHOST));
    }
    targets.retain(|target| target.port() != 0);
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Searches and waits for the first answer.
async fn ask(names: &[&str], targets: &[SocketAddrV4]) -> io::Result<Option<Other>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.set_broadcast(true)?;
    let datagrams = datagrams(names);
    let start = Instant::now();
    let mut received = vec![0; 1 << 16];
    for end in [start + AGAIN, start + PATIENCE] {
        for (target, datagram) in targets
            .iter()
            .flat_map(|target| datagrams.iter().map(move |datagram| (target, datagram)))
        {
            if let Err(error) = socket.send_to(datagram, target).await {
                debug!(%target, %error, "search not sent");
            }
        }
        loop {
            match timeout_at(end, socket.recv_from(&mut received)).await {
                Err(_) => break,
                // A search of ours found nobody at home: Linux tells it on the next receive.
                Ok(Err(error)) => debug!(%error, "search"),
                Ok(Ok((len, from))) => {
                    if let Some((at, address)) = answered(&received[..len], from) {
                        let name = names.get(at as usize).copied().unwrap_or_default();
                        let name = name.to_owned();
                        return Ok(Some(Other { name, address }));
                    }
                }
            }
        }
    }
    Ok(None)
}

fn datagrams(names: &[&str]) -> Vec<BytesMut> {
    let mut datagrams: Vec<BytesMut> = Vec::new();
    let minor = MINOR.into();
    for (cid, name) in (0..).zip(names) {
        if datagrams
            .last()
            .is_none_or(|last| last.len() + name.len() + 32 > DATAGRAM)
        {
            let mut fresh = BytesMut::new();
            let (priority, sequence) = (0, 0);
            let version = Request::Version {
                minor,
                priority,
                sequence,
            };
            version.encode(&mut fresh);
            datagrams.push(fresh);
        }
        if let Some(last) = datagrams.last_mut() {
            let search = Request::Search {
                cid,
                minor,
                wants_refusal: false,
                name: name.as_bytes(),
            };
            search.encode(last);
        }
    }
    datagrams
}

/// The number of the first name in an answer, and where it is served.
fn answered(mut datagram: &[u8], from: SocketAddr) -> Option<(u32, SocketAddr)> {
    while let Some((header, head)) = Header::decode(datagram) {
        let size = head + header.payload as usize;
        let payload = datagram.get(head..size)?;
        if let Ok(Reply::Search { cid, port, address }) = Reply::decode(&header, payload) {
            let ip = match address {
                u32::MAX => from.ip(),
                elsewhere => Ipv4Addr::from_bits(elsewhere).into(),
            };
            return Some((cid, SocketAddr::new(ip, port)));
        }
        datagram = &datagram[size..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::Searched;

    /// What is searched by one who listens there, on a machine in one network, whose clients search there.
    async fn searched(listen: &str, hosts: &[&str], auto: bool) -> Vec<String> {
        let mut addresses = Addresses::from_variables(|_| None).unwrap();
        addresses.listen = vec![listen.parse().unwrap()];
        let hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        addresses.clients = Searched { hosts, auto };
        let network = Network {
            own: Ipv4Addr::new(10, 0, 1, 7),
            all: Ipv4Addr::new(10, 0, 1, 255),
        };
        let targets = targets(&addresses, &[network]).await;
        targets.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn who_is_alone_on_this_machine_searches_nowhere() {
        let hosts = ["127.0.0.1", "127.0.0.1:6000"];
        assert!(searched("127.0.0.1", &hosts, false).await.is_empty());
    }

    #[tokio::test]
    async fn where_clients_of_this_machine_reach_further_so_does_the_search() {
        let hosts = ["127.0.0.1", "10.0.2.1:6000", "10.0.3.1"];
        assert_eq!(
            searched("127.0.0.1", &hosts, true).await,
            ["10.0.1.255:5064", "10.0.2.1:6000", "10.0.3.1:5064"]
        );
    }

    #[tokio::test]
    async fn who_is_heard_by_others_searches_where_they_are_and_here() {
        let here = ["10.0.1.255:5064", "127.0.0.1:5064"];
        assert_eq!(searched("0.0.0.0", &[], false).await, here[..]);
        let reversed = searched("10.0.1.7", &[], true).await;
        assert_eq!(reversed, here[..]);
    }

    #[test]
    fn long_names_are_spread_over_datagrams() {
        let name = "n".repeat(200);
        let datagrams = datagrams(&[name.as_str(); 20]);
        assert!(datagrams.len() > 1 && datagrams.iter().all(|one| one.len() <= DATAGRAM));
    }
}
