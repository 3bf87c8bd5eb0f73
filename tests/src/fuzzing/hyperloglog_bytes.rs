//! Any bytes as a HyperLogLog: nothing panics, what is refused stays as it is, and what is counted doesn't depend on the encoding.
//!
//! A byte for the limit of sparse registers, two for the length of the string, the string, and elements of two bytes.

use structures::hyperloglog::{self, EMPTY, Encoding, Place, Registers, Run, Sketch};

/// Checks one input.
pub fn hyperloglog_bytes(input: &[u8]) {
    let Some((&[limit, low, high], rest)) = input.split_first_chunk() else { return };
    let bytes_max = usize::from(limit) * 16;
    let (string, elements) = rest.split_at(usize::from(u16::from_le_bytes([low, high])).min(rest.len()));
    check(string, elements, bytes_max);
    check(&[&EMPTY[..16], string].concat(), elements, bytes_max);
}

fn check(string: &[u8], elements: &[u8], bytes_max: usize) {
    let Some(sketch) = Sketch::new(string) else { return };
    let before = sketch.registers();
    assert_eq!(before.is_ok(), sketch.estimate().is_ok());
    assert!(sketch.runs().count() <= string.len());
    let mut bytes = string.to_vec();
    for element in elements.chunks_exact(2) {
        let place = Place::of(element);
        let news = Sketch::new(&bytes).expect("it remains one").is_news(place);
        let unchanged = bytes.clone();
        match hyperloglog::add(&mut bytes, place, bytes_max) {
            Ok(changed) => assert_eq!(Ok(changed), news),
            Err(_) => assert_eq!(bytes, unchanged),
        }
    }
    let Ok(mut expected) = before else { return };
    if ends_in_half(string) {
        return;
    }
    let sketch = Sketch::new(&bytes).expect("it remains one");
    sketch.raise(&mut expected).expect("adding corrupts nothing");
    let registers = sketch.registers().expect("adding corrupts nothing");
    assert_eq!(registers.values(), expected.values(), "no register sinks");
    assert_eq!(sketch.estimate(), Ok(registers.estimate()));
    check_merged(&bytes, &registers, bytes_max);
}

/// Whether the last run is cut off: it can be read, but not be changed without loss.
fn ends_in_half(string: &[u8]) -> bool {
    const HEADER_BYTES: usize = 16;
    let bytes = |run| if matches!(run, Run::ManyZeros(_)) { 2 } else { 1 };
    let needed = Sketch::new(string).map_or(0, |sketch| sketch.runs().map(bytes).sum::<usize>());
    needed > string.len().saturating_sub(HEADER_BYTES)
}

/// Sparse and dense, the registers are the same.
fn check_merged(bytes: &[u8], registers: &Registers, bytes_max: usize) {
    for encoding in [Encoding::Sparse, Encoding::Dense] {
        let mut merged = EMPTY.to_vec();
        hyperloglog::merge(&mut merged, registers, encoding, bytes_max).expect("an empty one is whole");
        let merged = Sketch::new(&merged).expect("it remains one").registers();
        assert_eq!(merged.map(|merged| *merged.values()), Ok(*registers.values()));
    }
    let mut dense = bytes.to_vec();
    hyperloglog::make_dense(&mut dense).expect("its registers were read");
    let dense = Sketch::new(&dense).expect("it remains one");
    assert_eq!(
        (dense.encoding(), dense.remembered()),
        (Encoding::Dense, Sketch::new(bytes).and_then(Sketch::remembered))
    );
    assert_eq!(dense.registers().map(|registers| *registers.values()), Ok(*registers.values()));
}
