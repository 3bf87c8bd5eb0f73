//! `MONITOR`: clients that are shown every command as it was run.
//!
//! ```text
//!  command ran ─ somebody monitors? ─▶ no: nothing            (one load for a chunk)
//!                 └ yes ─▶ its words quoted, passwords hidden ─▶ mailbox of each monitor
//! ```
//!
//! A command that touches keys is shown while their stripes are locked, and all monitors are handed a line before the next one is made: so
//! lines about a key stand in the order in which its commands ran, and all monitors see one order.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::{CommandId, Flags};
use resp::{Output, Request, SHARED_REPLY_BYTES_MIN};

use crate::admission::Peer;
use crate::client::{Client, ReplyMode};
use crate::clock::Moment;
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::mailbox::Message;
use crate::pause::is_passed_on;
use crate::plan::Step;
use crate::secrets::Secrets;
use crate::session::Session;

/// Commands that nobody is shown.
const NEVER_SHOWN: Flags = Flags::ADMIN.union(Flags::SKIP_MONITOR);

/// The error's word for a monitor is the peers', whose monitors are a kind of replicas.
const KEEPS_OFF_DATA: CommandError = CommandError::fixed("ERR Replica can't interact with the keyspace");

/// The clients that monitor.
#[derive(Default)]
pub(crate) struct Monitors {
    clients: Mutex<Vec<Arc<Client>>>,
    /// How many; changed while `clients` are locked.
    len: AtomicUsize,
}

impl Monitors {
    /// Whether nobody monitors. One load.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Relaxed) == 0
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Arc<Client>>)) {
        let mut clients = self.lock();
        change(&mut clients);
        self.len.store(clients.len(), Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Client>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Shows a session's client every command from now on. Returns whether that is new.
    pub fn monitor(&self, session: &mut Session) -> bool {
        if session.is_monitoring() {
            return false;
        }
        self.monitors.change(|clients| clients.push(Arc::clone(&session.client)));
        session.note_monitoring(true);
        true
    }

    /// Ends that.
    pub fn end_monitoring(&self, session: &mut Session) {
        if session.is_monitoring() {
            self.monitors.change(|clients| clients.retain(|client| client.id != session.client.id));
            session.note_monitoring(false);
        }
    }
}

impl Ctx<'_> {
    /// Shows the command that has just run to all who monitor. Its own client sees the line behind the reply.
    #[cold]
    pub(crate) fn show(&mut self, step: &Step) {
        let Some(id) = step.command else { return };
        if catalog::command(id).flags.intersects(NEVER_SHOWN) {
            return;
        }
        let peer = &self.session.client.peer;
        let text = Arc::new(shown(id, self.args.request(), self.session.db().0, peer));
        let takes_none = matches!(self.session.reply_mode(), ReplyMode::Off | ReplyMode::SkipThis);
        // The reply to QUIT is the last that its client gets.
        let is_deaf = takes_none || self.session.closing;
        let postman = self.view.postman();
        let clients = self.engine.monitors.lock();
        // Read with the lock held: a later line has a later time.
        let at = self.clock.now();
        for client in &*clients {
            if is_deaf && client.id == self.session.client.id {
                continue;
            }
            let message = Message::Shown(ShownCommand { at, text: Arc::clone(&text) });
            postman.post(self.engine, client, message, self.engine.output_limit(client));
        }
    }
}

/// A line for a monitor but for its time: database, address and words.
fn shown(command: CommandId, request: Request<'_>, db: u32, peer: &Peer) -> Vec<u8> {
    /// Blanks, brackets, the database, and what the address may begin with.
    const AROUND_ADDRESS: usize = 24;
    /// A blank and two quotes.
    const AROUND_WORD: usize = 3;
    let secrets = Secrets::of(command, request);
    let words = request.words().map(|word| word.len() + AROUND_WORD).sum::<usize>();
    let mut text = Vec::with_capacity(peer.address.len() + AROUND_ADDRESS + words);
    let (kind, address) = match peer.address.strip_suffix(":0") {
        Some(path) if peer.is_unix_socket => ("unix:", path),
        _ => ("", &*peer.address),
    };
    write!(text, " [{db} {kind}{address}]").expect("a Vec takes all text");
    for (index, word) in request.words().enumerate() {
        text.push(b' ');
        resp::quote_to(if secrets.contains(index) { b"(redacted)" } else { word }, &mut text);
    }
    text.extend_from_slice(b"\r\n");
    text
}

/// A command that was run, as a monitor is shown it. Clones share its text.
#[derive(Clone, Debug)]
pub struct ShownCommand {
    at: Moment,
    /// What stands behind the time.
    text: Arc<Vec<u8>>,
}

impl ShownCommand {
    pub(crate) fn len(&self) -> usize {
        /// A plus, seconds, a point, microseconds.
        const TIME_BYTES: usize = 18;
        TIME_BYTES + self.text.len()
    }

    /// A simple string, in both protocols.
    pub(crate) fn write(&self, output: &mut Output) {
        let (seconds, micros) = (self.at.unix_seconds(), self.at.unix_micros() % 1_000_000);
        output.extend(format!("+{seconds}.{micros:06}").as_bytes());
        if self.text.len() < SHARED_REPLY_BYTES_MIN {
            output.extend(&self.text);
        } else {
            output.extend_shared(&self.text);
        }
    }
}

impl Session {
    /// Whether its client is shown every command.
    #[inline]
    pub fn is_monitoring(&self) -> bool {
        self.is_monitoring
    }

    fn note_monitoring(&mut self, is_monitoring: bool) {
        self.is_monitoring = is_monitoring;
        self.client.is_monitor.store(is_monitoring, Relaxed);
        self.note_bounds();
    }

    /// Notes whether what it does must be looked at, since it listens or monitors.
    pub(crate) fn note_bounds(&mut self) {
        self.is_bound = self.is_listening || self.is_monitoring;
    }

    /// Why a client that listens or monitors can't have this command run, if so.
    #[cold]
    pub(crate) fn check_bounds(&self, command: CommandId) -> Result<(), CommandError> {
        let row = catalog::command(command);
        if self.is_listening && self.refuses_while_listening(command) {
            return Err(CommandError::Listening(row.name));
        }
        if self.is_monitoring && (row.flags.contains(Flags::READONLY) || is_passed_on(command)) {
            return Err(KEEPS_OFF_DATA);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_six_digits_behind_the_point() {
        let text = Arc::new(b" [0 127.0.0.1:1] \"ping\"\r\n".to_vec());
        let line = ShownCommand { at: Moment::from_unix_nanos(1_700_000_000_000_042_999), text };
        let mut output = Output::new();
        line.write(&mut output);
        assert_eq!(output.to_vec(), b"+1700000000.000042 [0 127.0.0.1:1] \"ping\"\r\n");
        assert_eq!(output.len(), line.len());
    }
}
