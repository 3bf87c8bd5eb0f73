//! Everything against a naive twin: bits in a `Vec<bool>`, numbers in `i128`, the textbook's table.

use kvd_structures::bitfield::{Field, Overflow};
use kvd_structures::bitmap::{self, Combination, Unit};
use kvd_structures::lcs::{self, Alignment};
use kvd_structures::{LongDouble, overwrite, parse_f64, slice_range};
use proptest::collection::vec;
use proptest::prelude::*;

fn bits(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> (7 - at) & 1 == 1)).collect()
}

/// Bytes of which many are all zeros or all ones.
fn rows() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0u8), Just(0xff), Just(0xff), any::<u8>()];
    prop_oneof![
        vec(byte, 0..60),
        (0usize..60).prop_map(|len| vec![0; len]),
        (0usize..60).prop_map(|len| vec![0xff; len])
    ]
}

/// The indexes from `start` to `end`, found by asking each one.
fn indexes(len: usize, start: i64, end: i64) -> Vec<usize> {
    let wide =
        |index: i64| if index < 0 { (i128::from(index) + len as i128).max(0) } else { i128::from(index) };
    (0..len).filter(|&at| (wide(start)..=wide(end)).contains(&(at as i128))).collect()
}

const COMBINATIONS: [Combination; 7] = {
    use Combination::*;
    [And, Or, Xor, Diff, Diff1, AndOr, One]
};

fn backwards(start: i64, end: i64) -> bool {
    start < 0 && end < 0 && start > end
}

