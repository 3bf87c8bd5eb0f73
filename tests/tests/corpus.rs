//! The fuzz targets' inputs, replayed: seeds, what was once found, and transcripts.
//!
//! `KVD_BLESS=1 cargo test -p kvd-tests --test corpus` writes the dictionaries anew.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "a switch comes from the environment")]

use std::alloc::System;
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use keyspace::memory::Counting;
use kvd_tests::fuzzing::{self, TARGETS};
use kvd_tests::process::repository;

/// Some targets look at how much memory is in use.
#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

/// The most files that a target begins with: a fuzzer reads all of them first.
const SEEDS_MAX: usize = 60;

fn fuzz() -> PathBuf {
    repository().join("fuzz")
}

/// The files of a folder that may not exist.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn names(folder: &Path) -> BTreeSet<String> {
    files(folder).iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_input_passes() {
    let mut failed = Vec::new();
    for (target, check) in TARGETS {
        let mut run = |name: String, bytes: &[u8]| {
            if catch_unwind(|| check(bytes)).is_err() {
                failed.push(format!("{target}: {name}"));
            }
        };
        for folder in ["seeds", "regressions"] {
            for path in files(&fuzz().join(folder).join(target)) {
                run(path.display().to_string(), &fs::read(&path).unwrap());
            }
        }
        let seeds = fuzzing::transcript_seeds(&repository().join("tests/transcripts")).unwrap();
        for seed in seeds.into_iter().filter(|seed| seed.target == target) {
            run(seed.name, &seed.bytes);
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn every_target_has_its_function_and_its_seeds() {
    let listed: BTreeSet<String> = TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), listed, "fuzz/fuzz_targets and fuzzing::TARGETS");
    for target in &listed {
        let seeds = files(&fuzz().join("seeds").join(target)).len();
        assert!((1..=SEEDS_MAX).contains(&seeds), "fuzz/seeds/{target} has {seeds} files");
        let main = fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{target}.rs"))).unwrap();
        assert!(
            main.contains(&format!("kvd_tests::fuzzing::{target}(input)")),
            "{target} calls its function"
        );
    }
    for folder in ["seeds", "regressions"] {
        let strangers: Vec<_> = names(&fuzz().join(folder)).difference(&listed).cloned().collect();
        assert!(strangers.iter().all(|name| name == "README"), "fuzz/{folder} has {strangers:?}");
    }
}

#[test]
fn dictionaries_are_up_to_date() {
    let folder = fuzz().join("dictionaries");
    for (name, text) in
        [("commands.dict", fuzzing::commands_dictionary()), ("config.dict", fuzzing::config_dictionary())]
    {
        let path = folder.join(name);
        if std::env::var_os("KVD_BLESS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "{name} is out of date: KVD_BLESS=1 cargo test -p kvd-tests --test corpus");
    }
    for path in files(&folder) {
        assert!(fuzzing::is_dictionary(&fs::read_to_string(&path).unwrap()), "{}", path.display());
    }
}
