//! Ends of ranges.

/// One end of a range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound<T> {
    /// The value belongs to the range.
    Included(T),
    /// The range ends just before the value, or begins just behind it.
    Excluded(T),
    /// Less than everything: a range from here has no lower end, a range to here is empty.
    Lowest,
    /// Greater than everything.
    Highest,
}

/// A range of scores, as in `ZRANGEBYSCORE`. It is empty if `min` is greater than `max`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ScoreBounds {
    /// The lower end. Infinities are scores like others; NaN must not occur.
    pub min: Bound<f64>,
    /// The upper end.
    pub max: Bound<f64>,
}

/// A range of members, as in `ZRANGEBYLEX`, among members of equal scores. It is empty if `min` is greater than `max`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LexBounds<'a> {
    /// The lower end.
    pub min: Bound<&'a [u8]>,
    /// The upper end.
    pub max: Bound<&'a [u8]>,
}
