//! From a fresh clone to a running server.

use std::process::{Command, ExitCode};

use crate::run::{Outcome, not_started};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// Sets up, builds, and becomes `consentry serve`, with a stand-in for Meta unless the arguments name Meta itself.
pub(crate) fn serve(args: &[String]) -> Outcome<ExitCode> {
    let ready = setup(Purpose::Run)?;
    artefacts::build(&ready)?;
    let mut command = Command::new(tree::binary());
    command.arg("serve").args(args);
    // Whoever comes from a fresh clone has no account at Meta; whoever names one does not want to play.
    let names_meta = ["--sandbox", "--graph-url", "--public-url", "--app-id"];
    if !args.iter().any(|arg| names_meta.iter().any(|name| arg.starts_with(name))) {
        command.arg("--sandbox");
    }
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
