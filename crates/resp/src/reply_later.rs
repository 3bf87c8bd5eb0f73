//! Aggregates whose count is known only once their elements are written.
//!
//! The header is written with the count 0. Closing it writes the count there; if that has more than one digit, what is behind moves.

use crate::output::Mark;
use crate::reply::{Protocol, Reply};

/// An aggregate that was begun without a count. Close it with the method of its kind, inner ones before outer ones.
#[derive(Debug)]
#[must_use = "an aggregate that isn't closed announces no elements"]
pub struct Later {
    sign: u8,
    /// Of the digit behind the sign.
    count: Mark,
}

impl Reply<'_> {
    /// Begins an array whose count is said by [`close_array`](Self::close_array).
    ///
    /// ```
    /// use kvd_resp::{Output, Protocol, Reply};
    ///
    /// let mut output = Output::new();
    /// let mut reply = Reply::new(&mut output, Protocol::Resp3);
    /// let even = reply.array_later();
    /// let mut count = 0;
    /// for number in [4, 7, 8].into_iter().filter(|number| number % 2 == 0) {
    ///     reply.integer(number);
    ///     count += 1;
    /// }
    /// reply.close_array(even, count);
    /// assert_eq!(output.to_vec(), b"*2\r\n:4\r\n:8\r\n");
    /// ```
    pub fn array_later(&mut self) -> Later {
        self.later(b'*')
    }

    /// Begins a map whose count is said by [`close_map`](Self::close_map).
    pub fn map_later(&mut self) -> Later {
        match self.protocol() {
            Protocol::Resp2 => self.later(b'*'),
            Protocol::Resp3 => self.later(b'%'),
        }
    }

    /// Begins a set whose count is said by [`close_set`](Self::close_set).
    pub fn set_later(&mut self) -> Later {
        self.later(self.set_sign())
    }

    /// Says how many elements of an array were written.
    pub fn close_array(&mut self, later: Later, len: usize) {
        debug_assert_eq!(later.sign, b'*');
        self.close(later, len);
    }

    /// Says how many keys, each with its value, of a map were written.
    pub fn close_map(&mut self, later: Later, len: usize) {
        debug_assert!(matches!(later.sign, b'*' | b'%'));
        let count = if later.sign == b'%' { len } else { len * 2 };
        self.close(later, count);
    }

    /// Says how many elements of a set were written.
    pub fn close_set(&mut self, later: Later, len: usize) {
        debug_assert!(matches!(later.sign, b'*' | b'~'));
        self.close(later, len);
    }

    pub(crate) fn later(&mut self, sign: u8) -> Later {
        self.output.extend(&[sign]);
        let count = self.output.mark();
        self.output.extend(b"0\r\n");
        Later { sign, count }
    }

    pub(crate) fn close(&mut self, later: Later, count: usize) {
        self.output.replace_byte(later.count, itoa::Buffer::new().format(count).as_bytes());
    }
}
