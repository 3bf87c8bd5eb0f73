//! The keys of a request: by the command's key specs, and by its own rule where the specs can't say it.
//!
//! Nothing here checks that the request makes sense; a request whose keys can't be found is left to the
//! command's own parser, which has the better error.

mod special;

use std::fmt;

use smallvec::SmallVec;

use crate::key_spec::{BeginSearch, FindKeys};
use crate::{CommandId, Flags, KeyFlags, KeyShape, KeySpec, LookupError, Words, command, id, resolve};

/// A key among the words of a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// Index of the word, below the number of words.
    pub position: usize,
    /// What the command does with the key.
    pub flags: KeyFlags,
}

/// The keys of a request, in the order in which COMMAND GETKEYS shows them; a key may be there twice.
pub type KeyRefs = SmallVec<[KeyRef; 4]>;

/// Why the keys of a request can't be told. Displays as the reply of COMMAND GETKEYS behind `ERR `.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum KeysError {
    /// There is no such command.
    UnknownCommand,
    /// The command takes no keys.
    NoKeys,
    /// Too few or too many words.
    WrongArity,
    /// A number of keys that is none or doesn't fit the words, or a keyword is missing.
    InvalidArguments,
}

impl fmt::Display for KeysError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            KeysError::UnknownCommand => "Invalid command specified",
            KeysError::NoKeys => "The command has no key arguments",
            KeysError::WrongArity => "Invalid number of arguments specified for command",
            KeysError::InvalidArguments => "Invalid arguments specified for command",
        })
    }
}

impl std::error::Error for KeysError {}

/// The keys of a request for `id`, and what it does with them.
///
/// A command without keys has none; only [`KeysError::InvalidArguments`] is returned, and the command would
/// refuse such a request itself.
pub fn keys<W: Words + ?Sized>(id: CommandId, words: &W) -> Result<KeyRefs, KeysError> {
    let found = Search::run(id, words, KeyFlags::NOT_KEY);
    if found.is_broken { Err(KeysError::InvalidArguments) } else { Ok(found.keys) }
}

/// The words by which a cluster finds the slot of a request: its keys, shard channels and scan cursors.
pub fn slot_words<W: Words + ?Sized>(id: CommandId, words: &W) -> Result<KeyRefs, KeysError> {
    let found = Search::run(id, words, KeyFlags::empty());
    if found.is_broken { Err(KeysError::InvalidArguments) } else { Ok(found.keys) }
}

/// Calls `visit` with the position of each key; the quickest way where access flags don't matter.
#[inline]
pub fn for_each_key<W: Words + ?Sized>(
    id: CommandId,
    words: &W,
    mut visit: impl FnMut(usize),
) -> Result<(), KeysError> {
    match command(id).keys {
        KeyShape::None => {}
        KeyShape::First => {
            if words.count() > 1 {
                visit(1);
            }
        }
        KeyShape::Range { first, last, step } => {
            span(first.into(), last, words.count()).step_by(step.into()).for_each(visit);
        }
        KeyShape::Special => {
            keys(id, words)?.iter().for_each(|key| visit(key.position));
        }
    }
    Ok(())
}

/// What COMMAND GETKEYS and GETKEYSANDFLAGS say about the request that these words are.
pub fn requested_keys<W: Words + ?Sized>(words: &W) -> Result<KeyRefs, KeysError> {
    let (id, arity_fits) = match resolve(words) {
        Ok(id) => (id, true),
        Err(LookupError::WrongArity(id)) => (id, false),
        Err(_) => return Err(KeysError::UnknownCommand),
    };
    let command = command(id);
    if command.key_specs.iter().all(|spec| spec.flags.contains(KeyFlags::NOT_KEY)) {
        return Err(KeysError::NoKeys);
    }
    if !arity_fits {
        return Err(KeysError::WrongArity);
    }
    let found = Search::run(id, words, KeyFlags::NOT_KEY);
    if found.is_broken || found.is_short {
        if command.flags.contains(Flags::NO_MANDATORY_KEYS) {
            return Ok(KeyRefs::new());
        }
        return Err(KeysError::InvalidArguments);
    }
    Ok(found.keys)
}

