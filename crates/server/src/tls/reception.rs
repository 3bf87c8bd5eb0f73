//! The thread that accepts TLS connections and shakes hands.

use std::fmt;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use engine::Engine;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::{TlsAcceptor, rustls};

use super::control::Acceptor;
use super::socket::Socket;
use super::stream::Established;
use crate::acceptor::{AcceptedStream, Inboxes, accept, wait_after};
use crate::stop::Stop;
use crate::worker;

/// The most handshakes under way; who comes then waits to be accepted.
pub(crate) const HANDSHAKES_MAX: usize = 512;

/// How long a handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// What the thread is given.
pub(crate) struct Reception {
    pub(super) acceptor: Acceptor,
    /// Sockets to accept on.
    pub(super) listeners: UnboundedReceiver<std::net::TcpListener>,
}

impl Reception {
    /// Starts the thread. It ends when the server stops.
    pub(crate) fn start(
        self,
        engine: &Arc<Engine>,
        inboxes: &Inboxes,
        mut stop: Stop,
    ) -> io::Result<Option<JoinHandle<()>>> {
        let Self { acceptor, mut listeners } = self;
        let desk = Desk {
            acceptor,
            engine: Arc::clone(engine),
            inboxes: inboxes.clone(),
            places: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
        };
        let runtime = worker::runtime;
        let run = move || {
            let runtime = match runtime() {
                Ok(runtime) => runtime,
                Err(error) => return tracing::error!(%error, "the thread for TLS could not start"),
            };
            runtime.block_on(async {
                let desk = Rc::new(desk);
                loop {
                    tokio::select! {
                        biased;
                        () = stop.wait() => return,
                        listener = listeners.recv() => match listener.map(TcpListener::from_std) {
                            Some(Ok(listener)) => drop(tokio::task::spawn_local(Rc::clone(&desk).welcome(listener))),
                            Some(Err(error)) => tracing::error!(%error, "could not accept TLS connections"),
                            None => stop.wait().await,
                        },
                    }
                }
            });
        };
        std::thread::Builder::new().name("kvd-tls".to_owned()).spawn(run).map(Some)
    }
}

/// What every handshake needs.
struct Desk {
    acceptor: Acceptor,
    engine: Arc<Engine>,
    inboxes: Inboxes,
    places: Arc<Semaphore>,
}

impl Desk {
    /// Accepts on one socket until it is shut down.
    async fn welcome(self: Rc<Self>, listener: TcpListener) {
        loop {
            // Nobody closes the semaphore.
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
            match accept(&listener, &self.engine).await {
                Ok((stream, peer)) => {
                    drop(tokio::task::spawn_local(Rc::clone(&self).receive(stream, peer, place)))
                }
                // What the kernel says of a socket that doesn't listen any more.
                Err(error) if error.kind() == ErrorKind::InvalidInput => return,
                Err(error) => wait_after(&error).await,
            }
        }
    }

    /// Shakes hands with a client and gives it to a worker.
    async fn receive(self: Rc<Self>, stream: TcpStream, peer: engine::Peer, place: OwnedSemaphorePermit) {
        let Some(acceptor) = self.acceptor.in_force() else { return };
        match shake_hands(acceptor, stream).await {
            Ok(established) => self.inboxes.give(peer, AcceptedStream::Tls(Box::new(established))),
            Err(failure) => tracing::debug!(peer = %peer.address, "no TLS connection: {failure}"),
        }
        drop(place);
    }
}

enum Failure {
    Late,
    Broken(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late => write!(f, "the handshake was not done after {} s", HANDSHAKE_MAX.as_secs()),
            Self::Broken(error) if is_no_tls(error) => f.write_str("what the client sent is not TLS"),
            Self::Broken(error) => write!(f, "{error}"),
        }
    }
}

/// Whether the very first bytes begin no record, such as a command in plain RESP.
fn is_no_tls(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)))
}

async fn shake_hands(acceptor: TlsAcceptor, stream: TcpStream) -> Result<Established, Failure> {
    let shaking = acceptor.accept(Socket::new(stream));
    let shaken = tokio::time::timeout(HANDSHAKE_MAX, shaking).await.map_err(|_| Failure::Late)?;
    shaken.and_then(Established::leave).map_err(Failure::Broken)
}
