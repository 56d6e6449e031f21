#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| beamtwin_fuzz::files::events(bytes));
