//! What can end a comparison, with what one needs to know to go on.

use std::io;

use crate::scan::Fault;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The operating system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The server sent what is not RESP.
    #[error("{command}: not RESP: {fault}")]
    Protocol {
        /// The command that was sent.
        command: String,
        /// Where the stream left the protocol.
        fault: Fault,
    },
    /// A measured command failed: the figure would mean nothing.
    #[error("{command}: the server says: {text}")]
    ErrorReply {
        /// The command that was sent.
        command: String,
        /// The server's words.
        text: String,
    },
    /// The replies are not those that the workload must get, so the work measured was another.
    #[error("{command}: {what}")]
    WrongReplies {
        /// The command that was sent.
        command: String,
        /// Expected and found.
        what: String,
    },
    /// A server closed a connection that the generator uses.
    #[error("{command}: the server closed the connection")]
    Closed {
        /// The command that was sent.
        command: String,
    },
    /// A server did not come up.
    #[error("{name} did not answer PING within {seconds} s; its output ends in:\n{output}")]
    NotReady {
        /// The contestant.
        name: String,
        /// How long it had.
        seconds: u64,
        /// The last lines that it printed.
        output: String,
    },
    /// Nothing to compare, or options that contradict each other.
    #[error("{0}")]
    Usage(String),
}

/// The result of everything that may fail here.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Says what was tried when an I/O error arose.
pub(crate) trait Attempt<T> {
    /// Name the attempt; `what` is called only on failure.
    fn attempt(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<io::Error>> Attempt<T> for std::result::Result<T, E> {
    fn attempt(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Failure::Io { what: what(), source: source.into() })
    }
}
