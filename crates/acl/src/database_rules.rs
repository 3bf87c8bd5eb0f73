//! Which databases are permitted; Valkey alone has such rules.

use crate::error::{RuleError, push};
use crate::word::is_space;

/// One rule about databases, each of which replaces all before it; and what it leaves permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseRules {
    All,
    /// In ascending order, each once, none above [`DATABASE_MAX`].
    Only(Vec<u32>),
}

/// The greatest number that a database can have in a rule, whatever the server has.
pub(crate) const DATABASE_MAX: u32 = i32::MAX as u32;

impl DatabaseRules {
    pub(crate) fn none() -> Self {
        DatabaseRules::Only(Vec::new())
    }

    /// Reads what stands behind `db=`: numbers with commas between them. A number may have a sign, zeros or white
    /// space in front, as it may for the peer.
    pub(crate) fn parse(list: &[u8]) -> Result<Self, RuleError> {
        let mut numbers = Vec::new();
        for number in list.split(|&byte| byte == b',') {
            push(&mut numbers, parse_database(number)?)?;
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(DatabaseRules::Only(numbers))
    }

    pub(crate) fn permit_all(&self) -> bool {
        *self == DatabaseRules::All
    }

    pub(crate) fn permit(&self, database: u32) -> bool {
        match self {
            DatabaseRules::All => true,
            DatabaseRules::Only(numbers) => numbers.binary_search(&database).is_ok(),
        }
    }

    /// Whether all databases below `count` are permitted.
    pub(crate) fn permit_first(&self, count: u32) -> bool {
        match self {
            DatabaseRules::All => true,
            DatabaseRules::Only(numbers) => {
                u32::try_from(numbers.partition_point(|&number| number < count)) == Ok(count)
            }
        }
    }

    /// The rule as a word, if it says something: `db=0,1`, `resetdbs`.
    pub(crate) fn word(&self) -> Option<Vec<u8>> {
        match self {
            DatabaseRules::All => None,
            DatabaseRules::Only(numbers) if numbers.is_empty() => Some(b"resetdbs".to_vec()),
            DatabaseRules::Only(_) => Some(self.text()),
        }
    }

    /// What ACL GETUSER says: `alldbs`, `db=0,1`, or nothing.
    pub(crate) fn text(&self) -> Vec<u8> {
        match self {
            DatabaseRules::All => b"alldbs".to_vec(),
            DatabaseRules::Only(numbers) if numbers.is_empty() => Vec::new(),
            DatabaseRules::Only(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
                format!("db={}", numbers.join(",")).into_bytes()
            }
        }
    }
}

fn parse_database(text: &[u8]) -> Result<u32, RuleError> {
    let start = text.iter().position(|&byte| !is_space(byte)).ok_or(RuleError::Syntax)?;
    let (is_negative, digits) = match &text[start..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(RuleError::Syntax);
    }
    let number = digits
        .iter()
        .fold(0, |number: u32, digit| number.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    if number > DATABASE_MAX || is_negative && number > 0 {
        return Err(RuleError::DatabaseOutOfRange);
    }
    Ok(number)
}
