//! The plugins that a beamline file lists.

use super::family::{self, FAMILIES, Family};

/// What a camera has if nothing is said: what the profile of NSLS-II 11-BM connects to.
pub(super) const STANDARD: [&str; 6] = ["image1", "Stats1-5", "ROI1-4", "Proc1", "Trans1", "TIFF1"];
/// The most of one kind.
const MOST: u32 = 99;

/// A plugin by its kind and its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    pub(super) family: &'static Family,
    pub(super) number: u32,
}

/// The plugins of a list such as `["image1", "Stats1-5"]`.
///
/// # Errors
/// What is wrong with each text that names none, and what is listed twice.
pub(super) fn listed<'a>(
    list: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Listed>, Vec<String>> {
    let (mut plugins, mut wrong): (Vec<Listed>, Vec<String>) = Default::default();
    for text in list {
        let Some((family, first, last)) = range(text) else {
            wrong.push(format!("`{text}` names no plugin; {}", there_are()));
            continue;
        };
        for number in first..=last {
            let known = |it: &Listed| it.family.name == family.name && it.number == number;
            if plugins.iter().any(known) {
                wrong.push(format!("`{}{number}` is listed twice", family.name));
            } else {
                plugins.push(Listed { family, number });
            }
        }
    }
    if wrong.is_empty() {
        Ok(plugins)
    } else {
        Err(wrong)
    }
}

/// `Stats1-5`: the kind, the first number and the last.
fn range(text: &str) -> Option<(&'static Family, u32, u32)> {
    let digit = text.find(|it: char| it.is_ascii_digit())?;
    let (name, numbers) = text.split_at(digit);
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let plain = |it: &str| it.parse().ok().filter(|n: &u32| n.to_string() == *it);
    let (first, last) = (plain(first)?, plain(last)?);
    let family = family::of(name)?;
    (1 <= first && first <= last && last <= MOST).then_some((family, first, last))
}

fn there_are() -> String {
    let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    format!(
        "write a kind and a number from 1 to {MOST}, such as \"image1\", or several, such as \
         \"Stats1-5\"; there are {}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Result<Vec<String>, Vec<String>> {
        let plugins = listed(list.iter().copied())?;
        let name = |it: &Listed| format!("{}{}", it.family.name, it.number);
        Ok(plugins.iter().map(name).collect())
    }

    #[test]
    fn a_plugin_has_a_kind_and_a_number() {
        let found = names(&["image1", "Stats2-4", "ROIStat12"]).unwrap();
        assert_eq!(found, ["image1", "Stats2", "Stats3", "Stats4", "ROIStat12"]);
        assert_eq!(names(&STANDARD).unwrap().len(), 13);
    }

    #[test]
    fn what_names_none_is_told() {
        let wrong = ["Stats", "1", "stats1", "ROI0", "ROI4-2", "ROI01", "ROI100", "ROI1:", ""];
        for text in wrong {
            let told = names(&[text]).unwrap_err();
            assert!(told[0].contains("names no plugin"), "{told:?}");
        }
        assert_eq!(names(&["ROI1-3", "ROI2"]).unwrap_err(), ["`ROI2` is listed twice"]);
    }
}
