//! The words of a command, of any bytes, from the types that programs hold them in.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::encoder::Encoder;

/// One word of a command: text, bytes, or a number, which is written in decimal.
///
/// Sealed: a type of your own becomes a word through the text or number that it holds.
pub trait Word: sealed::Word {}

/// A command: its name and its arguments.
///
/// An array, slice or vector of words of one type, or a tuple of up to twelve of different types:
///
/// ```
/// # use kvd_embed::{Db, Options};
/// # let db = Db::open(Options::default())?;
/// db.call(["SET", "greeting", "hello"])?;
/// db.call(("SET", b"bytes \xff of any kind", 42, "EX", 60u64))?;
///
/// let mut words = vec!["DEL"];
/// words.extend(["greeting", "nosuch"]);
/// assert_eq!(db.query::<i64>(words)?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A [`Vec<u8>`] inside of it is one word; a command of one word is `["DBSIZE"]` or `("DBSIZE",)`.
pub trait Words: sealed::Words {}

impl<T: sealed::Word + ?Sized> Word for T {}
impl<T: sealed::Words + ?Sized> Words for T {}

pub(crate) mod sealed {
    use super::Encoder;

    pub trait Word {
        /// Its bytes, unless they have yet to be made.
        fn bytes(&self) -> Option<&[u8]>;

        fn encode(&self, to: &mut Encoder<'_>);
    }

    pub trait Words {
        /// The first and the second word, empty if it is none or a number: what is needed to tell the command.
        fn name(&self) -> [&[u8]; 2];

        fn count(&self) -> usize;

        fn encode(&self, to: &mut Encoder<'_>);
    }
}

macro_rules! words_of_bytes {
    ($($type:ty),*) => {$(
        impl sealed::Word for $type {
            #[inline]
            fn bytes(&self) -> Option<&[u8]> {
                Some(self.as_ref())
            }

            #[inline]
            fn encode(&self, to: &mut Encoder<'_>) {
                to.word(self.as_ref());
            }
        }
    )*};
}

words_of_bytes!(str, String, [u8], Vec<u8>);

impl<const N: usize> sealed::Word for [u8; N] {
    #[inline]
    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }

    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) {
        to.word(self);
    }
}

macro_rules! words_behind_pointers {
    ($([$($generics:tt)*] $type:ty),*) => {$(
        impl<$($generics)*> sealed::Word for $type {
            #[inline]
            fn bytes(&self) -> Option<&[u8]> {
                (**self).bytes()
            }

            #[inline]
            fn encode(&self, to: &mut Encoder<'_>) {
                (**self).encode(to);
            }
        }
    )*};
}

words_behind_pointers!(
    [T: sealed::Word + ?Sized] &T,
    [T: sealed::Word + ?Sized] Box<T>,
    [T: sealed::Word + ?Sized] Rc<T>,
    [T: sealed::Word + ?Sized] Arc<T>,
    [T: sealed::Word + ToOwned + ?Sized] Cow<'_, T>
);

macro_rules! words_of_integers {
    ($($type:ty),*) => {$(
        impl sealed::Word for $type {
            fn bytes(&self) -> Option<&[u8]> {
                None
            }

            #[inline]
            fn encode(&self, to: &mut Encoder<'_>) {
                to.word(itoa::Buffer::new().format(*self).as_bytes());
            }
        }
    )*};
}

words_of_integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

/// The shortest text that gives the same number when read.
impl sealed::Word for f64 {
    fn bytes(&self) -> Option<&[u8]> {
        None
    }

    fn encode(&self, to: &mut Encoder<'_>) {
        to.word(resp::format_double(*self).as_bytes());
    }
}

impl<W: sealed::Word> sealed::Words for [W] {
    #[inline]
    fn name(&self) -> [&[u8]; 2] {
        let word = |index| self.get(index).and_then(W::bytes).unwrap_or_default();
        [word(0), word(1)]
    }

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) {
        for word in self {
            word.encode(to);
        }
    }
}

macro_rules! words_in_sequences {
    ($([$($generics:tt)*] $type:ty => $as_slice:expr),* $(,)?) => {$(
        impl<W: sealed::Word, $($generics)*> sealed::Words for $type {
            #[inline]
            fn name(&self) -> [&[u8]; 2] {
                sealed::Words::name($as_slice(self))
            }

            #[inline]
            fn count(&self) -> usize {
                self.len()
            }

            #[inline]
            fn encode(&self, to: &mut Encoder<'_>) {
                sealed::Words::encode($as_slice(self), to);
            }
        }
    )*};
}

words_in_sequences!(
    [const N: usize] [W; N] => <[W; N]>::as_slice,
    [] Vec<W> => Vec::<W>::as_slice,
);

impl<T: sealed::Words + ?Sized> sealed::Words for &T {
    #[inline]
    fn name(&self) -> [&[u8]; 2] {
        (**self).name()
    }

    #[inline]
    fn count(&self) -> usize {
        (**self).count()
    }

    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) {
        (**self).encode(to);
    }
}

macro_rules! words_in_tuples {
    ($first:ident $(, $rest:ident)*) => {
        impl<$first: sealed::Word, $($rest: sealed::Word),*> sealed::Words for ($first, $($rest,)*) {
            #[inline]
            #[expect(non_snake_case, reason = "the names of the types stand for the words, too")]
            fn name(&self) -> [&[u8]; 2] {
                let ($first, $($rest,)*) = self;
                let words = [$first.bytes() $(, $rest.bytes())*];
                [words[0].unwrap_or_default(), words.get(1).copied().flatten().unwrap_or_default()]
            }

            #[inline]
            fn count(&self) -> usize {
                [stringify!($first) $(, stringify!($rest))*].len()
            }

            #[inline]
            #[expect(non_snake_case, reason = "the names of the types stand for the words, too")]
            fn encode(&self, to: &mut Encoder<'_>) {
                let ($first, $($rest,)*) = self;
                $first.encode(to);
                $($rest.encode(to);)*
            }
        }
    };
}

words_in_tuples!(A);
words_in_tuples!(A, B);
words_in_tuples!(A, B, C);
words_in_tuples!(A, B, C, D);
words_in_tuples!(A, B, C, D, E);
words_in_tuples!(A, B, C, D, E, F);
words_in_tuples!(A, B, C, D, E, F, G);
words_in_tuples!(A, B, C, D, E, F, G, H);
words_in_tuples!(A, B, C, D, E, F, G, H, I);
words_in_tuples!(A, B, C, D, E, F, G, H, I, J);
words_in_tuples!(A, B, C, D, E, F, G, H, I, J, K);
words_in_tuples!(A, B, C, D, E, F, G, H, I, J, K, L);
