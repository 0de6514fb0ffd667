//! Skips work whose inputs have not changed.
//!
//! A stamp is a hash of the *contents* of the inputs: a checkout of another branch and back touches every time
//! of change and no content. Cargo does this for Rust; this is for npm, bundlers and bindings.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::run::{Outcome, file_trouble};
use crate::tree;

/// Raised when the way a step works changes, so that older stamps no longer count.
const RECIPE: u32 = 1;

/// Runs `work` unless it ran before on the same inputs and all of `outputs` are there. True when it ran.
///
/// `inputs` are files or folders (all files below, without `node_modules` and `dist`).
pub(crate) fn unless_done(
    name: &str,
    inputs: &[PathBuf],
    outputs: &[PathBuf],
    work: impl FnOnce() -> Outcome,
) -> Outcome<bool> {
    let stamp = tree::own().join("stamps").join(name);
    let now = hash(inputs)?;
    if outputs.iter().all(|path| path.exists()) && fs::read_to_string(&stamp).is_ok_and(|then| then == now) {
        return Ok(false);
    }
    // A step that fails half way must not look done.
    let _ = fs::remove_file(&stamp);
    work()?;
    write(&stamp, now.as_bytes())?;
    Ok(true)
}

/// Writes a file and its folders.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file_trouble(folder))?;
    }
    fs::write(path, bytes).map_err(file_trouble(path))
}

/// Writes a file only when its content changes, so that what depends on its time of change is left alone.
pub(crate) fn write_changed(path: &Path, bytes: &[u8]) -> Outcome<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    write(path, bytes)?;
    Ok(true)
}

fn hash(inputs: &[PathBuf]) -> Outcome<String> {
    let mut files = BTreeSet::new();
    for input in inputs {
        collect(input, &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    hasher.write_u32(RECIPE);
    for file in files {
        let bytes = fs::read(&file).map_err(file_trouble(&file))?;
        hasher.write(file.to_string_lossy().as_bytes());
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Outcome {
    if !path.is_dir() {
        files.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(file_trouble(path))? {
        let entry = entry.map_err(file_trouble(path))?;
        if !matches!(entry.file_name().to_str(), Some("node_modules" | "dist" | ".vite")) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_follows_content_and_names_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("consentry-stamp-{}", std::process::id()));
        let inputs = [folder.clone()];
        write(&folder.join("a"), b"1").unwrap();
        let first = hash(&inputs).unwrap();
        write(&folder.join("a"), b"1").unwrap();
        write(&folder.join("node_modules/x"), b"1").unwrap();
        assert_eq!(hash(&inputs).unwrap(), first, "same content, and packages are no input");
        write(&folder.join("a"), b"2").unwrap();
        let second = hash(&inputs).unwrap();
        fs::rename(folder.join("a"), folder.join("b")).unwrap();
        let third = hash(&inputs).unwrap();
        assert!(first != second && second != third);
        fs::remove_dir_all(&folder).unwrap();
    }
}
