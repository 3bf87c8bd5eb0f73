//! Bits, fields, parts of strings and common subsequences of a real server, recorded by `golden/record_bits.py`.

mod table;

use kvd_structures::bitfield::{Field, FieldError, Overflow};
use kvd_structures::bitmap::{self, Combination, Unit};
use kvd_structures::lcs::{self, Alignment, Match};
use kvd_structures::{overwrite, slice_range};
use table::rows;

/// The greatest string of a server as it comes.
const BYTES_MAX: u64 = 512 << 20;

fn bytes(word: &str) -> Vec<u8> {
    if word == "-" {
        return Vec::new();
    }
    let digit = |at: usize| u8::from_str_radix(&word[at..at + 2], 16).expect("hexadecimal digits");
    (0..word.len()).step_by(2).map(digit).collect()
}

fn hexed(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".into() } else { bytes.iter().map(|byte| format!("{byte:02x}")).collect() }
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(word: &str) -> T {
    word.parse().expect("a number")
}

fn text(answer: Option<impl ToString>) -> String {
    answer.map_or("nil".into(), |answer| answer.to_string())
}

#[test]
fn parts_of_strings() {
    for row in rows(include_str!("golden/range.txt"), ' ') {
        match row[..] {
            ["getrange", string, start, end, expected] => {
                let string = bytes(string);
                let range = slice_range(string.len(), number(start), number(end));
                assert_eq!(hexed(&string[range]), expected, "{row:?}");
            }
            ["setrange", string, offset, part, expected] => {
                let mut string = bytes(string);
                overwrite(&mut string, number(offset), &bytes(part));
                assert_eq!(hexed(&string), expected, "{row:?}");
            }
            _ => panic!("{row:?}"),
        }
    }
}

fn unit(word: &str) -> Unit {
    if word == "BIT" { Unit::Bit } else { Unit::Byte }
}

fn position(string: &str, wanted: &str, start: &str, end: Option<&str>, unit: Unit) -> String {
    let found = bitmap::position(&bytes(string), wanted == "1", number(start), end.map(number), unit);
    found.map_or("-1".into(), |offset| offset.to_string())
}

fn combined(words: &[&str]) -> String {
    let sources: Vec<Vec<u8>> = words[1..].iter().map(|word| bytes(word)).collect();
    let sources: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
    let how = match words[0] {
        "AND" => Combination::And,
        "OR" => Combination::Or,
        "XOR" => Combination::Xor,
        "DIFF" => Combination::Diff,
        "DIFF1" => Combination::Diff1,
        "ANDOR" => Combination::AndOr,
        "ONE" => Combination::One,
        "NOT" => return hexed(&bitmap::invert(sources[0])),
        other => panic!("{other}"),
    };
    hexed(&bitmap::combine(how, &sources))
}

#[test]
fn bitmaps() {
    for row in rows(include_str!("golden/bitmap.txt"), ' ') {
        let (&expected, asked) = row.split_last().expect("words");
        let answer = match *asked {
            ["count", string] => bitmap::count(&bytes(string)).to_string(),
            ["count", string, start, end, of] => {
                bitmap::count_in(&bytes(string), number(start), number(end), unit(of)).to_string()
            }
            ["position", string, wanted] => position(string, wanted, "0", None, Unit::Byte),
            ["position", string, wanted, start] => position(string, wanted, start, None, Unit::Byte),
            ["position", string, wanted, start, end, of] => {
                position(string, wanted, start, Some(end), unit(of))
            }
            ["bit", string, offset] => u8::from(bitmap::bit(&bytes(string), number(offset))).to_string(),
            ["set", string, offset, on, old] => {
                let mut string = bytes(string);
                assert_eq!(bitmap::set_bit(&mut string, number(offset), on == "1"), old == "1", "{row:?}");
                hexed(&string)
            }
            ["combine", ref words @ .., "->"] => combined(words),
            _ => panic!("{row:?}"),
        };
        assert_eq!(answer, expected, "{row:?}");
    }
}

fn field_answer(
    verb: &str,
    string: &mut Vec<u8>,
    field: Field,
    at: u64,
    overflow: &str,
    value: i64,
) -> String {
    let overflow = match overflow {
        "SAT" => Overflow::Saturate,
        "FAIL" => Overflow::Fail,
        _ => Overflow::Wrap,
    };
    text(match verb {
        "GET" => Some(field.read(string, at)),
        "SET" => field.set(string, at, value, overflow),
        "INCRBY" => field.increment(string, at, value, overflow),
        _ => panic!("{verb}"),
    })
}

#[test]
fn bitfields() {
    let fault = |fault| if fault == FieldError::Type { "!type" } else { "!offset" };
    for row in rows(include_str!("golden/bitfield.txt"), ' ') {
        match row[..] {
            ["type", kind, expected] => {
                let answer = Field::parse(kind.as_bytes()).map_or_else(fault, |_| "0");
                assert_eq!(answer, expected, "{row:?}");
            }
            ["offset", kind, offset, expected] => {
                let field = Field::parse(kind.as_bytes()).expect("a type");
                let answer = field.parse_offset(offset.as_bytes(), BYTES_MAX).map_or_else(fault, |_| "0");
                assert_eq!(answer, expected, "{row:?}");
            }
            [verb, string, kind, offset, overflow, value, expected, after] => {
                let mut string = bytes(string);
                let field = Field::parse(kind.as_bytes()).expect("a type");
                let answer = field_answer(verb, &mut string, field, number(offset), overflow, number(value));
                assert_eq!((answer.as_str(), hexed(&string).as_str()), (expected, after), "{row:?}");
            }
            _ => panic!("{row:?}"),
        }
    }
}

fn listed<'m>(matches: impl Iterator<Item = &'m Match>) -> String {
    let line = |m: &Match| format!("{}-{}:{}-{}:{}", m.a.start, m.a.end - 1, m.b.start, m.b.end - 1, m.len());
    let lines: Vec<String> = matches.map(line).collect();
    if lines.is_empty() { "-".into() } else { lines.join(",") }
}

#[test]
fn common_subsequences() {
    for row in rows(include_str!("golden/lcs.txt"), ' ') {
        let [a, b, len, subsequence, matches, least, long_matches] = row[..] else { panic!("{row:?}") };
        let (a, b, least) = (bytes(a), bytes(b), number(least));
        let alignment = Alignment::new(&a, &b, BYTES_MAX).expect("short strings");
        assert_eq!(alignment.len(), number(len), "{row:?}");
        assert_eq!(lcs::length(&a, &b, BYTES_MAX), Ok(number(len)), "{row:?}");
        assert_eq!(hexed(&alignment.subsequence()), subsequence, "{row:?}");
        let found: Vec<Match> = alignment.matches().collect();
        assert_eq!(listed(found.iter()), matches, "{row:?}");
        assert_eq!(listed(found.iter().filter(|m| m.len() >= least)), long_matches, "{row:?}");
    }
}

/// The borders at which a server with `proto-max-bulk-len` of 1 MiB begins to refuse.
#[test]
fn tables_too_large_are_refused() {
    for (a, b, fits) in [
        (511, 511, true),
        (511, 512, false),
        (1023, 255, true),
        (1023, 256, false),
        (100_000, 1, true),
        (100_000, 3, false),
    ] {
        let (a, b) = (vec![b'a'; a], vec![b'b'; b]);
        assert_eq!(lcs::length(&a, &b, 1 << 20).is_ok(), fits);
        assert_eq!(Alignment::new(&a, &b, 1 << 20).is_ok(), fits);
    }
}
