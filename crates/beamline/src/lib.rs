//! From a beamline file to a world, with good errors
