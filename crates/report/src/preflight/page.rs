//! A preflight as one page of HTML, to look at or to print; it needs nothing else.

use std::fmt::Write;

use beamtwin_trace::Time;

use super::text::{camera, lead, notes, shutter, summary, told, travel, word};
use super::{Lane, Preflight};
use crate::page::escaped;
use crate::words::seconds;

const STYLE: &str = include_str!("page.css");

/// The width of the picture, and how much of it the names take.
const WIDTH: f64 = 1000.0;
const NAMES: f64 = 190.0;
/// The height of a lane.
const LANE: f64 = 24.0;
/// Names are cut to so many letters.
const LETTERS: usize = 26;

/// The page.
pub fn html(preflight: &Preflight) -> String {
    let verdict = word(preflight.verdict);
    let title = format!("{verdict}: preflight of {}", preflight.beamline);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escaped(&title)
    );
    let lead = escaped(&lead(preflight));
    let class = verdict.to_lowercase();
    out += &format!("<h1 class=\"{class}\">{verdict} <small>{lead}</small></h1>\n");
    out += &table(
        "",
        summary(preflight).map_rows(|[name, words]| named(name, words)),
    );
    let findings = preflight.findings.iter().map(|it| {
        let t = it.t.map(seconds).unwrap_or_default();
        let (kind, told) = (it.kind.word(), escaped(&told(it)));
        format!("<th class=\"finding\">{kind}</th><td class=\"t\">{t}</td><td>{told}</td>")
    });
    out += &table("What speaks against it", findings.collect());
    out += &picture(preflight);
    out += &table(
        "What moved",
        preflight.travels.map_rows(|it| {
            let [name, words] = travel(it);
            named(&name, &words)
        }),
    );
    out += &table(
        "Exposures",
        preflight
            .cameras
            .map_rows(|it| named(&it.device, &camera(it))),
    );
    out += &table(
        "Shutters",
        preflight
            .shutters
            .map_rows(|it| named(&it.device, &shutter(it))),
    );
    let rules = preflight.rules.iter().map(|rule| {
        let (head, rest) = rule.split_once('\n').unwrap_or((rule, ""));
        named(head, rest)
    });
    out += &table("Rules", rules.collect());
    for note in notes(preflight) {
        out += &format!("<p>{}</p>\n", escaped(&note));
    }
    out + "</body>\n</html>\n"
}

/// Values as the cells of rows.
trait Rows<T> {
    fn map_rows(&self, cells: impl Fn(&T) -> String) -> Vec<String>;
}

impl<T> Rows<T> for Vec<T> {
    fn map_rows(&self, cells: impl Fn(&T) -> String) -> Vec<String> {
        self.iter().map(cells).collect()
    }
}

fn named(name: &str, words: &str) -> String {
    format!(
        "<th scope=\"row\">{}</th><td>{}</td>",
        escaped(name),
        escaped(words)
    )
}

/// A table under its title; nothing where there are no rows.
fn table(title: &str, rows: Vec<String>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    if !title.is_empty() {
        out += &format!("<h2>{title}</h2>\n");
    }
    out += "<div class=\"wide\"><table>\n";
    for cells in rows {
        out += &format!("<tr>{cells}</tr>\n");
    }
    out + "</table></div>\n"
}

/// When each device did something, a lane each.
fn picture(preflight: &Preflight) -> String {
    let (from, to) = (preflight.time.from, preflight.time.to);
    if preflight.lanes.is_empty() || to <= from {
        return String::new();
    }
    let height = LANE * (preflight.lanes.len() as f64 + 1.5);
    let scale = (WIDTH - NAMES - 10.0) / (to - from).seconds();
    let x = |t: Time| NAMES + (t.max(from).min(to) - from).seconds() * scale;
    let mut out = format!(
        "<h2>When</h2>\n<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"When each device did something\">\n\
         <text class=\"soft\" x=\"{NAMES}\" y=\"14\">{}</text>\n\
         <text class=\"soft\" x=\"{}\" y=\"14\" text-anchor=\"end\">{}</text>\n",
        seconds(from),
        WIDTH - 10.0,
        seconds(to),
    );
    for (at, lane) in preflight.lanes.iter().enumerate() {
        let y = LANE * (at as f64 + 1.0);
        draw(&mut out, lane, y, x);
    }
    let legend =
        "Bars: exposing, moving, open, or busy. Ticks: asked for something. Red: a finding.";
    let y = height - 4.0;
    let _ = writeln!(
        out,
        "<text class=\"soft\" x=\"{NAMES}\" y=\"{y}\">{legend}</text>\n</svg>"
    );
    out
}

fn draw(out: &mut String, lane: &Lane, y: f64, x: impl Fn(Time) -> f64) {
    let (middle, end, class) = (y + LANE / 2.0, WIDTH - 10.0, lane.doing.word());
    let name = escaped(&crate::words::cut(&lane.device, LETTERS));
    let _ = writeln!(out, "<text x=\"0\" y=\"{}\">{name}</text>", middle + 4.0);
    let _ = writeln!(
        out,
        "<line class=\"rail\" x1=\"{NAMES}\" x2=\"{end}\" y1=\"{middle}\" y2=\"{middle}\"/>"
    );
    for &(from, to) in &lane.spans {
        let (left, width) = (x(from), (x(to) - x(from)).max(1.0));
        let (title, top) = (
            format!("{class} {} to {}", seconds(from), seconds(to)),
            y + 5.0,
        );
        let height = LANE - 10.0;
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{height}\">\
             <title>{title}</title></rect>"
        );
    }
    let mut ticks = |class: &str, times: &[Time], reach: f64| {
        // Those that fall together are drawn once.
        let mut last = String::new();
        for &t in times {
            let at = format!("{:.1}", x(t));
            if at != last {
                let (top, bottom) = (middle - reach, middle + reach);
                let _ = writeln!(
                    out,
                    "<line class=\"{class}\" x1=\"{at}\" x2=\"{at}\" y1=\"{top}\" y2=\"{bottom}\"/>"
                );
                last = at;
            }
        }
    };
    ticks("put", &lane.puts, 3.0);
    ticks("mark", &lane.findings, 10.0);
}
