//! The command while it runs.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use beamtwin_report::preflight::{Ended, Exception, Run};
use beamtwin_server::Engine;
use beamtwin_server::engine::Shared;
use beamtwin_trace::Time;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use tokio::process::Command;
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::attempts::Attempts;
use super::family::{Member, Offspring};
use super::network::Own;
use super::progress::{Progress, Watched};
use super::{Job, now, pace, told};

/// How often it is looked whether time is up.
const LOOK: Duration = Duration::from_millis(100);
/// How long a command has to end that was told to.
const GRACE: Duration = Duration::from_secs(5);

/// How long circuits may stay open of a command that has ended: what it started may use them.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it is looked whether they are closed.
const BREATH: Duration = Duration::from_millis(2);

/// A command that runs.
pub(super) struct Child<'a> {
    process: tokio::process::Child,
    offspring: Offspring,
    engine: &'a Shared,
    interrupt: Signals,
    terminate: Signals,
    /// Device time when it began, and how long the twin had been up by the clock.
    began: (Time, Duration),
}

impl<'a> Child<'a> {
    /// Starts the command of a job.
    pub(super) fn start(
        job: &Job,
        variables: &[(&str, OsString)],
        engine: &'a Shared,
    ) -> io::Result<Self> {
        let (program, arguments) = job
            .command
            .split_first()
            .ok_or(io::ErrorKind::InvalidInput)?;
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("EPICS_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).envs(variables.iter().cloned());
        if job.aside {
            let aside = io::stderr().as_fd().try_clone_to_owned()?;
            command.stdout(Stdio::from(aside));
        }
        let began = (now(engine), engine.look(Engine::uptime));
        let offspring = Offspring::awaited();
        Ok(Self {
            process: command.kill_on_drop(true).spawn()?,
            offspring,
            engine,
            interrupt,
            terminate,
            began,
        })
    }

    /// Waits until the command ends, or ends it when its time is up.
    pub(super) async fn attend(
        mut self,
        job: &Job,
        network: Result<Own, String>,
        ports: &[u16],
        mut progress: Option<&mut dyn FnMut(&Progress)>,
    ) -> Run {
        let had = told(&network);
        let mut attempts = Attempts::new(network.ok(), ports);
        let watched = progress.is_some().then(|| Watched::of(self.engine));
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut interrupted = false;
        let (end, ended) = loop {
            tokio::select! {
                status = self.process.wait() => {
                    self.heard_out().await;
                    let ended = now(self.engine);
                    end_all(&self.offspring.living()).await;
                    break (of(status.ok(), interrupted), ended);
                }
                _ = self.interrupt.recv() => {
                    interrupted = true;
                    // From a terminal, the command has heard it already.
                    if !is_foreground() {
                        self.send(Signal::SIGINT);
                    }
                }
                _ = self.terminate.recv() => {
                    interrupted = true;
                    self.send(Signal::SIGTERM);
                }
                () = attempts.hear(self.engine) => {}
                _ = looks.tick() => {
                    let now = now(self.engine);
                    if let Some(limit) = self.is_over(job, now) {
                        self.stop().await;
                        break (Ended::TimedOut(limit), now);
                    }
                    if let (Some(tell), Some(watched)) = (progress.as_mut(), &watched) {
                        let wall = self.wall();
                        tell(&watched.look(self.engine, now - self.began.0, wall));
                    }
                }
            }
        };
        Run {
            command: job
                .command
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            began: self.began.0,
            ended,
            wall: self.wall().as_secs_f64(),
            pace: pace(self.engine),
            end,
            exception: self.exception(),
            network: had,
            attempts: attempts.told(self.engine),
        }
    }

    /// The exception that ended it, if the Python side told of one.
    fn exception(&self) -> Option<Exception> {
        self.engine.act(|engine| {
            engine.hear_lines();
            let (text, at) = engine.exception()?;
            Some(Exception {
                text: text.to_owned(),
                at: at.map(str::to_owned),
            })
        })
    }

    /// Waits until all is read that the command wrote before it ended.
    async fn heard_out(&self) {
        let read = async {
            while self.engine.census().circuits.get() > 0 {
                sleep(BREATH).await;
            }
        };
        let _ = timeout(LAST_WORDS, read).await;
    }

    /// How long it has run by the clock.
    fn wall(&self) -> Duration {
        self.engine.look(Engine::uptime) - self.began.1
    }

    /// The limit that is reached, in words.
    fn is_over(&self, job: &Job, now: Time) -> Option<String> {
        let device = (now - self.began.0).seconds();
        if let Some(limit) = job.device_limit.filter(|it| device >= it.as_secs_f64()) {
            return Some(format!("{} s of device time", limit.as_secs_f64()));
        }
        let limit = job.wall_limit.filter(|&limit| self.wall() >= limit)?;
        Some(format!("{} s by the clock", limit.as_secs_f64()))
    }

    fn send(&self, signal: Signal) {
        self.process
            .id()
            .into_iter()
            .for_each(|id| send(id, signal));
    }

    /// Ends the command, and all that it started.
    async fn stop(&mut self) {
        end_all(&self.offspring.living()).await;
        let _ = self.process.kill().await;
    }
}

/// Tells processes to end; ends what does not.
async fn end_all(all: &[Member]) {
    all.iter().for_each(|it| send(it.id, Signal::SIGTERM));
    let ended = async {
        while all.iter().any(|it| it.is_there()) {
            sleep(BREATH).await;
        }
    };
    let _ = timeout(GRACE, ended).await;
    let stubborn = all.iter().filter(|it| it.is_there());
    stubborn.for_each(|it| send(it.id, Signal::SIGKILL));
}

fn send(id: u32, signal: Signal) {
    if let Ok(id) = i32::try_from(id) {
        // One that has just ended needs no signal.
        let _ = kill(Pid::from_raw(id), signal);
    }
}

/// How a command ended. One that heard of an interrupt and went on to a good end was not stopped by it.
fn of(status: Option<ExitStatus>, interrupted: bool) -> Ended {
    let Some(status) = status else {
        return Ended::Interrupted;
    };
    if interrupted && !status.success() {
        return Ended::Interrupted;
    }
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exit(code),
        (None, signal) => Ended::Signal(signal.unwrap_or_default()),
    }
}

/// Whether Ctrl-C in our terminal reaches our whole process group.
fn is_foreground() -> bool {
    let terminal = File::open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(terminal) == Ok(getpgrp()))
}
