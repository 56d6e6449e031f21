//! The networks that this machine is in.

use std::net::Ipv4Addr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

/// A network, as an interface of this machine sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address of the interface.
    pub own: Ipv4Addr,
    /// The address that all in the network hear: that of broadcasts, or of the other end of a line.
    pub all: Ipv4Addr,
}

/// The networks beyond this machine, as EPICS base finds them; none where the system does not tell.
#[must_use]
pub fn networks() -> Vec<Network> {
    let ip = |address: Option<SockaddrStorage>| {
        let address = address?;
        Some(address.as_sockaddr_in()?.ip())
    };
    let interfaces = getifaddrs().into_iter().flatten();
    let reached = interfaces.filter_map(|interface| {
        let flags = interface.flags;
        let own = ip(interface.address)?;
        if !flags.contains(InterfaceFlags::IFF_UP) || own.is_loopback() {
            return None;
        }
        let all = if flags.contains(InterfaceFlags::IFF_BROADCAST) {
            ip(interface.broadcast)?
        } else {
            ip(interface.destination)?
        };
        Some(Network { own, all })
    });
    reached.collect()
}
