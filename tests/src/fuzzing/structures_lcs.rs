//! Two strings: the length alone, the subsequence and the matches agree, and the subsequence is one of both.

use structures::lcs::{self, Alignment};

const TABLE_BYTES_MAX: u64 = 1 << 22;

fn is_subsequence(part: &[u8], of: &[u8]) -> bool {
    let mut rest = of.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}

/// Checks one input.
pub fn structures_lcs(input: &[u8]) {
    let Some((&at, rest)) = input.split_first() else { return };
    let (a, b) = rest.split_at(rest.len() * usize::from(at) / 255);
    let Ok(alignment) = Alignment::new(a, b, TABLE_BYTES_MAX) else {
        assert!(lcs::length(a, b, TABLE_BYTES_MAX).is_err());
        return;
    };
    assert_eq!(lcs::length(a, b, TABLE_BYTES_MAX), Ok(alignment.len()));
    assert_eq!(lcs::length(b, a, TABLE_BYTES_MAX), Ok(alignment.len()));
    let subsequence = alignment.subsequence();
    assert_eq!(subsequence.len(), alignment.len());
    assert!(is_subsequence(&subsequence, a) && is_subsequence(&subsequence, b));
    assert_eq!(alignment.matches().map(|m| m.len()).sum::<usize>(), alignment.len());
    assert!(alignment.matches().all(|m| a[m.a] == b[m.b]));
}
