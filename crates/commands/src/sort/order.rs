//! Weighing and ordering.

use std::cmp::Ordering;

use engine::{CommandError, Engine, View};

use super::args::SortArgs;
use super::pattern::Pattern;

const NOT_A_WEIGHT: CommandError =
    CommandError::fixed("ERR One or more scores can't be converted into double");

/// Brings the elements into the order that was asked for. Equal texts to sort by leave the elements in the order in which they were.
pub(super) fn order(
    texts: Vec<Vec<u8>>,
    args: &SortArgs<'_>,
    view: &mut View<'_>,
    engine: &Engine,
) -> Result<Vec<Vec<u8>>, CommandError> {
    match (&args.by, args.is_alphabetic) {
        (None, true) if args.store.is_some() => Ok(alphabetic(texts, args.is_descending)),
        (None, true) => Ok(collated(texts, args.is_descending)),
        (Some(by), true) => Ok(by_text(texts, by, args, view, engine)),
        (by, false) => by_number(texts, by.as_ref(), args.is_descending, view, engine),
    }
}

/// In the order of bytes.
pub(super) fn alphabetic(mut texts: Vec<Vec<u8>>, is_descending: bool) -> Vec<Vec<u8>> {
    texts.sort_by(|one, other| directed(one.cmp(other), is_descending));
    texts
}

/// In the order of bytes up to the first that is zero: what is not stored peers compare as the texts of C.
fn collated(mut texts: Vec<Vec<u8>>, is_descending: bool) -> Vec<Vec<u8>> {
    texts.sort_by(|one, other| directed(up_to_zero(one).cmp(up_to_zero(other)), is_descending));
    texts
}

fn up_to_zero(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// What has no text comes first.
fn by_text(
    texts: Vec<Vec<u8>>,
    by: &Pattern<'_>,
    args: &SortArgs<'_>,
    view: &mut View<'_>,
    engine: &Engine,
) -> Vec<Vec<u8>> {
    let is_whole = args.store.is_some();
    let weight = |text: Vec<u8>| if is_whole { text } else { up_to_zero(&text).to_vec() };
    let mut weighed: Vec<(Option<Vec<u8>>, Vec<u8>)> =
        texts.into_iter().map(|text| (by.look_up(view, engine, &text).map(weight), text)).collect();
    weighed.sort_by(|one, other| directed(one.0.cmp(&other.0), args.is_descending));
    weighed.into_iter().map(|(_, text)| text).collect()
}

/// What has no number weighs nothing. Equal numbers are ordered by the elements, so that the outcome is always the same.
fn by_number(
    texts: Vec<Vec<u8>>,
    by: Option<&Pattern<'_>>,
    is_descending: bool,
    view: &mut View<'_>,
    engine: &Engine,
) -> Result<Vec<Vec<u8>>, CommandError> {
    let mut weighed = Vec::with_capacity(texts.len());
    for text in texts {
        let weight = match by {
            None => weight(&text)?,
            Some(by) => by.look_up(view, engine, &text).map_or(Ok(0.0), |text| weight(&text))?,
        };
        weighed.push((weight, text));
    }
    let compare = |one: &(f64, Vec<u8>), other: &(f64, Vec<u8>)| {
        // A weight is a number: `weight` lets no other pass.
        let by_weight = one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal);
        directed(by_weight.then_with(|| one.1.cmp(&other.1)), is_descending)
    };
    weighed.sort_by(compare);
    Ok(weighed.into_iter().map(|(_, text)| text).collect())
}

fn directed(ordering: Ordering, is_descending: bool) -> Ordering {
    if is_descending { ordering.reverse() } else { ordering }
}

/// Reads a number as redis does here: decimals and infinities, rounded where they don't fit; up to a zero byte, and nothing is 0.
fn weight(text: &[u8]) -> Result<f64, CommandError> {
    let text = up_to_zero(text);
    if text.is_empty() {
        return Ok(0.0);
    }
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    number.filter(|number| !number.is_nan()).ok_or(NOT_A_WEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_decimals_and_infinities() {
        let read = ["", "1", "+1", ".5", "5.", "1e3", "INF", "-infinity", "1e400", "1e-400", "1\0x"];
        let numbers = read.map(|text| weight(text.as_bytes()).ok());
        let inf = f64::INFINITY;
        let expected = [0.0, 1.0, 1.0, 0.5, 5.0, 1000.0, inf, -inf, inf, 0.0, 1.0].map(Some);
        assert_eq!(numbers, expected);
        for text in ["nan", "-nan", "nan(1)", "0x1", " 1", "1 ", "1e", "-", "+", ".", "e5", "+-1", "1_0"] {
            assert_eq!(weight(text.as_bytes()), Err(NOT_A_WEIGHT), "{text}");
        }
    }
}
