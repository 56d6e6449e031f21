//! Nothing but tests: `make libca`.
