//! Which process a circuit belongs to, as Linux tells; others do not.

use std::fs;
use std::net::SocketAddr;

use super::told::Whose;

/// Whether the near end of a circuit, at its peer, belongs to a process.
pub(super) fn whose(addr: SocketAddr, process: u32) -> Whose {
    let Some(socket) = socket(addr) else {
        return Whose::Unknown;
    };
    let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else {
        return Whose::Unknown;
    };
    let mut files = files.flatten();
    let theirs =
        files.any(|file| fs::read_link(file.path()).is_ok_and(|it| it.as_os_str() == &*socket));
    if theirs { Whose::Theirs } else { Whose::Others }
}

/// What the files of a process call the socket at an address.
fn socket(addr: SocketAddr) -> Option<String> {
    let SocketAddr::V4(addr) = addr else {
        return None;
    };
    let ip = u32::from_ne_bytes(addr.ip().octets());
    let local = format!("{ip:08X}:{:04X}", addr.port());
    let table = fs::read_to_string("/proc/self/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let inode = (fields.next() == Some(&local)).then(|| fields.nth(7))?;
        Some(format!("socket:[{}]", inode?))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_circuit_belongs_to_who_holds_its_near_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let addr = near.local_addr().unwrap();
        assert_eq!(whose(addr, std::process::id()), Whose::Theirs);
        let mut other = std::process::Command::new("cat");
        let mut other = other.stdin(std::process::Stdio::piped()).spawn().unwrap();
        assert_eq!(whose(addr, other.id()), Whose::Others);
        other.kill().unwrap();
        other.wait().unwrap();
        drop(near);
        assert_eq!(
            whose("127.0.0.1:1".parse().unwrap(), std::process::id()),
            Whose::Unknown
        );
    }
}
