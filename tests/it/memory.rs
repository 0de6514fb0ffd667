//! How much memory a piece of work takes at its peak, as the kernel counts it.

use std::process::Command;
use std::{env, fs};

/// Bytes in a mebibyte.
pub(crate) const MIB: u64 = 1024 * 1024;

/// Names the one test that this process was started for.
const ALONE: &str = "CONSENTRY_TEST_ALONE";

/// True in a process that runs this test and nothing else, so that what other tests take is not counted. In any
/// other process it starts that one, and fails if it fails.
#[expect(clippy::print_stdout, reason = "the figures belong to the output of the test that asked")]
pub(crate) fn alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some_and(|name| name == test) {
        return true;
    }
    let this = env::current_exe().expect("a test runs from a file");
    let run = Command::new(this).args([test, "--exact", "--nocapture"]).env(ALONE, test).output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && told.contains("1 passed"), "{told}");
    print!("{told}");
    false
}

/// The highest resident size while the work ran less the size before, in bytes; 0 where the kernel does not tell.
pub(crate) fn peak_growth_bytes(work: impl FnOnce()) -> u64 {
    // Writing 5 makes the kernel forget the peak so far.
    if fs::write("/proc/self/clear_refs", "5").is_err() {
        work();
        return 0;
    }
    let before = status_bytes("VmRSS:");
    work();
    status_bytes("VmHWM:").saturating_sub(before)
}

fn status_bytes(field: &str) -> u64 {
    bytes_of("self", field).expect("the kernel states it")
}

/// What the kernel says of a process; none where it does not tell.
pub(crate) fn bytes_of(process: &str, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024)
}
