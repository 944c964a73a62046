//! `cargo +nightly fuzz run redirect_uri`; what is tried stands in ../targets/redirect_uri.rs.
#![no_main]

#[path = "../targets/redirect_uri.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
