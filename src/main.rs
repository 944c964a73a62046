//! The `grantor` binary.

fn main() {}
