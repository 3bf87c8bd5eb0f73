//! What is never sent: requests whose outcome hangs on the moment or is up to each server, or that would fill the memory.

use super::pools::{FAR_SECONDS, Word};

/// Lives shorter than this might end while a round runs.
const SHORT_SECONDS: i64 = FAR_SECONDS / 4;
/// Longer strings make every later command slow.
const OFFSET_BYTES_MAX: i64 = 100_000;
/// Longer waits make a round slow.
const BLOCK_MS_MAX: i64 = 5;
/// More elements drawn at random make a round slow.
const DRAWS_MAX: i64 = 10_000;
/// From here on SETRANGE refuses.
const STRING_BYTES_LIMIT: i64 = 512 << 20;

/// How keys begin whose members all have the score 0: what BYLEX finds among different scores is up to each server.
pub(crate) const LEX_PREFIX: &[u8] = b"lex";

/// Whether a request may be sent at a time near `now_ms`.
pub(crate) fn is_safe(words: &[Word], now_ms: i64) -> bool {
    let Some(name) = words.first().map(|name| name.to_ascii_lowercase()) else { return false };
    lives_are_safe(&name, words, now_ms)
        && names_stay_true(&name, words)
        && touch_is_clear(&name, words, now_ms)
        && offsets_are_safe(&name, words)
        && scores_are_equal(&name, words)
        && draws_are_few(&name, words)
        && streams_are_safe(&name, words, now_ms)
        && order_is_certain(&name, words)
        && signs_are_certain(&name, words)
}

/// A small set forgets the sign of a zero; when a set becomes large in the middle of a request is up to each server.
fn signs_are_certain(name: &[u8], words: &[Word]) -> bool {
    const LONG_BYTES: usize = 16;
    let is_zero = |word: &Word| {
        let number = std::str::from_utf8(word).ok().and_then(|text| text.parse::<f64>().ok());
        number.is_some_and(|number| number == 0.0 && number.is_sign_negative())
    };
    let has_long = words.iter().skip(2).any(|word| word.len() >= LONG_BYTES);
    name != b"zadd" || !(has_long && words.iter().skip(2).any(is_zero))
}

/// Elements with equal texts to sort by come in no certain order, which must not be stored. What a set holds has no order until it is sorted, which
/// it isn't by a pattern without an asterisk.
fn order_is_certain(name: &[u8], words: &[Word]) -> bool {
    let has = |option: &[u8]| words.iter().any(|word| word.eq_ignore_ascii_case(option));
    let may_be_set = || words.get(1).is_none_or(|key| !matches!(key.first(), Some(b'l' | b'z')));
    let sorts = |pair: &[Word]| !pair[0].eq_ignore_ascii_case(b"BY") || pair[1].contains(&b'*');
    match name {
        b"sort" if has(b"STORE") && has(b"ALPHA") && has(b"BY") => false,
        b"sort" | b"sort_ro" => !may_be_set() || words.windows(2).all(sorts),
        _ => true,
    }
}

/// What may be found under a key, by its name.
#[derive(PartialEq, Eq)]
enum Holds {
    /// A list or a sorted set, but no set.
    Ordered,
    /// No hash.
    Other,
    /// Anything.
    Any,
}

impl Holds {
    fn of(key: &[u8]) -> Self {
        match key.first() {
            Some(b'l' | b'z') => Self::Ordered,
            _ if may_be_hash(key) => Self::Any,
            _ => Self::Other,
        }
    }
}

/// Whether a key of this name may be a hash.
pub(super) fn may_be_hash(key: &[u8]) -> bool {
    matches!(key.first(), Some(b'h' | b'{' | b'n' | b'p' | b'a' | b'k'))
}

/// Whether it is clear what is touched: for Redis a value stored with a time that is over touches a key that wasn't there, for Valkey it doesn't.
fn touch_is_clear(name: &[u8], words: &[Word], now_ms: i64) -> bool {
    let is_over = |pair: &[Word]| {
        let unit_ms = match pair[0].to_ascii_uppercase().as_slice() {
            b"EXAT" => 1_000,
            b"PXAT" => 1,
            _ => return false,
        };
        integer(&pair[1]).is_some_and(|time| time > 0 && time.saturating_mul(unit_ms) <= now_ms)
    };
    !matches!(name, b"set" | b"msetex") || !words.windows(2).any(is_over)
}

