//! `benches/RESULTS.md`: each bench has a part of its own there, from its title to the next one's, and leaves the
//! others' as they are.

use std::fs;

use crate::run::Outcome;
use crate::{stamp, tree};

const RESULTS: &str = "benches/RESULTS.md";

/// Puts a part, which begins with its title (`# …`), in the place of the one with the same title, or behind the others.
pub(super) fn keep(part: &str) -> Outcome {
    let path = tree::root().join(RESULTS);
    let old = fs::read_to_string(&path).unwrap_or_default();
    stamp::write(&path, with_part(&old, part).as_bytes())?;
    println!("written to {RESULTS}");
    Ok(())
}

fn with_part(old: &str, part: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for line in old.lines() {
        match parts.last_mut() {
            Some(last) if !line.starts_with("# ") => *last += &format!("{line}\n"),
            _ => parts.push(format!("{line}\n")),
        }
    }
    let title = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    match parts.iter_mut().find(|old| title(old) == title(part)) {
        Some(same) => part.clone_into(same),
        None => parts.push(part.to_owned()),
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_replaces_its_own_and_no_other() {
        let one = with_part("", "# one\n\n## of one\n1\n");
        let both = with_part(&one, "# two\n2\n");
        assert_eq!(both, "# one\n\n## of one\n1\n\n# two\n2\n");
        assert_eq!(with_part(&both, "# one\n3\n"), "# one\n3\n\n# two\n2\n");
        assert_eq!(with_part(&both, "# two\n2\n"), both, "the same again changes nothing");
    }
}
