//! A beamline file that is ready to be served.

use std::path::{Path, PathBuf};

use beamtwin_beamline::Serving;
use beamtwin_pv::Epoch;
use beamtwin_server::addresses::Addresses;
use beamtwin_server::pace::Mode;
use beamtwin_server::serve::{Options, ServeError};
use beamtwin_server::{Limits, Scribe};
use beamtwin_sim::World;
use beamtwin_trace::{Header, Source, VERSION};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use tracing::info;

use crate::failure::{Failure, code};
use crate::files;

/// How a beamline is to be served.
pub(crate) struct Wanted {
    pub(crate) addresses: Addresses,
    pub(crate) pace: Mode,
    pub(crate) seed: u64,
    /// Date of device time zero; now if not said.
    pub(crate) epoch: Option<DateTime<Utc>>,
    pub(crate) record: Option<PathBuf>,
    pub(crate) control: Option<PathBuf>,
}

/// The world of a beamline file, and how to serve it; its problems are printed.
pub(crate) fn prepare(file: &Path, wanted: Wanted) -> Result<(World, Options), Failure> {
    let (mut world, serving, text) = files::world(file, wanted.seed, Epoch::default())?;
    let date = wanted.epoch.unwrap_or_else(Utc::now);
    let nanos = date.timestamp_millis().max(0).unsigned_abs() * 1_000_000;
    world.set_epoch(Epoch::from_unix_nanos(nanos));
    let name = file.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let header = Header {
        version: VERSION,
        beamline: world.title().to_owned(),
        epoch: date.to_rfc3339_opts(SecondsFormat::Millis, true),
        seed: wanted.seed,
        file: Some(format!("sha256:{}", hex(&Sha256::digest(&text)))),
        program: concat!("beamtwin ", env!("CARGO_PKG_VERSION")).to_owned(),
        paths: paths(&world),
    };
    info!(
        title = world.title(),
        devices = world.devices().len(),
        records = world.directory().len(),
        pace = %wanted.pace,
        seed = wanted.seed,
        "beamline"
    );
    let scribe = Scribe::new(&header, Some(&Source { name, text }));
    let options = Options {
        addresses: wanted.addresses,
        limits: limits(&serving)?,
        pace: wanted.pace,
        record: wanted.record,
        scribe,
        control: wanted.control,
        shown_below: serving.twin_pv,
    };
    Ok((world, options))
}

/// The one path of the light, if there is one.
fn paths(world: &World) -> Vec<Vec<String>> {
    let path: Vec<String> = world.path().map(str::to_owned).collect();
    [path].into_iter().filter(|path| !path.is_empty()).collect()
}

/// What the file says, unless the environment says otherwise.
pub(crate) fn limits(serving: &Serving) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    let asked = &serving.limits;
    for (limit, asked) in [
        (&mut limits.circuits, asked.circuits),
        (&mut limits.channels, asked.channels),
        (&mut limits.channels_per_circuit, asked.channels_per_circuit),
        (&mut limits.subscriptions, asked.subscriptions),
        (
            &mut limits.subscriptions_per_circuit,
            asked.subscriptions_per_circuit,
        ),
        (&mut limits.circuit.payload, asked.array_bytes),
    ] {
        if let Some(asked) = asked {
            *limit = usize::try_from(asked).unwrap_or(usize::MAX);
        }
    }
    if !serving.puts_in_turn {
        limits.circuit.put_wait = None;
    }
    limits
        .heed(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))?;
    Ok(limits)
}

/// Why a world cannot be served, with the code to exit with.
pub(crate) fn unserved(error: &ServeError) -> Failure {
    let code = match error {
        ServeError::Elsewhere(_)
        | ServeError::Jump(_)
        | ServeError::Listen { .. }
        | ServeError::Start(_) => code::NETWORK,
        ServeError::RecordingLost(_) => code::FINDINGS,
        ServeError::Control { .. } | ServeError::Record { .. } => code::USAGE,
    };
    Failure::because(code, error)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
