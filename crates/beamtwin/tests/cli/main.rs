//! Each command, as a person calls it: what it prints, and what it exits with.

mod check;
mod compare;
mod ctl;
mod list;
mod replay;
mod rules;
mod run;
mod score;
mod trace;
mod twin;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs `beamtwin` to its end.
fn beamtwin(arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_beamtwin"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the binary runs");
    Said::from(output)
}

/// What a command said.
#[derive(Debug)]
struct Said {
    out: String,
    err: String,
    code: i32,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
            code: output.status.code().expect("an exit code"),
        }
    }
}

/// The top of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("beamtwin-cli-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.file(name);
        std::fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_command_shows_an_example() {
    for command in [
        "check", "compare", "ctl", "explain", "list", "replay", "rules", "run", "schema", "score",
    ] {
        let said = beamtwin(&[command, "--help"]);
        assert_eq!(said.code, 0);
        assert!(
            said.out.contains("Example: beamtwin"),
            "{command}: {}",
            said.out
        );
    }
    for command in ["export", "import", "info"] {
        let said = beamtwin(&["trace", command, "--help"]);
        assert!(
            said.out.contains("Example: beamtwin trace"),
            "{command}: {}",
            said.out
        );
    }
}

#[test]
fn an_unknown_option_is_a_mistake_of_usage() {
    assert_eq!(beamtwin(&["run", "x.toml", "--sped", "2"]).code, 2);
}
