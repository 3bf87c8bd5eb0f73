//! What stands in for TLS in a kvd built without it: `tls-port` is refused.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use config::{Config, ParameterId, SetError, id};
use engine::Engine;

use crate::acceptor::Inboxes;
use crate::stop::Stop;

/// There are no handshakes.
pub(crate) const HANDSHAKES_MAX: usize = 0;

/// This kvd can't do what `tls-port` asks for.
#[derive(Debug, thiserror::Error)]
#[error("this kvd was built without TLS (cargo feature 'tls'): set 'tls-port' to 0")]
pub(crate) struct TlsError;

/// Refuses changes.
pub(crate) struct Control;

/// Receives nobody.
pub(crate) struct Reception;

pub(crate) fn open(config: &Config, _listeners: Vec<TcpListener>) -> Result<(Control, Reception), TlsError> {
    if config.integer(id::TLS_PORT) == 0 { Ok((Control, Reception)) } else { Err(TlsError) }
}

impl Control {
    pub(crate) fn apply(&self, _changed: &[ParameterId], config: &Config) -> Result<(), SetError> {
        match config.integer(id::TLS_PORT) {
            0 => Ok(()),
            _ => Err(SetError::apply(id::TLS_PORT, TlsError.to_string())),
        }
    }
}

impl Reception {
    pub(crate) fn start(self, _: &Arc<Engine>, _: &Inboxes, _: Stop) -> io::Result<Option<JoinHandle<()>>> {
        Ok(None)
    }
}
