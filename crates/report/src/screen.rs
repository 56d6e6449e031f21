//! What a text is written for: how wide it is, and whether it has colours.

use std::fmt::Display;

use crate::words::printable;

/// Where a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// How many columns it has; less than 40 count as 40.
    pub width: usize,
    /// Whether a person looks at it as it is written, so that a picture is welcome.
    pub live: bool,
    /// Whether it shows colours.
    pub color: bool,
}

impl Default for Screen {
    /// A file, or a pipe: a hundred columns, without colours.
    fn default() -> Self {
        Self {
            width: 100,
            live: false,
            color: false,
        }
    }
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    /// A verdict that is good.
    Good,
    /// What is not alike.
    Unlike,
    /// What is there for context.
    Quiet,
    /// A heading.
    Strong,
}

/// A text in the making.
#[derive(Debug)]
pub(crate) struct Lines {
    text: String,
    pub(crate) width: usize,
    pub(crate) live: bool,
    color: bool,
}

impl Lines {
    pub(crate) fn new(screen: Screen) -> Self {
        Self {
            text: String::new(),
            width: screen.width.max(40),
            live: screen.live,
            color: screen.color,
        }
    }

    pub(crate) fn line(&mut self, line: impl Display) {
        self.text += &line.to_string();
        self.text.push('\n');
    }

    /// A line broken at spaces where it is too long; what follows the first is indented.
    pub(crate) fn wrapped(&mut self, line: &str, indent: usize) {
        let words = line.trim_start_matches(' ');
        let lead = &line[..line.len() - words.len()];
        let first = self.width.saturating_sub(lead.len());
        let mut folded = fold(words, first, self.width.saturating_sub(indent)).into_iter();
        self.line(format_args!("{lead}{}", folded.next().unwrap_or_default()));
        for rest in folded {
            self.line(format_args!("{:indent$}{rest}", ""));
        }
    }

    /// A head in its style with words after it, broken at spaces where they are too long.
    pub(crate) fn headed(&mut self, style: Style, head: &str, words: &str, indent: usize) {
        let first = self.width - head.chars().count();
        let mut folded = fold(words, first, self.width - indent).into_iter();
        let first = folded.next().unwrap_or_default();
        let line = self.styled(style, head) + &first;
        self.line(line.trim_end());
        for rest in folded {
            self.line(format_args!("{:indent$}{rest}", ""));
        }
    }

    /// A piece of text in its style, where there are colours.
    pub(crate) fn styled(&self, style: Style, text: &str) -> String {
        let text = printable(text);
        let code = match style {
            Style::Good => "1;32",
            Style::Unlike => "1;31",
            Style::Quiet => "2",
            Style::Strong => "1",
        };
        if self.color && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.into_owned()
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// A text in lines of a width, the first of which may have another one. It is broken at spaces; a word
/// that is too long is broken where it must, so that nothing is lost. It is [`printable`].
pub(crate) fn fold(text: &str, first: usize, width: usize) -> Vec<String> {
    let text = printable(text);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (place, word) in text.split(' ').enumerate() {
        let room = |lines: &[String]| if lines.is_empty() { first } else { width }.max(1);
        let (length, more) = (line.chars().count(), word.chars().count());
        if line.is_empty() && !lines.is_empty() && more <= room(&lines) {
            line.push_str(word);
            continue;
        }
        if place > 0 && length + 1 + more <= room(&lines) {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        if place > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for letter in word.chars() {
            if line.chars().count() == room(&lines) {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_long_words_where_they_must() {
        assert_eq!(fold("one two  three", 7, 9), ["one two", "three"]);
        assert_eq!(fold("a 1234567890 b", 4, 4), ["a", "1234", "5678", "90 b"]);
        assert_eq!(fold("", 4, 4), [""]);
        for width in 1..20 {
            let folded = fold("0.123456789012 mm, asked for at 1234567.5 s", width, width);
            assert!(folded.iter().all(|line| line.chars().count() <= width));
            assert_eq!(
                folded.concat().replace(' ', ""),
                "0.123456789012mm,askedforat1234567.5s"
            );
        }
    }
}
