//! Both sessions on one time axis, a lane per device: a picture made of letters.

use beamtwin_align::{Comparison, Row};
use beamtwin_trace::Time;

use super::table::mark;
use crate::screen::{Lines, Style};
use crate::words::{count, cut, seconds};

/// Devices beyond this many are counted, not shown.
const LANES: usize = 16;

/// The picture: what differs in place of what agrees, where they fall together.
pub(super) fn write(out: &mut Lines, comparison: &Comparison) {
    if comparison.alike || !out.live {
        return;
    }
    let shift = comparison.time.late_start.unwrap_or(Time::ZERO);
    let moment = |row: &Row| {
        let one = row.reference.as_ref().map(|entry| entry.t);
        one.or(row.session.as_ref().map(|entry| entry.t - shift))
    };
    let times = || comparison.rows.iter().filter_map(moment);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return;
    };
    let mut lanes: Vec<(&str, Vec<&Row>)> = Vec::new();
    for row in &comparison.rows {
        let device = row.device.as_deref().unwrap_or(&row.channel);
        match lanes.iter_mut().find(|(name, _)| *name == device) {
            Some((_, rows)) => rows.push(row),
            None => lanes.push((device, vec![row])),
        }
    }
    let names = lanes.iter().map(|(name, _)| name.chars().count());
    let wide = names.max().unwrap_or(0).min(out.width / 3);
    let room = out.width - wide - 4;
    let span = (last - first).seconds().max(1e-9);
    let column = |t: Time| ((t - first).seconds() / span * (room - 1) as f64).round() as usize;

    out.line("");
    out.line(out.styled(Style::Strong, "When"));
    let (from, to) = (seconds(first), seconds(last));
    let gap = room.saturating_sub(from.len() + to.len());
    let axis = format!("  {:wide$}  {from}{:gap$}{to}", "", "");
    out.line(out.styled(Style::Quiet, &axis));
    for (name, rows) in lanes.iter().take(LANES) {
        let mut cells = vec!['·'; room];
        for row in rows {
            if let Some(t) = moment(row) {
                let cell = &mut cells[column(t).min(room - 1)];
                let (letter, _) = mark(row);
                if *cell == '·' || *cell == 'o' {
                    *cell = letter;
                }
            }
        }
        let drawn: String = cells.iter().map(|&cell| painted(out, cell)).collect();
        out.line(format_args!("  {:<wide$}  {drawn}", cut(name, wide)));
    }
    if lanes.len() > LANES {
        out.line(format_args!(
            "  … and {}",
            count(lanes.len() - LANES, "device")
        ));
    }
    let legend = "o agrees, ≠ differs, - missing, + extra, > moved, ! exposed in another state";
    out.wrapped(&format!("  {:wide$}  {legend}", ""), wide + 4);
}

fn painted(out: &Lines, cell: char) -> String {
    match cell {
        '·' | 'o' => cell.to_string(),
        unlike => out.styled(Style::Unlike, &unlike.to_string()),
    }
}
