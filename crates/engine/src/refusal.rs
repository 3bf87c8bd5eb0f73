//! What a user may not do: the check of each command, its reply, and the log of what was refused.

use std::sync::{Arc, PoisonError};

use acl::{Context, Databases, Denied, Log, NOPERM, Reason, Refusal, User};
use catalog::{CommandId, Flags};
use keyspace::DbIndex;

use crate::block::NOT_IN_TRANSACTION;
use crate::client::Client;
use crate::clock::Moment;
use crate::ctx::Ctx;
use crate::description::describe_briefly;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::plan::Words;
use crate::session::Session;
use crate::waiting::Waiter;

/// How far a session's commands are looked at before they run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Its user may do everything.
    Free,
    /// Its user has rules.
    Restricted,
    /// It has to log in first.
    Stranger,
}

/// Whether a command that waits may still be carried out.
pub(crate) enum StandingNow {
    /// As when it began to wait.
    Permitted,
    /// Its user has lost the right to it.
    Denied(Denied, Arc<User>),
    /// Its user is gone, and its client about to be.
    Gone,
}

impl Engine {
    /// Whether a command that waits may still be carried out. One load unless users have changed since it began.
    pub(crate) fn standing_of(&self, waiter: &Waiter) -> StandingNow {
        let asked = &waiter.asked;
        match self.user_changed_since(asked.generation, &waiter.client) {
            None => StandingNow::Permitted,
            Some(None) => StandingNow::Gone,
            Some(Some(user)) => {
                let words = Words(asked.words.request(0));
                match acl::check(&user, asked.command, &words, self.databases(waiter.db)) {
                    Ok(()) => StandingNow::Permitted,
                    Err(denied) => StandingNow::Denied(denied, user),
                }
            }
        }
    }

    /// Counts and logs that a command that waits was refused. Returns the text of the error.
    pub(crate) fn note_denied_waiting(
        &self,
        waiter: &Waiter,
        denied: Denied,
        user: &User,
        worker: usize,
        now: Moment,
    ) -> Vec<u8> {
        let words = Words(waiter.asked.words.request(0));
        let (reason, object) = (denied.into(), denied.object(&words));
        let context = Context::Toplevel;
        let refusal = Refusal { reason, context, object, username: user.name(), client_info: b"" };
        self.enter_refusal(&waiter.client, worker, refusal, now);
        no_permission(denied, user)
    }

    fn databases(&self, selected: DbIndex) -> Databases {
        Databases { selected: selected.0, count: self.keyspace().databases() }
    }

