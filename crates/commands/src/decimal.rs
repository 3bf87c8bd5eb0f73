//! Integers as words of an effect.

/// A buffer for the decimal digits of one integer.
#[derive(Default)]
pub(crate) struct Decimal(itoa::Buffer);

impl Decimal {
    /// The digits of `number`, valid until the next call.
    pub(crate) fn format(&mut self, number: i64) -> &[u8] {
        self.0.format(number).as_bytes()
    }
}
