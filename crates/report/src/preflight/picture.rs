//! When each device did something: a picture made of letters.

use beamtwin_trace::Time;

use super::{Doing, Lane, Preflight};
use crate::screen::{Lines, Style};
use crate::words::{count, cut, seconds};

/// Devices beyond this many are counted, not shown.
const LANES: usize = 24;

/// The picture, with what speaks against the session on top.
pub(super) fn write(out: &mut Lines, preflight: &Preflight) {
    let (from, to) = (preflight.time.from, preflight.time.to);
    if preflight.lanes.is_empty() || to <= from {
        return;
    }
    let lanes = &preflight.lanes;
    let names = lanes.iter().map(|lane| lane.device.chars().count());
    let wide = names.max().unwrap_or_default().min(out.width / 3);
    let room = out.width - wide - 4;
    let (first, last) = (seconds(from), seconds(to));
    let gap = room.saturating_sub(first.len() + last.len());
    out.line("");
    out.line(out.styled(Style::Strong, "When"));
    let axis = format!("  {:wide$}  {first}{:gap$}{last}", "", "");
    out.line(out.styled(Style::Quiet, &axis));
    for lane in lanes.iter().take(LANES) {
        let cells = cells(lane, (from, to), room);
        let drawn: String = cells.iter().map(|&cell| painted(out, cell)).collect();
        out.line(format_args!(
            "  {:<wide$}  {drawn}",
            cut(&lane.device, wide)
        ));
    }
    if lanes.len() > LANES {
        out.line(format_args!(
            "  … and {}",
            count(lanes.len() - LANES, "device")
        ));
    }
    let legend = "# exposing, = moving, - open, ~ busy, o asked for something, ! a finding";
    out.wrapped(&format!("  {:wide$}  {legend}", ""), wide + 4);
}

/// A lane as letters; what is short still has one.
fn cells(lane: &Lane, (from, to): (Time, Time), room: usize) -> Vec<char> {
    let span = (to - from).seconds();
    let column = |t: Time| {
        let at = (t - from).seconds() / span * (room - 1) as f64;
        (at.max(0.0).round() as usize).min(room - 1)
    };
    let mut cells = vec!['·'; room];
    let asked = lane.puts.iter().filter(|&&t| t >= from && t <= to);
    for &t in asked {
        cells[column(t)] = 'o';
    }
    for &(begin, end) in &lane.spans {
        cells[column(begin)..=column(end)].fill(lane.doing.letter());
    }
    for &t in &lane.findings {
        cells[column(t)] = '!';
    }
    cells
}

fn painted(out: &Lines, cell: char) -> String {
    let busy = [Doing::Exposing, Doing::Moving, Doing::Open, Doing::Busy];
    let style = match cell {
        '!' => Style::Unlike,
        '·' => Style::Quiet,
        cell if busy.iter().any(|it| it.letter() == cell) => Style::Strong,
        _ => return cell.to_string(),
    };
    out.styled(style, &cell.to_string())
}
