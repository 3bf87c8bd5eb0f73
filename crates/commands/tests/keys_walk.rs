//! Walking through a database: SCAN, KEYS, RANDOMKEY.

mod engine_under_test;

use std::collections::{BTreeMap, BTreeSet};

use engine_under_test::EngineUnderTest;
use fastrand::Rng;

/// The bulk strings of a reply, in order. The keys of these tests are short words.
fn bulks(reply: &str) -> Vec<String> {
    let mut lines = reply.split("\r\n");
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with('$') {
            found.push(lines.next().expect("a bulk has a text").to_owned());
        }
    }
    found
}

/// One call: the next cursor and the keys.
fn page(server: &mut EngineUnderTest, cursor: &str, options: &str) -> (String, Vec<String>) {
    let reply = server.run(&format!("SCAN {cursor}{options}"));
    assert!(reply.starts_with("*2\r\n"), "{reply}");
    let mut words = bulks(&reply);
    (words.remove(0), words)
}

/// A whole scan: the keys, and how many calls it took.
fn scan_all(server: &mut EngineUnderTest, options: &str) -> (Vec<String>, usize) {
    let (mut cursor, mut keys) = page(server, "0", options);
    let mut calls = 1;
    while cursor != "0" {
        let (next, more) = page(server, &cursor, options);
        cursor = next;
        keys.extend(more);
        calls += 1;
    }
    (keys, calls)
}

fn fill(server: &mut EngineUnderTest, prefix: &str, numbers: std::ops::Range<usize>) {
    for number in numbers {
        server.run(&format!("SET {prefix}{number} x"));
    }
}

fn sorted(mut keys: Vec<String>) -> Vec<String> {
    keys.sort();
    keys
}

#[test]
fn a_key_that_is_there_throughout_is_seen_whatever_else_comes_and_goes() {
    for (seed, stripes) in [(1, 1), (2, 1), (3, 4), (4, 4), (5, 64), (6, 1024)] {
        let mut random = Rng::with_seed(seed);
        let mut server = EngineUnderTest::with_config(&format!("stripes {stripes}"));
        let stable = 300;
        fill(&mut server, "stable:", 0..stable);
        for _ in 0..4 {
            let mut seen = BTreeSet::new();
            let mut cursor = "0".to_owned();
            loop {
                let count = random.usize(1..40);
                let (next, keys) = page(&mut server, &cursor, &format!(" COUNT {count}"));
                seen.extend(keys.into_iter().filter(|key| key.starts_with("stable:")));
                cursor = next;
                if cursor == "0" {
                    break;
                }
                churn(&mut server, &mut random);
            }
            assert_eq!(seen.len(), stable, "seed {seed}, {stripes} stripes");
        }
    }
}

/// Brings or takes away many keys at a time, so that tables grow and shrink between two calls.
fn churn(server: &mut EngineUnderTest, random: &mut Rng) {
    let first = random.usize(..2000);
    let count = random.usize(..400);
    match random.u8(..3) {
        0 => fill(server, "passing:", first..first + count),
        1 => {
            let keys: Vec<String> =
                (first..first + count).map(|number| format!("passing:{number}")).collect();
            server.run(&format!("DEL {} nosuch", keys.join(" ")));
        }
        _ => {}
    }
}

#[test]
fn a_database_at_rest_is_seen_once() {
    let mut server = EngineUnderTest::with_config("stripes 16");
    fill(&mut server, "key:", 0..2000);
    for options in ["", " COUNT 1", " COUNT 333", " COUNT 9223372036854775807"] {
        let (keys, _) = scan_all(&mut server, options);
        assert_eq!(keys.len(), 2000, "{options}");
        assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), 2000);
    }
}

