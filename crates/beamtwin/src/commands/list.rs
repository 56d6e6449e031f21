//! `beamtwin list`: the process variables of a beamline.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_pv::{Epoch, PvName};
use beamtwin_sim::{PvId, record};
use beamtwin_trace::{Recording, What};
use clap::Args;

use crate::failure::Failure;
use crate::files;
use crate::output::{self, say};

/// Lists the records of a beamline, one a line.
///
/// Example: beamtwin list beamlines/cms.toml --long
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The beamline file.
    file: PathBuf,
    /// Adds type, units, and device.
    #[arg(long)]
    long: bool,
    /// Instead lists the names that a recorded session asked for and that are not served, as a table ready
    /// for the file.
    #[arg(long, value_name = "TRACE")]
    missing: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let beamline = files::beamline(&arguments.file)?;
    let world = beamline.world(0, Epoch::default());
    if let Some(trace) = &arguments.missing {
        let Recording::Trace(trace) = files::recording(trace)? else {
            return Err(Failure::usage(
                "only a trace of a twin knows which names were missing",
            ));
        };
        // A field of a record that is served is no record to be added.
        let names: BTreeSet<String> = trace
            .facts
            .iter()
            .filter_map(|fact| match &fact.what {
                What::Miss { name, .. } => name.parse::<PvName>().ok(),
                _ => None,
            })
            .map(|name| name.record().to_owned())
            .filter(|record| world.find(record).is_none())
            .collect();
        if !names.is_empty() {
            say!("[mailbox.missing.pvs]");
        }
        for name in names {
            output::print(format!("{} = 0.0\n", serde_json::Value::from(name)))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    for record in world.records() {
        let directory = world.directory();
        let name = directory.name(record);
        if !arguments.long {
            say!("{name}");
            continue;
        }
        let kind = directory.kind(record);
        let known = world.describe(PvId {
            record,
            field: record::val(kind),
        });
        let count = if known.count > 1 {
            format!("[{}]", known.count)
        } else {
            String::new()
        };
        let units = known.metadata.units.lossy();
        say!(
            "{name}\t{}\t{}{count}\t{units}\t{}",
            kind.name,
            known.kind.name(),
            known.device
        );
    }
    Ok(ExitCode::SUCCESS)
}
