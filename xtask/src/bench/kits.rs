//! What the peers need around them: how it is installed, how a program of it is started, which versions it has.
//!
//! A kit that cannot be had says why and takes its peers out of the race; it never stops the bench.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::contest::Clock;
use crate::run::{Outcome, Trouble, ask, run, step};
use crate::setup::install_debian;
use crate::{metadata, oracle, stamp, tree};

/// A language with its packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kit {
    Rust,
    Node,
    /// Node's packages in a page.
    Chromium,
    Python,
    Java,
    Cpp,
}

const CURE: &str = "read its own words above; the bench goes on without it.";
/// What pip installs, and where the release of libphonenumber stands whose port is installed beside it.
const PYTHON_MANIFESTS: [&str; 2] = ["python/requirements.txt", "../../../core/metadata/plans.txt"];
/// Where Debian puts the library.
const JAR: &str = "/usr/share/java/libphonenumber.jar";

/// Installs and compiles what is missing. The reason when that does not work.
pub(super) fn make_ready(kit: Kit) -> Result<(), String> {
    let done = match kit {
        Kit::Rust => rust(),
        Kit::Node | Kit::Chromium => node(),
        Kit::Python => python(),
        Kit::Java => java(),
        Kit::Cpp => cpp(),
    };
    done.map_err(|trouble| {
        println!("  the peers in {kit:?} are left out: {}", trouble.cause());
        format!("not installed: {}", trouble.cause())
    })
}

/// A program of the kit, all but the file. `program` is its name and what it is told.
pub(super) fn command(kit: Kit, program: &[&str], browser: Option<&Path>) -> Command {
    let (name, told) = program.split_first().map_or(("", &[][..]), |(name, told)| (*name, told));
    match kit {
        Kit::Rust => Command::new(built("rust").join("release").join(name)),
        Kit::Cpp => Command::new(built("cpp").join(name)),
        Kit::Node => {
            let mut command = Command::new("node");
            command.arg(source("node").join("peer.mjs")).args(program);
            command
        }
        Kit::Chromium => {
            let mut command = Command::new("node");
            command.arg(source("chromium").join("peer.mjs"));
            if let Some(browser) = browser {
                command.env("CHROMIUM", browser);
            }
            command
        }
        Kit::Python => {
            let mut command = Command::new(interpreter());
            // Bytecode is kept, as it would be after a first use, but not in the checkout.
            command.env("PYTHONPYCACHEPREFIX", built("python").join("bytecode"));
            if let Ok(port) = metadata::release().and_then(|release| oracle::port(&release)) {
                command.env("PYTHONPATH", port);
            }
            command.env_remove("PYTHONDONTWRITEBYTECODE");
            command.arg(source("python").join(format!("{name}.py"))).args(told);
            command
        }
        Kit::Java => {
            let mut command = Command::new("java");
            command.arg("-classpath").arg(format!("{JAR}:{}", built("java").display())).arg(name);
            command
        }
    }
}

/// Compiled programs are whole processes; an interpreter's start is not what its library is measured by.
pub(super) fn clock(kit: Kit) -> Clock {
    match kit {
        Kit::Rust | Kit::Cpp => Clock::Whole,
        Kit::Node | Kit::Python | Kit::Java => Clock::Inside,
        Kit::Chromium => Clock::AlwaysInside,
    }
}

/// The version of a package: as pinned, or for Debian's as installed.
pub(super) fn version(kit: Kit, package: &str) -> String {
    let manifests: &[&str] = match kit {
        Kit::Rust => &["rust/Cargo.toml"],
        Kit::Node | Kit::Chromium => &["node/package.json"],
        Kit::Python => &PYTHON_MANIFESTS,
        Kit::Java | Kit::Cpp => {
            let asked = ask(Command::new("dpkg-query").args(["--show", "--showformat=${Version}", package]));
            return asked.unwrap_or_else(|| "of unknown version".to_owned());
        }
    };
    if package == "phonenumbers" {
        return metadata::release().unwrap_or_else(|_| "of unknown version".to_owned());
    }
    let texts = manifests.iter().map(|file| fs::read_to_string(source(file)).unwrap_or_default());
    pinned(&texts.collect::<String>(), package).unwrap_or("of unknown version").to_owned()
}

