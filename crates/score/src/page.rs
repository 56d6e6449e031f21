//! The scores as one HTML page that needs nothing else.

use std::fmt::Write;

use crate::{Dimension, Estimate, Scores, SessionScore, Share};

const STYLE: &str = include_str!("page.css");

/// The page: candidates over all items, each item, each session with what is not alike.
pub fn html(scores: &Scores) -> String {
    let title = if scores.title.is_empty() {
        "Scores"
    } else {
        &scores.title
    };
    let mut out = String::new();
    let mut say = |text: &str| out.push_str(text);
    say("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    say("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    say(&format!(
        "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escaped(title)
    ));
    say(&format!("<h1>{}</h1>\n", escaped(title)));
    say(
        "<p>Sessions compared with the best of the references of their item. Brackets: 95 % over repeats; \
         alike by Wilson, means by bootstrap.</p>\n",
    );
    say("<h2>Candidates</h2>\n<div class=\"wide\"><table>\n");
    say(&head("<th>candidate</th>", &scores.dimensions));
    for it in &scores.candidates {
        let missing = match it.missing {
            0 => String::new(),
            items => format!(" <small>{items} without a session</small>"),
        };
        let name = format!("<th scope=\"row\">{}{missing}</th>", escaped(&it.candidate));
        say(&row(&name, it.alike, &it.means, scores));
    }
    say("</table></div>\n<h2>Items</h2>\n<div class=\"wide\"><table>\n");
    say(&head("<th>item</th><th>candidate</th>", &scores.dimensions));
    for it in &scores.items {
        let names = format!(
            "<th scope=\"row\">{}</th><td>{}</td>",
            escaped(&it.item),
            escaped(&it.candidate)
        );
        say(&row(&names, it.alike, &it.means, scores));
    }
    say("</table></div>\n<h2>Sessions</h2>\n");
    for it in &scores.sessions {
        say(&session(it));
    }
    if !scores.warnings.is_empty() {
        say("<h2>Warnings</h2>\n");
        say(&list(&scores.warnings));
    }
    say("</body>\n</html>\n");
    out
}

fn head(first: &str, dimensions: &[Dimension]) -> String {
    let mut out = format!("<thead><tr>{first}<th>alike</th>");
    for dimension in dimensions {
        let _ = write!(out, "<th>{}</th>", dimension.name());
    }
    out + "</tr></thead>\n"
}

fn row(names: &str, alike: Share, means: &[Estimate], scores: &Scores) -> String {
    let mut out = format!("<tr>{names}");
    if alike.all == 0 {
        let columns = 1 + scores.dimensions.len();
        return out + &format!("<td colspan=\"{columns}\">no session</td></tr>\n");
    }
    let share = alike.of as f64 / alike.all as f64;
    let text = format!("{} of {}", alike.of, alike.all);
    out += &bar(share, &text, alike.interval);
    for it in means {
        out += &bar(it.mean, &format!("{:.3}", it.mean), it.interval);
    }
    out + "</tr>\n"
}

/// A number with a bar below it, and where it may lie.
fn bar(part: f64, text: &str, interval: Option<(f64, f64)>) -> String {
    let percent = |part: f64| format!("{:.1}%", 100.0 * part.clamp(0.0, 1.0));
    let (range, line) = match interval {
        Some((low, high)) => (
            format!(" <small>[{low:.2}, {high:.2}]</small>"),
            format!(
                "<i style=\"left:{};width:{}\"></i>",
                percent(low),
                percent(high - low)
            ),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "<td>{text}{range}<div class=\"bar\"><b style=\"width:{}\"></b>{line}</div></td>",
        percent(part)
    )
}

fn session(it: &SessionScore) -> String {
    let name = format!(
        "{} · {} · {}",
        escaped(&it.item),
        escaped(&it.candidate),
        escaped(&it.session.display().to_string())
    );
    let Some(outcome) = it.outcome() else {
        let why = escaped(it.failure().unwrap_or_default());
        return format!(
            "<details><summary class=\"off\">{name}: not compared</summary><p>{why}</p></details>\n"
        );
    };
    let (class, word) = if outcome.alike {
        ("on", "alike")
    } else {
        ("off", "different")
    };
    format!(
        "<details><summary class=\"{class}\">{name}: {word}, {:.3}</summary>\n<p>{} matched, {} differing, {} \
         missing, {} extra</p>{}{}</details>\n",
        outcome.score,
        outcome.matched,
        outcome.differing,
        outcome.missing,
        outcome.extra,
        list(&outcome.reasons),
        list(&outcome.caveats)
    )
}

fn list(lines: &[String]) -> String {
    let lines: String = lines
        .iter()
        .map(|it| format!("<li>{}</li>", escaped(it)))
        .collect();
    if lines.is_empty() {
        lines
    } else {
        format!("<ul>{lines}</ul>\n")
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            other => out.push(other),
        }
    }
    out
}
