//! May this user run this request?
//!
//! ```text
//!           databases ── command ── keys ── channels
//! root          ✓          ✓          ✗                  denied here
//! (selector)    ✗                                        or here
//! (selector)    ✓          ✓          ✓         ✓        permitted
//! ```
//!
//! One line must permit all of it. If none does, the user is told what stood in the way in the line that came
//! closest.

use catalog::{CommandId, KeyFlags, KeyShape, Words, command, id};

use crate::database::{Databases, denied_database};
use crate::key_rules::Access;
use crate::permissions::Permissions;
use crate::user::User;

/// What a user lacks for a request.
///
/// In the order of what is told: of two, the greater one. Places are indexes of words.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denied {
    /// A database; this word names it, or the command itself if that is about the selected one or all.
    Database(usize),
    /// The command.
    Command(CommandId),
    /// A key.
    Key(usize),
    /// A channel.
    Channel(usize),
}

/// Whether `user` may run this request, which has the right number of words for `command`.
///
/// `command` is the subcommand where there is one. Allocates nothing unless the command has more than four keys of
/// several kinds, like ZUNIONSTORE. A request whose keys can't be told has none here: the command will
/// refuse it.
#[inline]
pub fn check<W: Words + ?Sized>(
    user: &User,
    command: CommandId,
    words: &W,
    databases: Databases,
) -> Result<(), Denied> {
    if user.is_unrestricted() { Ok(()) } else { check_permissions(user, command, words, databases) }
}

fn check_permissions<W: Words + ?Sized>(
    user: &User,
    command: CommandId,
    words: &W,
    databases: Databases,
) -> Result<(), Denied> {
    let mut closest = Denied::Database(0);
    for permissions in user.permissions() {
        match permissions.check(command, words, databases) {
            Ok(()) => return Ok(()),
            Err(denied) => closest = closest.max(denied),
        }
    }
    Err(closest)
}

/// Whether `user` may run this command and read every key there is: what SORT with BY or GET asks.
pub fn may_read_all_keys<W: Words + ?Sized>(user: &User, command: CommandId, words: &W) -> bool {
    user.is_unrestricted()
        || user.permissions().any(|permissions| {
            permissions.commands.permit(command, words) && permissions.keys.permit_reading_all()
        })
}

impl Permissions {
    fn check<W: Words + ?Sized>(
        &self,
        command: CommandId,
        words: &W,
        databases: Databases,
    ) -> Result<(), Denied> {
        if !self.databases.permit_all()
            && let Some(index) = denied_database(&self.databases, command, words, databases)
        {
            return Err(Denied::Database(index));
        }
        if !self.commands.permit(command, words) {
            return Err(Denied::Command(command));
        }
        if !self.keys.permit_all()
            && let Some(index) = self.denied_key(command, words)
        {
            return Err(Denied::Key(index));
        }
        if !self.channels.permit_all()
            && let Some(index) = self.denied_channel(command, words)
        {
            return Err(Denied::Channel(index));
        }
        Ok(())
    }

    fn denied_key<W: Words + ?Sized>(&self, id: CommandId, words: &W) -> Option<usize> {
        let permits = |index: usize, flags: KeyFlags| {
            words.word(index).is_none_or(|key| self.keys.permit(key, wanted(flags)))
        };
        let command = command(id);
        if let (KeyShape::Range { .. }, [only]) = (command.keys, command.key_specs) {
            let mut denied = None;
            let visit = |index| {
                if denied.is_none() && !permits(index, only.flags) {
                    denied = Some(index);
                }
            };
            // Keys at fixed places can always be told.
            return catalog::for_each_key(id, words, visit).ok().and(denied);
        }
        let keys = catalog::keys(id, words).unwrap_or_default();
        keys.iter().find(|key| !permits(key.position, key.flags)).map(|key| key.position)
    }

    fn denied_channel<W: Words + ?Sized>(&self, command: CommandId, words: &W) -> Option<usize> {
        let (channels, is_pattern) = match command {
            id::PUBLISH | id::SPUBLISH => (1..2, false),
            id::SUBSCRIBE | id::SSUBSCRIBE => (1..words.count(), false),
            id::PSUBSCRIBE => (1..words.count(), true),
            _ => return None,
        };
        let permits = |channel: &[u8]| {
            if is_pattern { self.channels.permit_pattern(channel) } else { self.channels.permit(channel) }
        };
        channels.into_iter().find(|&index| words.word(index).is_some_and(|channel| !permits(channel)))
    }
}

/// What a command that does this with a key must be permitted. Asking whether it is there, or how long, is neither.
fn wanted(flags: KeyFlags) -> Access {
    let changes = KeyFlags::INSERT.union(KeyFlags::UPDATE).union(KeyFlags::DELETE);
    Access { read: flags.contains(KeyFlags::ACCESS), write: flags.intersects(changes) }
}

/// The code of the error reply to a denied request.
pub const NOPERM: &str = "NOPERM";

impl Denied {
    /// The text of the error reply behind `NOPERM `, or behind `ERR ACL failure in script: `.
    pub fn text(&self, user: &User) -> Vec<u8> {
        match self {
            Denied::Command(id) => refused_command(user, *id),
            Denied::Database(_) => b"No permissions to access database".to_vec(),
            Denied::Key(_) => b"No permissions to access a key".to_vec(),
            Denied::Channel(_) => b"No permissions to access a channel".to_vec(),
        }
    }

    /// The reply of ACL DRYRUN, a bulk string: it names what is refused.
    pub fn dryrun_text<W: Words + ?Sized>(&self, user: &User, words: &W) -> Vec<u8> {
        let object = self.object(words);
        match self {
            Denied::Command(id) => refused_command(user, *id),
            Denied::Database(_) => {
                [b"User ", user.name(), b" has no permissions to access database ", object].concat()
            }
            Denied::Key(_) => {
                [b"User ", user.name(), b" has no permissions to access the '", object, b"' key"].concat()
            }
            Denied::Channel(_) => {
                [b"User ", user.name(), b" has no permissions to access the '", object, b"' channel"].concat()
            }
        }
    }

    /// What was refused, as the log shows it: the command's full name, or the word that names key, channel or
    /// database.
    pub fn object<'w, W: Words + ?Sized>(&self, words: &'w W) -> &'w [u8] {
        match *self {
            Denied::Command(id) => command(id).name.as_bytes(),
            Denied::Database(index) | Denied::Key(index) | Denied::Channel(index) => {
                words.word(index).unwrap_or_default()
            }
        }
    }
}

fn refused_command(user: &User, id: CommandId) -> Vec<u8> {
    let name = command(id).name.as_bytes();
    [b"User ", user.name(), b" has no permissions to run the '", name, b"' command"].concat()
}
