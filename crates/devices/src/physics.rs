//! What moves, warms and scatters: small models that devices share.

pub mod thermal;
pub mod trapezoid;
