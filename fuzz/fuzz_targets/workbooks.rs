//! libFuzzer's way into the check of this name. Holds nothing but which caught panics pass.

#![no_main]

mod caught;

libfuzzer_sys::fuzz_target!(init: caught::pass_in("calamine"), |bytes: &[u8]| holdspace_fuzz::workbooks(bytes));
