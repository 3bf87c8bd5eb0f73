//! Cells: what is left of the map after so many halvings.

use super::point::{LATITUDE_MAX, LONGITUDE_MAX, Point};

/// A cell: its column from the west, its row from the south, and the number of halvings.
///
/// A point on the eastern or northern edge lies in a column or row beyond the last one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    column: u32,
    row: u32,
    steps: u32,
}

/// A step to a neighbour: columns to the east, rows to the north, each -1, 0 or 1.
pub(super) type Step = (i32, i32);

impl Cell {
    /// Halvings of a score.
    pub(super) const STEPS_MAX: u32 = 26;

    /// The cell that a point lies in, which must have a score.
    pub(super) fn around(point: Point, steps: u32) -> Self {
        // The product is exact: both sides of the quotient round as they do in the peers.
        let count = f64::from(1u32 << steps);
        let column = (point.longitude + LONGITUDE_MAX) / (2.0 * LONGITUDE_MAX) * count;
        let row = (point.latitude + LATITUDE_MAX) / (2.0 * LATITUDE_MAX) * count;
        Self { column: column as u32, row: row as u32, steps }
    }

    /// The cell whose interleaved bits these are.
    #[inline]
    pub(super) fn of_bits(bits: u64, steps: u32) -> Self {
        Self { column: gather(bits >> 1), row: gather(bits), steps }
    }

    /// Column and row, bit by bit in turns.
    pub(super) fn bits(self) -> u64 {
        interleave(self.column, self.row)
    }

    /// The number of halvings.
    pub(super) fn steps(self) -> u32 {
        self.steps
    }

    /// A cell next to this one. The map has no edge: behind the last column comes the first one, and so with rows.
    pub(super) fn neighbour(self, (east, north): Step) -> Self {
        let last = (1u32 << self.steps) - 1;
        let moved = |from: u32, by: i32| if by == 0 { from } else { from.wrapping_add_signed(by) & last };
        Self { column: moved(self.column, east), row: moved(self.row, north), ..self }
    }

    pub(super) fn west(self) -> f64 {
        self.longitude(self.column.into())
    }

    pub(super) fn east(self) -> f64 {
        self.longitude(u64::from(self.column) + 1)
    }

    pub(super) fn south(self) -> f64 {
        self.latitude(self.row.into())
    }

    pub(super) fn north(self) -> f64 {
        self.latitude(u64::from(self.row) + 1)
    }

    #[inline]
    pub(super) fn middle(self) -> Point {
        let longitude = (self.west() + self.east()) / 2.0;
        let latitude = (self.south() + self.north()) / 2.0;
        Point { longitude, latitude }.on_map()
    }

    /// Where a column begins.
    fn longitude(self, column: u64) -> f64 {
        -LONGITUDE_MAX + self.share(column) * (2.0 * LONGITUDE_MAX)
    }

    /// Where a row begins.
    fn latitude(self, row: u64) -> f64 {
        -LATITUDE_MAX + self.share(row) * (2.0 * LATITUDE_MAX)
    }

    #[inline]
    fn share(self, number: u64) -> f64 {
        // By a power of two, so this is exact, as a division would be.
        number as f64 * (1.0 / f64::from(1u32 << self.steps))
    }
}

/// The bits of a row in the even places, those of a column in the odd ones.
pub(super) fn interleave(column: u32, row: u32) -> u64 {
    spread(row) | spread(column) << 1
}

/// Bit k goes to bit 2k: halves move apart, then their halves, and so on.
#[inline]
fn spread(number: u32) -> u64 {
    let bits = u64::from(number);
    let bits = (bits | bits << 16) & EVERY_16;
    let bits = (bits | bits << 8) & EVERY_8;
    let bits = (bits | bits << 4) & EVERY_4;
    let bits = (bits | bits << 2) & EVERY_2;
    (bits | bits << 1) & EVERY_1
}

/// Bit 2k goes to bit k.
#[inline]
fn gather(bits: u64) -> u32 {
    let bits = bits & EVERY_1;
    let bits = (bits | bits >> 1) & EVERY_2;
    let bits = (bits | bits >> 2) & EVERY_4;
    let bits = (bits | bits >> 4) & EVERY_8;
    let bits = (bits | bits >> 8) & EVERY_16;
    (bits | bits >> 16) as u32
}

/// As many bits, then as many gaps, from the lowest on.
const EVERY_1: u64 = 0x5555_5555_5555_5555;
const EVERY_2: u64 = 0x3333_3333_3333_3333;
const EVERY_4: u64 = 0x0f0f_0f0f_0f0f_0f0f;
const EVERY_8: u64 = 0x00ff_00ff_00ff_00ff;
const EVERY_16: u64 = 0x0000_ffff_0000_ffff;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_bits_are_gathered_again() {
        for number in [0, 1, 2, 3, 0x8000_0000, 0xffff_ffff, 0x1234_5678] {
            assert_eq!(gather(spread(number)), number);
            assert_eq!(gather(spread(number) | spread(!number) << 1), number);
        }
        assert_eq!(spread(0b111), 0b1_0101);
    }

    #[test]
    fn the_map_has_no_edge() {
        let corner = Cell { column: 0, row: 3, steps: 2 };
        assert_eq!(corner.neighbour((-1, 1)), Cell { column: 3, row: 0, steps: 2 });
    }
}
