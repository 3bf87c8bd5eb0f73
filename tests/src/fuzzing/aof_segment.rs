//! A file of the log is read the same however its bytes come, what was read is written the same again, and its good part has a clean end.

use aof::{Ending, Limits, Record, SegmentReader};

/// Small, so that short inputs reach them.
const LIMITS: Limits = Limits { word_bytes_max: 500, words_max: 50, command_bytes_max: 2000 };

/// Records as text, then how it ended, or what is wrong.
fn read(bytes: &[u8], mut piece_bytes: impl FnMut() -> usize) -> (Vec<String>, Option<Ending>) {
    let mut reader = SegmentReader::new(0, LIMITS);
    let mut told = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(piece_bytes().clamp(1, rest.len()));
        rest = behind;
        reader.feed(piece);
        loop {
            match reader.next_record() {
                Ok(Some(record)) => {
                    check_bytes(bytes, &record);
                    told.push(format!("{record:?}"));
                }
                Ok(None) => break,
                Err(fault) => {
                    assert!(fault.offset < bytes.len() as u64);
                    told.push(fault.to_string());
                    return (told, None);
                }
            }
        }
    }
    (told, Some(reader.ending()))
}

/// A command's words, written, are the bytes that it was read from, but for zeros in front of numbers.
fn check_bytes(bytes: &[u8], record: &Record<'_>) {
    let Record::Command(command) = record else { return };
    let mut written = Vec::new();
    let words: Vec<&[u8]> = command.words.iter().collect();
    resp::write_request(&mut written, &words);
    let start = usize::try_from(command.start).unwrap_or(usize::MAX);
    let end = usize::try_from(command.end).unwrap_or(usize::MAX);
    let read = bytes.get(start..end).expect("a command lies in the file");
    assert!(read == written || read.len() > written.len(), "{}", read.escape_ascii());
}

/// Checks one input: its first byte says how the rest is cut up.
pub fn aof_segment(input: &[u8]) {
    let Some((seed, bytes)) = input.split_first() else { return };
    let whole = read(bytes, || usize::MAX);
    let mut rng = fastrand::Rng::with_seed(u64::from(*seed));
    assert_eq!(read(bytes, || rng.usize(1..20)), whole);
    assert_eq!(read(bytes, || 1), whole);
    if let Some(ending) = whole.1 {
        let good = usize::try_from(ending.good()).unwrap_or(usize::MAX);
        let again = read(bytes.get(..good).expect("the good part lies in the file"), || usize::MAX);
        assert_eq!(again.1, Some(Ending::Clean { length: ending.good() }));
        assert!(whole.0.starts_with(&again.0));
    }
}
