//! What each filter can be told, and how it is told in JSON.
//!
//! As in the plugins of EPICS base: the beginning of a word stands for the word, numbers may be written as texts where the plugin
//! says so, objects within an object count as one, and of what is told twice the last counts.

use beamtwin_pv::{Metadata, Text, Value, ValueKind, convert};

use super::array::Part;
use super::deadband::Deadband;
use super::json::{Token, Tokens};
use super::stamp::{Epoch, Stamp, Style};
use super::{Filter, name};

/// The filters that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plugin {
    Array,
    Deadband,
    Decimate,
    Stamp,
    Tag,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// A 32-bit integer, whatever it is written as.
    Integer,
    /// A 32-bit integer that is written as one.
    PlainInteger,
    /// A double, whatever it is written as.
    Double,
    /// One of these words, or its number.
    Choice(&'static [(&'static str, i32)]),
    /// One of these words.
    PlainChoice(&'static [(&'static str, i32)]),
}

/// A setting: its name, what it takes, where it is kept, and what else is set by naming it.
struct Setting(&'static str, Takes, usize, Option<(usize, f64)>);

const MODES: &[(&str, i32)] = &[("abs", 0), ("rel", 1)];
const NUMBERS: &[(&str, i32)] = &[("dbl", 2), ("sec", 3), ("nsec", 4), ("ts", 5)];
const EPOCHS: &[(&str, i32)] = &[("epics", 0), ("unix", 1)];
const STYLES: &[(&str, i32)] = &[("epics", 1), ("iso", 2)];

impl Plugin {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"arr" => Self::Array,
            b"dbnd" => Self::Deadband,
            b"dec" => Self::Decimate,
            b"ts" => Self::Stamp,
            b"utag" => Self::Tag,
            _ => return None,
        })
    }

    const fn settings(self) -> &'static [Setting] {
        match self {
            Self::Array => &[
                Setting("s", Takes::Integer, 0, None),
                Setting("i", Takes::Integer, 1, None),
                Setting("e", Takes::Integer, 2, None),
            ],
            Self::Deadband => &[
                Setting("d", Takes::Double, 0, None),
                Setting("m", Takes::Choice(MODES), 1, None),
                Setting("abs", Takes::Double, 0, Some((1, 0.0))),
                Setting("rel", Takes::Double, 0, Some((1, 1.0))),
            ],
            Self::Decimate => &[Setting("n", Takes::PlainInteger, 0, None)],
            Self::Stamp => &[
                Setting("num", Takes::PlainChoice(NUMBERS), 0, None),
                Setting("epoch", Takes::PlainChoice(EPOCHS), 1, None),
                Setting("str", Takes::PlainChoice(STYLES), 2, None),
            ],
            Self::Tag => &[
                Setting("M", Takes::Integer, 0, None),
                Setting("V", Takes::Integer, 1, None),
            ],
        }
    }

    const fn defaults(self) -> [f64; 3] {
        match self {
            Self::Array => [0.0, 1.0, -1.0],
            Self::Tag => [-1.0, 0.0, 0.0],
            Self::Deadband | Self::Decimate | Self::Stamp => [0.0; 3],
        }
    }
}

/// A filter while it is told what to do.
pub(super) struct Parameters {
    plugin: Plugin,
    /// What was told, by place.
    values: [f64; 3],
    /// What is told next.
    next: Option<&'static Setting>,
}

impl Parameters {
    pub(super) const fn new(plugin: Plugin) -> Self {
        Self {
            plugin,
            values: plugin.defaults(),
            next: None,
        }
    }

    /// Names what is told next.
    pub(super) fn key(&mut self, key: &[u8]) -> Option<()> {
        let mut settings = self.plugin.settings().iter();
        let setting = settings.find(|setting| setting.0.as_bytes().starts_with(key))?;
        if let Some((place, value)) = setting.3 {
            self.values[place] = value;
        }
        self.next = Some(setting);
        Some(())
    }

    pub(super) fn integer(&mut self, value: i64) -> Option<()> {
        let value = i32::try_from(value).ok()?;
        let known = |choices: &[(&str, i32)]| choices.iter().any(|&(_, code)| code == value);
        match self.next?.1 {
            Takes::Choice(choices) if !known(choices) => None,
            Takes::PlainChoice(_) => None,
            _ => self.set(value.into()),
        }
    }

    fn double(&mut self, value: f64) -> Option<()> {
        match self.next?.1 {
            Takes::Double => self.set(value),
            Takes::Integer => {
                let fits = value >= f64::from(i32::MIN) && value <= f64::from(i32::MAX);
                self.set(fits.then_some(value.trunc())?)
            }
            Takes::PlainInteger | Takes::Choice(_) | Takes::PlainChoice(_) => None,
        }
    }

