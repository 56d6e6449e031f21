//! Serves a world: engine, Channel Access sockets, recorder, clock
