//! What both dictionaries say of the values of a channel.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beamtwin_trace::{Channel, Trace};

use crate::Settings;
use crate::titles::Titles;

/// Of so many channels it is said how they are described otherwise.
const NAMED: usize = 3;

/// Both traces, described alike: a channel holds only whole numbers if both say so, and has the smaller of two
/// tolerances. What one side alone tells may not decide: an importer guesses it from the values, and whoever is
/// judged may not say how strictly.
pub(crate) fn alike<'a>(one: &'a Trace, other: &'a Trace) -> [Cow<'a, Trace>; 2] {
    [corrected(one, other), corrected(other, one)]
}

fn corrected<'a>(trace: &'a Trace, other: &Trace) -> Cow<'a, Trace> {
    let others = other.dictionary.values();
    let others: BTreeMap<&str, &Channel> = others.map(|it| (it.plain_name(), it)).collect();
    let mut changed: Vec<(u32, Channel)> = Vec::new();
    for (&pv, channel) in &trace.dictionary {
        let Some(other) = others.get(channel.plain_name()) else {
            continue;
        };
        let fractions = matches!(other.kind.as_deref(), Some("double" | "float"));
        let kind = if channel.is_whole() && fractions {
            &other.kind
        } else {
            &channel.kind
        };
        let both = channel.tolerance.zip(other.tolerance);
        let tolerance = both.map(|(one, other)| one.min(other));
        if *kind != channel.kind || tolerance != channel.tolerance {
            let mut channel = channel.clone();
            channel.kind.clone_from(kind);
            channel.tolerance = tolerance;
            changed.push((pv, channel));
        }
    }
    if changed.is_empty() {
        return Cow::Borrowed(trace);
    }
    let mut trace = trace.clone();
    trace.dictionary.extend(changed);
    Cow::Owned(trace)
}

/// In what two traces describe channels otherwise, in words: their roles, the units and the tolerances of their values.
pub(crate) fn unlike(reference: &Trace, session: &Trace, settings: &Settings) -> Vec<String> {
    let titles = Titles::of(reference, session);
    let others = session.dictionary.values();
    let others: BTreeMap<&str, &Channel> = others.map(|it| (it.plain_name(), it)).collect();
    let mut found: [Vec<String>; 3] = Default::default();
    for channel in reference.dictionary.values() {
        let other = others.get(channel.plain_name()).copied();
        let Some(other) = other.filter(|_| !settings.ignores(channel)) else {
            continue;
        };
        let title = titles.title(channel);
        if channel.role != other.role {
            let [was, is] = [channel, other].map(|it| it.role.word());
            found[0].push(format!(
                "{title} ({was} in the reference, {is} in the session)"
            ));
        }
        if let (Some(was), Some(is)) = (&channel.units, &other.units)
            && was != is
        {
            found[1].push(format!(
                "{title} ({was} in the reference, {is} in the session)"
            ));
        }
        if channel.tolerance != other.tolerance && !settings.is_particular(channel) {
            let [was, is] = [channel, other]
                .map(|it| it.tolerance.map_or("none".to_owned(), |it| it.to_string()));
            found[2].push(format!(
                "{title} ({was} in the reference, {is} in the session)"
            ));
        }
    }
    let heads = [
        "channels have another role",
        "values of other units are compared as mere numbers",
        "of two tolerances the smaller one counts, and one alone does not",
    ];
    let told = |(head, names): (&str, &Vec<String>)| {
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let named = &names[..names.len().min(NAMED)];
        (!names.is_empty()).then(|| format!("{head}: {}{more}", named.join(", ")))
    };
    heads.into_iter().zip(&found).filter_map(told).collect()
}
