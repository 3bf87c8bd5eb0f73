//! Crates that are published hold what their users need and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "cargo names itself in the environment")]

use std::fs;
use std::process::Command;

use kvd_tests::process::repository;
use toml::Table;

/// What every package holds; cargo adds the manifest and the state of the repository.
const REQUIRED: [&str; 4] = ["Cargo.toml", "LICENSE", "README.md", "src/lib.rs"];
const FOLDERS: [&str; 2] = ["src/", "examples/"];
const ADDED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];

/// The crates with a page of their own: name of the package and its manifest.
fn published() -> Vec<(String, Table)> {
    let manifests = fs::read_dir(repository().join("crates")).unwrap().filter_map(|entry| {
        let text = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).ok()?;
        let manifest: Table = text.parse().unwrap();
        manifest["package"].get("readme")?;
        Some((manifest["package"]["name"].as_str().unwrap().to_owned(), manifest))
    });
    let mut published: Vec<_> = manifests.collect();
    published.sort_by(|one, other| one.0.cmp(&other.0));
    published
}

#[test]
fn packages_hold_sources_examples_licence_and_page() {
    let published = published();
    assert!(published.len() >= 4);
    for (name, _) in published {
        let mut list = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        list.args(["package", "--list", "--allow-dirty", "--quiet", "-p", &name]).current_dir(repository());
        let output = list.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let listed = String::from_utf8(output.stdout).unwrap();
        let files: Vec<&str> = listed.lines().collect();
        for required in REQUIRED {
            assert!(files.contains(&required), "{name} has no {required}");
        }
        let is_known = |file: &str| {
            REQUIRED.contains(&file)
                || ADDED.contains(&file)
                || FOLDERS.iter().any(|folder| file.starts_with(folder))
        };
        let strangers: Vec<_> = files.iter().filter(|file| !is_known(file)).collect();
        assert!(strangers.is_empty(), "{name} would be published with {strangers:?}");
    }
}

#[test]
fn packages_can_be_found() {
    for (name, manifest) in published() {
        let words = |key: &str| {
            let words = manifest["package"].get(key).and_then(toml::Value::as_array);
            words.unwrap_or_else(|| panic!("{name} has no {key}")).len()
        };
        // More than five of either are refused by crates.io.
        assert!((1..=5).contains(&words("keywords")) && (1..=5).contains(&words("categories")), "{name}");
    }
}