/// The indexes from `first` to `last`, which counts from the end of the words if negative.
#[inline]
fn span(first: usize, last: i16, count: usize) -> std::ops::Range<usize> {
    let behind = match usize::try_from(last) {
        Ok(last) => (last + 1).min(count),
        Err(_) => (count + 1).saturating_sub(last.unsigned_abs().into()),
    };
    first..behind.max(first)
}

struct Search<'w, W: ?Sized> {
    words: &'w W,
    /// Keys whose spec has one of these flags are left out.
    unwanted: KeyFlags,
    keys: KeyRefs,
    /// Whether the words contradict a spec.
    is_broken: bool,
    /// Whether a spec finds no key at all, which some commands allow.
    is_short: bool,
}

impl<'w, W: Words + ?Sized> Search<'w, W> {
    fn run(id: CommandId, words: &'w W, unwanted: KeyFlags) -> Self {
        let mut search = Search { words, unwanted, keys: KeyRefs::new(), is_broken: false, is_short: false };
        let specs = command(id).key_specs;
        match id {
            id::SET => search.set(specs),
            id::BITFIELD => search.bitfield(specs),
            id::SORT => search.sort(specs),
            id::MIGRATE => search.migrate(specs),
            id::XREADGROUP => search.xreadgroup(specs),
            id::GEORADIUS | id::GEORADIUSBYMEMBER => search.georadius(specs),
            _ => specs.iter().for_each(|spec| search.follow(spec)),
        }
        if search.keys.is_empty()
            && specs.iter().any(|spec| matches!(spec.begin, BeginSearch::Keyword { .. }))
        {
            search.is_broken = true;
        }
        search
    }

    fn is(&self, index: usize, keyword: &str) -> bool {
        self.words.word(index).is_some_and(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    fn push(&mut self, position: usize, flags: KeyFlags) {
        if position < self.words.count() && !flags.intersects(self.unwanted) {
            self.keys.push(KeyRef { position, flags });
        }
    }

    /// The keys that a spec finds.
    fn follow(&mut self, spec: &KeySpec) {
        let begin = match spec.begin {
            BeginSearch::Index(index) => Some(index.into()),
            BeginSearch::Keyword { word, from } => self.behind_keyword(word, from),
            BeginSearch::Unknown => None,
        };
        let Some(begin) = begin else { return };
        match spec.find {
            FindKeys::Range { last, step, limit } => self.follow_range(begin, last, step, limit, spec.flags),
            FindKeys::KeyNum { number_at, first, step } => {
                self.follow_number(
                    begin + usize::from(number_at),
                    begin + usize::from(first),
                    step,
                    spec.flags,
                );
            }
            FindKeys::Unknown => {}
        }
    }

    /// The index behind the first such keyword, searched forward from `from`, or backward from as many words
    /// before the end if negative.
    fn behind_keyword(&self, word: &str, from: i16) -> Option<usize> {
        let count = self.words.count();
        let found = match usize::try_from(from) {
            Ok(from) => (from..count).find(|&index| self.is(index, word)),
            Err(_) => {
                let behind = (count + 1).saturating_sub(from.unsigned_abs().into());
                (1..behind).rev().find(|&index| self.is(index, word))
            }
        };
        found.map(|index| index + 1)
    }

    fn follow_range(&mut self, begin: usize, last: i16, step: u16, limit: u16, flags: KeyFlags) {
        let count = self.words.count();
        let range = match usize::try_from(last) {
            Ok(last) => begin..(begin + last + 1).min(count),
            Err(_) if limit > 1 => begin..begin + count.saturating_sub(begin) / usize::from(limit),
            Err(_) => span(begin, last, count),
        };
        self.is_short |= range.is_empty();
        range.step_by(step.max(1).into()).for_each(|position| self.push(position, flags));
    }

    fn follow_number(&mut self, number_at: usize, first: usize, step: u16, flags: KeyFlags) {
        let number = self.words.word(number_at).and_then(key_number);
        let room = self.words.count().saturating_sub(first).div_ceil(step.max(1).into());
        match number {
            Some(number) if number <= room => {
                self.is_short |= number == 0;
                (0..number).for_each(|index| self.push(first + index * usize::from(step), flags));
            }
            _ => self.is_broken = true,
        }
    }
}

/// A number of keys: decimal digits without a leading zero.
fn key_number(word: &[u8]) -> Option<usize> {
    if word.starts_with(b"0") && word.len() > 1 || !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}