#[test]
fn count_bounds_a_call_from_both_sides() {
    let mut server = EngineUnderTest::with_config("stripes 16");
    fill(&mut server, "key:", 0..3000);
    for count in [1, 10, 100, 1000] {
        let (_, keys) = page(&mut server, "0", &format!(" COUNT {count}"));
        assert!(keys.len() >= count, "{} of {count}", keys.len());
        assert!(keys.len() < count + 32, "at most one bucket's chain more: {} of {count}", keys.len());
    }
    let (_, keys) = page(&mut server, "0", "");
    assert!((10..42).contains(&keys.len()), "COUNT is 10 if nothing is said");
}

#[test]
fn no_count_makes_one_call_walk_through_a_large_database() {
    let mut server = EngineUnderTest::with_config("stripes 8");
    for thousand in 0..70 {
        let pairs: Vec<String> = (0..1000).map(|number| format!("{thousand}:{number} x")).collect();
        server.run(&format!("MSET {}", pairs.join(" ")));
    }
    let (cursor, keys) = page(&mut server, "0", " COUNT 1000000");
    assert_ne!(cursor, "0");
    assert!((65_536..65_568).contains(&keys.len()), "{}", keys.len());
}

#[test]
fn a_small_database_is_walked_through_in_one_call() {
    let mut server = EngineUnderTest::new();
    assert_eq!(server.run("SCAN 0"), "*2\r\n$1\r\n0\r\n*0\r\n");
    fill(&mut server, "key:", 0..5);
    assert_eq!(scan_all(&mut server, "").1, 1);
    assert_eq!(scan_all(&mut server, "").0.len(), 5);
}

#[test]
fn any_cursor_is_taken_and_leads_to_the_end() {
    let mut random = Rng::with_seed(9);
    let mut server = EngineUnderTest::with_config("stripes 16");
    fill(&mut server, "key:", 0..500);
    for _ in 0..50 {
        let mut cursor = random.u64(..).to_string();
        let mut calls = 0;
        while cursor != "0" {
            cursor = page(&mut server, &cursor, "").0;
            calls += 1;
            assert!(calls < 500, "it must end");
        }
    }
    assert_eq!(page(&mut server, "18446744073709551615", "").0, "0");
}

#[test]
fn match_and_type_choose_among_the_keys() {
    let mut server = EngineUnderTest::with_config("stripes 16");
    fill(&mut server, "a:", 0..50);
    fill(&mut server, "b:", 0..50);
    server.run("SET \"\" x");
    assert_eq!(scan_all(&mut server, " MATCH a:*").0.len(), 50);
    assert_eq!(scan_all(&mut server, " MATCH a:7").0, ["a:7"]);
    assert_eq!(scan_all(&mut server, " MATCH *").0.len(), 101);
    assert_eq!(scan_all(&mut server, " MATCH **").0.len(), 100, "only a single star matches the empty key");
    assert_eq!(scan_all(&mut server, " MATCH b:* MATCH a:?").0.len(), 10, "the last one counts");
    assert_eq!(scan_all(&mut server, " TYPE STRING").0.len(), 101);
    assert_eq!(scan_all(&mut server, " TYPE list").0.len(), 0);
    assert_eq!(scan_all(&mut server, " TYPE nosuch").0.len(), 0);
}

#[test]
fn faults_of_scan_are_found_in_the_order_of_the_words() {
    let mut server = EngineUnderTest::new();
    let rows = [
        ("SCAN x COUNT 0", "-ERR invalid cursor\r\n"),
        ("SCAN -1", "-ERR invalid cursor\r\n"),
        ("SCAN 18446744073709551616", "-ERR invalid cursor\r\n"),
        ("SCAN 0 COUNT 0", "-ERR syntax error\r\n"),
        ("SCAN 0 COUNT -1", "-ERR syntax error\r\n"),
        ("SCAN 0 COUNT x FOO", "-ERR value is not an integer or out of range\r\n"),
        ("SCAN 0 COUNT", "-ERR syntax error\r\n"),
        ("SCAN 0 MATCH", "-ERR syntax error\r\n"),
        ("SCAN 0 TYPE", "-ERR syntax error\r\n"),
        ("SCAN 0 FOO", "-ERR syntax error\r\n"),
        ("SCAN 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN\r\n"),
    ];
    for (command, reply) in rows {
        assert_eq!(server.run(command), reply, "{command}");
    }
}

