//! One rule, read: what it is about and what it says.

use crate::channel_rules::ChannelRule;
use crate::command_rules::{CommandRule, Verdict};
use crate::database_rules::DatabaseRules;
use crate::error::RuleError;
use crate::key_rules::KeyRule;
use crate::password::Digest;

/// A rule about a user.
#[derive(Clone, Debug)]
pub(crate) enum UserRule<'r> {
    /// An empty word.
    Nothing,
    On,
    Off,
    NoPassword,
    ResetPasswords,
    AddPassword(Digest),
    RemovePassword(Digest),
    SanitizePayload(bool),
    Reset,
    ClearSelectors,
    /// The selector with its parentheses.
    Selector(&'r [u8]),
    /// What the user may do when no selector is looked at.
    Root(&'r [u8]),
}

/// A rule about what is permitted; it may stand in a selector.
#[derive(Clone, Debug)]
pub(crate) enum PermissionRule {
    Command(CommandRule),
    Key(KeyRule),
    Channel(ChannelRule),
    Databases(DatabaseRules),
}

impl<'r> UserRule<'r> {
    pub(crate) fn parse(rule: &'r [u8]) -> Result<Self, RuleError> {
        let is = |word: &str| rule.eq_ignore_ascii_case(word.as_bytes());
        Ok(match rule {
            [] => UserRule::Nothing,
            [b'>', password @ ..] => UserRule::AddPassword(Digest::of(password)),
            [b'<', password @ ..] => UserRule::RemovePassword(Digest::of(password)),
            [b'#', hex @ ..] => UserRule::AddPassword(Digest::parse(hex).ok_or(RuleError::NotADigest)?),
            [b'!', hex @ ..] => UserRule::RemovePassword(Digest::parse(hex).ok_or(RuleError::NotADigest)?),
            [b'(', .., b')'] => UserRule::Selector(rule),
            _ if is("on") => UserRule::On,
            _ if is("off") => UserRule::Off,
            _ if is("nopass") => UserRule::NoPassword,
            _ if is("resetpass") => UserRule::ResetPasswords,
            _ if is("sanitize-payload") => UserRule::SanitizePayload(true),
            _ if is("skip-sanitize-payload") => UserRule::SanitizePayload(false),
            _ if is("reset") => UserRule::Reset,
            _ if is("clearselectors") => UserRule::ClearSelectors,
            _ => UserRule::Root(rule),
        })
    }
}

impl PermissionRule {
    pub(crate) fn parse(rule: &[u8]) -> Result<Self, RuleError> {
        let is = |word: &str| rule.eq_ignore_ascii_case(word.as_bytes());
        Ok(match rule {
            [b'+', name @ ..] => Self::Command(CommandRule::parse(Verdict::Permitted, name)?),
            [b'-', name @ ..] => Self::Command(CommandRule::parse(Verdict::Refused, name)?),
            [b'~', pattern @ ..] => Self::Key(KeyRule::parse(pattern)?),
            [b'%', access_and_pattern @ ..] => Self::Key(KeyRule::parse_with_access(access_and_pattern)?),
            [b'&', pattern @ ..] => Self::Channel(ChannelRule::parse(pattern)?),
            _ if is("allcommands") => Self::Command(CommandRule::All(Verdict::Permitted)),
            _ if is("nocommands") => Self::Command(CommandRule::All(Verdict::Refused)),
            _ if is("allkeys") => Self::Key(KeyRule::All),
            _ if is("resetkeys") => Self::Key(KeyRule::None),
            _ if is("allchannels") => Self::Channel(ChannelRule::All),
            _ if is("resetchannels") => Self::Channel(ChannelRule::None),
            _ if is("alldbs") => Self::Databases(DatabaseRules::All),
            _ if is("resetdbs") => Self::Databases(DatabaseRules::none()),
            [b'd' | b'D', b'b' | b'B', b'=', list @ ..] => Self::Databases(DatabaseRules::parse(list)?),
            _ => return Err(RuleError::Syntax),
        })
    }
}
