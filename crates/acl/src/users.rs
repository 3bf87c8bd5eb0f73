//! All users by name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::channel_rules::ChannelDefault;
use crate::error::{AuthenticationFailed, DefaultUserStays, SetUserError};
use crate::password::Digest;
use crate::user::{User, is_name};

/// The user that every connection has before it says something else.
pub const DEFAULT: &[u8] = b"default";

/// The users of a server.
///
/// One of them is always there: [`DEFAULT`], who needs no password and may do everything until rules say otherwise.
///
/// A session keeps the `Arc` of its user and the [`Generation`] at which it got it. As long as the generation is the
/// same, so is the user; when it isn't, the session asks [`Users::find`] again.
#[derive(Debug)]
pub struct Users {
    /// Always has [`DEFAULT`].
    by_name: BTreeMap<Box<[u8]>, Arc<User>>,
    channels: ChannelDefault,
    generation: Generation,
}

/// Counts the changes of users. Clones count together, so it can be read where the users are not locked.
#[derive(Clone, Debug, Default)]
pub struct Generation(Arc<AtomicU64>);

impl Generation {
    /// How many changes there were.
    #[inline]
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    fn advance(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// What ACL SETUSER did.
#[derive(Clone, Debug)]
pub struct Change {
    /// The user before; `None` if it is new.
    pub before: Option<Arc<User>>,
    /// The user from now on.
    pub after: Arc<User>,
}

impl Users {
    /// Only the default user. `channels` is what users and selectors may do with channels before a rule says something.
    pub fn new(channels: ChannelDefault) -> Self {
        let default = Arc::new(default_user(channels));
        Users {
            by_name: BTreeMap::from([(DEFAULT.into(), default)]),
            channels,
            generation: Generation::default(),
        }
    }

    /// What users and selectors yet to come may do with channels. Those that are there stay as they are.
    pub fn set_channel_default(&mut self, channels: ChannelDefault) {
        self.channels = channels;
    }

    /// The counter that tells of changes.
    pub fn generation(&self) -> Generation {
        self.generation.clone()
    }

    /// The user of this name.
    pub fn find(&self, name: &[u8]) -> Option<&Arc<User>> {
        self.by_name.get(name)
    }

    /// All users in the order of their names' bytes, which is the order of ACL LIST and ACL USERS.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<User>> {
        self.by_name.values()
    }

    /// Changes a user or makes a new one: ACL SETUSER. After an error nothing has changed.
    pub fn set_user<R: AsRef<[u8]>>(&mut self, name: &[u8], rules: &[R]) -> Result<Change, SetUserError> {
        if !is_name(name) {
            return Err(SetUserError::Name);
        }
        let before = self.by_name.get(name).cloned();
        let after = match &before {
            Some(user) => user.with_rules(rules, self.channels)?,
            None => User::new(name, self.channels).with_rules(rules, self.channels)?,
        };
        let after = Arc::new(after);
        self.by_name.insert(name.into(), after.clone());
        self.generation.advance();
        Ok(Change { before, after })
    }

    /// Removes users: ACL DELUSER. Returns those that were there; if the default user is among the names, none goes.
    pub fn remove<N: AsRef<[u8]>>(&mut self, names: &[N]) -> Result<Vec<Arc<User>>, DefaultUserStays> {
        if names.iter().any(|name| name.as_ref() == DEFAULT) {
            return Err(DefaultUserStays);
        }
        let removed: Vec<_> = names.iter().filter_map(|name| self.by_name.remove(name.as_ref())).collect();
        if !removed.is_empty() {
            self.generation.advance();
        }
        Ok(removed)
    }

    /// The user who has this name and password.
    ///
    /// Takes the same steps whether the user is unknown, off, or has another password: the digest is made and compared
    /// with each of the user's, wherever it is found.
    pub fn authenticate(&self, name: &[u8], password: &[u8]) -> Result<Arc<User>, AuthenticationFailed> {
        let digest = Digest::of(password);
        let user = self.by_name.get(name);
        let known = user.map_or(&[Digest::OF_NOBODY][..], |user| user.digests());
        let is_known = bool::from(digest.is_among(known));
        user.filter(|user| user.is_on() & (is_known | user.needs_no_password()))
            .cloned()
            .ok_or(AuthenticationFailed)
    }

    pub(crate) fn channel_default(&self) -> ChannelDefault {
        self.channels
    }

    /// Puts all users in the place of those that were there, the default user from scratch if it isn't among them.
    /// Returns the former users who are gone.
    pub(crate) fn replace(&mut self, users: BTreeMap<Box<[u8]>, Arc<User>>) -> Vec<Arc<User>> {
        let before = std::mem::replace(&mut self.by_name, users);
        let channels = self.channels;
        self.by_name.entry(DEFAULT.into()).or_insert_with(|| Arc::new(default_user(channels)));
        self.generation.advance();
        before.into_values().filter(|user| self.find(user.name()).is_none()).collect()
    }
}

impl Default for Users {
    fn default() -> Self {
        Users::new(ChannelDefault::default())
    }
}

/// The default user before rules change it.
fn default_user(channels: ChannelDefault) -> User {
    let rules = ["on", "nopass", "allkeys", "allchannels", "allcommands"];
    let user = User::new(DEFAULT, channels);
    user.with_rules(&rules, channels).expect("none of these can fail on a new user")
}
