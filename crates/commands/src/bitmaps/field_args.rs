//! Bitmaps: what BITFIELD is asked to do.

use engine::{Args, CommandError};
use structures::bitfield::{Field, FieldError, Overflow};

use super::WRONG_OFFSET;

/// What to do with a field.
#[derive(Copy, Clone)]
pub(super) enum Action {
    Get,
    Set(i64),
    Increment(i64),
}

/// One operation on one field.
#[derive(Copy, Clone)]
pub(super) struct Operation {
    pub(super) action: Action,
    pub(super) field: Field,
    pub(super) offset: u64,
    pub(super) overflow: Overflow,
}

impl Operation {
    /// Whether it may change the string.
    pub(super) fn writes(&self) -> bool {
        !matches!(self.action, Action::Get)
    }

    /// Reads the rest of the arguments. Offsets lie within a string of `bytes_max` bytes.
    pub(super) fn parse_all(args: &mut Args<'_>, bytes_max: u64) -> Result<Vec<Self>, CommandError> {
        // Each takes three words at least.
        let mut operations = Vec::with_capacity(args.remaining() / 3);
        let mut overflow = Overflow::default();
        while !args.is_empty() {
            if args.remaining() > 1 && args.option("OVERFLOW") {
                overflow = parse_overflow(args.word()?)?;
            } else {
                operations.push(Self::parse(args, bytes_max, overflow)?);
            }
        }
        Ok(operations)
    }

    fn parse(args: &mut Args<'_>, bytes_max: u64, overflow: Overflow) -> Result<Self, CommandError> {
        let action = if args.option("GET") {
            Action::Get
        } else if args.option("SET") {
            Action::Set(0)
        } else if args.option("INCRBY") {
            Action::Increment(0)
        } else {
            return Err(CommandError::Syntax);
        };
        let operands = if let Action::Get = action { 2 } else { 3 };
        if args.remaining() < operands {
            return Err(CommandError::Syntax);
        }
        let field = Field::parse(args.word()?).map_err(wrong_field)?;
        let offset = field.parse_offset(args.word()?, bytes_max).map_err(wrong_field)?;
        let action = match action {
            Action::Get => Action::Get,
            Action::Set(_) => Action::Set(args.integer()?),
            Action::Increment(_) => Action::Increment(args.integer()?),
        };
        Ok(Self { action, field, offset, overflow })
    }
}

fn wrong_field(error: FieldError) -> CommandError {
    match error {
        FieldError::Type => CommandError::fixed(
            "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
        ),
        FieldError::Offset => WRONG_OFFSET,
    }
}

fn parse_overflow(word: &[u8]) -> Result<Overflow, CommandError> {
    const KINDS: [(&[u8], Overflow); 3] =
        [(b"WRAP", Overflow::Wrap), (b"SAT", Overflow::Saturate), (b"FAIL", Overflow::Fail)];
    let found = KINDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, overflow)| *overflow).ok_or(CommandError::fixed("ERR Invalid OVERFLOW type specified"))
}
