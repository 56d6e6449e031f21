//! SIGTERM, in a process of its own: it would end every other test as well.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod peer;
mod toy;
mod twin;

use std::process::Command;

use peer::Peer;
use tokio::task::LocalSet;
use toy::{Folder, number};
use twin::{addresses, bind, circuits, options, whole};

#[tokio::test]
async fn sigterm_ends_the_session_with_its_footer_and_without_its_socket() {
    let folder = Folder::new();
    let server = bind(options(folder.path(), addresses(0))).await.unwrap();
    let address = circuits(&server);
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let local = LocalSet::new();
    let client = local.run_until(async {
        is_ready.await.unwrap();
        let mut peer = Peer::connect(address).await;
        let (_, sid) = peer.open("toy:slow").await;
        peer.client.write(sid, &number(5.0), true);
        // The answer to this comes after the write was begun.
        peer.open("toy:number").await;
        let own = std::process::id().to_string();
        let sent = Command::new("kill").args(["-TERM", &own]).status().unwrap();
        assert!(sent.success());
        peer
    });
    let (served, _peer) = tokio::join!(server.run(move || ready.send(()).unwrap()), client);
    served.unwrap();
    assert!(!folder.file("control").exists());
    assert_eq!(whole(folder.path()).clients.len(), 1);
}
