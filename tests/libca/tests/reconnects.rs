//! A twin that goes away and comes back at the same port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use epics_ca::Context;

/// A twin that ends with the test.
struct Twin(Child);

impl Twin {
    /// Starts one, and waits until clients can connect.
    fn start() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("set {name}"));
        let mut child = Command::new(variable("BEAMTWIN"))
            .args(["run", "again.toml", "--port", &variable("AGAIN_PORT")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .map_while(Result::ok)
            .any(|line| line.starts_with("iocRun"));
        let twin = Self(child);
        assert!(ready, "the twin did not come up");
        twin
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_channel_comes_back_with_its_twin() {
    let twin = Twin::start();
    let context = Context::new().unwrap();
    let mut channel = context.connect::<f64>(c"LC:again").await.unwrap();
    channel.put(7.0).unwrap().await.unwrap();
    assert_eq!(channel.get().await.unwrap(), 7.0);
    drop(twin);
    // Whatever is asked of it from now on fails; when that begins, the library has noticed.
    while channel.get().await.is_ok() {}
    let _twin = Twin::start();
    channel.connected().await;
    assert_eq!(channel.get().await.unwrap(), 1.5);
}
