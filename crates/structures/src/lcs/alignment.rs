//! The way through the table, from its end to its beginning.

use std::ops::Range;

use super::bound::{TooLarge, check};
use super::rows::Columns;

/// Two strings and one of their longest common subsequences: of several, the one that the servers give.
///
/// ```
/// use kvd_structures::lcs::Alignment;
///
/// let alignment = Alignment::new(b"ohmytext", b"mynewtext", 1 << 20).unwrap();
/// assert_eq!(alignment.len(), 6);
/// assert_eq!(alignment.subsequence(), b"mytext");
/// let matches: Vec<_> = alignment.matches().map(|m| (m.a, m.b)).collect();
/// assert_eq!(matches, [(4..8, 5..9), (2..4, 0..2)]);
/// ```
pub struct Alignment<'s> {
    a: &'s [u8],
    b: &'s [u8],
    /// All rows of the table but the one of the empty beginning, each of `words` words.
    rows: Vec<u64>,
    words: usize,
    len: usize,
}

/// A part that both strings have, as long as it can be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// Where it stands in the first string.
    pub a: Range<usize>,
    /// Where it stands in the second.
    pub b: Range<usize>,
}

impl<'s> Alignment<'s> {
    /// Aligns `a` with `b`, in `a.len() * b.len() / 64` steps. `table_bytes_max` is the bound that [`length`](super::length()) explains. The memory really
    /// used is one bit per cell in whole words, and what `length` uses: a 16th of the bound for long strings, never more than all of it.
    pub fn new(a: &'s [u8], b: &'s [u8], table_bytes_max: u64) -> Result<Self, TooLarge> {
        check(a, b, table_bytes_max)?;
        let columns = Columns::new(a, b);
        let mut row = columns.first_row();
        let words = row.len();
        let mut rows = Vec::with_capacity(a.len() * words);
        for &byte in a {
            columns.advance(&mut row, byte);
            rows.extend_from_slice(&row);
        }
        Ok(Self { a, b, rows, words, len: columns.length(&row) })
    }

    /// The length of the common subsequence.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the strings have no byte in common.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The common subsequence itself.
    pub fn subsequence(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.pairs().map(|(i, _)| self.a[i]).collect();
        bytes.reverse();
        bytes
    }

    /// The parts of the strings that make up the common subsequence, from the last to the first. The caller leaves out those that are too short.
    pub fn matches(&self) -> impl Iterator<Item = Match> {
        let mut pairs = self.pairs().peekable();
        std::iter::from_fn(move || {
            let (i, j) = pairs.next()?;
            let mut found = Match { a: i..i + 1, b: j..j + 1 };
            while pairs.next_if(|&(i, j)| (i + 1, j + 1) == (found.a.start, found.b.start)).is_some() {
                found.a.start -= 1;
                found.b.start -= 1;
            }
            Some(found)
        })
    }

    /// The indexes of the bytes that are paired, from the last to the first.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let (mut i, mut j) = (self.a.len(), self.b.len());
        std::iter::from_fn(move || {
            while i > 0 && j > 0 {
                if self.a[i - 1] == self.b[j - 1] {
                    (i, j) = (i - 1, j - 1);
                    return Some((i, j));
                }
                if self.grows(i, j) {
                    i -= 1;
                } else {
                    j -= 1;
                }
            }
            None
        })
    }

    /// Whether row `i` grows from column `j - 1` to column `j`.
    fn grows(&self, i: usize, j: usize) -> bool {
        let word = self.rows[(i - 1) * self.words + (j - 1) / 64];
        word >> ((j - 1) % 64) & 1 == 0
    }
}

impl Match {
    /// How many bytes are the same.
    pub fn len(&self) -> usize {
        self.a.len()
    }

    /// Never: a match has a byte at least.
    pub fn is_empty(&self) -> bool {
        self.a.is_empty()
    }
}