fn index() -> impl Strategy<Value = i64> {
    prop_oneof![-70i64..70, -600i64..600, any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn counts(bytes in rows(), start in index(), end in index()) {
        let bits = bits(&bytes);
        prop_assert_eq!(bitmap::count(&bytes), bits.iter().filter(|bit| **bit).count() as u64);
        let in_bits = indexes(bits.len(), start, end).into_iter().filter(|at| bits[*at]).count();
        let in_bytes = indexes(bytes.len(), start, end).into_iter().map(|at| bytes[at].count_ones()).sum::<u32>();
        let (in_bits, in_bytes) = if backwards(start, end) { (0, 0) } else { (in_bits as u64, u64::from(in_bytes)) };
        prop_assert_eq!(bitmap::count_in(&bytes, start, end, Unit::Bit), in_bits);
        prop_assert_eq!(bitmap::count_in(&bytes, start, end, Unit::Byte), in_bytes);
    }

    #[test]
    fn positions(bytes in rows(), wanted: bool, start in index(), end in proptest::option::of(index())) {
        let bits = bits(&bytes);
        for unit in [Unit::Bit, Unit::Byte] {
            let width = if unit == Unit::Bit { 1 } else { 8 };
            let within = indexes(bits.len() / width, start, end.unwrap_or(-1));
            let mut offsets = within.iter().flat_map(|at| at * width..(at + 1) * width);
            let behind = (end.is_none() && !wanted && !within.is_empty()).then_some(bits.len());
            let expected = offsets.find(|at| bits[*at] == wanted).or(behind).map(|at| at as u64);
            prop_assert_eq!(bitmap::position(&bytes, wanted, start, end, unit), expected);
        }
    }

    #[test]
    fn single_bits(mut bytes in rows(), offset in 0u64..600, on: bool) {
        let mut expected = bits(&bytes);
        if expected.len() <= offset as usize {
            expected.resize((offset as usize / 8 + 1) * 8, false);
        }
        prop_assert_eq!(bitmap::bit(&bytes, offset), expected[offset as usize]);
        prop_assert_eq!(bitmap::set_bit(&mut bytes, offset, on), expected[offset as usize]);
        expected[offset as usize] = on;
        prop_assert_eq!(bits(&bytes), expected);
    }

    #[test]
    fn combinations(sources in vec(rows(), 0..6)) {
        let len = sources.iter().map(Vec::len).max().unwrap_or(0);
        let sources: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
        let judge = |how, column: &[bool]| {
            let ones = column.iter().filter(|bit| **bit).count();
            let first = column[0];
            let others = ones - usize::from(first);
            match how {
                Combination::And => ones == column.len(),
                Combination::Or => ones > 0,
                Combination::Xor => ones % 2 == 1,
                Combination::Diff => first && others == 0,
                Combination::Diff1 => !first && others > 0,
                Combination::AndOr => first && others > 0,
                Combination::One => ones == 1,
            }
        };
        for how in COMBINATIONS {
            let column = |at| sources.iter().map(|source| bitmap::bit(source, at)).collect::<Vec<bool>>();
            let expected: Vec<bool> = (0..len as u64 * 8).map(|at| judge(how, &column(at))).collect();
            prop_assert_eq!(bits(&bitmap::combine(how, &sources)), expected, "{:?}", how);
        }
    }

    #[test]
    fn parts(bytes in rows(), start in index(), end in index(), offset in 0usize..90, part in rows()) {
        let range = slice_range(bytes.len(), start, end);
        let expected = if backwards(start, end) { vec![] } else { indexes(bytes.len(), start, end) };
        prop_assert_eq!(range.collect::<Vec<_>>(), expected);

        let mut written = bytes.clone();
        overwrite(&mut written, offset, &part);
        let len = if part.is_empty() { bytes.len() } else { bytes.len().max(offset + part.len()) };
        prop_assert_eq!(written.len(), len);
        for (at, byte) in written.iter().enumerate() {
            let inside = at.checked_sub(offset).and_then(|at| part.get(at));
            prop_assert_eq!(byte, inside.or(bytes.get(at)).unwrap_or(&0));
        }
    }

    #[test]
    fn fields(
        bytes in vec(any::<u8>(), 0..14),
        signed: bool,
        width in 1u8..=64,
        offset in 0u64..120,
        value: i64,
        small in -300i64..300,
    ) {
        let Some(field) = Field::new(signed, width) else {
            prop_assert_eq!((signed, width), (false, 64));
            return Ok(());
        };
        let old = naive_read(&bytes, signed, width, offset);
        prop_assert_eq!(i128::from(field.read(&bytes, offset)), old);
        for (overflow, value) in [Overflow::Wrap, Overflow::Saturate, Overflow::Fail].into_iter().zip([value, small, small]) {
            let mut set = bytes.clone();
            let wanted = if signed { i128::from(value) } else { i128::from(value as u64) };
            let expected = naive_fit(wanted, signed, width, overflow);
            prop_assert_eq!(field.set(&mut set, offset, value, overflow).map(i128::from), expected.map(|_| old));
            naive_compare(&bytes, &set, signed, width, offset, expected)?;

            let mut incremented = bytes.clone();
            let expected = naive_fit(old + i128::from(value), signed, width, overflow);
            prop_assert_eq!(field.increment(&mut incremented, offset, value, overflow).map(i128::from), expected);
            naive_compare(&bytes, &incremented, signed, width, offset, expected)?;
        }
    }

    #[test]
    fn subsequences(a in vec(97u8..101, 0..150), b in vec(97u8..102, 0..150)) {
        let table = naive_table(&a, &b);
        let alignment = Alignment::new(&a, &b, u64::MAX).expect("no bound");
        prop_assert_eq!(alignment.len(), table[a.len()][b.len()]);
        prop_assert_eq!(lcs::length(&a, &b, u64::MAX), Ok(alignment.len()));
        let pairs = naive_pairs(&table, &a, &b);
        let flat = alignment.matches().flat_map(|m| m.a.rev().zip(m.b.rev()).collect::<Vec<_>>());
        prop_assert_eq!(flat.collect::<Vec<_>>(), pairs.clone());
        let text: Vec<u8> = pairs.iter().rev().map(|(i, _)| a[*i]).collect();
        prop_assert_eq!(alignment.subsequence(), text);
    }

    #[test]
    fn sums_of_binary_fractions_are_exact(a in -(1i64 << 40)..1 << 40, b in -(1i64 << 40)..1 << 40, places in 0u32..17) {
        // Below 2^41 in 2^-places: 64 bits of mantissa hold all of it, and 17 digits do, since 2^-places has `places` of them.
        let text = |units: i64| {
            let scaled = (i128::from(units.unsigned_abs()) * 10i128.pow(17)) >> places;
            let text = format!("{}.{:017}", scaled / 10i128.pow(17), scaled % 10i128.pow(17));
            let text = text.trim_end_matches('0').trim_end_matches('.');
            if units < 0 { format!("-{text}") } else { text.to_string() }
        };
        let parse = |units| LongDouble::parse(text(units).as_bytes()).expect("a number");
        prop_assert_eq!((parse(a) + parse(b)).to_text(), text(a + b));
    }

    #[test]
    fn doubles_are_read_as_they_are_printed(bits: u64) {
        let value = f64::from_bits(bits);
        let expected = (!value.is_nan()).then_some(bits);
        prop_assert_eq!(parse_f64(format!("{value:e}").as_bytes()).map(f64::to_bits), expected);
        prop_assert_eq!(parse_f64(hexadecimal(value).as_bytes()).map(f64::to_bits), expected);
    }
}

proptest! {
    // The twin is slow.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn great_integers_are_exact(mantissa: u64, shift in 0u32..16_000) {
        let expected = naive_shifted(mantissa, shift);
        let value = LongDouble::parse(format!("0x{mantissa:x}p{shift}").as_bytes()).expect("in range");
        prop_assert_eq!(value.to_text(), expected.clone());
        prop_assert_eq!(LongDouble::parse(expected.as_bytes()), Some(value));
    }
}

