//! Where a command's keys stand among its words: the specs, and the shape that follows from them.

use crate::KeyFlags;

/// One rule that finds some of a command's keys.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// Where the search begins.
    pub begin: BeginSearch,
    /// How the keys follow from there.
    pub find: FindKeys,
    /// What the command does with these keys.
    pub flags: KeyFlags,
    /// What a reader of the flags should know.
    pub note: Option<&'static str>,
}

/// Where the first word of interest stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum BeginSearch {
    /// At this index; 0 is the command's name.
    Index(u16),
    /// After this keyword, searched forward from `from`, or backward from `from` words before the end if
    /// negative.
    Keyword {
        /// The keyword, in any case.
        word: &'static str,
        /// Where the search for it starts.
        from: i16,
    },
    /// Only the command's own parser knows.
    Unknown,
}

/// How keys follow from the beginning of the search.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum FindKeys {
    /// Keys up to `last`, every `step` words.
    Range {
        /// Relative to the beginning, or from the end of the words if negative (-1 is the last word).
        last: i16,
        /// Words from one key to the next.
        step: u16,
        /// If above 1 and `last` is negative: only the first 1/limit of the words are keys.
        limit: u16,
    },
    /// A word says how many keys there are.
    KeyNum {
        /// Where that word stands, relative to the beginning.
        number_at: u16,
        /// Where the first key stands, relative to the beginning.
        first: u16,
        /// Words from one key to the next.
        step: u16,
    },
    /// Only the command's own parser knows.
    Unknown,
}

/// The cases of key layout that matter on the way of a request, worked out once per command.
///
/// Words that are routed but are not keys (shard channels) don't count here.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum KeyShape {
    /// No keys.
    None,
    /// One key, right behind the name.
    First,
    /// Keys from `first` to `last`, every `step` words.
    Range {
        /// Index of the first key.
        first: u16,
        /// Index of the last one; negative counts from the end, -1 being the last word.
        last: i16,
        /// Words from one key to the next.
        step: u16,
    },
    /// Anything else: use [`crate::keys`].
    Special,
}

/// The range that COMMAND shows to clients which don't know key specs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct LegacyRange {
    pub(crate) first: i16,
    pub(crate) last: i16,
    pub(crate) step: i16,
    /// Whether the range holds all the keys.
    pub(crate) complete: bool,
}

impl LegacyRange {
    /// Joins the specs of fixed position that follow each other.
    pub(crate) const fn of(specs: &[KeySpec]) -> Self {
        let mut range = LegacyRange { first: 0, last: 0, step: 0, complete: true };
        let mut index = 0;
        while index < specs.len() {
            range.add(&specs[index]);
            index += 1;
        }
        range
    }

    const fn add(&mut self, spec: &KeySpec) {
        let (BeginSearch::Index(begin), FindKeys::Range { last, step, limit: 0 }) = (spec.begin, spec.find)
        else {
            self.complete = false;
            return;
        };
        let begin = begin as i16;
        let end = if last < 0 { last } else { begin + last };
        if self.first == 0 {
            (self.first, self.last, self.step) = (begin, end, step as i16);
        } else if begin == self.last + 1 && self.step == 1 && step == 1 {
            self.last = end;
        } else {
            self.complete = false;
        }
    }
}

impl KeyShape {
    /// The shape that these specs amount to.
    pub(crate) const fn of(specs: &[KeySpec]) -> Self {
        let range = LegacyRange::of(specs);
        match specs {
            [] => KeyShape::None,
            [only] if only.flags.contains(KeyFlags::NOT_KEY) => KeyShape::None,
            _ if !range.complete => KeyShape::Special,
            _ if range.first == 1 && range.last == 1 => KeyShape::First,
            _ => KeyShape::Range { first: range.first as u16, last: range.last, step: range.step as u16 },
        }
    }
}

const fn spec(begin: BeginSearch, find: FindKeys, flags: u16) -> KeySpec {
    KeySpec { begin, find, flags: KeyFlags::from_bits_retain(flags), note: None }
}

/// One key at `index`.
pub(crate) const fn one(index: u16, flags: u16) -> KeySpec {
    range(index, 0, 1, flags)
}

/// Keys from `index` to `last` (see [`FindKeys::Range`]), every `step` words.
pub(crate) const fn range(index: u16, last: i16, step: u16, flags: u16) -> KeySpec {
    spec(BeginSearch::Index(index), FindKeys::Range { last, step, limit: 0 }, flags)
}

/// A number of keys at `index`, and the keys behind it, every `step` words.
pub(crate) const fn counted(index: u16, step: u16, flags: u16) -> KeySpec {
    spec(BeginSearch::Index(index), FindKeys::KeyNum { number_at: 0, first: 1, step }, flags)
}

/// Keys behind a keyword, searched from `from` on: up to `last`, or 1/limit of the words.
pub(crate) const fn keyword(word: &'static str, from: i16, last: i16, limit: u16, flags: u16) -> KeySpec {
    spec(BeginSearch::Keyword { word, from }, FindKeys::Range { last, step: 1, limit }, flags)
}

/// Keys that only the command's own parser finds.
pub(crate) const fn unknown(flags: u16) -> KeySpec {
    spec(BeginSearch::Unknown, FindKeys::Unknown, flags)
}

impl KeySpec {
    /// What a reader of the flags should know.
    pub(crate) const fn note(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }
}
