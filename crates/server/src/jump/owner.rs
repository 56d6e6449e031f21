//! Which process is at the other end of a connection, as `/proc` tells.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr};

/// Who is at the other end of a circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A client that has the clock.
    Registered,
    /// Somebody else: its program and process.
    Stranger(String),
    /// Nobody any more.
    Gone,
}

/// Looks for the process that has the socket of this address; those that have the clock are looked at first.
pub(super) fn owner(peer: SocketAddr, registered: &BTreeSet<u32>) -> Owner {
    let Some(inode) = inode(peer) else {
        return match peer.ip() {
            ip if ip.is_loopback() => Owner::Gone,
            _ => Owner::Stranger(format!("a client on {}", peer.ip())),
        };
    };
    let link = format!("socket:[{inode}]");
    if registered.iter().any(|&process| has(process, &link)) {
        return Owner::Registered;
    }
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    match all.find(|&process| has(process, &link)) {
        Some(process) => Owner::Stranger(named(process)),
        None => Owner::Stranger("a process that does not show itself".to_owned()),
    }
}

/// A process as it is told of.
fn named(process: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    format!("{} (process {process})", name.trim())
}

/// The processes that a process comes from, itself first.
pub(super) fn ancestors(process: u32) -> Vec<u32> {
    let parent = |&process: &u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
        (parent > 0).then_some(parent)
    };
    std::iter::successors(Some(process), parent).collect()
}

/// Whether a process has this socket.
fn has(process: u32, link: &str) -> bool {
    let files = fs::read_dir(format!("/proc/{process}/fd"));
    let mut files = files.into_iter().flatten().flatten();
    files.any(|file| fs::read_link(file.path()).is_ok_and(|it| it.as_os_str() == link))
}

/// The number of the socket that has this address on this machine.
fn inode(address: SocketAddr) -> Option<u64> {
    let IpAddr::V4(ip) = address.ip() else {
        return None;
    };
    let own = format!(
        "{:08X}:{:04X}",
        u32::from_ne_bytes(ip.octets()),
        address.port()
    );
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let sockets = table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut ours = sockets.filter(|fields| fields.get(1) == Some(&own.as_str()));
    let inode = ours.find_map(|fields| fields.get(9)?.parse().ok())?;
    (inode != 0).then_some(inode)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_owner_of_a_connection_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_stream, peer) = listener.accept().unwrap();
        let own = std::process::id();
        assert_eq!(owner(peer, &BTreeSet::from([1, own])), Owner::Registered);
        let Owner::Stranger(who) = owner(peer, &BTreeSet::new()) else {
            panic!("it has no clock");
        };
        assert!(who.ends_with(&format!("(process {own})")), "{who}");
        drop(client);
        assert_eq!(owner(peer, &BTreeSet::from([own])), Owner::Gone);
        let far = "192.0.2.1:4".parse().unwrap();
        assert!(matches!(owner(far, &BTreeSet::new()), Owner::Stranger(_)));
    }

    #[test]
    fn who_started_whom() {
        let own = std::process::id();
        let line = ancestors(own);
        assert_eq!(line[..2], [own, std::os::unix::process::parent_id()]);
    }
}
