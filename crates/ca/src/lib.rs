//! Channel Access without sockets
