//! Each session as a line of comma-separated values.

use crate::{Dimension, Scores};

/// The sessions, below a line of names. What has a comma, a quote or a new line in it is quoted.
pub fn csv(scores: &Scores) -> String {
    let mut out = String::from("item,candidate,session,reference,alike");
    for dimension in Dimension::ALL {
        out += ",";
        out += dimension.name();
    }
    out += ",matched,differing,missing,extra,failed,caveats\n";
    for session in &scores.sessions {
        let mut cells = vec![
            quoted(&session.item),
            quoted(&session.candidate),
            quoted(&session.session.display().to_string()),
        ];
        match session.compared() {
            Some((reference, outcome)) => {
                cells.push(reference.to_string());
                cells.push(outcome.alike.to_string());
                cells.extend(Dimension::ALL.map(|it| {
                    let value = outcome.value(it);
                    value.map_or_else(String::new, |it| it.to_string())
                }));
                let counts = [
                    outcome.matched,
                    outcome.differing,
                    outcome.missing,
                    outcome.extra,
                ];
                cells.extend(counts.map(|it| it.to_string()));
                cells.push(String::new());
                cells.push(quoted(&outcome.caveats.join("; ")));
            }
            None => {
                cells.extend(std::iter::repeat_n(
                    String::new(),
                    2 + Dimension::ALL.len() + 4,
                ));
                cells.push(quoted(session.failure().unwrap_or_default()));
                cells.push(String::new());
            }
        }
        out += &cells.join(",");
        out += "\n";
    }
    out
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
