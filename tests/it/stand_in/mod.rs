//! The stand-in for Meta's API, asked over real HTTP: it must say what Meta documents, or the product would be tested
//! against wishes.

mod accounts;
mod client;
mod previews;
mod review;
mod sending;
mod templates;
mod webhooks;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use consentry_host::sandbox::{Options, Pace, Sandbox, Scenario, example};

#[test]
fn the_documented_scenario_starts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sandbox.md");
    let text = fs::read_to_string(path).unwrap();
    let example = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let scenario = Scenario::parse(example).unwrap();
    let keys = (scenario.fault.len(), scenario.verdict[0].then.len(), scenario.person.len());
    assert_eq!(keys, (5, 3, 2), "all of it was read");
    Sandbox::start(Options { port: 0, scenario, start_ms: client::START_MS, pace: Pace::Manual }).unwrap();
    for (text, says) in [
        ("[people]\nreads = 0.5\n", "reads"),
        ("[people]\nread = 1.5\n", "people.read"),
        ("[review]\ndelay_ms = [2, 1]\n", "review.delay_ms"),
        ("speed = 0.0\n", "speed"),
        ("[[app]]\nid = \"1\"\nsecret = \"s\"\ncallback = \"https://example.com\"\n", "app.callback"),
        ("[[fault]]\nroute = \"*\"\ncut = \"never\"\n", "never"),
    ] {
        let why = Scenario::parse(text).unwrap_err();
        assert!(why.contains(says), "{text}: {why}");
    }
}

#[test]
fn serve_starts_it_beside_the_product() {
    let program = crate::program::Program::new();
    program.write("scenario.toml", "speed = 10.0\n[people]\nread = 2.0\n");
    let refused = program.run(&["serve", "--port", "0", "--sandbox", "--scenario", "scenario.toml"]);
    refused.assert_refused(&["scenario.toml", "people.read"]);
    program.write("scenario.toml", "speed = 10.0\n");
    let (_server, said) = program.serve_saying(&["--sandbox", "--scenario", "scenario.toml"], &[]);
    let address = said.split("http://").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let path = format!("/v26.0/{}", example::WABA_ID);
    let head = format!("GET {path} HTTP/1.0\r\nauthorization: Bearer {}\r\n\r\n", example::TOKEN);
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("Sandbox Shop") && answer.contains("x-sandbox"), "{answer}");
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
