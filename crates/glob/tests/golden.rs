//! The answers of a real server, recorded by `golden/record.py`.

use kvd_glob::{Pattern, matches, matches_ignoring_case};

type Matcher = fn(&[u8], &[u8]) -> bool;

/// Compares every pattern of the table with every text of it, and returns how many pairs that were.
fn compare(table: &str, matcher: Matcher, compile: fn(&[u8]) -> Pattern) -> usize {
    let mut texts = Vec::new();
    let mut pairs = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split('\t');
        match words.next() {
            Some("text") => texts.push(unescape(words.next().expect("a text"))),
            Some("pattern") => {
                let pattern = unescape(words.next().expect("a pattern"));
                let matched: Vec<Vec<u8>> = words.map(unescape).collect();
                let compiled = compile(&pattern);
                for text in &texts {
                    let expected = matched.contains(text);
                    let pair = || format!("{} on {}", pattern.escape_ascii(), text.escape_ascii());
                    assert_eq!(matcher(&pattern, text), expected, "{}", pair());
                    assert_eq!(compiled.matches(text), expected, "compiled {}", pair());
                }
                pairs += texts.len();
            }
            _ => panic!("not a line of a table: {line}"),
        }
    }
    pairs
}

fn unescape(word: &str) -> Vec<u8> {
    let mut parts = word.split("\\x");
    let mut bytes = parts.next().expect("split gives at least one").as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).expect("two hex digits"));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

#[test]
fn keys_of_a_server() {
    let pairs = compare(include_str!("golden/keys.txt"), matches, Pattern::new);
    assert!(pairs > 20_000, "{pairs}");
}

#[test]
fn parameters_of_a_server_in_either_case() {
    let pairs = compare(include_str!("golden/config.txt"), matches_ignoring_case, Pattern::ignoring_case);
    assert!(pairs > 1000, "{pairs}");
}

#[test]
fn commands_of_a_server_in_either_case() {
    let pairs = compare(include_str!("golden/commands.txt"), matches_ignoring_case, Pattern::ignoring_case);
    assert!(pairs > 1500, "{pairs}");
}
