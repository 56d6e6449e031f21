//! Where to listen and whom to tell: `EPICS_CAS_*` and `EPICS_CA_*`, meaning what they mean for an IOC,
//! except that without any of them we stay on the loopback interface.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use thiserror::Error;

use crate::networks::Network;

/// The addresses of a Channel Access server.
#[derive(Clone, Debug, PartialEq)]
pub struct Addresses {
    /// The interfaces to listen on; `0.0.0.0` alone for all.
    pub listen: Vec<Ipv4Addr>,
    /// The port of searches and, if it is free, of circuits; 0 for any free port.
    pub port: u16,
    /// The groups of multicast whose searches are heard.
    pub groups: Vec<Ipv4Addr>,
    /// Where beacons go.
    pub beacons: Vec<SocketAddrV4>,
    /// The port of beacons that also go to the networks of the interfaces that we listen on; without it they do not.
    pub auto_beacons: Option<u16>,
    /// The longest time between two beacons.
    pub beacon_period: Duration,
    /// Hosts whose searches are not answered.
    pub ignore: Vec<Ipv4Addr>,
    /// Where the clients of this machine search.
    pub clients: Searched,
}

/// Where the clients of a machine search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Addresses or names of hosts, with or without a port.
    pub hosts: Vec<String>,
    /// Whether in all networks of the machine as well.
    pub auto: bool,
}

/// A variable whose value makes no sense.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{name}={value}: {problem}")]
pub struct BadVariable {
    name: &'static str,
    value: String,
    problem: &'static str,
}

impl BadVariable {
    pub(crate) fn new(name: &'static str, value: &str, problem: &'static str) -> Self {
        let value = value.to_owned();
        Self {
            name,
            value,
            problem,
        }
    }
}

/// The port of Channel Access, unless told otherwise.
pub const SERVER_PORT: u16 = 5064;
/// The port of the beacon repeater, unless told otherwise.
pub const REPEATER_PORT: u16 = 5065;

impl Addresses {
    /// Reads the variables through `variable`.
    ///
    /// # Errors
    /// The first that makes no sense.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BadVariable> {
        let get = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let port = |names: [&'static str; 2], default: u16| {
            let Some((name, value)) = names.into_iter().find_map(|n| Some((n, get(n)?))) else {
                return Ok(default);
            };
            let problem = "a port is a number from 0 to 65535";
            value.trim().parse().map_err(|_| BadVariable {
                name,
                value,
                problem,
            })
        };
        let server = port(
            ["EPICS_CAS_SERVER_PORT", "EPICS_CA_SERVER_PORT"],
            SERVER_PORT,
        )?;
        let repeater = port(
            ["EPICS_CAS_BEACON_PORT", "EPICS_CA_REPEATER_PORT"],
            REPEATER_PORT,
        )?;
        let list = |name: &'static str| -> Result<Vec<SocketAddrV4>, BadVariable> {
            let Some(value) = get(name) else {
                return Ok(Vec::new());
            };
            let problem = "expected IPv4 addresses, separated by spaces";
            let one = |text: &str| address(text, repeater);
            let parsed: Option<Vec<_>> = value.split_whitespace().map(one).collect();
            parsed.ok_or(BadVariable {
                name,
                value,
                problem,
            })
        };
        let told = list("EPICS_CAS_INTF_ADDR_LIST")?;
        let (groups, mut listen): (Vec<Ipv4Addr>, Vec<Ipv4Addr>) = told
            .iter()
            .map(SocketAddrV4::ip)
            .partition(|ip| ip.is_multicast());
        if listen.len() > 1 && listen.contains(&Ipv4Addr::UNSPECIFIED) {
            return Err(BadVariable {
                name: "EPICS_CAS_INTF_ADDR_LIST",
                value: get("EPICS_CAS_INTF_ADDR_LIST").unwrap_or_default(),
                problem: "0.0.0.0 means all interfaces and stands alone",
            });
        }
        if listen.is_empty() {
            // A group alone is heard on all interfaces.
            listen.push(match groups[..] {
                [] => Ipv4Addr::LOCALHOST,
                _ => Ipv4Addr::UNSPECIFIED,
            });
        }
        let beacons = list("EPICS_CAS_BEACON_ADDR_LIST")?;
        let auto = get("EPICS_CAS_AUTO_BEACON_ADDR_LIST");
        let auto = auto.is_none_or(|value| value.trim().eq_ignore_ascii_case("yes"));
        let hosts = get("EPICS_CA_ADDR_LIST").unwrap_or_default();
        let searched = get("EPICS_CA_AUTO_ADDR_LIST").unwrap_or_default();
        let clients = Searched {
            hosts: hosts.split_whitespace().map(str::to_owned).collect(),
            auto: !searched.contains("no") && !searched.contains("NO"),
        };
        let beacon_period = match get("EPICS_CAS_BEACON_PERIOD") {
            None => Duration::from_secs(15),
            Some(value) => {
                let seconds = value
                    .trim()
                    .parse()
                    .ok()
                    .filter(|&seconds: &f64| seconds >= 0.1);
                let period = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
                let problem = "a period is a number of seconds, at least 0.1";
                period.ok_or(BadVariable {
                    name: "EPICS_CAS_BEACON_PERIOD",
                    value,
                    problem,
                })?
            }
        };
        let ignore = list("EPICS_CAS_IGNORE_ADDR_LIST")?
            .iter()
            .map(|a| *a.ip())
            .collect();
        Ok(Self {
            listen,
            port: server,
            groups,
            beacons,
            auto_beacons: auto.then_some(repeater),
            beacon_period,
            ignore,
            clients,
        })
    }

    /// Where beacons go, given the networks of this machine.
    #[must_use]
    pub fn beacon_targets(&self, networks: &[Network]) -> Vec<SocketAddrV4> {
        let auto = self.auto_beacons.into_iter().flat_map(|port| {
            let reached = |&ip| reached(ip, networks);
            let targets = self.listen.iter().flat_map(reached);
            targets.map(move |ip| SocketAddrV4::new(ip, port))
        });
        let mut targets: Vec<SocketAddrV4> = Vec::new();
        for target in auto.chain(self.beacons.iter().copied()) {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets
    }

    /// Whether nobody outside this machine can reach us.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.listen.iter().all(Ipv4Addr::is_loopback)
    }
}