fn hexadecimal(value: f64) -> String {
    let bits = value.to_bits();
    let (sign, exponent, fraction) = (bits >> 63, (bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    let sign = if sign == 1 { "-" } else { "+" };
    match exponent {
        0x7ff if fraction == 0 => format!("{sign}inf"),
        0x7ff => "nan".into(),
        0 => format!("{sign}0x0.{fraction:013x}p-1022"),
        _ => format!("{sign}0X1.{fraction:013X}P{:+}", exponent - 1023),
    }
}

/// Decimal digits, the lowest first, multiplied by 2 again and again, forty times in one go.
fn naive_shifted(mantissa: u64, shift: u32) -> String {
    let mut digits: Vec<u64> =
        mantissa.to_string().bytes().rev().map(|digit| u64::from(digit - b'0')).collect();
    for step in (0..shift).step_by(40).map(|done| (shift - done).min(40)) {
        let mut carry = 0;
        for digit in &mut digits {
            let product = (*digit << step) + carry;
            (*digit, carry) = (product % 10, product / 10);
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| digit.to_string()).collect()
}

fn naive_read(bytes: &[u8], signed: bool, width: u8, offset: u64) -> i128 {
    let one = |at| i128::from(bitmap::bit(bytes, offset + at));
    let value = (0..u64::from(width)).fold(0, |value, at| value * 2 + one(at));
    if signed && one(0) == 1 { value - (1 << width) } else { value }
}

fn naive_fit(number: i128, signed: bool, width: u8, overflow: Overflow) -> Option<i128> {
    let size = 1i128 << width;
    let (min, max) = if signed { (-size / 2, size / 2 - 1) } else { (0, size - 1) };
    if (min..=max).contains(&number) {
        return Some(number);
    }
    match overflow {
        Overflow::Fail => None,
        Overflow::Saturate => Some(if number < min { min } else { max }),
        Overflow::Wrap => Some((number - min).rem_euclid(size) + min),
    }
}

/// All bits outside the field are as before, and the field is `expected`, or as before too.
fn naive_compare(
    before: &[u8],
    after: &[u8],
    signed: bool,
    width: u8,
    offset: u64,
    expected: Option<i128>,
) -> Result<(), TestCaseError> {
    let expected = expected.unwrap_or_else(|| naive_read(before, signed, width, offset));
    prop_assert_eq!(naive_read(after, signed, width, offset), expected);
    prop_assert_eq!(after.len(), before.len().max((offset + u64::from(width)).div_ceil(8) as usize));
    let field = offset..offset + u64::from(width);
    for at in (0..after.len() as u64 * 8).filter(|at| !field.contains(at)) {
        prop_assert_eq!(bitmap::bit(after, at), bitmap::bit(before, at));
    }
    Ok(())
}

fn naive_table(a: &[u8], b: &[u8]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let longer = table[i - 1][j].max(table[i][j - 1]);
            table[i][j] = if a[i - 1] == b[j - 1] { table[i - 1][j - 1] + 1 } else { longer };
        }
    }
    table
}

fn naive_pairs(table: &[Vec<usize>], a: &[u8], b: &[u8]) -> Vec<(usize, usize)> {
    let (mut i, mut j) = (a.len(), b.len());
    let mut pairs = Vec::new();
    while i > 0 && j > 0 {
        if a[i - 1] == b[j - 1] {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        } else if table[i - 1][j] > table[i][j - 1] {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    pairs
}
