//! A plain RESP client: enough to send requests and to read any reply.
//!
//! Written for the tests alone and apart from kvd's codec, so that one mistake can't be made on both sides.

use std::fmt;

/// One whole reply or push.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// `+`
    Status(Vec<u8>),
    /// `-`, and `!` which no server sends today.
    Error(Vec<u8>),
    /// `:`
    Integer(i64),
    /// `$`
    Bulk(Vec<u8>),
    /// `$-1`, RESP2 only.
    NilBulk,
    /// `*-1`, RESP2 only.
    NilArray,
    /// `_`, RESP3 only.
    Nil,
    /// `*`
    Array(Vec<Frame>),
    /// `%`
    Map(Vec<(Frame, Frame)>),
    /// `~`
    Set(Vec<Frame>),
    /// `>`
    Push(Vec<Frame>),
    /// `,` with the text as sent, because the text is what clients see.
    Double(Vec<u8>),
    /// `#`
    Boolean(bool),
    /// `(`
    BigNumber(Vec<u8>),
    /// `=` without the three letters of the format and the colon.
    Verbatim(Vec<u8>),
}

/// Bytes that are no RESP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What was wrong.
    pub reason: String,
}

/// Replies nest a few levels (COMMAND DOCS has the most); beyond this a server has lost its way.
const DEPTH_MAX: usize = 64;
/// No test asks for a larger reply.
const LENGTH_MAX: usize = 64 << 20;

/// A request as an array of bulk strings.
pub fn encode<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Reads one frame from the start of `bytes`: the frame and its length, or `None` when more must arrive.
pub fn decode(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Malformed> {
    let mut reader = Reader { bytes, at: 0 };
    Ok(reader.frame(0)?.map(|frame| (frame, reader.at)))
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn frame(&mut self, depth: usize) -> Result<Option<Frame>, Malformed> {
        if depth > DEPTH_MAX {
            return Err(malformed(format!("nested deeper than {DEPTH_MAX}")));
        }
        let Some(line) = self.line() else { return Ok(None) };
        let Some((&kind, text)) = line.split_first() else { return Err(malformed("an empty line")) };
        match kind {
            b'+' => Ok(Some(Frame::Status(text.to_vec()))),
            b'-' => Ok(Some(Frame::Error(text.to_vec()))),
            b':' => Ok(Some(Frame::Integer(integer(text)?))),
            b',' => Ok(Some(Frame::Double(text.to_vec()))),
            b'(' => Ok(Some(Frame::BigNumber(text.to_vec()))),
            b'_' if text.is_empty() => Ok(Some(Frame::Nil)),
            b'#' if text == b"t" => Ok(Some(Frame::Boolean(true))),
            b'#' if text == b"f" => Ok(Some(Frame::Boolean(false))),
            b'$' if text == b"-1" => Ok(Some(Frame::NilBulk)),
            b'*' if text == b"-1" => Ok(Some(Frame::NilArray)),
            b'$' => Ok(self.payload(length(text)?)?.map(Frame::Bulk)),
            b'!' => Ok(self.payload(length(text)?)?.map(Frame::Error)),
            b'=' => self.verbatim(length(text)?),
            b'*' => Ok(self.frames(length(text)?, depth)?.map(Frame::Array)),
            b'~' => Ok(self.frames(length(text)?, depth)?.map(Frame::Set)),
            b'>' => Ok(self.frames(length(text)?, depth)?.map(Frame::Push)),
            b'%' => self.map(length(text)?, depth),
            _ => Err(malformed(format!("a frame that starts with {:?}", String::from_utf8_lossy(&line)))),
        }
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let rest = self.bytes.get(self.at..)?;
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = rest.get(..end)?.to_vec();
        self.at += end + 2;
        Some(line)
    }

    fn payload(&mut self, length: usize) -> Result<Option<Vec<u8>>, Malformed> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (Some(payload), Some(end)) = (rest.get(..length), rest.get(length..length + 2)) else {
            return Ok(None);
        };
        if end != b"\r\n" {
            return Err(malformed(format!("a payload of {length} bytes without CRLF behind it")));
        }
        self.at += length + 2;
        Ok(Some(payload.to_vec()))
    }

    fn verbatim(&mut self, length: usize) -> Result<Option<Frame>, Malformed> {
        let Some(payload) = self.payload(length)? else { return Ok(None) };
        match payload.get(3..) {
            Some([b':', text @ ..]) => Ok(Some(Frame::Verbatim(text.to_vec()))),
            _ => Err(malformed("a verbatim string without a format")),
        }
    }

    fn frames(&mut self, count: usize, depth: usize) -> Result<Option<Vec<Frame>>, Malformed> {
        let mut frames = Vec::new();
        for _ in 0..count {
            let Some(frame) = self.frame(depth + 1)? else { return Ok(None) };
            frames.push(frame);
        }
        Ok(Some(frames))
    }

    fn map(&mut self, pairs: usize, depth: usize) -> Result<Option<Frame>, Malformed> {
        let Some(flat) = self.frames(pairs * 2, depth)? else { return Ok(None) };
        let mut flat = flat.into_iter();
        let mut map = Vec::new();
        while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
            map.push((key, value));
        }
        Ok(Some(Frame::Map(map)))
    }
}

fn integer(text: &[u8]) -> Result<i64, Malformed> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| malformed(format!("an integer written {:?}", String::from_utf8_lossy(text))))
}

fn length(text: &[u8]) -> Result<usize, Malformed> {
    match usize::try_from(integer(text)?) {
        Ok(length) if length <= LENGTH_MAX => Ok(length),
        _ => Err(malformed(format!("a length of {:?}", String::from_utf8_lossy(text)))),
    }
}

fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed { reason: reason.into() }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server sent {}", self.reason)
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_only_when_all_of_it_is_there() {
        let bytes = b"*2\r\n$3\r\nabc\r\n%1\r\n+k\r\n,1.5\r\n:7\r\n";
        let whole = bytes.len() - 4;
        for end in 0..whole {
            assert_eq!(decode(&bytes[..end]).unwrap(), None, "{end} bytes");
        }
        let map = Frame::Map(vec![(Frame::Status(b"k".to_vec()), Frame::Double(b"1.5".to_vec()))]);
        let expected = Frame::Array(vec![Frame::Bulk(b"abc".to_vec()), map]);
        assert_eq!(decode(bytes).unwrap(), Some((expected, whole)));
    }

    #[test]
    fn what_is_no_resp_is_refused() {
        for bytes in
            [&b"x\r\n"[..], b":1x\r\n", b"$-2\r\n", b"$1\r\nabc\r\n", b"\r\n", b"=2\r\ntx\r\n", b"#x\r\n"]
        {
            assert!(decode(bytes).is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
        assert!(decode(&b"*1\r\n".repeat(DEPTH_MAX + 2)).is_err());
    }

    #[test]
    fn words_are_sent_as_bulk_strings() {
        assert_eq!(encode(&["GET", "a b"]), b"*2\r\n$3\r\nGET\r\n$3\r\na b\r\n");
    }
}
