//! Two texts, split at a zero byte: their sum doesn't depend on the order, and its text can be read and printed again.

use structures::{LongDouble, parse_f64};

/// Checks one input.
pub fn structures_long_double(input: &[u8]) {
    let at = input.iter().position(|&byte| byte == 0).unwrap_or(input.len());
    let (first, rest) = input.split_at(at);
    let second = rest.get(1..).unwrap_or_default();
    // What is a double is a long double too, but for the greatest length of its text.
    if parse_f64(first).is_some() && first.len() <= structures::LONG_DOUBLE_TEXT_BYTES_MAX {
        assert!(LongDouble::parse(first).is_some());
    }
    let (Some(first), Some(second)) = (LongDouble::parse(first), LongDouble::parse(second)) else { return };
    let sum = first + second;
    if sum.is_nan_or_infinite() {
        return;
    }
    let text = sum.to_text();
    assert_eq!((second + first).to_text(), text);
    let again = LongDouble::parse(text.as_bytes()).expect("the text of a sum is a number");
    assert_eq!(again.to_text(), text);
}
