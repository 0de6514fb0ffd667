//! The stand-in for Meta's API, asked over real HTTP: it must say what Meta documents, or the product would be tested
//! against wishes.

mod accounts;
mod client;
mod review;
mod sending;
mod templates;
mod webhooks;

use std::fs;
use std::path::Path;

use consentry_host::sandbox::{Options, Pace, Sandbox, Scenario};

#[test]
fn the_documented_scenario_starts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sandbox.md");
    let text = fs::read_to_string(path).unwrap();
    let example = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let scenario = Scenario::parse(example).unwrap();
    let keys = (scenario.fault.len(), scenario.verdict[0].then.len(), scenario.person.len());
    assert_eq!(keys, (4, 3, 2), "all of it was read");
    Sandbox::start(Options { port: 0, scenario, start_ms: client::START_MS, pace: Pace::Manual }).unwrap();
    let unknown = Scenario::parse("[people]\nreads = 0.5\n").unwrap_err();
    assert!(unknown.contains("reads"), "{unknown}");
}

#[test]
fn the_stand_in_uses_nothing_of_what_it_tests() {
    fn look(folder: &Path) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files += look(&path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for name in ["consentry_core", "crate::"] {
                assert!(!text.contains(name), "{} names `{name}`", path.display());
            }
            files += 1;
        }
        files
    }
    let files = look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/src/sandbox"));
    assert!(files > 30, "only {files} files were looked at");
}
