//! A HyperLogLog for reading.

use super::dense::{self, DENSE_BYTES};
use super::estimate::estimate;
use super::header::{self, Corrupted, Encoding, HEADER_BYTES};
use super::histogram::Histogram;
use super::place::Place;
use super::registers::Registers;
use super::sparse::{self, Run, Runs};

/// The bytes of a HyperLogLog: the header is one, and dense registers are all there. Sparse ones are checked where they are read.
#[derive(Clone, Copy)]
pub struct Sketch<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
}

impl<'a> Sketch<'a> {
    /// Takes bytes for a HyperLogLog, if they are one. O(1).
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let encoding = header::encoding(bytes)?;
        let is_whole = encoding == Encoding::Sparse || bytes.len() == HEADER_BYTES + DENSE_BYTES;
        is_whole.then_some(Self { bytes, encoding })
    }

    /// How the registers are stored.
    pub fn encoding(self) -> Encoding {
        self.encoding
    }

    /// The estimate that the header remembers, unless the registers have changed since.
    #[inline]
    pub fn remembered(self) -> Option<u64> {
        header::estimate(self.bytes)
    }

    /// Estimates how many different elements were added. A fixed time, of some ten thousand steps if dense.
    pub fn estimate(self) -> Result<u64, Corrupted> {
        match self.encoding {
            Encoding::Dense => self.registers().map(|registers| registers.estimate()),
            Encoding::Sparse => {
                let mut histogram = Histogram::new();
                sparse::visit(self.stored(), |_, run| histogram.add(run.value(), run.count()))?;
                Ok(estimate(&histogram))
            }
        }
    }

    /// Whether an element would change a register.
    #[inline]
    pub fn is_news(self, place: Place) -> Result<bool, Corrupted> {
        let value = match self.encoding {
            Encoding::Dense => dense::get(self.stored(), place.index()).ok_or(Corrupted)?,
            Encoding::Sparse => sparse::get(self.stored(), place.index())?,
        };
        Ok(value < place.value())
    }

    /// Raises each of `registers` to the one of this HyperLogLog, if that is greater. If it is corrupted some may be raised already.
    pub fn raise(self, registers: &mut Registers) -> Result<(), Corrupted> {
        match self.encoding {
            Encoding::Dense => dense::raise(registers, self.stored()),
            Encoding::Sparse => sparse::raise(registers, self.stored())?,
        }
        Ok(())
    }

    /// All registers.
    pub fn registers(self) -> Result<Registers, Corrupted> {
        let mut registers = Registers::default();
        self.raise(&mut registers)?;
        Ok(registers)
    }

    /// The runs of sparse registers as they are stored, whether they make up all registers or not. Dense ones have none.
    pub fn runs(self) -> impl Iterator<Item = Run> + use<'a> {
        let is_sparse = self.encoding == Encoding::Sparse;
        is_sparse.then(|| Runs::new(self.stored())).into_iter().flatten()
    }

    fn stored(self) -> &'a [u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }
}

impl Registers {
    /// Estimates how many different elements they have met.
    pub fn estimate(&self) -> u64 {
        estimate(&Histogram::of(self))
    }
}
