//! Aligns and scores two recorded sessions
