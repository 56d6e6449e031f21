//! A comparison as one page of HTML, to look at.
//!
//! The page carries all it needs, its data as JSON included, and asks the network for nothing. Its
//! template lies in `src/html`: plain HTML, CSS, and JavaScript, put together as they are.

mod curves;
mod data;
mod thin;

use beamtwin_align::Comparison;
use beamtwin_trace::Trace;

const TEMPLATE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");

/// The scripts, in the order in which they build on each other.
const SCRIPTS: [&str; 10] = [
    include_str!("html/words.js"),
    include_str!("html/model.js"),
    include_str!("html/marks.js"),
    include_str!("html/lane.js"),
    include_str!("html/pointer.js"),
    include_str!("html/timeline.js"),
    include_str!("html/summary.js"),
    include_str!("html/rows.js"),
    include_str!("html/details.js"),
    include_str!("html/main.js"),
];

/// A trace, and what it is called.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The name of its file.
    pub name: &'a str,
    /// The trace.
    pub trace: &'a Trace,
}

/// The page on a comparison of a session with the best of some references, in the order in which
/// [`beamtwin_align::best_of`] had them. None if the reference it speaks of is not among them.
pub fn html(
    comparison: &Comparison,
    references: &[Named<'_>],
    session: Named<'_>,
) -> Option<String> {
    let reference = *references.get(comparison.best)?;
    let others = references.iter().map(|it| it.name).collect();
    let data = data::of(comparison, [reference, session], others);
    let json = serde_json::to_string(&data).expect("pages have only texts as keys");
    let title = format!("{} and {}", reference.name, session.name);
    let parts = [
        ("{{title}}", escaped(&title)),
        ("{{style}}", STYLE.to_owned()),
        ("{{data}}", embedded(&json)),
        ("{{script}}", SCRIPTS.concat()),
    ];
    Some(filled(TEMPLATE, &parts))
}

/// A template with each of its places filled once; what is filled in is not looked at again.
fn filled(template: &str, parts: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    for (place, text) in parts {
        let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
        out.push_str(before);
        out.push_str(text);
        rest = after;
    }
    out + rest
}

/// JSON that can stand in a `script` element: no `<` is left that could end it or begin a comment.
fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c")
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
