//! From replies to the types of a program.
//!
//! A conversion never guesses: what does not fit is an error that says what was there. Two things are not told apart, since commands don't:
//! a number and its decimal text (`GET` gives the text of what `INCR` counts), and a map and an array of its keys and values.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use crate::error::{CommandError, ConversionError};
use crate::reply::Reply;

type Converted<T> = Result<T, ConversionError>;

/// A type that a reply can become.
///
/// | type | becomes of |
/// | --- | --- |
/// | integers | an integer, or text that is one, within the type's range |
/// | `f64` | a double, an integer, or text that is one |
/// | `bool` | a boolean, or the integers 1 and 0 |
/// | `String` | any text that is UTF-8 |
/// | `Vec<u8>` | any text |
/// | `Option<T>` | null, or what `T` becomes of |
/// | `Vec<T>` | an array or a set; a map as pairs |
/// | `HashMap`, `BTreeMap` | a map, or an array of pairs, or of keys and values in turn |
/// | `HashSet`, `BTreeSet` | a set or an array |
/// | tuples of up to eight | an array of exactly so many |
/// | `Result<T, CommandError>` | an error inside of an aggregate, or what `T` becomes of |
/// | `()` | anything: for who wants to know only that the command succeeded |
pub trait FromReply: Sized {
    /// Converts a reply.
    fn from_reply(reply: Reply) -> Result<Self, ConversionError>;

    /// Converts a reply to several of them. `u8` alone is different: many of them are a text.
    #[doc(hidden)]
    fn many_from_reply(reply: Reply) -> Result<Vec<Self>, ConversionError> {
        let elements = elements("an array", reply)?.into_iter().enumerate();
        elements
            .map(|(index, element)| Self::from_reply(element).map_err(|error| error.within(Element(index))))
            .collect()
    }
}

/// The place of an element, for an error.
struct Element(usize);

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "element {}", self.0)
    }
}

fn mismatch<T>(expected: &'static str, found: &Reply) -> Converted<T> {
    Err(ConversionError::new(expected, found.described()))
}

fn elements(expected: &'static str, reply: Reply) -> Converted<Vec<Reply>> {
    match reply {
        Reply::Array(elements) | Reply::Set(elements) | Reply::Push(elements) => Ok(elements),
        Reply::Map(pairs) => {
            Ok(pairs.into_iter().map(|(key, value)| Reply::Array(vec![key, value])).collect())
        }
        other => mismatch(expected, &other),
    }
}

impl FromReply for Reply {
    fn from_reply(reply: Reply) -> Converted<Self> {
        Ok(reply)
    }
}

impl FromReply for () {
    fn from_reply(_reply: Reply) -> Converted<Self> {
        Ok(())
    }
}

impl FromReply for bool {
    fn from_reply(reply: Reply) -> Converted<Self> {
        match reply {
            Reply::Boolean(value) => Ok(value),
            Reply::Integer(number @ (0 | 1)) => Ok(number == 1),
            other => mismatch("a boolean, 0 or 1", &other),
        }
    }
}

/// The number as `i128`, into which every type fits that has up to 64 bits.
fn integer(expected: &'static str, reply: &Reply) -> Converted<i128> {
    let digits = match reply {
        Reply::Integer(number) => return Ok(i128::from(*number)),
        other => other.as_bytes().and_then(|bytes| str::from_utf8(bytes).ok()),
    };
    // Rust reads a plus sign, which no command writes.
    let number = digits.filter(|digits| !digits.starts_with('+')).and_then(|digits| digits.parse().ok());
    number.map_or_else(|| mismatch(expected, reply), Ok)
}

macro_rules! integers {
    ($($type:ident: $what:literal),*) => {$(
        impl FromReply for $type {
            fn from_reply(reply: Reply) -> Converted<Self> {
                match <$type>::try_from(integer($what, &reply)?) {
                    Ok(number) => Ok(number),
                    Err(_) => mismatch($what, &reply),
                }
            }
        }
    )*};
}

integers!(
    i8: "an integer of 8 bits",
    i16: "an integer of 16 bits",
    i32: "an integer of 32 bits",
    i64: "an integer of 64 bits",
    isize: "an integer of the machine's size",
    u16: "an integer of 16 bits without sign",
    u32: "an integer of 32 bits without sign",
    u64: "an integer of 64 bits without sign",
    usize: "an integer of the machine's size without sign"
);

impl FromReply for u8 {
    fn from_reply(reply: Reply) -> Converted<Self> {
        const EXPECTED: &str = "an integer of 8 bits without sign";
        match u8::try_from(integer(EXPECTED, &reply)?) {
            Ok(number) => Ok(number),
            Err(_) => mismatch(EXPECTED, &reply),
        }
    }

    fn many_from_reply(reply: Reply) -> Converted<Vec<Self>> {
        bytes("a string", reply)
    }
}

impl FromReply for f64 {
    fn from_reply(reply: Reply) -> Converted<Self> {
        match &reply {
            Reply::Double(number) => return Ok(*number),
            Reply::Integer(number) => return Ok(*number as f64),
            _ => {}
        }
        let number = reply.as_bytes().and_then(|bytes| str::from_utf8(bytes).ok()?.parse().ok());
        number.map_or_else(|| mismatch("a number", &reply), Ok)
    }
}

