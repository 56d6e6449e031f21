//! What a command is told by its environment.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};

use beamtwin_server::{Addresses, Server};

/// A port on which nobody answers: that of `discard`, whose purpose it is.
const NOWHERE: u16 = 9;
/// Room for the largest image.
const ARRAY_BYTES: u32 = 100_000_000;

/// The ports beside those of the twin that a command is told of.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    repeater: u16,
}

impl Ports {
    /// Ports that are free.
    ///
    /// # Errors
    /// If there is none.
    pub fn free() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self {
            repeater: socket.local_addr()?.port(),
        })
    }

    pub(super) const fn all(self) -> [u16; 2] {
        [self.repeater, NOWHERE]
    }

    /// Where a twin listens that only this command is told of.
    #[must_use]
    pub fn addresses(self) -> Addresses {
        let repeater = self.repeater.to_string();
        let variable = |name: &str| match name {
            "EPICS_CAS_SERVER_PORT" => Some("0".to_owned()),
            "EPICS_CA_REPEATER_PORT" => Some(repeater.clone()),
            "EPICS_CA_AUTO_ADDR_LIST" => Some("NO".to_owned()),
            _ => None,
        };
        Addresses::from_variables(variable).expect("these variables make sense")
    }
}

/// The variables of EPICS by which a command finds the twin and nothing else.
pub(super) fn variables(server: &Server, ports: Ports) -> Vec<(&'static str, OsString)> {
    let local = || Ipv4Addr::LOCALHOST.to_string();
    let texts = [
        ("EPICS_CA_ADDR_LIST", local()),
        ("EPICS_CA_AUTO_ADDR_LIST", "NO".to_owned()),
        ("EPICS_CA_SERVER_PORT", server.search_port().to_string()),
        ("EPICS_CA_REPEATER_PORT", ports.repeater.to_string()),
        ("EPICS_CA_MAX_ARRAY_BYTES", ARRAY_BYTES.to_string()),
        ("EPICS_PVA_ADDR_LIST", local()),
        ("EPICS_PVA_AUTO_ADDR_LIST", "NO".to_owned()),
        ("EPICS_PVA_BROADCAST_PORT", NOWHERE.to_string()),
        ("EPICS_PVA_SERVER_PORT", NOWHERE.to_string()),
        ("BEAMTWIN_CONTROL", server.control().display().to_string()),
    ];
    texts.map(|(name, text)| (name, text.into())).into()
}
