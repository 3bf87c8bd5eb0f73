//! Rules about manifests: layers, descriptions, reasons.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kvd_tests::process::repository;
use toml::Table;

use super::Faults;
use super::sources::paths_below;

/// The crates that others may want without kvd.
const PUBLISHED: [&str; 10] =
    ["resp", "glob", "dict", "listpack", "slots", "structures", "rdb", "pubsub", "aof", "embed"];

/// The manifests of a tree.
pub(crate) struct Manifests {
    root: PathBuf,
    workspace: Table,
    members: Vec<Member>,
}

struct Member {
    /// The folder from the root.
    folder: String,
    name: String,
    manifest: Table,
    text: String,
}

impl Manifests {
    pub(crate) fn of_repository() -> Self {
        Self::of(repository())
    }

    fn of(root: &Path) -> Self {
        let mut members = Vec::new();
        for path in paths_below(root, &["toml"]) {
            let folder = path.parent().unwrap_or(root).strip_prefix(root).unwrap_or(root);
            let folder = folder.to_string_lossy().into_owned();
            if path.file_name().is_none_or(|name| name != "Cargo.toml")
                || folder.is_empty()
                || folder == "fuzz"
            {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let manifest: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = manifest["package"]["name"].as_str().unwrap().to_owned();
            members.push(Member { folder, name, manifest, text });
        }
        let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
        Self { root: root.to_owned(), workspace, members }
    }

    pub(crate) fn layers(&self) -> Faults {
        let mut faults = Vec::new();
        let mut layers = BTreeMap::new();
        for member in &self.members {
            match member.layer() {
                Some(layer) => {
                    layers.insert(member.name.as_str(), layer);
                }
                None => faults.push(member.fault("[package", "package.metadata.kvd needs a layer")),
            }
        }
        for member in &self.members {
            let Some(layer) = member.layer() else { continue };
            for key in member.dependencies() {
                let name = self.package_of(member, key);
                let Some(below) = layers.get(name.as_str()) else { continue };
                if *below >= layer {
                    let edge = format!("layer {layer} must not know {name} of layer {below}");
                    faults.push(member.fault(key, &edge));
                }
            }
        }
        faults
    }

    /// The package behind a dependency's key: named beside it or in the table of the workspace.
    fn package_of(&self, member: &Member, key: &str) -> String {
        let own = member.manifest.get("dependencies").and_then(|table| table.get(key));
        let shared = self.workspace["workspace"].get("dependencies").and_then(|table| table.get(key));
        let named =
            [own, shared].into_iter().flatten().find_map(|dependency| dependency.get("package")?.as_str());
        named.unwrap_or(key).to_owned()
    }

    pub(crate) fn descriptions(&self) -> Faults {
        let described = |member: &&Member| {
            let text = member.manifest["package"].get("description").and_then(toml::Value::as_str);
            text.is_some_and(|text| text.len() > 20)
        };
        let silent = self.members.iter().filter(|member| !described(member));
        silent.map(|member| member.fault("[package]", "a description says what the crate is")).collect()
    }

    pub(crate) fn readmes(&self) -> Faults {
        let mut faults = Vec::new();
        for name in PUBLISHED {
            let folder = format!("crates/{name}");
            let root = self.root.join(&folder);
            if !root.exists() {
                continue;
            }
            if !root.join("README.md").exists() {
                faults.push(format!("{folder}/README.md:1: a published crate shows an example"));
            }
            let lib = fs::read_to_string(root.join("src/lib.rs")).unwrap_or_default();
            if !lib.contains("include_str!(\"../README.md\")") {
                faults.push(format!(
                    "{folder}/src/lib.rs:1: #![doc = include_str!(\"../README.md\")] tests the example"
                ));
            }
        }
        faults
    }

    pub(crate) fn reasons(&self) -> Faults {
        let Ok(reasons) = fs::read_to_string(self.root.join("docs/dependencies.md")) else {
            return Faults::new();
        };
        let Some(dependencies) = self.workspace["workspace"]["dependencies"].as_table() else {
            return Faults::new();
        };
        let foreign = dependencies.iter().filter(|(_, dependency)| dependency.get("path").is_none());
        let silent = foreign.filter(|(name, _)| !reasons.contains(&format!("`{name}`")));
        silent
            .map(|(name, _)| format!("Cargo.toml:1: docs/dependencies.md has no line for `{name}`"))
            .collect()
    }

    pub(crate) fn fuzz_targets(&self) -> Faults {
        let folder = self.root.join("fuzz");
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let manifest: Table = manifest.parse().unwrap();
        let bins = manifest.get("bin").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let listed: Vec<String> =
            bins.iter().filter_map(|bin| Some(bin.get("path")?.as_str()?.to_owned())).collect();
        let mut faults: Faults = listed
            .iter()
            .filter(|path| !folder.join(path).exists())
            .map(|path| format!("fuzz/Cargo.toml:1: {path} does not exist"))
            .collect();
        for bin in &bins {
            let name = bin.get("name").and_then(toml::Value::as_str).unwrap_or_default();
            if bin.get("path").and_then(toml::Value::as_str) != Some(&format!("fuzz_targets/{name}.rs")) {
                faults.push(format!("fuzz/Cargo.toml:1: {name} is the file fuzz_targets/{name}.rs"));
            }
        }
        if folder.join("fuzz_targets").exists() {
            for path in paths_below(&folder.join("fuzz_targets"), &["rs"]) {
                let path = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
                if !listed.contains(&path) {
                    faults.push(format!("fuzz/{path}:1: no [[bin]] in fuzz/Cargo.toml"));
                }
            }
        }
        faults
    }
}

impl Member {
    fn layer(&self) -> Option<i64> {
        self.manifest["package"].get("metadata")?.get("kvd")?.get("layer")?.as_integer()
    }

