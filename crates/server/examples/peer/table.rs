//! What was measured, as a table in Markdown.

/// What was measured, printed as it comes.
pub(crate) struct Table {
    words: Vec<String>,
}

/// Which of two figures is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Less,
    More,
}

impl Table {
    /// A table of those rows whose names hold one of the words; of all if there are none.
    pub(crate) fn new(words: Vec<String>) -> Self {
        println!("| | C | ours | ours : C | target | floor | ours : floor |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        Self { words }
    }

    /// Whether a row is asked for.
    pub(crate) fn wants(&self, what: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| what.contains(word.as_str()))
    }

    /// The medians of some rounds: of C, ours, and the floor if there is one.
    pub(crate) fn row<const N: usize>(
        &mut self,
        what: &str,
        unit: &str,
        better: Better,
        target: Option<f64>,
        rounds: &[[f64; N]],
    ) {
        let of = |at: usize| median(rounds.iter().map(|round| round[at]).collect());
        let (c, ours) = (of(0), of(1));
        let times = |other: f64| match better {
            Better::More => format!("{:.2}", ours / other),
            Better::Less => format!("{:.2}", other / ours),
        };
        let floor = (N > 2).then(|| of(2));
        println!(
            "| {what} | {} | {} | {} | {} | {} | {} |",
            shown(c, unit),
            shown(ours, unit),
            times(c),
            target.map_or(String::new(), |target| target.to_string()),
            floor.map_or(String::new(), |floor| shown(floor, unit)),
            floor.map_or(String::new(), times),
        );
    }

    /// A line without figures of others.
    pub(crate) fn line(&mut self, what: &str, figures: &str) {
        println!("| {what} | | {figures} | | | | |");
    }
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A figure with three digits that count.
fn shown(figure: f64, unit: &str) -> String {
    match figure {
        large if large >= 1e6 => format!("{:.2} M{unit}", large / 1e6),
        large if large >= 1e4 => format!("{:.1} k{unit}", large / 1e3),
        some if some >= 100.0 => format!("{some:.0} {unit}"),
        some if some >= 10.0 => format!("{some:.1} {unit}"),
        some => format!("{some:.2} {unit}"),
    }
}
