//! `beamtwin rules`: a recorded session, judged by the rules of a beamline file.

use std::path::PathBuf;
use std::process::ExitCode;

use beamtwin_beamline::load;
use beamtwin_pv::Epoch;
use beamtwin_rules::{Outcome, Verdict, recorded};
use beamtwin_sim::World;
use beamtwin_trace::Trace;
use clap::Args;
use serde_json::json;

use crate::failure::{Failure, code};
use crate::output::say;
use crate::{files, output};

/// Judges a recorded session by the rules of a beamline file, with margins.
///
/// Example: beamtwin rules beamline.toml session.jsonl
///
/// Exits with 0 if all rules held, 1 if one was broken, 2 if one could not be judged.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The beamline file with the rules; it need not be that of the session.
    file: PathBuf,
    /// The trace.
    trace: PathBuf,
    /// Prints JSON, with all that is known of each rule.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let beamline = files::beamline(&arguments.file)?;
    let rules = beamline.rules(&beamline.world(0, Epoch::default()));
    if rules.is_empty() {
        let file = arguments.file.display();
        return Err(Failure::usage(format!(
            "{file}: no rules; a rule is a table [rules.name]"
        )));
    }
    let trace = files::recording(&arguments.trace)?.into_trace();
    let trace = trace.map_err(|error| Failure::because(code::USAGE, &error))?;
    let start = start(&trace)?;
    let initial = |pv: &str| {
        let world = start.as_ref()?;
        world.read(world.find(pv)?.pv).value.as_f64()
    };
    let verdicts = recorded::judge(rules, &trace, initial);
    if arguments.json {
        let text = json!({ "rules": verdicts });
        output::print(format!("{text:#}\n"))?;
    } else {
        for verdict in &verdicts {
            say!("{verdict}");
        }
        say!("{}", summary(&verdicts));
    }
    let any = |outcome| verdicts.iter().any(|verdict| verdict.outcome == outcome);
    Ok(if any(Outcome::Broken) {
        ExitCode::from(code::FINDINGS)
    } else if any(Outcome::Unknown) {
        ExitCode::from(code::USAGE)
    } else {
        ExitCode::SUCCESS
    })
}

/// The world in which the session began, if the trace carries its beamline file.
fn start(trace: &Trace) -> Result<Option<World>, Failure> {
    let Some(source) = &trace.source else {
        return Ok(None);
    };
    let beamline = load(&source.text)
        .map_err(|problems| Failure::usage(problems.render(&source.name, &source.text)))?;
    Ok(Some(beamline.world(trace.header.seed, Epoch::default())))
}

fn summary(verdicts: &[Verdict]) -> String {
    let counts = [Outcome::Held, Outcome::Broken, Outcome::Unknown].map(|outcome| {
        let count = verdicts.iter().filter(|it| it.outcome == outcome).count();
        (count > 0).then(|| format!("{count} {}", outcome.word()))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    counts.join(", ")
}
