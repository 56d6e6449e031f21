//! What channels are called in a sentence.

use std::collections::{BTreeMap, BTreeSet};

use beamtwin_trace::{Channel, Trace};

/// Where a name may be cut.
const SEPARATORS: [char; 5] = ['.', ':', '{', '}', '-'];

/// The names of the channels of each device, in two traces.
#[derive(Debug)]
pub(crate) struct Titles<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Titles<'a> {
    pub(crate) fn of(reference: &'a Trace, session: &'a Trace) -> Self {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for channel in reference
            .dictionary
            .values()
            .chain(session.dictionary.values())
        {
            if let Some(device) = &channel.device {
                names
                    .entry(device)
                    .or_default()
                    .insert(channel.plain_name());
            }
        }
        Self(names)
    }

    /// The device of a channel, followed by what sets its name apart from the others of the device;
    /// of a channel without a device, its name.
    pub(crate) fn title(&self, channel: &Channel) -> String {
        let Some(device) = &channel.device else {
            return channel.plain_name().to_owned();
        };
        let name = channel.plain_name();
        let shared = self
            .0
            .get(device.as_str())
            .map_or(name.len(), |names| shared(name, names));
        let own = name[shared..].trim_matches(SEPARATORS);
        if own.is_empty() {
            device.clone()
        } else {
            format!("{device} {own}")
        }
    }
}

/// The length of what a name shares with all names of a set, cut back to where a word ends.
fn shared(name: &str, names: &BTreeSet<&str>) -> usize {
    let common = |other: &&str| {
        let same = name
            .char_indices()
            .zip(other.chars())
            .take_while(|((_, a), b)| a == b);
        same.last().map_or(0, |((at, c), _)| at + c.len_utf8())
    };
    let length = names.iter().map(common).min().unwrap_or(0);
    let ends_a_word = |other: &str| {
        other
            .get(length..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(SEPARATORS))
    };
    if names.iter().all(|other| ends_a_word(other)) {
        return length;
    }
    name[..length].rfind(SEPARATORS).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(name: &str, others: &[&str]) -> String {
        let mut channel = Channel::named(name, beamtwin_trace::Role::Request);
        channel.device = Some("device".to_owned());
        let names = others
            .iter()
            .copied()
            .chain([channel.plain_name()])
            .collect();
        Titles(BTreeMap::from([("device", names)])).title(&channel)
    }

    #[test]
    fn the_value_of_a_motor_is_called_by_the_motor_alone() {
        assert_eq!(title("TUT:x.VAL", &["TUT:x.RBV", "TUT:x.DMOV"]), "device");
        assert_eq!(title("ES{Smpl-Ax:X}Mtr", &[]), "device");
    }

    #[test]
    fn other_channels_are_called_by_what_sets_them_apart() {
        assert_eq!(title("TUT:x.VELO", &["TUT:x", "TUT:x.RBV"]), "device VELO");
        assert_eq!(
            title(
                "D:cam1:AcquireTime",
                &["D:cam1:Acquire", "D:cam1:AcquirePeriod"]
            ),
            "device AcquireTime"
        );
        assert_eq!(
            title("ES:{LINKAM}:SETPOINT:SET", &["ES:{LINKAM}:TEMP"]),
            "device SETPOINT:SET"
        );
        assert_eq!(
            title("ES{Shutter}", &["ES{Psh_blade1}Pos"]),
            "device Shutter"
        );
    }
}
