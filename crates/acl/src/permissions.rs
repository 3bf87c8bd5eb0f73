//! What is permitted together: the root permissions of a user, and each of its selectors.

use crate::channel_rules::{ChannelDefault, ChannelRules};
use crate::command_rules::CommandRules;
use crate::database_rules::DatabaseRules;
use crate::error::RuleError;
use crate::key_rules::KeyRules;
use crate::rule::PermissionRule;
use crate::word::{push_in_selector, split_selector};

/// Commands, keys, channels and databases. A command is permitted if it and everything it touches is permitted here,
/// or in another selector; never half here and half there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    pub(crate) commands: CommandRules,
    pub(crate) keys: KeyRules,
    pub(crate) channels: ChannelRules,
    pub(crate) databases: DatabaseRules,
}

impl Permissions {
    /// No commands and no keys; channels by default, and all databases.
    pub(crate) fn new(channels: ChannelDefault) -> Self {
        Permissions {
            commands: CommandRules::none(),
            keys: KeyRules::none(),
            channels: channels.into(),
            databases: DatabaseRules::All,
        }
    }

    /// Reads a selector with its parentheses.
    pub(crate) fn parse_selector(selector: &[u8], channels: ChannelDefault) -> Result<Self, RuleError> {
        let mut permissions = Permissions::new(channels);
        for rule in split_selector(selector)? {
            permissions.obey(&rule)?;
        }
        Ok(permissions)
    }

    pub(crate) fn obey(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        match PermissionRule::parse(rule) {
            Ok(rule) => self.add(rule),
            // That another pattern has no effect is told before what is wrong with it.
            Err(_) if matches!(rule, [b'~' | b'%', ..]) && self.keys.permit_all() => {
                Err(RuleError::KeyAfterAll)
            }
            Err(_) if rule.starts_with(b"&") && self.channels.permit_all() => Err(RuleError::ChannelAfterAll),
            Err(error) => Err(error),
        }
    }

    fn add(&mut self, rule: PermissionRule) -> Result<(), RuleError> {
        match rule {
            PermissionRule::Command(rule) => self.commands.add(rule),
            PermissionRule::Key(rule) => self.keys.add(rule),
            PermissionRule::Channel(rule) => self.channels.add(rule),
            PermissionRule::Databases(rule) => {
                self.databases = rule;
                Ok(())
            }
        }
    }

    pub(crate) fn permit_all(&self) -> bool {
        self.commands.permit_all()
            && self.keys.permit_all()
            && self.channels.permit_all()
            && self.databases.permit_all()
    }

    /// The rules that lead here, in the order in which they are shown.
    pub(crate) fn words(&self) -> Vec<Vec<u8>> {
        let mut words = self.keys.words();
        words.extend(self.channels.words());
        words.extend(self.databases.word());
        words.extend(self.commands.words());
        words
    }

    /// The same as a selector: `(~a resetchannels -@all +get)`.
    pub(crate) fn selector(&self) -> Vec<u8> {
        let mut text = vec![b'('];
        for (index, word) in self.words().iter().enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            push_in_selector(&mut text, word);
        }
        text.push(b')');
        text
    }
}

/// The fields of ACL GETUSER.
impl Permissions {
    /// `commands`: `-@all +get`.
    pub fn commands_text(&self) -> Vec<u8> {
        self.commands.text()
    }

    /// `keys`: `~a %R~b`, or nothing.
    pub fn keys_text(&self) -> Vec<u8> {
        self.keys.words().join(&b' ')
    }

    /// `channels`: `&a &b`, or nothing.
    pub fn channels_text(&self) -> Vec<u8> {
        self.channels.patterns().join(&b' ')
    }

    /// `databases`, which only Valkey has: `alldbs`, `db=0,1`, or nothing.
    pub fn databases_text(&self) -> Vec<u8> {
        self.databases.text()
    }
}
