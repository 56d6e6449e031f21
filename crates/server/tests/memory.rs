//! Memory comes back when clients go. In a file of its own, so that nothing else is in its process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;

use beamtwin_server::Mode;
use peer::{until, with_server};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Circuits at a time; each takes two file descriptors here.
const CIRCUITS: u64 = 400;

/// Kibibytes of memory in use.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.unwrap().trim().strip_suffix(" kB");
    kibibytes.unwrap().parse().unwrap()
}

#[tokio::test]
async fn circuits_that_come_and_go_take_no_more_memory_each_time() {
    with_server(Mode::REAL, async |engine, address| {
        let mut after = Vec::new();
        for _ in 0..12 {
            let mut streams = Vec::new();
            for _ in 0..CIRCUITS {
                let mut stream = TcpStream::connect(address).await.unwrap();
                // A version, and half a header.
                let said = [0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 8];
                stream.write_all(&said).await.unwrap();
                streams.push(stream);
            }
            until(|| engine.census().circuits.get() == CIRCUITS).await;
            drop(streams);
            until(|| engine.census().circuits.get() == 0).await;
            after.push(resident());
        }
        let (first, last) = (after[1], after[after.len() - 1]);
        assert!(last < first + first / 5, "kibibytes: {after:?}");
    })
    .await;
}
