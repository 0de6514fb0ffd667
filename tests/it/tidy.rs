//! The rules of the repository itself: who may name whom, what every file must have, what none may hold. They are
//! tests so that they are the same for everybody, and each failure says which file and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use consentry_core::rule::{RULES, Scope};

use crate::vectors::vectors;

/// Lines after which a file must say why it is that long.
const LINES_MAX: usize = 500;
/// Modules of the core, from the ground up. A module may name those of lower layers only, and those that are listed
/// for it here.
const LAYERS: [&[&str]; 5] = [
    &["diagnostic", "rule", "limits", "time", "permission", "json", "simd"],
    &["report", "rows", "csv", "phone", "delivery"],
    &["render", "consent", "template", "webhook", "matching"],
    &["campaign"],
    &["wire"],
];
/// Arrows within a layer: a diagnostic carries a rule's code, and is clipped to a limit.
const NEIGHBOURS: [(&str, &str); 2] = [("diagnostic", "rule"), ("diagnostic", "limits")];
/// What the host may name of the core: it takes its verdicts from the sandboxed engine.
const HOST_MAY_NAME: [&str; 10] =
    ["wire", "limits", "matching", "campaign", "rows", "rule", "time", "render", "diagnostic", "delivery"];
/// The one place in the host where the core judges outside of the sandbox: a file that stays the caller's own.
const NATIVE: &str = "host/src/native.rs";
/// Files in which types may derive serde: each is a frozen format.
const SERDE_FILES: [&str; 4] = ["v1.rs", "payload.rs", "record.rs", "config.rs"];

/// A text file of the repository.
struct Source {
    /// From the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    fn is_under(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    fn ends(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file that belongs to the repository: known to git, or new and not ignored.
fn sources() -> Vec<Source> {
    let listed = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .expect("git lists the files of a checkout");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let paths = String::from_utf8(listed.stdout).expect("paths here are UTF-8");
    // Vectors are bytes of all kinds, hostile ones among them, and no text of ours.
    let ours = paths.split('\0').filter(|path| !path.is_empty() && !path.starts_with("tests/vectors/"));
    let read = |path: &str| {
        Some(Source { path: path.to_owned(), text: fs::read_to_string(root().join(path)).ok()? })
    };
    let found: Vec<Source> = ours.filter_map(read).collect();
    assert!(found.len() > 50, "only {} files were listed", found.len());
    found
}

/// Fails with every violation at once.
#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

/// Modules of a crate that a Rust text names after this prefix (`crate::`, `consentry_core::`), with their lines.
/// Comments count as well: a doc link is an arrow, too.
fn named<'a>(text: &'a str, prefix: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for (start, _) in line.match_indices(prefix) {
            if line[..start].ends_with(|ch: char| ch.is_alphanumeric() || ch == '_') {
                continue;
            }
            let rest = &line[start + prefix.len()..];
            let list = rest.strip_prefix('{').map_or(rest, |list| list.split('}').next().unwrap_or(list));
            let items = if list.len() == rest.len() { vec![rest] } else { list.split(',').collect() };
            for item in items {
                let name = item.trim();
                let end =
                    name.find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_').unwrap_or(name.len());
                if end > 0 && name.starts_with(|ch: char| ch.is_ascii_lowercase()) {
                    found.push((at + 1, &name[..end]));
                }
            }
        }
    }
    found
}

/// The text before its unit tests, which may use what they like.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn names_are_found_however_they_are_written() {
    let text = "use crate::csv::Reader;\nuse crate::{report, wire::v1 as w};\n/// [`crate::rule::RULES`]\nmycrate::x; crate::limits::A + crate::Q";
    assert_eq!(named(text, "crate::"), [(1, "csv"), (2, "report"), (2, "wire"), (3, "rule"), (4, "limits")]);
}

#[test]
fn arrows_in_the_core_point_downward() {
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut violations = Vec::new();
    for source in sources() {
        let Some(path) = source.path.strip_prefix("core/src/") else { continue };
        let module = path.split(['/', '.']).next().unwrap_or(path);
        if module == "lib" {
            continue;
        }
        let Some(own) = layer(module) else {
            violations.push(format!("{}: `{module}` has no layer; give it one in tidy.rs", source.path));
            continue;
        };
        for (line, other) in named(without_tests(&source.text), "crate::") {
            let downward = other == module || layer(other).is_some_and(|layer| layer < own);
            if !downward && !NEIGHBOURS.contains(&(module, other)) {
                violations.push(format!("{}:{line}: `{module}` must not name `{other}`", source.path));
            }
        }
    }
    none(&violations);
}

#[test]
fn the_host_names_only_the_wire_and_its_vocabulary() {
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| source.is_under("host/src")) {
        for (line, module) in named(&source.text, "consentry_core::") {
            if !(HOST_MAY_NAME.contains(&module) || source.path == NATIVE && module == "consent") {
                violations
                    .push(format!("{}:{line}: the host must not name `{module}` of the core", source.path));
            }
        }
    }
    none(&violations);
}

#[test]
fn shells_never_name_each_other() {
    let crates = [
        "consentry_wasm",
        "consentry_wasm_unpack",
        "consentry_wasm_template",
        "consentry_host",
        "consentry_edge_worker",
    ];
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| source.ends(&[".rs"])) {
        let own = match source.path.split('/').next() {
            // The tests and the build tool stand above all shells.
            Some("tests" | "xtask") => continue,
            Some("host") => "consentry_host",
            _ => "",
        };
        for name in crates.iter().filter(|name| **name != own && source.text.contains(&format!("{name}::"))) {
            violations.push(format!("{}: names the shell `{name}`", source.path));
        }
    }
    none(&violations);
}

