//! The world: devices, process variables, wakeups, the beam
