//! How a stream is to be trimmed, as words of `XADD` and `XTRIM`.
//!
//! ```text
//! (MAXLEN | MINID) [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]
//! ```

use engine::{Args, CommandError};
use structures::stream::{References, Threshold, Trim};

use super::ids::parse_strict;

/// Bounds of the entries that are deleted at once where nothing is said: so many nodes of entries, but not more than this.
const DEFAULT_LIMIT_NODES: u64 = 100;
const DEFAULT_LIMIT_MAX: u64 = 1_000_000;
/// Where a node may have any number of entries.
const DEFAULT_LIMIT: u64 = 10_000;

/// What was read of the trimming so far.
#[derive(Default)]
pub(super) struct TrimArgs {
    threshold: Option<Threshold>,
    is_approximate: bool,
    limit: Option<u64>,
    references: Option<References>,
}

impl TrimArgs {
    /// Passes one option of these, if the next word begins one.
    pub(super) fn read(&mut self, args: &mut Args<'_>) -> Result<bool, CommandError> {
        let has_more = args.remaining() > 1;
        if has_more && args.option("MAXLEN") {
            self.read_threshold(args, parse_len_max)?;
            return Ok(true);
        }
        if has_more && args.option("MINID") {
            self.read_threshold(args, |word| Ok(Threshold::MinId(parse_strict(word, 0)?)))?;
            return Ok(true);
        }
        if has_more && args.option("LIMIT") {
            let limit = u64::try_from(args.integer()?);
            self.limit =
                Some(limit.map_err(|_| CommandError::fixed("ERR The LIMIT argument must be >= 0."))?);
            return Ok(true);
        }
        if self.references.is_none() {
            self.references = read_references(args);
            return Ok(self.references.is_some());
        }
        Ok(false)
    }

    fn read_threshold(
        &mut self,
        args: &mut Args<'_>,
        parse: fn(&[u8]) -> Result<Threshold, CommandError>,
    ) -> Result<(), CommandError> {
        if self.threshold.is_some() {
            return Err(CommandError::fixed(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        if args.remaining() > 1 && matches!(args.peek(), Some(b"~" | b"=")) {
            self.is_approximate = args.word()? == b"~";
        }
        self.threshold = Some(parse(args.word()?)?);
        Ok(())
    }

    /// What becomes of references to the entries that go.
    pub(super) fn references(&self) -> References {
        self.references.unwrap_or_default()
    }

    /// The trimming, if any was asked for; `node_entries_max` bounds how much is done at once where that isn't said.
    pub(super) fn finish(&self, node_entries_max: u64) -> Result<Option<Trim>, CommandError> {
        let Some(threshold) = self.threshold else {
            return match self.limit {
                None => Ok(None),
                Some(_) => Err(CommandError::fixed(
                    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
                )),
            };
        };
        if self.limit.is_some() && !self.is_approximate {
            return Err(CommandError::fixed(
                "ERR syntax error, LIMIT cannot be used without the special ~ option",
            ));
        }
        let default = match node_entries_max {
            0 => DEFAULT_LIMIT,
            entries => entries.saturating_mul(DEFAULT_LIMIT_NODES).min(DEFAULT_LIMIT_MAX),
        };
        let limit = match self.limit {
            _ if !self.is_approximate => None,
            Some(0) => None,
            given => Some(given.unwrap_or(default)),
        };
        Ok(Some(Trim { threshold, is_approximate: self.is_approximate, limit }))
    }
}

fn parse_len_max(word: &[u8]) -> Result<Threshold, CommandError> {
    let len_max = resp::parse_i64(word).ok_or(CommandError::NotAnInteger)?;
    let len_max = u64::try_from(len_max);
    Ok(Threshold::MaxLen(len_max.map_err(|_| CommandError::fixed("ERR The MAXLEN argument must be >= 0."))?))
}

/// Passes the word that says what becomes of references, if it comes next.
pub(super) fn read_references(args: &mut Args<'_>) -> Option<References> {
    let references =
        [("KEEPREF", References::Keep), ("DELREF", References::Delete), ("ACKED", References::Acknowledged)];
    references.into_iter().find(|(name, _)| args.option(name)).map(|(_, references)| references)
}
