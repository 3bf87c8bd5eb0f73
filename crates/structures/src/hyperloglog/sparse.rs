//! Registers as runs of equal ones.

use super::header::{Corrupted, HEADER_BYTES};
use super::{REGISTERS, registers::Registers};

/// Neighbouring registers with the same value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Run {
    /// So many are 0, in an opcode of one byte.
    Zeros(u16),
    /// So many are 0, in an opcode of two bytes.
    ManyZeros(u16),
    /// So many are `value`.
    Values {
        /// What they hold: from 1 to 32.
        value: u8,
        /// How many.
        count: u16,
    },
}

/// The greatest value that an opcode can tell.
pub(super) const SPARSE_VALUE_MAX: u8 = 32;
/// The longest run of a value that an opcode can tell.
const VALUES_MAX: u16 = 4;
/// The longest run of zeros in one byte.
const ZEROS_MAX: u16 = 64;
/// After a change, so many opcodes are looked at for runs that can be one.
const JOINED_MAX: usize = 5;

impl Run {
    /// The run that begins with these bytes, and the bytes behind it.
    ///
    /// Where the last opcode is cut off, the peers take the zero byte behind their string for its second half, and so do we.
    #[inline]
    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&first, rest) = bytes.split_first()?;
        let low = u16::from(first & 0x3f);
        match first >> 6 {
            0b00 => Some((Self::Zeros(low + 1), rest)),
            0b01 => {
                let (second, rest) = rest.split_first().map_or((0, rest), |(&second, rest)| (second, rest));
                Some((Self::ManyZeros((low << 8 | u16::from(second)) + 1), rest))
            }
            _ => {
                Some((Self::Values { value: (first >> 2 & 0x1f) + 1, count: u16::from(first & 3) + 1 }, rest))
            }
        }
    }

    /// How many registers it covers.
    pub fn count(self) -> usize {
        let (Self::Zeros(count) | Self::ManyZeros(count) | Self::Values { count, .. }) = self;
        usize::from(count)
    }

    /// What they hold.
    pub fn value(self) -> u8 {
        match self {
            Self::Zeros(_) | Self::ManyZeros(_) => 0,
            Self::Values { value, .. } => value,
        }
    }

    /// The shortest opcode for `count` registers, at least one, with a value.
    fn of(value: u8, count: u16) -> Self {
        match value {
            0 if count <= ZEROS_MAX => Self::Zeros(count),
            0 => Self::ManyZeros(count),
            value => Self::Values { value, count },
        }
    }
}

/// The runs of sparse registers as they are stored.
pub(super) struct Runs<'a> {
    rest: &'a [u8],
}

impl<'a> Runs<'a> {
    /// Of the bytes behind the header.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    #[inline]
    fn next(&mut self) -> Option<Run> {
        let (run, rest) = Run::split(self.rest)?;
        self.rest = rest;
        Some(run)
    }
}

/// Visits each run with the number of registers before it. The runs must cover all registers exactly.
pub(super) fn visit(sparse: &[u8], mut visit: impl FnMut(usize, Run)) -> Result<(), Corrupted> {
    let mut runs = Runs::new(sparse);
    let mut first = 0;
    while first < REGISTERS {
        let run = runs.next().ok_or(Corrupted)?;
        if first + run.count() > REGISTERS {
            return Err(Corrupted);
        }
        visit(first, run);
        first += run.count();
    }
    if runs.rest.is_empty() { Ok(()) } else { Err(Corrupted) }
}

/// Raises each register to the one that is stored, if that is greater.
pub(super) fn raise(registers: &mut Registers, sparse: &[u8]) -> Result<(), Corrupted> {
    visit(sparse, |first, run| {
        if run.value() > 0 {
            registers.raise(first, run.count(), run.value());
        }
    })
}

/// The value of a register. Runs behind it are not looked at.
pub(super) fn get(sparse: &[u8], index: usize) -> Result<u8, Corrupted> {
    Ok(Found::at(sparse, index)?.run.value())
}

/// What became of setting a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It held as great a value.
    Same,
    /// It holds the value now.
    Changed,
    /// The value or the size is too great for sparse registers; nothing was done.
    Full,
}

/// Raises a register of a whole string; the string stays within `bytes_max`.
pub(super) fn set(
    bytes: &mut Vec<u8>,
    index: usize,
    value: u8,
    bytes_max: usize,
) -> Result<Outcome, Corrupted> {
    if value > SPARSE_VALUE_MAX {
        return Ok(Outcome::Full);
    }
    let found = Found::at(bytes.get(HEADER_BYTES..).unwrap_or_default(), index)?;
    if found.run.value() >= value {
        return Ok(Outcome::Same);
    }
    let mut opcodes = found.split(index, value);
    if found.is_cut_off() {
        // The peers lose as much of what they write.
        opcodes.len -= 1;
    }
    let grown = bytes.len() + opcodes.len() - found.len;
    if opcodes.len() > found.len && grown > bytes_max {
        return Ok(Outcome::Full);
    }
    let at = HEADER_BYTES + found.at;
    bytes.splice(at..at + found.len, opcodes.bytes());
    join(bytes, HEADER_BYTES + found.before.unwrap_or(found.at));
    Ok(Outcome::Changed)
}

