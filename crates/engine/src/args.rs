//! The words of a request, as a handler reads them.

use std::sync::Arc;

use keyspace::{Key, Keyspace, NewValue};
use resp::Request;

use crate::error::CommandError;
use crate::plan::PlannedKey;

/// A cursor over the arguments of one command. Starts behind the command's name (and subcommand's).
#[derive(Copy, Clone)]
pub struct Args<'a> {
    request: Request<'a>,
    next: usize,
    keys: &'a [PlannedKey],
    keyspace: &'a Keyspace,
}

impl<'a> Args<'a> {
    pub(crate) fn new(
        request: Request<'a>,
        next: usize,
        keys: &'a [PlannedKey],
        keyspace: &'a Keyspace,
    ) -> Self {
        Self { request, next, keys, keyspace }
    }

    /// The whole request, name included.
    #[inline]
    pub fn request(&self) -> Request<'a> {
        self.request
    }

    /// The keys among the arguments that are still to come.
    pub(crate) fn planned(&self) -> &'a [PlannedKey] {
        self.keys
    }

    pub(crate) fn skip_subcommand(&mut self) {
        self.next += 1;
    }

    /// How many words are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.request.len() - self.next
    }

    /// Whether no word is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    /// The next word, if there is one, without passing it.
    #[inline]
    pub fn peek(&self) -> Option<&'a [u8]> {
        self.request.get(self.next)
    }

    /// The next word.
    #[inline]
    pub fn word(&mut self) -> Result<&'a [u8], CommandError> {
        // No `ok_or`: it would make an error each time, and drop it.
        let Some(word) = self.request.get(self.next) else { return Err(CommandError::Syntax) };
        self.next += 1;
        Ok(word)
    }

    /// The next word as a key: its hash was computed when its stripe was locked.
    #[inline]
    pub fn key(&mut self) -> Result<Key<'a>, CommandError> {
        let index = self.next;
        let word = self.word()?;
        match self.keys {
            [first, rest @ ..] if first.word as usize == index => {
                self.keys = rest;
                Ok(Key::with_hash(word, first.hash))
            }
            _ => Ok(self.unplanned_key(index, word)),
        }
    }

    /// A key that is not the next of those planned: the handler reads its keys in another order than they stand.
    #[cold]
    fn unplanned_key(&self, index: usize, word: &'a [u8]) -> Key<'a> {
        match self.keys.iter().find(|key| key.word as usize == index) {
            Some(planned) => Key::with_hash(word, planned.hash),
            None => self.keyspace.key(word),
        }
    }

    /// The next word as a value to be stored: a canonical integer as a number, a large bulk by its own buffer, anything else by its
    /// bytes.
    #[inline]
    pub fn value(&mut self) -> Result<NewValue<'a>, CommandError> {
        let index = self.next;
        let word = self.word()?;
        if let Some(number) = resp::parse_i64(word) {
            return Ok(NewValue::Integer(number));
        }
        Ok(match self.request.shared(index) {
            Some(buffer) => NewValue::Shared(Arc::clone(buffer)),
            None => NewValue::Bytes(word),
        })
    }

    /// The next word as a 64-bit integer.
    #[inline]
    pub fn integer(&mut self) -> Result<i64, CommandError> {
        match resp::parse_i64(self.word()?) {
            Some(integer) => Ok(integer),
            None => Err(CommandError::NotAnInteger),
        }
    }

    /// Passes the next word if it is this option, in any case.
    #[inline]
    pub fn option(&mut self, name: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()));
        if found {
            self.next += 1;
        }
        found
    }

    /// Every word must have been read: anything left is a syntax error.
    #[inline]
    pub fn end(&self) -> Result<(), CommandError> {
        if self.is_empty() { Ok(()) } else { Err(CommandError::Syntax) }
    }

    /// The words that are left, without passing them.
    pub fn rest(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let request = self.request;
        (self.next..request.len()).map(move |index| request.word(index))
    }
}