    /// What the crate is built from, tests and benchmarks apart.
    fn dependencies(&self) -> impl Iterator<Item = &str> {
        let tables =
            ["dependencies", "build-dependencies"].into_iter().filter_map(|table| self.manifest.get(table));
        tables.filter_map(toml::Value::as_table).flat_map(|table| table.keys().map(String::as_str))
    }

    /// A fault at the first line that starts with `key`.
    fn fault(&self, key: &str, rule: &str) -> String {
        let line = self.text.lines().position(|line| line.starts_with(key)).unwrap_or(0) + 1;
        format!("{}/Cargo.toml:{line}: {rule}", self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn each_rule_finds_its_fault() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(
            root,
            "Cargo.toml",
            "[workspace.dependencies]\nlow = { package = \"kvd-low\", path = \"crates/low\" }\nhigh = { package = \"kvd-high\", path = \"x\" }\nmemchr = \"2\"\n",
        );
        let layer = |layer| format!("[package.metadata.kvd]\nlayer = {layer}\n");
        let low =
            format!("[package]\nname = \"kvd-low\"\n{}[dependencies]\nhigh.workspace = true\n", layer(1));
        write(root, "crates/low/Cargo.toml", &low);
        let high =
            format!("[package]\nname = \"kvd-high\"\n{}[dependencies]\nlow.workspace = true\n", layer(2));
        write(root, "crates/high/Cargo.toml", &high);
        write(root, "crates/resp/Cargo.toml", "[package]\nname = \"kvd-resp\"\n");
        write(root, "docs/dependencies.md", "nothing");
        write(root, "fuzz/Cargo.toml", "[[bin]]\nname = \"a\"\npath = \"fuzz_targets/b.rs\"\n");
        write(root, "fuzz/fuzz_targets/c.rs", "");

        let manifests = Manifests::of(root);
        assert_eq!(
            manifests.layers(),
            [
                "crates/resp/Cargo.toml:1: package.metadata.kvd needs a layer",
                "crates/low/Cargo.toml:6: layer 1 must not know kvd-high of layer 2",
            ]
        );
        assert_eq!(manifests.descriptions().len(), 3);
        assert_eq!(manifests.readmes().len(), 2);
        assert_eq!(manifests.reasons(), ["Cargo.toml:1: docs/dependencies.md has no line for `memchr`"]);
        assert_eq!(manifests.fuzz_targets().len(), 3);
    }
}
