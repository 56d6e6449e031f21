//! A twin that runs for one test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::{Said, root};

pub(crate) struct Twin {
    child: Child,
    pub(crate) control: String,
    pub(crate) port: u16,
}

impl Twin {
    /// Starts `beamtwin run` on a free port and waits until clients can connect.
    pub(crate) fn start(file: &str, options: &[&str]) -> Self {
        Self::serve(&[&["run", file], options].concat())
    }

    /// Starts a command that serves on a free port, and waits until clients can connect.
    pub(crate) fn serve(command: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_beamtwin"))
            .args(command)
            .args(["--port", "0"])
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let (mut control, mut port) = (String::new(), 0);
        for line in lines.by_ref().map_while(Result::ok) {
            match line.split_once('=') {
                Some(("EPICS_CA_SERVER_PORT", number)) => port = number.parse().expect("a port"),
                Some(("BEAMTWIN_CONTROL", path)) => control = path.to_owned(),
                _ if line == "iocRun: All initialization complete" => {
                    return Self {
                        child,
                        control,
                        port,
                    };
                }
                _ => panic!("unexpected line: {line}"),
            }
        }
        let mut said = String::new();
        let _ = child
            .stderr
            .take()
            .expect("piped")
            .read_to_string(&mut said);
        panic!("the twin did not start: {said}");
    }

    /// Says something over the control channel.
    pub(crate) fn ctl(&self, arguments: &[&str]) -> Said {
        let mut all = vec!["ctl", "--control", &self.control];
        all.extend(arguments);
        crate::beamtwin(&all)
    }

    /// Ends the session and says how it ended.
    pub(crate) fn shut_down(mut self) -> Said {
        assert_eq!(self.ctl(&["shutdown"]).code, 0);
        let mut err = String::new();
        self.child
            .stderr
            .take()
            .expect("piped")
            .read_to_string(&mut err)
            .expect("UTF-8");
        let code = self
            .child
            .wait()
            .expect("it ends")
            .code()
            .expect("by itself");
        Said {
            out: String::new(),
            err,
            code,
        }
    }

    /// Sends a signal and says how the session ended.
    pub(crate) fn kill(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .expect("kill runs");
        assert!(killed.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