#[test]
fn keys_that_are_due_are_hidden_but_not_removed() {
    let mut server = EngineUnderTest::with_config("stripes 4");
    fill(&mut server, "live:", 0..20);
    for number in 0..20 {
        server.run(&format!("SET due:{number} x PX 5"));
    }
    server.pass(6);
    server.forget();
    assert_eq!(bulks(&server.run("KEYS *")).len(), 20);
    assert_eq!(server.run("KEYS due:3"), "*0\r\n");
    assert_eq!(scan_all(&mut server, "").0.len(), 20);
    for _ in 0..50 {
        assert!(server.run("RANDOMKEY").contains("live:"));
    }
    assert_eq!(server.run("DBSIZE"), ":40\r\n");
    assert!(server.effects().is_empty() && server.events().is_empty());
}

#[test]
fn keys_lists_what_matches() {
    let mut server = EngineUnderTest::new();
    for key in ["\"\"", "a", "ab", "b", "*"] {
        server.run(&format!("SET {key} x"));
    }
    server.run("COPY a other DB 1");
    for (pattern, expected) in [
        ("*", &["", "*", "a", "ab", "b"][..]),
        ("a*", &["a", "ab"]),
        ("a", &["a"]),
        ("\\*", &["*"]),
        ("\"\"", &[""]),
        ("?", &["*", "a", "b"]),
        ("other", &[]),
    ] {
        assert_eq!(sorted(bulks(&server.run(&format!("KEYS {pattern}")))), expected, "{pattern}");
    }
}

#[test]
fn random_keys_come_from_the_selected_database() {
    let mut server = EngineUnderTest::new();
    assert_eq!(server.run("RANDOMKEY"), "$-1\r\n");
    server.run("SET a 1");
    server.run("MOVE a 1");
    assert_eq!(server.run("RANDOMKEY"), "$-1\r\n");
    server.session().select(keyspace::DbIndex(1));
    assert_eq!(server.run("RANDOMKEY"), "$1\r\na\r\n");
    server.use_resp3();
    server.run("DEL a");
    assert_eq!(server.run("RANDOMKEY"), "_\r\n");
}

#[test]
fn a_single_live_key_is_found_among_many_that_are_due() {
    let mut server = EngineUnderTest::with_config("stripes 4");
    for number in 0..2000 {
        server.run(&format!("SET due:{number} x PX 5"));
    }
    server.run("SET live x");
    server.pass(6);
    assert_eq!(server.run("RANDOMKEY"), "$4\r\nlive\r\n");
}

/// Draws `draws` keys of `keys` and returns the sum of (seen - expected)² / expected, which is near `keys` if all are equally
/// likely, with a standard deviation of √(2 · keys).
fn chi_square(stripes: usize, keys: usize, draws: usize) -> f64 {
    let mut server = EngineUnderTest::with_config(&format!("stripes {stripes}"));
    fill(&mut server, "key:", 0..keys);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..draws {
        *seen.entry(server.run("RANDOMKEY")).or_default() += 1;
    }
    let expected = draws as f64 / keys as f64;
    let drawn: f64 = seen.values().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
    drawn + (keys - seen.len()) as f64 * expected
}

#[test]
fn all_keys_are_equally_likely_in_thinly_filled_stripes() {
    let spread = chi_square(64, 200, 20_000);
    assert!(spread < 200.0 + 5.0 * 20.0, "chi square {spread}");
}

#[test]
fn all_keys_are_equally_likely_in_well_filled_stripes() {
    let spread = chi_square(8, 800, 20_000);
    assert!(spread < 800.0 + 5.0 * 40.0, "chi square {spread}");
}
