//! Several rows of bits made into one.
//!
//! The loops go byte by byte over two slices of one length; the compiler turns them into vector instructions.

/// How the bits at one offset are combined, `x` in the first source and the others `y`, ...
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Combination {
    /// Set in all.
    And,
    /// Set in at least one.
    Or,
    /// Set in an odd number of them.
    Xor,
    /// Set in the first, but in none of the others: `x & !(y | ...)`.
    Diff,
    /// Set in one of the others at least, but not in the first: `!x & (y | ...)`.
    Diff1,
    /// Set in the first and in one of the others at least: `x & (y | ...)`.
    AndOr,
    /// Set in exactly one.
    One,
}

/// Combines `sources`. The result is as long as the longest; shorter ones go on with zeros.
///
/// Any number of sources is good: of none the result is empty, and with just a first one there are no others in which a bit could be set.
pub fn combine(how: Combination, sources: &[&[u8]]) -> Vec<u8> {
    let len = sources.iter().map(|source| source.len()).max().unwrap_or(0);
    let Some((first, others)) = sources.split_first() else { return Vec::new() };
    match how {
        Combination::And => folded(first, others, len, |x, y| x & y),
        Combination::Or => folded(first, others, len, |x, y| x | y),
        Combination::Xor => folded(first, others, len, |x, y| x ^ y),
        Combination::Diff => with_any_other(first, others, len, |any, x| x & !any),
        Combination::Diff1 => with_any_other(first, others, len, |any, x| any & !x),
        Combination::AndOr => with_any_other(first, others, len, |any, x| any & x),
        Combination::One => exactly_one(sources, len),
    }
}

/// Every bit turned round.
pub fn invert(source: &[u8]) -> Vec<u8> {
    source.iter().map(|byte| !byte).collect()
}

fn folded(first: &[u8], others: &[&[u8]], len: usize, operation: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let mut result = first.to_vec();
    result.resize(len, 0);
    for other in others {
        apply(&mut result, other, &operation);
    }
    result
}

fn with_any_other(first: &[u8], others: &[&[u8]], len: usize, operation: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let mut any = folded(&[], others, len, |x, y| x | y);
    apply(&mut any, first, operation);
    any
}

/// Goes block by block, so that the second row of bits that it needs stays in the cache.
fn exactly_one(sources: &[&[u8]], len: usize) -> Vec<u8> {
    const BLOCK: usize = 4096;
    let mut result = Vec::with_capacity(len);
    for start in (0..len).step_by(BLOCK) {
        let mut once = [0; BLOCK];
        let mut more = [0; BLOCK];
        for source in sources {
            let part = source.get(start..source.len().min(start + BLOCK)).unwrap_or_default();
            for (more, (once, byte)) in more.iter_mut().zip(once.iter().zip(part)) {
                *more |= once & byte;
            }
            for (once, byte) in once.iter_mut().zip(part) {
                *once |= byte;
            }
        }
        let block = once.iter().zip(&more).map(|(once, more)| once & !more);
        result.extend(block.take(len - start));
    }
    result
}

/// Combines `target` with `source`, which is no longer and goes on with zeros.
fn apply(target: &mut [u8], source: &[u8], operation: impl Fn(u8, u8) -> u8) {
    let (both, rest) = target.split_at_mut(source.len());
    for (target, source) in both.iter_mut().zip(source) {
        *target = operation(*target, *source);
    }
    for target in rest {
        *target = operation(*target, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_longer_than_a_block_are_combined_to_their_ends() {
        let long = vec![0b1100; 10_000];
        let short = vec![0b1010; 5000];
        let one = combine(Combination::One, &[&short, &long]);
        assert_eq!(one[..5000], vec![0b0110; 5000]);
        assert_eq!(one[5000..], vec![0b1100; 5000]);
        assert_eq!(one, combine(Combination::Xor, &[&long, &short]));
    }
}