/// What stands after a package's name in a manifest of any kind, from its first digit on.
fn pinned<'a>(manifest: &'a str, package: &str) -> Option<&'a str> {
    let rest = manifest.lines().find_map(|line| {
        let rest = line.trim_start_matches([' ', '"']).strip_prefix(package)?;
        rest.starts_with(['"', ' ', '=']).then_some(rest)
    })?;
    let version = &rest[rest.find(|ch: char| ch.is_ascii_digit())?..];
    let end = version.find(|ch: char| !ch.is_ascii_alphanumeric() && !matches!(ch, '.' | '-' | '+'));
    Some(&version[..end.unwrap_or(version.len())])
}

fn rust() -> Outcome {
    step("the peers in Rust", "2 minutes the first time", || {
        let mut cargo = tree::cargo();
        cargo.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]);
        run(cargo.arg(source("rust/Cargo.toml")).arg("--target-dir").arg(built("rust")), CURE)
    })
}

fn node() -> Outcome {
    let folder = source("node");
    let inputs = ["package.json", "package-lock.json"].map(|file| folder.join(file));
    let outputs = [folder.join("node_modules/.package-lock.json")];
    stamp::unless_done("bench-node", &inputs, &outputs, || {
        step("the peers in JavaScript", "10 seconds", || {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
            run(&mut npm, CURE)
        })
    })?;
    Ok(())
}

fn python() -> Outcome {
    let (inputs, place) = (PYTHON_MANIFESTS.map(source), built("python"));
    stamp::unless_done("bench-python", &inputs, &[interpreter()], || {
        oracle::port(&metadata::release()?)?;
        step("the peers in Python", "1 minute", || {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place), CURE)?;
            let mut pip = Command::new(interpreter());
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            run(pip.arg(&inputs[0]), CURE)
        })
    })?;
    Ok(())
}

fn java() -> Outcome {
    debian(Path::new(JAR), "libphonenumber8-java")?;
    if tree::on_path("javac").is_none() {
        return Err(Trouble::new("there is no `javac`", CURE));
    }
    let inputs = [source("java/Peer.java"), JAR.into()];
    stamp::unless_done("bench-java", &inputs, &[built("java").join("Peer.class")], || {
        let mut javac = Command::new("javac");
        run(javac.arg("-d").arg(built("java")).args(["-classpath", JAR]).arg(&inputs[0]), CURE)
    })?;
    Ok(())
}

fn cpp() -> Outcome {
    debian(Path::new("/usr/include/phonenumbers/phonenumberutil.h"), "libphonenumber-dev")?;
    if tree::on_path("g++").is_none() {
        return Err(Trouble::new("there is no `g++`", CURE));
    }
    let (file, folder) = (source("cpp/peer.cc"), built("cpp"));
    let program = folder.join("peer");
    stamp::unless_done("bench-cpp", std::slice::from_ref(&file), std::slice::from_ref(&program), || {
        stamp::write(&folder.join(".here"), b"")?;
        let mut compiler = Command::new("g++");
        compiler.args(["-O3", "-o"]).arg(&program).arg(&file).arg("-lphonenumber");
        run(&mut compiler, CURE)
    })?;
    Ok(())
}

/// A package of Debian, installed when that needs nobody's password.
pub(super) fn debian(file: &Path, package: &str) -> Outcome {
    if file.exists() {
        return Ok(());
    }
    if tree::on_path("apt-get").is_none() || ask(Command::new("id").arg("-u")).is_none_or(|id| id != "0") {
        return Err(Trouble::new(format!("Debian's package {package} is not there"), CURE));
    }
    step(package, "half a minute", || install_debian(&[package]))
}

fn source(name: &str) -> PathBuf {
    tree::root().join("tests/bench/peers").join(name)
}

fn built(kit: &str) -> PathBuf {
    tree::own().join("bench").join(kit)
}

fn interpreter() -> PathBuf {
    built("python").join("bin/python")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_each_kind_of_manifest() {
        assert_eq!(pinned("csv-core = \"=0.1.13\"\ncsv = \"=1.4.0\"", "csv"), Some("1.4.0"));
        assert_eq!(pinned("  \"csv-parse\": \"7.0.3\",", "csv-parse"), Some("7.0.3"));
        assert_eq!(pinned("# pandas\npandas==3.1.1\n", "pandas"), Some("3.1.1"));
        assert_eq!(pinned("pandas==3.1.1", "polars"), None);
    }
}
