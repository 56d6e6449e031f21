//! What packets say of who wanted to reach whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What a packet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packet {
    /// A connection is wanted, from the first to the second.
    Connect(SocketAddr, SocketAddr),
    /// A connection that the second wanted is accepted by the first.
    Accept(SocketAddr, SocketAddr),
    /// A connection that the second wanted is refused by the first.
    Refuse(SocketAddr, SocketAddr),
    /// A datagram, from the first to the second.
    Datagram(SocketAddr, SocketAddr),
    /// A datagram to there found nobody.
    Nobody(SocketAddr),
    /// A name server is asked for a name.
    Name(String),
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;

impl Packet {
    /// Reads an IP packet, or the beginning of one; none if it says nothing of interest.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (protocol, from, to, rest) = ip(bytes)?;
        match protocol {
            TCP => {
                let (from, to) = ports(from, to, rest)?;
                let flags = *rest.get(13)?;
                let [syn, rst, ack] = [0x02, 0x04, 0x10].map(|flag| flags & flag != 0);
                match (syn, rst, ack) {
                    (_, true, _) => Some(Self::Refuse(from, to)),
                    (true, _, true) => Some(Self::Accept(from, to)),
                    (true, _, false) => Some(Self::Connect(from, to)),
                    _ => None,
                }
            }
            UDP => {
                let (from, to) = ports(from, to, rest)?;
                let asked = || Some(Self::Name(name(rest.get(8..)?)?));
                let asked = if to.port() == 53 { asked() } else { None };
                Some(asked.unwrap_or(Self::Datagram(from, to)))
            }
            // The port cannot be reached; what was sent there follows.
            ICMP if rest.get(..2) == Some(&[3, 3]) => {
                let (protocol, from, to, rest) = ip(rest.get(8..)?)?;
                let (_, to) = ports(from, to, rest)?;
                (protocol == UDP).then_some(Self::Nobody(to))
            }
            _ => None,
        }
    }
}

/// The protocol, the addresses, and what the packet carries.
fn ip(bytes: &[u8]) -> Option<(u8, IpAddr, IpAddr, &[u8])> {
    match bytes.first()? >> 4 {
        4 => {
            let header = usize::from(bytes[0] & 0x0f) * 4;
            let address = |at: usize| -> Option<IpAddr> {
                let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
                Some(Ipv4Addr::from(four).into())
            };
            // All but the first part of a packet have no ports.
            if bytes.get(6)? & 0x1f != 0 || *bytes.get(7)? != 0 {
                return None;
            }
            Some((
                *bytes.get(9)?,
                address(12)?,
                address(16)?,
                bytes.get(header..)?,
            ))
        }
        6 => {
            let address = |at: usize| -> Option<IpAddr> {
                let sixteen: [u8; 16] = bytes.get(at..at + 16)?.try_into().ok()?;
                Some(Ipv6Addr::from(sixteen).to_canonical())
            };
            Some((*bytes.get(6)?, address(8)?, address(24)?, bytes.get(40..)?))
        }
        _ => None,
    }
}

fn ports(from: IpAddr, to: IpAddr, rest: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let port = |at: usize| Some(u16::from_be_bytes(rest.get(at..at + 2)?.try_into().ok()?));
    Some((
        SocketAddr::new(from, port(0)?),
        SocketAddr::new(to, port(2)?),
    ))
}

/// The name in the first question of a message to a name server.
fn name(message: &[u8]) -> Option<String> {
    let is_question = message.get(2)? & 0x80 == 0;
    let questions = u16::from_be_bytes(message.get(4..6)?.try_into().ok()?);
    if !is_question || questions == 0 {
        return None;
    }
    let mut labels = Vec::new();
    let mut rest = message.get(12..)?;
    loop {
        let (&length, after) = rest.split_first()?;
        if length == 0 {
            break;
        }
        let label = after.get(..usize::from(length)).filter(|_| length < 64)?;
        labels.push(String::from_utf8_lossy(label).into_owned());
        rest = &after[usize::from(length)..];
    }
    (!labels.is_empty()).then(|| labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// A packet from 127.0.0.1:40000 to 192.0.2.7, an address that belongs to nobody. Nothing is sent.
    fn v4(protocol: u8, port: u16, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0];
        packet.extend([127, 0, 0, 1, 192, 0, 2, 7]);
        packet.extend(40000u16.to_be_bytes());
        packet.extend(port.to_be_bytes());
        packet.extend(rest);
        packet
    }

    fn tcp(flags: u8) -> Vec<u8> {
        let mut rest = [0; 16];
        rest[9] = flags;
        v4(TCP, 9092, &rest)
    }

    #[test]
    fn connections_are_wanted_accepted_and_refused() {
        let (from, to) = (address("127.0.0.1:40000"), address("192.0.2.7:9092"));
        assert_eq!(Packet::read(&tcp(0x02)), Some(Packet::Connect(from, to)));
        assert_eq!(Packet::read(&tcp(0x12)), Some(Packet::Accept(from, to)));
        assert_eq!(Packet::read(&tcp(0x14)), Some(Packet::Refuse(from, to)));
        assert_eq!(Packet::read(&tcp(0x10)), None);
    }

    #[test]
    fn a_name_that_is_looked_up_is_read() {
        let mut rest = vec![0; 4];
        rest.extend([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        rest.extend(b"\x05kafka\x07example\x00\x00\x01\x00\x01");
        let packet = v4(UDP, 53, &rest);
        assert_eq!(
            Packet::read(&packet),
            Some(Packet::Name("kafka.example".to_owned()))
        );
        let elsewhere = v4(UDP, 5064, &rest);
        let (from, to) = (address("127.0.0.1:40000"), address("192.0.2.7:5064"));
        assert_eq!(Packet::read(&elsewhere), Some(Packet::Datagram(from, to)));
    }

    #[test]
    fn a_datagram_that_found_nobody_is_read_from_the_complaint() {
        let sent = v4(UDP, 5064, &[0; 4]);
        let mut complaint = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, ICMP, 0, 0];
        complaint.extend([192, 0, 2, 7, 127, 0, 0, 1, 3, 3, 0, 0, 0, 0, 0, 0]);
        complaint.extend(&sent);
        assert_eq!(
            Packet::read(&complaint),
            Some(Packet::Nobody(address("192.0.2.7:5064")))
        );
    }

    #[test]
    fn version_6_is_read_too() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 0, UDP, 64];
        packet.extend(Ipv6Addr::LOCALHOST.octets());
        packet.extend(
            address("[2001:db8::1]:1")
                .ip()
                .to_string()
                .parse::<Ipv6Addr>()
                .unwrap()
                .octets(),
        );
        packet.extend([0x9c, 0x40, 0x13, 0xc8, 0, 8, 0, 0]);
        let (from, to) = (address("[::1]:40000"), address("[2001:db8::1]:5064"));
        assert_eq!(Packet::read(&packet), Some(Packet::Datagram(from, to)));
    }

    #[test]
    fn whatever_comes_nothing_breaks() {
        for whole in [tcp(0x02), v4(UDP, 53, &[1; 40]), v4(ICMP, 0, &[3; 9])] {
            for length in 0..whole.len() {
                let _ = Packet::read(&whole[..length]);
            }
        }
        let mut noise = 1u32;
        for _ in 0..2000 {
            let next = |_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            };
            let bytes: Vec<u8> = (0..64).map(next).collect();
            let _ = Packet::read(&bytes);
        }
    }
}
