//! Which of the N keys the next request names.

use crate::zipf::Zipf;

/// How keys are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Distribution {
    /// Every key as likely as any other.
    Uniform,
    /// By Zipf's law with this exponent.
    Zipf(f64),
    /// 0, 1, 2, … N-1, 0, …
    Sequential,
}

impl std::str::FromStr for Distribution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let exponent_default = 0.99;
        match text {
            "uniform" => Ok(Self::Uniform),
            "seq" => Ok(Self::Sequential),
            "zipf" => Ok(Self::Zipf(exponent_default)),
            _ => {
                let exponent = text.strip_prefix("zipf:").and_then(|exponent| exponent.parse::<f64>().ok());
                let exponent = exponent.filter(|&exponent| exponent > 0.0 && exponent <= 10.0);
                exponent
                    .map(Self::Zipf)
                    .ok_or_else(|| "expected uniform, seq, zipf or zipf:EXPONENT (0 to 10)".into())
            }
        }
    }
}

impl std::fmt::Display for Distribution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uniform => f.write_str("uniform"),
            Self::Zipf(exponent) => write!(f, "zipf:{exponent}"),
            Self::Sequential => f.write_str("seq"),
        }
    }
}

/// An endless stream of key numbers below N, the same for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    n: u64,
    rng: fastrand::Rng,
    pick: Pick,
}

#[derive(Debug, Clone)]
enum Pick {
    Uniform,
    Zipf {
        zipf: Zipf,
        /// Coprime to N: spreads the frequent ranks over the keys, which were inserted in order and would
        /// otherwise lie side by side in the server's memory.
        spread: u64,
    },
    Sequential {
        next: u64,
    },
}

impl Keys {
    /// Numbers below `n`, which is at least 1.
    pub(crate) fn new(n: u64, distribution: Distribution, seed: u64) -> Self {
        let n = n.max(1);
        let pick = match distribution {
            Distribution::Uniform => Pick::Uniform,
            Distribution::Zipf(exponent) => {
                Pick::Zipf { zipf: Zipf::new(n, exponent), spread: coprime_near_golden(n) }
            }
            Distribution::Sequential => Pick::Sequential { next: 0 },
        };
        Self { n, rng: fastrand::Rng::with_seed(seed), pick }
    }

    /// The next key's number.
    pub(crate) fn next(&mut self) -> u64 {
        match &mut self.pick {
            Pick::Uniform => self.rng.u64(..self.n),
            Pick::Zipf { zipf, spread } => {
                let rank = zipf.rank(&mut self.rng) - 1;
                let spread = u128::from(rank) * u128::from(*spread) % u128::from(self.n);
                u64::try_from(spread).expect("a remainder of a u64")
            }
            Pick::Sequential { next } => {
                let number = *next;
                *next = if number + 1 == self.n { 0 } else { number + 1 };
                number
            }
        }
    }

    /// A number from `low` to `high`, for what else in a request varies.
    pub(crate) fn number(&mut self, low: u64, high: u64) -> u64 {
        self.rng.u64(low..=high)
    }
}

/// A number coprime to `n`, near n divided by the golden ratio.
fn coprime_near_golden(n: u64) -> u64 {
    let from = (n as f64 * 0.618_033_988) as u64;
    (from.max(1)..)
        .find(|&candidate| greatest_common_divisor(candidate, n) == 1)
        .expect("n + 1 is coprime to n")
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_names_each_key_once_a_turn() {
        let mut keys = Keys::new(3, Distribution::Sequential, 0);
        assert_eq!(std::array::from_fn(|_| keys.next()), [0, 1, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn uniform_stays_below_n_and_reaches_all() {
        let mut keys = Keys::new(10, Distribution::Uniform, 1);
        let mut seen = [0u32; 10];
        (0..10_000).for_each(|_| seen[keys.next() as usize] += 1);
        assert!(seen.iter().all(|&times| (800..1200).contains(&times)), "{seen:?}");
    }

    #[test]
    fn spreading_zipf_maps_ranks_to_distinct_keys() {
        for n in [1, 2, 10, 97, 1000] {
            let spread = coprime_near_golden(n);
            let distinct: std::collections::BTreeSet<u64> = (0..n).map(|rank| rank * spread % n).collect();
            assert_eq!(distinct.len() as u64, n);
        }
        let mut keys = Keys::new(1000, Distribution::Zipf(0.99), 1);
        assert!((0..1000).all(|_| keys.next() < 1000));
    }

    #[test]
    fn distributions_are_read_as_they_are_shown() {
        for text in ["uniform", "seq", "zipf:0.5"] {
            assert_eq!(text.parse::<Distribution>().expect("valid").to_string(), text);
        }
        for text in ["", "zipf:", "zipf:-1", "zipf:x", "random"] {
            assert!(text.parse::<Distribution>().is_err(), "{text}");
        }
    }
}
