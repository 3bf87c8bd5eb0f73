//! What stands in for HTTP in a kvd built without it: `http-port` is refused.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use config::{Config, ParameterId, SetError, id};
use engine::Engine;

use crate::pulse::Pulse;
use crate::start::ServerError;
use crate::stop::Stop;

/// There are no connections.
pub(crate) const CONNECTIONS_MAX: usize = 0;

const ABSENT: &str = "this kvd was built without HTTP (cargo feature 'http'): set 'http-port' to 0";

/// Refuses changes.
pub(crate) struct Control;

/// Serves nobody.
pub(crate) struct Desk;

pub(crate) fn open(config: &Config, _listeners: Vec<TcpListener>) -> Result<(Control, Desk), ServerError> {
    if config.integer(id::HTTP_PORT) == 0 {
        Ok((Control, Desk))
    } else {
        Err(ServerError::Http(ABSENT.to_owned()))
    }
}

impl Control {
    pub(crate) fn apply(&self, _changed: &[ParameterId], config: &Config) -> Result<(), SetError> {
        match config.integer(id::HTTP_PORT) {
            0 => Ok(()),
            _ => Err(SetError::apply(id::HTTP_PORT, ABSENT.to_owned())),
        }
    }
}

impl Desk {
    pub(crate) fn start(self, _: &Arc<Engine>, _: Pulse, _: &Stop) -> io::Result<Self> {
        Ok(self)
    }

    pub(crate) fn end(self) {}
}
