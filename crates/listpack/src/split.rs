//! One list into two, two into one.

use crate::encoding;
use crate::frame::{self, EMPTY, HEADER_BYTES, Position, TERMINATOR, TooLarge};
use crate::listpack::{Listpack, Run};
use crate::storage::Storage;
use crate::view::ListpackRef;

impl<S: Storage> Listpack<S> {
    /// Takes the elements from `position` on out of this list and into a new one. Takes a walk over the shorter part.
    pub fn split_off(&mut self, position: Position) -> Listpack {
        let (at, end) = (position.offset(), self.view().end());
        let count = self.count_from(at);
        let tail = &self.as_bytes()[at..end];
        let mut bytes = Vec::with_capacity(EMPTY.len() + tail.len());
        bytes.extend_from_slice(&EMPTY[..HEADER_BYTES]);
        bytes.extend_from_slice(tail);
        bytes.push(TERMINATOR);
        frame::write_header(&mut bytes, Some(count));
        let removed = Run { bytes: tail.len(), count };
        let shrunk = self.splice(at, removed, Run::default(), |_| {});
        debug_assert_eq!(shrunk, Ok(()), "what gets smaller fits");
        Listpack::trusted(bytes)
    }

    /// Adds all elements of another list at the end, their bytes as they are.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], and nothing is changed.
    pub fn concat(&mut self, other: ListpackRef<'_>) -> Result<(), TooLarge> {
        let entries = other.as_bytes().get(HEADER_BYTES..other.end()).unwrap_or_default();
        let added = Run { bytes: entries.len(), count: other.len() };
        self.splice(self.view().end(), Run::default(), added, |room| room.copy_from_slice(entries))
    }

    /// The number of elements from the offset to the end.
    fn count_from(&self, at: usize) -> usize {
        let bytes = self.as_bytes();
        match frame::count(bytes) {
            Some(count) if at < bytes.len() / 2 => {
                let mut before = 0;
                let mut start = HEADER_BYTES;
                while start < at {
                    let Some(len) = encoding::entry_len(bytes, start) else { break };
                    start += len;
                    before += 1;
                }
                count - before
            }
            _ => self.view().count_from(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(range: std::ops::Range<i64>) -> Listpack {
        let mut list = Listpack::new();
        range.for_each(|number| list.push_back(number * 100).unwrap());
        list
    }

    #[test]
    fn what_is_split_is_whole_again_when_joined() {
        for at in 0..20 {
            let mut front = numbers(0..20);
            let back = front.split_off(front.view().nth(at).unwrap());
            assert_eq!(front.as_bytes(), numbers(0..at as i64).as_bytes());
            assert_eq!(back.as_bytes(), numbers(at as i64..20).as_bytes());
            front.concat(back.view()).unwrap();
            assert_eq!(front.as_bytes(), numbers(0..20).as_bytes());
        }
    }

    #[test]
    fn counts_that_no_header_can_tell_are_counted() {
        let mut list = numbers(0..70_000);
        assert_eq!(list.as_bytes()[4..6], [0xFF, 0xFF]);
        assert_eq!(list.view().len(), 70_000);
        let back = list.split_off(list.view().nth(65_534).unwrap());
        assert_eq!((list.view().len(), back.view().len()), (65_534, 4466));
        assert_eq!(list.as_bytes()[4..6], [0xFF, 0xFF], "not counted after a deletion");
        assert_eq!(back.as_bytes()[4..6], 4466_u16.to_le_bytes());
        list.recount();
        assert_eq!(list.as_bytes()[4..6], 65_534_u16.to_le_bytes());
        list.push_back(1).unwrap();
        assert_eq!(list.as_bytes()[4..6], [0xFF, 0xFF]);
    }
}
