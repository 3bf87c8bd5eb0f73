//! Many clients at once: what they see of transactions and of single commands.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use kvd_tests::consistency::{bank, linear, record};
use kvd_tests::process::{self, Process};

fn start() -> Process {
    let kvd = process::kvd().unwrap_or_else(|missing| panic!("{missing}"));
    kvd.start_with(&["--threads", "4"]).unwrap()
}

#[test]
fn transfers_keep_the_sum() {
    let kvd = start();
    let plan = bank::Plan { accounts: 5, clients: 6, transfers: 1_500, seed: 7 };
    let outcome = bank::run(kvd.address, &plan).unwrap();
    assert_eq!(outcome.transfers, plan.transfers);
    assert!(outcome.collisions > 0, "clients that never meet show nothing: {outcome:?}");
}

#[test]
fn every_request_has_its_place_in_one_order() {
    let kvd = start();
    let plan = record::Plan { keys: 3, clients: 8, requests: 500, seed: 11 };
    for (key, history) in record::run(kvd.address, &plan).unwrap().iter().enumerate() {
        assert!(history.len() > 1000, "{}", history.len());
        assert_eq!(linear::check(history), Ok(()), "key {key}");
    }
}
