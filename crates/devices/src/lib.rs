//! Devices of a beamline, one file per kind
