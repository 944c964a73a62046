//! `cargo +nightly fuzz run form`; what is tried stands in ../targets/form.rs.
#![no_main]

#[path = "../targets/form.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