    /// What was refused lately (`ACL LOG`).
    pub fn read_refusals<R>(&self, read: impl FnOnce(&Log) -> R) -> R {
        read(&self.gate.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets what was refused (`ACL LOG RESET`).
    pub fn forget_refusals(&self) {
        self.gate.refusals.lock().unwrap_or_else(PoisonError::into_inner).reset();
    }

    pub(crate) fn standing(&self, session: &Session) -> Standing {
        if self.must_log_in(session) {
            Standing::Stranger
        } else if session.login.user.is_unrestricted() {
            Standing::Free
        } else {
            Standing::Restricted
        }
    }

    /// Whether the session's user may run this request.
    pub(crate) fn check(
        &self,
        session: &Session,
        command: CommandId,
        words: &Words<'_>,
    ) -> Result<(), Denied> {
        acl::check(&session.login.user, command, words, self.databases(session.db()))
    }

    fn enter_refusal(&self, client: &Client, worker: usize, refusal: Refusal<'_>, now: Moment) {
        let counters = self.stats().counters(worker);
        match refusal.reason {
            Reason::Command => counters.denied_commands.add(1),
            Reason::Key => counters.denied_keys.add(1),
            Reason::Channel => counters.denied_channels.add(1),
            Reason::Database => counters.denied_databases.add(1),
            Reason::Auth | Reason::TlsCert => counters.denied_logins.add(1),
        }
        let entries_max = self.settings().read(|config| config.integer(config::id::ACLLOG_MAX_LEN));
        let mut line = Vec::new();
        describe_briefly(client, now, &mut line);
        let refusal = Refusal { client_info: line.trim_ascii_end(), ..refusal };
        let mut log = self.gate.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        log.record(refusal, now.unix_millis().0 as u64, usize::try_from(entries_max).unwrap_or(usize::MAX));
    }
}

/// The text of an error, code included.
fn no_permission(denied: Denied, user: &User) -> Vec<u8> {
    [NOPERM.as_bytes(), b" ", &denied.text(user)].concat()
}

impl Ctx<'_> {
    /// Whether somebody who isn't free to do everything may run this command.
    #[cold]
    pub(crate) fn check_standing(&mut self, id: CommandId) -> Result<(), CommandError> {
        match self.standing {
            Standing::Free => Ok(()),
            Standing::Stranger if self.command.flags.contains(Flags::NO_AUTH) => Ok(()),
            Standing::Stranger => Err(CommandError::NotAuthenticated),
            // That it can't be queued is told first.
            Standing::Restricted
                if self.is_to_be_queued() && self.command.flags.contains(Flags::NO_MULTI) =>
            {
                Err(NOT_IN_TRANSACTION)
            }
            Standing::Restricted => {
                let words = Words(self.args.request());
                self.engine.check(self.session, id, &words).map_err(|denied| {
                    self.note_denied(denied);
                    CommandError::Quoting(no_permission(denied, &self.session.login.user).into())
                })
            }
        }
    }

    /// The same for a queued command that is about to run: rules may have changed since it was queued.
    pub(crate) fn check_queued(&mut self, id: CommandId) -> Result<(), CommandError> {
        self.engine.refresh_login(self.session);
        if self.session.login.user.is_unrestricted() {
            return Ok(());
        }
        let words = Words(self.args.request());
        self.engine.check(self.session, id, &words).map_err(|denied| {
            self.note_denied(denied);
            CommandError::fixed(match denied {
                Denied::Command(_) => {
                    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer \
                     allowed for the following reason: no permission to execute the command or subcommand"
                }
                Denied::Key(_) => {
                    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer \
                     allowed for the following reason: no permission to touch the specified keys"
                }
                Denied::Channel(_) => {
                    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer \
                     allowed for the following reason: no permission to access one of the channels used as arguments"
                }
                Denied::Database(_) => {
                    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer \
                     allowed for the following reason: no permission"
                }
            })
        })
    }

    /// Whether the present command's user may read every key there is: for commands that read keys which nobody can tell beforehand.
    pub fn may_read_all_keys(&self) -> bool {
        acl::may_read_all_keys(&self.session.login.user, self.command.id, &Words(self.args.request()))
    }

    fn note_denied(&self, denied: Denied) {
        let words = Words(self.args.request());
        let object = denied.object(&words);
        self.note_refusal(denied.into(), object, self.session.login.user.name());
    }

    /// Counts and logs a wrong name or password.
    pub fn note_failed_login(&self, name: &[u8]) {
        let object = self.args.request().get(0).unwrap_or_default();
        self.note_refusal(Reason::Auth, object, name);
    }

    fn note_refusal(&self, reason: Reason, object: &[u8], username: &[u8]) {
        let is_in_transaction = self.is_in_block || self.session.transaction.is_open();
        let context = if is_in_transaction { Context::Multi } else { Context::Toplevel };
        let refusal = Refusal { reason, context, object, username, client_info: b"" };
        let client = &self.session.client;
        // Neighbours in a pipeline are noted together before they run.
        let last = client.last_command();
        client.note_command(Some(self.command.id));
        self.engine.enter_refusal(client, self.session.worker, refusal, self.now);
        client.note_command(last.map(|command| command.id));
    }
}
