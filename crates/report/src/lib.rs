//! A comparison as text and JSON
