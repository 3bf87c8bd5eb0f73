//! What the readers of all simple values share: counted pieces, one after the other.

use listpack::ListpackRef;

use super::body::{Body, Stage};
use super::packed::Form;
use crate::error::Error;
use crate::input::Input;
use crate::read::token::{self, Token};
use crate::value_type::ValueType;

/// A value whose pieces are being read.
#[derive(Debug)]
pub(crate) struct Parts<'r, I> {
    pub(crate) input: &'r mut I,
    pub(crate) body: &'r mut Body,
}

/// Something packed that was looked at: its string, and where what comes next begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blob {
    form: Form,
    token: Token,
    end: usize,
}

impl<'r, I: Input> Parts<'r, I> {
    /// Reads what stands before the pieces.
    pub(crate) fn begin(input: &'r mut I, body: &'r mut Body) -> Result<Self, Error> {
        let mut at = 0;
        if body.value_type.has_base() {
            body.base_ms = i64::from_le_bytes(token::chunk(input, &mut at)?);
        }
        body.left = if body.value_type.is_counted() { token::length(input, &mut at)? } else { 1 };
        body.stage = Stage::Pieces;
        input.take(at);
        Ok(Self { input, body })
    }

    pub(crate) fn value_type(&self) -> ValueType {
        self.body.value_type
    }

    /// Pieces that are still to come, if the value keeps its word.
    pub(crate) fn left(&self) -> u64 {
        self.body.left
    }

    /// Counts one piece; `false` if there is none.
    #[inline]
    pub(crate) fn next(&mut self) -> bool {
        match self.body.left.checked_sub(1) {
            Some(left) => {
                self.body.left = left;
                true
            }
            None => {
                self.body.stage = Stage::Done;
                false
            }
        }
    }

    /// Looks at something packed whose string begins at `at`. `None` if it is empty, and then it is taken.
    pub(crate) fn blob(&mut self, mut at: usize, form: Form) -> Result<Option<Blob>, Error> {
        let offset = self.input.offset();
        let token = token::token(self.input, &mut at)?;
        if token.len() != form.empty_len() {
            return Ok(Some(Blob { form, token, end: at }));
        }
        let (bytes, scratch) = self.input.take(at);
        let bytes = token.blob(bytes, &mut scratch.first, offset)?;
        form.check(bytes).map_err(|kind| Error::new(offset, kind))?;
        Ok(None)
    }

    /// The next of pieces that are nothing but something packed, without those that are empty.
    pub(crate) fn next_blob(&mut self, form: Form) -> Result<Option<Blob>, Error> {
        while self.next() {
            if let Some(blob) = self.blob(0, form)? {
                return Ok(Some(blob));
            }
        }
        Ok(None)
    }

    /// Takes the bytes of something packed, unchecked; and the offset of errors in them.
    pub(crate) fn take_bytes(&mut self, blob: Blob) -> Result<(&[u8], u64), Error> {
        let offset = self.input.offset();
        let (bytes, scratch) = self.input.take(blob.end);
        Ok((blob.token.blob(bytes, &mut scratch.first, offset)?, offset))
    }

    /// Takes something packed as the packed list that it is or is made into; and the offset of errors in it.
    pub(crate) fn take_list(&mut self, blob: Blob) -> Result<(ListpackRef<'_>, u64), Error> {
        let offset = self.input.offset();
        let (bytes, scratch) = self.input.take(blob.end);
        let bytes = blob.token.blob(bytes, &mut scratch.first, offset)?;
        match blob.form.list(bytes, &mut scratch.packed) {
            Ok(list) => Ok((list, offset)),
            Err(kind) => Err(Error::new(offset, kind)),
        }
    }
}
