//! Numbers of entries as words of a request.

use engine::CommandError;
use structures::stream::StreamId;

pub(super) const INVALID_ID: CommandError =
    CommandError::fixed("ERR Invalid stream ID specified as stream command argument");

/// The longest word that may be a number.
const ID_BYTES_MAX: usize = 127;

/// A number; `seq` is what the second half is if the word has none.
pub(super) fn parse_id(word: &[u8], seq: u64) -> Result<StreamId, CommandError> {
    match word {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        word => parse_strict(word, seq),
    }
}

/// A number, and neither `-` nor `+`.
pub(super) fn parse_strict(word: &[u8], seq: u64) -> Result<StreamId, CommandError> {
    let (ms, own_seq) = halves(word)?;
    let seq = match own_seq {
        Some(text) => parse_half(text).ok_or(INVALID_ID)?,
        None => seq,
    };
    Ok(StreamId::new(parse_half(ms).ok_or(INVALID_ID)?, seq))
}

/// What stands before and behind the first hyphen.
fn halves(word: &[u8]) -> Result<(&[u8], Option<&[u8]>), CommandError> {
    if word.len() > ID_BYTES_MAX {
        return Err(INVALID_ID);
    }
    // As in the peers, a word ends at a NUL.
    let word = super::missing::shown(word);
    Ok(match word.iter().position(|&byte| byte == b'-') {
        Some(hyphen) => (&word[..hyphen], Some(&word[hyphen + 1..])),
        None => (word, None),
    })
}

/// Digits, with blanks and a plus before them as in the peers.
fn parse_half(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii_start();
    let digits = digits.strip_prefix(b"+").unwrap_or(digits);
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
}

/// The number of an entry that is to be added.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum NewId {
    /// `*`: the present time, or the next after the last.
    Auto,
    /// `5-*`: the next of this millisecond.
    AutoSeq(u64),
    /// This one.
    Given(StreamId),
}

impl NewId {
    pub(super) fn parse(word: &[u8]) -> Result<Self, CommandError> {
        if word == b"*" {
            return Ok(Self::Auto);
        }
        match halves(word)? {
            (ms, Some(b"*")) => parse_half(ms).map(Self::AutoSeq).ok_or(INVALID_ID),
            _ => parse_strict(word, 0).map(Self::Given),
        }
    }

    /// The number that an entry gets in a stream whose last is `last`.
    pub(super) fn after(self, last: StreamId, now_ms: u64) -> Result<StreamId, CommandError> {
        const EXHAUSTED: CommandError = CommandError::fixed(
            "ERR The stream has exhausted the last possible ID, unable to add more items",
        );
        const TOO_SMALL: CommandError = CommandError::fixed(
            "ERR The ID specified in XADD is equal or smaller than the target stream top item",
        );
        let next = last.next().ok_or(EXHAUSTED)?;
        match self {
            Self::Auto => Ok(next.max(StreamId::new(now_ms, 0))),
            Self::AutoSeq(ms) if ms == last.ms && next.ms == ms => Ok(next),
            Self::AutoSeq(ms) if ms > last.ms => Ok(StreamId::new(ms, 0)),
            Self::Given(id) if id > last => Ok(id),
            Self::AutoSeq(_) | Self::Given(_) => Err(TOO_SMALL),
        }
    }
}

/// Where a range begins: a number, or behind one.
pub(super) fn parse_range_start(word: &[u8]) -> Result<StreamId, CommandError> {
    match word.strip_prefix(b"(") {
        Some(word) if word != b"" => {
            parse_strict(word, 0)?.next().ok_or(CommandError::fixed("ERR invalid start ID for the interval"))
        }
        _ => parse_id(word, 0),
    }
}

/// Where a range ends: at a number, or before one.
pub(super) fn parse_range_end(word: &[u8]) -> Result<StreamId, CommandError> {
    match word.strip_prefix(b"(") {
        Some(word) if word != b"" => parse_strict(word, u64::MAX)?
            .prev()
            .ok_or(CommandError::fixed("ERR invalid end ID for the interval")),
        _ => parse_id(word, u64::MAX),
    }
}

/// Decimal digits of a number, as a word of an effect or a reply.
#[derive(Clone, Copy)]
pub(super) struct IdText {
    bytes: [u8; Self::BYTES_MAX],
    len: usize,
}

impl IdText {
    /// Two numbers of 20 digits and a hyphen.
    const BYTES_MAX: usize = 41;

    pub(super) fn new(id: StreamId) -> Self {
        let (mut ms, mut seq) = (itoa::Buffer::new(), itoa::Buffer::new());
        let (ms, seq) = (ms.format(id.ms).as_bytes(), seq.format(id.seq).as_bytes());
        let mut bytes = [b'-'; Self::BYTES_MAX];
        let len = ms.len() + 1 + seq.len();
        bytes[..ms.len()].copy_from_slice(ms);
        bytes[ms.len() + 1..len].copy_from_slice(seq);
        Self { bytes, len }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(ms: u64, seq: u64) -> StreamId {
        StreamId::new(ms, seq)
    }

    #[test]
    fn numbers_are_read_as_by_the_peers() {
        let good: [(&[u8], StreamId); 8] = [
            (b"5", id(5, 0)),
            (b"5-1", id(5, 1)),
            (b"+5-+1", id(5, 1)),
            (b" 5- 1", id(5, 1)),
            (b"\t005-01", id(5, 1)),
            (b"5-1\0x", id(5, 1)),
            (b"-", StreamId::MIN),
            (b"18446744073709551615-18446744073709551615", StreamId::MAX),
        ];
        for (word, id) in good {
            assert_eq!(parse_id(word, 0), Ok(id), "{word:?}");
        }
        let bad: [&[u8]; 12] = [
            b"",
            b"5-",
            b"-5",
            b"--",
            b"5--1",
            b"5 ",
            b"0x5",
            b"5-1-1",
            b"18446744073709551616",
            b"$",
            b"*",
            b"5.0",
        ];
        for word in bad {
            assert_eq!(parse_id(word, 0), Err(INVALID_ID), "{word:?}");
        }
        assert_eq!(parse_id(&[b'0'; 128], 0), Err(INVALID_ID));
    }

    #[test]
    fn a_new_number_is_above_the_last() {
        assert_eq!(NewId::Auto.after(id(5, 1), 4), Ok(id(5, 2)));
        assert_eq!(NewId::Auto.after(id(5, 1), 6), Ok(id(6, 0)));
        assert_eq!(NewId::AutoSeq(0).after(StreamId::MIN, 6), Ok(id(0, 1)));
        assert_eq!(NewId::AutoSeq(5).after(id(5, 1), 6), Ok(id(5, 2)));
        assert_eq!(NewId::AutoSeq(6).after(id(5, 1), 6), Ok(id(6, 0)));
        assert!(NewId::AutoSeq(5).after(id(5, u64::MAX), 6).is_err());
        assert!(NewId::Given(id(5, 1)).after(id(5, 1), 6).is_err());
        assert!(NewId::Auto.after(StreamId::MAX, 6).is_err());
    }

    #[test]
    fn numbers_are_printed_in_full() {
        assert_eq!(IdText::new(id(5, 10)).bytes(), b"5-10");
        assert_eq!(IdText::new(StreamId::MAX).bytes().len(), IdText::BYTES_MAX);
    }
}
