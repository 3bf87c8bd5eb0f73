//! Rows of the table as bits.
//!
//! Bit `j` of a row is *clear* if the row grows from column `j` to column `j + 1`, and set if it does not.

/// The string along the columns: for each byte of the other string, the columns where it stands.
pub(super) struct Columns {
    len: usize,
    /// Which of `places` belongs to a byte; `None` if the byte is not in both strings.
    index: [Option<u8>; 256],
    /// One set of columns for each byte value that is in both strings, no more than the other string is long.
    places: Vec<Vec<u64>>,
}

impl Columns {
    /// Prepares the columns for `b`, for rows along `a`.
    pub(super) fn new(a: &[u8], b: &[u8]) -> Self {
        let words = b.len().div_ceil(64);
        let mut in_a = [false; 256];
        for &byte in a {
            in_a[usize::from(byte)] = true;
        }
        let mut index = [None; 256];
        let mut places: Vec<Vec<u64>> = Vec::new();
        for (column, &byte) in b.iter().enumerate().filter(|(_, byte)| in_a[usize::from(**byte)]) {
            let at = *index[usize::from(byte)].get_or_insert_with(|| {
                places.push(vec![0; words]);
                // There are 256 values of a byte, so the last index is 255.
                (places.len() - 1) as u8
            });
            places[usize::from(at)][column / 64] |= 1 << (column % 64);
        }
        Self { len: b.len(), index, places }
    }

    /// The row of the empty beginning: it grows nowhere.
    pub(super) fn first_row(&self) -> Vec<u64> {
        vec![!0; self.len.div_ceil(64)]
    }

    /// Makes `row` the next one, for the byte `byte`.
    pub(super) fn advance(&self, row: &mut [u64], byte: u8) {
        // A byte that stands in no column changes nothing.
        let Some(at) = self.index[usize::from(byte)] else { return };
        let mut carry = false;
        for (bits, &places) in row.iter_mut().zip(&self.places[usize::from(at)]) {
            let (sum, over) = bits.overflowing_add(*bits & places);
            let (sum, over_by_carry) = sum.overflowing_add(u64::from(carry));
            carry = over | over_by_carry;
            *bits = sum | (*bits & !places);
        }
    }

    /// The number at the end of `row`: how often it grew. Bits behind the last column are always set.
    pub(super) fn length(&self, row: &[u64]) -> usize {
        row.iter().map(|bits| bits.count_zeros() as usize).sum()
    }
}
