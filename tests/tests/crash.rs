//! kvd is killed, stopped, and finds its files cut and flipped: it keeps what it acknowledged. `--bin crash` does more of it.
//!
//! A server that doesn't keep it must be noticed: some are made here, of kvd and a script that comes before it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kvd_tests::crash::{Campaign, Outcome, Policy, Scenario};
use kvd_tests::process::{self, Program};

/// Plays some rounds of scenarios, in a few threads' time.
fn play(policy: Policy, scenarios: &[(Scenario, u64)]) {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    for (scenario, rounds) in scenarios {
        let outcome = campaign(&kvd, policy, *scenario, *rounds);
        let name = scenario.name();
        if let Some((broken, folder)) = outcome.broken.first() {
            panic!("{name}: {broken}\nthe directory is kept: {}", folder.display());
        }
        assert_eq!(outcome.undone, None, "{name}: nothing was seen of it");
        let tally = &outcome.tally;
        let is_skipped = tally.notes.keys().any(|note| note.contains("skipped"));
        assert!(is_skipped || tally.acknowledged > 0, "{name}: nobody did anything");
        if policy == Policy::Always
            && matches!(scenario, Scenario::Plain | Scenario::Rewrite | Scenario::Full)
        {
            assert_eq!(tally.missing, 0, "{name}");
        }
    }
}

fn campaign(kvd: &Program, policy: Policy, scenario: Scenario, rounds: u64) -> Outcome {
    // In memory, where an fsync takes no time: while it lasts the log's thread writes nothing, and that would be lost, too. How long a disk takes is
    // no question for a test.
    let folder = Path::new("/dev/shm");
    let folder = if folder.is_dir() { folder.to_owned() } else { std::env::temp_dir() };
    let campaign = Campaign { kvd: kvd.clone(), policy, seed: 7, has_time: false, folder };
    campaign.run(scenario, rounds, false).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    play(Policy::Always, &[(Scenario::Plain, 4), (Scenario::Rewrite, 4), (Scenario::Full, 2)]);
}

#[test]
fn what_is_lost_without_fsync_is_the_end_of_one_order() {
    play(Policy::Everysec, &[(Scenario::Plain, 4), (Scenario::Rewrite, 4), (Scenario::Stop, 2)]);
}

#[test]
fn a_snapshot_is_of_one_instant() {
    play(Policy::No, &[(Scenario::Bgsave, 4), (Scenario::Stop, 2)]);
}

#[test]
fn damaged_files_are_refused_or_mended() {
    play(Policy::No, &[(Scenario::Tail, 4), (Scenario::Flip, 4)]);
}

#[test]
fn loading_may_be_cut_short() {
    play(Policy::Always, &[(Scenario::Loading, 1), (Scenario::Stop, 3)]);
}

/// What a shell does before it becomes kvd. `$dir` is the data directory.
const FORGETS_SINCE_LAST_START: &str = r#"
rm -rf "$dir/dump.rdb"
if [ -d "$dir/before" ]; then rm -rf "$dir/appendonlydir"; mv "$dir/before" "$dir/appendonlydir"; fi
if [ -d "$dir/appendonlydir" ]; then cp -r "$dir/appendonlydir" "$dir/before"; else mkdir "$dir/before"; fi
"#;
const MIXES_DATABASES_UP: &str = r#"
for log in "$dir"/appendonlydir/*.incr.aof; do
    [ ! -f "$log" ] || LC_ALL=C sed -i '/^SELECT\r$/{n;n;s/^[12]\r$/0\r/}' "$log"
done
"#;
const DIES_BY_ITSELF: &str = r#"
(until [ -s "$dir/appendonlydir/appendonly.aof.1.incr.aof" ]; do sleep 0.01; done; kill -ABRT $$) >/dev/null 2>&1 &
"#;
const NEVER_SAVES: &str = r#"set -- "$@" --rename-command BGSAVE NOPE"#;

/// What breaks when the server is one that does this first.
fn broken(first: &str, policy: Policy, scenario: Scenario, rounds: u64) -> String {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("kvd");
    let find = r#"for word; do [ "$last" != --dir ] || dir=$word; last=$word; done"#;
    let script = format!("#!/bin/sh\n{find}\n{first}\nexec '{}' \"$@\"\n", kvd.path.display());
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let outcome = campaign(&Program { path, ..kvd }, policy, scenario, rounds);
    let Some((broken, folder)) = outcome.broken.first() else { return "nothing".to_owned() };
    fs::remove_dir_all(folder).unwrap();
    broken.to_string()
}

#[test]
fn a_server_that_forgets_is_noticed() {
    for (policy, scenario) in [
        (Policy::Always, Scenario::Plain),
        (Policy::Everysec, Scenario::Rewrite),
        (Policy::No, Scenario::Plain),
        (Policy::No, Scenario::Bgsave),
    ] {
        let broken = broken(FORGETS_SINCE_LAST_START, policy, scenario, 4);
        assert!(broken.contains("is owed"), "{policy:?} {}: {broken}", scenario.name());
    }
}

#[test]
fn a_server_that_mixes_databases_up_is_noticed() {
    let broken = broken(MIXES_DATABASES_UP, Policy::Always, Scenario::Plain, 4);
    assert!(broken.contains("is no beginning"), "{broken}");
}

#[test]
fn a_server_that_dies_by_itself_is_noticed() {
    let broken = broken(DIES_BY_ITSELF, Policy::Everysec, Scenario::Plain, 2);
    assert!(broken.contains("had ended before it was killed, with signal: 6"), "{broken}");
}

#[test]
fn a_server_that_never_saves_is_noticed() {
    let broken = broken(NEVER_SAVES, Policy::No, Scenario::Bgsave, 4);
    assert!(broken.contains("BGSAVE is answered"), "{broken}");
}
