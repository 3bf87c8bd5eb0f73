//! The files that an `include` of the configuration names.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use config::Included;

/// Reads the files that a path or pattern names, as seen from a folder, in the order of their names. A plain path must lead to a file; a pattern may
/// match none.
pub(crate) fn include(pattern: &[u8], folder: &Path) -> io::Result<Included> {
    let path = Path::new(OsStr::from_bytes(pattern));
    let files = if is_pattern(pattern) { expand(path, folder) } else { vec![path.to_owned()] };
    files
        .into_iter()
        .map(|file| Ok((file.display().to_string(), std::fs::read(folder.join(&file))?)))
        .collect()
}

fn is_pattern(text: &[u8]) -> bool {
    text.iter().any(|byte| b"*?[".contains(byte))
}

/// The paths that match, part by part.
fn expand(pattern: &Path, seen_from: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        found = match part {
            Component::Normal(name) if is_pattern(name.as_bytes()) => {
                found.iter().flat_map(|folder| matching(folder, name.as_bytes(), seen_from)).collect()
            }
            part => found.into_iter().map(|folder| folder.join(part)).collect(),
        };
    }
    found
}

fn matching(folder: &Path, pattern: &[u8], seen_from: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(seen_from.join(folder)) else { return Vec::new() };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    // As in a shell, a pattern shows hidden files only if it begins with the dot itself.
    let shown = names.filter(|name| !name.as_bytes().starts_with(b".") || pattern.starts_with(b"."));
    let mut matching: Vec<PathBuf> =
        shown.filter(|name| glob::matches(pattern, name.as_bytes())).map(|name| folder.join(name)).collect();
    matching.sort_unstable();
    matching
}
