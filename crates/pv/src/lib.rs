//! What a process variable is: value, alarm, time, units
