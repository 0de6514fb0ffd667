//! A newer version of the numbering plans, from libphonenumber's XML or from its Python port.
//!
//! The translation itself is `core/metadata/refresh.py`; README.md beside it says what to do afterwards.

use std::fs;
use std::process::Command;

use crate::run::{Outcome, Trouble, file_trouble, run};
use crate::{oracle, tree};

const PLANS: &str = "core/metadata/plans.txt";
const AFTERWARDS: &str = "\
next: `cargo xtask oracle`, then the vectors; core/metadata/README.md has the commands";

/// Writes the plans of this release and prints what changed. `args` is the release and, if wanted, its XML.
pub(crate) fn refresh(args: &[String]) -> Outcome {
    let (release, xml) = match args {
        [release] => (release, None),
        [release, xml] => (release, Some(xml)),
        _ => return Err(Trouble::new("`metadata` takes a release and perhaps its XML", EXAMPLE)),
    };
    if !is_release(release) {
        return Err(Trouble::new(format!("`{release}` is no release of libphonenumber"), EXAMPLE));
    }
    let mut refreshing = translation(release);
    match xml {
        // Where the person stands, not where the checkout is.
        Some(xml) => refreshing.arg(fs::canonicalize(xml).map_err(file_trouble(xml.as_ref()))?),
        None => refreshing.env("PYTHONPATH", oracle::port(release)?),
    };
    run(&mut refreshing, "read what python3 says above; core/metadata/plans.txt is as it was.")?;
    println!("{AFTERWARDS}");
    Ok(())
}

/// Fails if the plans are not what the port of their release knows.
pub(crate) fn verify() -> Outcome {
    let release = release()?;
    let mut comparing = translation(&release);
    comparing.arg("--check").env("PYTHONPATH", oracle::port(&release)?);
    run(&mut comparing, &format!("run `cargo xtask metadata {release}`, or a newer one; never edit {PLANS}."))
}

/// The release of libphonenumber whose plans are compiled in.
pub(crate) fn release() -> Outcome<String> {
    let path = tree::root().join(PLANS);
    let plans = fs::read_to_string(&path).map_err(file_trouble(&path))?;
    let release = plans.lines().find_map(|line| line.strip_prefix("version "));
    release.filter(|release| is_release(release)).map(str::to_owned).ok_or_else(|| {
        Trouble::new(format!("{PLANS} does not name its version"), "restore the file from git.")
    })
}

const EXAMPLE: &str = "for example `cargo xtask metadata 9.0.43`, or with its XML as a second word.";

/// The name becomes part of a command and of a path.
fn is_release(text: &str) -> bool {
    let parts = text.split('.');
    parts.clone().count() == 3 && parts.into_iter().all(|part| part.parse::<u16>().is_ok())
}

fn translation(release: &str) -> Command {
    let mut python = Command::new("python3");
    python.current_dir(tree::root()).args(["core/metadata/refresh.py", release]);
    python
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_release_is_one() {
        assert!(is_release("9.0.43"));
        for other in ["", "9.0", "9.0.43.1", "9.0.x", "../9.0", "9.0.-1", "latest"] {
            assert!(!is_release(other), "{other}");
        }
    }

    #[test]
    fn the_plans_name_their_release() {
        assert!(is_release(&release().expect("the checkout has its plans")));
    }
}
