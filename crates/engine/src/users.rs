//! Users: who a session is, who may come in without saying so, and what happens to connections when users change.
//!
//! ```text
//!  ACL SETUSER, DELUSER, LOAD ─▶ Users (one lock) ─▶ generation moves on ─▶ each session sees it before its next chunk,
//!  AUTH, HELLO ── log_in ──────▶                                            and asks for its user anew
//! ```
//!
//! Whoever needs several of the files, the users, the parameters and the register of clients locks them in this order.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use acl::{
    AuthenticationFailed, ChannelDefault, DEFAULT, DeclarationError, DefaultUserStays, FileError, Generation,
    Log, SetUserError, User, Users,
};
use config::{Config, Origin, ParameterId, SetError, id};

use crate::client::Client;
use crate::engine::Engine;
use crate::session::Session;

/// The users of an engine.
pub(crate) struct Gate {
    users: Mutex<Users>,
    generation: Generation,
    /// That the default user is off or has a password. Follows from `users`, and changes while they are locked.
    guests_must_log_in: AtomicBool,
    /// What was refused.
    pub(crate) refusals: Mutex<Log>,
}

impl Gate {
    pub(crate) fn new(config: &Config) -> Self {
        let users = Users::new(channel_default(config));
        let gate = Self {
            generation: users.generation(),
            users: Mutex::new(users),
            guests_must_log_in: AtomicBool::new(false),
            refusals: Mutex::default(),
        };
        gate.change(|users| set_password(users, config.text(id::REQUIREPASS)));
        gate
    }

    fn lock(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes users. The lock is held until connections know of it, too: `change` sees to them.
    fn change<R>(&self, change: impl FnOnce(&mut Users) -> R) -> R {
        let mut users = self.lock();
        let outcome = change(&mut users);
        let default = users.find(DEFAULT);
        let is_open = default.is_some_and(|user| user.is_on() && user.needs_no_password());
        self.guests_must_log_in.store(!is_open, Relaxed);
        outcome
    }

    /// The user of a new connection, and the generation at which it is so.
    fn guest(&self) -> Login {
        let users = self.lock();
        let user = users.find(DEFAULT).expect("the default user is always there");
        Login {
            user: Arc::clone(user),
            generation: self.generation.now(),
            is_authenticated: !self.guests_must_log_in.load(Relaxed),
            is_trusted: false,
        }
    }
}

/// Who a session is.
pub(crate) struct Login {
    pub(crate) user: Arc<User>,
    /// The generation of users at which `user` was found.
    generation: u64,
    /// It has logged in, or needn't have when it came; see [`Engine::must_log_in`].
    is_authenticated: bool,
    /// It is no user's: what rules say doesn't hold for it.
    is_trusted: bool,
}

impl Login {
    /// The generation of users at which it was right.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn is_trusted(&self) -> bool {
        self.is_trusted
    }
}

/// Why the users that the configuration declares were not made.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// Lines of the configuration are wrong.
    #[error("{}", .0.iter().map(|(_, error)| error.to_string()).collect::<Vec<_>>().join("\n"))]
    Declared(Vec<(usize, DeclarationError)>),
    /// The aclfile can't be read.
    #[error("Error loading ACLs, opening file '{path}': {reason}")]
    Unreadable {
        /// Its path as configured.
        path: String,
        /// Why.
        reason: String,
    },
    /// The aclfile is wrong.
    #[error("{text}")]
    File {
        /// All that is wrong, with path and line.
        text: String,
    },
    /// There are users in the configuration and an aclfile.
    #[error("users are declared in the configuration and in an aclfile ('aclfile'): it must be one of them")]
    Both,
    /// No aclfile is configured.
    #[error(
        "This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a \
         CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration."
    )]
    NoFile,
}

/// Logging in and out.
impl Engine {
    /// Makes the session this user's if name and password are right; otherwise it stays as it was.
    pub fn log_in(
        &self,
        session: &mut Session,
        name: &[u8],
        password: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let users = self.gate.lock();
        let user = users.authenticate(name, password)?;
        // Noted while the users are locked: who removes this one closes all connections that have its name.
        session.set_text(|client| &client.user, user.name());
        session.login =
            Login { user, generation: self.gate.generation.now(), is_authenticated: true, is_trusted: false };
        Ok(())
    }

    /// Makes the session that of a new connection again.
    pub(crate) fn log_out(&self, session: &mut Session) {
        session.login = self.guest();
        session.set_text(|client| &client.user, DEFAULT);
    }

