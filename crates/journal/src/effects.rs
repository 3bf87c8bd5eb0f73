//! What one command did, in the form that reproduces it.

use resp::write_request;

/// What a word takes besides its bytes: `$`, its length, and CRLF twice; room for a length of seven digits will do.
const WORD_BYTES_MAX: usize = 12;

/// The effects of one command: requests that, run in order on the same data, give the same result.
///
/// They hold absolute times, chosen members and generated ids, never anything that depends on when or where they are run.
/// Kept in wire form, ready to be written to a log or a replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    wire: Vec<u8>,
    count: usize,
}

impl Effects {
    /// Adds one request.
    pub fn push(&mut self, words: &[&[u8]]) {
        // At once, since they grow from nothing for most commands.
        let bytes: usize = words.iter().map(|word| word.len() + WORD_BYTES_MAX).sum();
        self.wire.reserve(WORD_BYTES_MAX + bytes);
        write_request(&mut self.wire, words);
        self.count += 1;
    }

    /// Adds all requests of another command.
    pub fn extend(&mut self, other: &Self) {
        self.wire.extend_from_slice(&other.wire);
        self.count += other.count;
    }

    /// How many requests there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The requests one after the other, each as an array of bulk strings.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Forgets the requests, keeps the buffer.
    pub fn clear(&mut self) {
        self.wire.clear();
        self.count = 0;
    }
}
