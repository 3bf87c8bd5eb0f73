//! kvd is killed, stopped, and finds its files cut and flipped: it keeps what it acknowledged. `--bin crash` does more of it.

use kvd_tests::crash::{Campaign, Policy, Scenario};
use kvd_tests::process;

/// Plays some rounds of scenarios, in a few threads' time.
fn play(policy: Policy, scenarios: &[(Scenario, u64)]) {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    for (scenario, rounds) in scenarios {
        let campaign = Campaign { kvd: kvd.clone(), policy, seed: 7, has_time: false };
        let outcome = campaign.run(*scenario, *rounds, false).unwrap_or_else(|error| panic!("{error}"));
        let name = scenario.name();
        if let Some((broken, folder)) = outcome.broken.first() {
            panic!("{name}: {broken}\nthe directory is kept: {}", folder.display());
        }
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

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    play(Policy::Always, &[(Scenario::Plain, 4), (Scenario::Rewrite, 4), (Scenario::Full, 2)]);
}

#[test]
fn what_is_lost_without_fsync_is_the_end_of_one_order() {
    play(Policy::Everysec, &[(Scenario::Plain, 3), (Scenario::Rewrite, 4), (Scenario::Stop, 2)]);
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
