//! What devices save, as JSON.

use beamtwin_sim::{State, StateError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A device's own state as the world keeps it.
///
/// # Panics
/// If the state has a map whose keys are no text: a mistake in the device.
pub fn save(state: &impl Serialize) -> State {
    serde_json::to_value(state).expect("a device's state is plain data")
}

/// The state of a device of the same kind.
///
/// # Errors
/// If it is of another kind, or of another version.
pub fn restore<T: DeserializeOwned>(state: State) -> Result<T, StateError> {
    serde_json::from_value(state).map_err(|error| StateError(error.to_string()))
}
