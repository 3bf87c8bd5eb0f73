//! The HTTP port as the configuration has it: at the start, and when a client changes it.

use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, PoisonError};

use config::{Config, ParameterId, SetError, id};
use socket2::SockRef;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::desk::Desk;
use crate::listen::{self, ListenError};
use crate::start::ServerError;

/// Changes the port while the server runs.
pub(crate) struct Control {
    port: Mutex<Port>,
    /// To the thread that accepts on them, and on no others from then on.
    listeners: UnboundedSender<Vec<TcpListener>>,
}

/// The port in force.
struct Port {
    /// What it was opened by.
    config: Config,
    /// Second handles of the sockets that are accepted on, to end them with.
    sockets: Vec<TcpListener>,
}

/// Takes the sockets that were opened as the configuration says.
pub(crate) fn open(config: &Config, listeners: Vec<TcpListener>) -> Result<(Control, Desk), ServerError> {
    let (sender, receiver) = unbounded_channel();
    let port = Port { config: config.clone(), sockets: Vec::new() };
    let control = Control { port: Mutex::new(port), listeners: sender };
    control.serve_at(&mut control.port(), config, listeners);
    Ok((control, Desk::new(receiver)))
}

impl Control {
    /// Puts changed parameters in force, all or none.
    pub(crate) fn apply(&self, changed: &[ParameterId], config: &Config) -> Result<(), SetError> {
        let Some(parameter) = changed.iter().find(|id| [id::HTTP_PORT, id::HTTP_BIND].contains(id)) else {
            return Ok(());
        };
        let mut port = self.port();
        if is_same(&port.config, config) {
            return Ok(());
        }
        let opened = match open_sockets(config) {
            // The sockets before may be in the way: `*` beside one address.
            Err(_) if has_same_number(&port.config, config) => self.open_instead(&mut port, config),
            opened => opened,
        };
        let opened = opened.map_err(|error| {
            SetError::apply(*parameter, format!("Unable to listen on this port: {error}"))
        })?;
        self.serve_at(&mut port, config, opened);
        match config.integer(id::HTTP_PORT) {
            0 => tracing::info!("no HTTP connections are accepted any more"),
            number => tracing::info!("listening on port {number} for HTTP"),
        }
        Ok(())
    }

    /// Opens sockets after those before were closed. If that fails, it is as before.
    fn open_instead(&self, port: &mut Port, config: &Config) -> Result<Vec<TcpListener>, ListenError> {
        close(&mut port.sockets);
        let opened = open_sockets(config);
        if opened.is_err() {
            let before = port.config.clone();
            match open_sockets(&before) {
                Ok(listeners) => self.serve_at(port, &before, listeners),
                Err(error) => tracing::error!("there is no HTTP any more: {error}"),
            }
        }
        opened
    }

    fn serve_at(&self, port: &mut Port, config: &Config, listeners: Vec<TcpListener>) {
        close(&mut port.sockets);
        port.config = config.clone();
        for listener in &listeners {
            match listener.try_clone() {
                Ok(socket) => port.sockets.push(socket),
                Err(error) => tracing::warn!(%error, "a listening socket of http-port will be closed late"),
            }
        }
        // The thread is gone only when the server stops.
        let _stopping = self.listeners.send(listeners);
    }

    fn port(&self) -> MutexGuard<'_, Port> {
        // Nothing is left half done by whoever holds it.
        self.port.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_sockets(config: &Config) -> Result<Vec<TcpListener>, ListenError> {
    listen::open_port(config, id::HTTP_BIND, id::HTTP_PORT)
}

fn is_same(one: &Config, other: &Config) -> bool {
    has_same_number(one, other) && one.words(id::HTTP_BIND) == other.words(id::HTTP_BIND)
}

fn has_same_number(one: &Config, other: &Config) -> bool {
    one.integer(id::HTTP_PORT) == other.integer(id::HTTP_PORT)
}

/// From here on nobody can connect to these, and others may listen in their place.
fn close(sockets: &mut Vec<TcpListener>) {
    for socket in sockets.drain(..) {
        let _ended = SockRef::from(&socket).shutdown(std::net::Shutdown::Both);
    }
}
