//! Where replies end, found without building them: most are equal byte by byte.

use std::ops::Range;

/// The replies to a batch, as they came.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// No reply of a comparison nests deeper or has more parts waiting.
const OPEN_MAX: u64 = 1 << 32;

impl Replies {
    /// Takes what arrived; frames that are no replies are dropped.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let mut start = self.ends.last().copied().unwrap_or(0);
        while let Some(length) = frame_length(&self.bytes[start..]) {
            if self.bytes[start] == b'>' {
                self.bytes.drain(start..start + length);
                continue;
            }
            start += length;
            self.ends.push(start);
        }
    }

    /// How many replies are complete.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of one reply.
    pub(crate) fn reply(&self, index: usize) -> Option<&[u8]> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.bytes.get(Range { start, end: *self.ends.get(index)? })
    }

    /// Whether bytes are left that belong to no complete reply.
    pub(crate) fn has_rest(&self) -> bool {
        self.ends.last().copied().unwrap_or(0) < self.bytes.len()
    }
}

/// The length of the frame at the start of `bytes`, if all of it is there.
///
/// Bytes that are no RESP count as a frame up to the end of their line; comparing and decoding it shows the fault.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut open: u64 = 1;
    while open > 0 {
        let line_end = at + bytes.get(at..)?.windows(2).position(|pair| pair == b"\r\n")?;
        let line = &bytes[at..line_end];
        at = line_end + 2;
        open -= 1;
        let count = || std::str::from_utf8(line.get(1..)?).ok()?.parse::<u64>().ok();
        match line.first() {
            Some(b'$' | b'=' | b'!') => {
                if let Some(length) = count() {
                    at += usize::try_from(length).ok()? + 2;
                    bytes.get(..at)?;
                }
            }
            Some(b'*' | b'~' | b'>') => open += count().unwrap_or(0),
            Some(b'%') => open += count().unwrap_or(0).saturating_mul(2),
            _ => {}
        }
        if open > OPEN_MAX {
            return Some(at);
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_cut_wherever_the_bytes_were_split() {
        let whole = [
            &b"+OK\r\n"[..],
            b"$4\r\na\r\nb\r\n",
            b"*2\r\n:1\r\n%1\r\n+k\r\n$-1\r\n",
            b"*-1\r\n",
            b"$0\r\n\r\n",
        ];
        let bytes = whole.concat();
        for split in 0..bytes.len() {
            let mut replies = Replies::default();
            replies.feed(&bytes[..split]);
            replies.feed(&bytes[split..]);
            let got: Vec<_> = (0..replies.count()).map(|index| replies.reply(index).unwrap()).collect();
            assert_eq!(got, whole);
            assert!(!replies.has_rest());
        }
    }

    #[test]
    fn messages_are_no_replies() {
        let mut replies = Replies::default();
        replies.feed(b":1\r\n>2\r\n+a\r\n+b\r\n:2\r\n:3");
        assert_eq!(replies.count(), 2);
        assert_eq!(replies.reply(1).unwrap(), b":2\r\n");
        assert!(replies.has_rest());
    }
}
