//! Bitmaps: several made into one.
//!
//! ```text
//! BITOP AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE destkey key [key ...]
//! ```

use engine::{CommandError, Ctx, DEL, Effect, Event};
use keyspace::Key;
use structures::bitmap::{self, Combination};

use crate::value::{Contents, store_raw};

const SET: Event = Event::string("set");

pub(super) fn bitop(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let operation = Operation::parse(cx.args.word()?)?;
    let destination = cx.args.key()?;
    operation.check_sources(cx.args.remaining())?;
    let sources = sources(cx)?;
    let sources: Vec<&[u8]> = sources.iter().map(|source| &**source).collect();
    let result = operation.apply(&sources);
    let len = result.len();
    store(cx, &destination, result)?;
    cx.reply.integer(len as i64);
    Ok(())
}

#[derive(Copy, Clone)]
enum Operation {
    Not,
    Combine(Combination),
}

impl Operation {
    fn parse(word: &[u8]) -> Result<Self, CommandError> {
        const OPERATIONS: [(&[u8], Operation); 8] = [
            (b"AND", Operation::Combine(Combination::And)),
            (b"OR", Operation::Combine(Combination::Or)),
            (b"XOR", Operation::Combine(Combination::Xor)),
            (b"NOT", Operation::Not),
            (b"DIFF", Operation::Combine(Combination::Diff)),
            (b"DIFF1", Operation::Combine(Combination::Diff1)),
            (b"ANDOR", Operation::Combine(Combination::AndOr)),
            (b"ONE", Operation::Combine(Combination::One)),
        ];
        let found = OPERATIONS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        found.map(|(_, operation)| *operation).ok_or(CommandError::Syntax)
    }

    /// Some operations need one source, some two.
    fn check_sources(self, count: usize) -> Result<(), CommandError> {
        let fault = match self {
            Self::Not if count != 1 => "ERR BITOP NOT must be called with a single source key.",
            Self::Combine(Combination::Diff) if count < 2 => {
                "ERR BITOP DIFF must be called with at least two source keys."
            }
            Self::Combine(Combination::Diff1) if count < 2 => {
                "ERR BITOP DIFF1 must be called with at least two source keys."
            }
            Self::Combine(Combination::AndOr) if count < 2 => {
                "ERR BITOP ANDOR must be called with at least two source keys."
            }
            _ => return Ok(()),
        };
        Err(CommandError::fixed(fault))
    }

    fn apply(self, sources: &[&[u8]]) -> Vec<u8> {
        match (self, sources) {
            (Self::Combine(how), sources) => bitmap::combine(how, sources),
            (Self::Not, [source, ..]) => bitmap::invert(source),
            (Self::Not, []) => Vec::new(),
        }
    }
}

fn sources(cx: &mut Ctx<'_>) -> Result<Vec<Contents>, CommandError> {
    let mut sources = Vec::with_capacity(cx.args.remaining());
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        sources.push(Contents::read(&mut cx.view, &key)?);
    }
    Ok(sources)
}

/// Stores the result; an empty one removes the key.
fn store(cx: &mut Ctx<'_>, key: &Key<'_>, result: Vec<u8>) -> Result<(), CommandError> {
    if !result.is_empty() {
        store_raw(&mut cx.view, key, result)?;
        cx.view.record(key, SET, Effect::AsCalled);
    } else if cx.view.remove(key) {
        cx.view.record(key, DEL, Effect::AsCalled);
    }
    Ok(())
}