/// The run that a register belongs to.
struct Found {
    run: Run,
    /// Where its opcode begins, in bytes behind the header.
    at: usize,
    /// How many bytes it takes.
    len: usize,
    /// Where the opcode before it begins.
    before: Option<usize>,
    /// The first register of the run.
    first: usize,
}

impl Found {
    fn at(sparse: &[u8], index: usize) -> Result<Self, Corrupted> {
        let Skipped { mut at, mut first, mut before } = Skipped::before(sparse, index);
        loop {
            let opcode = sparse.get(at..).unwrap_or_default();
            let (run, rest) = Run::split(opcode).ok_or(Corrupted)?;
            let len = opcode.len() - rest.len();
            if index < first + run.count() {
                return Ok(Self { run, at, len, before, first });
            }
            first += run.count();
            before = Some(at);
            at += len;
        }
    }

    /// Whether the string ends in the middle of the opcode.
    fn is_cut_off(&self) -> bool {
        matches!(self.run, Run::ManyZeros(_)) && self.len == 1
    }

    /// The opcodes that replace the one found: what lies before the register, the register, what lies behind it.
    fn split(&self, index: usize, value: u8) -> Opcodes {
        let mut opcodes = Opcodes { bytes: [0; OPCODES_BYTES_MAX], len: 0 };
        let before = index - self.first;
        let behind = self.run.count() - before - 1;
        opcodes.push(self.run.value(), before);
        opcodes.push(value, 1);
        opcodes.push(self.run.value(), behind);
        opcodes
    }
}

/// The opcodes at the front that lie before a register.
#[derive(Default)]
struct Skipped {
    /// The bytes that they take.
    at: usize,
    /// The registers that they cover.
    first: usize,
    /// Where the last one begins.
    before: Option<usize>,
}

impl Skipped {
    /// Passes over opcodes by fours, and stops at most four before the register.
    ///
    /// Each opcode says where the next one begins, and a search waits for that more than for anything else. Here it waits for a shift, where a load
    /// from memory would take thrice as long.
    fn before(sparse: &[u8], index: usize) -> Self {
        const OPCODES: usize = 4;
        let mut skipped = Self::default();
        while let Some(bytes) = sparse.get(skipped.at..).and_then(<[u8]>::first_chunk::<8>) {
            let mut word = u64::from_be_bytes(*bytes);
            let (mut len, mut covered, mut last) = (0, OPCODES, 0);
            for _ in 0..OPCODES {
                last = len;
                let is_long = usize::from(word >> 62 == 1);
                let short_mask = if word >> 63 == 1 { 0x3 } else { 0x3f };
                covered +=
                    (if is_long == 1 { word >> 48 & 0x3fff } else { word >> 56 & short_mask }) as usize;
                word <<= 8 << is_long;
                len += 1 + is_long;
            }
            if index < skipped.first + covered {
                break;
            }
            let at = skipped.at;
            skipped = Self { at: at + len, first: skipped.first + covered, before: Some(at + last) };
        }
        skipped
    }
}

/// Two long runs of zeros, and a value between them.
const OPCODES_BYTES_MAX: usize = 5;

struct Opcodes {
    bytes: [u8; OPCODES_BYTES_MAX],
    len: usize,
}

impl Opcodes {
    /// Nothing, if there are no such registers.
    fn push(&mut self, value: u8, count: usize) {
        let Some(more) = u16::try_from(count).ok().and_then(|count| count.checked_sub(1)) else { return };
        let opcode = match Run::of(value, more + 1) {
            Run::Zeros(_) => [more as u8, 0],
            Run::ManyZeros(_) => [0x40 | (more >> 8) as u8, more as u8],
            Run::Values { value, .. } => [values_opcode(value, more + 1), 0],
        };
        let len = if matches!(Run::of(value, more + 1), Run::ManyZeros(_)) { 2 } else { 1 };
        self.bytes[self.len..self.len + len].copy_from_slice(&opcode[..len]);
        self.len += len;
    }

    fn len(&self) -> usize {
        self.len
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.bytes.into_iter().take(self.len)
    }
}

fn values_opcode(value: u8, count: u16) -> u8 {
    0x80 | (value - 1) << 2 | (count - 1) as u8
}

/// Makes neighbouring runs of one value into one, from the opcode at `at` on.
///
/// The peers look at a fixed number of opcodes, and so do we, so that the strings are the same byte for byte.
fn join(bytes: &mut Vec<u8>, mut at: usize) {
    for _ in 0..JOINED_MAX {
        let Some((run, rest)) = bytes.get(at..).and_then(Run::split) else { return };
        let next = Run::split(rest).map(|(next, _)| next);
        match (run, next) {
            (Run::ManyZeros(_), _) => at += 2,
            (Run::Values { value, count }, Some(Run::Values { value: same, count: more }))
                if value == same && count + more <= VALUES_MAX =>
            {
                bytes[at + 1] = values_opcode(value, count + more);
                bytes.remove(at);
            }
            _ => at += 1,
        }
    }
}
