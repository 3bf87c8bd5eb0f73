//! Where keys and values come from: small pools, so that commands meet each other's keys, with the odd ones among them.

use catalog::Group;
use fastrand::Rng;

/// Draws keys and values.
///
/// A key says by its first letters what it usually holds, so that most commands find the type that they want:
/// `s` strings, `n` strings that are numbers, `l` lists and so on.
#[derive(Debug)]
pub(crate) struct Pools {
    /// The source of every choice, seeded.
    pub(crate) rng: Rng,
    /// When the run started; times lie around it.
    now_ms: i64,
    /// What the key of the command being made holds.
    numeric: bool,
    /// Milliseconds in the numbers of new entries of streams.
    pub(crate) stream_ms: u64,
}

/// A word of a request.
pub(crate) type Word = Vec<u8>;

/// Lives at least so long are safe: no round of commands takes that long.
pub(crate) const FAR_SECONDS: i64 = 1_000;

const KEYS_PER_TYPE: u32 = 10;
const TYPES: [&str; 7] = ["s", "l", "t", "z", "h", "x", "p"];

const TEXTS: [&[u8]; 22] = [
    b"a",
    b"b",
    b"ab",
    b"abc",
    b"foobar",
    b"hello",
    b"hello world",
    b"ohmytext",
    b"mynewtext",
    b"aaaaaaaaaa",
    b"A",
    b"*",
    b"k\r\nv",
    b"\x00",
    b"\xff",
    b"\xff\x00\x0f\xf0",
    b"\x80\x01",
    b"10",
    b"3.5",
    b"-1",
    b"OK",
    b"x y",
];

const BOUNDS: [&str; 22] = [
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775806",
    "-9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "4294967295",
    "4294967296",
    "-4294967296",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9007199254740993",
    "1000000000000000000",
    "99999999999999999999999999999999999999999",
    "1000000",
    "65536",
    "536870912",
    "-1000000",
];

const NO_INTEGERS: [&str; 18] = [
    "", " ", "+1", "01", "-0", "00", "-01", " 1", "1 ", "0x10", "1e3", "1.0", "abc", "1\0", "-", "+", "--1",
    "\u{661}",
];

const FLOATS: [&str; 44] = [
    "0",
    "1",
    "-1",
    "0.5",
    "-0.5",
    "3.0",
    "3.14159",
    "10.50",
    "1e3",
    "1E3",
    "1e-3",
    "5.0e3",
    "-2.5e-2",
    "0.1",
    "0.2",
    "0.3",
    "100000000000000000000",
    "1e17",
    "1e18",
    "1e-17",
    "123456789.123456789",
    "0.00001",
    "-0",
    "-0.0",
    ".5",
    "5.",
    "+5",
    "1e300",
    "1.7976931348623157e308",
    "4.9e-324",
    "2.2250738585072014e-308",
    "1e400",
    "-1e400",
    "1e4000",
    "1e5000",
    "1e-5000",
    "inf",
    "-inf",
    "+inf",
    "Infinity",
    "3.0000000000000000000001",
    "9007199254740993",
    "9223372036854775807",
    "0.1e1",
];

const NO_FLOATS: [&str; 16] = [
    "", " ", "nan", "NaN", "-nan", " 1.5", "1.5 ", "0x1p3", "0x1F", "1.5x", "abc", "1e", "e5", ".", "1,5",
    "1.5\0",
];

const PATTERNS: [&[u8]; 26] = [
    b"*", b"s*", b"*1", b"s[1-4]", b"s[^1-4]", b"?1", b"??", b"", b"n?", b"[a-z]*", b"*{*}*", b"\\*",
    b"s\\1", b"s[", b"s[1", b"s[]1", b"[z-a]*", b"**", b"*s*1*", b"S*", b"\\", b"none*", b"[^", b"*\xff*",
    b"[\\s]*", b"?",
];

impl Pools {
    /// Pools whose draws follow from `seed` and whose times lie around `now_ms`.
    pub(crate) fn new(seed: u64, now_ms: i64) -> Self {
        Self { rng: Rng::with_seed(seed), now_ms, numeric: false, stream_ms: 5 }
    }

