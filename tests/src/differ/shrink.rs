//! Making a failure small: fewer steps, then fewer and simpler words.

use super::generator::Step;
use super::pools::Word;

/// A list without most of what the failure doesn't need: chunks are taken out, of half the list down to one item
/// (delta debugging). `fails` says whether a list still fails; after `tries` questions the best list so far is it.
pub(crate) fn shrink_list<T: Clone>(
    items: &[T],
    tries: &mut usize,
    fails: &mut dyn FnMut(&[T]) -> bool,
) -> Vec<T> {
    let mut items = items.to_vec();
    let mut chunk = items.len().div_ceil(2);
    while chunk > 0 {
        let mut removed = false;
        let mut end = items.len();
        // From the back: the failure is at the end, and what it needs is often near.
        while end > 0 {
            let start = end.saturating_sub(chunk);
            let shorter = [&items[..start], &items[end..]].concat();
            if shorter.is_empty() {
                break;
            }
            if *tries == 0 {
                return items;
            }
            *tries -= 1;
            if fails(&shorter) {
                items = shorter;
                removed = true;
            }
            end = start;
        }
        chunk = if removed && chunk == 1 { 1 } else { chunk / 2 };
    }
    items
}

/// The same steps with fewer and simpler words.
pub(crate) fn shrink_words(
    steps: &[Step],
    tries: &mut usize,
    fails: &mut dyn FnMut(&[Step]) -> bool,
) -> Vec<Step> {
    let mut steps = steps.to_vec();
    for at in 0..steps.len() {
        let mut word_at = 1;
        while word_at < steps[at].words().len() {
            let simpler = candidates(&steps[at], word_at);
            let found = simpler.into_iter().find_map(|(step, is_shorter)| {
                if *tries == 0 {
                    return None;
                }
                *tries -= 1;
                let mut changed = steps.clone();
                changed[at] = step;
                fails(&changed).then_some((changed, is_shorter))
            });
            match found {
                Some((changed, true)) => steps = changed,
                Some((changed, false)) => {
                    steps = changed;
                    word_at += 1;
                }
                None => word_at += 1,
            }
        }
    }
    steps
}

/// Steps with one word dropped or simplified, the simplest first, and whether a word is gone.
fn candidates(step: &Step, word_at: usize) -> Vec<(Step, bool)> {
    let Step::Ask(words) = step else { return Vec::new() };
    let mut dropped = words.clone();
    let word = dropped.remove(word_at);
    let mut candidates = vec![(Step::Ask(dropped), true)];
    let simpler: [Word; 5] = [
        b"a".to_vec(),
        b"1".to_vec(),
        Vec::new(),
        word[..word.len() / 2].to_vec(),
        word.to_ascii_uppercase(),
    ];
    for simple in simpler {
        if is_simpler(&simple, &word) {
            let mut changed = words.clone();
            changed[word_at] = simple;
            candidates.push((Step::Ask(changed), false));
        }
    }
    candidates
}

/// Shorter, or plain instead of odd.
fn is_simpler(simple: &[u8], word: &[u8]) -> bool {
    simple.len() < word.len() && !(matches!(word, b"a" | b"1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_failure_needs_is_what_is_left() {
        let items: Vec<u32> = (0..5_000).collect();
        let mut asked = 0;
        let mut fails = |list: &[u32]| {
            asked += 1;
            let at = |item| list.iter().position(|other| *other == item);
            matches!((at(17), at(2_900), at(4_999)), (Some(a), Some(b), Some(c)) if a < b && b < c)
        };
        let mut tries = 2_000;
        assert_eq!(shrink_list(&items, &mut tries, &mut fails), [17, 2_900, 4_999]);
        assert!(asked < 300, "{asked}");
    }

    #[test]
    fn without_tries_left_the_list_still_fails() {
        let items: Vec<u32> = (0..100).collect();
        let mut fails = |list: &[u32]| list.contains(&60);
        let shrunk = shrink_list(&items, &mut 3, &mut fails);
        assert!(shrunk.contains(&60) && shrunk.len() < 100);
    }

    #[test]
    fn words_are_dropped_and_shortened() {
        let words =
            |request: &str| request.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        let steps = [Step::Ask(words("SET somekey longvalue EX 100 GET"))];
        let mut fails = |steps: &[Step]| steps[0].words().iter().any(|word| word.ends_with(b"GET"));
        assert_eq!(shrink_words(&steps, &mut 100, &mut fails), [Step::Ask(words("SET GET"))]);
    }
}
