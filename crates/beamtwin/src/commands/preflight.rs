//! `beamtwin preflight`: what a script will do, before beamtime.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use beamtwin_align::{Settings, compare};
use beamtwin_beamline::{Beamline, load};
use beamtwin_pv::Epoch;
use beamtwin_pv::quantity::Seconds;
use beamtwin_report::preflight::{self as report, Finding, FindingKind, Preflight, Run, Verdict};
use beamtwin_rules::recorded;
use beamtwin_server::jump;
use beamtwin_server::pace::Mode;
use beamtwin_server::serve::Server;
use beamtwin_session::network::Own;
use beamtwin_session::{Job, Ports, Progress, Stage, findings, preflight, verdict};
use beamtwin_trace::Trace;
use chrono::{SubsecRound, Utc};
use clap::Args;
use tracing::warn;

use crate::failure::{Failure, code};
use crate::prepared::{Wanted, prepare};
use crate::{files, output};

/// Runs a command against a twin of its own, and says what it will do to the beamline.
///
/// Example: beamtwin preflight beamlines/cms.toml -- python measure.py
///
/// Exits with 0 if nothing speaks against it, 1 if there are findings, 2 if it could not begin, and 4 if the
/// command itself failed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The beamline file.
    #[arg(required_unless_present_any = ["of", "try_network"])]
    file: Option<PathBuf>,
    /// The command and its arguments.
    #[arg(last = true, required_unless_present_any = ["of", "try_network"], value_name = "COMMAND")]
    command: Vec<OsString>,
    /// Device time jumps from one thing that happens to the next, as soon as the command waits for it. So it does
    /// where it can, if nothing else is said.
    #[arg(long, conflicts_with_all = ["real", "speed"])]
    jump: bool,
    /// Device time runs as fast as the wall clock.
    #[arg(long, conflicts_with = "speed")]
    real: bool,
    /// Device time runs this many times as fast as the wall clock.
    #[arg(long, value_name = "TIMES")]
    speed: Option<Mode>,
    /// Python programs keep the clock of this machine, so that time cannot jump.
    #[arg(long)]
    no_client_clock: bool,
    /// The most device time that the command may take, such as "2 h"; a week where time jumps.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// The most time by the clock.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    wall_timeout: Option<Duration>,
    /// Seed of all noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keeps the trace of the session here.
    #[arg(long, value_name = "TRACE")]
    record: Option<PathBuf>,
    /// Compares with an earlier session.
    #[arg(long, value_name = "TRACE")]
    against: Option<PathBuf>,
    /// The command keeps the network of this machine.
    #[arg(long)]
    with_network: bool,
    /// What the lines of a Python script ask for is not told.
    #[arg(long)]
    no_source_lines: bool,
    /// Reports on a recorded session instead of running anything.
    #[arg(long, value_name = "TRACE", conflicts_with_all = ["file", "command", "record"])]
    of: Option<PathBuf>,
    /// Writes the report as JSON, `-` for standard output instead of the text.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Writes the report as one page to look at or to print.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Leaves the network of this machine and ends, to see whether that can be done.
    #[arg(long, hide = true)]
    try_network: bool,
}

/// The most device time that a command may take, if nothing is said, where time jumps.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// A duration with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds: Seconds = text.parse().map_err(|error| format!("{error}"))?;
    Duration::try_from_secs_f64(seconds.0).map_err(|error| error.to_string())
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.try_network {
        let entered = Own::enter().map(|_| ExitCode::SUCCESS);
        return entered.map_err(|error| Failure::usage(error.to_string()));
    }
    let inputs = [&arguments.file, &arguments.of, &arguments.against];
    let inputs: Vec<&Path> = inputs.into_iter().flatten().map(PathBuf::as_path).collect();
    let outs = [&arguments.json, &arguments.html, &arguments.record];
    for out in outs.into_iter().flatten() {
        files::spare(out, &inputs)?;
    }
    let earlier = arguments.against.as_deref().map(trace).transpose()?;
    let (trace, run) = match (&arguments.of, &arguments.file) {
        (Some(of), _) => (trace(of)?, None),
        (None, Some(file)) => {
            let (trace, run) = session(arguments, file)?;
            (trace, Some(run))
        }
        (None, None) => return Err(Failure::usage("say which beamline file")),
    };
    let mut preflight = judge(&trace, run)?;
    if let Some(earlier) = earlier {
        preflight.findings.extend(different(&earlier, &trace));
        preflight.verdict = verdict(&preflight.findings);
    }
    tell(arguments, &preflight)
}

