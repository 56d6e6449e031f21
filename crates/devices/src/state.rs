//! What devices save: CBOR, written as hexadecimal text, since JSON knows no infinity and no not-a-number.

use beamtwin_sim::{State, StateError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A device's own state as the world keeps it.
///
/// # Panics
/// If the state cannot be written down: a mistake in the device.
pub fn save(state: &impl Serialize) -> State {
    let mut bytes = Vec::new();
    ciborium::into_writer(state, &mut bytes).expect("a device's state is plain data");
    State::String(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The state of a device of the same kind.
///
/// # Errors
/// If it is of another kind, or of another version.
pub fn restore<T: DeserializeOwned>(state: State) -> Result<T, StateError> {
    let wrong = || StateError("what was saved is no state of a device".to_owned());
    let text = state
        .as_str()
        .filter(|text| text.is_ascii())
        .ok_or_else(wrong)?;
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| byte(text.get(at..at + 2)?))
        .collect();
    ciborium::from_reader(bytes.ok_or_else(wrong)?.as_slice())
        .map_err(|error| StateError(error.to_string()))
}

fn byte(digits: &str) -> Option<u8> {
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_as_it_was() {
        let numbers = [
            0.1,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            f64::MAX,
            5e-324,
        ];
        let restored: Vec<f64> = restore(save(&numbers)).unwrap();
        let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&restored), bits(&numbers));
    }

    #[test]
    fn a_state_may_hold_those_of_others() {
        let parts = vec![save(&1u8), save(&Some("a".to_owned()))];
        assert_eq!(restore::<Vec<State>>(save(&parts)), Ok(parts));
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for wrong in [
            State::Null,
            State::from("xyz"),
            State::from("ÿ"),
            save(&"text"),
        ] {
            assert!(restore::<Vec<f64>>(wrong).is_err());
        }
    }
}
