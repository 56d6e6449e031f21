//! What moves, warms and scatters: small models that devices share.

pub mod trapezoid;
