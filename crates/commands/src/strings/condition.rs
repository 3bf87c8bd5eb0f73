//! When to store: the options that SET and MSETEX share.
//!
//! ```text
//! NX | XX | IFEQ comparison
//! ```

use engine::{Args, CommandError};

/// When to store.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Condition<'a> {
    /// Not mentioned.
    #[default]
    Always,
    /// `NX`: no such key.
    IfNew,
    /// `XX`: the key exists.
    IfThere,
    /// `IFEQ`: the key holds this string.
    IfEqual(&'a [u8]),
}

impl<'a> Condition<'a> {
    /// Reads the next option if it is one of these and doesn't contradict an earlier one. `Ok(false)`: it is another option.
    pub(super) fn read(&mut self, args: &mut Args<'a>) -> Result<bool, CommandError> {
        let read = if args.option("NX") {
            Self::IfNew
        } else if args.option("XX") {
            Self::IfThere
        } else if args.option("IFEQ") {
            Self::IfEqual(args.word()?)
        } else {
            return Ok(false);
        };
        if !self.agrees_with(read) {
            return Err(CommandError::Syntax);
        }
        *self = read;
        Ok(true)
    }

    /// `NX` and `XX` may be repeated, `IFEQ` may not.
    fn agrees_with(self, other: Self) -> bool {
        match self {
            Self::Always => true,
            Self::IfNew | Self::IfThere => self == other,
            Self::IfEqual(_) => false,
        }
    }
}
