//! Rules about source files.

use std::fs;
use std::path::{Path, PathBuf};

use kvd_tests::process::repository;

use super::{Faults, functions};

/// Files of nothing but data may be longer than a person wants to read.
const DATA_TABLES: [&str; 1] = ["crates/catalog/src/table/"];
const FILE_LINES_MAX: usize = 800;
const ROOT_LINES_MAX: usize = 120;
const BANNED_NAMES: [&str; 6] = ["utils", "common", "helpers", "misc", "types", "prelude"];
/// Crates that need `unsafe` for memory layout or prefetch.
const UNSAFE_CRATES: [&str; 2] = ["crates/dict/", "crates/keyspace/"];
/// Folders that hold no sources of ours.
const PASSED_OVER: [&str; 4] = ["target", "node_modules", "corpus", "artifacts"];
/// Words for work that was put off, written so that this file doesn't hold them.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// The text files of a tree, by their paths from its root.
pub(crate) struct Sources {
    files: Vec<(String, String)>,
}

impl Sources {
    pub(crate) fn of_repository() -> Self {
        let mut files = Vec::new();
        for path in paths_below(repository(), &["rs", "toml", "sh", "md", "py", "mjs"]) {
            let name = path.strip_prefix(repository()).unwrap_or(&path).to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
        assert!(files.len() > 10, "the repository is not at {}", repository().display());
        Self { files }
    }

    fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(crate) fn long_files(&self) -> Faults {
        let code = self.rust().filter(|(path, _)| !DATA_TABLES.iter().any(|table| path.starts_with(table)));
        code.filter_map(|(path, text)| too_long(path, text, FILE_LINES_MAX)).collect()
    }

    pub(crate) fn long_roots(&self) -> Faults {
        let roots = self.rust().filter(|(path, _)| path.ends_with("/src/lib.rs"));
        roots.filter_map(|(path, text)| too_long(path, text, ROOT_LINES_MAX)).collect()
    }

    pub(crate) fn logic_in_mod_files(&self) -> Faults {
        let mods = self.rust().filter(|(path, _)| path.ends_with("/mod.rs") && path.contains("/src/"));
        let mods = mods.filter(|(path, _)| !DATA_TABLES.iter().any(|table| path.starts_with(table)));
        mods.flat_map(|(path, text)| functions::logic(path, text)).collect()
    }

    pub(crate) fn long_functions(&self) -> Faults {
        self.rust().flat_map(|(path, text)| functions::too_long(path, text)).collect()
    }

    pub(crate) fn banned_names(&self) -> Faults {
        let banned =
            |path: &str| path.split('/').any(|part| BANNED_NAMES.contains(&part.trim_end_matches(".rs")));
        let faults = self.rust().filter(|(path, _)| banned(path));
        faults.map(|(path, _)| format!("{path}:1: name it after its subject, not {BANNED_NAMES:?}")).collect()
    }

    pub(crate) fn missing_forbid(&self) -> Faults {
        let is_root = |path: &str| path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs");
        let roots = self.rust().filter(|(path, _)| is_root(path));
        let safe = roots.filter(|(path, _)| !UNSAFE_CRATES.iter().any(|crates| path.starts_with(crates)));
        let lacking = safe.filter(|(_, text)| !text.contains("#![forbid(unsafe_code)]"));
        lacking.map(|(path, _)| format!("{path}:1: #![forbid(unsafe_code)] is missing")).collect()
    }

    pub(crate) fn allow_attributes(&self) -> Faults {
        let is_allow = |line: &str| {
            line.trim_start().starts_with("#[allow(") || line.trim_start().starts_with("#![allow(")
        };
        self.lines(is_allow, "#[expect(lint, reason = \"…\")] instead of allow")
    }

    pub(crate) fn unfinished(&self) -> Faults {
        self.lines(
            |line| words(line).any(|word| UNFINISHED.contains(&word)),
            "finish it, or write an issue: words for later have no place here",
        )
    }

    fn lines(&self, is_fault: impl Fn(&str) -> bool, rule: &str) -> Faults {
        let mut faults = Vec::new();
        for (path, text) in &self.files {
            let lines = text.lines().enumerate().filter(|(_, line)| is_fault(line));
            faults.extend(lines.map(|(index, _)| format!("{path}:{}: {rule}", index + 1)));
        }
        faults
    }
}

/// Files below `root` with one of these extensions, in order, generated and foreign folders passed over.
pub(crate) fn paths_below(root: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !name.starts_with('.') && !PASSED_OVER.contains(&name.as_ref()) {
                    folders.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn too_long(path: &str, text: &str, lines_max: usize) -> Option<String> {
    let lines = text.lines().count();
    (lines > lines_max).then(|| format!("{path}:{lines_max}: {lines} lines, {lines_max} is the wall"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(path: &str, text: &str) -> Sources {
        Sources { files: vec![(path.to_owned(), text.to_owned())] }
    }

    #[test]
    fn each_rule_finds_its_fault() {
        let long = "//\n".repeat(FILE_LINES_MAX + 1);
        assert_eq!(sources("crates/x/src/a.rs", &long).long_files().len(), 1);
        assert_eq!(sources("crates/x/src/lib.rs", &"//\n".repeat(121)).long_roots().len(), 1);
        assert_eq!(sources("crates/x/src/utils.rs", "").banned_names().len(), 1);
        assert_eq!(sources("crates/x/src/misc/a.rs", "").banned_names().len(), 1);
        assert_eq!(sources("crates/x/src/lib.rs", "//! x").missing_forbid().len(), 1);
        assert_eq!(sources("a.rs", "x\n  #[allow(dead_code)]").allow_attributes().len(), 1);
        assert_eq!(sources("a.md", &format!("{}: x", UNFINISHED[0])).unfinished().len(), 1);
        assert_eq!(sources("crates/x/src/y/mod.rs", "fn f() {}").logic_in_mod_files().len(), 1);
    }

    #[test]
    fn what_the_rules_permit_is_no_fault() {
        assert!(sources("crates/catalog/src/table/set.rs", &"//\n".repeat(900)).long_files().is_empty());
        assert!(sources("crates/dict/src/lib.rs", "//! x").missing_forbid().is_empty());
        assert!(
            sources("crates/x/src/y/mod.rs", "//! D\nmod a;\npub use a::B;").logic_in_mod_files().is_empty()
        );
        assert!(sources("a.rs", "// XXXL mastodon").unfinished().is_empty());
        assert!(sources("crates/commands/src/lists/mod.rs", "fn add() {}").logic_in_mod_files().is_empty());
    }
}
