//! The rules of the code base that a program can check. Each is one test; its message names the place.
//!
//! Rust is read with `syn`, which knows raw strings, nested comments and lifetimes from character literals, rather
//! than by counting braces; it is a dependency of this test alone.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod functions;
mod manifests;
mod sources;

use manifests::Manifests;
use sources::Sources;

/// A rule that is broken somewhere: `path:line: what is wrong`.
type Faults = Vec<String>;

#[test]
fn crates_know_only_crates_of_lower_layers() {
    check(&Manifests::of_repository().layers());
}

#[test]
fn crates_say_what_they_are() {
    check(&Manifests::of_repository().descriptions());
}

#[test]
fn published_crates_have_a_readme_that_is_tested() {
    check(&Manifests::of_repository().readmes());
}

#[test]
fn dependencies_have_their_reasons_written_down() {
    check(&Manifests::of_repository().reasons());
}

#[test]
fn fuzz_targets_are_listed() {
    check(&Manifests::of_repository().fuzz_targets());
}

#[test]
fn files_fit_in_800_lines() {
    check(&Sources::of_repository().long_files());
}

#[test]
fn crate_roots_are_contents_pages() {
    check(&Sources::of_repository().long_roots());
}

#[test]
fn mod_files_hold_no_logic() {
    check(&Sources::of_repository().logic_in_mod_files());
}

#[test]
fn functions_fit_in_70_lines() {
    check(&Sources::of_repository().long_functions());
}

#[test]
fn files_are_named_after_their_subject() {
    check(&Sources::of_repository().banned_names());
}

#[test]
fn unsafe_code_stays_where_it_belongs() {
    check(&Sources::of_repository().missing_forbid());
}

#[test]
fn lints_are_expected_not_allowed() {
    check(&Sources::of_repository().allow_attributes());
}

#[test]
fn nothing_is_left_to_do() {
    check(&Sources::of_repository().unfinished());
}

fn check(faults: &Faults) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
