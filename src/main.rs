//! The `grantor` binary.

use std::process::ExitCode;

/// Requests allocate on one thread and free on another; glibc's arenas answer that with locks, and keep what a burst took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    grantor::cli::run()
}
