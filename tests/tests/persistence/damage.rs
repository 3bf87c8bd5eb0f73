//! Files that are damaged, torn or missing: kvd doesn't start over them, says why, and leaves them as they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kvd_tests::wire;

use super::server::{Server, kvd, refusal};

const LOG: [&str; 2] = ["--appendonly", "yes"];

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = BTreeMap::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// kvd doesn't start, changes nothing, and says each of these words.
fn is_refused(folder: &Path, arguments: &[&str], words: &[&str]) {
    let before = files(folder);
    let (code, said) = refusal(folder, arguments);
    assert_eq!(code, 1, "{said}");
    for word in words {
        assert!(said.contains(word), "'{word}' is not in: {said}");
    }
    assert_eq!(files(folder), before, "{said}");
}

fn saved() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("RPUSH list a b c d");
    server.run("SET key value");
    server.run("SAVE");
    server.kill();
    folder
}

/// A log with a base and an increment, and the increment's path.
fn logged() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[&LOG[..], &["--appendfsync", "always"]].concat());
    server.run("SET base 1");
    server.rewrite();
    server.run("SET first 1");
    server.run("SET last 1");
    server.kill();
    let paths = files(&folder.path().join("appendonlydir")).into_keys();
    let increments: Vec<_> = paths.filter(|path| path.to_str().unwrap().ends_with(".incr.aof")).collect();
    let [increment] = &increments[..] else { panic!("{increments:?}") };
    (folder, increment.clone())
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let folder = saved();
    let path = folder.path().join("dump.rdb");
    let whole = fs::read(&path).unwrap();
    let name = path.to_str().unwrap();
    // The checksum's last byte, a byte within the data, and files that end too early.
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&path, &damaged).unwrap();
    is_refused(folder.path(), &[], &[name, "byte"]);
    for cut in [0, 4, 9, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        is_refused(folder.path(), &[], &[name, "byte"]);
    }
    fs::write(&path, &whole).unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    assert_eq!(server.text("DBSIZE"), "2");
}

#[test]
fn a_snapshot_of_more_databases_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[]);
    server.run("SELECT 15");
    server.run("SET a 1");
    server.run("SAVE");
    server.kill();
    is_refused(folder.path(), &["--databases", "4"], &["dump.rdb", "databases"]);
}

#[test]
fn a_log_of_more_databases_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &[&LOG[..], &["--appendfsync", "always"]].concat());
    server.run("SET a zero");
    server.run("SELECT 15");
    server.run("SET a fifteen");
    server.kill();
    let few = [&LOG[..], &["--databases", "4"]].concat();
    is_refused(folder.path(), &few, &[".incr.aof at byte", "selects database 15", "'databases'"]);
    let mut again = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(again.text("GET a"), "zero");
}

#[test]
fn a_log_with_what_no_server_writes_is_refused() {
    let (folder, increment) = logged();
    let whole = fs::read(&increment).unwrap();
    for request in ["SHUTDOWN NOSAVE", "MONITOR", "SUBSCRIBE channel", "CONFIG SET save 1", "QUIT"] {
        let words: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        let mut strange = whole.clone();
        strange.extend(wire::encode(&words));
        strange.extend(wire::encode(&["SET", "after", "1"]));
        fs::write(&increment, &strange).unwrap();
        let command = request.split(' ').next().unwrap();
        is_refused(folder.path(), &LOG, &[&format!("byte {}", whole.len()), command]);
    }
}

#[test]
fn a_log_without_its_manifest_is_refused() {
    let (folder, _) = logged();
    fs::remove_file(folder.path().join("appendonlydir/appendonly.aof.manifest")).unwrap();
    is_refused(folder.path(), &LOG, &["appendonlydir", "manifest"]);
}

#[test]
fn a_log_without_a_file_of_its_manifest_is_refused() {
    let (folder, increment) = logged();
    fs::remove_file(&increment).unwrap();
    is_refused(folder.path(), &LOG, &[increment.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn a_damaged_manifest_is_refused() {
    let (folder, _) = logged();
    fs::write(folder.path().join("appendonlydir/appendonly.aof.manifest"), "file x seq\n").unwrap();
    is_refused(folder.path(), &LOG, &["appendonly.aof.manifest"]);
}

#[test]
fn a_torn_end_is_cut_or_refused_as_the_configuration_says() {
    let (folder, increment) = logged();
    let whole = fs::read(&increment).unwrap();
    let torn = &whole[..whole.len() - 3];
    fs::write(&increment, torn).unwrap();
    let name = increment.to_str().unwrap();
    let strictly = [&LOG[..], &["--aof-load-truncated", "no"]].concat();
    is_refused(folder.path(), &strictly, &[name, "byte", "kvd-check aof --fix", "aof-load-truncated"]);
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!((server.text("GET first"), server.text("GET last")), ("1".to_owned(), "(nil)".to_owned()));
    let log = server.process.log();
    assert!(log.contains(name) && log.contains("cut off"), "{log}");
    let kept = files(folder.path())
        .into_values()
        .any(|bytes| !bytes.is_empty() && torn.ends_with(&bytes) && bytes != torn);
    assert!(kept, "what was cut is kept: {:?}", files(folder.path()).into_keys());
    server.run("SET later 1");
    server.run("WAITAOF 1 0 0");
    server.kill();
    let mut again = Server::start(&kvd(), folder.path(), &strictly);
    assert_eq!(again.text("DBSIZE"), "3");
}

#[test]
fn damage_in_the_middle_of_a_log_is_refused() {
    let (folder, increment) = logged();
    let whole = fs::read(&increment).unwrap();
    let at = whole.windows(5).position(|word| word == b"first").unwrap();
    let mut damaged = whole.clone();
    damaged[at - 4] = b'#';
    fs::write(&increment, &damaged).unwrap();
    is_refused(folder.path(), &LOG, &[increment.to_str().unwrap(), "byte"]);
    // A command that nobody has.
    let mut strange = whole.clone();
    strange.extend_from_slice(b"*1\r\n$7\r\nNOSUCHX\r\n*1\r\n$4\r\nPING\r\n");
    fs::write(&increment, &strange).unwrap();
    is_refused(folder.path(), &LOG, &[&format!("byte {}", whole.len()), "NOSUCHX"]);
    fs::write(&increment, &whole).unwrap();
    let mut server = Server::start(&kvd(), folder.path(), &LOG);
    assert_eq!(server.text("DBSIZE"), "3");
}

#[test]
fn a_damaged_base_is_refused() {
    let (folder, _) = logged();
    let found = files(&folder.path().join("appendonlydir"));
    let (path, whole) =
        found.into_iter().find(|(path, _)| path.to_str().unwrap().ends_with(".base.rdb")).unwrap();
    for cut in [5, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        is_refused(folder.path(), &LOG, &[path.to_str().unwrap(), "byte"]);
    }
}
