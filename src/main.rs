//! The `grantor` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    grantor::cli::run()
}
