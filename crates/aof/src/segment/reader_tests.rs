//! What is read, refused and called torn, however the bytes are cut up.

use proptest::prelude::*;

use super::*;

/// Everything a reader tells of some bytes: records as text, then how it ended.
fn told(bytes: &[u8], piece: usize) -> Vec<String> {
    let limits = Limits { word_bytes_max: 1000, words_max: 100, command_bytes_max: 5000 };
    let mut reader = SegmentReader::new(100, limits);
    let mut told = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        reader.feed(piece);
        loop {
            match reader.next_record() {
                Ok(Some(Record::Command(command))) => {
                    told.push(format!(
                        "{}..{} {:?} {}",
                        command.start, command.end, command.words, command.in_transaction
                    ));
                }
                Ok(Some(Record::Annotation(line))) => {
                    told.push(format!("{}..{} #{:?}", line.start, line.end, line.timestamp()))
                }
                Ok(None) => break,
                Err(fault) => {
                    told.push(fault.to_string());
                    return told;
                }
            }
        }
    }
    told.push(format!("{:?}", reader.ending()));
    told
}

fn last(bytes: &[u8]) -> String {
    told(bytes, 7).pop().unwrap()
}

fn torn(good: u64, bytes: &[u8], cause: TailCause) -> String {
    format!("{:?}", Ending::Truncated(Tail { good: 100 + good, length: 100 + bytes.len() as u64, cause }))
}

const DEL: &[u8] = b"*2\r\n$3\r\nDEL\r\n$1\r\na\r\n";
const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const EXEC: &[u8] = b"*1\r\n$4\r\nexec\r\n";

#[test]
fn commands_annotations_and_transactions_are_told_apart() {
    let bytes = [DEL, b"#TS:17\r\n#x\n", MULTI, DEL, EXEC, b"*1\r\n$0\r\n\r\n"].concat();
    let expected = [
        "100..120 [\"DEL\", \"a\"] false",
        "120..128 #Some(17)",
        "128..131 #None",
        "131..146 [\"MULTI\"] true",
        "146..166 [\"DEL\", \"a\"] true",
        "166..180 [\"exec\"] true",
        "180..190 [\"\"] false",
        "Clean { length: 190 }",
    ];
    for piece in 1..=bytes.len() {
        assert_eq!(told(&bytes, piece), expected, "in pieces of {piece}");
    }
    assert_eq!(last(b""), "Clean { length: 100 }");
}

#[test]
fn every_cut_of_a_good_file_is_a_torn_end_behind_a_whole_record() {
    let bytes = [DEL, b"#TS:17\r\n", MULTI, DEL, EXEC, DEL].concat();
    let whole = [0, 20, 28, 77, 97];
    for cut in 0..bytes.len() {
        let good = *whole.iter().rfind(|end| **end <= cut).unwrap();
        let cut_bytes = &bytes[..cut];
        let inside = [43, 63].contains(&cut);
        let cause = if inside { TailCause::Transaction } else { TailCause::Command };
        let expected = if whole.contains(&cut) {
            format!("Clean {{ length: {} }}", 100 + cut)
        } else {
            torn(good as u64, cut_bytes, cause)
        };
        assert_eq!(last(cut_bytes), expected, "cut at {cut}");
        let zeros = [cut_bytes, &[0; 50]].concat();
        // Zeros that still lie within what a word claims to hold are its bytes.
        let expected = torn(good as u64, &zeros, TailCause::Zeros);
        assert_eq!(last(&zeros), expected, "zeros from {cut}");
        let garbage = [&zeros[..], b"x"].concat();
        assert!(last(&garbage).contains("at byte"), "zeros and garbage from {cut}: {}", last(&garbage));
    }
}

#[test]
fn zeros_within_a_long_word_are_a_torn_command() {
    let bytes = [DEL, b"*1\r\n$90\r\nabc", &[0; 50]].concat();
    assert_eq!(last(&bytes), torn(20, &bytes, TailCause::Command));
}