    pub(crate) fn guest(&self) -> Login {
        self.gate.guest()
    }

    /// Has the session do everything from now on, whatever users there are and become: it belongs to the program around the engine.
    pub fn trust(&self, session: &mut Session) {
        let users = Users::default();
        let user = users.find(DEFAULT).expect("the default user is always there");
        let generation = self.gate.generation.now();
        session.login =
            Login { user: Arc::clone(user), generation, is_authenticated: true, is_trusted: true };
        session.client.is_trusted.store(true, Relaxed);
    }

    /// Whether a client has yet to log in. The password may have been set or taken away since it came: those who are logged in stay so,
    /// and without a password nobody needs to be.
    #[inline]
    pub fn must_log_in(&self, session: &Session) -> bool {
        !session.login.is_authenticated && self.guests_must_log_in()
    }

    /// Whether nobody is let in who doesn't say who he is: the default user is off or has a password.
    #[inline]
    pub fn guests_must_log_in(&self) -> bool {
        self.gate.guests_must_log_in.load(Relaxed)
    }

    /// Brings what the session knows of its user up to date. `false`: the user is gone, and the connection is to be closed.
    #[inline]
    pub(crate) fn refresh_login(&self, session: &mut Session) -> bool {
        self.is_login_current(session) || self.find_user_again(session)
    }

    /// Whether no user has changed since the session found its own.
    #[inline]
    pub(crate) fn is_login_current(&self, session: &Session) -> bool {
        session.login.generation == self.gate.generation.now()
    }

    /// The user that a client has now, if users have changed since `generation` and it is not above them. `Some(None)`: the user is gone, and
    /// so is the client as soon as its thread comes to it.
    pub(crate) fn user_changed_since(&self, generation: u64, client: &Client) -> Option<Option<Arc<User>>> {
        if generation == self.gate.generation.now() || client.is_trusted() {
            return None;
        }
        let name = client.user.to_vec();
        Some(self.gate.lock().find(&name).cloned())
    }

    #[cold]
    fn find_user_again(&self, session: &mut Session) -> bool {
        let users = self.gate.lock();
        let login = &mut session.login;
        login.generation = self.gate.generation.now();
        if login.is_trusted {
            return true;
        }
        if let Some(user) = users.find(login.user.name()) {
            login.user = Arc::clone(user);
            return true;
        }
        login.user = Arc::new(User::new(login.user.name(), ChannelDefault::None));
        session.closing = true;
        false
    }
}

/// The users themselves.
impl Engine {
    /// Reads the users; others wait meanwhile.
    pub fn read_users<R>(&self, read: impl FnOnce(&Users) -> R) -> R {
        read(&self.gate.lock())
    }

    /// Changes a user or makes a new one, and closes connections that listen to what it no longer may (`ACL SETUSER`).
    pub fn set_user<R: AsRef<[u8]>>(
        &self,
        session: &mut Session,
        name: &[u8],
        rules: &[R],
    ) -> Result<(), SetUserError> {
        self.gate.change(|users| {
            let changed = users.set_user(name, rules)?.after;
            self.close_unentitled(session, |name| (changed.name() == name).then_some(&changed));
            Ok(())
        })
    }

    /// Removes users and closes their connections, that of `session` behind its reply (`ACL DELUSER`). Returns how many there were.
    pub fn remove_users<N: AsRef<[u8]>>(
        &self,
        session: &mut Session,
        names: &[N],
    ) -> Result<usize, DefaultUserStays> {
        self.gate.change(|users| {
            let removed = users.remove(names)?;
            self.close_connections_of(session, &removed);
            Ok(removed.len())
        })
    }

    /// Replaces all users by those of the aclfile, and closes the connections of those who are gone, or listen to what they no longer may
    /// (`ACL LOAD`).
    pub fn load_users(&self, session: &mut Session) -> Result<(), UsersError> {
        let path = self.settings().read(aclfile).ok_or(UsersError::NoFile)?;
        let _files = self.lock_files();
        let text = read_aclfile(&path, || self.host().read_aclfile())?;
        self.gate.change(|users| {
            let removed = users.load(&text).map_err(|error| file_error(&error, &path))?;
            self.close_connections_of(session, &removed);
            self.close_unentitled(session, |name| users.find(name));
            Ok(())
        })
    }

    /// The text of the aclfile that makes these users (`ACL SAVE`), if there is such a file.
    pub fn aclfile_of_users(&self) -> Result<Vec<u8>, UsersError> {
        self.settings().read(aclfile).ok_or(UsersError::NoFile)?;
        Ok(self.read_users(Users::write))
    }