    /// True so many times out of a hundred.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.rng.u32(0..100) < share
    }

    /// One of the choices.
    ///
    /// # Panics
    /// If there are none.
    pub(crate) fn pick<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.rng.usize(0..choices.len())]
    }

    /// Forgets what the last command's keys were.
    pub(crate) fn start_command(&mut self) {
        self.numeric = false;
    }

    /// A key that probably holds what commands of `group` want.
    pub(crate) fn key(&mut self, group: Group) -> Word {
        let own = prefix(group);
        let key = match self.rng.u32(0..100) {
            0 => self.pick(&[&b""[..], b"\x00\xff\r\n", b"none", b"{}", b"{}a", b" "]).to_vec(),
            1 => vec![b'k'; 300],
            2..6 => format!("{{tag}}{}{}", own.unwrap_or("s"), self.rng.u32(1..4)).into_bytes(),
            6..86 if own.is_some() => self.key_of(own.unwrap_or("s")),
            _ => {
                let other = *self.pick(&TYPES);
                let prefix = if self.percent(60) { own.unwrap_or("s") } else { other };
                self.key_of(prefix)
            }
        };
        self.numeric = key.first() == Some(&b'n');
        key
    }

    /// A key that probably holds a number.
    pub(crate) fn number_key(&mut self) -> Word {
        self.numeric = true;
        format!("n{}", self.rng.u32(1..=KEYS_PER_TYPE)).into_bytes()
    }

    fn key_of(&mut self, prefix: &str) -> Word {
        let prefix = if prefix == "s" && self.percent(30) { "n" } else { prefix };
        format!("{prefix}{}", self.rng.u32(1..=KEYS_PER_TYPE)).into_bytes()
    }

    /// What may be stored: a number if the key before it is for numbers.
    pub(crate) fn value(&mut self) -> Word {
        match self.numeric && self.percent(92) {
            true if self.percent(70) => self.integer(),
            true => self.float(),
            false => self.text(),
        }
    }

    /// Any bytes.
    pub(crate) fn text(&mut self) -> Word {
        match self.rng.u32(0..1000) {
            0 => vec![b'x'; self.rng.usize(2_000..20_000)],
            1..10 => self.bytes(4_000),
            10..40 => self.bytes(100),
            40..200 => self.bytes(12),
            200..260 => Vec::new(),
            260..400 => self.integer(),
            400..450 => self.float(),
            _ => self.pick(&TEXTS).to_vec(),
        }
    }

    fn bytes(&mut self, length_max: usize) -> Word {
        let length = self.rng.usize(0..=length_max);
        let few = self.percent(50);
        (0..length).map(|_| if few { self.rng.u8(b'a'..=b'd') } else { self.rng.u8(..) }).collect()
    }

    /// Mostly a small integer, now and then one at the edge of a type, or none at all.
    pub(crate) fn integer(&mut self) -> Word {
        match self.rng.u32(0..100) {
            0..80 => self.rng.i64(-12..=24).to_string().into_bytes(),
            80..88 => self.rng.i64(-2_000..=2_000).to_string().into_bytes(),
            88..97 => self.pick(&BOUNDS).as_bytes().to_vec(),
            _ => self.no_integer(),
        }
    }

    /// What looks like an integer and is none for most readers.
    pub(crate) fn no_integer(&mut self) -> Word {
        self.pick(&NO_INTEGERS).as_bytes().to_vec()
    }

    /// A number in one of many spellings, now and then none.
    pub(crate) fn float(&mut self) -> Word {
        match self.rng.u32(0..100) {
            0..30 => self.rng.i64(-20..=20).to_string().into_bytes(),
            30..45 => format!("{}.{}", self.rng.i64(-20..=20), self.rng.u32(0..1000)).into_bytes(),
            45..50 => format!("{:e}", self.rng.f64() * 10f64.powi(self.rng.i32(-20..=20))).into_bytes(),
            50..96 => self.pick(&FLOATS).as_bytes().to_vec(),
            _ => self.pick(&NO_FLOATS).as_bytes().to_vec(),
        }
    }

    /// A number of small size, as counts and ranges want it.
    pub(crate) fn small(&mut self) -> Word {
        if self.percent(95) { self.rng.i64(-4..=12).to_string().into_bytes() } else { self.integer() }
    }

    /// An offset into a string, never one that makes a string of megabytes.
    pub(crate) fn offset(&mut self, max: i64) -> Word {
        match self.rng.u32(0..100) {
            0..70 => self.rng.i64(0..=40).to_string().into_bytes(),
            70..90 => self.rng.i64(0..=max / 8).to_string().into_bytes(),
            90..94 => self.rng.i64(0..=max).to_string().into_bytes(),
            94..96 => self.no_integer(),
            96..98 => self.pick(&BOUNDS).as_bytes().to_vec(),
            _ => b"-1".to_vec(),
        }
    }

    /// A glob.
    pub(crate) fn pattern(&mut self) -> Word {
        self.pick(&PATTERNS).to_vec()
    }

    /// Seconds or milliseconds from now: far away, past, or nonsense.
    pub(crate) fn relative_time(&mut self, unit_ms: i64) -> Word {
        match self.rng.u32(0..100) {
            0..90 => self.far(unit_ms).to_string().into_bytes(),
            90..95 => self.pick(&["0", "-1", "-1000", "-5000000000"]).as_bytes().to_vec(),
            _ => self.odd_time(unit_ms),
        }
    }

    /// A Unix time in seconds or milliseconds: far away, past, or nonsense.
    pub(crate) fn unix_time(&mut self, unit_ms: i64) -> Word {
        let now = self.now_ms / unit_ms;
        match self.rng.u32(0..100) {
            0..85 => (now + self.far(unit_ms)).to_string().into_bytes(),
            85..92 => (now - self.far(unit_ms)).max(1).to_string().into_bytes(),
            92..95 => self.pick(&["1", "0", "-1", "1000"]).as_bytes().to_vec(),
            _ => self.odd_time(unit_ms),
        }
    }

    /// Spread widely, so that two of them are hardly ever the same.
    fn far(&mut self, unit_ms: i64) -> i64 {
        let spread_ms = *self.pick(&[10_000_000i64, 100_000_000_000, 10_000_000_000_000]);
        (FAR_SECONDS * 1_000 + self.rng.i64(0..spread_ms)) / unit_ms
    }

    fn odd_time(&mut self, unit_ms: i64) -> Word {
        let edge = i64::MAX / unit_ms;
        match self.rng.u32(0..5) {
            0 => self.no_integer(),
            1 => edge.to_string().into_bytes(),
            2 => {
                (edge - self.now_ms / unit_ms + self.rng.i64(-2_000_000..=2_000_000)).to_string().into_bytes()
            }
            3 => (i64::MIN / unit_ms).to_string().into_bytes(),
            _ => self.pick(&BOUNDS[..12]).as_bytes().to_vec(),
        }
    }

    /// A word in another case, seldom.
    pub(crate) fn spelt(&mut self, token: &str) -> Word {
        match self.rng.u32(0..20) {
            0 => token.to_ascii_lowercase().into_bytes(),
            1 => {
                let other =
                    |c: char| if self.rng.bool() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
                token.chars().map(other).collect::<String>().into_bytes()
            }
            _ => token.as_bytes().to_vec(),
        }
    }
}

