//! Which channels are permitted.

use glob::Pattern;

use crate::error::{RuleError, push};
use crate::word::is_space_or_nul;

/// What a user or a selector may do with channels before a rule says something: `acl-pubsub-default`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum ChannelDefault {
    /// Everything.
    All,
    /// Nothing.
    #[default]
    None,
}

/// One rule about channels.
#[derive(Clone, Debug)]
pub(crate) enum ChannelRule {
    All,
    None,
    Pattern(ChannelPattern),
}

/// Channels by pattern.
#[derive(Clone, Debug)]
pub(crate) struct ChannelPattern(Pattern);

impl PartialEq for ChannelPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes() == other.0.as_bytes()
    }
}

impl Eq for ChannelPattern {}

impl ChannelRule {
    /// Reads what stands behind `&`.
    pub(crate) fn parse(pattern: &[u8]) -> Result<Self, RuleError> {
        match pattern {
            b"*" => Ok(ChannelRule::All),
            _ if pattern.iter().copied().any(is_space_or_nul) => Err(RuleError::Syntax),
            _ => Ok(ChannelRule::Pattern(ChannelPattern(Pattern::new(pattern)))),
        }
    }
}

/// Which channels are permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChannelRules {
    All,
    /// Each of them once.
    Patterns(Vec<ChannelPattern>),
}

impl From<ChannelDefault> for ChannelRules {
    fn from(default: ChannelDefault) -> Self {
        match default {
            ChannelDefault::All => ChannelRules::All,
            ChannelDefault::None => ChannelRules::Patterns(Vec::new()),
        }
    }
}

impl ChannelRules {
    pub(crate) fn add(&mut self, rule: ChannelRule) -> Result<(), RuleError> {
        match (rule, &mut *self) {
            (ChannelRule::All, _) => *self = ChannelRules::All,
            (ChannelRule::None, _) => *self = ChannelRules::Patterns(Vec::new()),
            (ChannelRule::Pattern(_), ChannelRules::All) => return Err(RuleError::ChannelAfterAll),
            (ChannelRule::Pattern(new), ChannelRules::Patterns(patterns)) => {
                if !patterns.contains(&new) {
                    push(patterns, new)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn permit_all(&self) -> bool {
        *self == ChannelRules::All
    }

    /// Whether this channel may be used.
    pub(crate) fn permit(&self, channel: &[u8]) -> bool {
        match self {
            ChannelRules::All => true,
            ChannelRules::Patterns(patterns) => patterns.iter().any(|rule| rule.0.matches(channel)),
        }
    }

    /// Whether all channels of this pattern may be listened to: only the patterns of the rules themselves, since
    /// nobody can tell which channels two patterns have in common.
    pub(crate) fn permit_pattern(&self, pattern: &[u8]) -> bool {
        match self {
            ChannelRules::All => true,
            ChannelRules::Patterns(patterns) => patterns.iter().any(|rule| rule.0.as_bytes() == pattern),
        }
    }

    /// The rules as words: `&*`, or `resetchannels`, `&a`.
    pub(crate) fn words(&self) -> Vec<Vec<u8>> {
        match self {
            ChannelRules::All => self.patterns(),
            ChannelRules::Patterns(_) => {
                std::iter::once(b"resetchannels".to_vec()).chain(self.patterns()).collect()
            }
        }
    }

    /// The patterns as words: `&a`.
    pub(crate) fn patterns(&self) -> Vec<Vec<u8>> {
        match self {
            ChannelRules::All => vec![b"&*".to_vec()],
            ChannelRules::Patterns(patterns) => {
                patterns.iter().map(|rule| [b"&", rule.0.as_bytes()].concat()).collect()
            }
        }
    }
}
