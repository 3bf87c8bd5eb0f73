//! What a server is filled with when its memory is measured.

use super::{Expect, Workload};

/// Elements of a small collection.
const SMALL: usize = 10;

/// A command that is sent once for each key, or for each member of one large collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filling {
    /// As the command line names it.
    pub(crate) name: &'static str,
    command: String,
    /// Asks afterwards how many there are.
    pub(crate) count: &'static [&'static str],
    /// What the figures of the report are for.
    pub(crate) each: &'static str,
}

impl Filling {
    /// The names that [`str::parse`] knows.
    pub(crate) const NAMES: [&'static str; 11] = [
        "string", "expiring", "hash10", "set10", "ints10", "zset10", "list10", "hash", "set", "zset", "list",
    ];

    /// What is sent. Words are no numbers, which packed collections would store as such; values of hashes have 8 to 12 bytes.
    pub(crate) fn workload(&self) -> Workload {
        let template = self.command.parse().expect("fillings are templates");
        Workload { name: self.name.into(), templates: vec![template], expect: Expect::Any, fills: Vec::new() }
    }
}

impl std::str::FromStr for Filling {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        const KEYS: &[&str] = &["DBSIZE"];
        let ten = |head: &str, one: &str| format!("{head}{}", format!(" {one}").repeat(SMALL));
        let pairs = || {
            (0..SMALL).map(|at| format!(" field:{at} {}{{int}}", &"value:"[..2 + at % 5])).collect::<String>()
        };
        let (command, count, each): (String, &'static [&'static str], _) = match name {
            "string" => ("SET {key} {value}".into(), KEYS, "per key"),
            "expiring" => ("SET {key} {value} EX {int}".into(), KEYS, "per key with expiry"),
            "hash10" => (format!("HSET {{key}}{}", pairs()), KEYS, "per hash of ten fields"),
            "set10" => (ten("SADD {key}", "member:{int}"), KEYS, "per set of ten words"),
            "ints10" => (ten("SADD {key}", "{int}"), KEYS, "per set of ten integers"),
            "zset10" => (ten("ZADD {key}", "{int} member:{int}"), KEYS, "per sorted set of ten"),
            "list10" => (ten("RPUSH {key}", "item{int}"), KEYS, "per list of ten"),
            "hash" => ("HSET hash f:{num} v{int}:".into(), &["HLEN", "hash"], "per field of a large hash"),
            "set" => ("SADD set mem:{num}".into(), &["SCARD", "set"], "per member of a large set"),
            "zset" => {
                let command = "ZADD zset {int}.{num:0} mem:{num:0}".into();
                (command, &["ZCARD", "zset"], "per member of a large sorted set")
            }
            "list" => ("RPUSH list item{int}".into(), &["LLEN", "list"], "per element of a large list"),
            _ => return Err(format!("`{name}` is none of {}", Self::NAMES.join(", "))),
        };
        let name = Self::NAMES.into_iter().find(|known| *known == name).ok_or("a name is missing")?;
        Ok(Self { name, command, count, each })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filling_is_a_template_with_a_row_of_its_own() {
        let fillings: Vec<Filling> = Filling::NAMES.iter().map(|name| name.parse().expect("known")).collect();
        for (at, filling) in fillings.iter().enumerate() {
            assert_eq!(filling.workload().name, Filling::NAMES[at]);
            assert!(fillings[..at].iter().all(|other| other.each != filling.each), "{filling:?}");
        }
        assert!("hash11".parse::<Filling>().is_err());
    }

    #[test]
    fn a_small_hash_has_ten_fields_with_values_of_eight_to_twelve_bytes() {
        let hash: Filling = "hash10".parse().expect("known");
        let words: Vec<&str> = hash.command.split(' ').collect();
        assert_eq!(words.len(), 2 + 2 * SMALL);
        assert_eq!(words[2..6], ["field:0", "va{int}", "field:1", "val{int}"]);
        assert_eq!(words[10..12], ["field:4", "value:{int}"]);
    }
}