    fn text(&mut self, text: &[u8]) -> Option<()> {
        match self.next?.1 {
            Takes::PlainInteger => None,
            Takes::Integer => {
                let (value, _) = name::long(text);
                self.set(i32::try_from(value?).ok()?.into())
            }
            Takes::Double => {
                let text = Value::String(Text::from_bytes(text));
                if text.as_text().is_some_and(Text::is_empty) {
                    return None;
                }
                let value = convert::put(&text, ValueKind::Double, &Metadata::default());
                self.set(value.ok()?.as_f64()?)
            }
            Takes::Choice(choices) | Takes::PlainChoice(choices) => {
                let mut choices = choices.iter();
                let (_, code) = choices.find(|(name, _)| name.as_bytes().starts_with(text))?;
                self.set((*code).into())
            }
        }
    }

    fn flag(&mut self, flag: bool) -> Option<()> {
        match self.next?.1 {
            Takes::Integer | Takes::Double => self.set(f64::from(flag)),
            Takes::PlainInteger | Takes::Choice(_) | Takes::PlainChoice(_) => None,
        }
    }

    fn set(&mut self, value: f64) -> Option<()> {
        self.values[self.next?.2] = value;
        Some(())
    }

    /// The filter, if it was told enough.
    #[expect(clippy::cast_possible_truncation, reason = "all of 32 bits")]
    pub(super) fn finish(self) -> Option<Filter> {
        let [first, second, third] = self.values;
        let whole = |value: f64| value as i32;
        Some(match self.plugin {
            Plugin::Array => Filter::Array(Part::new(whole(first), whole(second), whole(third))),
            Plugin::Deadband => Filter::Deadband(Deadband::new(first, second != 0.0)),
            Plugin::Decimate => {
                let every = whole(first);
                (every >= 1).then_some(Filter::Decimate { every, at: 0 })?
            }
            Plugin::Stamp => {
                let epoch = if second == 0.0 {
                    Epoch::Epics
                } else {
                    Epoch::Unix
                };
                let stamp = match (whole(third), whole(first)) {
                    (1, _) => Stamp::Text(Style::Epics),
                    (2, _) => Stamp::Text(Style::Iso),
                    (_, 2) => Stamp::Double(epoch),
                    (_, 3) => Stamp::Seconds(epoch),
                    (_, 4) => Stamp::Nanos,
                    (_, 5) => Stamp::Both(epoch),
                    _ => Stamp::Now,
                };
                Filter::Stamp(stamp, 0)
            }
            Plugin::Tag => Filter::Tag {
                mask: whole(first),
                value: whole(second),
                told: false,
            },
        })
    }
}

/// Reads the filters of an object, behind which nothing may follow.
pub(super) fn read(tokens: &mut Tokens<'_>) -> Option<Vec<Filter>> {
    let mut filters = Vec::new();
    (tokens.value()? == Token::Begin).then_some(())?;
    loop {
        let plugin = match tokens.key()? {
            Token::End => break,
            Token::Text(name) => Plugin::named(&name)?,
            _ => return None,
        };
        filters.push(filter(tokens, plugin)?);
        match tokens.value()? {
            Token::Comma => {}
            Token::End => break,
            _ => return None,
        }
    }
    tokens.is_over().then_some(filters)
}

/// Reads what one filter is told.
fn filter(tokens: &mut Tokens<'_>, plugin: Plugin) -> Option<Filter> {
    (tokens.value()? == Token::Colon && tokens.value()? == Token::Begin).then_some(())?;
    let mut parameters = Parameters::new(plugin);
    let mut depth = 1_usize;
    let mut wants_key = true;
    while depth > 0 {
        let token = if wants_key {
            tokens.key()?
        } else {
            tokens.value()?
        };
        match token {
            Token::End => {
                depth -= 1;
                wants_key = false;
            }
            Token::Comma if !wants_key => wants_key = true,
            Token::Text(key) if wants_key => {
                parameters.key(&key)?;
                (tokens.value()? == Token::Colon).then_some(())?;
                match tokens.value()? {
                    Token::Begin => depth += 1,
                    value => {
                        match value {
                            Token::Text(text) => parameters.text(&text)?,
                            Token::Flag(flag) => parameters.flag(flag)?,
                            Token::Integer(value) => parameters.integer(value)?,
                            Token::Double(value) => parameters.double(value)?,
                            _ => return None,
                        }
                        wants_key = false;
                    }
                }
            }
            _ => return None,
        }
    }
    parameters.finish()
}
