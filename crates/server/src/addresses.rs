//! Where to listen and whom to tell: `EPICS_CAS_*` and `EPICS_CA_*`, meaning what they mean for an IOC,
//! except that without any of them we stay on the loopback interface.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use thiserror::Error;

/// The addresses of a Channel Access server.
#[derive(Clone, Debug, PartialEq)]
pub struct Addresses {
    /// The interfaces to listen on; `0.0.0.0` alone for all.
    pub listen: Vec<Ipv4Addr>,
    /// The port of searches and, if it is free, of circuits; 0 for any free port.
    pub port: u16,
    /// Where beacons go.
    pub beacons: Vec<SocketAddrV4>,
    /// The longest time between two beacons.
    pub beacon_period: Duration,
    /// Hosts whose searches are not answered.
    pub ignore: Vec<Ipv4Addr>,
}

/// A variable whose value makes no sense.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{name}={value}: {problem}")]
pub struct BadVariable {
    name: &'static str,
    value: String,
    problem: &'static str,
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
        let mut listen: Vec<Ipv4Addr> = list("EPICS_CAS_INTF_ADDR_LIST")?
            .iter()
            .map(|address| *address.ip())
            .collect();
        if listen.is_empty() {
            listen.push(Ipv4Addr::LOCALHOST);
        }
        let mut beacons = list("EPICS_CAS_BEACON_ADDR_LIST")?;
        if beacons.is_empty() && listen.iter().all(Ipv4Addr::is_loopback) {
            beacons.push(SocketAddrV4::new(Ipv4Addr::LOCALHOST, repeater));
        }
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
            beacons,
            beacon_period,
            ignore,
        })
    }

    /// Whether nobody outside this machine can reach us.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.listen.iter().all(Ipv4Addr::is_loopback)
    }
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
        assert_eq!(addresses.beacons, ["127.0.0.1:5065".parse().unwrap()]);
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

    #[test]
    fn beacons_of_all_interfaces_go_nowhere_unless_told() {
        let addresses = read(&[("EPICS_CAS_INTF_ADDR_LIST", "0.0.0.0")]).unwrap();
        assert!(!addresses.is_local());
        assert!(addresses.beacons.is_empty());
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
