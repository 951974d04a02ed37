//! libFuzzer's way into the check of this name. Holds nothing of its own.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| holdspace_fuzz::calendars(bytes));