/// Whether the name goes on telling what is there.
fn names_stay_true(name: &[u8], words: &[Word]) -> bool {
    match (name, words) {
        (b"rename" | b"renamenx" | b"copy", [_, from, to, ..]) => {
            let to = Holds::of(to);
            to == Holds::Any || to == Holds::of(from)
        }
        (b"sdiffstore" | b"sinterstore" | b"sunionstore", [_, to, ..]) => Holds::of(to) != Holds::Ordered,
        _ => true,
    }
}

fn lives_are_safe(name: &[u8], words: &[Word], now_ms: i64) -> bool {
    let is_safe = |word: Option<&Word>, unit_ms: i64, from_ms: i64| {
        let Some(time) = word.and_then(|word| integer(word)) else { return true };
        let left_ms = time.saturating_mul(unit_ms).saturating_sub(from_ms);
        left_ms <= -SHORT_SECONDS * 1_000
            || left_ms >= SHORT_SECONDS * 1_000
            || (from_ms == 0 && left_ms <= 0)
    };
    let second = words.get(2);
    let in_place = match name {
        b"expire" | b"setex" | b"hexpire" => is_safe(second, 1_000, 0),
        b"pexpire" | b"psetex" | b"hpexpire" => is_safe(second, 1, 0),
        b"expireat" | b"hexpireat" => is_safe(second, 1_000, now_ms),
        b"pexpireat" | b"hpexpireat" => is_safe(second, 1, now_ms),
        b"restore" | b"restore-asking" => {
            let is_absolute = words.iter().skip(4).any(|word| word.eq_ignore_ascii_case(b"ABSTTL"));
            is_safe(second, 1, if is_absolute { now_ms } else { 0 })
        }
        _ => true,
    };
    let options_are_safe = || {
        words.windows(2).all(|pair| match pair[0].to_ascii_uppercase().as_slice() {
            b"EX" => is_safe(pair.get(1), 1_000, 0),
            b"PX" => is_safe(pair.get(1), 1, 0),
            b"EXAT" => is_safe(pair.get(1), 1_000, now_ms),
            b"PXAT" => is_safe(pair.get(1), 1, now_ms),
            _ => true,
        })
    };
    in_place && options_are_safe()
}

fn offsets_are_safe(name: &[u8], words: &[Word]) -> bool {
    let is_safe = |word: Option<&Word>, per_byte: i64| {
        let Some(offset) = word.and_then(|word| integer(word)) else { return true };
        offset <= OFFSET_BYTES_MAX * per_byte || offset >= STRING_BYTES_LIMIT * per_byte
    };
    match name {
        b"setrange" => is_safe(words.get(2), 1),
        b"setbit" => is_safe(words.get(2), 8),
        b"bitfield" => words.windows(2).all(|pair| {
            let is_type = matches!(pair[0].first(), Some(b'i' | b'u' | b'I' | b'U'));
            match pair[1].strip_prefix(b"#") {
                _ if !is_type => true,
                // A field is at least one bit wide, so that what lies beyond is refused.
                Some(index) => {
                    integer(index).is_none_or(|index| !(1_000..STRING_BYTES_LIMIT * 8).contains(&index))
                }
                None => is_safe(pair.get(1), 8),
            }
        }),
        _ => true,
    }
}

/// Whether no more is drawn at random than can be told: with a negative count the peers repeat themselves until memory ends.
fn draws_are_few(name: &[u8], words: &[Word]) -> bool {
    let draws = matches!(name, b"hrandfield" | b"srandmember" | b"zrandmember");
    let count = words.get(2).and_then(|word| integer(word)).filter(|_| draws);
    count.is_none_or(|count| count > -DRAWS_MAX || count == i64::MIN)
}

/// Whether members of sets for BYLEX get no other score, and no other sets are asked by it.
fn scores_are_equal(name: &[u8], words: &[Word]) -> bool {
    let is_lex = |at: usize| words.get(at).is_some_and(|key| key.starts_with(LEX_PREFIX));
    match name {
        b"zadd" if is_lex(1) => words.iter().skip(2).step_by(2).all(|score| score == b"0"),
        b"zlexcount" | b"zrangebylex" | b"zrevrangebylex" | b"zremrangebylex" => is_lex(1),
        b"zrange" => is_lex(1) || !words.iter().any(|word| word.eq_ignore_ascii_case(b"BYLEX")),
        b"zrangestore" => {
            !is_lex(1) && (is_lex(2) || !words.iter().any(|word| word.eq_ignore_ascii_case(b"BYLEX")))
        }
        _ => !is_lex(1),
    }
}

