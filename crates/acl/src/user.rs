//! One user.

use crate::channel_rules::ChannelDefault;
use crate::error::{RuleError, SetUserError, push};
use crate::password::Digest;
use crate::permissions::Permissions;
use crate::rule::UserRule;
use crate::word::{is_space_or_nul, join_selectors};

/// A name, passwords, and what they open.
///
/// Users don't change: a rule makes a new one of an old one, and sessions go on with the one that they have until they
/// ask [`crate::Users`] again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    name: Box<[u8]>,
    is_on: bool,
    passwords: Passwords,
    sanitizes_payload: bool,
    root: Permissions,
    selectors: Vec<Permissions>,
    /// That nothing at all is refused: what most checks need to know. Follows from the rest.
    is_unrestricted: bool,
}

/// What opens a user.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Passwords {
    /// Whatever is said.
    Any,
    /// One of these.
    OneOf(Vec<Digest>),
}

impl User {
    /// A user who is off, has no password and may do nothing, except what is said of channels.
    pub fn new(name: &[u8], channels: ChannelDefault) -> Self {
        let root = Permissions::new(channels);
        User {
            name: name.into(),
            is_on: false,
            passwords: Passwords::OneOf(Vec::new()),
            sanitizes_payload: true,
            root,
            selectors: Vec::new(),
            is_unrestricted: false,
        }
    }

    /// What the user becomes by these rules, or the first rule that is wrong.
    ///
    /// The words of a selector may come one by one; `channels` is what new selectors and a reset user may do.
    pub fn with_rules<R: AsRef<[u8]>>(
        &self,
        rules: &[R],
        channels: ChannelDefault,
    ) -> Result<Self, SetUserError> {
        let mut user = self.clone();
        for rule in join_selectors(rules)? {
            let outcome = user.obey(&rule, channels);
            outcome.map_err(|error| SetUserError::Rule { rule: rule.into(), error })?;
        }
        Ok(user)
    }

    /// Obeys one rule. After an error the user is of no further use.
    pub(crate) fn obey(&mut self, rule: &[u8], channels: ChannelDefault) -> Result<(), RuleError> {
        match UserRule::parse(rule)? {
            UserRule::Nothing => {}
            UserRule::On => self.is_on = true,
            UserRule::Off => self.is_on = false,
            UserRule::NoPassword => self.passwords = Passwords::Any,
            UserRule::ResetPasswords => self.passwords = Passwords::OneOf(Vec::new()),
            UserRule::AddPassword(digest) => self.add_password(digest)?,
            UserRule::RemovePassword(digest) => self.remove_password(digest)?,
            UserRule::SanitizePayload(sanitizes) => self.sanitizes_payload = sanitizes,
            UserRule::Reset => *self = User::new(&self.name, channels),
            UserRule::ClearSelectors => self.selectors.clear(),
            UserRule::Selector(selector) => {
                let selector = Permissions::parse_selector(selector, channels)?;
                push(&mut self.selectors, selector)?;
            }
            UserRule::Root(rule) => self.root.obey(rule)?,
        }
        let is_unrestricted = self.permissions().any(Permissions::permit_all);
        self.is_unrestricted = is_unrestricted;
        Ok(())
    }

    fn add_password(&mut self, digest: Digest) -> Result<(), RuleError> {
        match &mut self.passwords {
            Passwords::OneOf(digests) if digests.contains(&digest) => Ok(()),
            Passwords::OneOf(digests) => push(digests, digest),
            Passwords::Any => {
                self.passwords = Passwords::OneOf(vec![digest]);
                Ok(())
            }
        }
    }

    fn remove_password(&mut self, digest: Digest) -> Result<(), RuleError> {
        if let Passwords::OneOf(digests) = &mut self.passwords
            && let Some(index) = digests.iter().position(|known| *known == digest)
        {
            digests.remove(index);
            return Ok(());
        }
        Err(RuleError::NoSuchPassword)
    }
}

impl User {
    /// Who this is.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Whether anybody can become this user. Those who are it stay it.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether any password will do.
    pub fn needs_no_password(&self) -> bool {
        self.passwords == Passwords::Any
    }

    /// What is kept of the passwords, in the order in which they were added.
    pub fn digests(&self) -> &[Digest] {
        match &self.passwords {
            Passwords::Any => &[],
            Passwords::OneOf(digests) => digests,
        }
    }

    /// Whether payloads that this user RESTOREs are looked through.
    pub fn sanitizes_payload(&self) -> bool {
        self.sanitizes_payload
    }

    /// Whether nothing at all is refused; then no check is needed.
    #[inline]
    pub fn is_unrestricted(&self) -> bool {
        self.is_unrestricted
    }

    /// What is permitted outside of selectors.
    pub fn root(&self) -> &Permissions {
        &self.root
    }

    /// The selectors, in the order in which they were added.
    pub fn selectors(&self) -> &[Permissions] {
        &self.selectors
    }

    /// The root permissions and the selectors, in the order in which they are tried.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = &Permissions> {
        std::iter::once(&self.root).chain(&self.selectors)
    }

    /// Whether this user may use the channel, by some of its rules; for subscriptions that outlive a change of rules.
    pub fn may_use_channel(&self, channel: &[u8]) -> bool {
        self.permissions().any(|permissions| permissions.channels.permit(channel))
    }

    /// The same for a pattern of channels.
    pub fn may_use_channel_pattern(&self, pattern: &[u8]) -> bool {
        self.permissions().any(|permissions| permissions.channels.permit_pattern(pattern))
    }
}

/// How a user is shown.
impl User {
    /// `flags` of ACL GETUSER: `on`, `nopass`, `sanitize-payload`.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        let payload = if self.sanitizes_payload { "sanitize-payload" } else { "skip-sanitize-payload" };
        let on = if self.is_on { "on" } else { "off" };
        [Some(on), self.needs_no_password().then_some("nopass"), Some(payload)].into_iter().flatten()
    }

    /// The rules that make this user of a new one, in the order in which the peers show them. A selector is one rule.
    ///
    /// They say everything, whatever `acl-pubsub-default` is where they are read.
    pub fn rules(&self) -> Vec<Vec<u8>> {
        let mut rules: Vec<Vec<u8>> = self.flags().map(|flag| flag.as_bytes().to_vec()).collect();
        rules.extend(self.digests().iter().map(|digest| format!("#{digest}").into_bytes()));
        rules.extend(self.root.words());
        rules.extend(self.selectors.iter().map(Permissions::selector));
        rules
    }

    /// The line of ACL LIST and of the aclfile, without a line break: `user u on nopass …`.
    pub fn line(&self) -> Vec<u8> {
        let mut line = [b"user ", self.name()].concat();
        for rule in self.rules() {
            line.push(b' ');
            line.extend_from_slice(&rule);
        }
        line
    }
}

/// Whether a user can have this name.
pub(crate) fn is_name(name: &[u8]) -> bool {
    !name.iter().copied().any(is_space_or_nul)
}
