//! Requests with something wrong: a word dropped, doubled, moved, an option repeated or unknown.

use super::pools::{Pools, Word};

/// How much of a request may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freedom {
    /// Anything.
    Whole,
    /// Words may be missing or added at its end, because others would do harm.
    End,
    /// Nothing.
    None,
}

const ODD_WORDS: [&[u8]; 22] = [
    b"NX", b"XX", b"GT", b"LT", b"GET", b"EX", b"PX", b"KEEPTTL", b"PERSIST", b"REPLACE", b"DB", b"LIMIT",
    b"COUNT", b"MATCH", b"BYTE", b"BIT", b"foo", b"", b"0", b"-1", b"1", b"LEN",
];

/// Spoils a request.
pub(crate) fn mutate(words: &mut Vec<Word>, freedom: Freedom, pools: &mut Pools) {
    let length = words.len();
    match freedom {
        Freedom::None => {}
        Freedom::End if pools.rng.bool() => words.truncate(length.saturating_sub(1).max(1)),
        Freedom::End => words.push(b"foo".to_vec()),
        Freedom::Whole => {
            whole(words, pools);
            if pools.percent(20) {
                whole(words, pools);
            }
        }
    }
}

fn whole(words: &mut Vec<Word>, pools: &mut Pools) {
    if words.len() < 2 {
        return words.push(odd_word(pools));
    }
    let at = pools.rng.usize(1..words.len());
    match pools.rng.u32(0..100) {
        0..20 => {
            words.remove(at);
        }
        20..35 => {
            let word = words[at].clone();
            words.insert(at, word);
        }
        35..50 => {
            let other = pools.rng.usize(1..words.len());
            words.swap(at, other);
        }
        50..70 => {
            let word = odd_word(pools);
            words.insert(pools.rng.usize(1..=words.len()), word);
        }
        70..85 => words[at] = odd_value(pools),
        85..92 => words.truncate(at),
        92..97 => {
            // The last option again.
            let tail = words[at..].to_vec();
            words.extend(tail);
        }
        _ => {
            let name = pools.pick(&["nosuch", "get\r\n", "", "GET ", "no\0such"]).as_bytes().to_vec();
            words[0] = name;
        }
    }
}

fn odd_word(pools: &mut Pools) -> Word {
    pools.pick(&ODD_WORDS).to_vec()
}

fn odd_value(pools: &mut Pools) -> Word {
    match pools.rng.u32(0..4) {
        0 => pools.text(),
        1 => pools.integer(),
        2 => pools.no_integer(),
        _ => odd_word(pools),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_alone_are_changed_where_more_would_do_harm() {
        let mut pools = Pools::new(5, 0);
        let request = [b"DEBUG".to_vec(), b"SLEEP".to_vec(), b"0".to_vec()];
        for _ in 0..100 {
            let mut words = request.to_vec();
            mutate(&mut words, Freedom::End, &mut pools);
            assert!(words.starts_with(&request[..2]) && words != request);
        }
    }

    #[test]
    fn a_spoilt_request_keeps_a_word() {
        let mut pools = Pools::new(6, 0);
        for _ in 0..1_000 {
            let mut words = vec![b"GET".to_vec(), b"k".to_vec()];
            mutate(&mut words, Freedom::Whole, &mut pools);
            assert!(!words.is_empty());
        }
    }
}