#[test]
fn formats_live_in_files_that_say_so() {
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| source.ends(&[".rs"]) && !source.is_under("tests")) {
        let derives = source.text.match_indices("derive(").any(|(start, _)| {
            let list = source.text[start..].split(')').next().unwrap_or_default();
            list.contains("Serialize") || list.contains("Deserialize")
        });
        if derives && !SERDE_FILES.contains(&source.name()) {
            violations.push(format!("{}: derives serde; formats live in {SERDE_FILES:?}", source.path));
        }
    }
    none(&violations);
}

#[test]
fn every_source_file_says_why_it_exists() {
    let mut violations = Vec::new();
    for source in sources() {
        let says = |starts: &[&str]| starts.iter().any(|start| source.text.starts_with(start));
        let documented = match source.path.rsplit('.').next() {
            Some("rs") => says(&["//! "]),
            Some("ts" | "tsx" | "js" | "mjs") => says(&["// ", "/** ", "/*"]),
            Some("css") => says(&["/*"]),
            Some("py") => source.text.trim_start_matches("#!/usr/bin/env python3\n").starts_with(['#', '"']),
            Some("sql") => says(&["--"]),
            _ => true,
        };
        if !documented {
            violations.push(format!("{}: begins without saying why it exists", source.path));
        }
    }
    none(&violations);
}

#[test]
fn long_files_say_why_they_are_long() {
    let mut violations = Vec::new();
    for source in
        sources().iter().filter(|source| source.ends(&[".rs", ".ts", ".tsx", ".mjs", ".css", ".py"]))
    {
        let lines = source.text.lines().count();
        let header = source.text.lines().take_while(|line| line.starts_with([' ', '*', '/', '#']));
        let header = header.collect::<Vec<_>>().join(" ");
        if lines > LINES_MAX && !(header.contains("lines") && header.contains("because")) {
            let path = &source.path;
            violations
                .push(format!("{path}: {lines} lines, and no sentence in its header says because of what"));
        }
    }
    none(&violations);
}

#[test]
fn no_file_is_a_drawer_for_everything() {
    let mut violations = Vec::new();
    for source in sources() {
        let mut parts = source.path.split(['/', '.']);
        if let Some(part) = parts.find(|part| {
            ["util", "utils", "helper", "helpers", "manager", "common", "misc"]
                .contains(&part.to_ascii_lowercase().as_str())
        }) {
            violations.push(format!("{}: `{part}` says nothing about what is inside", source.path));
        }
    }
    none(&violations);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    // Put together here, so that this file does not hold them itself.
    let folders = ["work", "root", "tmp/spike", "farm", "home"].map(|folder| format!("/{folder}/"));
    let registry = ["registry.npm", "js"].concat();
    let hosts = [
        registry.clone(),
        ["index.", "crates.", "io"].concat(),
        ["static.", "crates.", "io"].concat(),
        ["registry.", "yarnpkg"].concat(),
        ["files.python", "hosted"].concat(),
        ["arti", "factory"].concat(),
        ["jf", "rog"].concat(),
    ];
    let mut violations = Vec::new();
    for source in sources() {
        // The lock file of npm holds the address of the public registry in every entry.
        let lock = source.name() == "package-lock.json";
        for (at, line) in source.text.lines().enumerate() {
            let stands_here = |folder: &&String| {
                line.match_indices(folder.as_str()).any(|(start, _)| begins_a_path(line, start))
            };
            let path = folders.iter().find(stands_here);
            let host = hosts.iter().find(|host| line.contains(*host) && !(lock && **host == registry));
            if let Some(found) = path.or(host) {
                violations.push(format!("{}:{}: holds `{found}`", source.path, at + 1));
            }
        }
    }
    none(&violations);
}

/// Whether an absolute path begins here, rather than a part of an address or of a longer path.
fn begins_a_path(line: &str, start: usize) -> bool {
    !line[..start].ends_with(|ch: char| ch.is_alphanumeric() || matches!(ch, '.' | '-' | '_' | '}' | '*'))
}

#[test]
fn nothing_is_left_undone() {
    let marks =
        ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "XX".to_owned() + "X:", "#[ig".to_owned() + "nore"];
    let mut violations = Vec::new();
    for source in
        sources().iter().filter(|source| source.ends(&[".rs", ".ts", ".tsx", ".mjs", ".js", ".py", ".sql"]))
    {
        for (at, line) in source.text.lines().enumerate() {
            if let Some(mark) = marks.iter().find(|mark| line.contains(mark.as_str())) {
                violations.push(format!("{}:{}: `{mark}`", source.path, at + 1));
            }
        }
    }
    none(&violations);
}

#[test]
fn every_rule_has_a_vector_in_which_it_speaks() {
    let mut spoken: BTreeMap<String, bool> = BTreeMap::new();
    for vector in vectors() {
        *spoken.entry(vector.rule.clone()).or_default() |=
            vector.expected.contains(&format!("\"code\": \"{}\"", vector.rule));
        assert!(!vector.expected.is_empty(), "{}: report.json is missing", vector.name);
    }
    let by_check = RULES.iter().filter(|rule| rule.scope != Scope::Import).map(|rule| rule.id.to_owned());
    let rules: BTreeSet<String> = by_check.collect();
    assert_eq!(
        spoken.keys().cloned().collect::<BTreeSet<_>>(),
        rules,
        "a folder for every rule, and none else"
    );
    let silent: Vec<String> =
        spoken.into_iter().filter(|(_, speaks)| !speaks).map(|(rule, _)| rule).collect();
    none(&silent);
}

#[test]
fn what_people_read_first_is_short() {
    for (path, lines_max) in [("README.md", 80), ("ARCHITECTURE.md", 150)] {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        let lines = text.lines().count();
        assert!(lines <= lines_max, "{path} has {lines} lines; {lines_max} is what somebody reads");
    }
}