/// A recorded session.
fn trace(path: &Path) -> Result<Trace, Failure> {
    let trace = files::recording(path)?.into_trace();
    trace.map_err(|error| Failure::usage(format!("{}: failed to {error}", path.display())))
}

/// How fast device time runs.
fn pace(arguments: &Arguments) -> Result<Mode, Failure> {
    let said = match arguments {
        Arguments { jump: true, .. } => Some(Mode::Jump),
        Arguments { real: true, .. } => Some(Mode::REAL),
        other => other.speed,
    };
    if said == Some(Mode::Jump) && arguments.no_client_clock {
        let why = "without the client's clock, time that jumps would be wrong";
        return Err(Failure::usage(why));
    }
    if said.is_some() || arguments.no_client_clock {
        return Ok(said.unwrap_or(Mode::REAL));
    }
    Ok(jump::is_possible().map_or_else(
        |why| {
            warn!(%why, "time cannot jump here, so it runs at real pace");
            Mode::REAL
        },
        |()| Mode::Jump,
    ))
}

/// Runs the command, and reads what it did.
fn session(arguments: &Arguments, file: &Path) -> Result<(Trace, Run), Failure> {
    // Before there is anything that stays behind: threads, sockets.
    let network = network(arguments)?;
    let unused = |error: &io::Error| Failure::because(code::USAGE, error);
    let ports = Ports::free().map_err(|error| unused(&error))?;
    let kept = Kept::new(arguments.record.as_deref()).map_err(|error| unused(&error))?;
    let pace = pace(arguments)?;
    let wanted = Wanted {
        addresses: ports.addresses(),
        pace,
        seed: arguments.seed,
        // From a whole second on, dates that are floating-point numbers are rounded the same way each time.
        epoch: (pace == Mode::Jump).then(|| Utc::now().trunc_subsecs(0)),
        record: Some(kept.path.clone()),
        control: None,
    };
    let (world, options) = prepare(file, wanted)?;
    let job = Job {
        command: arguments.command.clone(),
        // One that waits for what never comes would make time jump for ever.
        device_limit: arguments.timeout.or((pace == Mode::Jump).then_some(WEEK)),
        wall_limit: arguments.wall_timeout,
        aside: arguments.json.as_deref() == Some(Path::new("-")),
        ports,
        lines: !arguments.no_source_lines,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unused(&error))?;
    let failed = |error: &dyn std::error::Error| Failure::because(code::USAGE, error);
    let mut line = io::stderr().is_terminal().then(output::Line::new).flatten();
    let mut show = |progress: &Progress| {
        if let Some(line) = &mut line {
            line.show(&told(progress));
        }
    };
    let progress: Option<&mut dyn FnMut(&Progress)> = Some(&mut show);
    let run = runtime.block_on(async {
        let server = Server::bind(world, options)
            .await
            .map_err(|error| failed(&error))?;
        preflight(server, &job, network, progress)
            .await
            .map_err(|error| failed(&error))
    });
    drop(line);
    Ok((trace(&kept.path)?, run?))
}

/// How it goes on, in a line.
fn told(progress: &Progress) -> String {
    let (device, wall) = (progress.device.seconds(), progress.wall.as_secs_f64());
    let times = device / wall.max(1e-9);
    let busy = match &progress.busy[..] {
        [] => "nothing moves".to_owned(),
        busy => busy.join(", "),
    };
    format!(
        "preflight  {device:.1} s of device time, {wall:.1} s by the clock ({times:.1} x)  {busy}"
    )
}

