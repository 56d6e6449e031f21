//! The rows of a comparison: in columns where there is room, below each other where not.

use beamtwin_align::{Comparison, Entry, Row, RowOp};

use crate::screen::{Lines, Style, fold};
use crate::words::{self, count, seconds};

/// Rows beyond this many are counted, not shown.
const ROWS: usize = 200;

/// How many rows that agree are shown on either side of one that does not.
const CONTEXT: usize = 2;

/// From so many columns on there is room for a table.
const TABLE: usize = 90;

/// What stands before the words of a table: the mark and two times.
const BEFORE: usize = 35;

pub(super) fn write(out: &mut Lines, comparison: &Comparison) {
    let rows = &comparison.rows;
    if comparison.alike || rows.is_empty() {
        return;
    }
    out.line("");
    out.line(out.styled(Style::Strong, "In order"));
    let columns = Columns::of(out.width, rows);
    if let Some(columns) = columns {
        let heads = ["", "in reference", "in session"].map(str::to_owned);
        columns.write(out, "", ["reference", "session"], &heads, true);
    }
    let (mut hidden, mut shown) = (0, 0);
    for (place, row) in rows.iter().enumerate() {
        let near = place.saturating_sub(CONTEXT)..(place + CONTEXT + 1).min(rows.len());
        if rows[near].iter().all(Row::agrees) {
            hidden += 1;
            continue;
        }
        collapsed(out, &mut hidden);
        if shown == ROWS {
            out.line(format_args!("  … and {} more rows", rows.len() - place));
            return;
        }
        shown += 1;
        match columns {
            Some(columns) => in_columns(out, columns, row),
            None => below_each_other(out, row),
        }
    }
    collapsed(out, &mut hidden);
}

/// What one side asked for in a row, and the line that asked.
fn value(row: &Row, entry: &Entry) -> String {
    let at = entry.at.as_ref().map(|at| format!(" {at}"));
    words::value(row, entry) + &at.unwrap_or_default()
}

fn collapsed(out: &mut Lines, hidden: &mut usize) {
    if *hidden > 0 {
        let verb = if *hidden == 1 { "agrees" } else { "agree" };
        let words = format!("  … {} that {verb}", count(*hidden, "row"));
        out.line(out.styled(Style::Quiet, &words));
        *hidden = 0;
    }
}

/// What a row is, in a letter and in a word.
pub(super) fn mark(row: &Row) -> (char, &'static str) {
    match row.op {
        RowOp::Matched if !row.gates.is_empty() => ('!', "exposed"),
        RowOp::Matched => ('o', ""),
        RowOp::Differs => ('≠', "differs"),
        RowOp::Missing | RowOp::Extra if row.moved.is_some() => ('>', "moved"),
        RowOp::Missing => ('-', "missing"),
        RowOp::Extra => ('+', "extra"),
    }
}

/// How wide the words of a table are: what was asked for, and the value on either side.
#[derive(Debug, Clone, Copy)]
struct Columns([usize; 3]);

impl Columns {
    /// As wide as the words need, as far as there is room; none where there is too little of it.
    fn of(width: usize, rows: &[Row]) -> Option<Self> {
        if width < TABLE {
            return None;
        }
        let room = width - BEFORE - 2;
        let most = [room * 28 / 63, room * 18 / 63, room * 17 / 63];
        let usual = [28, 18, 17].map(|it: usize| it * room.min(63) / 63);
        let longest = |words: &dyn Fn(&Row) -> usize| rows.iter().map(words).max().unwrap_or(0);
        let length = |row: &Row, entry: &Option<Entry>| {
            entry
                .as_ref()
                .map_or(0, |it| value(row, it).chars().count())
        };
        let wanted = [
            longest(&|row| row.title.chars().count()),
            longest(&|row| length(row, &row.reference)),
            longest(&|row| length(row, &row.session)),
        ];
        let fitted = |at: usize| wanted[at].clamp(usual[at], most[at].max(usual[at]));
        Some(Self([fitted(0), fitted(1), fitted(2)]))
    }

    /// Writes a row, over several lines where its words do not fit.
    fn write(
        self,
        out: &mut Lines,
        mark: &str,
        times: [&str; 2],
        words: &[String; 3],
        quiet: bool,
    ) {
        let [title, left, right] = self.0;
        let cells = [0, 1, 2].map(|at| fold(&words[at], self.0[at], self.0[at]));
        let tall = cells.iter().map(Vec::len).max().unwrap_or(1);
        for at in 0..tall {
            let cell = |column: usize| cells[column].get(at).map_or("", String::as_str);
            let (mark, [one, other]) = if at == 0 {
                (mark, times)
            } else {
                ("", [""; 2])
            };
            let rest = format!(
                "{one:>11} {other:>11}  {:<title$} {:<left$} {:<right$}",
                cell(0),
                cell(1),
                cell(2)
            );
            let rest = rest.trim_end();
            let rest = if quiet {
                out.styled(Style::Quiet, rest)
            } else {
                rest.to_owned()
            };
            let mark = out.styled(Style::Unlike, mark) + &" ".repeat(8 - mark.len());
            out.line(format!("  {mark}{rest}").trim_end());
        }
    }
}

fn in_columns(out: &mut Lines, columns: Columns, row: &Row) {
    let time = |entry: &Option<Entry>| entry.as_ref().map_or("–".to_owned(), |it| seconds(it.t));
    let said = |entry: &Option<Entry>| match entry {
        Some(entry) => value(row, entry),
        None => "–".to_owned(),
    };
    let (one, other) = (time(&row.reference), time(&row.session));
    let words = [
        row.title.to_string(),
        said(&row.reference),
        said(&row.session),
    ];
    columns.write(out, mark(row).1, [&one, &other], &words, row.agrees());
}

fn below_each_other(out: &mut Lines, row: &Row) {
    let said = |entry: &Entry| format!("{} at {}", value(row, entry), seconds(entry.t));
    match (&row.session, row.agrees()) {
        (Some(session), true) => {
            let words = format!("{} = {}", row.title, said(session));
            out.headed(Style::Quiet, &" ".repeat(10), &words, 12);
        }
        _ => {
            let head = format!("  {:<8}", mark(row).1);
            out.headed(Style::Unlike, &head, &row.title, 12);
            for (name, entry) in [("reference", &row.reference), ("session", &row.session)] {
                let words = entry.as_ref().map_or("–".to_owned(), said);
                out.wrapped(&format!("{:10}{name:<10} {words}", ""), 21);
            }
        }
    }
}
