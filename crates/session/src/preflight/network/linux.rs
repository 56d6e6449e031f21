//! Namespaces of users and networks, and what there is to do in a new one.

use std::cell::OnceCell;
use std::fs;
use std::io::{self, Read};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};
use tokio::net::UdpSocket;

use super::Packet;

/// Of a packet, as much as tells who wants to reach whom.
const ENOUGH: usize = 512;

/// Leaves the network of this machine.
pub(super) fn enter() -> io::Result<Tap> {
    // Who may do it at once needs no other users.
    if !geteuid().is_root() || unshare(CloneFlags::CLONE_NEWNET).is_err() {
        let (user, group) = (geteuid(), getegid());
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    let kernel = Kernel::new()?;
    kernel.switch_on()?;
    kernel.lead_everything_home(AF_INET)?;
    // There may be no version 6.
    let _ = kernel.lead_everything_home(AF_INET6);
    Tap::new()
}

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const AF_NETLINK: i32 = 16;
/// The loopback interface is the first of a new network.
const LOOPBACK: u32 = 1;

/// The part of the kernel that networks are set up with, `NETLINK_ROUTE`.
struct Kernel(Socket);

impl Kernel {
    fn new() -> io::Result<Self> {
        let socket = Socket::new(Domain::from(AF_NETLINK), Type::RAW, None)?;
        Ok(Self(socket))
    }

    /// Switches the loopback interface on (`RTM_NEWLINK` with `IFF_UP`).
    fn switch_on(&self) -> io::Result<()> {
        let mut message = vec![0; 4];
        for word in [LOOPBACK, 1, 1] {
            message.extend(word.to_ne_bytes());
        }
        self.ask(16, 0, &message)
    }

    /// Lets every address lead to the loopback interface: `ip route add local default dev lo`.
    fn lead_everything_home(&self, family: u8) -> io::Result<()> {
        const LOCAL_TABLE: u8 = 255;
        const BOOT: u8 = 3;
        const LOCAL: u8 = 2;
        const CREATE_NEW: u16 = 0x600;
        let scope = if family == AF_INET { 254 } else { 0 };
        let mut message = vec![family, 0, 0, 0, LOCAL_TABLE, BOOT, scope, LOCAL, 0, 0, 0, 0];
        // The interface, RTA_OIF.
        message.extend([8u16, 4].map(u16::to_ne_bytes).concat());
        message.extend(LOOPBACK.to_ne_bytes());
        self.ask(24, CREATE_NEW, &message)
    }

    /// Sends a request and waits for its acknowledgement.
    fn ask(&self, kind: u16, flags: u16, message: &[u8]) -> io::Result<()> {
        const REQUEST_WITH_ACK: u16 = 5;
        const HEADER: usize = 16;
        let length = u32::try_from(HEADER + message.len()).unwrap_or(u32::MAX);
        let mut whole = length.to_ne_bytes().to_vec();
        whole.extend(kind.to_ne_bytes());
        whole.extend((flags | REQUEST_WITH_ACK).to_ne_bytes());
        whole.extend([0; 8]);
        whole.extend(message);
        self.0.send(&whole)?;
        let mut answer = [0; 256];
        let length = (&self.0).read(&mut answer)?;
        let code = answer[..length].get(HEADER..HEADER + 4);
        let code = code
            .and_then(|it| it.try_into().ok())
            .map(i32::from_ne_bytes);
        match code {
            Some(0) => Ok(()),
            Some(code) => Err(io::Error::from_raw_os_error(-code)),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Hears all packets that tell who wants to reach whom.
pub(super) struct Tap {
    socket: Socket,
    /// The same within the runtime, which takes any socket for one of datagrams.
    heard: OnceCell<UdpSocket>,
}

impl Tap {
    fn new() -> io::Result<Self> {
        /// All protocols, in the order of the network.
        const ALL: u16 = 3u16.to_be();
        let socket = Socket::new(
            Domain::PACKET,
            Type::DGRAM,
            Some(Protocol::from(i32::from(ALL))),
        )?;
        socket.attach_filter(&filter())?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            heard: OnceCell::new(),
        })
    }

    /// Waits for packets.
    pub(super) async fn packets(&self) -> Vec<Packet> {
        if self.heard.get().is_none() {
            let heard = self.socket.try_clone().map(Into::into);
            match heard.and_then(UdpSocket::from_std) {
                Ok(heard) => self.heard.get_or_init(|| heard),
                Err(_) => return std::future::pending().await,
            };
        }
        let mut bytes = [0; ENOUGH];
        let mut packets = Vec::new();
        if let Some(heard) = self.heard.get() {
            // What is not there yet comes next time.
            let _ = heard.readable().await;
            while let Ok(length) = heard.try_recv(&mut bytes) {
                packets.extend(Packet::read(&bytes[..length]));
            }
        }
        packets
    }

    /// The packets that are there.
    pub(super) fn rest(&self) -> Vec<Packet> {
        let mut bytes = [0; ENOUGH];
        let mut packets = Vec::new();
        while let Ok(length) = (&self.socket).read(&mut bytes) {
            packets.extend(Packet::read(&bytes[..length]));
        }
        packets
    }
}

/// Lets through datagrams, complaints, and the beginnings and refusals of connections, each once: what passes the
/// loopback interface is heard going out and coming in.
fn filter() -> [SockFilter; 20] {
    const BYTE: u16 = 0x30;
    const BYTE_AFTER_HEADER: u16 = 0x50;
    const HEADER: u16 = 0xb1;
    const SHIFT: u16 = 0x74;
    const EQUAL: u16 = 0x15;
    const ANY_BIT: u16 = 0x45;
    const GO: u16 = 0x05;
    const RETURN: u16 = 0x06;
    /// Where the kernel says which way a packet goes, and that it goes out.
    const DIRECTION: u32 = 0xffff_f004;
    const OUTGOING: u32 = 4;
    const SYN_OR_RST: u32 = 6;
    [
        (BYTE, 0, 0, DIRECTION),
        (EQUAL, 17, 0, OUTGOING),
        (BYTE, 0, 0, 0),
        (SHIFT, 0, 0, 4),
        (EQUAL, 0, 7, 4),
        // Version 4: the protocol, and the flags after a header of any length.
        (BYTE, 0, 0, 9),
        (EQUAL, 11, 0, 17),
        (EQUAL, 10, 0, 1),
        (EQUAL, 0, 10, 6),
        (HEADER, 0, 0, 0),
        (BYTE_AFTER_HEADER, 0, 0, 13),
        (GO, 0, 0, 5),
        // Version 6.
        (EQUAL, 0, 6, 6),
        (BYTE, 0, 0, 6),
        (EQUAL, 3, 0, 17),
        (EQUAL, 0, 3, 6),
        (BYTE, 0, 0, 53),
        (ANY_BIT, 0, 1, SYN_OR_RST),
        (RETURN, 0, 0, ENOUGH as u32),
        (RETURN, 0, 0, 0),
    ]
    .map(|(code, yes, no, k)| SockFilter::new(code, yes, no, k))
}