#[test]
fn wrong_bytes_are_named_with_their_place() {
    let cases: [(&[u8], &str); 16] = [
        (b"GET a\r\n", "a command begins with neither '*' nor '#' at byte 100"),
        (b"*2\r\n+3\r\n", "a word begins without '$' at byte 104"),
        (b"*x\r\n", "a count or length isn't a number at byte 101"),
        (b"*\r\n", "a count or length isn't a number at byte 101"),
        (b"*-1\r\n", "a count or length isn't a number at byte 101"),
        (b"*1\n", "a count or length isn't a number at byte 102"),
        (b"*1\rx", "the end of a line or word is missing at byte 103"),
        (b"*12345678901\r\n", "a count or length isn't a number at byte 111"),
        (b"*0\r\n", "a command of 0 words at byte 101"),
        (b"*101\r\n", "a command of 101 words at byte 101"),
        (b"*1\r\n$1001\r\n", "a word of 1001 bytes at byte 105"),
        (b"*1\r\n$1\r\nabc", "the end of a line or word is missing at byte 109"),
        (&[&b"#"[..], &[b'x'; 1023]].concat(), "an annotation too long at byte 100"),
        (&[MULTI, MULTI].concat(), "a MULTI within a transaction at byte 115"),
        (EXEC, "an EXEC without MULTI at byte 100"),
        (b"*1\r\n$1\r\na\r\0x", "the end of a line or word is missing at byte 110"),
    ];
    for (bytes, expected) in cases {
        for piece in [1, 3, 2000] {
            assert_eq!(told(bytes, piece).pop().unwrap(), expected, "{}", bytes.escape_ascii());
        }
    }
    let long = [&b"*10\r\n"[..], &[&b"$900\r\n"[..], &[b'x'; 900], b"\r\n"].concat().repeat(10)].concat();
    assert!(last(&long).starts_with("a command of more than 5000 bytes"));
}

#[test]
fn memory_is_taken_for_bytes_that_came() {
    let mut reader = SegmentReader::new(0, Limits::DEFAULT);
    reader.feed(b"*2147483647\r\n$536870912\r\nabc");
    assert!(reader.next_record().unwrap().is_none());
    assert!(reader.buffer.capacity() < 1000 && reader.words.capacity() < 1000);
    // What was given is dropped.
    let mut reader = SegmentReader::new(0, Limits::DEFAULT);
    for _ in 0..1000 {
        reader.feed(DEL);
        assert!(reader.next_record().unwrap().is_some());
    }
    assert!(reader.buffer.capacity() < 1000);
}

#[test]
fn a_length_that_reaches_over_whole_commands_is_wrong() {
    let long = b"*2\r\n$3\r\nGET\r\n$99999\r\nabc";
    let finish = |bytes: &[u8]| {
        let mut reader = SegmentReader::new(100, Limits::DEFAULT);
        reader.feed(bytes);
        while reader.next_record().unwrap().is_some() {}
        let ending = reader.ending();
        let finished = reader.finish();
        assert_eq!(reader.ending(), ending);
        finished
    };
    let reason = |commands_at| Fault::LengthOverCommands { bytes: 99999, commands_at };
    for (rest, commands_at) in [
        (DEL.to_vec(), 146),
        (DEL.repeat(1000), 146),
        ([&b"#TS:9\r\n"[..], DEL].concat(), 153),
        ([DEL, &b"*1\r\n$9\r\nabc\r\n"[..], DEL].concat(), 179),
        ([MULTI, DEL, EXEC].concat(), 146),
        // The front of a transaction went with what is damaged.
        ([DEL, EXEC, DEL].concat(), 180),
    ] {
        let bytes = [DEL, long, b"\r\n", &rest].concat();
        let fault = Malformed { offset: 100 + 41, reason: reason(commands_at) };
        assert_eq!(finish(&bytes), Err(fault), "{}", bytes.escape_ascii());
    }
    for rest in
        [&b""[..], b"\r\n", b"\r\n*", b"\r\n*1\r\n$3\r\nDEL\r", b"\r\n*1\r\n$1\r\na\r\n*", b"\r\n\r\n*x"]
    {
        let bytes = [DEL, long, rest].concat();
        let tail = Tail { good: 120, length: 100 + bytes.len() as u64, cause: TailCause::Command };
        assert_eq!(finish(&bytes), Ok(Ending::Truncated(tail)), "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_follows_a_wrong_length_is_looked_through_once() {
    // Each of these begins a command, and none is one.
    let bytes = [&b"*1\r\n$99999999\r\n"[..], &b"\r\n*3\r\n$1\r\na".repeat(200_000)].concat();
    let mut reader = SegmentReader::new(0, Limits::DEFAULT);
    reader.feed(&bytes);
    assert!(reader.next_record().unwrap().is_none());
    assert!(matches!(reader.finish(), Ok(Ending::Truncated(_))));
}

fn pieces_of_a_log() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(DEL.to_vec()),
        1 => Just(MULTI.to_vec()),
        1 => Just(EXEC.to_vec()),
        1 => Just(b"#TS:9\r\n".to_vec()),
        1 => proptest::collection::vec(prop_oneof![Just(0u8), Just(b'*'), Just(b'1'), Just(b'\r'), Just(b'\n'), Just(b'$')], 0..9),
        1 => Just(vec![0; 30]),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn how_bytes_are_cut_up_makes_no_difference(bytes in pieces_of_a_log(), piece in 1usize..40) {
        prop_assert_eq!(told(&bytes, piece), told(&bytes, usize::MAX));
    }
}
