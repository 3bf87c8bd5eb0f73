//! Who may come in.

use std::sync::Arc;

use config::id;

use crate::client::{Client, Wake};
use crate::clock::Moment;
use crate::engine::Engine;

/// The other end of a new connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address as `CLIENT LIST` shows it: `127.0.0.1:50000`, `[::1]:50000`, or the socket's path and `:0`.
    pub address: String,
    /// The address it connected to.
    pub local_address: String,
    /// Whether it is on this machine: loopback or a Unix socket.
    pub is_local: bool,
    /// Whether it came through a Unix socket.
    pub is_unix_socket: bool,
    /// The connection's file descriptor, for `CLIENT LIST`; -1 if there is none.
    pub descriptor: i32,
}

impl Peer {
    /// A client inside this process.
    pub fn in_process() -> Self {
        Self {
            address: "127.0.0.1:0".to_owned(),
            local_address: "127.0.0.1:0".to_owned(),
            is_local: true,
            is_unix_socket: false,
            descriptor: -1,
        }
    }

    /// Its address without the port; the path of a Unix socket.
    pub fn host(&self) -> &str {
        let host = self.address.rsplit_once(':').map_or(&*self.address, |(host, _port)| host);
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }
}

/// Why a connection was not accepted. `Display` is the reply to be sent before closing, without the `-`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// `maxclients` are connected.
    #[error("ERR max number of clients reached")]
    TooManyClients,
    /// Not from this machine, and the default user needs no password.
    #[error(
        "DENIED kvd is running in protected mode because protected mode is enabled and no password is set for the default user. In this \
         mode connections are only accepted from the loopback interface. To connect from other computers, do one of these: 1) set a \
         password with 'requirepass' in the configuration file or with CONFIG SET requirepass <password> from this machine; 2) turn \
         protected mode off with 'protected-mode no' or CONFIG SET protected-mode no, after making sure that the server can't be reached from \
         the internet."
    )]
    ProtectedMode,
}

impl Engine {
    /// Lets a client in, or turns it away.
    pub(crate) fn admit(
        &self,
        peer: &Peer,
        worker: usize,
        now: Moment,
        wake: Arc<dyn Wake>,
    ) -> Result<Arc<Client>, Refused> {
        let settings = self.settings();
        let (clients_max, protects) =
            settings.read(|config| (config.integer(id::MAXCLIENTS), config.boolean(id::PROTECTED_MODE)));
        if protects && !self.guests_must_log_in() && !peer.is_local {
            return Err(Refused::ProtectedMode);
        }
        self.clients().register(peer, worker, now, wake, usize::try_from(clients_max).unwrap_or(0))
    }
}