fn bytes(expected: &'static str, reply: Reply) -> Converted<Vec<u8>> {
    match reply {
        Reply::Bulk(text) | Reply::Simple(text) | Reply::Verbatim(_, text) | Reply::BigNumber(text) => {
            Ok(text)
        }
        other => mismatch(expected, &other),
    }
}

impl FromReply for String {
    fn from_reply(reply: Reply) -> Converted<Self> {
        let text = String::from_utf8(bytes("a string", reply)?);
        text.or_else(|error| mismatch("a string of UTF-8", &Reply::Bulk(error.into_bytes())))
    }
}

impl<T: FromReply> FromReply for Option<T> {
    fn from_reply(reply: Reply) -> Converted<Self> {
        if reply.is_null() { Ok(None) } else { T::from_reply(reply).map(Some) }
    }
}

impl<T: FromReply> FromReply for Result<T, CommandError> {
    fn from_reply(reply: Reply) -> Converted<Self> {
        match reply {
            Reply::Error(error) => Ok(Err(error)),
            other => T::from_reply(other).map(Ok),
        }
    }
}

impl<T: FromReply> FromReply for Vec<T> {
    fn from_reply(reply: Reply) -> Converted<Self> {
        T::many_from_reply(reply)
    }
}

/// The pairs of a map, or of an array that stands for one.
fn pairs<K: FromReply, V: FromReply>(reply: Reply) -> Converted<Vec<(K, V)>> {
    let is_flat = |elements: &[Reply]| !matches!(elements.first(), Some(Reply::Array(_)) | None);
    let pairs = match reply {
        Reply::Map(pairs) => pairs,
        Reply::Array(elements) if is_flat(&elements) && elements.len() % 2 == 0 => in_turn(elements),
        Reply::Array(elements) if !is_flat(&elements) => return Vec::from_reply(Reply::Array(elements)),
        other => return mismatch("a map", &other),
    };
    let converted = pairs.into_iter().map(|(key, value)| {
        let shown = key.described();
        let key = K::from_reply(key).map_err(|error| error.within("a key"))?;
        let value =
            V::from_reply(value).map_err(|error| error.within(format_args!("the value of {shown}")))?;
        Ok((key, value))
    });
    converted.collect()
}

fn in_turn(elements: Vec<Reply>) -> Vec<(Reply, Reply)> {
    let mut pairs = Vec::with_capacity(elements.len() / 2);
    let mut elements = elements.into_iter();
    while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
        pairs.push((key, value));
    }
    pairs
}

impl<K, V, S> FromReply for HashMap<K, V, S>
where
    K: FromReply + Eq + Hash,
    V: FromReply,
    S: BuildHasher + Default,
{
    fn from_reply(reply: Reply) -> Converted<Self> {
        Ok(pairs(reply)?.into_iter().collect())
    }
}

impl<K: FromReply + Ord, V: FromReply> FromReply for BTreeMap<K, V> {
    fn from_reply(reply: Reply) -> Converted<Self> {
        Ok(pairs(reply)?.into_iter().collect())
    }
}

impl<T, S> FromReply for HashSet<T, S>
where
    T: FromReply + Eq + Hash,
    S: BuildHasher + Default,
{
    fn from_reply(reply: Reply) -> Converted<Self> {
        Ok(T::many_from_reply(reply)?.into_iter().collect())
    }
}

impl<T: FromReply + Ord> FromReply for BTreeSet<T> {
    fn from_reply(reply: Reply) -> Converted<Self> {
        Ok(T::many_from_reply(reply)?.into_iter().collect())
    }
}

macro_rules! tuples {
    ($($count:literal: $($part:ident)*;)*) => {$(
        impl<$($part: FromReply),*> FromReply for ($($part,)*) {
            fn from_reply(reply: Reply) -> Converted<Self> {
                const EXPECTED: &str = concat!("an array of ", $count);
                let elements = elements(EXPECTED, reply)?;
                if elements.len() != $count {
                    return mismatch(EXPECTED, &Reply::Array(elements));
                }
                let mut elements = elements.into_iter().enumerate();
                Ok(($({
                    let (index, element) = elements.next().unwrap_or((0, Reply::Null));
                    $part::from_reply(element).map_err(|error| error.within(Element(index)))?
                },)*))
            }
        }

        impl<$($part: FromReply),*> TryFrom<Reply> for ($($part,)*) {
            type Error = ConversionError;

            fn try_from(reply: Reply) -> Converted<Self> {
                Self::from_reply(reply)
            }
        }
    )*};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
}

macro_rules! try_from {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($generics)*> TryFrom<Reply> for $type {
            type Error = ConversionError;

            fn try_from(reply: Reply) -> Converted<Self> {
                Self::from_reply(reply)
            }
        }
    )*};
}

try_from!(
    [] (), [] bool, [] f64, [] String,
    [] i8, [] i16, [] i32, [] i64, [] isize,
    [] u8, [] u16, [] u32, [] u64, [] usize,
    [T: FromReply] Vec<T>,
    [K: FromReply + Eq + Hash, V: FromReply, S: BuildHasher + Default] HashMap<K, V, S>,
    [K: FromReply + Ord, V: FromReply] BTreeMap<K, V>,
    [T: FromReply + Eq + Hash, S: BuildHasher + Default] HashSet<T, S>,
    [T: FromReply + Ord] BTreeSet<T>,
);
