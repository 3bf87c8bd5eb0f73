//! Prefixes of keys that one client names: none may begin with another.

use std::collections::BTreeSet;
use std::ops::Bound::{Included, Unbounded};
use std::sync::Arc;

use engine::CommandError;

/// Whether these may be named together, and beside those that the client has named before.
pub(super) fn check(existing: &BTreeSet<Arc<[u8]>>, named: &[Arc<[u8]>]) -> Result<(), CommandError> {
    let first = first_overlapping(named);
    for (index, prefix) in named.iter().enumerate() {
        if let Some(other) = overlapping(existing, prefix) {
            return Err(overlap(prefix, "an existing", other));
        }
        let others = if first == Some(index) { &named[index + 1..] } else { &[] };
        if let Some(other) = others.iter().find(|other| overlaps(other, prefix)) {
            return Err(overlap(prefix, "another provided", other));
        }
    }
    Ok(())
}

fn overlaps(one: &[u8], other: &[u8]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The first of a client's prefixes that overlaps with another. Of those there, only an empty one may begin others: a beginning of the new one
/// stands right before it, what it is the beginning of right behind.
fn overlapping<'p>(existing: &'p BTreeSet<Arc<[u8]>>, prefix: &[u8]) -> Option<&'p [u8]> {
    let before = existing.range::<[u8], _>((Unbounded, Included(prefix))).next_back();
    let behind = existing.range::<[u8], _>((Included(prefix), Unbounded)).next();
    let candidates = [existing.first(), before, behind].into_iter().flatten();
    candidates.map(|candidate| &**candidate).find(|candidate| overlaps(candidate, prefix))
}

/// Where the first of these is that overlaps with another of them.
fn first_overlapping(named: &[Arc<[u8]>]) -> Option<usize> {
    let mut sorted: Vec<usize> = (0..named.len()).collect();
    sorted.sort_by_key(|index| &named[*index]);
    let mut first = None;
    // Each of these begins with the one before; in their order, all that begin with one follow it.
    let mut begun: Vec<usize> = Vec::new();
    for index in sorted {
        while begun.last().is_some_and(|last| !named[index].starts_with(&named[*last])) {
            begun.pop();
        }
        if let Some(last) = begun.last() {
            let earlier = index.min(*last);
            first = Some(first.map_or(earlier, |first: usize| first.min(earlier)));
        }
        begun.push(index);
    }
    first
}

fn overlap(prefix: &[u8], which: &str, other: &[u8]) -> CommandError {
    let after = format!(
        "' overlaps with {which} prefix '{}'. Prefixes for a single client must not overlap.",
        String::from_utf8_lossy(other)
    );
    CommandError::quoting("ERR Prefix '", prefix, &after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(text: &str) -> Vec<Arc<[u8]>> {
        text.split(' ').map(|prefix| Arc::from(prefix.as_bytes())).collect()
    }

    /// The same by comparing each prefix with all others.
    fn check_each(existing: &[Arc<[u8]>], named: &[Arc<[u8]>]) -> Result<(), CommandError> {
        for (index, prefix) in named.iter().enumerate() {
            if let Some(other) = existing.iter().find(|other| overlaps(other, prefix)) {
                return Err(overlap(prefix, "an existing", other));
            }
            if let Some(other) = named[index + 1..].iter().find(|other| overlaps(other, prefix)) {
                return Err(overlap(prefix, "another provided", other));
            }
        }
        Ok(())
    }

    #[test]
    fn the_first_overlap_is_named() {
        let all =
            ["b", "a c", "aa ab", "bc b", "a b bb aa", "x x", "ab a aa", "d c cc ab", "aab aac aa", "z ab"];
        for existing in ["b", "aa ab b", "ab c d", "y"].map(prefixes) {
            for with_empty in [false, true] {
                let mut set: BTreeSet<_> = existing.iter().cloned().collect();
                if with_empty {
                    set.insert(Arc::default());
                }
                let sorted: Vec<_> = set.iter().cloned().collect();
                for named in all.map(prefixes) {
                    assert_eq!(check(&set, &named), check_each(&sorted, &named), "{sorted:?} {named:?}");
                }
            }
        }
    }
}
