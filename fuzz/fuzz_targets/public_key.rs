//! `cargo +nightly fuzz run public_key`; what is tried stands in ../targets/public_key.rs.
#![no_main]

#[path = "../targets/public_key.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
