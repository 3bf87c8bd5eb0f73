//! A pattern as a row of items, each of which but the star matches exactly one byte.

use crate::class::{self, Class};
use crate::search::Case;

/// One piece of a pattern.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'p> {
    /// A byte that stands for itself, with its backslash taken off.
    Byte(u8),
    /// `?`
    Any,
    /// `[...]`
    Class(Class<'p>),
    /// One or more `*` in a row.
    Star,
}

impl<'p> Item<'p> {
    /// The first item of `pattern` and what follows it; `None` at the end.
    #[inline]
    pub(crate) fn split_first(pattern: &'p [u8]) -> Option<(Self, &'p [u8])> {
        let (&first, rest) = pattern.split_first()?;
        Some(match (first, rest) {
            (b'*', _) => (Self::Star, after_stars(rest)),
            (b'?', _) => (Self::Any, rest),
            (b'[', _) => {
                let (class, rest) = class::split_off(rest);
                (Self::Class(class), rest)
            }
            (b'\\', [escaped, rest @ ..]) => (Self::Byte(*escaped), rest),
            _ => (Self::Byte(first), rest),
        })
    }

    /// Whether this item matches the one byte `byte`. A star is not asked: it matches any number of them.
    #[inline]
    pub(crate) fn accepts(&self, byte: u8, case: Case) -> bool {
        match self {
            Self::Byte(wanted) => case.same(*wanted, byte),
            Self::Any | Self::Star => true,
            Self::Class(class) => class.contains(byte, case),
        }
    }
}

fn after_stars(pattern: &[u8]) -> &[u8] {
    let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
    &pattern[stars..]
}
