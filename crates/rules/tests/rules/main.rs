//! Rules: cases worked out by hand, and what holds of all of them.

mod bench;
mod hand;
mod language;
mod laws;
