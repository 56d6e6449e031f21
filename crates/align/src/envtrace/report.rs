//! The report that the package makes of an evaluation.

use beamtwin_trace::envtrace::{Event, Value};
use serde::Serialize;

use super::{Evaluation, Metric, Row};

impl Evaluation {
    /// The JSON report of the package. `rows` and `best_index` come on top of what that has.
    pub fn report(&self) -> Value {
        let metric = |metric: &Metric| (metric.name.to_owned(), self.metric(metric));
        let metrics = self.metrics.iter().map(metric).collect();
        let pair = |row: &Row| Value::List(vec![listed(&row.gt), listed(&row.pred)]);
        let alignment = self.rows.iter().map(pair).collect();
        let rows = (1..).zip(&self.rows).map(numbered).collect();
        let mut report = object(self);
        put(&mut report, "metrics", Value::Object(metrics));
        put(&mut report, "alignment", Value::List(alignment));
        put(&mut report, "alignment_rows", Value::List(rows));
        Value::Object(report)
    }

    /// A metric of the report; the first has all events in its details.
    fn metric(&self, metric: &Metric) -> Value {
        let mut shown = object(metric);
        if metric.name == "discrete" {
            let mut details = object(&metric.details);
            let gt = self.rows.iter().map(|row| listed(&row.gt)).collect();
            let pred = self.rows.iter().map(|row| listed(&row.pred)).collect();
            put(&mut details, "aligned_gt", Value::List(gt));
            put(&mut details, "aligned_pred", Value::List(pred));
            put(&mut shown, "details", Value::Object(details));
        }
        Value::Object(shown)
    }
}

type Entries = Vec<(String, Value)>;

/// The parts of something. Unlike JSON, the values of YAML may be `NaN` on the way.
fn object(of: &impl Serialize) -> Entries {
    let value = serde_yaml_ng::to_value(of).and_then(serde_yaml_ng::from_value);
    match value.expect("an evaluation has only texts as keys") {
        Value::Object(entries) => entries,
        _ => unreachable!("an evaluation and its parts are objects"),
    }
}

fn put(entries: &mut Entries, key: &str, value: Value) {
    match entries.iter_mut().find(|(known, _)| known == key) {
        Some((_, known)) => *known = value,
        None => entries.push((key.to_owned(), value)),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// An event as `[channel, timestamp, value]`.
fn listed(event: &Option<Event>) -> Value {
    event.as_ref().map_or(Value::None, |event| {
        Value::List(vec![
            text(&event.channel),
            Value::Number(event.timestamp),
            event.value.clone(),
        ])
    })
}

/// An event by the names of its parts.
fn named(event: &Option<Event>) -> Value {
    event.as_ref().map_or(Value::None, |event| {
        Value::Object(vec![
            ("channel".to_owned(), text(&event.channel)),
            ("timestamp".to_owned(), Value::Number(event.timestamp)),
            ("value".to_owned(), event.value.clone()),
        ])
    })
}

fn numbered((index, row): (i64, &Row)) -> Value {
    Value::Object(vec![
        ("index".to_owned(), Value::Whole(index)),
        ("gt".to_owned(), named(&row.gt)),
        ("pred".to_owned(), named(&row.pred)),
        (
            "match".to_owned(),
            row.matches.map_or(Value::None, Value::Flag),
        ),
        ("ignored".to_owned(), Value::Flag(row.ignored)),
    ])
}
