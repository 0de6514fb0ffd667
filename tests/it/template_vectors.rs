//! The vectors under `tests/vectors/lint` and `tests/vectors/preview`, answered natively and in the sandbox, byte for byte.
//!
//! A vector is a folder `<rule>/<case>` with `input.json` and `report.json`, the answer written over several lines.
//! `tests/js` compares the same files in Node.js, in a browser and at the edge. `UPDATE_VECTORS=1` writes the reports
//! anew, to be read in review.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use consentry_core::template::{self, Json};
use consentry_core::wire::template::v1;

use crate::vectors::shipped_engine;

#[derive(Clone)]
struct Vector {
    name: String,
    rule: String,
    input: Vec<u8>,
    expected: String,
    folder: PathBuf,
}

fn vectors(verb: &str) -> Vec<Vector> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(verb);
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let read = |folder: PathBuf| {
        let rule = name(folder.parent().unwrap());
        Vector {
            name: format!("{verb}/{rule}/{}", name(&folder)),
            rule,
            input: fs::read(folder.join("input.json")).expect("a vector has an input"),
            expected: fs::read_to_string(folder.join("report.json")).unwrap_or_default(),
            folder,
        }
    };
    let mut found: Vec<Vector> = folders(&base).iter().flat_map(|rule| folders(rule)).map(read).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The answer over several lines, members in their order.
fn pretty(answer: &str) -> String {
    let document: Json<'_> = serde_json::from_str(answer).unwrap();
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

fn agree(verb: &str, native: fn(&[u8]) -> String, sandboxed: fn(&[u8]) -> Vec<u8>) {
    let update = env::var_os("UPDATE_VECTORS").is_some();
    let mut different = Vec::new();
    for vector in vectors(verb) {
        let answer = native(&vector.input);
        assert_eq!(sandboxed(&vector.input), answer.as_bytes(), "{}: the sandbox differs", vector.name);
        let found = pretty(&answer);
        if update {
            fs::write(vector.folder.join("report.json"), &found).unwrap();
        } else if found != vector.expected {
            different.push(format!("{}: expected\n{}found\n{found}", vector.name, vector.expected));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn every_template_vector_is_linted_alike() {
    agree("lint", v1::lint, |input| shipped_engine().lint(input).unwrap());
}

#[test]
fn every_template_vector_is_drawn_alike() {
    agree("preview", v1::preview, |input| shipped_engine().preview(input).unwrap());
}

#[test]
fn both_at_once_are_what_each_of_them_is() {
    for vector in [vectors("lint"), vectors("preview")].concat() {
        let (lint, preview) = (v1::lint(&vector.input), v1::preview(&vector.input));
        let both = format!(r#"{{"lint":{lint},"preview":{preview}}}"#);
        assert_eq!(v1::judge(&vector.input), both, "{}", vector.name);
    }
}

#[test]
fn every_template_rule_has_a_vector_in_which_it_speaks() {
    for (verb, scope) in [("lint", template::Scope::Template), ("preview", template::Scope::Send)] {
        let spoken: BTreeSet<String> = vectors(verb)
            .into_iter()
            .filter(|vector| vector.expected.contains(&format!("\"code\": \"{}\"", vector.rule)))
            .map(|vector| vector.rule)
            .collect();
        let rules: BTreeSet<String> = template::RULES
            .iter()
            .filter(|rule| rule.scope == scope)
            .map(|rule| rule.id.to_owned())
            .collect();
        assert_eq!(
            rules.difference(&spoken).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{verb}: rules nobody heard"
        );
    }
}