/// What is heard in all of the networks that an interface is in; all networks for `0.0.0.0`.
fn reached(ip: Ipv4Addr, networks: &[Network]) -> Vec<Ipv4Addr> {
    if ip.is_loopback() {
        return vec![Ipv4Addr::LOCALHOST];
    }
    let here = |network: &&Network| ip.is_unspecified() || network.own == ip;
    let networks = networks.iter().filter(here);
    networks.map(|network| network.all).collect()
}

/// `1.2.3.4` or `1.2.3.4:5065`; names are not looked up.
fn address(text: &str, port: u16) -> Option<SocketAddrV4> {
    match text {
        "localhost" => Some(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)),
        _ => text
            .parse()
            .ok()
            .or_else(|| Some(SocketAddrV4::new(text.parse().ok()?, port))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Addresses, BadVariable> {
        Addresses::from_variables(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_variables_we_stay_on_loopback() {
        let addresses = read(&[]).unwrap();
        assert!(addresses.is_local());
        assert_eq!(addresses.port, 5064);
    }

    #[test]
    fn the_servers_own_port_wins_over_the_clients() {
        let both = [
            ("EPICS_CA_SERVER_PORT", "6000"),
            ("EPICS_CAS_SERVER_PORT", "7000"),
        ];
        assert_eq!(read(&both[..1]).unwrap().port, 6000);
        assert_eq!(read(&both).unwrap().port, 7000);
    }

    #[test]
    fn a_list_of_interfaces_is_heeded() {
        let addresses = read(&[("EPICS_CAS_INTF_ADDR_LIST", "127.0.0.2 10.0.0.1")]).unwrap();
        assert_eq!(
            addresses.listen,
            [Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(10, 0, 0, 1)]
        );
        assert!(!addresses.is_local());
    }

    #[test]
    fn nonsense_is_named() {
        let error = read(&[("EPICS_CA_SERVER_PORT", "many")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "EPICS_CA_SERVER_PORT=many: a port is a number from 0 to 65535"
        );
    }

    #[test]
    fn a_list_may_name_ports_and_localhost_and_nothing_else() {
        let lists = [
            ("EPICS_CAS_BEACON_ADDR_LIST", "localhost 10.0.0.255:6065"),
            ("EPICS_CAS_IGNORE_ADDR_LIST", " 10.0.0.7\t10.0.0.8 "),
        ];
        let addresses = read(&lists).unwrap();
        assert_eq!(
            addresses.beacons,
            ["127.0.0.1:5065", "10.0.0.255:6065"].map(|a| a.parse().unwrap())
        );
        assert_eq!(addresses.ignore.len(), 2);
        for name in [
            "EPICS_CAS_INTF_ADDR_LIST",
            "EPICS_CAS_BEACON_ADDR_LIST",
            "EPICS_CAS_IGNORE_ADDR_LIST",
        ] {
            for value in ["::1", "10.0.0", "10.0.0.1,10.0.0.2", "beamline.lab"] {
                let error = read(&[(name, value)]).unwrap_err().to_string();
                assert!(error.starts_with(&format!("{name}={value}:")), "{error}");
            }
        }
    }

    /// Where beacons go on a machine in two networks.
    fn beacons(variables: &[(&str, &str)]) -> Vec<String> {
        let networks = ["10.0.1.255", "10.0.2.255"].map(|all: &str| {
            let all: Ipv4Addr = all.parse().unwrap();
            let [a, b, c, _] = all.octets();
            Network {
                own: Ipv4Addr::new(a, b, c, 7),
                all,
            }
        });
        let targets = read(variables).unwrap().beacon_targets(&networks);
        targets.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn beacons_go_to_the_networks_of_the_interfaces_as_those_of_an_ioc() {
        let (interfaces, list) = ("EPICS_CAS_INTF_ADDR_LIST", "EPICS_CAS_BEACON_ADDR_LIST");
        let auto = "EPICS_CAS_AUTO_BEACON_ADDR_LIST";
        assert_eq!(beacons(&[]), ["127.0.0.1:5065"]);
        let all = (interfaces, "0.0.0.0");
        assert_eq!(beacons(&[all]), ["10.0.1.255:5065", "10.0.2.255:5065"]);
        let one = (interfaces, "10.0.2.7 127.0.0.1");
        assert_eq!(beacons(&[one]), ["10.0.2.255:5065", "127.0.0.1:5065"]);
        assert_eq!(beacons(&[all, (auto, "NO")]), [""; 0]);
        let more = (list, "10.0.3.1 10.0.2.255:5065");
        assert_eq!(
            beacons(&[more, (auto, "no")]),
            ["10.0.3.1:5065", "10.0.2.255:5065"]
        );
        assert_eq!(beacons(&[one, more]).len(), 3, "the same is told once");
    }

    #[test]
    fn a_group_is_joined_on_the_interfaces_that_are_listened_on() {
        let read = |list| read(&[("EPICS_CAS_INTF_ADDR_LIST", list)]);
        let group = Ipv4Addr::new(224, 0, 2, 9);
        let addresses = read("224.0.2.9 10.0.1.7").unwrap();
        assert_eq!((addresses.groups, addresses.listen.len()), (vec![group], 1));
        let addresses = read("224.0.2.9").unwrap();
        assert_eq!(addresses.listen, [Ipv4Addr::UNSPECIFIED]);
        let error = read("0.0.0.0 10.0.1.7").unwrap_err().to_string();
        assert!(error.ends_with("stands alone"), "{error}");
    }

    #[test]
    fn clients_of_this_machine_search_where_their_variables_say() {
        let read = |variables: &[_]| read(variables).unwrap().clients;
        assert!(read(&[]).auto && read(&[]).hosts.is_empty());
        let clients = read(&[
            ("EPICS_CA_ADDR_LIST", "gateway 10.0.0.1:5066"),
            ("EPICS_CA_AUTO_ADDR_LIST", "NO"),
        ]);
        assert_eq!((clients.auto, clients.hosts.len()), (false, 2));
    }

    #[test]
    fn a_beacon_period_is_a_sensible_number_of_seconds() {
        let period = |text| read(&[("EPICS_CAS_BEACON_PERIOD", text)]).map(|a| a.beacon_period);
        assert_eq!(period("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(period(" "), Ok(Duration::from_secs(15)));
        for nonsense in ["0", "-1", "NaN", "inf", "1e300", "soon"] {
            assert!(period(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_port_beyond_all_ports_is_refused() {
        for port in ["65536", "-1", "5064 5065"] {
            assert!(read(&[("EPICS_CAS_SERVER_PORT", port)]).is_err(), "{port}");
        }
        assert_eq!(read(&[("EPICS_CAS_SERVER_PORT", "0")]).unwrap().port, 0);
    }
}
