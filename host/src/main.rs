//! The one binary, `consentry`.

use std::process::ExitCode;

fn main() -> ExitCode {
    consentry_host::allocator::give_back();
    consentry_host::cli::run(std::env::args_os())
}
