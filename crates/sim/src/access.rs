//! Who may read and write what.
//!
//! The first rule that is for a client and a channel decides. Where none is, clients on this machine may do
//! everything, and others may read.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

use crate::event::Client;

/// What a client may do with a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// It may read.
    pub read: bool,
    /// It may write.
    pub write: bool,
}

impl Access {
    /// It may do nothing.
    pub const NONE: Self = Self {
        read: false,
        write: false,
    };
    /// It may read.
    pub const READ: Self = Self {
        read: true,
        write: false,
    };
    /// It may read and write.
    pub const WRITE: Self = Self {
        read: true,
        write: true,
    };

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            read: self.read && other.read,
            write: self.write && other.write,
        }
    }
}

/// One rule. Where a list is empty it is for all; in names, `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The user names that clients give.
    pub users: Vec<String>,
    /// The host names that clients give.
    pub hosts: Vec<String>,
    /// Where they connect from.
    pub addresses: Vec<Network>,
    /// Records, or channels with their field: `*Mtr`, `*Mtr.VELO`.
    pub pvs: Vec<String>,
    /// What they may do.
    pub access: Access,
}

impl Rule {
    fn is_for(&self, who: &Known, ip: Ipv4Addr, record: &str, field: &str) -> bool {
        let any = |patterns: &[String], name: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, name))
        };
        let from = || {
            let addresses = &self.addresses;
            addresses.is_empty() || addresses.iter().any(|network| network.has(ip))
        };
        let pv = || {
            let pvs = &self.pvs;
            let means = |pattern: &String| means(pattern, record, [field]);
            pvs.is_empty() || pvs.iter().any(means)
        };
        let Client { user, host, .. } = &who.client;
        any(&self.users, user) && any(&self.hosts, host) && from() && pv()
    }
}

/// A client, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    client: Client,
    /// None for one in this process, or at the control channel.
    ip: Option<Ipv4Addr>,
}

impl From<Client> for Known {
    fn from(client: Client) -> Self {
        let from: Option<SocketAddr> = client.addr.parse().ok();
        let ip = from.and_then(|from| match from.ip() {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(ip) => ip.to_ipv4_mapped(),
        });
        Self { client, ip }
    }
}

/// Rules in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(pub Vec<Rule>);

impl Rules {
    /// What a client may do with a field of a record, as far as these rules are concerned.
    ///
    /// A client without an address is in this process, or at the control channel, which only its owner can
    /// open: no rule is for it.
    #[must_use]
    pub fn access(&self, who: &Known, record: &str, field: &str) -> Access {
        let Some(ip) = who.ip else {
            return Access::WRITE;
        };
        let mut rules = self.0.iter();
        let first = rules.find(|rule| rule.is_for(who, ip, record, field));
        match first {
            Some(rule) => rule.access,
            None if ip.is_loopback() => Access::WRITE,
            None => Access::READ,
        }
    }
}

/// Whether a pattern means one of these fields of a record: by the record's name, or with the field's.
pub(crate) fn means<'f>(
    pattern: &str,
    record: &str,
    fields: impl IntoIterator<Item = &'f str>,
) -> bool {
    let with_field = |(name, own): (&str, &str)| {
        fits(name, record) && fields.into_iter().any(|field| fits(own, field))
    };
    fits(pattern, record) || pattern.rsplit_once('.').is_some_and(with_field)
}

/// Whether a name fits a pattern, in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let (inner, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in inner.split('*') {
        // The first place leaves most for what follows.
        let Some(at) = name.find(piece) else {
            return false;
        };
        name = &name[at + piece.len()..];
    }
    name.ends_with(end)
}

/// Addresses that begin alike: `10.0.3.0/24`, or one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u32,
    /// Ones where addresses are alike.
    mask: u32,
}

/// A text that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no address; write for example \"10.0.3.7\", or \"10.0.3.0/24\" for many")]
pub struct NoNetwork(String);

impl Network {
    fn has(self, ip: Ipv4Addr) -> bool {
        ip.to_bits() & self.mask == self.first
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let wrong = || NoNetwork(text.to_owned());
        let (ip, bits) = match text.split_once('/') {
            Some((ip, bits)) => (ip, bits.parse().map_err(|_| wrong())?),
            None => (text, 32),
        };
        let ip: Ipv4Addr = ip.parse().map_err(|_| wrong())?;
        if bits > 32 {
            return Err(wrong());
        }
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Ok(Self {
            first: ip.to_bits() & mask,
            mask,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(user: &str, addr: &str) -> Known {
        let client = Client {
            user: user.to_owned(),
            host: "ws1".to_owned(),
            addr: addr.to_owned(),
        };
        client.into()
    }

    fn rule(access: Access) -> Rule {
        Rule {
            users: Vec::new(),
            hosts: Vec::new(),
            addresses: Vec::new(),
            pvs: Vec::new(),
            access,
        }
    }

    #[test]
    fn without_rules_this_machine_may_do_everything_and_others_may_read() {
        let rules = Rules::default();
        let access = |addr| rules.access(&client("a", addr), "x", "VAL");
        assert_eq!(access("127.0.0.1:40000"), Access::WRITE);
        assert_eq!(access("127.8.0.1:40000"), Access::WRITE);
        assert_eq!(access("10.0.0.1:40000"), Access::READ);
        assert_eq!(access("control"), Access::WRITE);
    }

    #[test]
    fn the_first_rule_that_is_for_a_client_and_a_channel_decides() {
        let rules = Rules(vec![
            Rule {
                users: vec!["op*".to_owned()],
                addresses: vec!["10.0.3.0/24".parse().unwrap()],
                ..rule(Access::WRITE)
            },
            Rule {
                pvs: vec!["*Mtr.VELO".to_owned(), "secret".to_owned()],
                ..rule(Access::NONE)
            },
            rule(Access::READ),
        ]);
        let access = |user, addr, record, field| rules.access(&client(user, addr), record, field);
        let (inside, outside) = ("10.0.3.9:1", "10.0.4.9:1");
        assert_eq!(access("operator", inside, "secret", "VAL"), Access::WRITE);
        assert_eq!(access("operator", outside, "secret", "VAL"), Access::NONE);
        assert_eq!(access("guest", inside, "xMtr", "VELO"), Access::NONE);
        assert_eq!(access("guest", inside, "xMtr", "VAL"), Access::READ);
        assert_eq!(access("guest", "127.0.0.1:1", "xMtr", "VAL"), Access::READ);
    }

    #[test]
    fn a_star_is_any_text() {
        for (pattern, name) in [
            ("*", ""),
            ("a*", "a"),
            ("*{Mtr}*", "x{Mtr}.y"),
            ("a*b*c", "aXbbYc"),
            ("*ab", "aab"),
            ("a*a", "aa"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "ab"), ("a*a", "a"), ("*b*b", "ab"), ("", "a")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_network_is_an_address_with_the_number_of_bits_that_count() {
        let has = |network: &str, ip: &str| {
            let network: Network = network.parse().unwrap();
            network.has(ip.parse().unwrap())
        };
        assert!(has("10.0.3.7", "10.0.3.7") && !has("10.0.3.7", "10.0.3.8"));
        assert!(has("10.0.3.7/24", "10.0.3.8") && !has("10.0.3.0/24", "10.0.4.8"));
        assert!(has("0.0.0.0/0", "1.2.3.4"));
        for wrong in ["", "host", "10.0.3", "10.0.3.0/33", "10.0.3.0/-1", "::1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
