//! Which keys are permitted, and for what.

use glob::Pattern;

use crate::error::{RuleError, push};
use crate::word::is_space_or_nul;

/// What may be done with a key, or what a command wants to do with one.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

impl Access {
    pub(crate) const ANY: Access = Access { read: true, write: true };

    /// Reads what stands between `%` and `~` and the pattern behind it.
    fn split(rule: &[u8]) -> Result<(Self, &[u8]), RuleError> {
        let mut access = Access { read: false, write: false };
        for (index, byte) in rule.iter().enumerate() {
            match byte {
                b'R' | b'r' if !access.read => access.read = true,
                b'W' | b'w' if !access.write => access.write = true,
                b'~' if access.read || access.write => return Ok((access, &rule[index + 1..])),
                _ => return Err(RuleError::Syntax),
            }
        }
        // `%R` is taken for `%R~`, and `%` for nothing.
        if access.read || access.write { Ok((access, &[])) } else { Err(RuleError::Syntax) }
    }

    fn covers(self, wanted: Access) -> bool {
        self.read >= wanted.read && self.write >= wanted.write
    }
}

/// One rule about keys.
#[derive(Clone, Debug)]
pub(crate) enum KeyRule {
    All,
    None,
    Pattern(KeyPattern),
}

/// Keys by pattern.
#[derive(Clone, Debug)]
pub(crate) struct KeyPattern {
    access: Access,
    pattern: Pattern,
}

impl PartialEq for KeyPattern {
    fn eq(&self, other: &Self) -> bool {
        self.access == other.access && self.pattern.as_bytes() == other.pattern.as_bytes()
    }
}

impl Eq for KeyPattern {}

impl KeyRule {
    /// Reads a rule that begins with `~`.
    pub(crate) fn parse(rule: &[u8]) -> Result<Self, RuleError> {
        match rule {
            b"*" => Ok(KeyRule::All),
            _ => Self::pattern(Access::ANY, rule),
        }
    }

    /// Reads what stands behind `%`.
    pub(crate) fn parse_with_access(rule: &[u8]) -> Result<Self, RuleError> {
        let (access, pattern) = Access::split(rule)?;
        Self::pattern(access, pattern)
    }

    fn pattern(access: Access, pattern: &[u8]) -> Result<Self, RuleError> {
        if pattern.iter().copied().any(is_space_or_nul) {
            return Err(RuleError::Syntax);
        }
        Ok(KeyRule::Pattern(KeyPattern { access, pattern: Pattern::new(pattern) }))
    }
}

impl KeyPattern {
    fn text(&self) -> Vec<u8> {
        let pattern = self.pattern.as_bytes();
        let prefix: &[u8] = match self.access {
            // `~*` would be all keys, after which no other pattern may stand.
            Access::ANY if pattern == b"*" => b"%RW~",
            Access::ANY => b"~",
            Access { read: true, .. } => b"%R~",
            Access { .. } => b"%W~",
        };
        [prefix, pattern].concat()
    }
}

/// Which keys are permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyRules {
    All,
    /// None of which has the same pattern as another.
    Patterns(Vec<KeyPattern>),
}

impl KeyRules {
    pub(crate) fn none() -> Self {
        KeyRules::Patterns(Vec::new())
    }

    pub(crate) fn add(&mut self, rule: KeyRule) -> Result<(), RuleError> {
        match (rule, &mut *self) {
            (KeyRule::All, _) => *self = KeyRules::All,
            (KeyRule::None, _) => *self = KeyRules::none(),
            (KeyRule::Pattern(_), KeyRules::All) => return Err(RuleError::KeyAfterAll),
            (KeyRule::Pattern(new), KeyRules::Patterns(patterns)) => {
                let same = patterns.iter_mut().find(|old| old.pattern.as_bytes() == new.pattern.as_bytes());
                match same {
                    Some(old) => {
                        old.access.read |= new.access.read;
                        old.access.write |= new.access.write;
                    }
                    None => push(patterns, new)?,
                }
            }
        }
        Ok(())
    }

    /// Whether a command may do `wanted` with this key. One pattern must permit all of it; if nothing is wanted
    /// (a command that only asks whether the key exists) any pattern will do.
    pub(crate) fn permit(&self, key: &[u8], wanted: Access) -> bool {
        match self {
            KeyRules::All => true,
            KeyRules::Patterns(patterns) => {
                patterns.iter().any(|rule| rule.access.covers(wanted) && rule.pattern.matches(key))
            }
        }
    }

    pub(crate) fn permit_all(&self) -> bool {
        *self == KeyRules::All
    }

    /// Whether every key may be read, by a rule that says just this.
    pub(crate) fn permit_reading_all(&self) -> bool {
        match self {
            KeyRules::All => true,
            KeyRules::Patterns(patterns) => {
                patterns.iter().any(|rule| rule.access.read && rule.pattern.as_bytes() == b"*")
            }
        }
    }

    /// The rules as words: `~a*`, `%R~b`.
    pub(crate) fn words(&self) -> Vec<Vec<u8>> {
        match self {
            KeyRules::All => vec![b"~*".to_vec()],
            KeyRules::Patterns(patterns) => patterns.iter().map(KeyPattern::text).collect(),
        }
    }
}
