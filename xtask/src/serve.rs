//! From a fresh clone to a running server.

use std::process::{Command, ExitCode};

use crate::run::{Outcome, not_started};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// Sets up, builds, and becomes `consentry serve`.
pub(crate) fn serve(args: &[String]) -> Outcome<ExitCode> {
    let ready = setup(Purpose::Run)?;
    artefacts::build(&ready)?;
    let mut command = Command::new(tree::binary());
    command.arg("serve").args(args);
    become_it(command)
}

/// Replaces this process, so that Ctrl-C and the exit code are the server's own.
#[cfg(unix)]
fn become_it(mut command: Command) -> Outcome<ExitCode> {
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    Err(not_started(&command, &error))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Outcome<ExitCode> {
    let status = command.status().map_err(|error| not_started(&command, &error))?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
}