/// A network of its own, or why there is none.
fn network(arguments: &Arguments) -> Result<Result<Own, String>, Failure> {
    if arguments.with_network {
        return Ok(Err("--with-network was given".to_owned()));
    }
    // A process that fails half way has no network at all, so another one goes first.
    let tried = std::env::current_exe().and_then(|own| {
        Command::new(own)
            .args(["preflight", "--try-network"])
            .stdin(Stdio::null())
            .output()
    });
    match tried {
        Ok(tried) if tried.status.success() => Own::enter().map(Ok).map_err(|error| {
            let text = format!("failed to leave the network of this machine: {error}");
            Failure::usage(text + "; --with-network does without")
        }),
        Ok(tried) => {
            let why = String::from_utf8_lossy(&tried.stderr);
            let why = why.trim().trim_start_matches("beamtwin: ");
            Ok(Err(format!("the system gives it none of its own ({why})")))
        }
        Err(error) => Ok(Err(format!(
            "it could not be tried whether there is another ({error})"
        ))),
    }
}

/// Where a session is recorded; what nobody wants to keep goes in the end.
struct Kept {
    path: PathBuf,
    folder: Option<PathBuf>,
}

impl Kept {
    fn new(record: Option<&Path>) -> io::Result<Self> {
        if let Some(record) = record {
            let (path, folder) = (record.to_owned(), None);
            return Ok(Self { path, folder });
        }
        let folder =
            std::env::temp_dir().join(format!("beamtwin-preflight-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        Ok(Self {
            path: folder.join("session.jsonl"),
            folder: Some(folder),
        })
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// What was found of a session, at a fresh world of its beamline.
fn judge(trace: &Trace, run: Option<Run>) -> Result<Preflight, Failure> {
    let Some(source) = &trace.source else {
        return Err(Failure::usage("the trace does not carry its beamline file"));
    };
    let beamline = load(&source.text)
        .map_err(|problems| Failure::usage(problems.render(&source.name, &source.text)))?;
    let world = beamline.world(trace.header.seed, Epoch::default());
    let open = opening(&beamline);
    let stage = Stage {
        world: &world,
        open: &open,
    };
    let mut preflight = findings(trace, stage, run);
    let initial = |pv: &str| world.read(world.find(pv)?.pv).value.as_f64();
    let verdicts = recorded::judge(beamline.rules(&world), trace, initial);
    preflight.rules = verdicts.iter().map(ToString::to_string).collect();
    Ok(preflight)
}

/// The value that opens each shutter.
fn opening(beamline: &Beamline) -> BTreeMap<String, f64> {
    let shutters = beamline.devices().filter(|device| device.kind == "shutter");
    let open = shutters.filter_map(|shutter| {
        let settings = beamline.explain(&shutter.device)?.settings;
        let open = settings.into_iter().find(|it| it.setting == "open")?;
        Some((shutter.device.clone(), open.value?.parse().ok()?))
    });
    open.collect()
}

/// In what a session is not alike an earlier one.
fn different(earlier: &Trace, session: &Trace) -> Vec<Finding> {
    let reasons = compare(earlier, session, &Settings::default()).reasons;
    let finding = |text| Finding {
        kind: FindingKind::Different,
        text,
        t: None,
        n: None,
        device: None,
        at: None,
        times: 1,
    };
    reasons.into_iter().map(finding).collect()
}

/// Writes the report where it is wanted; the exit code says what it comes to.
fn tell(arguments: &Arguments, preflight: &Preflight) -> Result<ExitCode, Failure> {
    if let Some(out) = &arguments.html {
        files::write(out, report::html(preflight).as_bytes())?;
    }
    let json = || report::json(preflight);
    match arguments.json.as_deref() {
        Some(out) if out == Path::new("-") => output::print(json())?,
        out => {
            if let Some(out) = out {
                files::write(out, json().as_bytes())?;
            }
            output::print(report::text_on(preflight, output::screen()))?;
        }
    }
    Ok(match preflight.verdict {
        Verdict::Clear => ExitCode::SUCCESS,
        Verdict::Findings => ExitCode::from(code::FINDINGS),
        Verdict::Failed => ExitCode::from(code::COMMAND),
    })
}
