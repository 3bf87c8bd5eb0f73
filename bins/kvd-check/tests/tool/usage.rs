//! The command line itself, and who reads what it says.

use std::process::Stdio;

use crate::files::golden;
use crate::run::{command, run};

#[test]
fn help_tells_exit_codes_and_examples() {
    run(&["--help"]).ended(0).says("Exit codes:").says("kvd-check diff before.rdb redis://");
    for (task, text) in [
        ("rdb", "members that are there twice"),
        ("aof", "never cut"),
        ("diff", "33 bytes for each key"),
        ("stats", "100000 prefixes"),
        ("convert", "Valkey 9"),
    ] {
        run(&[task, "--help"]).ended(0).says(text);
        run(&["help", task]).ended(0).says(text);
    }
    run(&["--version"]).ended(0).says("kvd-check 0.1.0");
}

#[test]
fn help_fits_in_a_terminal() {
    for task in ["--help", "rdb", "aof", "diff", "stats", "convert"] {
        let words = if task == "--help" { vec![task] } else { vec!["help", task] };
        let help = run(&words).ended(0).out;
        let long: Vec<_> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    run::<&str>(&[]).ended(2).warns("Usage:");
    run(&["rdb"]).ended(2).warns("required");
    run(&["check", "x"]).ended(2).warns("unrecognized subcommand");
    run(&["aof", "x", "--until", "yesterday"]).ended(2).warns("neither seconds since 1970 nor RFC 3339");
    run(&["convert", "a", "b", "--to", "13"]).ended(2).warns("invalid value '13'");
    run(&["stats", "a", "--depth", "0"]).ended(2).warns("invalid value '0'");
    run(&["stats", "a", "--delimiter", ""]).ended(2);
}

#[test]
fn a_reader_that_goes_changes_no_verdict() {
    let (r7, r8) = (golden("r7.rdb"), golden("r8.rdb"));
    let (r7, r8) = (r7.to_str().unwrap(), r8.to_str().unwrap());
    for (words, code) in [
        (vec!["rdb", r7], 0),
        (vec!["stats", r7], 0),
        (vec!["stats", "--json", r7], 0),
        (vec!["diff", r7, r8], 1),
        (vec!["--help"], 0),
        (vec!["nothing"], 2),
    ] {
        let mut child = command().args(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{words:?}");
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let path = golden("r7.rdb");
    let output = command().arg("rdb").arg(path).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr).unwrap().contains("cannot write to standard output: No space left")
    );
}