fn prefix(group: Group) -> Option<&'static str> {
    match group {
        Group::String | Group::Bitmap => Some("s"),
        Group::List => Some("l"),
        Group::Set => Some("t"),
        Group::SortedSet | Group::Geo => Some("z"),
        Group::Hash => Some("h"),
        Group::Stream => Some("x"),
        Group::Hyperloglog => Some("p"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = || {
            let mut pools = Pools::new(7, 1_800_000_000_000);
            (0..200)
                .map(|_| [pools.key(Group::String), pools.value(), pools.unix_time(1)])
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
    }

    #[test]
    fn lives_are_far_past_or_nonsense() {
        let mut pools = Pools::new(1, 1_800_000_000_000);
        for _ in 0..10_000 {
            if let Ok(ms) = String::from_utf8_lossy(&pools.relative_time(1)).parse::<i64>() {
                assert!(ms <= 0 || ms >= FAR_SECONDS * 1_000 || ms == 1, "{ms}");
            }
        }
    }

    #[test]
    fn keys_of_numbers_mostly_get_numbers() {
        let mut pools = Pools::new(3, 0);
        let numbers = (0..1_000).filter(|_| {
            pools.number_key();
            String::from_utf8_lossy(&pools.value()).parse::<f64>().is_ok()
        });
        assert!(numbers.count() > 750);
    }
}
