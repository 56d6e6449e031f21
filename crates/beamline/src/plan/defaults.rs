//! `[defaults]`: what no kind could ever use of it.

use toml::de::{DeTable, DeValue};

use super::names::no_kind;
use crate::layers::Layer;
use crate::macros::EACH;
use crate::problem::{Problem, Problems};
use crate::registry::{kinds, known_settings};
use crate::settings;

/// Reports tables of `[defaults]` that no kind could ever use.
pub(super) fn check_defaults(defaults: &DeTable<'_>, problems: &mut Problems) {
    for (key, value) in defaults {
        let word = key.get_ref().as_ref();
        let Some(kind) = kinds().find(|&kind| kind == word) else {
            problems.push(no_kind(word, key.span()));
            continue;
        };
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!("defaults: `{word}` should be a table");
            let hint = format!("write [defaults.{word}]");
            problems.push(Problem::new(key.span(), message).hint(hint));
            continue;
        };
        let known = known_settings(kind);
        for (setting, _) in table {
            let name = setting.get_ref().as_ref();
            if name == EACH {
                let message = format!("defaults.{word}: `each` cannot be shared");
                problems.push(Problem::new(setting.span(), message));
            } else if !known.iter().any(|k| k == name) {
                let message = format!(
                    "{}: unknown setting `{name}`",
                    Layer::Defaults.owner(word, "")
                );
                let hint = settings::unknown(name, &known);
                problems.push(Problem::new(setting.span(), message).hint(hint));
            }
        }
    }
}
