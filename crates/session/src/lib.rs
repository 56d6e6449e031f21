//! Replays a recorded session
