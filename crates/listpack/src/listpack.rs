//! Changing a packed list.

use std::fmt;

use crate::element::Element;
use crate::encoding::{self, Encoded};
use crate::frame::{self, BYTES_MAX, EMPTY, Position, TooLarge};
use crate::malformed::Malformed;
use crate::storage::Storage;
use crate::validate;
use crate::view::ListpackRef;

/// A packed list that can be changed. What reads is at its [`view`](Self::view).
///
/// Every change moves the bytes behind it, once, and may move all of them to another place. It takes time by the size of the list,
/// so lists should be small; those who use them say how small.
#[derive(Clone)]
pub struct Listpack<S = Vec<u8>> {
    /// Always a valid list.
    bytes: S,
}

/// What a change takes out or puts in.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run {
    pub(crate) bytes: usize,
    pub(crate) count: usize,
}

impl Listpack {
    /// A list without elements.
    pub fn new() -> Self {
        Self::empty_in(Vec::new())
    }

    /// Takes bytes from elsewhere, all of which are checked.
    ///
    /// # Errors
    ///
    /// The first fault, if they are no packed list from the first byte to the last.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Malformed> {
        validate::validate(&bytes)?;
        Ok(Self { bytes })
    }
}

impl<S: Storage> Listpack<S> {
    /// A list without elements in `storage`, whatever was there before.
    pub fn empty_in(mut storage: S) -> Self {
        let len = storage.as_ref().len();
        storage.resize_at(0, len, EMPTY.len());
        storage.as_mut().copy_from_slice(&EMPTY);
        Self { bytes: storage }
    }

    /// The list in `storage`, which was one when it was stored. Nothing is checked but in debug builds.
    pub fn trusted(storage: S) -> Self {
        debug_assert_eq!(validate::validate(storage.as_ref()), Ok(()));
        Self { bytes: storage }
    }

    /// The list for reading.
    pub fn view(&self) -> ListpackRef<'_> {
        ListpackRef::trusted(self.bytes.as_ref())
    }

    /// The whole list as it is stored, in files too.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Bytes that the list takes from the allocator.
    pub fn memory_bytes(&self) -> usize {
        self.bytes.memory_bytes()
    }

    /// Gives back what room there is in reserve.
    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Gives up the list for its bytes.
    pub fn into_storage(self) -> S {
        self.bytes
    }

    /// Adds an element at the end.
    ///
    /// # Errors
    ///
    /// As all that adds: [`TooLarge`], and nothing is changed.
    pub fn push_back<'e>(&mut self, element: impl Into<Element<'e>>) -> Result<(), TooLarge> {
        self.splice_one(self.view().end(), Run::default(), element.into())
    }

    /// Adds an element at the start.
    pub fn push_front<'e>(&mut self, element: impl Into<Element<'e>>) -> Result<(), TooLarge> {
        self.splice_one(frame::HEADER_BYTES, Run::default(), element.into())
    }

    /// Adds elements at the end, in one go.
    pub fn append<'e>(
        &mut self,
        elements: impl IntoIterator<Item = Element<'e>, IntoIter: Clone>,
    ) -> Result<(), TooLarge> {
        self.insert(None, elements)
    }

    /// Adds elements before the one at `before`, which is then where the first of them is; with `None` at the end.
    pub fn insert<'e>(
        &mut self,
        before: Option<Position>,
        elements: impl IntoIterator<Item = Element<'e>, IntoIter: Clone>,
    ) -> Result<(), TooLarge> {
        let at = before.map_or(self.view().end(), Position::offset);
        let elements = elements.into_iter();
        let mut added = Run::default();
        for element in elements.clone() {
            added.bytes = added.bytes.checked_add(Encoded::new(element).len()).ok_or(TooLarge)?;
            added.count += 1;
        }
        self.splice(at, Run::default(), added, |mut room| {
            for element in elements {
                room = Encoded::new(element).write(room);
            }
        })
    }

    /// Puts an element in the place of the one at `position`, which stays its position.
    pub fn replace<'e>(
        &mut self,
        position: Position,
        element: impl Into<Element<'e>>,
    ) -> Result<(), TooLarge> {
        let removed = self.run(position, 1);
        self.splice_one(position.offset(), removed, element.into())
    }

    /// Deletes the element at `position`. The next one, if any, is then there and returned.
    pub fn delete(&mut self, position: Position) -> Option<Position> {
        self.delete_run(position, 1);
        self.view().position(position.offset())
    }

    /// Deletes `count` elements, the one at `position` and those that follow it, or as many as there are. Returns how
    /// many that were.
    pub fn delete_run(&mut self, position: Position, count: usize) -> usize {
        let removed = self.run(position, count);
        let shrunk = self.splice(position.offset(), removed, Run::default(), |_| {});
        debug_assert_eq!(shrunk, Ok(()), "what gets smaller fits");
        removed.count
    }

    /// Deletes all elements.
    pub fn clear(&mut self) {
        let len = self.bytes.as_ref().len();
        self.bytes.resize_at(0, len, EMPTY.len());
        self.bytes.as_mut().copy_from_slice(&EMPTY);
    }

    /// Counts the elements if the header doesn't tell, and writes down what can be told again.
    ///
    /// Of use when a list that had 65535 elements is asked for its length time and again.
    pub fn recount(&mut self) {
        if frame::count(self.as_bytes()).is_none() {
            let count = self.view().count();
            frame::write_header(self.bytes.as_mut(), Some(count));
        }
    }

    /// Panics if the bytes are no packed list. For tests.
    pub fn check_invariants(&self) {
        assert_eq!(validate::validate(self.as_bytes()), Ok(()));
    }

    /// The elements from `position` on, at most `count`.
    fn run(&self, position: Position, count: usize) -> Run {
        let mut run = Run::default();
        let (start, end) = (position.offset(), self.view().end());
        while run.count < count && start + run.bytes < end {
            match encoding::entry_len(self.as_bytes(), start + run.bytes) {
                Some(len) if len <= end - start - run.bytes => run.bytes += len,
                _ => break,
            }
            run.count += 1;
        }
        run
    }

    fn splice_one(&mut self, at: usize, removed: Run, element: Element<'_>) -> Result<(), TooLarge> {
        let encoded = Encoded::new(element);
        self.splice(at, removed, Run { bytes: encoded.len(), count: 1 }, |room| {
            encoded.write(room);
        })
    }

    /// The one way in which a list changes: entries out, entries in, and the header brought up to date.
    pub(crate) fn splice(
        &mut self,
        at: usize,
        removed: Run,
        added: Run,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<(), TooLarge> {
        let old = self.bytes.as_ref();
        let kept = old.len() - removed.bytes;
        if added.bytes > BYTES_MAX - kept {
            return Err(TooLarge);
        }
        let count = frame::count(old).map(|count| count.saturating_sub(removed.count) + added.count);
        // What is replaced by as many bytes stays where it is, and so does all behind it.
        if added.bytes != removed.bytes {
            self.bytes.resize_at(at, removed.bytes, added.bytes);
        }
        let bytes = self.bytes.as_mut();
        write(&mut bytes[at..at + added.bytes]);
        frame::write_header(bytes, count);
        Ok(())
    }
}

impl<S: Storage + Default> Default for Listpack<S> {
    fn default() -> Self {
        Self::empty_in(S::default())
    }
}

impl<S: Storage> PartialEq for Listpack<S> {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl<S: Storage> Eq for Listpack<S> {}

impl<S: Storage> fmt::Debug for Listpack<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}
