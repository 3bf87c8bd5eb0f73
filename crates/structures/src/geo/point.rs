//! A point on the earth.

use super::cell::Cell;

/// The greatest longitude, in degrees.
pub const LONGITUDE_MAX: f64 = 180.0;
/// The greatest latitude that has a score, in degrees: that of a square map in Mercator's projection.
pub const LATITUDE_MAX: f64 = 85.051_128_78;

/// Longitude and latitude, in degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// East is positive.
    pub longitude: f64,
    /// North is positive.
    pub latitude: f64,
}

impl Point {
    /// A point, if it can have a score: neither beyond 180 degrees nor too near to a pole.
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let point = Self { longitude, latitude };
        point.has_score().then_some(point)
    }

    /// Whether it lies where there are scores.
    fn has_score(self) -> bool {
        self.longitude.abs() <= LONGITUDE_MAX && self.latitude.abs() <= LATITUDE_MAX
    }

    /// The point itself, or the one at the edge of the map that is next to it.
    pub(super) fn on_map(self) -> Self {
        Self {
            longitude: self.longitude.clamp(-LONGITUDE_MAX, LONGITUDE_MAX),
            latitude: self.latitude.clamp(-LATITUDE_MAX, LATITUDE_MAX),
        }
    }

    /// The score of the cell that the point lies in.
    ///
    /// ```
    /// use kvd_structures::geo::Point;
    ///
    /// let palermo = Point::new(13.361389, 38.115556).unwrap();
    /// assert_eq!(palermo.score(), 3479099956230698.0);
    /// assert_eq!(Point::of_score(palermo.score()).longitude, 13.361389338970184);
    /// ```
    pub fn score(self) -> f64 {
        Cell::around(self, Cell::STEPS_MAX).bits() as f64
    }

    /// The middle of the cell with this score. Every score has one, also those that no point gets; NaN is taken for 0.
    #[inline]
    pub fn of_score(score: f64) -> Self {
        Cell::of_bits(score_bits(score), Cell::STEPS_MAX).middle()
    }
}

/// The integer of a score.
///
/// Scores beyond 64 bits don't come from points, and C leaves open what they are as integers. Here they are what the peers make of them on x86-64.
fn score_bits(score: f64) -> u64 {
    const HALF: f64 = 9_223_372_036_854_775_808.0;
    if score < HALF {
        score as i64 as u64
    } else if score < 2.0 * HALF {
        score as u64
    } else {
        0
    }
}
