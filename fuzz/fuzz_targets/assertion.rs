//! `cargo +nightly fuzz run assertion`; what is tried stands in ../targets/assertion.rs.
#![no_main]

#[path = "../targets/assertion.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
