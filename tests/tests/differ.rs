//! kvd and its peers are asked the same random requests: a short run of each family, from a fixed seed.

use std::io::{self, Write};

use catalog::Group;
use kvd_tests::differ::{Failure, Options, peer_name, run};
use kvd_tests::process::{self, Peer};

const COMMANDS: u64 = 20_000;
const SEED: u64 = 20_260_101;

#[test]
fn kvd_answers_as_redis_8() {
    answers_as(Peer::Redis8);
}

#[test]
fn kvd_answers_as_valkey_9() {
    answers_as(Peer::Valkey9);
}

fn answers_as(peer: Peer) {
    let mut families = 0;
    for family in Group::ALL {
        let options = Options { family, peer, commands: COMMANDS, seed: SEED, keep_going: true, kvd: None };
        let mut found = Vec::new();
        let report = match run(&options, &mut found) {
            Ok(report) => report,
            Err(Failure::Nothing) => continue,
            Err(Failure::Missing(missing)) => {
                return process::skipped(&format!("differ against {}", peer_name(peer)), missing);
            }
            Err(failure) => panic!("{}: {failure}", family.name()),
        };
        families += 1;
        assert!(report.findings.is_empty(), "{}\n{report}", String::from_utf8_lossy(&found));
        assert!(report.tally.runs() >= COMMANDS, "{report}");
        assert!(report.tally.error_percent() < 50.0, "most requests have to make sense\n{report}");
    }
    assert!(families > 0, "no family was compared");
    // Past the capture of test output, as transcripts do.
    let _ = writeln!(io::stderr(), "differ against {}: {families} families", peer_name(peer));
}

/// Two servers that differ for certain, so that the differ has something to find.
#[test]
fn a_difference_is_found_and_made_small() {
    let (Ok(valkey), Ok(_)) = (Peer::Valkey9.find(), Peer::Redis8.find()) else {
        return process::skipped("differ between peers", "both peers are needed");
    };
    let in_place_of_kvd = valkey.start().unwrap();
    let options = Options {
        family: Group::String,
        peer: Peer::Redis8,
        commands: 3 * COMMANDS,
        seed: SEED,
        keep_going: false,
        kvd: Some(in_place_of_kvd.address),
    };
    let report = run(&options, &mut Vec::new()).unwrap();
    // Valkey refuses a life that is over even if there is no such key.
    let finding = report.findings.first().unwrap_or_else(|| panic!("no difference\n{report}"));
    let requests: Vec<&str> = finding.transcript.lines().filter(|line| line.starts_with("> ")).collect();
    assert!(requests.len() <= 3, "{}", finding.transcript);
    kvd_tests::transcript::Transcript::parse("found.txt".as_ref(), &finding.transcript).unwrap();
}
