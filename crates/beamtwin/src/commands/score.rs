//! `beamtwin score`: many sessions of several candidates, item by item.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beamtwin_score::{Kept, Suite, csv, page, run as compare_all, table};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;
use crate::files;
use crate::output::{self, say};

/// Scores many sessions of several candidates against references, item by item.
///
/// Example: beamtwin score suite.toml --html scores.html
///
/// Results are kept beside the suite: a second run compares only what is new. Exits with 0 when all is scored,
/// whatever the scores, and 2 if the suite is of no use.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The suite: items, references, candidates.
    suite: PathBuf,
    /// Keeps results in this folder; else in SUITE.kept, beside the suite.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Compares everything anew, and keeps nothing.
    #[arg(long, conflicts_with = "keep")]
    fresh: bool,
    /// How many comparisons are done at a time; else as many as there are processors.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Writes the scores as JSON, `-` for standard output instead of the table.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Writes a line of CSV for each session, `-` for standard output instead of the table.
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
    /// Writes a page to look at.
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let path = &arguments.suite;
    let text = files::text(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let suite = Suite::load(&text, folder).map_err(|problems| {
        output::complain(&problems.render(&path.display().to_string(), &text));
        Failure::usage(format!(
            "{}: problems: {}",
            path.display(),
            problems.0.len()
        ))
    })?;
    let mut inputs: Vec<&Path> = suite.files.iter().map(PathBuf::as_path).collect();
    inputs.push(path);
    let outs = [&arguments.json, &arguments.csv, &arguments.html];
    for out in outs.into_iter().flatten() {
        files::spare(out, &inputs)?;
    }
    let kept = if arguments.fresh {
        Kept::nothing()
    } else {
        let folder = arguments.keep.clone();
        let folder = folder.unwrap_or_else(|| path.with_extension("kept"));
        Kept::in_folder(&folder).map_err(|error| {
            Failure::usage(format!("failed to make {}: {error}", folder.display()))
        })?
    };
    let threads = arguments
        .jobs
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let bar = bar();
    let scores = compare_all(&suite, &kept, threads, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let mut is_said = false;
    for (out, what) in [
        (&arguments.json, scores.json()),
        (&arguments.csv, csv::csv(&scores)),
        (&arguments.html, page::html(&scores)),
    ] {
        match out.as_deref() {
            None => {}
            Some(out) if out == Path::new("-") => {
                is_said = true;
                output::print(&what)?;
            }
            Some(out) => files::write(out, what.as_bytes())?,
        }
    }
    if !is_said {
        output::tell(&table::text(&scores))?;
        let kept = scores.sessions.iter().filter(|it| it.kept).count();
        if kept > 0 {
            say!(
                "{kept} of {} sessions were known already.",
                scores.sessions.len()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A bar for whoever looks at it; nothing where nobody does.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} sessions, {eta} left");
    let bar = ProgressBar::new(0);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
