//! Hashes: chance, walks, forms.

mod engine_under_test;

use std::collections::BTreeSet;

use engine_under_test::EngineUnderTest;

/// The bulk strings of a reply.
fn bulks(reply: &str) -> Vec<String> {
    reply
        .split("\r\n")
        .filter(|line| !line.starts_with(['*', '$', '%']) && !line.is_empty())
        .map(String::from)
        .collect()
}

fn filled(fields: usize) -> EngineUnderTest {
    let mut t = EngineUnderTest::new();
    for number in 0..fields {
        t.run(&format!("HSET h f{number} v{number}"));
    }
    t
}

#[test]
fn random_fields_are_different_if_the_count_is_positive() {
    for fields in [1, 10, 100, 1_000] {
        let mut t = filled(fields);
        for count in [1, 3, 5, 50, 99, 100, 500, 2_000] {
            let drawn = bulks(&t.run(&format!("HRANDFIELD h {count}")));
            assert_eq!(drawn.len(), count.min(fields), "{count} of {fields}");
            let different: BTreeSet<_> = drawn.iter().collect();
            assert_eq!(different.len(), drawn.len(), "{count} of {fields}");
        }
    }
}

#[test]
fn every_field_is_drawn_in_the_end() {
    for (fields, count) in [(10, "-1"), (10, "3"), (600, "3"), (600, "-50"), (600, "300")] {
        let mut t = filled(fields);
        let mut drawn = BTreeSet::new();
        for _ in 0..100_000 {
            drawn.extend(bulks(&t.run(&format!("HRANDFIELD h {count}"))));
            if drawn.len() == fields {
                break;
            }
        }
        assert_eq!(drawn.len(), fields, "{count} of {fields}");
    }
}

#[test]
fn random_values_are_those_of_their_fields() {
    for fields in [20, 600] {
        let mut t = filled(fields);
        for count in ["5", "-5", "400"] {
            let drawn = bulks(&t.run(&format!("HRANDFIELD h {count} WITHVALUES")));
            assert!(drawn.chunks(2).all(|pair| pair[0][1..] == pair[1][1..]), "{drawn:?}");
        }
        t.use_resp3();
        assert!(t.run("HRANDFIELD h 2 WITHVALUES").starts_with("*2\r\n*2\r\n$"));
    }
}

#[test]
fn a_walk_shows_every_field() {
    let mut t = filled(1_000);
    let (mut cursor, mut seen, mut steps) = (String::from("0"), BTreeSet::new(), 0);
    loop {
        let mut page = bulks(&t.run(&format!("HSCAN h {cursor} COUNT 20 NOVALUES")));
        cursor = page.remove(0);
        seen.extend(page);
        steps += 1;
        if cursor == "0" {
            break;
        }
    }
    assert_eq!(seen.len(), 1_000);
    assert!((20..200).contains(&steps), "{steps} steps");
}

#[test]
fn the_limits_of_packed_hashes_are_those_of_the_configuration() {
    let mut t = EngineUnderTest::with_config("hash-max-listpack-entries 3\nhash-max-listpack-value 5\n");
    t.run("HSET h a 1 b 2 c 3");
    assert!(t.run("OBJECT ENCODING h").contains("listpack\r\n"));
    t.run("HEXPIRE h 10 FIELDS 1 a");
    assert!(t.run("OBJECT ENCODING h").contains("listpackex"));
    t.run("HSET h d 4");
    assert!(t.run("OBJECT ENCODING h").contains("hashtable"));
    assert_eq!(t.run("HTTL h FIELDS 2 a b"), "*2\r\n:10\r\n:-1\r\n");
    t.run("HSET i a 12345");
    assert!(t.run("OBJECT ENCODING i").contains("listpack\r\n"));
    t.run("HSET i a 123456");
    assert!(t.run("OBJECT ENCODING i").contains("hashtable"));
    t.configure("hash-max-listpack-value", "6");
    t.run("HSET j a 123456");
    assert!(t.run("OBJECT ENCODING j").contains("listpack\r\n"));
}

/// As Redis 8.2 computes it.
#[test]
fn fingerprints_tell_which_fields_expire() {
    let mut t = EngineUnderTest::with_config("enable-debug-command yes\n");
    t.run("HSET p a 1 b 2");
    t.run("HPEXPIREAT p 2000000000000 FIELDS 1 a");
    assert_eq!(t.run("DEBUG DIGEST-VALUE p"), "*1\r\n+c07db73128914a41e685572f9d83e5ec946f598d\r\n");
}
