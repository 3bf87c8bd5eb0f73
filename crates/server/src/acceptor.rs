//! Accepting connections and giving each to a worker.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use config::id;
use engine::{Engine, Peer};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::mpsc::UnboundedSender;

#[cfg(feature = "tls")]
use crate::tls::Established;

/// How long to wait when no connection can be accepted for lack of descriptors or memory.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// A connection on its way to its worker.
pub(crate) struct Accepted {
    pub(crate) peer: Peer,
    pub(crate) stream: AcceptedStream,
    /// The receiving worker's number of connections, which counts this one already.
    pub(crate) load: Load,
}

pub(crate) enum AcceptedStream {
    Tcp(std::net::TcpStream),
    Unix(std::os::unix::net::UnixStream),
    #[cfg(feature = "tls")]
    Tls(Box<Established>),
}

/// One connection's share in its worker's load; dropping it ends that.
pub(crate) struct Load(Arc<AtomicUsize>);

impl Load {
    fn new(load: &Arc<AtomicUsize>) -> Self {
        load.fetch_add(1, Relaxed);
        Self(Arc::clone(load))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The workers as the acceptor sees them.
#[derive(Clone)]
pub(crate) struct Inboxes(Arc<[Inbox]>);

pub(crate) struct Inbox {
    pub(crate) sender: UnboundedSender<Accepted>,
    pub(crate) load: Arc<AtomicUsize>,
}

impl Inboxes {
    pub(crate) fn new(inboxes: Vec<Inbox>) -> Self {
        Self(inboxes.into())
    }

    /// Gives a connection to the worker that has the fewest.
    pub(crate) fn give(&self, peer: Peer, stream: AcceptedStream) {
        let Some(inbox) = self.0.iter().min_by_key(|inbox| inbox.load.load(Relaxed)) else { return };
        let accepted = Accepted { peer, stream, load: Load::new(&inbox.load) };
        // The worker is gone only when the server stops; then the connection is dropped, that is, closed.
        let _closed = inbox.sender.send(accepted);
    }
}

/// Starts accepting on every listener, as tasks of the calling worker's runtime.
pub(crate) fn start(
    tcp: Vec<std::net::TcpListener>,
    unix: Option<std::os::unix::net::UnixListener>,
    engine: &Arc<Engine>,
    inboxes: &Inboxes,
) -> io::Result<()> {
    for listener in tcp {
        let listener = TcpListener::from_std(listener)?;
        tokio::task::spawn_local(accept_tcp(listener, Arc::clone(engine), inboxes.clone()));
    }
    if let Some(listener) = unix {
        let listener = UnixListener::from_std(listener)?;
        tokio::task::spawn_local(accept_unix(listener, inboxes.clone()));
    }
    Ok(())
}

async fn accept_tcp(listener: TcpListener, engine: Arc<Engine>, inboxes: Inboxes) {
    loop {
        let accepted = accept(&listener, &engine).await;
        match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok((stream, peer)) => inboxes.give(peer, AcceptedStream::Tcp(stream)),
            Err(error) => wait_after(&error).await,
        }
    }
}

/// Accepts one connection and sets its socket's options.
pub(crate) async fn accept(listener: &TcpListener, engine: &Engine) -> io::Result<(TcpStream, Peer)> {
    let (stream, address) = listener.accept().await?;
    prepare(&stream, engine)?;
    let peer = tcp_peer(address, stream.local_addr()?, stream.as_raw_fd());
    Ok((stream, peer))
}

async fn accept_unix(listener: UnixListener, inboxes: Inboxes) {
    let path = listener
        .local_addr()
        .ok()
        .and_then(|address| address.as_pathname().map(|path| path.display().to_string()));
    let address = format!("{}:0", path.unwrap_or_default());
    loop {
        match listener.accept().await.and_then(|(stream, _)| stream.into_std()) {
            Ok(stream) => {
                let peer = Peer {
                    address: address.clone(),
                    local_address: address.clone(),
                    is_local: true,
                    is_unix_socket: true,
                    descriptor: stream.as_raw_fd(),
                };
                inboxes.give(peer, AcceptedStream::Unix(stream));
            }
            Err(error) => wait_after(&error).await,
        }
    }
}

fn prepare(stream: &TcpStream, engine: &Engine) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let seconds = engine.settings().read(|config| config.integer(id::TCP_KEEPALIVE));
    if seconds > 0 {
        let idle = Duration::from_secs(seconds as u64);
        // Three probes within another period: a vanished peer is noticed after twice the configured time.
        let interval = Duration::from_secs((seconds as u64 / 3).max(1));
        let keepalive = TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(3);
        SockRef::from(stream).set_tcp_keepalive(&keepalive)?;
    }
    Ok(())
}

fn tcp_peer(address: SocketAddr, local: SocketAddr, descriptor: i32) -> Peer {
    Peer {
        address: address.to_string(),
        local_address: local.to_string(),
        is_local: address.ip().to_canonical().is_loopback(),
        is_unix_socket: false,
        descriptor,
    }
}

/// Waits for as long as the error may last.
pub(crate) async fn wait_after(error: &io::Error) {
    // A client that was gone before it was accepted is no reason to wait; no free descriptor is.
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        tracing::warn!(%error, "could not accept a connection");
        tokio::time::sleep(ACCEPT_RETRY).await;
    }
}
