//! The words of a request, wherever the caller keeps them.

/// A request cut into words; word 0 is the command's name.
pub trait Words {
    /// How many words there are.
    fn count(&self) -> usize;

    /// Word number `index`, if there is one.
    fn word(&self, index: usize) -> Option<&[u8]>;
}

impl<W: Words + ?Sized> Words for &W {
    fn count(&self) -> usize {
        W::count(self)
    }

    fn word(&self, index: usize) -> Option<&[u8]> {
        W::word(self, index)
    }
}

impl<W: AsRef<[u8]>> Words for [W] {
    fn count(&self) -> usize {
        self.len()
    }

    fn word(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<W: AsRef<[u8]>> Words for Vec<W> {
    fn count(&self) -> usize {
        self.len()
    }

    fn word(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<W: AsRef<[u8]>, const N: usize> Words for [W; N] {
    fn count(&self) -> usize {
        N
    }

    fn word(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(AsRef::as_ref)
    }
}