    /// Makes the users that the configuration declares or has in its aclfile; before anybody connects.
    pub fn declare_users(&self) -> Result<(), UsersError> {
        let config = self.settings().read(Config::clone);
        self.gate.change(|users| declare_users(users, &config, || self.host().read_aclfile()))
    }

    fn close_connections_of(&self, session: &mut Session, removed: &[Arc<User>]) {
        if removed.is_empty() {
            return;
        }
        for client in self.clients().all() {
            if !removed.iter().any(|user| client.user.equals(user.name())) {
                continue;
            }
            self.send_away(session, &client);
        }
    }
}

/// Parameters that concern users.
impl Engine {
    /// Sets several parameters, all or none (`CONFIG SET`). The host is told, and may refuse.
    pub fn set_parameters(&self, pairs: &[(&[u8], &[u8])], origin: Origin) -> Result<(), SetError> {
        let changed = self.settings().set(pairs, origin, self.host())?;
        if changed.contains(&id::MAXMEMORY) {
            self.warn_of_small_limit();
        }
        if changed.contains(&id::SNAPSHOT_MEMORY_MAX) {
            self.limit_snapshot_bytes();
        }
        if changed.contains(&id::APPENDFSYNC) {
            self.set_gate();
        }
        let concerns_users = |id: &ParameterId| matches!(*id, id::REQUIREPASS | id::ACL_PUBSUB_DEFAULT);
        if changed.iter().any(concerns_users) {
            // The parameters are read while the users are locked: of two clients that set one, both orders are the same.
            self.gate.change(|users| {
                self.settings().read(|config| {
                    users.set_channel_default(channel_default(config));
                    if changed.contains(&id::REQUIREPASS) {
                        set_password(users, config.text(id::REQUIREPASS));
                    }
                });
            });
        }
        Ok(())
    }
}

/// Makes the users that a configuration declares, or that are in its aclfile, in place of those that are there. On any fault nothing changes.
pub fn declare_users(
    users: &mut Users,
    config: &Config,
    read: impl FnOnce() -> Result<Vec<u8>, String>,
) -> Result<(), UsersError> {
    let declared = &config.directives().users;
    let Some(path) = aclfile(config) else {
        return users.declare(declared).map_err(UsersError::Declared);
    };
    if !declared.is_empty() {
        return Err(UsersError::Both);
    }
    let text = read_aclfile(&path, read)?;
    users.load(&text).map(|_nobody_is_connected| ()).map_err(|error| file_error(&error, &path))
}

/// The users that the configuration declares elsewhere than in the file that `CONFIG REWRITE` writes, as the next start will make them.
pub fn users_declared_elsewhere(config: &Config) -> Result<Users, UsersError> {
    let directives = config.directives();
    let elsewhere: BTreeSet<&[u8]> = directives.users_elsewhere.iter().map(|(name, _)| &**name).collect();
    let is_elsewhere = |words: &&Vec<Vec<u8>>| words.first().is_some_and(|name| elsewhere.contains(&**name));
    let declared: Vec<_> = directives.users.iter().filter(is_elsewhere).cloned().collect();
    let mut users = Users::new(channel_default(config));
    users.declare(&declared).map_err(UsersError::Declared)?;
    Ok(users)
}

/// The path of the aclfile as configured, if there is one.
fn aclfile(config: &Config) -> Option<String> {
    let path = config.text(id::ACLFILE);
    (!path.is_empty()).then(|| String::from_utf8_lossy(path).into_owned())
}

fn read_aclfile(path: &str, read: impl FnOnce() -> Result<Vec<u8>, String>) -> Result<Vec<u8>, UsersError> {
    read().map_err(|reason| UsersError::Unreadable { path: path.to_owned(), reason })
}

fn file_error(error: &FileError, path: &str) -> UsersError {
    UsersError::File { text: error.text(path) }
}

fn channel_default(config: &Config) -> ChannelDefault {
    match config.choice(id::ACL_PUBSUB_DEFAULT) {
        "allchannels" => ChannelDefault::All,
        _ => ChannelDefault::None,
    }
}

/// `requirepass`: the one password of the default user, or none needed.
fn set_password(users: &mut Users, password: &[u8]) {
    let rules: &[&[u8]] =
        if password.is_empty() { &[b"nopass"] } else { &[b"resetpass", &[b">", password].concat()] };
    let _change = users.set_user(DEFAULT, rules).expect("a password is any bytes, and there is room for one");
}
