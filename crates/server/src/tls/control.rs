//! TLS as the configuration has it: at the start, and when a client changes it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use config::{Config, ParameterId, SetError, id};
use socket2::SockRef;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use super::error::TlsError;
use super::notices::notice;
use super::reception::Reception;
use super::server_config::server_config;
use crate::listen;

/// The parameters that TLS on `tls-port` depends on.
const PARAMETERS: [ParameterId; 13] = [
    id::TLS_PORT,
    id::TLS_CERT_FILE,
    id::TLS_KEY_FILE,
    id::TLS_CA_CERT_FILE,
    id::TLS_CA_CERT_DIR,
    id::TLS_AUTH_CLIENTS,
    id::TLS_PROTOCOLS,
    id::TLS_CIPHERS,
    id::TLS_CIPHERSUITES,
    id::TLS_PREFER_SERVER_CIPHERS,
    id::TLS_SESSION_CACHING,
    id::TLS_SESSION_CACHE_SIZE,
    id::TLS_SESSION_CACHE_TIMEOUT,
];

/// What handshakes begin with, none while `tls-port` is 0. Connections keep what they began with.
#[derive(Clone, Default)]
pub(super) struct Acceptor(Arc<Mutex<Option<TlsAcceptor>>>);

impl Acceptor {
    pub(super) fn in_force(&self) -> Option<TlsAcceptor> {
        lock(&self.0).clone()
    }

    fn put(&self, acceptor: Option<TlsAcceptor>) {
        *lock(&self.0) = acceptor;
    }
}

/// Changes TLS while the server runs.
pub(crate) struct Control {
    acceptor: Acceptor,
    port: Mutex<Port>,
    /// To the thread that accepts on them.
    listeners: UnboundedSender<TcpListener>,
}

/// The port in force.
#[derive(Default)]
struct Port {
    number: u16,
    /// Second handles of the sockets that are accepted on, to end them with.
    sockets: Vec<TcpListener>,
}

/// Reads certificates and keys, if `tls-port` is set, and takes its sockets.
pub(crate) fn open(config: &Config, listeners: Vec<TcpListener>) -> Result<(Control, Reception), TlsError> {
    let (sender, receiver) = unbounded_channel();
    let acceptor = Acceptor::default();
    let control = Control { acceptor: acceptor.clone(), port: Mutex::default(), listeners: sender };
    let number = port_number(config);
    if number != 0 {
        control.acceptor.put(Some(acceptor_for(config)?));
        control.switch_to(number, listeners);
    }
    warn(config, PARAMETERS.into_iter().filter(|parameter| config.origin(*parameter).is_some()));
    Ok((control, Reception { acceptor, listeners: receiver }))
}

impl Control {
    /// Puts changed parameters in force, all or none. Files that they name are read, again if need be, so that a renewed certificate
    /// is taken by setting its path anew. While `tls-port` is 0 no file is looked at, as with the peers.
    pub(crate) fn apply(&self, changed: &[ParameterId], config: &Config) -> Result<(), SetError> {
        let Some(first) = changed.iter().find(|parameter| PARAMETERS.contains(parameter)) else {
            return Ok(());
        };
        let number = port_number(config);
        let acceptor = match number {
            0 => None,
            _ => Some(acceptor_for(config).map_err(|error| {
                tracing::warn!("the TLS configuration stays as it was: {error}");
                SetError::apply(*first, format!("Unable to update TLS configuration: {error}"))
            })?),
        };
        let before = lock(&self.port).number;
        if number != before {
            let opened = listen::open_port(config, id::BIND, id::TLS_PORT).map_err(|error| {
                SetError::apply(id::TLS_PORT, format!("Unable to listen on this port: {error}"))
            })?;
            self.switch_to(number, opened);
        }
        self.acceptor.put(acceptor);
        match (before, number) {
            (0, 0) => {}
            (_, 0) => tracing::info!("no TLS connections are accepted any more"),
            (before, number) if before != number => tracing::info!("listening on port {number} for TLS"),
            _ => tracing::info!("new TLS connections are made with the changed TLS parameters"),
        }
        warn(config, changed.iter().copied());
        Ok(())
    }

    /// Accepts on these sockets from now on, and on no others.
    fn switch_to(&self, number: u16, listeners: Vec<TcpListener>) {
        let mut port = lock(&self.port);
        for socket in port.sockets.drain(..) {
            // Nobody can connect any more, and the thread's waiting for it ends, from which it sees that this was meant.
            let _ended = SockRef::from(&socket).shutdown(std::net::Shutdown::Both);
        }
        port.number = number;
        for listener in listeners {
            match listener.try_clone() {
                Ok(socket) => port.sockets.push(socket),
                Err(error) => {
                    tracing::warn!(%error, "a listening socket of tls-port can't be closed before the server stops")
                }
            }
            // The thread is gone only when the server stops.
            let _stopping = self.listeners.send(listener);
        }
    }
}

fn port_number(config: &Config) -> u16 {
    config.integer(id::TLS_PORT) as u16
}

fn acceptor_for(config: &Config) -> Result<TlsAcceptor, TlsError> {
    Ok(TlsAcceptor::from(Arc::new(server_config(config)?)))
}

fn warn(config: &Config, parameters: impl Iterator<Item = ParameterId>) {
    for notice in parameters.filter_map(|parameter| notice(config, parameter)) {
        tracing::warn!("{notice}");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done by whoever holds it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
