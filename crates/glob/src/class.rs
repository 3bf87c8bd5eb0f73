//! Classes: `[abc]`, `[^a-z]`, `[\]]`.
//!
//! A class is kept as its bytes in the pattern and read anew for each byte it is asked about. Turning it into a table of
//! 256 bits would make a pattern of `[][][]...` take many times its own size.

use crate::search::Case;

/// What stands between the brackets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class<'p> {
    negated: bool,
    members: &'p [u8],
}

/// Splits a class off `pattern`, which begins after the opening bracket, and returns what follows the closing one.
pub(crate) fn split_off(pattern: &[u8]) -> (Class<'_>, &[u8]) {
    let (negated, members) = match pattern {
        [b'^', members @ ..] => (true, members),
        members => (false, members),
    };
    let mut rest = members;
    while let Some((_, after)) = Member::split_first(rest) {
        rest = after;
    }
    let members = &members[..members.len() - rest.len()];
    // What is left begins with the closing bracket, or the pattern ended before there was one.
    (Class { negated, members }, rest.get(1..).unwrap_or_default())
}

impl Class<'_> {
    pub(crate) fn contains(&self, byte: u8, case: Case) -> bool {
        let mut members = self.members;
        while let Some((member, rest)) = Member::split_first(members) {
            if member.contains(byte, case) {
                return !self.negated;
            }
            members = rest;
        }
        self.negated
    }
}

enum Member {
    Byte(u8),
    /// Written with a backslash: never matches the other case.
    Escaped(u8),
    /// From the smaller to the greater end, both included, in the order of C's `char`.
    Range(i8, i8),
}

impl Member {
    /// The first member and what follows it; `None` before the closing bracket and at the end of the pattern.
    fn split_first(members: &[u8]) -> Option<(Self, &[u8])> {
        Some(match members {
            [] | [b']', ..] => return None,
            [b'\\', escaped, rest @ ..] => (Self::Escaped(*escaped), rest),
            // The byte after `-` may be any byte, also `]`.
            [from, b'-', to, rest @ ..] => {
                let (from, to) = (signed(*from), signed(*to));
                (Self::Range(from.min(to), from.max(to)), rest)
            }
            [byte, rest @ ..] => (Self::Byte(*byte), rest),
        })
    }

    fn contains(&self, byte: u8, case: Case) -> bool {
        match *self {
            Self::Byte(member) => case.same(member, byte),
            Self::Escaped(member) => member == byte,
            Self::Range(from, to) => {
                // The ends are lowered when they stand in order already, and not put in order again.
                let fold = |end: i8| signed(case.fold(end as u8));
                (fold(from)..=fold(to)).contains(&signed(case.fold(byte)))
            }
        }
    }
}

/// The order of ranges: the servers compare `char`s, which are signed where they mostly run, so 0x80 to 0xff come before 0.
fn signed(byte: u8) -> i8 {
    byte as i8
}
