//! How a step of work is shown and how its failure is told: cause first, then what to do about it.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a step gives, or why it could not.
pub(crate) type Outcome<T = ()> = Result<T, Trouble>;

/// Something went wrong: what, and what the person in front of the terminal can do.
#[derive(Debug)]
pub(crate) struct Trouble {
    cause: String,
    cure: String,
}

impl Trouble {
    /// `cause` is one line; `cure` one paragraph.
    pub(crate) fn new(cause: impl Display, cure: impl Display) -> Self {
        Self { cause: cause.to_string(), cure: cure.to_string() }
    }

    /// What went wrong, for those who carry on without it.
    pub(crate) fn cause(&self) -> &str {
        &self.cause
    }

    /// To standard output, where everything else of this program goes, so that the order is kept.
    pub(crate) fn print(&self) {
        println!("\nfailed: {}\nwhat to do: {}", self.cause, self.cure);
    }
}

/// Says what is done and how long it may take, does it, and says how long it took.
pub(crate) fn step<T>(name: &str, expectation: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("→ {name} ({expectation})");
    let start = Instant::now();
    let outcome = work();
    let verdict = if outcome.is_ok() { "done" } else { "FAILED" };
    println!("  {name}: {verdict} in {}", seconds(start.elapsed()));
    outcome
}

/// A duration for people.
pub(crate) fn seconds(time: Duration) -> String {
    if time.as_secs() < 60 {
        format!("{:.1} s", time.as_secs_f32())
    } else {
        format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// Runs a command with its output shown, and fails with `cure` when the command does.
pub(crate) fn run(command: &mut Command, cure: &str) -> Outcome {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Trouble::new(format!("{} ended with {status}; its own words are above", shown(command)), cure))
}

/// Runs a command and gives what it wrote to standard output; none when it fails or is not there.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command silently; false when it fails, is not there, or takes longer than `limit`.
pub(crate) fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = spawned else { return false };
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if start.elapsed() < limit => thread::sleep(Duration::from_millis(50)),
            _ => {
                // It may have ended in this very moment; either way it is not waited for any longer.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// The trouble of a command that could not even start.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> Trouble {
    let program = command.get_program().to_string_lossy();
    let cure = match error.kind() {
        ErrorKind::NotFound => {
            format!("install `{program}` and make sure that it is on the PATH, then try again.")
        }
        _ => format!("find out why `{program}` cannot be run here, then try again."),
    };
    Trouble::new(format!("`{program}` could not be started: {error}"), cure)
}

/// The trouble of a file that could not be read or written.
pub(crate) fn file_trouble(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Trouble {
    let path = path.display().to_string();
    move |error| {
        Trouble::new(
            format!("`{path}`: {error}"),
            "check that the file and its folder are readable and writable, and that the disk is not full.",
        )
    }
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    format!("`{}`", words.join(" "))
}