/// No number from the clock, no idle time that may pass while a round runs, and no long wait.
fn streams_are_safe(name: &[u8], words: &[Word], now_ms: i64) -> bool {
    let is_far = |word: Option<&Word>, from_ms: i64| {
        let Some(ms) = word.and_then(|word| integer(word)) else { return true };
        let apart_ms = ms.saturating_sub(from_ms);
        ms == 0 || apart_ms.unsigned_abs() >= SHORT_SECONDS.unsigned_abs() * 1_000
    };
    let options_are_safe = || {
        words.windows(2).all(|pair| match pair[0].to_ascii_uppercase().as_slice() {
            b"IDLE" => is_far(pair.get(1), 0),
            b"TIME" => is_far(pair.get(1), now_ms),
            _ => true,
        })
    };
    match name {
        b"xadd" => !words.iter().any(|word| word == b"*"),
        b"xclaim" | b"xautoclaim" => is_far(words.get(4), 0) && options_are_safe(),
        b"xpending" => options_are_safe(),
        b"xread" | b"xreadgroup" => words.windows(2).all(|pair| {
            let ms = integer(&pair[1]).filter(|_| pair[0].eq_ignore_ascii_case(b"BLOCK"));
            ms.is_none_or(|ms| ms < 0 || (1..=BLOCK_MS_MAX).contains(&ms))
        }),
        _ => true,
    }
}

/// A number that some reader may take for one: blanks and a plus are passed over.
fn integer(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(request: &str) -> bool {
        let words: Vec<Word> = request.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        is_safe(&words, 1_800_000_000_000)
    }

    #[test]
    fn lives_that_may_end_soon_are_not_safe() {
        assert!(!safe("SET k v px 1"));
        assert!(!safe("EXPIRE k 5 NX"));
        assert!(!safe("PEXPIREAT k 1800000000500"));
        assert!(safe("SET k v EX 5000"));
        assert!(safe("EXPIRE k -1"));
        assert!(safe("EXPIREAT k 1"));
        assert!(safe("PEXPIREAT k 1900000000000"));
        assert!(safe("PEXPIRE k 9223372036854775807"));
    }

    #[test]
    fn draws_without_end_are_not_safe() {
        assert!(safe("SRANDMEMBER s -40"));
        assert!(!safe("HRANDFIELD h -4294967296 WITHVALUES"));
        assert!(safe("ZRANDMEMBER z -9223372036854775808"));
        assert!(safe("ZRANDMEMBER z 9223372036854775807"));
    }

    #[test]
    fn bylex_is_asked_among_equal_scores_only() {
        assert!(safe("ZADD lex1 0 a 0 b"));
        assert!(!safe("ZADD lex1 0 a 1 b"));
        assert!(!safe("ZINCRBY lex1 1 a"));
        assert!(!safe("ZLEXCOUNT z1 - +"));
        assert!(safe("ZRANGE z1 0 1 BYSCORE"));
        assert!(!safe("zrange z1 - + bylex"));
        assert!(safe("ZRANGESTORE z1 lex1 - + BYLEX"));
        assert!(!safe("ZRANGESTORE lex1 z1 0 -1"));
    }

    #[test]
    fn times_of_pending_entries_that_may_pass_are_not_safe() {
        assert!(!safe("XADD s * f v"));
        assert!(!safe("XCLAIM s g c 24 1-1"));
        assert!(!safe("XCLAIM s g c 0 1-1 IDLE 30"));
        assert!(!safe("XPENDING s g IDLE 30 - + 5"));
        assert!(!safe("XREAD BLOCK 0 STREAMS s $"));
        assert!(safe("XCLAIM s g c 0 1-1 IDLE 1000000 TIME 1"));
        assert!(safe("XREADGROUP GROUP g c BLOCK 1 STREAMS s >"));
    }

    #[test]
    fn strings_of_megabytes_are_not_safe() {
        assert!(!safe("SETRANGE k 400000000 v"));
        assert!(!safe("SETBIT k 4294967295 1"));
        assert!(!safe("BITFIELD k SET u8 #100000 1"));
        assert!(safe("SETRANGE k 536870912 v"));
        assert!(safe("SETBIT k 4294967296 1"));
        assert!(safe("BITFIELD k SET u8 5 400000000"));
    }
}
